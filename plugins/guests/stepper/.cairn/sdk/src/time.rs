//! The host's clock, and times in the contract's units.

use crate::bindings::clock;
use crate::{Error, Instant, Result};
use chrono::{DateTime, SecondsFormat};
use std::time::Duration;

/// Now, in milliseconds since 1970: the host's clock, which stands still within a transaction and is moved by hand in tests.
#[must_use]
pub fn now() -> Instant {
    clock::now()
}

/// A span in whole milliseconds, cut off at the longest the contract can say.
#[must_use]
pub fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// A time as documents have it (`2026-11-21T08:00:00.000Z`), in milliseconds since 1970.
///
/// # Errors
/// `Invalid` where it is none.
pub fn parse(text: &str) -> Result<Instant> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|error| Error::field("", "time", error.to_string()))?;
    Ok(time.timestamp_millis())
}

/// Milliseconds since 1970 as documents have them. Times beyond the year 262,142 become the last that can be said.
#[must_use]
pub fn format(at: Instant) -> String {
    let time = DateTime::from_timestamp_millis(at).unwrap_or(if at < 0 {
        DateTime::<chrono::Utc>::MIN_UTC
    } else {
        DateTime::<chrono::Utc>::MAX_UTC
    });
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_documents_go_both_ways() {
        let text = "2026-11-21T08:00:00.250Z";
        assert_eq!(format(parse(text).unwrap()), text);
        assert_eq!(parse("2026-11-21T09:00:00.250+01:00").unwrap(), parse(text).unwrap());
    }

    #[test]
    fn what_is_no_time_is_an_error_and_no_number_is_too_large() {
        assert!(parse("tomorrow").is_err());
        assert!(parse("2026-13-01T00:00:00Z").is_err());
        assert!(!format(i64::MAX).is_empty() && !format(i64::MIN).is_empty());
        assert_eq!(millis(Duration::MAX), u64::MAX);
    }
}
