//! Time as a parameter: tests run a month of a session in no time.

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

/// A source of time.
pub trait Clock: Send + Sync + 'static {
    /// The present time in UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock of the machine")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct FixedClock(Mutex<DateTime<Utc>>);

impl FixedClock {
    /// Creates a clock that shows that time.
    pub fn starting_at(time: DateTime<Utc>) -> Self {
        Self(Mutex::new(time))
    }

    /// Moves the clock by that much (back if negative).
    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock() += by;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock()
    }
}

/// The text that is stored and returned by the API: `2025-01-01T10:00:00.000Z`. Such texts sort like their times.
pub fn format_iso(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_times_have_milliseconds_and_utc_suffix() {
        let t = DateTime::from_timestamp_millis(1_735_725_600_007).unwrap();
        assert_eq!(format_iso(t), "2025-01-01T10:00:00.007Z");
    }
}
