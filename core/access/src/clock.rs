//! Time as a parameter: tests run a month of a session in no time.

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

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

/// A clock that runs on from the time that it was set to. For whole programs under test, which cannot wait for months; in production the clock
/// is [`SystemClock`].
#[derive(Debug)]
pub struct MovableClock {
    /// Milliseconds that it is ahead of the machine's clock.
    ahead_ms: AtomicI64,
}

/// A clock was to be moved to an earlier time than it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The clock shows {} and cannot go back", format_iso(*.now))]
pub struct ClockMovedBack {
    /// The time that the clock shows.
    pub now: DateTime<Utc>,
}

impl MovableClock {
    /// Creates a clock that shows that time now.
    pub fn starting_at(time: DateTime<Utc>) -> Self {
        Self { ahead_ms: AtomicI64::new(milliseconds_ahead(time)) }
    }

    /// Sets the clock to a later time, from which it runs on.
    ///
    /// # Errors
    /// [`ClockMovedBack`] if it shows a later time already.
    pub fn move_to(&self, time: DateTime<Utc>) -> Result<(), ClockMovedBack> {
        let ahead = milliseconds_ahead(time);
        match self.ahead_ms.fetch_max(ahead, Ordering::SeqCst) <= ahead {
            true => Ok(()),
            false => Err(ClockMovedBack { now: self.now() }),
        }
    }
}

/// How much later than the machine's clock a time is.
fn milliseconds_ahead(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis() - SystemClock.now().timestamp_millis()
}

impl Clock for MovableClock {
    fn now(&self) -> DateTime<Utc> {
        let ahead = TimeDelta::milliseconds(self.ahead_ms.load(Ordering::SeqCst));
        // A time that the calendar does not have cannot be set.
        SystemClock.now().checked_add_signed(ahead).unwrap_or(DateTime::<Utc>::MAX_UTC)
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
    #[test]
    fn movable_clocks_run_on_and_never_back() {
        let start = DateTime::from_timestamp_millis(1_893_456_000_000).unwrap();
        let clock = MovableClock::starting_at(start);
        assert!(clock.now() >= start && clock.now() < start + TimeDelta::minutes(1));
        let later = start + TimeDelta::days(40);
        clock.move_to(later).unwrap();
        assert!(clock.now() >= later);
        let refused = clock.move_to(start).unwrap_err();
        assert!(refused.now >= later && clock.now() >= later);
        assert!(refused.to_string().starts_with("The clock shows 2030-02-10T"), "{refused}");
    }
}
