//! What a webhook is to be: read from JSON (the settings file and the admin API alike), checked, and stored. Sending is
//! `cairn-events`.
//!
//! Secrets and headers are sealed before they are stored ([`crate::AccessControl::seal`]); a secret is told once, when it is made.

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

/// The events that a webhook is told of where it names none.
pub const USUAL: &[&str] = EVENTS.split_at(9).0;

/// What was done in one go, told as a whole. A webhook that names it is not told of each event of such a go by itself.
pub const BATCH: &str = "entry.batch";

/// The events that a webhook can name. Those behind the first nine are told of where they are named, and only there.
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

/// What is said of a webhook: each part stays, becomes its default, or becomes something.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WebhookChanges {
    /// Where it is in the file.
    pub(crate) path: String,
    pub(crate) name: Option<String>,
    /// `Remove` in the settings file: the webhook goes.
    pub(crate) url: Change<String>,
    pub(crate) events: Change<Vec<String>>,
    pub(crate) types: Change<Vec<String>>,
    pub(crate) condition: Change<Json>,
    /// By name; `None` keeps the value that is stored.
    pub(crate) headers: Change<Vec<(String, Option<Hidden>)>>,
    pub(crate) secret: Change<Hidden>,
    pub(crate) enabled: Change<bool>,
}
