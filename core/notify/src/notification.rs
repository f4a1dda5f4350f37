//! Notifying admin users: one call fans out over channels, as each of them prefers, in the caller's transaction.

use crate::channel::{self, ChannelNotification, NotificationLevel};
use crate::kind::Kind;
use crate::link::NotificationTarget;
use crate::once_key::bounded_key;
use cairn_store::{StoreError, WriteTx};
use serde_json::{Map, Value as Json};

/// Longest text in `data`, in characters; longer ones are truncated.
const MAX_TEXT_CHARS: usize = 500;

/// A notification for admin users.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// Kind of the notification.
    pub kind: Kind,
    /// Numeric ids of the recipients; duplicates and deleted users are ignored.
    pub to: Vec<i64>,
    /// Values for title and templates: an object with the keys of [`Kind::variables`]. Texts, numbers or null; times as texts for people.
    pub data: Json,
    /// Key for which nobody is notified twice: subject and occasion (`review:12:requested`).
    pub once_key: String,
    /// The target of the notification.
    pub link: Option<NotificationTarget>,
}

/// Notifies admin users, each as they prefer: they are notified if and only if the transaction commits. `now` is in milliseconds.
///
/// # Errors
/// Returns errors of the store only.
pub fn notify(tx: &mut WriteTx<'_>, n: &Notification, now: i64) -> Result<(), StoreError> {
    let mut to = n.to.clone();
    to.sort_unstable();
    to.dedup();
    let key = bounded_key(&n.once_key);
    let telling = ChannelNotification {
        kind: n.kind,
        data: kind_data(n.kind, &n.data),
        once_key: &key,
        link: n.link.as_ref().and_then(|l| serde_json::to_value(l).ok()),
        now,
    };
    for id in to {
        let Some(person) = tx.reader().notification_preferences().get_recipient(id)? else { continue };
        let rows = tx.reader().notification_preferences().list(id)?;
        for channel in channel::ALL_CHANNELS {
            let chosen = rows.iter().find(|p| p.kind == n.kind.as_str() && p.channel == channel.name());
            let level = chosen
                .and_then(|p| NotificationLevel::parse(&p.level))
                .unwrap_or_else(|| channel.default_level(n.kind));
            if level != NotificationLevel::Off {
                channel.notify_person(tx, &person, &telling, level)?;
            }
        }
    }
    Ok(())
}

/// The values for a kind's variables: texts truncated, and null for missing ones.
pub(crate) fn kind_data(kind: Kind, input: &Json) -> Map<String, Json> {
    let cut = |json: &Json| match json {
        Json::String(text) if text.chars().count() > MAX_TEXT_CHARS => {
            let short: String = text.chars().take(MAX_TEXT_CHARS - 1).collect();
            Json::from(format!("{short}…"))
        }
        Json::Array(_) | Json::Object(_) => Json::Null,
        other => other.clone(),
    };
    kind.variables().iter().map(|v| ((*v).to_owned(), input.get(v).map_or(Json::Null, cut))).collect()
}
