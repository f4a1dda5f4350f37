//! Links that a newer one has replaced. They open nothing: they say that there is a newer one, and have another sent to the same mailbox.

use crate::audit::Trail;
use crate::deadlines::set_reminder;
use crate::envelope_state::{RecipientStatus, Role};
use crate::envelopes::require_envelope_locked;
use crate::invitations::{Invitations, Occasion};
use crate::model::{Envelope, Recipient, ReplacedLink};
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde_json::json;

/// Shortest time between two links to one mailbox, in milliseconds.
const PAUSE_MS: i64 = 10 * 60_000;
/// Links of a recipient after which only the sender can have another sent.
const MAX_LINKS: i64 = 50;

/// The link of that hash, if a newer one has replaced it.
///
/// # Errors
/// What the host says.
pub(crate) fn find_replaced_link(hash: &str) -> Result<Option<Row<ReplacedLink>>> {
    let id = || json!({ "fields": ["createdAt"] });
    let query = data::find::<ReplacedLink>().filter(json!({ "tokenHash": { "$eq": hash } }));
    query.populate(json!({ "envelope": id(), "recipient": id() })).first()
}

/// Sends the signer of a replaced link a new one, to the address that they have. Whoever asks learns nothing: not even whether one was sent.
///
/// # Errors
/// `NotFound` for a link that is none.
pub(crate) fn renew_link(hash: &str, settings: &Settings) -> Result<()> {
    let unknown = || Error::NotFound(String::new());
    let link = find_replaced_link(hash)?.ok_or_else(unknown)?;
    let (Some(envelope), Some(recipient)) = (&link.envelope, &link.recipient) else { return Err(unknown()) };
    send_new_link(&envelope.document_id, &recipient.document_id, settings).map(|_| ())
}

/// Outcome of a request for another link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewLink {
    /// It is on its way.
    Sent,
    /// The one before was sent less than ten minutes ago: it is to be used.
    SentJustNow,
    /// It is not this signer's to sign now, or they had as many links as anybody gets.
    Refused,
}

/// Sends a signer another link if they can have one now, by mail to the address of the envelope; the one before then opens nothing.
///
/// # Errors
/// `NotFound` for an envelope that is not there, `Limited` beyond the mails of an hour.
pub(crate) fn send_new_link(envelope: &str, recipient: &str, settings: &Settings) -> Result<NewLink> {
    run_transaction(|| {
        let envelope = require_envelope_locked(envelope)?;
        let Some(to) = envelope.find_recipient(recipient) else { return Ok(NewLink::Refused) };
        let now = time::now();
        let Some(end) = envelope.expires_at.as_deref().filter(|_| is_asked_to_sign(&envelope, to, now)) else {
            return Ok(NewLink::Refused);
        };
        if was_sent_just_now(to, now) {
            return Ok(NewLink::SentJustNow);
        }
        let mut trail = Trail::of(&envelope);
        Invitations { envelope: &envelope, settings, expires_at: time::parse(end)? }.invite(
            &mut trail,
            to,
            Occasion::Requested,
        )?;
        trail.write(json!({}))?;
        set_reminder(&envelope.document_id, envelope.remind_days.unwrap_or(settings.remind_days), envelope.reminders)?;
        Ok(NewLink::Sent)
    })
}

/// True if it is a signer's turn, in time, and they have not had too many links.
fn is_asked_to_sign(envelope: &Envelope, to: &Recipient, now: Instant) -> bool {
    let is_asked = matches!(to.status, RecipientStatus::Notified | RecipientStatus::Viewed | RecipientStatus::Bounced);
    envelope.status.is_open()
        && !envelope.is_over(now)
        && to.role == Role::Signer
        && is_asked
        && envelope.is_turn_of(to)
        && to.links < MAX_LINKS
}

/// True if the last link may not have arrived yet.
fn was_sent_just_now(to: &Recipient, now: Instant) -> bool {
    let sent_at = to.notified_at.as_deref().and_then(|at| time::parse(at).ok()).unwrap_or_default();
    now.saturating_sub(sent_at) < PAUSE_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn another_link_is_sent_on_their_turn_and_now_and_then() {
        let at = time::parse("2026-01-05T09:00:00.000Z").unwrap();
        let check = |change: &dyn Fn(&mut Value), now: Instant| {
            let mut json = json!({ "title": "T", "status": "sent", "expiresAt": "2026-01-19T09:00:00.000Z", "recipients": [
                { "documentId": "a", "name": "Ann", "email": "a@example.com", "group": 1, "status": "notified", "links": 2,
                  "notifiedAt": "2026-01-05T09:00:00.000Z" },
            ] });
            change(&mut json);
            let envelope: Envelope = serde_json::from_value(json).unwrap();
            is_asked_to_sign(&envelope, &envelope.recipients[0], now)
                && !was_sent_just_now(&envelope.recipients[0], now)
        };
        let later = at + PAUSE_MS;
        assert!(check(&|_| {}, later) && !check(&|_| {}, later - 1));
        let set =
            |field: &'static str, value: Value| move |json: &mut Value| json["recipients"][0][field] = value.clone();
        assert!(check(&set("status", json!("viewed")), later));
        for (field, value) in [("status", "signed"), ("status", "waiting"), ("status", "declined"), ("role", "cc")] {
            assert!(!check(&set(field, json!(value)), later), "{value}");
        }
        assert!(!check(&set("links", json!(MAX_LINKS)), later));
        assert!(!check(&|json| json["status"] = json!("voided"), later));
        assert!(!check(&|_| {}, at + 15 * 24 * 3_600_000));
    }
}
