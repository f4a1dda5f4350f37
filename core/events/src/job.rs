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

    /// The handler of several of its jobs at once; `None`: they run one by one.
    fn batches(&self) -> Option<&dyn BatchJobHandler> {
        None
    }
}

/// Handles several jobs with one name in one transaction, which also ends them: the effects of each happen exactly once.
pub trait BatchJobHandler: Send + Sync {
    /// Largest number of jobs in a batch. The engine makes batches smaller where they would take too long.
    fn max_batch_size(&self) -> usize;

    /// Owner of the transactions: see [`cairn_store::Store::write_long`].
    fn transaction_owner(&self) -> &str;

    /// Runs jobs, none of which was tried before since its last checkpoint. May run again from the start if the transaction lost against
    /// another.
    ///
    /// # Errors
    /// All effects are rolled back. Unless the database does not respond, each of the jobs is then run by [`JobHandler::run`].
    fn run_batch(&self, tx: &mut WriteTx<'_>, jobs: &[JobRow]) -> Result<JobBatchRun, JobBatchError>;
}

/// The result of a batch that is kept.
#[derive(Debug)]
pub struct JobBatchRun {
    /// One for each job, in their order.
    pub outcomes: Vec<BatchedOutcome>,
    /// Time that it took, without waits for others: the next batch is as large as fits into its time.
    pub took: Duration,
}

/// The result of one job of a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchedOutcome {
    /// The job is done.
    Done,
    /// The job made progress: it is run again after a pause, with this checkpoint.
    Continue {
        /// Passed to the next run.
        checkpoint: Json,
        /// Time until the next run.
        after: Duration,
    },
}

/// Why a batch was rolled back.
#[derive(Debug)]
pub enum JobBatchError {
    /// An error of the database.
    Store(StoreError),
    /// A job of it failed, or the call as a whole; contains the message for people.
    Failed(String),
    /// It took longer than a batch may take.
    Overrun,
}

impl From<StoreError> for JobBatchError {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
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
