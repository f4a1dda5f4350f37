//! Drives consumers whose effects are inside: receiving events, their effects and the new position are one transaction. It locks the
//! consumers' rows, so that of several processes one at a time has effects, without a lease; and it does not wait for the disk, because
//! what is lost in a crash is lost as a whole and repeated.
//!
//! Consumers at the same position are driven together, in one transaction, unless they ask to be alone. If one of them fails each continues
//! alone, first with all events, then one by one until it has passed the one that fails.

use super::{Engine, MAX_WAITING_DELIVERIES, retry_at};
use crate::{DeliveryError, DeliveryFailure, TransactionalConsumer};
use cairn_store::events::{ConsumerLease, DeliveryRow, Event};
use cairn_store::{Reader, StoreError, WriteTx};
use std::collections::HashSet;
use std::sync::Arc;

/// The result of delivering events in a transaction.
#[derive(Debug, Clone, Copy)]
struct DeliveryProgress {
    /// The position of the consumers afterwards.
    position: i64,
    /// True if there may be more.
    more: bool,
}

impl Engine {
    /// Drives consumers that are all at `position`, until nothing is left that is due.
    pub(super) async fn drive_transactional(
        &self,
        all: Vec<Arc<dyn TransactionalConsumer>>,
        position: i64,
    ) -> Result<(), StoreError> {
        let heard =
            if all.len() > 1 { self.deliver_until_idle(&all, position).await? } else { Err(DeliveryFailure::new("")) };
        for one in all {
            if heard.is_err() {
                self.drive_one(&one, position).await?;
            }
            self.retry_due(&one).await?;
        }
        Ok(())
    }

    /// Delivers until there is nothing new. The inner error is one consumer's; events before it in the log stay delivered.
    async fn deliver_until_idle(
        &self,
        all: &[Arc<dyn TransactionalConsumer>],
        mut position: i64,
    ) -> Result<Result<(), DeliveryFailure>, StoreError> {
        let batch = all.iter().map(|c| batch_limit(&**c)).min().unwrap_or(1);
        loop {
            match self.deliver_batch(all, position, batch).await? {
                Err(error) => return Ok(Err(error)),
                Ok(Some(heard)) if heard.more => position = heard.position,
                Ok(_) => return Ok(Ok(())),
            }
        }
    }

    async fn drive_one(&self, one: &Arc<dyn TransactionalConsumer>, position: i64) -> Result<(), StoreError> {
        let only = std::slice::from_ref(one);
        // If other processes have moved the consumer on meanwhile, the next pass continues from there.
        let mut position = position;
        // Events that are still to be heard one by one.
        let mut singly = 0;
        loop {
            let limit = if singly > 0 { 1 } else { batch_limit(&**one) };
            match self.deliver_batch(only, position, limit).await? {
                Ok(Some(heard)) if heard.more => position = heard.position,
                Ok(_) => return Ok(()),
                Err(failure) if limit == 1 => match self.park_failed(one, position, failure).await? {
                    Some(parked) => position = parked,
                    None => return Ok(()),
                },
                Err(_) => singly = limit + 1,
            }
            singly -= singly.min(1);
        }
    }

