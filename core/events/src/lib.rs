//! What follows from a commit: consumers of the outbox, durable jobs, recurring jobs, the audit log.
//!
//! [`Engine`] drives all of it for one tenant. A [`Consumer`] receives every event: at least once, in order per key. Its effects inside
//! Cairn join the transaction that advances its position, and so happen exactly once ([`Inside`]); effects outside may be repeated after a
//! crash, with the same event id ([`Outside`]). A [`JobHandler`] runs work that was enqueued in a transaction.

pub mod admin;
pub mod audit;
mod batches;
mod consumer;
mod cron;
mod engine;
mod housekeeping;
mod job;
pub mod outbound;
mod retry;
pub mod webhooks;
pub mod zone;

pub use batches::{Batches, ENDED as BATCH_ENDED, EndBatch};
pub use consumer::{Consumer, Failure, Inside, Outside, Subscriber, Unheard};
pub use cron::{Cron, CronError, Schedule};
pub use engine::{Engine, Redelivered, Redone, Setup};
pub use housekeeping::Housekeeping;
pub use job::{Concurrency, Effect, JobHandler, Outcome};
pub use retry::Retry;

use chrono::{DateTime, Utc};

/// Milliseconds since 1970, the form of times in the store.
pub fn millis(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}
