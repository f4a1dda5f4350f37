//! Jobs, again.

use super::report::{ReplayError, ReplayReport, ReplayStatus, failed_dry_run, input_field, require_section};
use crate::contract::bindings::job_handler::exports::cairn::plugin::job_handler as guest;
use crate::exports::jobs::{call_job_handler, job_call_context, job_limits};
use crate::runtime::generation::Generation;
use crate::runtime::invocation::dry_run_call;
use cairn_events::{Engine, JobRetryOutcome};
use cairn_store::StoreError;
use cairn_store::events::JobState;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// Does a job that waits or was given up, as it would be done by itself.
pub(super) async fn replay_job(input: &Json, engine: &Arc<Engine>) -> Result<ReplayReport, ReplayError> {
    let id: i64 = input_field(input, "job")?;
    let became = match engine.run_job_now(id).await {
        Err(StoreError::Lost) => {
            return Err(ReplayError::refused(format!("another process is now running the job {id}")));
        }
        became => became?,
    };
    let build_report =
        |end, message: String, answer| ReplayReport { end, message, answer, took: Duration::ZERO, logs: Vec::new() };
    match became {
        JobRetryOutcome::Tried(row) => {
            let answer =
                json!({ "job": id, "state": row.state.as_str(), "attempt": row.attempt, "checkpoint": row.checkpoint });
            Ok(match (row.state, row.error) {
                (JobState::Done, _) => build_report(ReplayStatus::Worked, format!("the job {id} is finished"), answer),
                (JobState::Waiting, None) => build_report(
                    ReplayStatus::Worked,
                    format!("the job {id} made progress and continues later"),
                    answer,
                ),
                (JobState::Cancelled, _) => build_report(
                    ReplayStatus::AlreadyDone,
                    format!("another job with the same key has replaced {id}"),
                    answer,
                ),
                (_, error) => build_report(
                    ReplayStatus::Failed,
                    error.unwrap_or_else(|| format!("the job {id} failed again")),
                    answer,
                ),
            })
        }
        JobRetryOutcome::NotRetryable(row) => match row.state {
            JobState::Done => {
                let answer = json!({ "job": id, "state": row.state.as_str() });
                Ok(build_report(
                    ReplayStatus::AlreadyDone,
                    format!("the job {id} was finished in the meantime: nothing to do"),
                    answer,
                ))
            }
            state => Err(ReplayError::refused(format!(
                "the job {id} is {}: only waiting and dead jobs can be repeated",
                state.as_str()
            ))),
        },
        JobRetryOutcome::LaneBusy => {
            Err(ReplayError::refused(format!("another job in the lane of {id} is running: try again")))
        }
        JobRetryOutcome::Gone => {
            Err(ReplayError::refused(format!("the job {id} is no longer stored; use a dry run to repeat its call")))
        }
        JobRetryOutcome::NoHandler => {
            Err(ReplayError::refused(format!("the job {id} has no handler: the plugin no longer has this job")))
        }
    }
}

/// Runs a job in a transaction that is rolled back.
pub(super) async fn dry_run_job(
    generation: &Arc<Generation>,
    name: &str,
    input: &Json,
) -> Result<ReplayReport, ReplayError> {
    let manifest_job = generation.manifest.jobs.iter().find(|job| job.name == name);
    let job = require_section(generation, manifest_job, "job", name)?;
    let id: i64 = input_field(input, "job")?;
    let task = guest::Task {
        id: id.to_string(),
        name: name.to_owned(),
        key: input["key"].as_str().map(str::to_owned),
        payload: input["payload"].to_string(),
        due: input["due"].as_i64().unwrap_or_else(|| generation.now()),
        checkpoint: Some(&input["checkpoint"]).filter(|checkpoint| !checkpoint.is_null()).map(Json::to_string),
    };
    let (call_context, limits) = (job_call_context(generation, name, id, 1), job_limits(generation, job));
    let call_outcome = dry_run_call(generation, call_context, limits, async |store, call| {
        call_job_handler(generation, store, call, &task).await
    })
    .await?;
    let outcome = match call_outcome.result {
        Err(failure) => return Ok(failed_dry_run(&failure, call_outcome.took, call_outcome.logs)),
        Ok(outcome) => outcome,
    };
    let parse_value = |text: String| serde_json::from_str(&text).unwrap_or(Json::String(text));
    let (end, message, answer) = match outcome {
        guest::Outcome::Done(result) => {
            let answer = json!({ "outcome": "done", "result": result.map(parse_value) });
            (ReplayStatus::Worked, "it would finish; all changes were rolled back".to_owned(), answer)
        }
        guest::Outcome::Again((checkpoint, after)) => {
            let answer = json!({ "outcome": "again", "checkpoint": parse_value(checkpoint), "afterMs": after });
            (
                ReplayStatus::Worked,
                "it would continue from a checkpoint; all changes were rolled back".to_owned(),
                answer,
            )
        }
        guest::Outcome::Retry((why, _)) => (ReplayStatus::Failed, why, json!({ "outcome": "retry" })),
        guest::Outcome::Dead(why) => (ReplayStatus::Failed, why, json!({ "outcome": "dead" })),
    };
    Ok(ReplayReport { end, message, answer, took: call_outcome.took, logs: call_outcome.logs })
}