    /// Delivers the next events to consumers at `position`, in one transaction. `None` if none of them exists any more.
    async fn deliver_batch(
        &self,
        all: &[Arc<dyn TransactionalConsumer>],
        position: i64,
        limit: i64,
    ) -> Result<Result<Option<DeliveryProgress>, DeliveryFailure>, StoreError> {
        let (all, now) = (Arc::<[Arc<dyn TransactionalConsumer>]>::from(all), self.now());
        let owner = shared_owner(&all);
        let hear = move |tx: &mut WriteTx<'_>| -> Result<Option<DeliveryProgress>, DriveError> {
            let names: Vec<&str> = all.iter().map(|c| c.name()).collect();
            let mut consumers = tx.consumers().lock(&names)?;
            consumers.retain(|h| h.lease.position == position);
            let events =
                if consumers.is_empty() { Vec::new() } else { tx.reader().events().list_after(position, limit)? };
            let Some(last_position) = events.last().map(|e| e.pos) else { return Ok(None) };
            let mut past: Vec<&ConsumerLease> = Vec::with_capacity(consumers.len());
            for h in &consumers {
                let Some(consumer) = all.iter().find(|c| c.name() == h.lease.consumer) else { continue };
                let blocked_keys = if h.parked { held_keys(&tx.reader(), &**consumer)? } else { HashSet::new() };
                if blocked_keys.len() > MAX_WAITING_DELIVERIES {
                    continue;
                }
                let filter = events.iter().filter(|e| consumer.wants_event(e));
                let (deep, accepted): (Vec<&Event>, Vec<&Event>) =
                    filter.partition(|e| e.depth > consumer.max_cause_depth());
                for event in deep {
                    tx.deliveries().park(&h.lease, event, 1, None, Some(&too_deep_message(event)), now)?;
                    consumer.on_too_deep(tx, event, now)?;
                }
                let (behind, free): (Vec<&Event>, Vec<&Event>) =
                    accepted.into_iter().partition(|e| blocked_keys.contains(&e.event.key));
                if free.len() == events.len() {
                    handle_caused_events(tx, &**consumer, &events)?;
                } else if !free.is_empty() {
                    let free: Vec<Event> = free.into_iter().cloned().collect();
                    handle_caused_events(tx, &**consumer, &free)?;
                }
                for event in behind {
                    tx.deliveries().park(&h.lease, event, 0, None, None, now)?;
                }
                past.push(&h.lease);
            }
            if past.is_empty() {
                return Ok(None);
            }
            tx.consumers().advance_locked(&past, last_position)?;
            Ok(Some(DeliveryProgress { position: last_position, more: events.len() as i64 == limit }))
        };
        split_drive_error(self.write_for(owner, hear).await)
    }

    /// Writes on behalf of the owner if the write may take long.
    async fn write_for<T, F>(&self, owner: Option<String>, write: F) -> Result<T, DriveError>
    where
        T: Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, DriveError> + Clone + Send + 'static,
    {
        match owner {
            Some(owner) => self.store.write_long(&owner, false, write).await,
            None => self.store.write_unsynced(write).await,
        }
    }

    /// Parks the next event after `position`, which failed: it is retried later. Returns the position after it; `None` if the consumer
    /// does not exist any more.
    async fn park_failed(
        &self,
        one: &Arc<dyn TransactionalConsumer>,
        position: i64,
        failure: DeliveryFailure,
    ) -> Result<Option<i64>, StoreError> {
        let (one, now) = (one.clone(), self.now());
        self.store
            .write_unsynced(move |tx| {
                let consumers = tx.consumers().lock(&[one.name()])?;
                let Some(consumer) = consumers.into_iter().find(|h| h.lease.position == position) else {
                    return Ok(None);
                };
                let Some(event) = tx.reader().events().list_after(position, 1)?.pop() else { return Ok(None) };
                let due = retry_at(&*one, 1, &failure, now);
                tx.deliveries().park(&consumer.lease, &event, 1, due, Some(&failure.error), now)?;
                tx.consumers().advance_locked(&[&consumer.lease], event.pos)?;
                Ok(Some(event.pos))
            })
            .await
    }

    /// Retries failed deliveries that are due.
    async fn retry_due(&self, one: &Arc<dyn TransactionalConsumer>) -> Result<(), StoreError> {
        let name = one.name();
        // Nearly always: one look, and nothing to do.
        if !self.store.read(|r| r.deliveries().has_waiting(name))? {
            return Ok(());
        }
        loop {
            let now = self.now();
            let due: Vec<DeliveryRow> = self
                .store
                .read(|r| r.deliveries().find_due(name, one.holds_key_after_dead(), now, batch_limit(&**one)))?;
            if due.is_empty() {
                break;
            }
            for row in due {
                self.retry_delivery(one, row).await?;
            }
        }
        if self.store.read(|r| r.deliveries().find_consumers_with_due(self.now()))?.iter().any(|due| due == name) {
            let (one, now) = (one.clone(), self.now());
            self.store
                .write_unsynced(move |tx| match tx.consumers().lock(&[one.name()])?.pop() {
                    // The remaining deliveries all wait behind others.
                    Some(consumer)
                        if tx
                            .reader()
                            .deliveries()
                            .find_due(one.name(), one.holds_key_after_dead(), now, 1)?
                            .is_empty() =>
                    {
                        tx.deliveries().postpone_blocked(&consumer.lease, now)
                    }
                    _ => Ok(()),
                })
                .await?;
        }
        Ok(())
    }

    pub(super) async fn retry_delivery(
        &self,
        one: &Arc<dyn TransactionalConsumer>,
        row: DeliveryRow,
    ) -> Result<(), StoreError> {
        let (id, attempt, now) = (row.id, row.attempt + 1, self.now());
        let event = row.event.filter(|e| one.wants_event(e)).map(Arc::new);
        let inside = one.clone();
        let hear = move |tx: &mut WriteTx<'_>| -> Result<(), DriveError> {
            let Some(lease) = hold_waiting(tx, &*inside, id)? else { return Ok(()) };
            tx.deliveries().finish(&lease, id, now)?;
            // A delivery whose event is no longer stored, or no longer wanted, is just finished.
            event.as_deref().map_or(Ok(()), |e| handle_caused_events(tx, &*inside, std::slice::from_ref(e)))
        };
        let result = self.write_for(shared_owner(std::slice::from_ref(one)), hear).await;
        let Err(failure) = split_drive_error(result)? else { return Ok(()) };
        let due = retry_at(&**one, attempt, &failure, now);
        let inside = one.clone();
        self.store
            .write_unsynced(move |tx| match hold_waiting(tx, &*inside, id)? {
                Some(consumer_lease) => tx.deliveries().record_failure(&consumer_lease, id, due, &failure.error, now),
                None => Ok(()),
            })
            .await
    }
}

