//! Tables for notifying people: mails, suppressed addresses, templates, notifications and the preferences of each user.
//!
//! Times are milliseconds since 1970 in UTC and are passed by the caller.

mod addresses;
mod digests;
mod mails;
mod notifications;
mod personal_mails;
mod preferences;
mod templates;

pub use addresses::{Suppression, SuppressionReason};
pub use digests::DigestRow;
pub use mails::{MailFilter, MailOutcome, MailRow, MailState, NewMail, RenderedMail};
pub use notifications::{NewNotification, NotificationRow};
pub use personal_mails::PersonalMail;
pub use preferences::{Person, PreferenceRow};
pub use templates::TemplateRow;

use crate::{Result, StoreError};
use serde_json::Value as Json;

/// Parses JSON that this crate stored.
fn parse_json(place: impl Fn() -> String, text: &str) -> Result<Json> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt { place: place(), message: e.to_string() })
}
