//! The definition of a webhook: parsed from JSON (the settings file and the admin API alike), checked, and stored. Sending
//! is part of `cairn-events`.
//!
//! Secrets and headers are encrypted before they are stored ([`cairn_access::AccessControl::seal`]); a secret is returned
//! once, when it is created.

mod input;
mod save;

pub use input::{WebhookChanges, parse_webhook};
pub use save::{SavedWebhook, WebhookSaveError, delete_webhook, rotate_secret, save_webhook};

pub(crate) use input::{WebhookName, parse_changes};
