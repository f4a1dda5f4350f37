//! Time zones, by the host's rules.

use crate::bindings::zones as raw;
use crate::{Instant, Result};

/// The local times of instants, as `2026-03-29T09:30:00`; at most 1,000.
///
/// # Errors
/// `Invalid` for an unknown zone, too many instants, or one before the year 1 or after 9999.
pub fn to_local(zone: &str, at: &[Instant]) -> Result<Vec<String>> {
    raw::to_local(zone, at)
}

/// The instants of local times such as `2026-03-29T09:30`; at most 1,000. One that clocks skip moves forward by what they skip; of one that
/// comes twice it is the first.
///
/// # Errors
/// `Invalid` for an unknown zone, too many times, or one of another form.
pub fn to_instants(zone: &str, local: &[String]) -> Result<Vec<Instant>> {
    raw::to_instants(zone, local)
}

/// The instants that are later than `start` by ISO 8601 durations (`P1D`, `P4M`, `PT36H`, `-P1W`); at most 1,000. Dates are counted on the
/// zone's calendar and keep the hour of the clock; hours, minutes and seconds are elapsed time.
///
/// # Errors
/// `Invalid` for an unknown zone, too many durations, or one of another form.
pub fn plus(zone: &str, start: Instant, durations: &[String]) -> Result<Vec<Instant>> {
    raw::plus(zone, start, durations)
}
