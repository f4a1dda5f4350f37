//! Drives a consumer whose effects are elsewhere: first what is new since its position, then retries. It is leased meanwhile, so that
//! nobody else delivers at the same time.

use super::{Engine, LEASE_DURATION, MAX_WAITING_DELIVERIES, retry_at};
use crate::{DeliveryFailure, ExternalConsumer, Subscriber};
use cairn_store::StoreError;
use cairn_store::events::{ConsumerLease, DeliveryRow, Event};
use futures_util::StreamExt;
use futures_util::stream;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Number of concurrent deliveries of one consumer.
const MAX_CONCURRENT_DELIVERIES: usize = 16;
/// When a failed delivery is retried (`None`: not at all), and why it failed.
type RetryDecision = (Option<i64>, String);

/// The result for one event.
type DeliveryResult = (Event, Result<(), DeliveryFailure>);

impl Engine {
    /// Drives the consumer until nothing is left that is due.
    pub(super) async fn drive_external(&self, outside: &dyn ExternalConsumer) -> Result<(), StoreError> {
        let Some(mut drive) = self.lease_consumer(outside.name()).await? else { return Ok(()) };
        let mut blocked_keys: HashSet<String> = self
            .store
            .read(|r| r.deliveries().find_keys(outside.name(), outside.holds_key_after_dead()))?
            .into_iter()
            .collect();
        let batch = outside.batch_size().clamp(1, 1_000) as i64;
        loop {
            let position = drive.position;
            let events = if blocked_keys.len() > MAX_WAITING_DELIVERIES {
                Vec::new()
            } else {
                self.store.read(|r| r.events().list_after(position, batch))?
            };
            // Looked at after reading: what was committed after the consumer was replaced is for the one in its place.
            if !self.is_current(outside) {
                self.store.work_notify().notify_one();
                break;
            }
            let has_more = events.len() as i64 == batch;
            if !events.is_empty() {
                self.deliver_new(outside, &mut drive, events, &mut blocked_keys).await?;
            }
            let tried = self.retry_external(outside, &mut drive, &mut blocked_keys).await?;
            if !has_more && tried == 0 {
                break;
            }
            // Holds the lease for longer; what it says of the position is what was just written.
            match self.lease_consumer(outside.name()).await? {
                Some(consumer_lease) if consumer_lease.fence == drive.fence => drive = consumer_lease,
                _ => return Err(StoreError::Lost),
            }
        }
        let left = drive;
        self.store.write_unsynced(move |tx| tx.consumers().release_lease(&left)).await
    }

    /// True if the consumer is still among the subscribers, and not another one with its name (a webhook with other secrets).
    fn is_current(&self, outside: &dyn ExternalConsumer) -> bool {
        self.all_subscribers().iter().any(|subscriber| match subscriber {
            Subscriber::External(one) => std::ptr::addr_eq(Arc::as_ptr(one), std::ptr::from_ref(outside)),
            Subscriber::Transactional(_) => false,
        })
    }

    async fn lease_consumer(&self, name: &str) -> Result<Option<ConsumerLease>, StoreError> {
        let (name, holder, now) = (name.to_owned(), self.holder.clone(), self.now());
        let until = now + LEASE_DURATION.as_millis() as i64;
        self.store.write(move |tx| tx.consumers().take_lease(&name, &holder, now, until)).await
    }

