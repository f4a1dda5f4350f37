//! Deletes rows that are retained only for a while.

use crate::Notifier;
use cairn_events::{JobHandler, Outcome};
use cairn_store::StoreError;
use cairn_store::events::JobRow;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::time::Duration;

/// Name of the job, which recurs daily.
pub const JOB: &str = "cairn.notify.cleanup";
const DAY: i64 = 86_400_000;
/// Retention of mail bodies, in days.
const BODIES: i64 = 30;
/// Retention of mails and their once-keys, in days: a key may be used again after that.
const MAILS: i64 = 400;
/// Retention of read notifications, and of sent digests, in days.
const READ: i64 = 90;
/// Retention of unread notifications, in days.
const UNREAD: i64 = 400;
/// Number of rows deleted in one transaction.
const ROWS: i64 = 2_000;

pub(crate) struct Cleanup(pub(crate) Notifier);

impl JobHandler for Cleanup {
    fn name(&self) -> &'static str {
        JOB
    }

    fn run<'a>(&'a self, _: &'a JobRow) -> BoxFuture<'a, Outcome> {
        async move {
            let now = self.0.now();
            let before = |days: i64| now - days * DAY;
            let (bodies, mails, read, unread) = (before(BODIES), before(MAILS), before(READ), before(UNREAD));
            let removed = self.0.store().write(move |tx| {
                let most = [
                    tx.purge_mails(bodies, mails, ROWS)?,
                    tx.purge_notifications(read, unread, ROWS)?,
                    tx.purge_digests(read, ROWS)?,
                ];
                Ok::<_, StoreError>(most.into_iter().max().unwrap_or(0))
            });
            match removed.await {
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
