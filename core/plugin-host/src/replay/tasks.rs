//! Jobs, again.

use super::{End, NotReplayed, Replayed, failed, field, section};
use crate::bindings::job_handler::exports::cairn::plugin::job_handler as guest;
use crate::call::rehearsed;
use crate::generation::Generation;
use crate::jobs::{asked, limits, run};
use cairn_events::{Engine, Redone};
use cairn_store::StoreError;
use cairn_store::events::JobState;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// Does a job that waits or was given up, as it would be done by itself.
pub(super) async fn again(input: &Json, engine: &Arc<Engine>) -> Result<Replayed, NotReplayed> {
    let id: i64 = field(input, "job")?;
    let became = match engine.do_now(id).await {
        Err(StoreError::Lost) => {
            return Err(NotReplayed::refused(format!("another process is now running the job {id}")));
        }
        became => became?,
    };
    let told = |end, message: String, answer| Replayed { end, message, answer, took: Duration::ZERO, logs: Vec::new() };
    match became {
        Redone::Tried(row) => {
            let answer =
                json!({ "job": id, "state": row.state.as_str(), "attempt": row.attempt, "checkpoint": row.checkpoint });
            Ok(match (row.state, row.error) {
                (JobState::Done, _) => told(End::Worked, format!("the job {id} is finished"), answer),
                (JobState::Waiting, None) => {
                    told(End::Worked, format!("the job {id} made progress and continues later"), answer)
                }
                (JobState::Cancelled, _) => {
                    told(End::Before, format!("another job with the same key has replaced {id}"), answer)
                }
                (_, error) => told(End::Failed, error.unwrap_or_else(|| format!("the job {id} failed again")), answer),
            })
        }
        Redone::Not(row) => match row.state {
            JobState::Done => {
                let answer = json!({ "job": id, "state": row.state.as_str() });
                Ok(told(End::Before, format!("the job {id} was finished in the meantime: nothing to do"), answer))
            }
            state => Err(NotReplayed::refused(format!(
                "the job {id} is {}: only waiting and dead jobs can be repeated",
                state.as_str()
            ))),
        },
        Redone::LaneBusy => Err(NotReplayed::refused(format!("another job in the lane of {id} is running: try again"))),
        Redone::Gone => {
            Err(NotReplayed::refused(format!("the job {id} is no longer stored; use a dry run to repeat its call")))
        }
        Redone::NoHandler => {
            Err(NotReplayed::refused(format!("the job {id} has no handler: the plugin no longer has this job")))
        }
    }
}

/// Does what a job was asked for, in a transaction that is undone.
pub(super) async fn rehearse(generation: &Arc<Generation>, name: &str, input: &Json) -> Result<Replayed, NotReplayed> {
    let known = generation.manifest.jobs.iter().find(|job| job.name == name);
    let job = section(generation, known, "job", name)?;
    let id: i64 = field(input, "job")?;
    let task = guest::Task {
        id: id.to_string(),
        name: name.to_owned(),
        key: input["key"].as_str().map(str::to_owned),
        payload: input["payload"].to_string(),
        due: input["due"].as_i64().unwrap_or_else(|| generation.now()),
        checkpoint: Some(&input["checkpoint"]).filter(|checkpoint| !checkpoint.is_null()).map(Json::to_string),
    };
    let (asked, limits) = (asked(generation, name, id, 1), limits(generation, job));
    let ended =
        rehearsed(generation, asked, limits, async |store, call| run(generation, store, call, &task).await).await?;
    let outcome = match ended.result {
        Err(failure) => return Ok(failed(&failure, ended.took, ended.logs)),
        Ok(outcome) => outcome,
    };
    let shown = |text: String| serde_json::from_str(&text).unwrap_or(Json::String(text));
    let (end, message, answer) = match outcome {
        guest::Outcome::Done(result) => {
            let answer = json!({ "outcome": "done", "result": result.map(shown) });
            (End::Worked, "it would finish; all changes were rolled back".to_owned(), answer)
        }
        guest::Outcome::Again((checkpoint, after)) => {
            let answer = json!({ "outcome": "again", "checkpoint": shown(checkpoint), "afterMs": after });
            (End::Worked, "it would continue from a checkpoint; all changes were rolled back".to_owned(), answer)
        }
        guest::Outcome::Retry((why, _)) => (End::Failed, why, json!({ "outcome": "retry" })),
        guest::Outcome::Dead(why) => (End::Failed, why, json!({ "outcome": "dead" })),
    };
    Ok(Replayed { end, message, answer, took: ended.took, logs: ended.logs })
}
