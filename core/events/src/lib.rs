//! Effects that follow a commit: consumers of the outbox, durable jobs, recurring jobs, the audit log.
//!
//! [`Engine`] drives all of it for one tenant. A [`Consumer`] receives every event: at least once, in order per key. Its effects inside
//! Cairn join the transaction that advances its position, and so happen exactly once ([`TransactionalConsumer`]); effects outside may be repeated after a
//! crash, with the same event id ([`ExternalConsumer`]). A [`JobHandler`] runs work that was enqueued in a transaction; with a
//! [`BatchJobHandler`] many of its jobs run in one transaction.

pub mod admin;
pub mod audit;
mod batches;
mod consumer;
mod cron;
mod engine;
mod job;
pub mod names;
pub mod outbound;
mod retention;
mod retry;
pub mod webhooks;
pub mod zone;

pub use batches::{BATCH_ENDED_EVENT as BATCH_ENDED, BatchConsumer, EndBatchHandler};
pub use consumer::{Consumer, DeliveryError, DeliveryFailure, ExternalConsumer, Subscriber, TransactionalConsumer};
pub use cron::{Cron, CronError, RecurringSchedule};
pub use engine::{Engine, EngineSetup, JobRetryOutcome, RedeliveryOutcome};
pub use job::{
    BatchJobHandler, BatchedOutcome, Concurrency, JobBatchError, JobBatchRun, JobEffect, JobHandler, JobOutcome,
};
pub use retention::Housekeeping;
pub use retry::RetryPolicy;

use chrono::{DateTime, Utc};

/// Milliseconds since 1970, the form of times in the store.
pub fn unix_millis(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}
