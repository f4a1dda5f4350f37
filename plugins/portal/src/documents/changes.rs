//! Documents as the team writes them.

use crate::access::audience::find_ownership;
use crate::model::{Amount, Link, Signature};
use crate::payments::overdue::today;
use crate::refusals::{refuse_field, refuse_state};
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// Fields that follow from the envelope of a document.
const KEPT: [&str; 5] = ["envelope", "signature", "signedAt", "erasedAt", "ownership"];

/// A document as somebody writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenDocument {
    vehicle: Option<Link>,
    issued_on: Option<String>,
    #[serde(default)]
    file: Value,
    envelope: Option<String>,
    amount: Option<Amount>,
}

/// A document as it is stored.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredDocument {
    signature: Option<Signature>,
    erased_at: Option<String>,
}

/// A document is a file of a vehicle that it stays with, and has a day: that says whose time it is of. What becomes of an envelope is noted by
/// the plugin, and the file that was signed stays.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    let before = change.before::<StoredDocument>()?;
    if change.action == Action::Delete {
        let is_kept = |before: &StoredDocument| {
            matches!(before.signature, Some(Signature::Sent | Signature::Signed)) || before.erased_at.is_some()
        };
        return Ok(if before.as_ref().is_some_and(is_kept) {
            refuse_state("kept-document", call)
        } else {
            Decision::Allow
        });
    }
    let Some(after) = change.after::<WrittenDocument>()? else { return Ok(Decision::Allow) };
    let Some(vehicle) = &after.vehicle else { return Ok(refuse_field("vehicle", "no-vehicle", call, None)) };
    let is_new = change.action == Action::Create;
    if !is_new && change.touches("vehicle") {
        return Ok(refuse_field("vehicle", "other-vehicle", call, None));
    }
    if let Some(field) = KEPT.into_iter().find(|field| change.touches(field)).filter(|_| !is_new) {
        return Ok(refuse_field(field, "kept", call, None));
    }
    if is_new && after.envelope.is_some() {
        return Ok(refuse_field("envelope", "kept", call, None));
    }
    let was_signed = before.as_ref().is_some_and(|before| before.signature == Some(Signature::Signed));
    if was_signed && change.touches("file") {
        return Ok(refuse_field("file", "kept", call, None));
    }
    if after.file.is_null() && after.envelope.is_none() {
        return Ok(refuse_field("file", "no-file", call, None));
    }
    if after.amount.is_some_and(|amount| !amount.is_whole()) {
        return Ok(refuse_field("amount", "parts-of-cents", call, None));
    }
    let mut patch = serde_json::Map::new();
    if after.issued_on.is_none() {
        patch.insert("issuedOn".to_owned(), json!(today()?));
    }
    if is_new {
        patch.extend(["signature", "signedAt", "erasedAt"].map(|field| (field.to_owned(), Value::Null)));
        patch.insert("ownership".to_owned(), json!(find_ownership(&vehicle.document_id)?));
    }
    if patch.is_empty() { Ok(Decision::Allow) } else { Decision::amend(&patch) }
}
