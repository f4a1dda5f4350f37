//! Drives consumers whose effects are inside: receiving events, their effects and the new position are one transaction. It locks the
//! consumers' rows, so that of several processes one at a time has effects, without a lease; and it does not wait for the disk, because
//! what is lost in a crash is lost as a whole and repeated.
//!
//! Consumers at the same position are driven together, in one transaction, unless they ask to be alone. If one of them fails each continues
//! alone, first with all events, then one by one until it has passed the one that fails.

use super::{Engine, WAITING, again_at};
use crate::{Failure, Inside, Unheard};
use cairn_store::events::{DeliveryRow, Drive, Event};
use cairn_store::{Reader, StoreError, WriteTx};
use std::collections::HashSet;
use std::sync::Arc;

/// The result of delivering events in a transaction.
#[derive(Debug, Clone, Copy)]
struct Heard {
    /// The position of the consumers afterwards.
    position: i64,
    /// Whether there may be more.
    more: bool,
}

impl Engine {
    /// Drives consumers that are all at `position`, until nothing is left that is due.
    pub(super) async fn drive_inside(&self, all: Vec<Arc<dyn Inside>>, position: i64) -> Result<(), StoreError> {
        let heard = if all.len() > 1 { self.hear_on(&all, position).await? } else { Err(Failure::new("")) };
        for one in all {
            if heard.is_err() {
                self.drive_one(&one, position).await?;
            }
            self.retry_due(&one).await?;
        }
        Ok(())
    }

    /// Delivers until there is nothing new. The inner error is one consumer's; events before it in the log stay delivered.
    async fn hear_on(&self, all: &[Arc<dyn Inside>], mut position: i64) -> Result<Result<(), Failure>, StoreError> {
        let batch = all.iter().map(|c| batch(&**c)).min().unwrap_or(1);
        loop {
            match self.hear(all, position, batch).await? {
                Err(error) => return Ok(Err(error)),
                Ok(Some(heard)) if heard.more => position = heard.position,
                Ok(_) => return Ok(Ok(())),
            }
        }
    }

    async fn drive_one(&self, one: &Arc<dyn Inside>, position: i64) -> Result<(), StoreError> {
        let only = std::slice::from_ref(one);
        // Where others have got it on meanwhile, it goes on from there with the next pass.
        let mut position = position;
        // Events that are still to be heard one by one.
        let mut singly = 0;
        loop {
            let limit = if singly > 0 { 1 } else { batch(&**one) };
            match self.hear(only, position, limit).await? {
                Ok(Some(heard)) if heard.more => position = heard.position,
                Ok(_) => return Ok(()),
                Err(failure) if limit == 1 => match self.park(one, position, failure).await? {
                    Some(parked) => position = parked,
                    None => return Ok(()),
                },
                Err(_) => singly = limit + 1,
            }
            singly -= singly.min(1);
        }
    }

