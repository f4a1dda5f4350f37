//! Who does jobs.

use crate::Retry;
use cairn_store::events::JobRow;
use cairn_store::{StoreError, WriteTx};
use futures_util::future::BoxFuture;
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;

/// What a job does to the database, in the transaction that ends it: it happens if and only if the job ends so. It may run
/// again from the start where the transaction lost against another.
pub type Effect = Arc<dyn Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Send + Sync>;

/// How many jobs one process does at a time of all handlers that say so together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency<'a> {
    /// What they have in common: `plugin:crm`. The least that one of them says holds.
    pub of: &'a str,
    /// How many. 0: none is begun for now; they wait, and lose no attempt by it.
    pub at_once: usize,
}

/// Does the jobs of one name.
pub trait JobHandler: Send + Sync + 'static {
    /// The name.
    fn name(&self) -> &str;

    /// How many of its jobs are done at a time, so that others have room beside them. Asked before jobs are begun.
    fn concurrency(&self) -> Option<Concurrency<'_>> {
        None
    }

    /// When a job that failed is tried again.
    fn retry(&self) -> Retry {
        Retry::default()
    }

    /// A call that takes longer is dropped, and counts as failed.
    fn timeout(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// Does one. It may be called again for the same job after a crash; `job.attempt` counts.
    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, Outcome>;
}

/// How a call ended.
pub enum Outcome {
    /// Done, with these effects.
    Done(Option<Effect>),
    /// The handler has ended the job itself, with [`WriteTx::job_done`] in a transaction of its own.
    Ended,
    /// Got on: to be called again after a pause, with this checkpoint.
    Again {
        /// For the next call.
        checkpoint: Json,
        /// The pause.
        after: Duration,
        /// What has been done so far.
        effect: Option<Effect>,
    },
    /// To be tried again, as the handler's [`JobHandler::retry`] says.
    Failed {
        /// For people.
        error: String,
        /// Not before.
        retry_after: Option<Duration>,
    },
    /// Not to be tried again.
    Dead(String),
}

impl Outcome {
    /// Done, with nothing more to write.
    pub fn done() -> Self {
        Self::Done(None)
    }

    /// Failed, to be tried again.
    pub fn failed(error: impl ToString) -> Self {
        Self::Failed { error: error.to_string(), retry_after: None }
    }
}
