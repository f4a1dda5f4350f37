//! Unsubscribe links at the end of mails, which work without signing in. A link is signed; it contains the user and the topic, and
//! is valid for nothing else.

use crate::channel::{self, Channel, NotificationLevel};
use crate::kind::Kind;
use crate::mail::send_job;
use crate::{Notifier, templates};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::notify::PreferenceRow;
use serde_json::json;

/// The path of such a link; the token follows.
pub const PATH: &str = "/admin/unsubscribe/";
/// Purpose of the signature.
const SIGNING_PURPOSE: &str = "unsubscribe";

/// The user of a link, and what it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsubscribeRequest {
    /// Numeric id of the admin user.
    pub admin_user: i64,
    /// A kind of notification, or `digest`.
    pub topic: &'static str,
    /// True if the topic is not mailed any more.
    pub done: bool,
    /// The language of the page.
    pub language: &'static str,
}

pub(crate) fn signed_url(notifier: &Notifier, user: i64, topic: &str) -> String {
    let text = format!("{user}:{topic}");
    let mac = notifier.access().sign(SIGNING_PURPOSE, text.as_bytes());
    let token = format!("{}.{}", URL_SAFE_NO_PAD.encode(text), URL_SAFE_NO_PAD.encode(mac));
    format!("{}{PATH}{token}", notifier.site().url)
}

/// Compares in constant time.
fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y)) == 0
}

fn parse_token(notifier: &Notifier, token: &str) -> Option<(i64, &'static str)> {
    let (text, mac) = token.split_once('.').filter(|_| token.len() < 256)?;
    let (text, mac) = (URL_SAFE_NO_PAD.decode(text).ok()?, URL_SAFE_NO_PAD.decode(mac).ok()?);
    if !constant_time_eq(&notifier.access().sign(SIGNING_PURPOSE, &text), &mac) {
        return None;
    }
    let text = String::from_utf8(text).ok()?;
    let (user, topic) = text.split_once(':')?;
    let topic = if topic == templates::DIGEST { templates::DIGEST } else { Kind::parse(topic)?.as_str() };
    Some((user.parse().ok()?, topic))
}

impl Notifier {
    /// Returns what a link would do; changes nothing, as programs that inspect mails follow links too. `None` if the link is invalid, or
    /// its user does not exist any more. Returns an error if the store fails.
    pub fn unsubscribe_page(&self, token: &str) -> Result<Option<UnsubscribeRequest>, StoreError> {
        let Some((admin_user, topic)) = parse_token(self, token) else { return Ok(None) };
        let default = self.access().locales().default.clone();
        self.store().read(|r| {
            let Some(person) = r.notification_preferences().get_recipient(admin_user)? else { return Ok(None) };
            let rows = r.notification_preferences().list(admin_user)?;
            let language = templates::template_language(person.locale.as_deref().unwrap_or(&default));
            let done = ended_preferences(&rows, topic).is_empty();
            Ok(Some(UnsubscribeRequest { admin_user, topic, done, language }))
        })
    }

    /// Unsubscribes the user of a link. Returns an error if the store fails.
    pub async fn unsubscribe_by_token(&self, token: &str) -> Result<Option<UnsubscribeRequest>, StoreError> {
        let Some(request) = self.unsubscribe_page(token)? else { return Ok(None) };
        let (user, topic, now) = (request.admin_user, request.topic, self.now());
        self.store()
            .write(move |tx| {
                let Some(person) = tx.reader().notification_preferences().get_recipient(user)? else { return Ok(()) };
                let changes = ended_preferences(&tx.reader().notification_preferences().list(user)?, topic);
                if changes.is_empty() {
                    return Ok(());
                }
                for change in &changes {
                    tx.notification_preferences().set(user, change)?;
                }
                let event = send_job::new_event(
                    "cairn.notification.unsubscribed",
                    &format!("admin {user}"),
                    json!({ "topic": topic, "channel": channel::MailChannel.name() }),
                );
                let name = tx.reader().admin_users().get(user)?.map_or(person.email, |known| known.display_name());
                tx.events().emit(&Actor::admin(user, &name), &event, now)
            })
            .await?;
        Ok(Some(UnsubscribeRequest { done: true, ..request }))
    }
}

/// The preferences that end it: for one kind, or for all that are part of the digest.
fn ended_preferences(rows: &[PreferenceRow], topic: &str) -> Vec<PreferenceRow> {
    let level = |kind: Kind| {
        let own = rows.iter().find(|p| p.kind == kind.as_str() && p.channel == channel::MailChannel.name());
        own.and_then(|p| NotificationLevel::parse(&p.level)).unwrap_or_else(|| channel::MailChannel.default_level(kind))
    };
    let is_covered = |kind: &Kind| match topic {
        templates::DIGEST => level(*kind) == NotificationLevel::Digest,
        topic => kind.as_str() == topic && level(*kind) != NotificationLevel::Off,
    };
    let kinds = Kind::ALL.iter().copied().filter(is_covered);
    kinds
        .map(|kind| PreferenceRow {
            kind: kind.as_str().to_owned(),
            channel: channel::MailChannel.name().to_owned(),
            level: NotificationLevel::Off.as_str().to_owned(),
        })
        .collect()
}
