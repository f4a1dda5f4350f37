//! Data about a won deal in events for other plugins: all that they need to go on without asking.

use crate::addressee::Addressee;
use crate::model::{Contact, Quote, QuoteStatus, QuotedLead};
use crate::money::parse_decimal;
use cairn_plugin::prelude::*;
use serde_json::{Map, Value, json};

/// Adds to an event's data what is known of a deal that has just been won. `fields`: those of the deal.
///
/// # Errors
/// What the host says.
pub(crate) fn describe_won(deal: &str, fields: &Map<String, Value>, data: &mut Value) -> Result<()> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    data["title"] = json!(text("title"));
    data["wonAt"] = json!(time::format(time::now()));
    data["currency"] = json!(text("currency"));
    let accepted = json!({ "deal": { "documentId": deal }, "status": QuoteStatus::Accepted });
    let quote = data::find::<Quote>().filter(accepted).fields(&["gross", "currency"]).first()?;
    data["amount"] = json!(match &quote {
        Some(quote) => Some(quote.gross),
        None => fields.get("amount").and_then(read_amount),
    });
    if let Some(quote) = &quote {
        data["currency"] = json!(quote.currency);
    }
    if let Some(event_date) = fields.get("eventDate").filter(|day| day.is_string()) {
        data["eventDate"] = event_date.clone();
    }
    let link = |name: &str| fields.get(name).and_then(read_link);
    let with_contact = json!({ "contact": { "fields": ["createdAt"] } });
    let lead = match link("lead") {
        Some(id) => data::find::<QuotedLead>().populate(with_contact).by_ids(&[id])?.pop().flatten(),
        None => None,
    };
    let contact = link("contact").map(data::get::<Contact>).transpose()?.flatten();
    if contact.is_some() || lead.is_some() {
        let Addressee { name, email, company, language, .. } =
            Addressee::find(lead.as_ref().map(|row| &row.fields), contact.as_ref());
        data["contact"] = json!({ "name": name, "email": email, "company": company, "language": language });
    }
    Ok(())
}

/// An amount of a deal in minor units.
fn read_amount(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => parse_decimal(&number.to_string()),
        Value::String(text) => parse_decimal(text),
        _ => None,
    }
}

/// The id of a related document: written as such, or read with the deal.
fn read_link(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("documentId")?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_in_minor_units() {
        assert_eq!(read_amount(&json!(1512.5)), Some(151_250));
        assert_eq!(read_amount(&json!("1512.50")), Some(151_250));
        assert_eq!((read_amount(&json!(100)), read_amount(&Value::Null)), (Some(10_000), None));
    }

    #[test]
    fn relations_are_ids_or_documents() {
        assert_eq!(
            (read_link(&json!("c")), read_link(&json!({ "documentId": "d", "name": "N" }))),
            (Some("c"), Some("d"))
        );
        assert_eq!((read_link(&Value::Null), read_link(&json!({ "set": [] }))), (None, None));
    }
}
