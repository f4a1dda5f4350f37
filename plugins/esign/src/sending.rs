//! Sending an envelope: what it lacks is said, the document is locked by its digest, and the first signers get their links.

use crate::audit::Trail;
use crate::deadlines::{days_from_now, set_expiry, set_reminder};
use crate::draft_approval::{
    CHANGED_SINCE, digest_approval, digest_draft, end_approval, find_approval_problem, no_approval, note_ended_approval,
};
use crate::draft_document::InspectedDocument;
use crate::envelope_state::{EnvelopeStatus, Role};
use crate::envelopes::{describe_event, refuse_state, require_envelope, require_envelope_locked};
use crate::invitations::{Invitations, Occasion};
use crate::model::Envelope;
use crate::person::Person;
use crate::seal_check::require_sealing;
use crate::sending_check::check_before_sending;
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::{events, run_transaction};
use serde_json::{Value, json};

/// In whose name an envelope is sent.
pub(crate) struct Sender {
    /// The id of an admin user; of a request, who looks after it.
    pub(crate) id: String,
    pub(crate) name: String,
    /// How the audit trail names them.
    pub(crate) actor: String,
}

impl From<Person> for Sender {
    fn from(person: Person) -> Self {
        Self { actor: person.describe(), id: person.id, name: person.name }
    }
}

/// Sends a draft.
///
/// # Errors
/// `Conflict` for one that was sent, has to be approved first or could not be sealed later, `Invalid` with all that is missing.
pub(crate) fn send_envelope(id: &str, sender: &Sender, locale: &str) -> Result<()> {
    let draft = require_envelope(id)?;
    if draft.status != EnvelopeStatus::Draft {
        return Err(refuse_state("conflict.sentStays", locale));
    }
    let settings = Settings::load()?;
    let document = check_before_sending(&draft, locale)?;
    require_sealing(&settings, locale)?;
    let checked = digest_draft(&draft, &document.sha256);
    let refusal = run_transaction(|| {
        let envelope = require_envelope_locked(id)?;
        if envelope.status != EnvelopeStatus::Draft {
            return Err(refuse_state("conflict.sentStays", locale));
        }
        let digest = digest_draft(&envelope, &document.sha256);
        let is_same_file = envelope.document == draft.document;
        if digest != checked || !is_same_file {
            return Err(refuse_state("conflict.changedMeanwhile", locale));
        }
        let approver = envelope.required_approver(&settings);
        let approval_digest = digest_approval(&envelope, &document.sha256, settings.expiry_days);
        if let Some(problem) = find_approval_problem(&envelope, approver, &approval_digest, &sender.id) {
            // Noted although nothing is sent: the file, the rules or the time to sign changed where no hook looks.
            if problem == CHANGED_SINCE {
                end_approval(&envelope, &sender.actor)?;
            }
            return Ok(Some(problem));
        }
        let is_approved = envelope.approval_digest.as_deref() == Some(approval_digest.as_str());
        write_sent(&envelope, &document, is_approved.then_some(approval_digest.as_str()), sender, &settings)?;
        Ok(None)
    })?;
    refusal.map_or(Ok(()), |problem| Err(refuse_state(problem, locale)))
}

/// Writes that an envelope is sent, and gives the first signers their links. `approval`: the digest that was approved, if it was.
fn write_sent(
    envelope: &Row<Envelope>,
    document: &InspectedDocument,
    approval: Option<&str>,
    sender: &Sender,
    settings: &Settings,
) -> Result<()> {
    let id = &envelope.document_id;
    let Some(first) = envelope.current_group() else { return Err(Error::NotFound(id.clone())) };
    let expires_at = days_from_now(settings.expiry_days);
    let mut sent = envelope.clone();
    sent.sender_name.clone_from(&sender.name);
    let invitations = Invitations { envelope: &sent, settings, expires_at };
    let mut trail = Trail::of(envelope);
    let at = trail.at().to_owned();
    if approval.is_none() && envelope.approval_digest.is_some() {
        note_ended_approval(&mut trail, envelope, &sender.actor)?;
    }
    let mut about = json!({
        "title": envelope.title, "documentSha256": document.sha256, "pages": document.pages.len(), "expiresAt": time::format(expires_at),
    });
    if let Some(digest) = approval {
        about["approvalDigest"] = json!(digest);
        about["approvedBy"] = json!(envelope.approved_by_name);
        about["approvedAt"] = json!(envelope.approved_at);
    }
    trail.add("sent", &sender.actor, about)?;
    invitations.invite_group(&mut trail, first, Occasion::Turn)?;
    if settings.announce {
        let later = envelope.recipients.iter().filter(|to| to.role == Role::Signer && to.group != first);
        for recipient in later {
            invitations.invite(&mut trail, recipient, Occasion::Early)?;
        }
    }
    let remind_days = envelope.remind_days.unwrap_or(settings.remind_days);
    let mut fields = json!({
        "status": EnvelopeStatus::Sent, "sha256Original": document.sha256, "sentDigest": digest_draft(envelope, &document.sha256),
        "pageCount": document.pages.len(), "sentAt": at,
        "pageSizes": document.pages.iter().map(|page| (page.width, page.height)).collect::<Vec<_>>(),
        "expiresAt": time::format(expires_at), "senderName": sender.name, "remindDays": remind_days, "reminders": 0,
        "owner": if envelope.owner.is_empty() { &sender.id } else { &envelope.owner },
    });
    if approval.is_none()
        && let (Value::Object(fields), Value::Object(none)) = (&mut fields, no_approval())
    {
        fields.extend(none);
    }
    trail.write(fields)?;
    set_expiry(id, expires_at)?;
    set_reminder(id, remind_days, 0)?;
    events::publish("esign.envelope.sent", id, &describe_event(envelope, "sent", None, ""))
}
