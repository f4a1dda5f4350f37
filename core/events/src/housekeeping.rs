//! Deletes rows that are retained only for a while.

use crate::{JobHandler, Outcome};
use cairn_access::Clock;
use cairn_store::events::JobRow;
use cairn_store::{Store, StoreError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// Retention of events and discarded deliveries.
const EVENTS: Duration = Duration::from_secs(30 * 86_400);
/// Retention of ended jobs.
const JOBS: Duration = Duration::from_secs(7 * 86_400);
/// Retention of delivery attempts to webhooks.
const ATTEMPTS: Duration = Duration::from_secs(14 * 86_400);
/// Number of rows deleted in one transaction.
const ROWS: i64 = 5_000;

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

    fn run<'a>(&'a self, _: &'a JobRow) -> BoxFuture<'a, Outcome> {
        async move {
            let now = crate::millis(self.clock.now());
            let (events, jobs) = (now - EVENTS.as_millis() as i64, now - JOBS.as_millis() as i64);
            let attempts = now - ATTEMPTS.as_millis() as i64;
            let removed = self
                .store
                .write(move |tx| {
                    let removed = tx.purge_events(events, ROWS)? + tx.purge_jobs(jobs, ROWS)?;
                    let removed = removed + tx.purge_webhook_attempts(attempts, ROWS)?;
                    let removed = removed + tx.purge_plugin_entries(now, ROWS)?;
                    Ok::<_, StoreError>(removed + tx.purge_deliveries(events)?)
                })
                .await;
            match removed {
                Ok(n) if n as i64 >= ROWS => Outcome::Again {
                    checkpoint: serde_json::Value::Null,
                    after: Duration::from_millis(50),
                    effect: None,
                },
                Ok(_) => Outcome::done(),
                Err(e) => Outcome::failed(e),
            }
        }
        .boxed()
    }
}
