//! Deletes rows that are retained only for a while.

use crate::{JobHandler, JobOutcome};
use cairn_access::Clock;
use cairn_store::events::JobRow;
use cairn_store::{Store, StoreError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// Retention of events and discarded deliveries.
const EVENT_RETENTION: Duration = Duration::from_secs(30 * 86_400);
/// Retention of ended jobs.
const JOB_RETENTION: Duration = Duration::from_secs(7 * 86_400);
/// Retention of delivery attempts to webhooks.
const ATTEMPT_RETENTION: Duration = Duration::from_secs(14 * 86_400);
/// Number of rows deleted in one transaction.
const MAX_ROWS_PER_TRANSACTION: i64 = 5_000;

/// Handler of the job `cairn.housekeeping`.
pub struct Housekeeping {
    /// Database of the tenant.
    pub store: Store,
    /// Source of the time.
    pub clock: Arc<dyn Clock>,
}

impl JobHandler for Housekeeping {
    fn name(&self) -> &'static str {
        "cairn.housekeeping"
    }

    fn run<'a>(&'a self, _: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            let now = crate::unix_millis(self.clock.now());
            let (events, jobs) = (now - EVENT_RETENTION.as_millis() as i64, now - JOB_RETENTION.as_millis() as i64);
            let attempts = now - ATTEMPT_RETENTION.as_millis() as i64;
            let removed = self
                .store
                .write(move |tx| {
                    let removed = tx.events().purge(events, MAX_ROWS_PER_TRANSACTION)?
                        + tx.jobs().purge(jobs, MAX_ROWS_PER_TRANSACTION)?;
                    let removed = removed + tx.webhooks().purge_attempts(attempts, MAX_ROWS_PER_TRANSACTION)?;
                    let removed = removed + tx.plugin_kv().purge(now, MAX_ROWS_PER_TRANSACTION)?;
                    Ok::<_, StoreError>(removed + tx.deliveries().purge(events)?)
                })
                .await;
            match removed {
                Ok(n) if n as i64 >= MAX_ROWS_PER_TRANSACTION => JobOutcome::Continue {
                    checkpoint: serde_json::Value::Null,
                    after: Duration::from_millis(50),
                    effect: None,
                },
                Ok(_) => JobOutcome::done(),
                Err(e) => JobOutcome::failed(e),
            }
        }
        .boxed()
    }
}
