//! Handlers of jobs.

use crate::RetryPolicy;
use cairn_store::events::JobRow;
use cairn_store::{StoreError, WriteTx};
use futures_util::future::BoxFuture;
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;

/// Changes of a job to the database, in the transaction that ends it: they are made if and only if the job ends in this way. May run again
/// from the start if the transaction lost against another.
pub type JobEffect = Arc<dyn Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Send + Sync>;

/// How many jobs one process runs at a time, for all handlers with one share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency<'a> {
    /// Name of the share: `plugin:crm`. The smallest limit among its handlers applies.
    pub of: &'a str,
    /// Number of jobs. 0: none is begun; they wait, and lose no attempt by it.
    pub at_once: usize,
}

/// Handles the jobs with one name.
pub trait JobHandler: Send + Sync + 'static {
    /// Name of the jobs.
    fn name(&self) -> &str;

    /// How many of its jobs run at a time, so that others have room beside them. Called before jobs are begun.
    fn concurrency(&self) -> Option<Concurrency<'_>> {
        None
    }

    /// When a failed job is retried.
    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy::default()
    }

    /// Time limit of a run; one that takes longer is dropped, and counts as failed.
    fn timeout(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// Runs a job. May be called again for the same job after a crash; `job.attempt` counts.
    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome>;
}

/// The result of a run.
pub enum JobOutcome {
    /// The job is done, with these effects.
    Done(Option<JobEffect>),
    /// The handler has ended the job itself, with [`jobs().finish`](cairn_store::namespaces::Jobs::finish) in a separate transaction.
    AlreadyFinished,
    /// The job made progress: it is run again after a pause, with this checkpoint.
    Continue {
        /// Passed to the next run.
        checkpoint: Json,
        /// Time until the next run.
        after: Duration,
        /// Effects of the run so far.
        effect: Option<JobEffect>,
    },
    /// The job failed and is retried, as the handler's [`JobHandler::retry_policy`] says.
    Failed {
        /// Error message for people.
        error: String,
        /// Earliest time of the next attempt.
        retry_after: Option<Duration>,
    },
    /// The job failed and is not retried.
    Dead(String),
}

impl JobOutcome {
    /// The job is done, with nothing more to write.
    pub fn done() -> Self {
        Self::Done(None)
    }

    /// The job failed and is retried.
    pub fn failed(error: impl ToString) -> Self {
        Self::Failed { error: error.to_string(), retry_after: None }
    }
}
