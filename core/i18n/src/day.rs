//! Days as people write them.

use crate::{FormatError, locale};
use chrono::{Datelike, NaiveDate};
use icu_calendar::Date;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::YMD;

/// Writes a day (`2026-11-21`) with the whole month: `21 november 2026` in Dutch. English without a region (`en`) is that of where the
/// time zone is: `21 November 2026`, but `November 21, 2026` in New York. An empty zone is nowhere.
///
/// # Errors
/// Which argument is none: the locale, or the day, which must be between the years 1 and 9999.
pub fn format_day(day: &str, locale: &str, zone: &str) -> Result<String, FormatError> {
    let locale = locale::localize_to_zone(locale::parse_locale(locale)?, zone);
    let no_day = || FormatError::new("day", "expected a day between the years 1 and 9999, such as 2026-11-21");
    // The parser accepts years and months of fewer and more digits.
    let parsed = Some(day).filter(|day| day.len() == 10).and_then(|day| day.parse::<NaiveDate>().ok());
    let parsed = parsed.filter(|day| (1..=9_999).contains(&day.year())).ok_or_else(no_day)?;
    let part = |n: u32| u8::try_from(n).unwrap_or(0);
    let date =
        Date::try_new_gregorian(parsed.year(), part(parsed.month()), part(parsed.day())).map_err(|_| no_day())?;
    let formatter = FixedCalendarDateTimeFormatter::try_new(locale.into(), YMD::long())
        .map_err(|e| FormatError::new("locale", e.to_string()))?;
    Ok(formatter.format(&date).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_formatted_by_locale() {
        for (locale, expected) in [
            ("nl", "1 maart 2027"),
            ("nl-BE", "1 maart 2027"),
            ("en-US", "March 1, 2027"),
            ("en-GB", "1 March 2027"),
            ("de", "1. März 2027"),
        ] {
            assert_eq!(format_day("2027-03-01", locale, "Europe/Amsterdam").unwrap(), expected, "{locale}");
        }
    }

    #[test]
    fn english_without_a_region_is_that_of_the_time_zone() {
        for (zone, expected) in [
            ("Europe/Amsterdam", "1 March 2027"),
            ("America/New_York", "March 1, 2027"),
            ("UTC", "1 March 2027"),
            ("", "1 March 2027"),
        ] {
            assert_eq!(format_day("2027-03-01", "en", zone).unwrap(), expected, "{zone}");
        }
        assert_eq!(format_day("2027-03-01", "en-GB", "America/New_York").unwrap(), "1 March 2027");
    }

    #[test]
    fn what_is_no_day_is_reported() {
        for day in
            ["", "2027-02-29", "2027-3-1", "2027-03-01T10:00:00Z", "+12027-03-01", "0000-01-01", "march", "２０２７"]
        {
            assert_eq!(format_day(day, "nl", "UTC").unwrap_err().field, "day", "{day}");
        }
        assert_eq!(format_day("2027-03-01", "n", "UTC").unwrap_err().field, "locale");
    }
}
