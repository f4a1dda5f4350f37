//! Days where the company is. Guests carry no time zones, so the host writes the moment down and the day is read from that.

use cairn_plugin::{Error, Instant, Result, format_instant};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// The language whose short form of a time begins with the day as `21-11-2026`.
const LOCALE: &str = "nl";

/// Today in a time zone.
///
/// # Errors
/// `Invalid` where the host does not know the zone.
pub(crate) fn find_today(now: Instant, zone: &str) -> Result<NaiveDate> {
    find_local_time(now, zone).map(|time| time.date())
}

/// The moment at which a day begins in a time zone.
///
/// # Errors
/// `Invalid` where the host does not know the zone.
pub(crate) fn find_start(day: NaiveDate, zone: &str) -> Result<Instant> {
    let midnight = day.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    let mut start = midnight;
    // The second time it is the offset of that moment itself: the clocks may change within the day.
    for _ in 0..2 {
        let local = find_local_time(start, zone)?.and_utc().timestamp_millis();
        start = midnight.saturating_sub(local.saturating_sub(start));
    }
    Ok(start)
}

/// The local time of a moment, to the minute.
fn find_local_time(at: Instant, zone: &str) -> Result<NaiveDateTime> {
    let text = format_instant(at, LOCALE, zone, "short")?;
    read_time(&text).ok_or_else(|| Error::Internal(format!("no time in {text:?}")))
}

fn read_time(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, "%d-%m-%Y, %H:%M").ok()
}

/// A day as fields have it: `2027-03-28`.
pub(crate) fn read_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// A day as people write it in both languages: `28-03-2027`. A text that is no day stays as it is.
pub(crate) fn write_date(date: &str) -> String {
    read_date(date).map_or_else(|| date.to_owned(), |date| date.format("%d-%m-%Y").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_read_from_the_hosts_text() {
        let time = |text: &str| read_time(text).map(|time| time.to_string());
        assert_eq!(time("21-11-2026, 20:05").as_deref(), Some("2026-11-21 20:05:00"));
        assert_eq!(time("1-2-2026, 00:00").as_deref(), Some("2026-02-01 00:00:00"));
        for other in ["", "11/21/2026, 8:05 PM", "21-11-2026 20:05", "soon"] {
            assert_eq!(read_time(other), None, "{other}");
        }
    }

    #[test]
    fn days_are_written_with_the_day_first() {
        assert_eq!((write_date("2027-03-28").as_str(), write_date("soon").as_str()), ("28-03-2027", "soon"));
    }
}
