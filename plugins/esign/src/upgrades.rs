//! Data of versions before 0.4: requests had no list of addresses, and one whose draft was deleted stayed pending; approvers could have a space.

use crate::approval_rules::normalise_approver;
use crate::envelope_state::EnvelopeStatus;
use crate::model::{Envelope, Request, RequestStatus};
use crate::requests::{list_addresses, note_failure};
use crate::settings::Settings;
use cairn_plugin::data::{Batch, or_default};
use cairn_plugin::prelude::*;
use cairn_plugin::{Migration, Progress};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Documents of one slice.
const SLICE: u32 = 100;
/// Time after which a pending request without a draft has lost it, in milliseconds.
const LOST_MS: i64 = 24 * 3_600_000;

/// A draft whose approver is as it was stored.
#[derive(Debug, Deserialize)]
struct StoredApprover {
    #[serde(default, deserialize_with = "or_default")]
    approver: String,
}

impl Document for StoredApprover {
    const TYPE: &'static str = Envelope::TYPE;
}

/// Where the next slice begins: after the document with that id; an empty id is before all.
#[derive(Debug, Serialize, Deserialize)]
enum Checkpoint {
    Approvers(String),
    Requests(String),
}

/// Upgrades a slice of what versions before 0.4 stored: approvers of drafts, and then requests.
///
/// # Errors
/// What the host says.
pub(crate) fn upgrade_requests(migration: &Migration) -> Result<Progress> {
    if !is_before_addresses(&migration.from) {
        return Ok(Progress::Finished);
    }
    match migration.checkpoint()? {
        None => normalise_approvers(""),
        Some(Checkpoint::Approvers(after)) => normalise_approvers(&after),
        Some(Checkpoint::Requests(after)) => add_addresses(&after),
    }
}

/// Gives a slice of the requests their lists of addresses, and ends those that have lost their drafts.
fn add_addresses(after: &str) -> Result<Progress> {
    let requests = data::find::<Request>().filter(json!({ "documentId": { "$gt": after } }));
    let populate = json!({ "envelope": { "fields": ["createdAt"] } });
    let requests = requests.populate(populate).sort("documentId:asc").all(SLICE)?;
    let Some(last) = requests.last() else { return Ok(Progress::Finished) };
    let (settings, now) = (Settings::load()?, time::now());
    let mut batch = Batch::new();
    for request in &requests {
        let addresses = json!({ "addresses": list_addresses(&request.recipients) });
        batch = batch.update::<Request>(&request.document_id, &addresses)?;
    }
    batch.write()?;
    let reason = translate("problem.draftGone", &settings.language, None);
    for request in requests.iter().filter(|request| has_lost_draft(request, now)) {
        note_failure(request, &reason, &settings)?;
    }
    Progress::more(&Checkpoint::Requests(last.document_id.clone()))
}

/// True for a request that waits although its draft is gone.
fn has_lost_draft(request: &Request, now: Instant) -> bool {
    let made = request.created_at.as_deref().and_then(|at| time::parse(at).ok()).unwrap_or(now);
    request.status == RequestStatus::Pending && request.envelope.is_none() && now.saturating_sub(made) > LOST_MS
}

/// Gives approvers of a slice of the drafts the form in which they are looked for. Names of roles may keep a space, so the slice is after an id.
fn normalise_approvers(after: &str) -> Result<Progress> {
    let spaced = json!({
        "status": EnvelopeStatus::Draft, "approver": { "$contains": " " }, "documentId": { "$gt": after },
    });
    let drafts = data::find::<StoredApprover>().filter(spaced).fields(&["approver"]).sort("documentId:asc");
    let drafts = drafts.all(SLICE)?;
    let Some(last) = drafts.last() else { return Progress::more(&Checkpoint::Requests(String::new())) };
    let normalised = drafts.iter().try_fold(Batch::new(), |batch, draft| {
        batch.update::<Envelope>(&draft.document_id, &json!({ "approver": normalise_approver(&draft.approver) }))
    });
    normalised?.write()?;
    Progress::more(&Checkpoint::Approvers(last.document_id.clone()))
}

/// True for a version that stored no addresses of requests.
fn is_before_addresses(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    matches!((parts.next(), parts.next()), (Some(Some(0)), Some(Some(minor))) if minor < 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn versions_before_0_4_are_upgraded() {
        assert!(["0.1.0", "0.3.0", "0.3.12"].into_iter().all(is_before_addresses));
        assert!(!["0.4.0", "0.10.0", "1.0.0", "x"].into_iter().any(is_before_addresses));
    }

    #[test]
    fn a_pending_request_has_lost_its_draft_after_a_day() {
        let now = time::parse("2026-01-06T09:00:00.000Z").unwrap();
        let is_lost = |json: Value| has_lost_draft(&serde_json::from_value(json).unwrap(), now);
        let (old, new) = ("2026-01-05T08:59:59.000Z", "2026-01-06T08:00:00.000Z");
        assert!(is_lost(json!({ "createdAt": old, "status": "pending" })));
        assert!(!is_lost(json!({ "createdAt": new, "status": "pending" })));
        assert!(!is_lost(json!({ "createdAt": old, "status": "sent" })));
        assert!(!is_lost(json!({ "createdAt": old, "status": "pending", "envelope": { "documentId": "e" } })));
    }
}
