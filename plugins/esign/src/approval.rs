//! Approval before an envelope is sent: by somebody else than who drafted or sends it, and of exactly what is sent.

use crate::audit::Trail;
use crate::draft_approval::{digest_approval, digest_draft};
use crate::draft_document::describe_inspection;
use crate::envelope_state::EnvelopeStatus;
use crate::envelopes::{refuse_state, require_envelope, require_envelope_locked};
use crate::model::Envelope;
use crate::notices::notify_team;
use crate::person::Person;
use crate::request_job::resume_request;
use crate::sending_check::check_before_sending;
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde_json::json;

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
    use serde_json::Value;

    #[test]
    fn approval_is_offered_where_it_was_asked_and_to_whom() {
        let person = |id: &str, role: &str| Person { id: id.into(), name: "N".into(), roles: vec![role.into()] };
        let mut json = json!({ "title": "Contract", "approver": "role:Legal", "owner": "2" });
        let is_asked = |json: &Value, id, role| {
            is_asked_of(&serde_json::from_value(json.clone()).unwrap(), "role:Legal", &person(id, role))
        };
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
}
