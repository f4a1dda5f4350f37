//! The circuit breaker. It pauses what keeps failing per plugin, export and name, so that a broken job does not stop hooks.

use crate::limits::Export;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Failures within [`WINDOW`] that open a circuit.
const FAILURES: usize = 5;
/// Number of latest calls that are considered; a fifth of them may fail.
const CALLS: usize = 50;
const WINDOW: Duration = Duration::from_secs(60);
/// How long a circuit stays open: the first time, the second, and from then on.
const PAUSES: [Duration; 3] = [Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(600)];

/// Openings of one plugin within [`HOUR`] after which it is no longer called at all.
const OPENINGS: usize = 3;
const HOUR: Duration = Duration::from_secs(3_600);

/// The opening of a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) pause: Duration,
    /// Whether circuits of the plugin were opened so often within an hour that it is to be switched off.
    pub(crate) too_often: bool,
}

/// State of the circuit of one hook, subscription, job, route or view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Calls are made.
    Closed,
    /// It failed too often; it is called again after this time.
    Open(Duration),
    /// It failed too often; the next call decides whether the circuit closes.
    Trying,
}

impl Standing {
    /// The name in views and records: `closed`, `open`, `halfOpen`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open(_) => "open",
            Self::Trying => "halfOpen",
        }
    }
}

/// A plugin, the export that is called, and the name in its manifest.
type Key = (String, Export, String);

#[derive(Default)]
pub(crate) struct Breaker {
    circuits: Mutex<HashMap<Key, Circuit>>,
    /// The times at which circuits of a plugin were opened within the last hour.
    openings: Mutex<HashMap<String, VecDeque<Instant>>>,
}

#[derive(Default)]
struct Circuit {
    failures: VecDeque<Instant>,
    /// The latest calls, newest last: whether each failed.
    calls: VecDeque<bool>,
    /// How often it was opened without a successful call since.
    opened: usize,
    open_until: Option<Instant>,
    /// Number of the trial call that is running.
    trying: Option<u64>,
    /// How many trial calls there were.
    tries: u64,
}

/// Permission to make a call. A trial call that ends without a result, because nobody waits for it any more or because there was no room
/// for it, leaves the trial to the next one.
#[must_use]
pub(crate) struct Pass<'a> {
    breaker: &'a Breaker,
    trying: Option<(Key, u64)>,
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let Some((key, number)) = self.trying.take() else { return };
        if let Some(circuit) = self.breaker.circuits.lock().get_mut(&key)
            && circuit.trying == Some(number)
        {
            circuit.trying = None;
        }
    }
}

impl Breaker {
    /// Permits a call, or returns how long to wait. While a circuit is open, one trial call in a while is permitted.
    pub(crate) fn lets(&self, plugin: &str, export: Export, name: &str) -> Result<Pass<'_>, Duration> {
        self.lets_at(plugin, export, name, Instant::now())
    }

    fn lets_at(&self, plugin: &str, export: Export, name: &str, now: Instant) -> Result<Pass<'_>, Duration> {
        let any = Pass { breaker: self, trying: None };
        let key = (plugin.to_owned(), export, name.to_owned());
        let mut circuits = self.circuits.lock();
        let Some(circuit) = circuits.get_mut(&key) else { return Ok(any) };
        match circuit.open_until {
            None => Ok(any),
            Some(until) if now < until => Err(until - now),
            Some(_) if circuit.trying.is_some() => Err(PAUSES[0]),
            Some(_) => {
                circuit.tries += 1;
                circuit.trying = Some(circuit.tries);
                Ok(Pass { trying: Some((key, circuit.tries)), ..any })
            }
        }
    }

    /// State of the circuit; makes no trial.
    pub(crate) fn standing(&self, plugin: &str, export: Export, name: &str) -> Standing {
        let circuits = self.circuits.lock();
        let circuit = circuits.get(&(plugin.to_owned(), export, name.to_owned()));
        match circuit.and_then(|circuit| circuit.open_until) {
            None => Standing::Closed,
            Some(until) => match until.saturating_duration_since(Instant::now()) {
                Duration::ZERO => Standing::Trying,
                left => Standing::Open(left),
            },
        }
    }

    /// Closes all circuits of a plugin, for another version or other settings of it.
    pub(crate) fn forget(&self, plugin: &str) {
        self.circuits.lock().retain(|(of, ..), _| of != plugin);
        self.openings.lock().remove(plugin);
    }

    pub(crate) fn went_well(&self, plugin: &str, export: Export, name: &str) {
        let mut circuits = self.circuits.lock();
        // One that never failed has none: nothing is kept of what goes well.
        let Some(circuit) = circuits.get_mut(&(plugin.to_owned(), export, name.to_owned())) else { return };
        if circuit.open_until.take().is_some() {
            *circuit = Circuit::default();
            return;
        }
        circuit.saw(false);
    }

    /// Records a failure; `Some` where it opened the circuit.
    pub(crate) fn failed(&self, plugin: &str, export: Export, name: &str) -> Option<Opened> {
        self.failed_at(plugin, export, name, Instant::now())
    }

    fn failed_at(&self, plugin: &str, export: Export, name: &str, now: Instant) -> Option<Opened> {
        let mut circuits = self.circuits.lock();
        let circuit = circuits.entry((plugin.to_owned(), export, name.to_owned())).or_default();
        circuit.saw(true);
        circuit.failures.push_back(now);
        while circuit.failures.front().is_some_and(|at| now.duration_since(*at) > WINDOW) {
            circuit.failures.pop_front();
        }
        let often = circuit.calls.len() >= CALLS && circuit.calls.iter().filter(|failed| **failed).count() * 5 >= CALLS;
        if !(circuit.trying.is_some() || often || circuit.failures.len() >= FAILURES) {
            return None;
        }
        let pause = PAUSES[circuit.opened.min(PAUSES.len() - 1)];
        circuit.opened += 1;
        circuit.open_until = Some(now + pause);
        circuit.trying = None;
        circuit.failures.clear();
        circuit.calls.clear();
        drop(circuits);
        Some(Opened { pause, too_often: self.opened(plugin, now) })
    }

    fn opened(&self, plugin: &str, now: Instant) -> bool {
        let mut all = self.openings.lock();
        let openings = all.entry(plugin.to_owned()).or_default();
        openings.push_back(now);
        while openings.front().is_some_and(|at| now.duration_since(*at) > HOUR) {
            openings.pop_front();
        }
        openings.len() >= OPENINGS
    }
}

