//! The definition of a webhook: parsed from JSON (the settings file and the admin API alike), checked, and stored. Sending
//! is part of `cairn-events`.
//!
//! Secrets and headers are encrypted before they are stored ([`crate::AccessControl::seal`]); a secret is returned
//! once, when it is created.

mod headers;
mod parse;
mod save;
mod secrets;
mod url;

pub use headers::Headers;
pub use parse::{check, parse};
pub use save::{SaveError, Saved, delete, rotate, save};
pub use secrets::{Secret, Secrets};
pub use url::check_url;

pub(crate) use parse::change;

use crate::settings::Change;
use crate::settings::Secret as Hidden;
use serde_json::Value as Json;

/// The events that a webhook receives if it names none.
pub const USUAL: &[&str] = EVENTS.split_at(9).0;

/// A batch, reported as one event. A webhook that names it does not receive the single events of a batch.
pub const BATCH: &str = "entry.batch";

/// The events that a webhook can name. Those behind the first nine are sent only to webhooks that name them.
pub const EVENTS: &[&str] = &[
    "entry.create",
    "entry.update",
    "entry.delete",
    "entry.publish",
    "entry.unpublish",
    "entry.draft-discard",
    "media.create",
    "media.update",
    "media.delete",
    BATCH,
    "asset.rights-expiring",
    "asset.rights-expired",
    "asset.rights-restored",
    "asset.purge",
    "consent.withdrawn",
];

/// The keys of a webhook as JSON.
pub(crate) const KEYS: &[&str] = &["name", "url", "events", "types", "condition", "headers", "secret", "enabled"];

/// Changes to a webhook: each part stays, becomes its default, or gets a value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WebhookChanges {
    /// Path in the file.
    pub(crate) path: String,
    pub(crate) name: Option<String>,
    /// `Remove` in the settings file deletes the webhook.
    pub(crate) url: Change<String>,
    pub(crate) events: Change<Vec<String>>,
    pub(crate) types: Change<Vec<String>>,
    pub(crate) condition: Change<Json>,
    /// Values by name; `None` retains the stored value.
    pub(crate) headers: Change<Vec<(String, Option<Hidden>)>>,
    pub(crate) secret: Change<Hidden>,
    pub(crate) enabled: Change<bool>,
}
