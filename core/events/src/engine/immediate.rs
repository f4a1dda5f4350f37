//! Immediate retries of a failed delivery or job, with a report of the result. They run as they would by themselves at their time, so
//! nothing takes effect twice, whoever else works on it.

use super::{EndCounter, Engine};
use crate::Subscriber;
use cairn_store::StoreError;
use cairn_store::events::{ConsumerState, DeliveryState, JobRow, JobState};

/// The result of delivering an event again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedeliveryOutcome {
    /// It was delivered now.
    Delivered,
    /// It had been delivered before: nothing was done.
    AlreadyDelivered,
    /// It is not delivered yet, and will be.
    Pending,
    /// An earlier event with its key failed, and comes first.
    Behind,
    /// Somebody discarded it; contains their reason.
    Discarded(String),
    /// It failed again; contains the error.
    Failed(String),
    /// The consumer is stopped, or none with that name exists here.
    Stopped,
}

/// The result of running a job.
#[derive(Debug, Clone, PartialEq)]
pub enum JobRetryOutcome {
    /// It ran, as the row says; if it failed again the row contains the error.
    Tried(Box<JobRow>),
    /// It was neither waiting nor dead: nothing was done. Contains the row.
    NotRetryable(Box<JobRow>),
    /// Another job of its lane is running.
    LaneBusy,
    /// The job does not exist any more.
    Gone,
    /// No handler here runs jobs with its name.
    NoHandler,
}

impl Engine {
    /// Delivers the event at a position to a consumer once more, if it has not received it: one that waits for a
    /// retry, or that was given up.
    ///
    /// # Errors
    /// Returns an error if the database does not respond; then nothing was done.
    pub async fn deliver_now(&self, consumer: &str, place: i64) -> Result<RedeliveryOutcome, StoreError> {
        let transactional_consumer = self.all_subscribers().into_iter().find_map(|subscriber| match subscriber {
            Subscriber::Transactional(one) if one.name() == consumer => Some(one),
            _ => None,
        });
        let Some(one) = transactional_consumer else { return Ok(RedeliveryOutcome::Stopped) };
        let name = one.name();
        let (row, deliveries) = self.store.read(|r| {
            let row = r.consumers().list()?.into_iter().find(|row| row.name == name);
            Ok::<_, StoreError>((row, r.deliveries().list_at(name, place)?))
        })?;
        let Some(row) = row.filter(|row| row.state == ConsumerState::Active) else {
            return Ok(RedeliveryOutcome::Stopped);
        };
        let open = |state| matches!(state, DeliveryState::Waiting | DeliveryState::Dead);
        let Some(delivery) = deliveries.iter().find(|delivery| open(delivery.state)) else {
            return Ok(match deliveries.first() {
                Some(discarded) => RedeliveryOutcome::Discarded(discarded.reason.clone().unwrap_or_default()),
                None if place > row.position => RedeliveryOutcome::Pending,
                None => RedeliveryOutcome::AlreadyDelivered,
            });
        };
        let id = delivery.id;
        if self.store.read(|r| r.deliveries().is_behind_another(id, one.holds_key_after_dead()))? {
            return Ok(RedeliveryOutcome::Behind);
        }
        let delivery = match delivery.state {
            DeliveryState::Waiting => delivery.clone(),
            _ => {
                let (consumer, now) = (name.to_owned(), self.now());
                self.store.write(move |tx| tx.deliveries().retry(&consumer, Some(id), now)).await?;
                let rows = self.store.read(|r| r.deliveries().list_at(name, place))?;
                match rows.into_iter().find(|retried| retried.id == id) {
                    Some(delivery_row) => delivery_row,
                    None => return Ok(RedeliveryOutcome::AlreadyDelivered),
                }
            }
        };
        self.retry_delivery(&one, delivery).await?;
        let left = self.store.read(|r| r.deliveries().list_at(name, place))?.into_iter().find(|left| left.id == id);
        Ok(match left {
            Some(left) => RedeliveryOutcome::Failed(left.error.unwrap_or_default()),
            None => RedeliveryOutcome::Delivered,
        })
    }

    /// Runs a job that waits or was given up, whenever it is due, and returns when it has ended.
    ///
    /// # Errors
    /// Returns an error if the database does not respond. [`StoreError::Lost`] if another process runs it by now.
    pub async fn run_job_now(&self, id: i64) -> Result<JobRetryOutcome, StoreError> {
        let Some(row) = self.store.read(|r| r.jobs().get(id))? else { return Ok(JobRetryOutcome::Gone) };
        let handlers = self.handlers.read().by_name();
        let Some(handler) = handlers.get(row.name.as_str()).cloned() else { return Ok(JobRetryOutcome::NoHandler) };
        // Jobs on demand count towards the limit of workers too.
        let permit = self.worker_permits(&*handler).acquire_owned().await;
        let guards = (EndCounter(self.ended.clone()), permit, self.shares.count_job(&*handler));
        let (holder, now) = (self.holder.clone(), self.now());
        let until = now + super::LEASE_DURATION.as_millis() as i64;
        let claimed = self.store.write(move |tx| tx.jobs().claim_by_id(id, &holder, now, until)).await?;
        let Some(job) = claimed else {
            return Ok(match self.store.read(|r| r.jobs().get(id))? {
                None => JobRetryOutcome::Gone,
                Some(row) if matches!(row.state, JobState::Waiting | JobState::Dead) => JobRetryOutcome::LaneBusy,
                Some(row) => JobRetryOutcome::NotRetryable(Box::new(row)),
            });
        };
        self.run_job(&*handler, job).await?;
        drop(guards);
        Ok(match self.store.read(|r| r.jobs().get(id))? {
            Some(row) => JobRetryOutcome::Tried(Box::new(row)),
            None => JobRetryOutcome::Gone,
        })
    }
}
