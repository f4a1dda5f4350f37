//! Moments as people write them: with the clock of a place.

use crate::zone::parse_zone;
use crate::{FormatError, locale};
use chrono::{DateTime, Datelike, Timelike};
use icu_calendar::{Date, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{YMDET, YMDT};
use icu_datetime::options::{TimePrecision, YearStyle};
use icu_time::{DateTime as Local, Time};

/// How a moment is written: in figures, with a short month, with the whole month, and with the day of the week as well.
pub const STYLES: [&str; 4] = ["short", "medium", "long", "full"];

/// Writes a moment, in milliseconds since 1970, as the clock of `zone` (`Europe/Amsterdam`) shows it, to the minute. English without a region
/// (`en`) is that of where the zone is: `21 Nov 2026, 20:05` in Europe and in UTC, `Nov 21, 2026, 2:05 PM` in New York.
///
/// # Errors
/// Which argument is none: the locale, the zone, the style, or a moment before the year 1 or after 9999.
pub fn format_instant(at: i64, locale: &str, zone: &str, style: &str) -> Result<String, FormatError> {
    let (locale, zone_name) = (locale::parse_locale(locale)?, zone);
    let zone = parse_zone(zone_name)?;
    let locale = locale::localize_to_zone(locale, zone_name);
    let far = || FormatError::new("at", "expected a time between the years 1 and 9999, in milliseconds since 1970");
    let zoned = DateTime::from_timestamp_millis(at).ok_or_else(far)?.with_timezone(&zone);
    if !(1..=9_999).contains(&zoned.year()) {
        return Err(far());
    }
    let part = |n: u32| u8::try_from(n).unwrap_or(0);
    let date = Date::try_new_gregorian(zoned.year(), part(zoned.month()), part(zoned.day())).map_err(|_| far())?;
    let time = Time::try_new(part(zoned.hour()), part(zoned.minute()), 0, 0).map_err(|_| far())?;
    let local: Local<Gregorian> = Local { date, time };
    let told = |e: icu_datetime::DateTimeFormatterLoadError| FormatError::new("locale", e.to_string());
    macro_rules! written {
        ($fields:expr) => {
            FixedCalendarDateTimeFormatter::try_new(locale.into(), $fields).map_err(told)?.format(&local).to_string()
        };
    }
    Ok(match style {
        "short" => {
            written!(YMDT::short().with_year_style(YearStyle::Full).with_time_precision(TimePrecision::Minute))
        }
        "medium" => written!(YMDT::medium().with_time_precision(TimePrecision::Minute)),
        "long" => written!(YMDT::long().with_time_precision(TimePrecision::Minute)),
        "full" => written!(YMDET::long().with_time_precision(TimePrecision::Minute)),
        _ => return Err(FormatError::new("style", format!("expected one of {}", STYLES.join(", ")))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 21 November 2026, 19:05 in UTC.
    const AT: i64 = 1_795_287_900_000;

    #[test]
    fn instants_are_formatted_by_locale_and_style() {
        for (locale, style, expected) in [
            ("nl", "short", "21-11-2026, 20:05"),
            ("nl", "medium", "21 nov 2026, 20:05"),
            ("nl", "long", "21 november 2026 om 20:05"),
            ("nl", "full", "zaterdag 21 november 2026 om 20:05"),
            ("nl-BE", "long", "21 november 2026 om 20:05"),
            ("en-US", "short", "11/21/2026, 8:05 PM"),
            ("en-US", "medium", "Nov 21, 2026, 8:05 PM"),
            ("en-US", "long", "November 21, 2026 at 8:05 PM"),
            ("en-US", "full", "Saturday, November 21, 2026 at 8:05 PM"),
            ("en-GB", "long", "21 November 2026 at 20:05"),
        ] {
            let text = format_instant(AT, locale, "Europe/Amsterdam", style).unwrap().replace('\u{202f}', " ");
            assert_eq!(text, expected, "{locale} {style}");
        }
    }

    #[test]
    fn english_without_a_region_is_that_of_the_time_zone() {
        for (zone, expected) in [
            ("Europe/Amsterdam", "21 Nov 2026, 20:05"),
            ("Australia/Brisbane", "22 Nov 2026, 05:05"),
            ("America/New_York", "Nov 21, 2026, 2:05 PM"),
            ("US/Pacific", "Nov 21, 2026, 11:05 AM"),
            ("Pacific/Honolulu", "Nov 21, 2026, 9:05 AM"),
            ("Pacific/Auckland", "22 Nov 2026, 08:05"),
            ("UTC", "21 Nov 2026, 19:05"),
        ] {
            let text = format_instant(AT, "en", zone, "medium").unwrap().replace('\u{202f}', " ");
            assert_eq!(text, expected, "{zone}");
        }
        assert!(format_instant(AT, "nl", "America/New_York", "medium").unwrap().starts_with("21 nov 2026"));
    }

    #[test]
    fn instants_are_formatted_in_their_time_zone() {
        let hour = |at, zone| format_instant(at, "nl", zone, "short").unwrap();
        assert!(hour(AT, "UTC").ends_with("19:05"));
        assert!(hour(AT, "America/New_York").ends_with("14:05"));
        // In the summer, an hour more.
        assert!(hour(AT - 120 * 86_400_000, "Europe/Amsterdam").ends_with("21:05"));
    }

    #[test]
    fn invalid_arguments_are_reported_by_field() {
        for (at, locale, zone, style, field) in [
            (AT, "", "UTC", "long", "locale"),
            (AT, "n", "UTC", "long", "locale"),
            (AT, "nl\0", "UTC", "long", "locale"),
            (AT, "nl", "Amsterdam", "long", "zone"),
            (AT, "nl", "", "long", "zone"),
            (AT, "nl", "UTC", "huge", "style"),
            (i64::MAX, "nl", "UTC", "long", "at"),
            (i64::MIN, "nl", "UTC", "long", "at"),
            (i64::MIN / 1_000, "nl", "UTC", "long", "at"),
        ] {
            assert_eq!(
                format_instant(at, locale, zone, style).unwrap_err().field,
                field,
                "{at} {locale} {zone} {style}"
            );
        }
        assert!(format_instant(AT, &"nl-".repeat(100_000), "UTC", "long").is_err());
        // Of a language nobody has heard of: no words, but no failure.
        assert!(format_instant(AT, "tlh", "UTC", "long").unwrap().contains("2026"));
    }
}
