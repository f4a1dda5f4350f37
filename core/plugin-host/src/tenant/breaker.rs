//! The circuit breaker. It pauses, per plugin, export and name, what fails repeatedly, so that a broken job does not stop hooks.

use crate::contract::plugin_export::PluginExport;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Failures within [`FAILURE_WINDOW`] that open a circuit.
const MAX_FAILURES_IN_WINDOW: usize = 5;
/// Number of latest calls that are considered; a fifth of them may fail.
const MAX_RECENT_CALLS: usize = 50;
const FAILURE_WINDOW: Duration = Duration::from_secs(60);
/// How long a circuit stays open: the first time, the second, and from then on.
const OPEN_PAUSES: [Duration; 3] = [Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(600)];

/// Openings of one plugin within [`OPENING_WINDOW`] after which it is no longer called at all.
const MAX_OPENINGS_IN_WINDOW: usize = 3;
const OPENING_WINDOW: Duration = Duration::from_secs(3_600);

/// The opening of a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CircuitOpening {
    pub(crate) pause: Duration,
    /// True if circuits of the plugin were opened so often within an hour that it is to be switched off.
    pub(crate) too_often: bool,
}

/// The opening of a plugin's circuit.
#[derive(Debug, Clone)]
pub(crate) struct TrippedCircuit {
    pub(crate) plugin: String,
    /// Number of the generation that failed.
    pub(crate) number: i64,
    pub(crate) reason: String,
    /// True if the plugin is to be switched off.
    pub(crate) too_often: bool,
}

/// State of the circuit of one hook, subscription, job, route or view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CircuitState {
    /// Calls are made.
    Closed,
    /// It failed too often; it is called again after this time.
    Open(Duration),
    /// It failed too often; the next call decides whether the circuit closes.
    HalfOpen,
}

impl CircuitState {
    /// The name in views and records: `closed`, `open`, `halfOpen`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open(_) => "open",
            Self::HalfOpen => "halfOpen",
        }
    }
}

/// A plugin, the export that is called, and the name in its manifest.
type CircuitKey = (String, PluginExport, String);

#[derive(Default)]
pub(crate) struct CircuitBreaker {
    circuits: Mutex<HashMap<CircuitKey, Circuit>>,
    /// The times at which circuits of a plugin were opened within the last hour.
    openings: Mutex<HashMap<String, VecDeque<Instant>>>,
}

#[derive(Default)]
struct Circuit {
    failures: VecDeque<Instant>,
    /// The latest calls, newest last: whether each failed.
    calls: VecDeque<bool>,
    /// How often it was opened without a successful call since.
    consecutive_openings: usize,
    open_until: Option<Instant>,
    /// Number of the trial call that is running.
    probe: Option<u64>,
    /// How many trial calls there were.
    probes: u64,
}

/// Permission to make a call. A trial call that ends without a result, because nobody waits for it any more or because there was no room
/// for it, leaves the trial to the next one.
#[must_use]
pub(crate) struct CallPermit<'a> {
    breaker: &'a CircuitBreaker,
    probe: Option<(CircuitKey, u64)>,
}

impl Drop for CallPermit<'_> {
    fn drop(&mut self) {
        let Some((key, number)) = self.probe.take() else { return };
        if let Some(circuit) = self.breaker.circuits.lock().get_mut(&key)
            && circuit.probe == Some(number)
        {
            circuit.probe = None;
        }
    }
}

impl CircuitBreaker {
    /// Permits a call, or returns how long to wait. While a circuit is open, one trial call in a while is permitted.
    pub(crate) fn acquire_permit(
        &self,
        plugin: &str,
        export: PluginExport,
        name: &str,
    ) -> Result<CallPermit<'_>, Duration> {
        self.acquire_permit_at(plugin, export, name, Instant::now())
    }

    fn acquire_permit_at(
        &self,
        plugin: &str,
        export: PluginExport,
        name: &str,
        now: Instant,
    ) -> Result<CallPermit<'_>, Duration> {
        let any = CallPermit { breaker: self, probe: None };
        let key = (plugin.to_owned(), export, name.to_owned());
        let mut circuits = self.circuits.lock();
        let Some(circuit) = circuits.get_mut(&key) else { return Ok(any) };
        match circuit.open_until {
            None => Ok(any),
            Some(until) if now < until => Err(until - now),
            Some(_) if circuit.probe.is_some() => Err(OPEN_PAUSES[0]),
            Some(_) => {
                circuit.probes += 1;
                circuit.probe = Some(circuit.probes);
                Ok(CallPermit { probe: Some((key, circuit.probes)), ..any })
            }
        }
    }

    /// State of the circuit; makes no trial.
    pub(crate) fn circuit_state(&self, plugin: &str, export: PluginExport, name: &str) -> CircuitState {
        let circuits = self.circuits.lock();
        let circuit = circuits.get(&(plugin.to_owned(), export, name.to_owned()));
        match circuit.and_then(|circuit| circuit.open_until) {
            None => CircuitState::Closed,
            Some(until) => match until.saturating_duration_since(Instant::now()) {
                Duration::ZERO => CircuitState::HalfOpen,
                left => CircuitState::Open(left),
            },
        }
    }

    /// Closes all circuits of a plugin, for another version or other settings of it.
    pub(crate) fn forget_plugin(&self, plugin: &str) {
        self.circuits.lock().retain(|(owner, ..), _| owner != plugin);
        self.openings.lock().remove(plugin);
    }

    pub(crate) fn record_success(&self, plugin: &str, export: PluginExport, name: &str) {
        let mut circuits = self.circuits.lock();
        // A circuit is created by the first failure, so an export without failures has none.
        let Some(circuit) = circuits.get_mut(&(plugin.to_owned(), export, name.to_owned())) else { return };
        if circuit.open_until.take().is_some() {
            *circuit = Circuit::default();
            return;
        }
        circuit.record_call(false);
    }

    /// Records a failure; `Some` where it opened the circuit.
    pub(crate) fn record_failure(&self, plugin: &str, export: PluginExport, name: &str) -> Option<CircuitOpening> {
        self.record_failure_at(plugin, export, name, Instant::now())
    }

    fn record_failure_at(
        &self,
        plugin: &str,
        export: PluginExport,
        name: &str,
        now: Instant,
    ) -> Option<CircuitOpening> {
        let mut circuits = self.circuits.lock();
        let circuit = circuits.entry((plugin.to_owned(), export, name.to_owned())).or_default();
        circuit.record_call(true);
        circuit.failures.push_back(now);
        while circuit.failures.front().is_some_and(|at| now.duration_since(*at) > FAILURE_WINDOW) {
            circuit.failures.pop_front();
        }
        let often = circuit.calls.len() >= MAX_RECENT_CALLS
            && circuit.calls.iter().filter(|failed| **failed).count() * 5 >= MAX_RECENT_CALLS;
        if !(circuit.probe.is_some() || often || circuit.failures.len() >= MAX_FAILURES_IN_WINDOW) {
            return None;
        }
        let pause = OPEN_PAUSES[circuit.consecutive_openings.min(OPEN_PAUSES.len() - 1)];
        circuit.consecutive_openings += 1;
        circuit.open_until = Some(now + pause);
        circuit.probe = None;
        circuit.failures.clear();
        circuit.calls.clear();
        drop(circuits);
        Some(CircuitOpening { pause, too_often: self.record_opening(plugin, now) })
    }

    fn record_opening(&self, plugin: &str, now: Instant) -> bool {
        let mut all = self.openings.lock();
        let openings = all.entry(plugin.to_owned()).or_default();
        openings.push_back(now);
        while openings.front().is_some_and(|at| now.duration_since(*at) > OPENING_WINDOW) {
            openings.pop_front();
        }
        openings.len() >= MAX_OPENINGS_IN_WINDOW
    }
}

