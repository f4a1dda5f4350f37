//! Fault injection: everything arrives at least once, is interrupted anywhere, and is mixed with others.

use cairn_events::{Concurrency, Consumer, Inside, JobHandler, Outcome, Retry, Subscriber, Unheard};
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
const EACH: u32 = 40;

/// Random numbers, the same for the same seed.
#[derive(Clone)]
pub struct Dice(Arc<Mutex<StdRng>>);

impl Dice {
    /// Random numbers from a seed.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    fn below(&self, n: usize) -> usize {
        self.0.lock().random_range(0..n)
    }
}

/// The same subscribers, with faults.
pub fn subscribers(calm: Vec<Subscriber>, dice: &Dice) -> Vec<Subscriber> {
    let one = |subscriber| match subscriber {
        Subscriber::Inside(inner) => Subscriber::Inside(Arc::new(Hearing { inner, dice: dice.clone() }) as _),
        outside @ Subscriber::Outside(_) => outside,
    };
    calm.into_iter().map(one).collect()
}

/// The same handlers, with faults.
pub fn handlers(calm: Vec<Arc<dyn JobHandler>>) -> Vec<Arc<dyn JobHandler>> {
    calm.into_iter().map(|inner| Arc::new(Doing { inner }) as Arc<dyn JobHandler>).collect()
}

/// The points at which calls are interrupted: before the first host call, the second, and so on.
fn points() -> impl Iterator<Item = u32> {
    std::iter::successors(Some(1_u32), |n| if *n < EACH { Some(n + 1) } else { n.checked_add(n / 2) })
}

struct Hearing {
    inner: Arc<dyn Inside>,
    dice: Dice,
}

impl Consumer for Hearing {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn hears_past(&self) -> bool {
        self.inner.hears_past()
    }

    fn wants(&self, event: &Event) -> bool {
        self.inner.wants(event)
    }

    fn retry(&self) -> Retry {
        self.inner.retry()
    }

    fn holds(&self) -> bool {
        self.inner.holds()
    }

    fn batch(&self) -> usize {
        self.inner.batch()
    }

    fn deepest(&self) -> i64 {
        self.inner.deepest()
    }
}

/// Why a part of a transaction is rolled back.
enum Undone {
    /// The test intends it.
    Meant(Result<(), Unheard>),
    Store(StoreError),
}

impl From<StoreError> for Undone {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
}

impl Inside for Hearing {
    fn apply(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        self.hear(tx, events).map_err(|e| match e {
            Unheard::Store(e) => e,
            Unheard::Failed(_) => StoreError::Conflict,
        })
    }

    fn hear(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), Unheard> {
        let events = mixed(events, &self.dice);
        for point in points() {
            let interruption = Interruption::before(point);
            // The server is killed: its transaction is gone with it.
            let undone =
                tx.nested(|tx| Err::<(), _>(Undone::Meant(interruption.around(|| self.inner.hear(tx, &events)))));
            match undone {
                Err(Undone::Store(e)) => return Err(e.into()),
                Err(Undone::Meant(Err(failed))) if !interruption.struck() => return Err(failed),
                _ => {}
            }
            if !interruption.struck() {
                break;
            }
        }
        self.inner.hear(tx, &events)?;
        self.inner.hear(tx, &events)
    }

    fn alone(&self) -> bool {
        self.inner.alone()
    }

    fn owner(&self) -> Option<&str> {
        self.inner.owner()
    }

    fn too_deep(&self, tx: &mut WriteTx<'_>, event: &Event, now: i64) -> Result<(), StoreError> {
        self.inner.too_deep(tx, event, now)
    }
}

/// Shuffles the events; those of one key stay in order.
fn mixed(events: &[Event], dice: &Dice) -> Vec<Event> {
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
        let at = dice.below(keys.len());
        match keys[at].1.pop_front() {
            Some(event) => mixed.push(event.clone()),
            None => drop(keys.swap_remove(at)),
        }
    }
    mixed
}

struct Doing {
    inner: Arc<dyn JobHandler>,
}

impl JobHandler for Doing {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn concurrency(&self) -> Option<Concurrency<'_>> {
        self.inner.concurrency()
    }

    fn retry(&self) -> Retry {
        self.inner.retry()
    }

    fn timeout(&self) -> Duration {
        self.inner.timeout() * (EACH + 2)
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, Outcome> {
        async move {
            for point in points() {
                let interruption = Interruption::before(point);
                let outcome = interruption.around_async(self.inner.run(job)).await;
                if interruption.struck() {
                    continue;
                }
                match outcome {
                    failed @ (Outcome::Failed { .. } | Outcome::Dead(_)) => return failed,
                    // It was killed after its last commit, before anybody could note that it was done.
                    _ => break,
                }
            }
            self.inner.run(job).await
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_every_one_and_then_ever_further_apart() {
        let points: Vec<u32> = points().take(44).collect();
        assert_eq!(points[..3], [1, 2, 3]);
        assert_eq!(points[39..], [40, 60, 90, 135, 202]);
    }

    #[test]
    fn the_same_seed_has_the_same_chances() {
        let throws =
            |seed| (0..20).map(|_| 0).scan(Dice::new(seed), |dice, _: i32| Some(dice.below(100))).collect::<Vec<_>>();
        assert_eq!(throws(7), throws(7));
        assert_ne!(throws(7), throws(8));
    }
}