/// The owner of the transactions of a consumer that is alone.
fn shared_owner(all: &[Arc<dyn TransactionalConsumer>]) -> Option<String> {
    match all {
        [one] => one.transaction_owner().map(str::to_owned),
        _ => None,
    }
}

/// Delivers events to a consumer; their effects record that they were caused by them. Of several the one with the longest chain counts.
fn handle_caused_events(
    tx: &mut WriteTx<'_>,
    consumer: &dyn TransactionalConsumer,
    events: &[Event],
) -> Result<(), DriveError> {
    let depth = events.iter().map(|e| e.depth).max().unwrap_or(0);
    tx.set_cause_depth(depth.saturating_add(1));
    let heard = consumer.handle_events(tx, events).map_err(DriveError::from_delivery_error);
    tx.set_cause_depth(0);
    heard
}

/// Explains to people why an event is not delivered.
fn too_deep_message(event: &Event) -> String {
    format!(
        "not delivered: it is the last of {} events in a row, each emitted by a consumer of the one before. This is \
         most likely a loop: a handler that triggers itself",
        event.depth
    )
}

/// Locks a consumer if that delivery of it still waits.
fn hold_waiting(
    tx: &mut WriteTx<'_>,
    one: &dyn TransactionalConsumer,
    id: i64,
) -> Result<Option<ConsumerLease>, StoreError> {
    let Some(consumer) = tx.consumers().lock(&[one.name()])?.pop() else { return Ok(None) };
    Ok(tx.reader().deliveries().is_waiting(id)?.then_some(consumer.lease))
}

fn held_keys(r: &Reader<'_>, one: &dyn TransactionalConsumer) -> Result<HashSet<String>, StoreError> {
    Ok(r.deliveries().find_keys(one.name(), one.holds_key_after_dead())?.into_iter().collect())
}

fn batch_limit(one: &dyn TransactionalConsumer) -> i64 {
    one.batch_size().clamp(1, 1_000) as i64
}

/// The side at fault: an error of the database interrupts, one of the consumer is about the event.
enum DriveError {
    Database(StoreError),
    Delivery(DeliveryFailure),
}

impl From<StoreError> for DriveError {
    fn from(e: StoreError) -> Self {
        Self::Database(e)
    }
}

impl DriveError {
    fn from_delivery_error(e: DeliveryError) -> Self {
        match e {
            DeliveryError::Failed(failure) => Self::Delivery(failure),
            DeliveryError::Store(
                e @ (StoreError::Lost
                | StoreError::Conflict
                | StoreError::Unavailable(_)
                | StoreError::Outdated
                | StoreError::Unwritable(_)
                | StoreError::Closed),
            ) => Self::Database(e),
            DeliveryError::Store(other) => Self::Delivery(DeliveryFailure::new(other.to_string())),
        }
    }
}

fn split_drive_error<T>(result: Result<T, DriveError>) -> Result<Result<T, DeliveryFailure>, StoreError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(DriveError::Delivery(failure)) => Ok(Err(failure)),
        Err(DriveError::Database(error)) => Err(error),
    }
}
