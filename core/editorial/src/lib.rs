//! How content teams publish: schedules, releases, review, comments, the content calendar, owners and escalation.
//!
//! [`EditorialService`] is the entry point: each module adds methods to it. Times are milliseconds since 1970 in UTC unless stated otherwise, and come
//! from the clock of the access control.

pub mod calendar;
pub mod comments;
mod due_actions;
mod input;
mod labels;
mod notices;
pub mod owners;
pub mod releases;
mod requested_time;
pub mod review;
pub mod schedules;
mod service;
#[cfg(test)]
mod testing;

pub use due_actions::DueActions;
pub use input::{LocalTime, read_input};
pub use labels::DocumentLabel;
pub use notices::{Notice, NoticeConsumer, NoticeSender, NoticeSubject, NotificationSender};
pub use requested_time::RequestedTime;
pub use service::EditorialService;

use cairn_content::{ContentError, Refusal};
use cairn_events::JobOutcome;
use cairn_store::StoreError;
use cairn_store::events::JobRow;
use serde_json::{Value as Json, json};

/// 400, with a message for people.
fn invalid_request(message: String) -> ContentError {
    ContentError::validation(message)
}

/// A refusal in the form in which it is stored with what failed.
fn refusal_json(refusal: &Refusal) -> Json {
    json!({ "message": refusal.message, "details": refusal.details })
}

/// Number of attempts after errors that are nobody's mistake; then the planned action fails with the last.
const MAX_TRIES: i64 = 40;

/// Ends a job that runs a planned action and ends itself: a refusal is recorded by `fail`, and is final.
async fn finish_job<F>(job: &JobRow, result: cairn_content::Result<()>, fail: impl FnOnce(Json) -> F) -> JobOutcome
where
    F: Future<Output = cairn_content::Result<()>>,
{
    let problem = match result {
        Ok(()) | Err(ContentError::Store(StoreError::Lost)) => return JobOutcome::AlreadyFinished,
        Err(ContentError::Refused(refusal)) => refusal_json(&refusal),
        Err(other) if job.attempt < MAX_TRIES => return JobOutcome::failed(other),
        Err(other) => json!({ "message": other.to_string(), "details": {} }),
    };
    match fail(problem).await {
        Ok(()) | Err(ContentError::Store(StoreError::Lost)) => JobOutcome::AlreadyFinished,
        Err(error) => JobOutcome::failed(error),
    }
}
