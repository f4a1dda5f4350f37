//! One consumer, driven: what is new since its position, then what is to be tried again.

use super::{Engine, LEASE};
use crate::{Consumer, Failure, Inside, Outside, Subscriber};
use cairn_store::events::{DeliveryRow, Drive, Event};
use cairn_store::{StoreError, WriteTx};
use futures_util::StreamExt;
use futures_util::stream;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Deliveries of one consumer at the same time.
const AT_ONCE: usize = 16;
/// Failed deliveries that wait; above it no new events are taken until some have gone.
const WAITING: usize = 5_000;

/// When what failed is tried again (`None`: not at all), and why it failed.
type Again = (Option<i64>, String);

/// What became of one event.
type Told = (Event, Result<(), Failure>);

impl Engine {
    /// Until nothing is left that is due.
    pub(super) async fn drive(self: Arc<Self>, subscriber: Subscriber) {
        let name = subscriber.consumer().name().to_owned();
        match self.drive_leased(&subscriber).await {
            Ok(()) => {}
            Err(StoreError::Lost) => tracing::debug!(consumer = name, "another process drives this consumer now"),
            Err(error) => tracing::warn!(consumer = name, %error, "driving a consumer was interrupted; it goes on"),
        }
        self.driven.lock().remove(&name);
    }

    async fn lease(&self, name: &str) -> Result<Option<Drive>, StoreError> {
        let (name, holder, now) = (name.to_owned(), self.holder.clone(), self.now());
        let until = now + LEASE.as_millis() as i64;
        self.store.write(move |tx| tx.drive_consumer(&name, &holder, now, until)).await
    }

    async fn drive_leased(&self, subscriber: &Subscriber) -> Result<(), StoreError> {
        let consumer = subscriber.consumer();
        let Some(mut drive) = self.lease(consumer.name()).await? else { return Ok(()) };
        let mut held: HashSet<String> =
            self.store.read(|r| r.held_keys(consumer.name(), consumer.holds()))?.into_iter().collect();
        let batch = consumer.batch().clamp(1, 1_000) as i64;
        loop {
            let position = drive.position;
            let events =
                if held.len() > WAITING { Vec::new() } else { self.store.read(|r| r.events_after(position, batch))? };
            let more = events.len() as i64 == batch;
            if !events.is_empty() {
                self.tell(subscriber, &mut drive, events, &mut held).await?;
            }
            let tried = self.again(subscriber, &mut drive, &mut held).await?;
            if !more && tried == 0 {
                break;
            }
            // Holds the lease for longer; what it says of the position is what was just written.
            match self.lease(consumer.name()).await? {
                Some(held) if held.fence == drive.fence => drive = held,
                _ => return Err(StoreError::Lost),
            }
        }
        let left = drive;
        self.store.write(move |tx| tx.leave_consumer(&left)).await
    }

