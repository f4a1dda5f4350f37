//! The job that reports changes caused by time alone: each minute, by one query for what is due.

use crate::desk::{Rights, hold};
use crate::settle::{BATCH, settle};
use cairn_events::{Effect, JobHandler, Outcome};
use cairn_store::WriteTx;
use cairn_store::events::{Actor, JobRow};
use futures_util::future::BoxFuture;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Name of the job.
pub const SWEEP: &str = "cairn.rights.sweep";

/// The handler of [`SWEEP`].
pub struct Sweep {
    rights: Rights,
}

impl Sweep {
    /// Creates the handler for a tenant.
    pub fn new(rights: Rights) -> Self {
        Self { rights }
    }
}

impl JobHandler for Sweep {
    fn name(&self) -> &'static str {
        SWEEP
    }

    fn run<'a>(&'a self, _job: &'a JobRow) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let now = self.rights.now();
            let due = match self.rights.store().read(|r| r.due_standings(now, BATCH as i64)) {
                Ok(due) => due,
                Err(error) => return Outcome::failed(error),
            };
            if due.is_empty() {
                return Outcome::done();
            }
            let effect: Effect = Arc::new(move |tx: &mut WriteTx<'_>| {
                hold(tx)?;
                // Another node may have told it meanwhile: what is due is what is due now.
                let due = tx.reader().due_standings(now, BATCH as i64)?;
                settle(tx, &due, &Actor::system("rights"), now).map(drop)
            });
            if due.len() < BATCH {
                return Outcome::Done(Some(effect));
            }
            Outcome::Again { checkpoint: json!({}), after: Duration::ZERO, effect: Some(effect) }
        })
    }
}
