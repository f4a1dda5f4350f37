//! Fault injection: everything arrives at least once, is interrupted anywhere, and is mixed with others.

use cairn_events::{
    BatchJobHandler, Concurrency, Consumer, DeliveryError, JobBatchError, JobBatchRun, JobHandler, JobOutcome,
    RetryPolicy, Subscriber, TransactionalConsumer,
};
use cairn_plugin_host::Interruption;
use cairn_store::events::{Event, JobRow};
use cairn_store::{StoreError, WriteTx};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Calls are interrupted before each of their first host calls, up to this number, then at growing intervals.
const EXHAUSTIVE_POINTS: u32 = 40;

/// Random numbers, the same for the same seed.
#[derive(Clone)]
pub struct Dice(Arc<Mutex<StdRng>>);

impl Dice {
    /// Random numbers from a seed.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    fn random_below(&self, n: usize) -> usize {
        self.0.lock().random_range(0..n)
    }
}

/// The same subscribers, with faults.
pub fn faulty_subscribers(calm: Vec<Subscriber>, dice: &Dice) -> Vec<Subscriber> {
    let one = |subscriber| match subscriber {
        Subscriber::Transactional(inner) => {
            Subscriber::Transactional(Arc::new(FaultyConsumer { inner, dice: dice.clone() }) as _)
        }
        outside @ Subscriber::External(_) => outside,
    };
    calm.into_iter().map(one).collect()
}

/// The same handlers, with faults.
pub fn faulty_handlers(calm: Vec<Arc<dyn JobHandler>>) -> Vec<Arc<dyn JobHandler>> {
    calm.into_iter().map(|inner| Arc::new(FaultyJobHandler { inner }) as Arc<dyn JobHandler>).collect()
}

/// The points at which calls are interrupted: before the first host call, the second, and so on.
fn interruption_points() -> impl Iterator<Item = u32> {
    std::iter::successors(Some(1_u32), |n| if *n < EXHAUSTIVE_POINTS { Some(n + 1) } else { n.checked_add(n / 2) })
}

struct FaultyConsumer {
    inner: Arc<dyn TransactionalConsumer>,
    dice: Dice,
}

impl Consumer for FaultyConsumer {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn receives_past_events(&self) -> bool {
        self.inner.receives_past_events()
    }

    fn wants_event(&self, event: &Event) -> bool {
        self.inner.wants_event(event)
    }

    fn retry_policy(&self) -> RetryPolicy {
        self.inner.retry_policy()
    }

    fn holds_key_after_dead(&self) -> bool {
        self.inner.holds_key_after_dead()
    }

    fn batch_size(&self) -> usize {
        self.inner.batch_size()
    }

    fn max_cause_depth(&self) -> i64 {
        self.inner.max_cause_depth()
    }
}

/// Why a part of a transaction is rolled back.
enum InjectedRollback<E> {
    /// The test intends it; contains the error that the part had.
    Intended(Option<E>),
    Store(StoreError),
}

impl<E> From<StoreError> for InjectedRollback<E> {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
}

/// Runs a part of a transaction again and again, interrupted at each point, and rolls it back. Returns the error of a run that was not
/// interrupted.
fn run_interrupted<T, E: From<StoreError>>(
    tx: &mut WriteTx<'_>,
    run: impl Fn(&mut WriteTx<'_>) -> Result<T, E>,
) -> Result<(), E> {
    for point in interruption_points() {
        let interruption = Interruption::before(point);
        // The server is killed: its transaction is gone with it.
        let undone =
            tx.run_nested(|tx| Err::<(), _>(InjectedRollback::Intended(interruption.run_within(|| run(tx)).err())));
        match undone {
            Err(InjectedRollback::Store(e)) => return Err(e.into()),
            Err(InjectedRollback::Intended(Some(failed))) if !interruption.has_struck() => return Err(failed),
            _ => {}
        }
        if !interruption.has_struck() {
            break;
        }
    }
    Ok(())
}

impl TransactionalConsumer for FaultyConsumer {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        self.handle_events(tx, events).map_err(|e| match e {
            DeliveryError::Store(e) => e,
            DeliveryError::Failed(_) => StoreError::Conflict,
        })
    }

    fn handle_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), DeliveryError> {
        let events = shuffle_events(events, &self.dice);
        run_interrupted(tx, |tx| self.inner.handle_events(tx, &events))?;
        self.inner.handle_events(tx, &events)?;
        self.inner.handle_events(tx, &events)
    }

    fn needs_own_transaction(&self) -> bool {
        self.inner.needs_own_transaction()
    }

    fn transaction_owner(&self) -> Option<&str> {
        self.inner.transaction_owner()
    }

    fn on_too_deep(&self, tx: &mut WriteTx<'_>, event: &Event, now: i64) -> Result<(), StoreError> {
        self.inner.on_too_deep(tx, event, now)
    }
}