    /// Delivers what is new, and moves the position past it. What failed, and what comes behind it, is parked.
    async fn tell(
        &self,
        subscriber: &Subscriber,
        drive: &mut Drive,
        events: Vec<Event>,
        held: &mut HashSet<String>,
    ) -> Result<(), StoreError> {
        let consumer = subscriber.consumer();
        let position = events.last().map_or(drive.position, |e| e.pos);
        let wanted: Vec<Event> = events.into_iter().filter(|e| consumer.wants(e)).collect();
        let outside = match subscriber {
            Subscriber::Outside(outside) => outside,
            Subscriber::Inside(inside) => {
                self.tell_inside(inside, drive, wanted, held).await?;
                let lease = drive.clone();
                self.store.write(move |tx| tx.advance_consumer(&lease, position)).await?;
                drive.position = position;
                return Ok(());
            }
        };
        let (behind, free): (Vec<Event>, Vec<Event>) = wanted.into_iter().partition(|e| held.contains(&e.event.key));
        let told = self.holding(drive, deliver(&**outside, free)).await?;
        let now = self.now();
        let mut parked: Vec<(Event, Option<Failure>)> = behind.into_iter().map(|e| (e, None)).collect();
        let mut first: HashSet<String> = HashSet::new();
        for (event, result) in told {
            if let Err(failure) = result {
                // Those behind the first one of their key were not tried.
                let tried = first.insert(event.event.key.clone());
                parked.push((event, tried.then_some(failure)));
            }
        }
        parked.sort_by_key(|(event, _)| event.pos);
        held.extend(parked.iter().map(|(event, _)| event.event.key.clone()));
        let rows: Vec<(Event, i64, Option<i64>, Option<String>)> = parked
            .into_iter()
            .map(|(event, failure)| match failure {
                None => (event, 0, None, None),
                Some(f) => {
                    let due = again_at(consumer, 1, &f, now);
                    (event, 1, due, Some(f.error))
                }
            })
            .collect();
        let lease = drive.clone();
        self.store
            .write(move |tx| {
                tx.advance_consumer(&lease, position)?;
                for (event, attempt, due, error) in &rows {
                    tx.park_delivery(&lease, event, *attempt, *due, error.as_deref(), now)?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        drive.position = position;
        Ok(())
    }

    /// All at once where that goes well. Otherwise one by one, each with the position moved past it, be it told or parked.
    async fn tell_inside(
        &self,
        inside: &Arc<dyn Inside>,
        drive: &mut Drive,
        events: Vec<Event>,
        held: &mut HashSet<String>,
    ) -> Result<(), StoreError> {
        let Some(last) = events.last().map(|e| e.pos) else { return Ok(()) };
        if !events.iter().any(|e| held.contains(&e.event.key))
            && self.apply(inside, drive, events.clone(), last).await?.is_ok()
        {
            drive.position = last;
            return Ok(());
        }
        for event in events {
            let failed = match held.contains(&event.event.key) {
                true => Some(None),
                false => self.apply(inside, drive, vec![event.clone()], event.pos).await?.err().map(Some),
            };
            drive.position = event.pos;
            let Some(error) = failed else { continue };
            held.insert(event.event.key.clone());
            let (lease, now) = (drive.clone(), self.now());
            let (attempt, due) = match &error {
                None => (0, None),
                Some(error) => (1, again_at(&**inside, 1, &Failure::new(error), now)),
            };
            self.store
                .write(move |tx| {
                    tx.advance_consumer(&lease, event.pos)?;
                    tx.park_delivery(&lease, &event, attempt, due, error.as_deref(), now)
                })
                .await?;
        }
        Ok(())
    }

    /// Tries again what is due. How many there were.
    async fn again(
        &self,
        subscriber: &Subscriber,
        drive: &mut Drive,
        held: &mut HashSet<String>,
    ) -> Result<usize, StoreError> {
        if held.is_empty() && !self.store.read(|r| r.has_deliveries(&drive.consumer))? {
            return Ok(0);
        }
        let consumer = subscriber.consumer();
        let now = self.now();
        let due: Vec<DeliveryRow> =
            self.store.read(|r| r.due_deliveries(&drive.consumer, consumer.holds(), now, consumer.batch() as i64))?;
        let tried = due.len();
        if tried == 0 {
            if self.store.read(|r| r.consumers_with_due(now))?.contains(&drive.consumer) {
                let lease = drive.clone();
                self.store.write(move |tx| tx.hold_back(&lease, now)).await?;
            }
            return Ok(0);
        }
        let mut gone = Vec::new();
        let events: Vec<(i64, i64, Event)> = due
            .into_iter()
            .filter_map(|row| match row.event {
                Some(event) => Some((row.id, row.attempt, event)),
                None => {
                    gone.push(row.id);
                    None
                }
            })
            .collect();
        let results: Vec<(i64, i64, Result<(), Failure>)> = match subscriber {
            Subscriber::Inside(inside) => {
                let mut results = Vec::new();
                for (id, attempt, event) in events {
                    let result = if consumer.wants(&event) {
                        self.apply_parked(inside, drive, event, id).await?.map_err(Failure::new)
                    } else {
                        gone.push(id);
                        continue;
                    };
                    // Its row went with its effects.
                    if result.is_err() {
                        results.push((id, attempt, result));
                    }
                }
                results
            }
            Subscriber::Outside(outside) => {
                let outside = &**outside;
                let tries = stream::iter(events.into_iter().map(|(id, attempt, event)| async move {
                    let wanted = outside.wants(&event);
                    let result = if wanted { outside.deliver(&event, attempt + 1).await } else { Ok(()) };
                    (id, attempt, result)
                }));
                self.holding(drive, tries.buffer_unordered(AT_ONCE).collect::<Vec<_>>()).await?
            }
        };
        let now = self.now();
        let ends: Vec<(i64, Result<(), Again>)> = results
            .into_iter()
            .map(|(id, attempt, result)| (id, result.map_err(|f| (again_at(consumer, attempt + 1, &f, now), f.error))))
            .chain(gone.into_iter().map(|id| (id, Ok(()))))
            .collect();
        let lease = drive.clone();
        if !ends.is_empty() {
            self.store
                .write(move |tx| {
                    for (id, end) in &ends {
                        match end {
                            Ok(()) => tx.delivered(&lease, *id, now)?,
                            Err((due, error)) => tx.delivery_failed(&lease, *id, *due, error, now)?,
                        }
                    }
                    Ok::<_, StoreError>(())
                })
                .await?;
        }
        *held = self.store.read(|r| r.held_keys(consumer.name(), consumer.holds()))?.into_iter().collect();
        Ok(tried)
    }

    /// The effects of events, in the transaction that moves the position. The inner error is the consumer's.
    async fn apply(
        &self,
        inside: &Arc<dyn Inside>,
        drive: &Drive,
        events: Vec<Event>,
        position: i64,
    ) -> Result<Result<(), String>, StoreError> {
        let (inside, lease, events) = (inside.clone(), drive.clone(), Arc::new(events));
        let done = self
            .store
            .write(move |tx| {
                tx.advance_consumer(&lease, position).map_err(Trouble::Ours)?;
                inside.apply(tx, &events).map_err(Trouble::of)
            })
            .await;
        settled(done)
    }

    async fn apply_parked(
        &self,
        inside: &Arc<dyn Inside>,
        drive: &Drive,
        event: Event,
        id: i64,
    ) -> Result<Result<(), String>, StoreError> {
        let (inside, lease, event, now) = (inside.clone(), drive.clone(), Arc::new(event), self.now());
        let done = self
            .store
            .write(move |tx: &mut WriteTx<'_>| {
                tx.delivered(&lease, id, now).map_err(Trouble::Ours)?;
                inside.apply(tx, std::slice::from_ref(&*event)).map_err(Trouble::of)
            })
            .await;
        settled(done)
    }

    /// Holds the lease while `work` goes on. Where it is lost meanwhile, the work is dropped.
    async fn holding<T>(&self, drive: &Drive, work: impl Future<Output = T>) -> Result<T, StoreError> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                () = tokio::time::sleep(LEASE / 3) => {
                    match self.lease(&drive.consumer).await? {
                        Some(held) if held.fence == drive.fence => {}
                        _ => return Err(StoreError::Lost),
                    }
                }
            }
        }
    }
}

