//! A write on its way to the database: what runs in a transaction, once or again, and where its result waits for the caller.
//!
//! The backends know neither the type of a write nor that of its result: hundreds of writes would otherwise each bring the queue, the
//! retries and the commit along once more.

use super::{WriteTx, cause_depth};
use crate::{Result, StoreError};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often a write may have to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repetition {
    /// This is its only run.
    Never,
    /// Another run may follow, should the transaction lose against others.
    Possible,
}

/// Runs a write, and returns whether to commit it.
type RunWrite = Box<dyn FnMut(&mut WriteTx<'_>, Repetition) -> bool + Send>;

/// A write that waits for its turn.
pub(crate) struct WriteJob {
    run: RunWrite,
    /// Number of events in a row that led to it.
    cause_depth: i64,
    /// Counts the commits of the task that writes.
    commits: Arc<AtomicU64>,
}

/// The result of a write, once it has run.
pub(crate) struct WriteResult<T, E>(Arc<Mutex<Option<Result<T, E>>>>);

impl WriteJob {
    /// Makes a job of a write of the present task, and the place of its result.
    pub(crate) fn new<T, E, F>(write: F, commits: Arc<AtomicU64>) -> (Self, WriteResult<T, E>)
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Clone + Send + 'static,
    {
        let result = Arc::new(Mutex::new(None));
        let (filled, mut write) = (result.clone(), Some(write));
        let run = Box::new(move |tx: &mut WriteTx<'_>, repetition: Repetition| {
            let write = match repetition {
                Repetition::Never => write.take(),
                Repetition::Possible => write.clone(),
            };
            let written = write.map(|write| write(tx));
            let commit = matches!(written, Some(Ok(_)));
            *filled.lock() = written;
            commit
        });
        (Self { run, cause_depth: cause_depth(), commits }, WriteResult(result))
    }

    /// Runs the write, and returns whether to commit it.
    pub(crate) fn run(&mut self, tx: &mut WriteTx<'_>, repetition: Repetition) -> bool {
        tx.set_cause_depth(self.cause_depth);
        let commit = (self.run)(tx, repetition);
        if commit {
            // The counter is raised before the commit, whose outcome may never be known.
            self.commits.fetch_add(1, Ordering::AcqRel);
        }
        commit
    }
}

impl<T, E: From<StoreError>> WriteResult<T, E> {
    /// The result of the last run. `ended`: how the database ended its transaction.
    pub(crate) fn take(self, ended: Result<()>) -> Result<T, E> {
        match (self.0.lock().take(), ended) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.into()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(StoreError::Closed.into()),
        }
    }
}
