//! How content teams publish: schedules, releases, review, comments, the content calendar, owners and escalation.
//!
//! [`Desk`] is the entry point: each module adds methods to it. Times are milliseconds since 1970 in UTC unless stated otherwise, and come
//! from the clock of the access control.

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
use cairn_events::Outcome;
use cairn_store::StoreError;
use cairn_store::events::JobRow;
use serde_json::{Value as Json, json};

/// 400, with a message for people.
fn refused(message: String) -> ContentError {
    ContentError::validation(message)
}

/// A refusal in the form in which it is stored with what failed.
fn problem_of(refusal: &Refusal) -> Json {
    json!({ "message": refusal.message, "details": refusal.details })
}

/// Number of attempts after errors that are nobody's mistake; then the planned action fails with the last.
const TRIES: i64 = 40;

/// Ends a job that runs a planned action and ends itself: a refusal is recorded by `fail`, and is final.
async fn ended<F>(job: &JobRow, done: cairn_content::Result<()>, fail: impl FnOnce(Json) -> F) -> Outcome
where
    F: Future<Output = cairn_content::Result<()>>,
{
    let problem = match done {
        Ok(()) | Err(ContentError::Store(StoreError::Lost)) => return Outcome::Ended,
        Err(ContentError::Refused(refusal)) => problem_of(&refusal),
        Err(other) if job.attempt < TRIES => return Outcome::failed(other),
        Err(other) => json!({ "message": other.to_string(), "details": {} }),
    };
    match fail(problem).await {
        Ok(()) | Err(ContentError::Store(StoreError::Lost)) => Outcome::Ended,
        Err(error) => Outcome::failed(error),
    }
}
