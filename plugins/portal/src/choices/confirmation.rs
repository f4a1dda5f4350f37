//! Customers confirm choices.

use super::decision::{ConfirmDecision, Wish, decide};
use crate::access::audience::{filter_for, find_seen};
use crate::bodies::read_body;
use crate::messages::{notify_staff, shorten};
use crate::model::{Choice, ChoiceStatus};
use crate::refusals::{wrong_field, wrong_state};
use cairn_plugin::prelude::*;
use cairn_plugin::{events, run_transaction};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most characters of a note.
const MAX_NOTE_CHARS: usize = 1_000;

/// The body that a customer sends; without one they confirm what is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmRequest {
    #[serde(default)]
    option: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

impl ConfirmRequest {
    /// Reads a body, or none.
    ///
    /// # Errors
    /// `Invalid` with the path of what does not fit.
    pub(crate) fn read(request: &Request) -> Result<Self> {
        if request.bytes().is_empty() { Ok(Self::default()) } else { read_body(request) }
    }
}

/// Confirms a choice that the customer sees.
///
/// # Errors
/// `NotFound` for one that does not exist or is somebody else's; `Conflict` from its deadline on, and of an order that was cancelled; `Invalid`
/// for an option that is none.
pub(crate) fn confirm_choice(account: &str, id: &str, request: &ConfirmRequest, locale: &str) -> Result<Value> {
    let note = request.note.as_deref().map(str::trim);
    if note.is_some_and(|note| note.chars().count() > MAX_NOTE_CHARS) {
        return Err(wrong_field("note", "long-note", locale, Some(&json!({ "most": MAX_NOTE_CHARS }))));
    }
    run_transaction(|| {
        let seen = find_seen(account)?;
        let own =
            json!({ "$and": [{ "documentId": { "$eq": id } }, filter_for(Choice::TYPE, &seen.vehicles, account)] });
        let populate = json!({ "vehicle": { "fields": ["title"] } });
        let choice = data::find::<Choice>().filter(own).populate(populate).lock().first()?;
        let choice = choice.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        let vehicle = choice.vehicle.as_ref().map(|vehicle| vehicle.document_id.clone()).unwrap_or_default();
        if seen.vehicles.iter().any(|one| one.id() == vehicle && one.is_cancelled()) {
            return Err(wrong_state("vehicle-cancelled", locale));
        }
        let now = time::now();
        let wish = Wish { option: request.option.as_deref(), note };
        let option = match decide(&choice, &wish, now) {
            ConfirmDecision::Locked => return Err(wrong_state("choice-locked", locale)),
            ConfirmDecision::Unknown => return Err(wrong_field("option", "unknown-option", locale, None)),
            ConfirmDecision::Missing => return Err(wrong_field("option", "choose-option", locale, None)),
            ConfirmDecision::Known(option) => {
                return Ok(describe(id, &option, choice.note.as_deref(), choice.confirmed_at.as_deref()));
            }
            ConfirmDecision::Confirmed(option) => option,
        };
        let at = time::format(now);
        let note = note.or(choice.note.as_deref()).filter(|note| !note.is_empty());
        data::update::<Choice>(
            id,
            &json!({
                "option": option, "note": note, "status": ChoiceStatus::Confirmed, "confirmedAt": at, "confirmedBy": account,
            }),
        )?;
        events::publish("portal.choice.confirmed", id, &json!({ "vehicle": vehicle, "choice": id, "option": option }))?;
        let arguments = json!({ "subject": choice.title, "option": shorten(&option, 100) });
        notify_staff("confirmed", &format!("{id}/{at}"), &vehicle, &arguments)?;
        Ok(describe(id, &option, note, Some(&at)))
    })
}

fn describe(id: &str, option: &str, note: Option<&str>, at: Option<&str>) -> Value {
    json!({ "data": { "documentId": id, "option": option, "note": note, "status": ChoiceStatus::Confirmed, "confirmedAt": at } })
}
