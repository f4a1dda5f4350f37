//! Days where the company is. Guests carry no time zones, so the host writes the moment down and the day is read from that.

use cairn_plugin::{Error, Instant, Result, format_instant};
use chrono::NaiveDate;

/// The language whose short form of a time begins with the day as `21-11-2026`.
const LOCALE: &str = "nl";

/// Today in a time zone.
///
/// # Errors
/// `Invalid` where the host does not know the zone.
pub(crate) fn find_today(now: Instant, zone: &str) -> Result<NaiveDate> {
    let text = format_instant(now, LOCALE, zone, "short")?;
    read_day(&text).ok_or_else(|| Error::Internal(format!("no day in {text:?}")))
}

fn read_day(text: &str) -> Option<NaiveDate> {
    let (day, _) = text.split_once(',')?;
    NaiveDate::parse_from_str(day, "%d-%m-%Y").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_read_from_the_hosts_text() {
        assert_eq!(read_day("21-11-2026, 20:05"), NaiveDate::from_ymd_opt(2026, 11, 21));
        assert_eq!(read_day("1-2-2026, 00:00"), NaiveDate::from_ymd_opt(2026, 2, 1));
        for other in ["", "11/21/2026, 8:05 PM", "21-11-2026 20:05", "soon"] {
            assert_eq!(read_day(other), None, "{other}");
        }
    }
}
