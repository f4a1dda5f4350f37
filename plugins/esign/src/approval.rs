//! Approval before an envelope is sent: by somebody else than who drafted or sends it, and of exactly what is sent.

use crate::audit::Trail;
use crate::audit_chain::hash_bytes;
use crate::envelope_state::EnvelopeStatus;
use crate::envelopes::{refuse_state, require_envelope, require_envelope_locked};
use crate::model::Envelope;
use crate::notices::notify_team;
use crate::person::Person;
use crate::sending::check_before_sending;
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde_json::{Value, json};

/// Digest of all that an approval is for.
pub(crate) fn digest_draft(envelope: &Envelope, document_sha256: &str) -> String {
    let recipients: Vec<Value> = envelope
        .recipients
        .iter()
        .map(|to| json!([to.document_id, to.name, to.email, to.role.name(), to.group, to.language]))
        .collect();
    let field = |field: &crate::model::Field| {
        json!([
            field.recipient_id(),
            field.kind.name(),
            field.label,
            field.is_required(),
            field.page,
            field.x,
            field.y,
            field.width,
            field.height
        ])
    };
    let mut fields: Vec<String> = envelope.form_fields.iter().map(|row| field(row).to_string()).collect();
    fields.sort_unstable();
    let all = json!([envelope.title, envelope.message, envelope.language, document_sha256, recipients, fields]);
    hash_bytes(all.to_string().as_bytes())
}

/// Returns the reason why the approval of an envelope keeps it from being sent, as a key of the texts.
pub(crate) fn find_approval_problem(envelope: &Envelope, digest: &str, sender: &str) -> Option<&'static str> {
    if envelope.approver.is_empty() {
        return None;
    }
    match &envelope.approval_digest {
        None => Some("conflict.notApproved"),
        Some(approved) if approved != digest => Some("conflict.changedSince"),
        Some(_) if envelope.approved_by == sender => Some("conflict.ownApproval"),
        Some(_) => None,
    }
}

/// Takes the approval of a draft back: what was approved is no longer there. In the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn withdraw_approval(envelope: &Row<Envelope>) -> Result<()> {
    if envelope.approval_digest.is_none() {
        return Ok(());
    }
    data::update::<Envelope>(&envelope.document_id, &no_approval()).map(|_| ())
}

/// The fields of an envelope that nobody has approved.
pub(crate) fn no_approval() -> Value {
    json!({ "approvedAt": null, "approvedBy": null, "approvedByName": null, "approvalDigest": null, "approvalAskedAt": null })
}

/// Asks who approves.
///
/// # Errors
/// `Conflict` where there is nothing to approve, `Invalid` with what is missing.
pub(crate) fn ask_for_approval(id: &str, locale: &str) -> Result<()> {
    let envelope = require_envelope(id)?;
    if envelope.status != EnvelopeStatus::Draft {
        return Err(refuse_state("conflict.sentStays", locale));
    }
    if envelope.approver.is_empty() {
        return Err(Error::field("approver", "approver", translate("refused.approver", locale, None)));
    }
    check_before_sending(&envelope, locale)?;
    let settings = Settings::load()?;
    let now = time::format(time::now());
    data::update::<Envelope>(id, &json!({ "approvalAskedAt": now }))?;
    notify_team(&envelope.approver, &envelope, "approval", &now, &envelope.owner_name, &settings);
    Ok(())
}

/// Approves a draft as it is.
///
/// # Errors
/// `Denied` for who may not, `Conflict` where there is nothing to approve, `Invalid` with what is missing.
pub(crate) fn approve(id: &str, person: &Person, locale: &str) -> Result<()> {
    let envelope = require_envelope(id)?;
    let seen = check_before_sending_if_draft(&envelope, locale)?;
    let settings = Settings::load()?;
    run_transaction(|| {
        let envelope = require_envelope_locked(id)?;
        if envelope.status != EnvelopeStatus::Draft || envelope.approver.is_empty() {
            return Err(refuse_state("conflict.nothingToApprove", locale));
        }
        if person.id == envelope.owner || !person.is_meant_by(&envelope.approver) {
            return Err(Error::Denied(translate("denied.approve", locale, None)));
        }
        let digest = digest_draft(&envelope, &seen);
        // Asked twice, it is approved once.
        if envelope.approval_digest.as_deref() == Some(digest.as_str()) {
            return Ok(());
        }
        let mut trail = Trail::of(&envelope);
        let at = trail.at().to_owned();
        trail.add("approved", &person.describe(), json!({ "digest": digest, "documentSha256": seen }))?;
        trail.write(json!({
            "approvedAt": at, "approvedBy": person.id, "approvedByName": person.name, "approvalDigest": digest,
        }))?;
        notify_team(&envelope.owner, &envelope, "approved", &digest, &person.name, &settings);
        Ok(())
    })
}

fn check_before_sending_if_draft(envelope: &Row<Envelope>, locale: &str) -> Result<String> {
    if envelope.status != EnvelopeStatus::Draft {
        return Err(refuse_state("conflict.nothingToApprove", locale));
    }
    Ok(check_before_sending(envelope, locale)?.sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(json: Value) -> Envelope {
        serde_json::from_value(json).unwrap()
    }

    fn draft() -> Value {
        json!({
            "title": "Contract", "approver": "role:Legal", "recipients": [{ "documentId": "r", "name": "Ann", "email": "a@example.com" }],
            "fields": [{ "documentId": "f", "page": 1, "x": 10.0, "recipient": { "documentId": "r" } }],
        })
    }

    #[test]
    fn an_approval_is_for_what_was_seen() {
        let digest = digest_draft(&envelope(draft()), "aa");
        let same = digest_draft(&envelope(draft()), "aa");
        assert_eq!(digest, same);
        assert_ne!(digest, digest_draft(&envelope(draft()), "bb"));
        for (pointer, value) in [
            ("/title", json!("Another")),
            ("/recipients/0/email", json!("b@example.com")),
            ("/recipients/0/group", json!(2)),
            ("/fields/0/x", json!(11.0)),
            ("/fields/0/type", json!("text")),
        ] {
            let mut changed = draft();
            let (parent, field) = pointer.rsplit_once('/').unwrap();
            changed.pointer_mut(parent).unwrap()[field] = value;
            assert_ne!(digest, digest_draft(&envelope(changed), "aa"), "{pointer}");
        }
    }

    #[test]
    fn who_sends_is_not_who_approved() {
        let with = |digest: Value, by: &str| {
            let mut json = draft();
            json["approvalDigest"] = digest;
            json["approvedBy"] = json!(by);
            envelope(json)
        };
        assert_eq!(find_approval_problem(&envelope(json!({ "title": "T" })), "d", "1"), None);
        assert_eq!(find_approval_problem(&with(Value::Null, ""), "d", "1"), Some("conflict.notApproved"));
        assert_eq!(find_approval_problem(&with(json!("c"), "2"), "d", "1"), Some("conflict.changedSince"));
        assert_eq!(find_approval_problem(&with(json!("d"), "1"), "d", "1"), Some("conflict.ownApproval"));
        assert_eq!(find_approval_problem(&with(json!("d"), "2"), "d", "1"), None);
    }
}
