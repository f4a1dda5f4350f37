//! The end of the time in which a survey can be answered.

use super::model::{ResponseState, SurveyResponse};
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The job of the end; its key is the response's id.
pub(crate) const SURVEY_CLOSE_JOB: &str = "survey-close";

/// Payload of the job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SurveyTask {
    response: String,
}

/// Sets the timer of a response, in the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn schedule_closing(response: &str, closes: Instant) -> Result<()> {
    let task = SurveyTask { response: response.to_owned() };
    jobs::timer(SURVEY_CLOSE_JOB).key(response).due(closes).set(&task).map(|_| ())
}

/// A response that nobody gave has expired.
///
/// # Errors
/// What the host says.
pub(crate) fn close_response(task: &SurveyTask) -> Result<()> {
    let id = task.response.as_str();
    run_transaction(|| {
        let response = data::find::<SurveyResponse>().lock().by_ids(&[id])?.pop().flatten();
        match response {
            Some(response) if response.state == ResponseState::Open => {
                data::update::<SurveyResponse>(id, &json!({ "state": ResponseState::Expired })).map(|_| ())
            }
            _ => Ok(()),
        }
    })
}
