//! Deletes rows that are retained only for a while.

use crate::Notifier;
use cairn_events::{JobHandler, JobOutcome};
use cairn_store::StoreError;
use cairn_store::events::JobRow;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::time::Duration;

/// Name of the job, which recurs daily.
pub const CLEANUP_JOB: &str = "cairn.notify.cleanup";
const DAY_MS: i64 = 86_400_000;
/// Retention of mail bodies, in days.
const BODY_RETENTION_DAYS: i64 = 30;
/// Retention of mails and their once-keys, in days: a key may be used again after that.
const MAIL_RETENTION_DAYS: i64 = 400;
/// Retention of read notifications, and of sent digests, in days.
const READ_RETENTION_DAYS: i64 = 90;
/// Retention of unread notifications, in days.
const UNREAD_RETENTION_DAYS: i64 = 400;
/// Number of rows deleted in one transaction.
const MAX_ROWS_PER_TRANSACTION: i64 = 2_000;

pub(crate) struct CleanupJob(pub(crate) Notifier);

impl JobHandler for CleanupJob {
    fn name(&self) -> &'static str {
        CLEANUP_JOB
    }

    fn run<'a>(&'a self, _: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            let now = self.0.now();
            let before = |days: i64| now - days * DAY_MS;
            let (bodies, mails, read, unread) = (
                before(BODY_RETENTION_DAYS),
                before(MAIL_RETENTION_DAYS),
                before(READ_RETENTION_DAYS),
                before(UNREAD_RETENTION_DAYS),
            );
            let removed = self.0.store().write(move |tx| {
                let most = [
                    tx.mails().purge(bodies, mails, MAX_ROWS_PER_TRANSACTION)?,
                    tx.notifications().purge(read, unread, MAX_ROWS_PER_TRANSACTION)?,
                    tx.digests().purge(read, MAX_ROWS_PER_TRANSACTION)?,
                ];
                Ok::<_, StoreError>(most.into_iter().max().unwrap_or(0))
            });
            match removed.await {
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