    /// Delivers the next events to consumers at `position`, in one transaction. `None` if none of them exists any more.
    async fn hear(
        &self,
        all: &[Arc<dyn Inside>],
        position: i64,
        limit: i64,
    ) -> Result<Result<Option<Heard>, Failure>, StoreError> {
        let (all, now) = (Arc::<[Arc<dyn Inside>]>::from(all), self.now());
        let owner = owner(&all);
        let hear = move |tx: &mut WriteTx<'_>| -> Result<Option<Heard>, Trouble> {
            let names: Vec<&str> = all.iter().map(|c| c.name()).collect();
            let mut held = tx.hold_consumers(&names)?;
            held.retain(|h| h.drive.position == position);
            let events = if held.is_empty() { Vec::new() } else { tx.reader().events_after(position, limit)? };
            let Some(last) = events.last().map(|e| e.pos) else { return Ok(None) };
            let mut past: Vec<&Drive> = Vec::with_capacity(held.len());
            for h in &held {
                let Some(consumer) = all.iter().find(|c| c.name() == h.drive.consumer) else { continue };
                let waiting = if h.parked { waiting(&tx.reader(), &**consumer)? } else { HashSet::new() };
                if waiting.len() > WAITING {
                    continue;
                }
                let wanted = events.iter().filter(|e| consumer.wants(e));
                let (deep, wanted): (Vec<&Event>, Vec<&Event>) = wanted.partition(|e| e.depth > consumer.deepest());
                for event in deep {
                    tx.park_delivery(&h.drive, event, 1, None, Some(&too_deep(event)), now)?;
                    consumer.too_deep(tx, event, now)?;
                }
                let (behind, free): (Vec<&Event>, Vec<&Event>) =
                    wanted.into_iter().partition(|e| waiting.contains(&e.event.key));
                if free.len() == events.len() {
                    hear_caused(tx, &**consumer, &events)?;
                } else if !free.is_empty() {
                    let free: Vec<Event> = free.into_iter().cloned().collect();
                    hear_caused(tx, &**consumer, &free)?;
                }
                for event in behind {
                    tx.park_delivery(&h.drive, event, 0, None, None, now)?;
                }
                past.push(&h.drive);
            }
            if past.is_empty() {
                return Ok(None);
            }
            tx.advance_held(&past, last)?;
            Ok(Some(Heard { position: last, more: events.len() as i64 == limit }))
        };
        settled(self.write_for(owner, hear).await)
    }

    /// Writes on behalf of the owner if the write may take long.
    async fn write_for<T, F>(&self, owner: Option<String>, write: F) -> Result<T, Trouble>
    where
        T: Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, Trouble> + Clone + Send + 'static,
    {
        match owner {
            Some(owner) => self.store.write_long(&owner, false, write).await,
            None => self.store.write_unsynced(write).await,
        }
    }

    /// Parks the next event after `position`, which failed: it is retried later. Returns the position after it; `None` if the consumer
    /// does not exist any more.
    async fn park(&self, one: &Arc<dyn Inside>, position: i64, failure: Failure) -> Result<Option<i64>, StoreError> {
        let (one, now) = (one.clone(), self.now());
        self.store
            .write_unsynced(move |tx| {
                let held = tx.hold_consumers(&[one.name()])?;
                let Some(held) = held.into_iter().find(|h| h.drive.position == position) else { return Ok(None) };
                let Some(event) = tx.reader().events_after(position, 1)?.pop() else { return Ok(None) };
                let due = again_at(&*one, 1, &failure, now);
                tx.park_delivery(&held.drive, &event, 1, due, Some(&failure.error), now)?;
                tx.advance_held(&[&held.drive], event.pos)?;
                Ok(Some(event.pos))
            })
            .await
    }

    /// Retries failed deliveries that are due.
    async fn retry_due(&self, one: &Arc<dyn Inside>) -> Result<(), StoreError> {
        let name = one.name();
        // Nearly always: one look, and nothing to do.
        if !self.store.read(|r| r.has_deliveries(name))? {
            return Ok(());
        }
        loop {
            let now = self.now();
            let due: Vec<DeliveryRow> = self.store.read(|r| r.due_deliveries(name, one.holds(), now, batch(&**one)))?;
            if due.is_empty() {
                break;
            }
            for row in due {
                self.retry(one, row).await?;
            }
        }
        if self.store.read(|r| r.consumers_with_due(self.now()))?.iter().any(|due| due == name) {
            let (one, now) = (one.clone(), self.now());
            self.store
                .write_unsynced(move |tx| match tx.hold_consumers(&[one.name()])?.pop() {
                    // Only what waits behind something else is left.
                    Some(held) if tx.reader().due_deliveries(one.name(), one.holds(), now, 1)?.is_empty() => {
                        tx.hold_back(&held.drive, now)
                    }
                    _ => Ok(()),
                })
                .await?;
        }
        Ok(())
    }

    pub(super) async fn retry(&self, one: &Arc<dyn Inside>, row: DeliveryRow) -> Result<(), StoreError> {
        let (id, attempt, now) = (row.id, row.attempt + 1, self.now());
        let event = row.event.filter(|e| one.wants(e)).map(Arc::new);
        let inside = one.clone();
        let hear = move |tx: &mut WriteTx<'_>| -> Result<(), Trouble> {
            let Some(held) = hold_waiting(tx, &*inside, id)? else { return Ok(()) };
            tx.delivered(&held, id, now)?;
            // One that is no longer kept, or no longer wanted, just goes.
            event.as_deref().map_or(Ok(()), |e| hear_caused(tx, &*inside, std::slice::from_ref(e)))
        };
        let done = self.write_for(owner(std::slice::from_ref(one)), hear).await;
        let Err(failure) = settled(done)? else { return Ok(()) };
        let due = again_at(&**one, attempt, &failure, now);
        let inside = one.clone();
        self.store
            .write_unsynced(move |tx| match hold_waiting(tx, &*inside, id)? {
                Some(held) => tx.delivery_failed(&held, id, due, &failure.error, now),
                None => Ok(()),
            })
            .await
    }
}

