//! Leaves alone what keeps failing: per plugin, export and name, so that a broken job does not take hooks down.

use crate::limits::Export;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Failures within [`WINDOW`] that open it.
const FAILURES: usize = 5;
/// Calls looked back at; of so many a fifth may fail.
const CALLS: usize = 50;
const WINDOW: Duration = Duration::from_secs(60);
/// For how long it stays open: the first time, the second, and from then on.
const PAUSES: [Duration; 3] = [Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(600)];

/// It was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) pause: Duration,
}

#[derive(Default)]
pub(crate) struct Breaker {
    circuits: Mutex<HashMap<(String, Export, String), Circuit>>,
}

#[derive(Default)]
struct Circuit {
    failures: VecDeque<Instant>,
    /// The last calls, newest last: whether they failed.
    calls: VecDeque<bool>,
    /// How often it was opened without a call that went well since.
    opened: usize,
    open_until: Option<Instant>,
    /// One call is let through to see whether it goes well again.
    trying: bool,
}

impl Breaker {
    /// Whether a call may be made; where not, how long to wait. While it is open, one call in a while is let through.
    pub(crate) fn lets(&self, plugin: &str, export: Export, name: &str) -> Result<(), Duration> {
        self.lets_at(plugin, export, name, Instant::now())
    }

    fn lets_at(&self, plugin: &str, export: Export, name: &str, now: Instant) -> Result<(), Duration> {
        let mut circuits = self.circuits.lock();
        let Some(circuit) = circuits.get_mut(&(plugin.to_owned(), export, name.to_owned())) else { return Ok(()) };
        match circuit.open_until {
            None => Ok(()),
            Some(until) if now < until => Err(until - now),
            Some(_) if circuit.trying => Err(PAUSES[0]),
            Some(_) => {
                circuit.trying = true;
                Ok(())
            }
        }
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

    /// Answers where this failure opened it.
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
        if !(circuit.trying || often || circuit.failures.len() >= FAILURES) {
            return None;
        }
        let pause = PAUSES[circuit.opened.min(PAUSES.len() - 1)];
        circuit.opened += 1;
        circuit.open_until = Some(now + pause);
        circuit.trying = false;
        circuit.failures.clear();
        circuit.calls.clear();
        Some(Opened { pause })
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
        assert_eq!(fail(&breaker, now), Some(Opened { pause: PAUSES[0] }));
        assert!(breaker.lets_at(AT.0, AT.1, AT.2, now).is_err());
        // Others are called as ever.
        assert!(breaker.lets_at(AT.0, Export::Before, AT.2, now).is_ok());
        let later = now + PAUSES[0];
        assert!(breaker.lets_at(AT.0, AT.1, AT.2, later).is_ok());
        assert!(breaker.lets_at(AT.0, AT.1, AT.2, later).is_err());
        assert_eq!(fail(&breaker, later), Some(Opened { pause: PAUSES[1] }));
        let later = later + PAUSES[1];
        assert!(breaker.lets_at(AT.0, AT.1, AT.2, later).is_ok());
        breaker.went_well(AT.0, AT.1, AT.2);
        assert!(breaker.lets_at(AT.0, AT.1, AT.2, later).is_ok());
        assert_eq!(fail(&breaker, later), None);
    }

    #[test]
    fn failures_that_are_far_apart_do_not_open_it() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for n in 0..20 {
            assert_eq!(fail(&breaker, now + WINDOW * n), None);
        }
    }
}
