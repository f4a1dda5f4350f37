//! Changes of stored data that an upgrade makes, one after the other and in slices.

use crate::clock::is_past;
use crate::contact_key_forms::update_contact_keys;
use crate::model::{Activity, Deal, EntryAction, Lead, Quote, QuoteStatus, SlaState};
use crate::money::write_decimal;
use crate::person::hide_address;
use crate::stage_rules::DealStatus;
use cairn_plugin::data::{AllFields, Batch, or_default};
use cairn_plugin::prelude::*;
use cairn_plugin::{Migration, Progress};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Documents of one slice.
const SLICE: u32 = 100;

/// Steps of the names of people: of leads, of deals, and two fields of activities.
const NAME_STEPS: usize = 4;

/// Place that an upgrade has reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Checkpoint {
    /// The quotes that customers have, after this one; empty: from the first.
    Quotes { quotes: String },
    /// The names of people, at this step of [`NAME_STEPS`], after this document; empty: from the first.
    Names {
        names: usize,
        #[serde(default)]
        after: String,
    },
    /// The keys of contacts, after this one.
    Keys(String),
}

/// One slice of an upgrade.
///
/// # Errors
/// What the host says.
pub(crate) fn upgrade_content(migration: &Migration) -> Result<Progress> {
    let from_quotes = || Checkpoint::Quotes { quotes: String::new() };
    let begin = if is_before(&migration.from, 6) { Checkpoint::Keys(String::new()) } else { from_quotes() };
    match migration.checkpoint()?.unwrap_or(begin) {
        Checkpoint::Keys(after) => match update_contact_keys(&after)? {
            Some(last) => Progress::more(&Checkpoint::Keys(last)),
            None => Progress::more(&from_quotes()),
        },
        Checkpoint::Quotes { quotes } if is_before(&migration.from, 7) => match update_quoted_deals(&quotes)? {
            Some(last) => Progress::more(&Checkpoint::Quotes { quotes: last }),
            None => Progress::more(&Checkpoint::Names { names: 0, after: String::new() }),
        },
        Checkpoint::Names { names, after } if names < NAME_STEPS => {
            let last = match names {
                0 => replace_addresses::<Lead>("ownerName", &after)?,
                1 => replace_addresses::<Deal>("ownerName", &after)?,
                2 => replace_addresses::<Activity>("assigneeName", &after)?,
                _ => replace_addresses::<Activity>("authorName", &after)?,
            };
            Progress::more(&match last {
                Some(after) => Checkpoint::Names { names, after },
                None => Checkpoint::Names { names: names + 1, after: String::new() },
            })
        }
        Checkpoint::Names { .. } => Ok(Progress::Finished),
        Checkpoint::Quotes { .. } => Ok(Progress::Finished),
    }
}

/// Replaces addresses that a field holds in place of the names of people, who had entered none, by what stands before the sign. Returns the
/// last document of the slice, or none after the last slice.
fn replace_addresses<T: Document>(field: &str, after: &str) -> Result<Option<String>> {
    let addresses = json!({ "documentId": { "$gt": after }, field: { "$contains": "@" } });
    let found = data::find::<AllFields<T>>().filter(addresses).fields(&[field]).sort("documentId:asc").all(SLICE)?;
    let Some(last) = found.last() else { return Ok(None) };
    let batch = found.iter().try_fold(Batch::new(), |batch, row| {
        let name = row.fields.fields.get(field).and_then(Value::as_str).unwrap_or_default();
        batch.update::<T>(&row.document_id, &json!({ field: hide_address(name) }))
    })?;
    batch.write()?;
    Ok(Some(last.document_id.clone()))
}

/// True for a version before `0.<minor>`.
fn is_before(version: &str, minor: u32) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    matches!((parts.next(), parts.next()), (Some(Some(0)), Some(Some(known))) if known < minor)
}

/// A quote that its customer has, with its deal.
#[derive(Deserialize)]
struct SentQuote {
    #[serde(default, deserialize_with = "or_default")]
    gross: i64,
    #[serde(default, deserialize_with = "or_default")]
    currency: String,
    #[serde(default)]
    deal: Option<Row<SentDeal>>,
}

impl Document for SentQuote {
    const TYPE: &'static str = Quote::TYPE;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentDeal {
    #[serde(default, deserialize_with = "or_default")]
    status: DealStatus,
    sla_state: Option<SlaState>,
    sla_due_at: Option<String>,
    #[serde(default)]
    stage: Option<AskingStage>,
}

