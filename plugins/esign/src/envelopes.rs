//! Reading envelopes, with what belongs to them.

use crate::model::Envelope;
use cairn_plugin::Conflict;
use cairn_plugin::data::AllFields;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Relations that are read with an envelope.
fn envelope_relations() -> Value {
    let id = json!({ "fields": ["createdAt"] });
    json!({
        "document": true, "prepared": true, "sealed": true,
        "recipients": { "sort": ["group:asc", "createdAt:asc"], "populate": { "signature": true } },
        "fields": { "sort": ["page:asc", "createdAt:asc"], "populate": { "recipient": id } },
    })
}

/// An envelope with its recipients and fields.
///
/// # Errors
/// What the host says.
pub(crate) fn find_envelope(id: &str) -> Result<Option<Row<Envelope>>> {
    Ok(data::find::<Envelope>().populate(envelope_relations()).by_ids(&[id])?.pop().flatten())
}

/// The same.
///
/// # Errors
/// `NotFound`.
pub(crate) fn require_envelope(id: &str) -> Result<Row<Envelope>> {
    find_envelope(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))
}

/// The same, held until the transaction ends: whoever writes about an envelope holds it.
///
/// # Errors
/// `NotFound`.
pub(crate) fn require_envelope_locked(id: &str) -> Result<Row<Envelope>> {
    let found = data::find::<Envelope>().populate(envelope_relations()).lock().by_ids(&[id])?.pop().flatten();
    found.ok_or_else(|| Error::NotFound(id.to_owned()))
}

/// Checks that the person of this call may read a document: whoever may work on envelopes works on what they see.
///
/// # Errors
/// `Denied` where they may read none, `NotFound` for one that is not there or that they may not see.
pub(crate) fn require_visible<T: Document>(id: &str) -> Result<()> {
    let found = data::find::<AllFields<T>>().as_caller().fields(&["createdAt"]).by_ids(&[id])?;
    match found.into_iter().flatten().next() {
        Some(_) => Ok(()),
        None => Err(Error::NotFound(id.to_owned())),
    }
}

/// How it stands is in the way.
pub(crate) fn refuse_state(key: &str, locale: &str) -> Error {
    Error::Conflict(Conflict { kind: "state".to_owned(), existing: None, message: translate(key, locale, None) })
}

/// The page of envelopes in the admin.
pub(crate) const ENVELOPES_PAGE: &str = "/admin/plugins/esign/pages/envelopes";

/// The page of envelopes that wait for an approval.
pub(crate) const APPROVALS_PAGE: &str = "/admin/plugins/esign/pages/approvals";

/// Where the admin shows an envelope to who approves it.
pub(crate) fn approval_path(id: &str) -> String {
    format!("{APPROVALS_PAGE}?envelope={id}")
}

/// Where the admin shows an envelope to who works on it.
pub(crate) fn admin_path(id: &str) -> String {
    format!("/admin/content/{}/{id}", Envelope::TYPE)
}

/// The data of an event of an envelope.
pub(crate) fn describe_event(envelope: &Row<Envelope>, status: &str, recipient: Option<&str>, reason: &str) -> Value {
    let mut data = json!({ "envelope": envelope.document_id, "title": envelope.title, "status": status });
    if let Some(reference) = &envelope.reference {
        data["reference"] = json!(reference);
    }
    if let Some(recipient) = recipient {
        data["recipient"] = json!(recipient);
    }
    if !reason.is_empty() {
        data["reason"] = json!(reason);
    }
    data
}