    /// Delivers what is new, and advances the position. Failed events, and those behind them with the same key, are parked.
    async fn deliver_new(
        &self,
        outside: &dyn ExternalConsumer,
        drive: &mut ConsumerLease,
        events: Vec<Event>,
        blocked_keys: &mut HashSet<String>,
    ) -> Result<(), StoreError> {
        let position = events.last().map_or(drive.position, |e| e.pos);
        let accepted: Vec<Event> = events.into_iter().filter(|e| outside.wants_event(e)).collect();
        let (behind, free): (Vec<Event>, Vec<Event>) =
            accepted.into_iter().partition(|e| blocked_keys.contains(&e.event.key));
        let results = self.hold_lease(drive, deliver_by_key(outside, free)).await?;
        let now = self.now();
        let mut parked: Vec<(Event, Option<DeliveryFailure>)> = behind.into_iter().map(|e| (e, None)).collect();
        let mut first: HashSet<String> = HashSet::new();
        for (event, result) in results {
            if let Err(failure) = result {
                // Events behind the first failure of their key were not tried.
                let tried = first.insert(event.event.key.clone());
                parked.push((event, tried.then_some(failure)));
            }
        }
        parked.sort_by_key(|(event, _)| event.pos);
        blocked_keys.extend(parked.iter().map(|(event, _)| event.event.key.clone()));
        let rows: Vec<(Event, i64, Option<i64>, Option<String>)> = parked
            .into_iter()
            .map(|(event, failure)| match failure {
                None => (event, 0, None, None),
                Some(f) => {
                    let due = retry_at(outside, 1, &f, now);
                    (event, 1, due, Some(f.error))
                }
            })
            .collect();
        let lease = drive.clone();
        // Lost in a crash of the machine, it is delivered again.
        self.store
            .write_unsynced(move |tx| {
                tx.consumers().advance(&lease, position)?;
                for (event, attempt, due, error) in &rows {
                    tx.deliveries().park(&lease, event, *attempt, *due, error.as_deref(), now)?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        drive.position = position;
        Ok(())
    }

    /// Retries what is due. Returns the number of deliveries.
    async fn retry_external(
        &self,
        outside: &dyn ExternalConsumer,
        drive: &mut ConsumerLease,
        blocked_keys: &mut HashSet<String>,
    ) -> Result<usize, StoreError> {
        if blocked_keys.is_empty() && !self.store.read(|r| r.deliveries().has_waiting(&drive.consumer))? {
            return Ok(0);
        }
        let now = self.now();
        let due: Vec<DeliveryRow> = self.store.read(|r| {
            r.deliveries().find_due(&drive.consumer, outside.holds_key_after_dead(), now, outside.batch_size() as i64)
        })?;
        let tried = due.len();
        if tried == 0 {
            if self.store.read(|r| r.deliveries().find_consumers_with_due(now))?.contains(&drive.consumer) {
                let lease = drive.clone();
                self.store.write_unsynced(move |tx| tx.deliveries().postpone_blocked(&lease, now)).await?;
            }
            return Ok(0);
        }
        let mut eventless_ids = Vec::new();
        let events: Vec<(i64, i64, Event)> = due
            .into_iter()
            .filter_map(|row| match row.event {
                Some(event) => Some((row.id, row.attempt, event)),
                None => {
                    eventless_ids.push(row.id);
                    None
                }
            })
            .collect();
        let tries = stream::iter(events.into_iter().map(|(id, attempt, event)| async move {
            let is_wanted = outside.wants_event(&event);
            let result = if is_wanted { outside.deliver_event(&event, attempt + 1).await } else { Ok(()) };
            (id, attempt, result)
        }));
        let results: Vec<(i64, i64, Result<(), DeliveryFailure>)> =
            self.hold_lease(drive, tries.buffer_unordered(MAX_CONCURRENT_DELIVERIES).collect::<Vec<_>>()).await?;
        let now = self.now();
        let ends: Vec<(i64, Result<(), RetryDecision>)> = results
            .into_iter()
            .map(|(id, attempt, result)| (id, result.map_err(|f| (retry_at(outside, attempt + 1, &f, now), f.error))))
            .chain(eventless_ids.into_iter().map(|id| (id, Ok(()))))
            .collect();
        let lease = drive.clone();
        if !ends.is_empty() {
            self.store
                .write_unsynced(move |tx| {
                    for (id, end) in &ends {
                        match end {
                            Ok(()) => tx.deliveries().finish(&lease, *id, now)?,
                            Err((due, error)) => tx.deliveries().record_failure(&lease, *id, *due, error, now)?,
                        }
                    }
                    Ok::<_, StoreError>(())
                })
                .await?;
        }
        *blocked_keys = self
            .store
            .read(|r| r.deliveries().find_keys(outside.name(), outside.holds_key_after_dead()))?
            .into_iter()
            .collect();
        Ok(tried)
    }

    /// Extends the lease while `work` runs. If it is lost meanwhile, the work is dropped.
    async fn hold_lease<T>(&self, drive: &ConsumerLease, work: impl Future<Output = T>) -> Result<T, StoreError> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                () = tokio::time::sleep(LEASE_DURATION / 3) => {
                    match self.lease_consumer(&drive.consumer).await? {
                        Some(lease) if lease.fence == drive.fence => {}
                        _ => return Err(StoreError::Lost),
                    }
                }
            }
        }
    }
}

/// Delivers events with one key in order, those with different keys concurrently. Behind a failed one the others
/// with its key are not tried.
async fn deliver_by_key(outside: &dyn ExternalConsumer, events: Vec<Event>) -> Vec<DeliveryResult> {
    let mut order: Vec<String> = Vec::new();
    let mut by_key: HashMap<String, Vec<Event>> = HashMap::new();
    for event in events {
        let of_key = by_key.entry(event.event.key.clone()).or_insert_with(|| {
            order.push(event.event.key.clone());
            Vec::new()
        });
        of_key.push(event);
    }
    let groups: Vec<Vec<Event>> = order.iter().filter_map(|key| by_key.remove(key)).collect();
    let iter = stream::iter(groups.into_iter().map(|group| async move {
        let mut results: Vec<DeliveryResult> = Vec::with_capacity(group.len());
        let mut failed = false;
        for event in group {
            let result = if failed { Err(DeliveryFailure::new("")) } else { outside.deliver_event(&event, 1).await };
            failed |= result.is_err();
            results.push((event, result));
        }
        results
    }));
    iter.buffer_unordered(MAX_CONCURRENT_DELIVERIES).collect::<Vec<_>>().await.into_iter().flatten().collect()
}