/// Of each key in order, of different keys at the same time. Behind one that failed the others of its key are not tried.
async fn deliver(outside: &dyn Outside, events: Vec<Event>) -> Vec<Told> {
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
    let told = stream::iter(groups.into_iter().map(|group| async move {
        let mut told: Vec<Told> = Vec::with_capacity(group.len());
        let mut failed = false;
        for event in group {
            let result = if failed { Err(Failure::new("")) } else { outside.deliver(&event, 1).await };
            failed |= result.is_err();
            told.push((event, result));
        }
        told
    }));
    told.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await.into_iter().flatten().collect()
}

fn again_at(consumer: &dyn Consumer, attempt: i64, failure: &Failure, now: i64) -> Option<i64> {
    if failure.for_good {
        return None;
    }
    consumer.retry().after(attempt, failure.retry_after).map(|pause| now + pause)
}

/// Whose fault it was: an error of the database interrupts, one of the consumer is the event's.
enum Trouble {
    Ours(StoreError),
    Theirs(String),
}

impl From<StoreError> for Trouble {
    fn from(e: StoreError) -> Self {
        Self::Ours(e)
    }
}

impl Trouble {
    fn of(e: StoreError) -> Self {
        match e {
            StoreError::Lost
            | StoreError::Conflict
            | StoreError::Unavailable(_)
            | StoreError::Unwritable(_)
            | StoreError::Closed => Self::Ours(e),
            other => Self::Theirs(other.to_string()),
        }
    }
}

fn settled(done: Result<(), Trouble>) -> Result<Result<(), String>, StoreError> {
    match done {
        Ok(()) => Ok(Ok(())),
        Err(Trouble::Theirs(error)) => Ok(Err(error)),
        Err(Trouble::Ours(error)) => Err(error),
    }
}
