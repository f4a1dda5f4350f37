//! How content teams publish: schedules, releases, review, comments, the content calendar, owners and escalation.

pub mod releases;
pub mod schedules;
#[cfg(test)]
mod testing;
mod when;

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
