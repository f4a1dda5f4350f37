//! Working time, by the calendars an operator keeps.

use crate::bindings::calendar as raw;
use crate::{Instant, Result, time};
use std::time::Duration;

/// The first moment at which so much working time has gone by.
///
/// # Errors
/// `NotFound` for a calendar there is not; `Invalid` where it never comes.
pub fn add_working_time(calendar: &str, start: Instant, amount: Duration) -> Result<Instant> {
    raw::add_working_time(calendar, start, time::millis(amount))
}

/// The working time from one moment to another.
///
/// # Errors
/// `NotFound` for a calendar there is not; `Invalid` where the end is before the start.
pub fn working_time_between(calendar: &str, start: Instant, end: Instant) -> Result<Duration> {
    raw::working_time_between(calendar, start, end).map(Duration::from_millis)
}

/// True if it is open at a moment.
///
/// # Errors
/// `NotFound` for a calendar there is not.
pub fn is_open(calendar: &str, at: Instant) -> Result<bool> {
    raw::is_open(calendar, at)
}