/// Shuffles the events; those of one key stay in order.
fn shuffle_events(events: &[Event], dice: &Dice) -> Vec<Event> {
    let mut keys: Vec<(&str, VecDeque<&Event>)> = Vec::new();
    for event in events {
        let key = event.event.key.as_str();
        match keys.iter_mut().find(|(known, _)| *known == key) {
            Some((_, events)) => events.push_back(event),
            None => keys.push((key, VecDeque::from([event]))),
        }
    }
    let mut mixed = Vec::with_capacity(events.len());
    while !keys.is_empty() {
        let at = dice.random_below(keys.len());
        match keys[at].1.pop_front() {
            Some(event) => mixed.push(event.clone()),
            None => drop(keys.swap_remove(at)),
        }
    }
    mixed
}

struct FaultyJobHandler {
    inner: Arc<dyn JobHandler>,
}

impl JobHandler for FaultyJobHandler {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn concurrency(&self) -> Option<Concurrency<'_>> {
        self.inner.concurrency()
    }

    fn retry_policy(&self) -> RetryPolicy {
        self.inner.retry_policy()
    }

    fn timeout(&self) -> Duration {
        self.inner.timeout() * (EXHAUSTIVE_POINTS + 2)
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            for point in interruption_points() {
                let interruption = Interruption::before(point);
                let outcome = interruption.run_within_async(self.inner.run(job)).await;
                if interruption.has_struck() {
                    continue;
                }
                match outcome {
                    failed @ (JobOutcome::Failed { .. } | JobOutcome::Dead(_)) => return failed,
                    // The job was killed after its last commit, before its outcome could be stored.
                    _ => break,
                }
            }
            self.inner.run(job).await
        }
        .boxed()
    }

    fn batches(&self) -> Option<&dyn BatchJobHandler> {
        self.inner.batches().map(|_| self as _)
    }
}

impl FaultyJobHandler {
    fn inner_batches(&self) -> Result<&dyn BatchJobHandler, JobBatchError> {
        self.inner.batches().ok_or_else(|| JobBatchError::Failed("its jobs run one by one".into()))
    }
}

impl BatchJobHandler for FaultyJobHandler {
    fn max_batch_size(&self) -> usize {
        self.inner.batches().map_or(1, BatchJobHandler::max_batch_size)
    }

    fn transaction_owner(&self) -> &str {
        self.inner.batches().map_or("", BatchJobHandler::transaction_owner)
    }

    fn run_batch(&self, tx: &mut WriteTx<'_>, jobs: &[JobRow]) -> Result<JobBatchRun, JobBatchError> {
        let inner = self.inner_batches()?;
        run_interrupted(tx, |tx| inner.run_batch(tx, jobs))?;
        inner.run_batch(tx, jobs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interruption_points_are_dense_then_grow_apart() {
        let points: Vec<u32> = interruption_points().take(44).collect();
        assert_eq!(points[..3], [1, 2, 3]);
        assert_eq!(points[39..], [40, 60, 90, 135, 202]);
    }

    #[test]
    fn same_seed_gives_the_same_random_numbers() {
        let throws = |seed| {
            (0..20).map(|_| 0).scan(Dice::new(seed), |dice, _: i32| Some(dice.random_below(100))).collect::<Vec<_>>()
        };
        assert_eq!(throws(7), throws(7));
        assert_ne!(throws(7), throws(8));
    }
}
