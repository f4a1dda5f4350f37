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

pub use headers::WebhookHeaders;
pub use parse::{check_condition, parse_webhook};
pub use save::{SavedWebhook, WebhookSaveError, delete_webhook, rotate_secret, save_webhook};
pub use secrets::{WebhookSecret, WebhookSecrets};
pub use url::check_url;

pub(crate) use parse::parse_changes;

use crate::settings::SecretText as Hidden;
use crate::settings::SettingChange;
use serde_json::Value as Json;

/// The events that a webhook receives if it names none.
pub const DEFAULT_EVENTS: &[&str] = EVENT_NAMES.split_at(9).0;

/// A batch, reported as one event. A webhook that names it does not receive the single events of a batch.
pub const BATCH_EVENT: &str = "entry.batch";

/// The events that a webhook can name. Those behind the first nine are sent only to webhooks that name them.
pub const EVENT_NAMES: &[&str] = &[
    "entry.create",
    "entry.update",
    "entry.delete",
    "entry.publish",
    "entry.unpublish",
    "entry.draft-discard",
    "media.create",
    "media.update",
    "media.delete",
    BATCH_EVENT,
    "asset.rights-expiring",
    "asset.rights-expired",
    "asset.rights-restored",
    "asset.purge",
    "consent.withdrawn",
];

/// The keys of a webhook as JSON.
pub(crate) const WEBHOOK_KEYS: &[&str] =
    &["name", "url", "events", "types", "condition", "headers", "secret", "enabled"];

/// Changes to a webhook: each part stays, becomes its default, or gets a value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WebhookChanges {
    /// Path in the file.
    pub(crate) path: String,
    pub(crate) name: Option<String>,
    /// `Remove` in the settings file deletes the webhook.
    pub(crate) url: SettingChange<String>,
    pub(crate) events: SettingChange<Vec<String>>,
    pub(crate) types: SettingChange<Vec<String>>,
    pub(crate) condition: SettingChange<Json>,
    /// Values by name; `None` retains the stored value.
    pub(crate) headers: SettingChange<Vec<(String, Option<Hidden>)>>,
    pub(crate) secret: SettingChange<Hidden>,
    pub(crate) enabled: SettingChange<bool>,
}
