//! Events and work: the outbox and its consumers, jobs, recurring jobs, the audit log.
//!
//! Times are milliseconds since 1970 in UTC and are passed by the caller.

mod actor;
mod audit;
mod audit_batches;
mod batches;
mod consumers;
mod cron;
mod deliveries;
mod jobs;
mod outbox;
mod outbox_row;
#[cfg(test)]
mod tests;
mod webhooks;

pub use actor::{Actor, ActorKind};
pub use audit::{AuditEntry, AuditFilter, NewAuditEntry};
pub use audit_batches::AuditBatch;
pub use batches::BatchRow;
pub use consumers::{ConsumerLease, ConsumerRow, ConsumerState};
pub use cron::{CronRow, MissedRuns, NewRecurring};
pub use deliveries::{DeliveryFilter, DeliveryRow, DeliveryState};
pub use jobs::{
    ClaimShare, ClaimedJobs, DuplicatePolicy, JobClaim, JobFence, JobFilter, JobRow, JobState, NewJob, WorkFilter,
};
pub use outbox::{Event, EventFilter, EventPlacement};
pub use outbox_row::NewEvent;
pub(crate) use outbox_row::PendingEvent;
pub use webhooks::{AttemptRow, NewAttempt, NewWebhook, WebhookRow};
