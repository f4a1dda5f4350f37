//! Taking an envelope back, and noting that a mail with a link came back.

use crate::audit::{Trail, clean_text};
use crate::deadlines::cancel_timers;
use crate::envelope_state::{EnvelopeStatus, RecipientStatus};
use crate::envelopes::{describe_event, refuse_state, require_envelope_locked};
use crate::model::Recipient;
use crate::notices::{EnvelopeEnding, notify_team, tell_ending};
use crate::person::Person;
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::{events, run_transaction};
use serde_json::json;

/// Longest reason, in characters.
pub(crate) const MAX_REASON: usize = 1_000;

/// Takes an envelope back: its links end, and those who had one are told.
///
/// # Errors
/// `Conflict` for one that has ended, `Invalid` without a reason.
pub(crate) fn void_envelope(id: &str, reason: &str, person: &Person, locale: &str) -> Result<()> {
    let reason = clean_text(reason, MAX_REASON);
    if reason.is_empty() {
        return Err(Error::field("reason", "reason", translate("refused.reason", locale, None)));
    }
    let settings = Settings::load()?;
    run_transaction(|| {
        let envelope = require_envelope_locked(id)?;
        if !envelope.status.can_be_voided() {
            return Err(refuse_state("conflict.ended", locale));
        }
        let mut trail = Trail::of(&envelope);
        trail.add("voided", &person.describe(), json!({ "reason": reason }))?;
        trail.write(json!({
            "status": EnvelopeStatus::Voided, "endedBy": person.name, "endReason": reason, "problem": null,
        }))?;
        cancel_timers(id)?;
        let ending = EnvelopeEnding { kind: "voided", occasion: "", by: &person.name, reason: &reason };
        tell_ending(&envelope, ending, None, &settings)?;
        events::publish("esign.envelope.voided", id, &describe_event(&envelope, "voided", None, &reason))
    })
}

/// Notes that the mail with a recipient's newest link came back. They can still be reminded.
///
/// # Errors
/// What the host says.
pub(crate) fn note_returned_mail(mail: &str) -> Result<()> {
    let query = data::find::<Recipient>().filter(json!({ "mail": mail })).fields(&["name"]);
    let Some(found) = query.populate(json!({ "envelope": { "fields": ["createdAt"] } })).first()? else {
        return Ok(());
    };
    let Some(envelope) = &found.envelope else { return Ok(()) };
    let settings = Settings::load()?;
    let envelope = require_envelope_locked(&envelope.document_id)?;
    let Some(recipient) = envelope.find_recipient(&found.document_id) else { return Ok(()) };
    if !envelope.status.is_open() || recipient.status != RecipientStatus::Notified {
        return Ok(());
    }
    let mut trail = Trail::of(&envelope);
    trail.change_recipient(&recipient.document_id, &json!({ "status": RecipientStatus::Bounced }))?;
    trail.add(
        "bounced",
        "system",
        json!({ "recipient": recipient.document_id, "name": recipient.name, "email": recipient.email }),
    )?;
    trail.write(json!({}))?;
    notify_team(&envelope.owner, &envelope, "bounced", mail, &recipient.email, &settings);
    Ok(())
}
