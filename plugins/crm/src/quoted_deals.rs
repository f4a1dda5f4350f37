//! Effects of a sent quote on its deal: the deal is worth what the quote says, and the clock of the stage that asked for the quote
//! has been met. It runs in the transaction that sends the quote.

use crate::clock::end_stage_clock;
use crate::locked_documents::find_deal_locked;
use crate::model::{Deal, EntryAction, Quote};
use crate::money::write_decimal;
use crate::stage_rules::DealStatus;
use cairn_plugin::prelude::*;
use serde_json::{Map, Value, json};

/// Reason why no quote of a deal goes to anybody, as a key of the texts; none where the deal is there and not lost.
pub(crate) fn find_obstacle(quote: &Quote) -> Option<&'static str> {
    match &quote.deal {
        None => Some("conflict.noDeal"),
        Some(deal) if deal.status == DealStatus::Lost => Some("conflict.lostDeal"),
        Some(_) => None,
    }
}

/// Notes on the deal of a quote that the quote has been sent.
///
/// # Errors
/// What the host says.
pub(crate) fn note_sent_quote(quote: &Quote) -> Result<()> {
    let Some(about) = &quote.deal else { return Ok(()) };
    let Some(deal) = find_deal_locked(&about.document_id)? else { return Ok(()) };
    let mut patch = amount_fields(quote)?;
    let asks = deal.stage.as_ref().is_some_and(|stage| stage.on_entry == Some(EntryAction::DraftQuote));
    if asks {
        patch.extend(end_stage_clock(&deal)?);
    }
    data::update::<Deal>(&deal.document_id, &patch).map(|_| ())
}

/// The fields of a deal that say what it is worth, as its quote has them.
///
/// # Errors
/// Never: what [`write_decimal`] writes is a number.
pub(crate) fn amount_fields(quote: &Quote) -> Result<Map<String, Value>> {
    let amount: Value = serde_json::from_str(&write_decimal(quote.gross))?;
    let fields = [("amount", amount), ("currency", json!(quote.currency))];
    Ok(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_of_lost_and_deleted_deals_go_nowhere() {
        let obstacle = |deal: Value| find_obstacle(&serde_json::from_value(json!({ "deal": deal })).unwrap());
        assert_eq!(obstacle(json!({ "documentId": "d", "status": "open" })), None);
        assert_eq!(obstacle(json!({ "documentId": "d", "status": "won" })), None);
        assert_eq!(obstacle(json!({ "documentId": "d", "status": "lost" })), Some("conflict.lostDeal"));
        assert_eq!(obstacle(Value::Null), Some("conflict.noDeal"));
    }

    #[test]
    fn a_deal_is_worth_what_its_quote_says() {
        let quote: Quote = serde_json::from_value(json!({ "gross": 151_250, "currency": "USD" })).unwrap();
        assert_eq!(Value::Object(amount_fields(&quote).unwrap()), json!({ "amount": 1512.5, "currency": "USD" }));
    }
}
