//! The job that takes the steps of an erasure.

use super::PersonalData;
use super::erasure::StepOutcome;
use cairn_events::{JobHandler, JobOutcome};
use cairn_store::events::{DuplicatePolicy, JobRow, NewJob};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Name of the jobs.
const JOB_NAME: &str = "cairn.personal-data.erase";
/// Steps of a run; the job then comes again.
const STEPS_PER_RUN: usize = 20;
/// Pause before a plugin without capacity is asked again.
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// The job `cairn.personal-data.erase`.
pub(crate) struct ErasureJob {
    pub(crate) personal_data: PersonalData,
}

impl ErasureJob {
    /// The job of an erasure.
    pub(super) fn new_job(erasure: i64, now: i64) -> NewJob {
        NewJob {
            name: JOB_NAME.to_owned(),
            key: Some(erasure.to_string()),
            duplicate: DuplicatePolicy::Keep,
            lane: None,
            payload: json!({ "erasure": erasure }),
            due: now,
        }
    }

    async fn run_steps(&self, job: &JobRow) -> JobOutcome {
        let again = |after| JobOutcome::Continue { checkpoint: Json::Null, after, effect: None };
        let Some(erasure) = job.payload["erasure"].as_i64() else {
            return JobOutcome::Dead("it names no erasure".to_owned());
        };
        for _ in 0..STEPS_PER_RUN {
            match self.personal_data.run_step(erasure).await {
                Ok(StepOutcome::More) => {}
                Ok(StepOutcome::Busy) => return again(BUSY_PAUSE),
                Ok(StepOutcome::Finished) => return JobOutcome::done(),
                Err(error) => return JobOutcome::failed(error),
            }
        }
        again(Duration::ZERO)
    }
}

impl JobHandler for ErasureJob {
    fn name(&self) -> &'static str {
        JOB_NAME
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        self.run_steps(job).boxed()
    }
}
