//! How content teams publish: schedules, releases, review, comments, the content calendar, owners and escalation.
//!
//! [`Desk`] is where people come to: each file beside it adds what can be asked of it. Times are milliseconds since 1970 in UTC
//! unless something else is said, and come from the clock of the access control.

pub mod calendar;
pub mod comments;
mod desk;
mod input;
mod labels;
mod notices;
pub mod owners;
pub mod releases;
pub mod review;
pub mod schedules;
#[cfg(test)]
mod testing;
mod when;

pub use desk::Desk;
pub use input::{LocalTime, read};
pub use labels::Label;
pub use notices::{About, Notice, Notices, Notifications, Notifier};
pub use when::When;

use cairn_content::{ContentError, Refusal};
use serde_json::{Value as Json, json};

/// 400.
fn refused(message: String) -> ContentError {
    ContentError::validation(message)
}

/// A refusal as it is kept with what failed.
fn problem_of(refusal: &Refusal) -> Json {
    json!({ "message": refusal.message, "details": refusal.details })
}
