//! The time to sign: reminders, its end, and more of it. Timers find out themselves whether there is still something to do.

use crate::audit::Trail;
use crate::envelope_state::{EnvelopeStatus, RecipientStatus, Role};
use crate::envelopes::{describe_event, refuse_state, require_envelope_locked};
use crate::invitations::{Invitations, Occasion};
use crate::model::{Envelope, Recipient};
use crate::notices::{EnvelopeEnding, tell_ending};
use crate::person::Person;
use crate::settings::Settings;
use cairn_plugin::jobs::timer;
use cairn_plugin::prelude::*;
use cairn_plugin::{events, run_transaction};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The timer of the end; its key is the envelope's id.
pub(crate) const EXPIRY_JOB: &str = "expiry";
/// The timer of the next reminder; its key is the envelope's id.
pub(crate) const REMINDER_JOB: &str = "reminder";

const DAY_MS: i64 = 24 * 3_600_000;

/// Payload of a timer. `reminders`: how many were sent when a reminder was planned.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    envelope: String,
    #[serde(default)]
    reminders: i64,
}

/// The end of that many days from now.
pub(crate) fn days_from_now(days: u32) -> i64 {
    time::now().saturating_add(i64::from(days).saturating_mul(DAY_MS))
}

/// Sets the timer that ends an envelope.
///
/// # Errors
/// What the host says.
pub(crate) fn set_expiry(id: &str, at: i64) -> Result<()> {
    let payload = Payload { envelope: id.to_owned(), reminders: 0 };
    timer(EXPIRY_JOB).key(id).due(at).set(&payload).map(|_| ())
}

/// Sets the timer of the next reminder, if there are any.
///
/// # Errors
/// What the host says.
pub(crate) fn set_reminder(id: &str, days: i64, reminders: i64) -> Result<()> {
    let Some(days) = u32::try_from(days).ok().filter(|days| *days > 0) else { return Ok(()) };
    let payload = Payload { envelope: id.to_owned(), reminders };
    timer(REMINDER_JOB).key(id).due(days_from_now(days)).set(&payload).map(|_| ())
}

/// Ends both timers.
///
/// # Errors
/// What the host says.
pub(crate) fn cancel_timers(id: &str) -> Result<()> {
    jobs::cancel(EXPIRY_JOB, id)?;
    jobs::cancel(REMINDER_JOB, id).map(|_| ())
}

/// True if a signer has neither signed nor declined.
fn is_unanswered(recipient: &Recipient) -> bool {
    recipient.role == Role::Signer && !matches!(recipient.status, RecipientStatus::Signed | RecipientStatus::Declined)
}

/// The end of the time of an envelope.
///
/// # Errors
/// What the host says.
pub(crate) fn expire_envelope(task: &Task) -> Result<Outcome> {
    let id = task.payload::<Payload>()?.envelope;
    let settings = Settings::load()?;
    let expired = run_transaction(|| {
        let envelope = require_envelope_locked(&id)?;
        // An envelope that everybody has signed is about to be sealed by a job.
        if !envelope.status.is_open() || envelope.current_group().is_none() {
            return Ok(());
        }
        if !envelope.is_over(time::now()) {
            // The time was extended, or the clock was set back.
            let end = envelope.expires_at.as_deref().map(time::parse).transpose()?;
            return end.map_or(Ok(()), |end| set_expiry(&id, end));
        }
        let mut trail = Trail::of(&envelope);
        for recipient in envelope.recipients.iter().filter(|recipient| is_unanswered(recipient)) {
            trail.change_recipient(&recipient.document_id, &json!({ "status": RecipientStatus::Expired }))?;
        }
        trail.add("expired", "system", json!({ "expiresAt": envelope.expires_at }))?;
        trail.write(json!({ "status": EnvelopeStatus::Expired }))?;
        jobs::cancel(REMINDER_JOB, &id)?;
        let occasion = envelope.expires_at.as_deref().unwrap_or_default();
        let ending = EnvelopeEnding { kind: "expired", occasion, by: "", reason: "" };
        tell_ending(&envelope, ending, None, &settings)?;
        events::publish("esign.envelope.expired", &id, &describe_event(&envelope, "expired", None, ""))
    });
    finish(expired)
}

