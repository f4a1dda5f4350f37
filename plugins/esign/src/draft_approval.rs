//! The approval of a draft: what it is for, whether it still holds, and its end.

use crate::approval_rules::normalise_approver;
use crate::audit::Trail;
use crate::audit_chain::hash_bytes;
use crate::model::Envelope;
use cairn_plugin::prelude::*;
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

/// Digest of all that an approval is for: what is shown and signed, what the rules look at, and how long signers have.
pub(crate) fn digest_approval(envelope: &Envelope, document_sha256: &str, expiry_days: u32) -> String {
    let all = json!([
        digest_draft(envelope, document_sha256),
        envelope.facts.kind,
        envelope.facts.amount,
        envelope.facts.template,
        envelope.sender_email,
        envelope.remind_days,
        expiry_days,
    ]);
    hash_bytes(all.to_string().as_bytes())
}

/// Returns the reason why the approval of an envelope keeps it from being sent, as a key of the texts. `approver`: who has to approve it.
pub(crate) fn find_approval_problem(
    envelope: &Envelope,
    approver: &str,
    digest: &str,
    sender: &str,
) -> Option<&'static str> {
    if approver.is_empty() {
        return None;
    }
    let approved_as = envelope.approved_as.as_deref().unwrap_or(&envelope.approver);
    match &envelope.approval_digest {
        None => Some("conflict.notApproved"),
        Some(approved) if approved != digest || normalise_approver(approved_as) != approver => Some(CHANGED_SINCE),
        Some(_) if envelope.approved_by == sender => Some("conflict.ownApproval"),
        Some(_) => None,
    }
}

/// The approval was for something else.
pub(crate) const CHANGED_SINCE: &str = "conflict.changedSince";

/// Ends the approval of a draft that changes, and notes so in its trail. In the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn end_approval(envelope: &Row<Envelope>, actor: &str) -> Result<()> {
    if envelope.approval_digest.is_none() {
        return Ok(());
    }
    let mut trail = Trail::of(envelope);
    note_ended_approval(&mut trail, envelope, actor)?;
    trail.write(no_approval())
}

/// Notes in the trail that what was approved is no longer there.
///
/// # Errors
/// Never.
pub(crate) fn note_ended_approval(trail: &mut Trail<'_>, envelope: &Envelope, actor: &str) -> Result<()> {
    let about = json!({
        "digest": envelope.approval_digest.as_deref().unwrap_or_default(), "approvedBy": envelope.approved_by_name,
        "approvedAt": envelope.approved_at.as_deref().unwrap_or_default(),
    });
    trail.add(APPROVAL_ENDED, actor, about)
}

/// The event of an approval that ended.
pub(crate) const APPROVAL_ENDED: &str = "approvalEnded";

/// The fields of an envelope that nobody has approved.
pub(crate) fn no_approval() -> Value {
    json!({
        "approvedAt": null, "approvedBy": null, "approvedByName": null, "approvedAs": null, "approvalDigest": null, "approvalAskedAt": null,
    })
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
    fn an_approval_is_for_the_facts_and_the_time_to_sign_too() {
        let digest = digest_approval(&envelope(draft()), "aa", 14);
        assert_eq!(digest, digest_approval(&envelope(draft()), "aa", 14));
        assert_ne!(digest, digest_approval(&envelope(draft()), "aa", 15));
        let changes =
            [("kind", json!("sale")), ("amount", json!(5)), ("senderEmail", json!("a@b.nl")), ("remindDays", json!(2))];
        for (field, value) in changes {
            let mut changed = draft();
            changed[field] = value;
            assert_ne!(digest, digest_approval(&envelope(changed), "aa", 14), "{field}");
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
        let find = |envelope: &Envelope, approver: &str| find_approval_problem(envelope, approver, "d", "1");
        assert_eq!(find(&envelope(json!({ "title": "T" })), ""), None);
        assert_eq!(find(&with(Value::Null, ""), "role:Legal"), Some("conflict.notApproved"));
        assert_eq!(find(&with(json!("c"), "2"), "role:Legal"), Some(CHANGED_SINCE));
        assert_eq!(find(&with(json!("d"), "1"), "role:Legal"), Some("conflict.ownApproval"));
        assert_eq!(find(&with(json!("d"), "2"), "role:Legal"), None);
        // The rules name somebody else by now.
        assert_eq!(find(&with(json!("d"), "2"), "role:board"), Some(CHANGED_SINCE));
    }
}