/// The owner of the transactions of a consumer that is alone.
fn owner(all: &[Arc<dyn Inside>]) -> Option<String> {
    match all {
        [one] => one.owner().map(str::to_owned),
        _ => None,
    }
}

/// Delivers events to a consumer; their effects record that they were caused by them. Of several the one with the longest chain counts.
fn hear_caused(tx: &mut WriteTx<'_>, consumer: &dyn Inside, events: &[Event]) -> Result<(), Trouble> {
    let depth = events.iter().map(|e| e.depth).max().unwrap_or(0);
    tx.set_cause_depth(depth.saturating_add(1));
    let heard = consumer.hear(tx, events).map_err(Trouble::of);
    tx.set_cause_depth(0);
    heard
}

/// Explains to people why an event is not delivered.
fn too_deep(event: &Event) -> String {
    format!(
        "not delivered: it is the last of {} events in a row, each emitted by a consumer of the one before. This is \
         most likely a loop: a handler that triggers itself",
        event.depth
    )
}

/// Locks a consumer if that delivery of it still waits.
fn hold_waiting(tx: &mut WriteTx<'_>, one: &dyn Inside, id: i64) -> Result<Option<Drive>, StoreError> {
    let Some(held) = tx.hold_consumers(&[one.name()])?.pop() else { return Ok(None) };
    Ok(tx.reader().delivery_waits(id)?.then_some(held.drive))
}

fn waiting(r: &Reader<'_>, one: &dyn Inside) -> Result<HashSet<String>, StoreError> {
    Ok(r.held_keys(one.name(), one.holds())?.into_iter().collect())
}

fn batch(one: &dyn Inside) -> i64 {
    one.batch().clamp(1, 1_000) as i64
}

/// The side at fault: an error of the database interrupts, one of the consumer is about the event.
enum Trouble {
    Ours(StoreError),
    Theirs(Failure),
}

impl From<StoreError> for Trouble {
    fn from(e: StoreError) -> Self {
        Self::Ours(e)
    }
}

impl Trouble {
    fn of(e: Unheard) -> Self {
        match e {
            Unheard::Failed(failure) => Self::Theirs(failure),
            Unheard::Store(
                e @ (StoreError::Lost
                | StoreError::Conflict
                | StoreError::Unavailable(_)
                | StoreError::Unwritable(_)
                | StoreError::Closed),
            ) => Self::Ours(e),
            Unheard::Store(other) => Self::Theirs(Failure::new(other.to_string())),
        }
    }
}

fn settled<T>(done: Result<T, Trouble>) -> Result<Result<T, Failure>, StoreError> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Trouble::Theirs(failure)) => Ok(Err(failure)),
        Err(Trouble::Ours(error)) => Err(error),
    }
}