impl Circuit {
    fn saw(&mut self, failed: bool) {
        self.calls.push_back(failed);
        if self.calls.len() > CALLS {
            self.calls.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: (&str, Export, &str) = ("crm", Export::Job, "digest");

    fn fail(breaker: &Breaker, now: Instant) -> Option<Opened> {
        breaker.failed_at(AT.0, AT.1, AT.2, now)
    }

    #[test]
    fn five_failures_open_it_and_one_call_in_a_while_tries_again() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..4 {
            assert_eq!(fail(&breaker, now), None);
        }
        assert_eq!(fail(&breaker, now), Some(Opened { pause: PAUSES[0], too_often: false }));
        assert!(breaker.lets_at(AT.0, AT.1, AT.2, now).is_err());
        // Others are called as ever.
        assert!(breaker.lets_at(AT.0, Export::Before, AT.2, now).is_ok());
        let later = now + PAUSES[0];
        let trying = breaker.lets_at(AT.0, AT.1, AT.2, later).unwrap();
        assert!(breaker.lets_at(AT.0, AT.1, AT.2, later).is_err());
        assert_eq!(fail(&breaker, later), Some(Opened { pause: PAUSES[1], too_often: false }));
        let later = later + PAUSES[1];
        let again = breaker.lets_at(AT.0, AT.1, AT.2, later).unwrap();
        // The one before is over, and says nothing of this one.
        drop(trying);
        assert!(breaker.lets_at(AT.0, AT.1, AT.2, later).is_err());
        // It ended without showing anything: the next one tries.
        drop(again);
        let _again = breaker.lets_at(AT.0, AT.1, AT.2, later).unwrap();
        breaker.went_well(AT.0, AT.1, AT.2);
        assert!(breaker.lets_at(AT.0, AT.1, AT.2, later).is_ok());
        assert_eq!(fail(&breaker, later), None);
    }

    #[test]
    fn three_openings_within_an_hour_are_too_often() {
        let (breaker, mut now) = (Breaker::default(), Instant::now());
        let mut open = |job: &str, after: Duration| {
            now += after;
            let opened = (0..FAILURES).filter_map(|_| breaker.failed_at(AT.0, AT.1, job, now)).last();
            opened.map(|opened| opened.too_often)
        };
        assert_eq!(open("a", Duration::ZERO), Some(false));
        assert_eq!(open("b", HOUR / 2), Some(false));
        // The first is more than an hour ago.
        assert_eq!(open("c", HOUR * 2 / 3), Some(false));
        assert_eq!(open("d", Duration::ZERO), Some(true));
        breaker.forget(AT.0);
        assert_eq!(breaker.standing(AT.0, AT.1, "d"), Standing::Closed);
    }

    #[test]
    fn failures_that_are_far_apart_do_not_open_it() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for n in 0..20 {
            assert_eq!(fail(&breaker, now + WINDOW * n), None);
        }
    }
}