impl Document for SentDeal {
    const TYPE: &'static str = Deal::TYPE;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AskingStage {
    on_entry: Option<EntryAction>,
}

/// Gives deals whose quote is with the customer what the quote says, and ends the clock of the stage that asked for it: until 0.7 both stayed
/// as they were. Returns the last quote of the slice, or none after the last slice. Timers of such a clock find that it has ended.
fn update_quoted_deals(after: &str) -> Result<Option<String>> {
    let sent = json!({ "documentId": { "$gt": after }, "status": QuoteStatus::Sent });
    let stage = json!({ "fields": ["onEntry"] });
    let deal = json!({ "fields": ["status", "slaState", "slaDueAt"], "populate": { "stage": stage } });
    let quotes = data::find::<SentQuote>().filter(sent).populate(json!({ "deal": deal })).sort("documentId:asc");
    let quotes = quotes.fields(&["gross", "currency"]).all(SLICE)?;
    let Some(last) = quotes.last() else { return Ok(None) };
    let now = time::now();
    let mut batch = Batch::new();
    for quote in &quotes {
        if let Some((deal, patch)) = find_patch(quote, now)? {
            batch = batch.update::<Deal>(deal, &patch)?;
        }
    }
    if !batch.is_empty() {
        batch.write()?;
    }
    Ok(Some(last.document_id.clone()))
}

fn find_patch(quote: &SentQuote, now: Instant) -> Result<Option<(&str, Value)>> {
    let Some(deal) = quote.deal.as_ref().filter(|deal| deal.status == DealStatus::Open) else { return Ok(None) };
    let amount: Value = serde_json::from_str(&write_decimal(quote.gross))?;
    let mut patch = json!({ "amount": amount, "currency": quote.currency });
    let asks = deal.stage.as_ref().is_some_and(|stage| stage.on_entry == Some(EntryAction::DraftQuote));
    if asks && deal.sla_state == Some(SlaState::Running) {
        let is_late = is_past(deal.sla_due_at.as_deref(), now)?;
        patch["slaState"] = json!(if is_late { SlaState::Breached } else { SlaState::Met });
    }
    Ok(Some((&deal.document_id, patch)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_later_ones() {
        assert!(["0.1.0", "0.5.9", "0.5.10-beta"].into_iter().all(|version| is_before(version, 6)));
        assert!(!["0.6.0", "0.10.0", "1.0.0", "", "x"].into_iter().any(|version| is_before(version, 6)));
        assert!(is_before("0.6.0", 7) && !is_before("0.7.0", 7));
    }

    #[test]
    fn checkpoints_of_earlier_upgrades_are_keys() {
        let read = |json: Value| serde_json::from_value::<Checkpoint>(json).unwrap();
        assert_eq!(read(json!("k1")), Checkpoint::Keys("k1".into()));
        let quotes = Checkpoint::Quotes { quotes: "q1".into() };
        assert_eq!(read(serde_json::to_value(&quotes).unwrap()), quotes);
        assert_eq!(read(json!({ "names": 2 })), Checkpoint::Names { names: 2, after: String::new() });
        let names = Checkpoint::Names { names: 1, after: "d1".into() };
        assert_eq!(read(serde_json::to_value(&names).unwrap()), names);
    }

    #[test]
    fn open_deals_get_the_amount_of_their_quote_and_the_clock_that_it_ends() {
        let quote = |status: &str, clock: &str, due: &str| -> SentQuote {
            serde_json::from_value(json!({
                "gross": 151_250, "currency": "EUR",
                "deal": { "documentId": "d", "status": status, "slaState": clock, "slaDueAt": due, "stage": { "onEntry": "draftQuote" } },
            }))
            .unwrap()
        };
        let now = time::parse("2027-02-05T15:30:00.000Z").unwrap();
        let patch = |quote: &SentQuote| find_patch(quote, now).unwrap().map(|(_, patch)| patch);
        let (past, ahead) = ("2027-02-05T15:29:59.000Z", "2027-02-05T15:30:01.000Z");
        let amount = json!({ "amount": 1512.5, "currency": "EUR" });
        assert_eq!(patch(&quote("open", "breached", past)), Some(amount));
        assert_eq!(patch(&quote("open", "running", ahead)).unwrap()["slaState"], "met");
        assert_eq!(patch(&quote("open", "running", past)).unwrap()["slaState"], "breached");
        assert_eq!(patch(&quote("lost", "running", ahead)), None);
    }
}
