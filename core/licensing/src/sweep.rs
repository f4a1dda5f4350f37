//! The job that reports changes caused by time alone: each minute, by one query for what is due.

use crate::service::{LicensingService, lock_licensing};
use crate::usage_changes::{FILE_BATCH_SIZE, update_usage};
use cairn_events::{JobEffect, JobHandler, JobOutcome};
use cairn_store::WriteTx;
use cairn_store::events::{Actor, JobRow};
use futures_util::future::BoxFuture;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Name of the job.
pub const SWEEP_JOB: &str = "cairn.rights.sweep";

/// The handler of [`SWEEP_JOB`].
pub struct LicensingSweep {
    rights: LicensingService,
}

impl LicensingSweep {
    /// Creates the handler for a tenant.
    pub fn new(rights: LicensingService) -> Self {
        Self { rights }
    }
}

impl JobHandler for LicensingSweep {
    fn name(&self) -> &'static str {
        SWEEP_JOB
    }

    fn run<'a>(&'a self, _job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        Box::pin(async move {
            let now = self.rights.now();
            let due = match self.rights.store().read(|r| r.usage_statuses().list_due(now, FILE_BATCH_SIZE as i64)) {
                Ok(due) => due,
                Err(error) => return JobOutcome::failed(error),
            };
            if due.is_empty() {
                return JobOutcome::done();
            }
            let effect: JobEffect = Arc::new(move |tx: &mut WriteTx<'_>| {
                lock_licensing(tx)?;
                // The files are listed again under the lock: another node may have handled them meanwhile.
                let due = tx.reader().usage_statuses().list_due(now, FILE_BATCH_SIZE as i64)?;
                update_usage(tx, &due, &Actor::system("rights"), now).map(drop)
            });
            if due.len() < FILE_BATCH_SIZE {
                return JobOutcome::Done(Some(effect));
            }
            JobOutcome::Continue { checkpoint: json!({}), after: Duration::ZERO, effect: Some(effect) }
        })
    }
}
