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
#[cfg(test)]
mod tests;
mod webhooks;

pub use actor::{Actor, ActorKind};
pub use audit::{AuditEntry, AuditFilter, NewAuditEntry};
pub use audit_batches::AuditBatch;
pub use batches::BatchRow;
pub use consumers::{ConsumerRow, ConsumerState, Drive};
pub use cron::{CronRow, Missed, NewRecurring};
pub use deliveries::{DeliveryFilter, DeliveryRow, DeliveryState};
pub use jobs::{Claim, Duplicate, Duties, Fence, JobFilter, JobRow, JobState, NewJob, Share};
pub(crate) use outbox::Unwritten;
pub use outbox::{Event, EventFilter, NewEvent, Placed};
pub use webhooks::{AttemptRow, NewAttempt, NewWebhook, WebhookRow};