/// The time of a reminder.
///
/// # Errors
/// What the host says.
pub(crate) fn remind_signers(task: &Task) -> Result<Outcome> {
    let payload = task.payload::<Payload>()?;
    let settings = Settings::load()?;
    let reminded = run_transaction(|| {
        let envelope = require_envelope_locked(&payload.envelope)?;
        let is_due = envelope.status.is_open() && envelope.reminders == payload.reminders;
        if !is_due || envelope.is_over(time::now()) {
            return Ok(());
        }
        write_reminders(&envelope, "system", &settings)
    });
    finish(reminded)
}

/// Sends new links to those whose turn it is, on request.
///
/// # Errors
/// `Conflict` where nobody can be reminded.
pub(crate) fn remind_now(id: &str, person: &Person, locale: &str) -> Result<()> {
    let settings = Settings::load()?;
    run_transaction(|| {
        let envelope = require_envelope_locked(id)?;
        if !envelope.status.is_open() || envelope.is_over(time::now()) {
            return Err(refuse_state("conflict.notOpen", locale));
        }
        write_reminders(&envelope, &person.describe(), &settings)
    })
}

fn write_reminders(envelope: &Row<Envelope>, actor: &str, settings: &Settings) -> Result<()> {
    let id = &envelope.document_id;
    let (Some(group), Some(end)) = (envelope.current_group(), envelope.expires_at.as_deref()) else { return Ok(()) };
    let number = envelope.reminders.saturating_add(1);
    let mut trail = Trail::of(envelope);
    trail.add("reminded", actor, json!({ "number": number }))?;
    Invitations { envelope, settings, expires_at: time::parse(end)? }.invite_group(
        &mut trail,
        group,
        Occasion::Reminder,
    )?;
    trail.write(json!({ "reminders": number }))?;
    set_reminder(id, envelope.remind_days.unwrap_or(settings.remind_days), number)
}

/// Gives signers more time: so many days from now. An envelope whose time was over is open again.
///
/// # Errors
/// `Conflict` for one that has ended otherwise, `Invalid` for a number of days that is none.
pub(crate) fn extend_envelope(id: &str, days: Option<u32>, person: &Person, locale: &str) -> Result<String> {
    let settings = Settings::load()?;
    let days = days.unwrap_or(settings.expiry_days);
    if !(1..=365).contains(&days) {
        return Err(Error::field("days", "days", translate("refused.days", locale, None)));
    }
    run_transaction(|| {
        let envelope = require_envelope_locked(id)?;
        if !envelope.status.can_be_extended() {
            return Err(refuse_state("conflict.notOpen", locale));
        }
        let Some(group) = envelope.current_group() else { return Err(refuse_state("conflict.notOpen", locale)) };
        let expires_at = days_from_now(days);
        let end = time::format(expires_at);
        let mut trail = Trail::of(&envelope);
        trail.add("extended", &person.describe(), json!({ "expiresAt": end }))?;
        let later = envelope.recipients.iter().filter(|to| is_unanswered(to) && to.group != group);
        for recipient in later.filter(|to| to.status == RecipientStatus::Expired) {
            trail.change_recipient(&recipient.document_id, &json!({ "status": RecipientStatus::Waiting }))?;
        }
        Invitations { envelope: &envelope, settings: &settings, expires_at }.invite_group(
            &mut trail,
            group,
            Occasion::Extended,
        )?;
        let has_begun = envelope.recipients.iter().any(|to| to.viewed_at.is_some());
        let status = if has_begun { EnvelopeStatus::InProgress } else { EnvelopeStatus::Sent };
        trail.write(json!({ "status": status, "expiresAt": end }))?;
        set_expiry(id, expires_at)?;
        set_reminder(id, envelope.remind_days.unwrap_or(settings.remind_days), envelope.reminders)?;
        Ok(end)
    })
}

/// A timer of an envelope that was deleted has nothing to do.
fn finish(result: Result<()>) -> Result<Outcome> {
    match result {
        Err(Error::NotFound(_)) => Ok(Outcome::DONE),
        other => other.map(|()| Outcome::DONE),
    }
}
