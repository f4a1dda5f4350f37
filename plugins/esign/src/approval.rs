//! Approval before an envelope is sent: by somebody else than who drafted or sends it, and of exactly what is sent.

use crate::approval_rules::normalise_approver;
use crate::audit::Trail;
use crate::audit_chain::hash_bytes;
use crate::envelope_state::EnvelopeStatus;
use crate::envelopes::{refuse_state, require_envelope, require_envelope_locked};
use crate::model::Envelope;
use crate::notices::notify_team;
use crate::person::Person;
use crate::requests::resume_request;
use crate::sending::{check_before_sending, describe_inspection};
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

/// Asks who approves.
///
/// # Errors
/// `Conflict` where there is nothing to approve, `Invalid` with what is missing.
pub(crate) fn ask_for_approval(id: &str, asked_by: &str, locale: &str) -> Result<()> {
    let draft = require_envelope(id)?;
    if draft.status != EnvelopeStatus::Draft {
        return Err(refuse_state("conflict.sentStays", locale));
    }
    let settings = Settings::load()?;
    let no_approver = || Error::field("approver", "approver", translate("refused.approver", locale, None));
    if draft.required_approver(&settings).is_empty() {
        return Err(no_approver());
    }
    // A look into the document takes longer than a transaction may: the draft is compared once it is held.
    let document = check_before_sending(&draft, locale)?;
    let checked = digest_draft(&draft, &document.sha256);
    run_transaction(|| {
        let envelope = require_envelope_locked(id)?;
        if envelope.status != EnvelopeStatus::Draft {
            return Err(refuse_state("conflict.sentStays", locale));
        }
        if envelope.document != draft.document || digest_draft(&envelope, &document.sha256) != checked {
            return Err(refuse_state("conflict.changedMeanwhile", locale));
        }
        let approver = envelope.required_approver(&settings);
        if approver.is_empty() {
            return Err(no_approver());
        }
        // The findings about the document are stored, because the approver's page cannot read the file.
        let mut fields = describe_inspection(&document);
        let now = time::format(time::now());
        fields["approvalAskedAt"] = json!(now);
        fields["approver"] = json!(approver);
        data::update::<Envelope>(id, &fields)?;
        notify_team(approver, &envelope, "approval", &now, asked_by, &settings);
        Ok(())
    })
}

/// True if a draft is offered to that person to be approved: it was asked, and of them.
pub(crate) fn is_asked_of(envelope: &Envelope, approver: &str, person: &Person) -> bool {
    envelope.status == EnvelopeStatus::Draft
        && envelope.approval_asked_at.is_some()
        && envelope.approved_at.is_none()
        && !envelope.is_made_by(&person.id)
        && person.is_meant_by(approver)
}

/// Approves a draft as it is. `seen`: the digest of what the approver was shown; empty where they do not say.
///
/// # Errors
/// `Denied` for who may not, `Conflict` where there is nothing to approve, `Invalid` with what is missing.
pub(crate) fn approve(id: &str, person: &Person, seen: &str, locale: &str) -> Result<()> {
    let envelope = require_envelope(id)?;
    let sha256 = check_before_sending_if_draft(&envelope, locale)?;
    let settings = Settings::load()?;
    run_transaction(|| {
        let envelope = require_envelope_locked(id)?;
        let approver = envelope.required_approver(&settings);
        if envelope.status != EnvelopeStatus::Draft || approver.is_empty() {
            return Err(refuse_state("conflict.nothingToApprove", locale));
        }
        if envelope.is_made_by(&person.id) || !person.is_meant_by(approver) {
            return Err(Error::Denied(translate("denied.approve", locale, None)));
        }
        let digest = digest_approval(&envelope, &sha256, settings.expiry_days);
        if !seen.is_empty() && seen != digest {
            return Err(refuse_state("conflict.changedMeanwhileApproval", locale));
        }
        // Asked twice, it is approved once.
        let approved_as = envelope.approved_as.as_deref().unwrap_or_default();
        if envelope.approval_digest.as_deref() == Some(digest.as_str()) && approved_as == approver {
            return resume_if_requested(&envelope);
        }
        let mut trail = Trail::of(&envelope);
        let at = trail.at().to_owned();
        trail.add("approved", &person.describe(), json!({ "digest": digest, "documentSha256": sha256 }))?;
        trail.write(json!({
            "approvedAt": at, "approvedBy": person.id, "approvedByName": person.name, "approvalDigest": digest, "approvedAs": approver,
            "approver": approver,
        }))?;
        notify_team(&envelope.owner, &envelope, "approved", &digest, &person.name, &settings);
        resume_if_requested(&envelope)
    })
}

/// Sets the job of the request that an approved draft was made for: what another plugin or program asked for goes out by itself.
fn resume_if_requested(envelope: &Row<Envelope>) -> Result<()> {
    match envelope.reference {
        Some(_) => resume_request(&envelope.document_id),
        None => Ok(()),
    }
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
    fn approval_is_offered_where_it_was_asked_and_to_whom() {
        let person = |id: &str, role: &str| Person { id: id.into(), name: "N".into(), roles: vec![role.into()] };
        let mut json = draft();
        json["owner"] = json!("2");
        let is_asked = |json: &Value, id, role| is_asked_of(&envelope(json.clone()), "role:Legal", &person(id, role));
        assert!(!is_asked(&json, "1", "Legal"));
        json["approvalAskedAt"] = json!("2026-01-05T09:00:00.000Z");
        assert!(is_asked(&json, "1", "Legal"));
        assert!(!is_asked(&json, "2", "Legal") && !is_asked(&json, "1", "Sales"));
        json["requestedBy"] = json!("3");
        assert!(
            is_asked(&json, "1", "Legal") && !is_asked(&json, "3", "Legal"),
            "who had it requested approves nothing"
        );
        json["approvedAt"] = json!("2026-01-05T09:00:00.000Z");
        assert!(!is_asked(&json, "1", "Legal"));
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