impl Circuit {
    fn record_call(&mut self, failed: bool) {
        self.calls.push_back(failed);
        if self.calls.len() > MAX_RECENT_CALLS {
            self.calls.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: (&str, PluginExport, &str) = ("crm", PluginExport::Job, "digest");

    fn record_job_failure(breaker: &CircuitBreaker, now: Instant) -> Option<CircuitOpening> {
        breaker.record_failure_at(AT.0, AT.1, AT.2, now)
    }

    #[test]
    fn five_failures_open_the_circuit_and_one_call_probes_it() {
        let (breaker, now) = (CircuitBreaker::default(), Instant::now());
        for _ in 0..4 {
            assert_eq!(record_job_failure(&breaker, now), None);
        }
        assert_eq!(record_job_failure(&breaker, now), Some(CircuitOpening { pause: OPEN_PAUSES[0], too_often: false }));
        assert!(breaker.acquire_permit_at(AT.0, AT.1, AT.2, now).is_err());
        // Circuits are separate: the same plugin's other exports are still called.
        assert!(breaker.acquire_permit_at(AT.0, PluginExport::Before, AT.2, now).is_ok());
        let later = now + OPEN_PAUSES[0];
        let trying = breaker.acquire_permit_at(AT.0, AT.1, AT.2, later).unwrap();
        assert!(breaker.acquire_permit_at(AT.0, AT.1, AT.2, later).is_err());
        assert_eq!(
            record_job_failure(&breaker, later),
            Some(CircuitOpening { pause: OPEN_PAUSES[1], too_often: false })
        );
        let later = later + OPEN_PAUSES[1];
        let permit = breaker.acquire_permit_at(AT.0, AT.1, AT.2, later).unwrap();
        // The one before is over, and says nothing of this one.
        drop(trying);
        assert!(breaker.acquire_permit_at(AT.0, AT.1, AT.2, later).is_err());
        // A permit that ends without a result lets the next call probe the circuit.
        drop(permit);
        let _again = breaker.acquire_permit_at(AT.0, AT.1, AT.2, later).unwrap();
        breaker.record_success(AT.0, AT.1, AT.2);
        assert!(breaker.acquire_permit_at(AT.0, AT.1, AT.2, later).is_ok());
        assert_eq!(record_job_failure(&breaker, later), None);
    }

    #[test]
    fn third_opening_within_an_hour_is_too_often() {
        let (breaker, mut now) = (CircuitBreaker::default(), Instant::now());
        let mut open = |job: &str, after: Duration| {
            now += after;
            let opened =
                (0..MAX_FAILURES_IN_WINDOW).filter_map(|_| breaker.record_failure_at(AT.0, AT.1, job, now)).last();
            opened.map(|opened| opened.too_often)
        };
        assert_eq!(open("a", Duration::ZERO), Some(false));
        assert_eq!(open("b", OPENING_WINDOW / 2), Some(false));
        // The first is more than an hour ago.
        assert_eq!(open("c", OPENING_WINDOW * 2 / 3), Some(false));
        assert_eq!(open("d", Duration::ZERO), Some(true));
        breaker.forget_plugin(AT.0);
        assert_eq!(breaker.circuit_state(AT.0, AT.1, "d"), CircuitState::Closed);
    }

    #[test]
    fn failures_far_apart_do_not_open_the_circuit() {
        let (breaker, now) = (CircuitBreaker::default(), Instant::now());
        for n in 0..20 {
            assert_eq!(record_job_failure(&breaker, now + FAILURE_WINDOW * n), None);
        }
    }
}
