//! Dates that recur by a rule. A rule gives at most one date for each year; no I/O, no clock.

use super::weekdays::WEEKDAY_NAMES;
use chrono::{Datelike, Days, NaiveDate, Weekday};
use std::fmt;
use std::ops::RangeInclusive;

/// Days before and after Easter Sunday that a rule can name.
pub(super) const EASTER_OFFSETS: RangeInclusive<i16> = -100..=250;
/// Days by which a date can be moved.
pub(super) const MOVED_DAYS: RangeInclusive<i8> = -7..=7;
/// Years in which some date of a rule has to exist: those that working time is computed for.
const SUPPORTED_YEARS: RangeInclusive<i32> = 1900..=2299;
/// Names of the positions of a weekday in a month.
const POSITION_NAMES: [(&str, WeekPosition); 5] = [
    ("first", WeekPosition::Nth(1)),
    ("second", WeekPosition::Nth(2)),
    ("third", WeekPosition::Nth(3)),
    ("fourth", WeekPosition::Nth(4)),
    ("last", WeekPosition::Last),
];

/// A date that recurs every year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YearlyDate {
    /// Month and day: `12-25`. A 29 February is only in leap years.
    MonthDay(u32, u32),
    /// Days from Easter Sunday: `easter+39`.
    Easter(i16),
    /// A weekday of a month: `first monday of 09`.
    MonthWeekday {
        /// The one of them in the month.
        position: WeekPosition,
        /// The day of the week.
        weekday: Weekday,
        /// The month, from 1.
        month: u32,
    },
}

/// Position of a weekday in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeekPosition {
    /// The first (1) to the fourth.
    Nth(u8),
    /// The last, whether that is the fourth or the fifth.
    Last,
}

/// The years in which a date recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleYears {
    /// 1: every year; 5: every fifth, counted from `from`.
    pub interval: u8,
    /// The first year.
    pub from: Option<i32>,
    /// The last year.
    pub until: Option<i32>,
}

/// A recurring date, with its exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateRule {
    /// The date in each year.
    pub date: YearlyDate,
    /// By day of the week, Monday first: days by which a date on that weekday is moved; 0: not at all.
    pub moved: [i8; 7],
    /// The years that have the date.
    pub years: RuleYears,
}

impl DateRule {
    /// A rule without exceptions.
    pub const fn every_year(date: YearlyDate) -> Self {
        Self { date, moved: [0; 7], years: RuleYears::ALL }
    }

    /// The date of a year; a moved one can be in the year before or after. `None` if the year has none.
    pub fn date_of(&self, year: i32) -> Option<NaiveDate> {
        let date = self.date.in_year(year).filter(|_| self.years.contains(year))?;
        shift_date(date, self.moved[date.weekday().num_days_from_monday() as usize].into())
    }

    /// The dates of the rule that are in a year, whichever year they are of.
    pub fn dates_in(&self, year: i32) -> impl Iterator<Item = NaiveDate> + '_ {
        let leaves_year = matches!(self.date, YearlyDate::Easter(_)) || self.moved != [0; 7];
        let reach = i32::from(leaves_year);
        (year - reach..=year + reach).filter_map(|of| self.date_of(of)).filter(move |date| date.year() == year)
    }

    /// True if some year has the date.
    pub(super) fn ever_holds(&self) -> bool {
        SUPPORTED_YEARS.into_iter().any(|year| self.date_of(year).is_some())
    }
}

impl RuleYears {
    /// Every year.
    pub const ALL: Self = Self { interval: 1, from: None, until: None };

    fn contains(self, year: i32) -> bool {
        self.from.is_none_or(|from| year >= from)
            && self.until.is_none_or(|until| year <= until)
            && (year - self.from.unwrap_or_default()).rem_euclid(i32::from(self.interval)) == 0
    }
}

impl YearlyDate {
    fn in_year(self, year: i32) -> Option<NaiveDate> {
        match self {
            Self::MonthDay(month, day) => NaiveDate::from_ymd_opt(year, month, day),
            Self::Easter(offset) => shift_date(easter_sunday(year)?, offset.into()),
            Self::MonthWeekday { position: WeekPosition::Nth(nth), weekday, month } => {
                NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth)
            }
            Self::MonthWeekday { position: WeekPosition::Last, weekday, month } => {
                [5, 4].into_iter().find_map(|nth| NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth))
            }
        }
    }

    /// Parses the form in a settings file, without checking that the date exists. `None` for any other text; the error describes a number
    /// that is out of range.
    pub(super) fn from_text(text: &str) -> Option<Result<Self, String>> {
        if let Some(offset) = text.strip_prefix("easter") {
            return parse_offset(offset);
        }
        if let Some((month, day)) = text.split_once('-') {
            return Some(Ok(Self::MonthDay(two_digits(month)?, two_digits(day)?)));
        }
        let parts: Vec<&str> = text.split(' ').collect();
        let [position, weekday, "of", month] = parts.as_slice() else { return None };
        let position = POSITION_NAMES.iter().find(|(name, _)| name == position)?.1;
        let weekday = WEEKDAY_NAMES.iter().find(|(name, _)| name == weekday)?.1;
        let month = two_digits(month)?;
        Some(match (1..=12).contains(&month) {
            true => Ok(Self::MonthWeekday { position, weekday, month }),
            false => Err("expected a month from 01 to 12".to_owned()),
        })
    }
}

impl fmt::Display for YearlyDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MonthDay(month, day) => write!(f, "{month:02}-{day:02}"),
            Self::Easter(0) => f.write_str("easter"),
            Self::Easter(offset) => write!(f, "easter{offset:+}"),
            Self::MonthWeekday { position, weekday, month } => {
                let position = POSITION_NAMES.iter().find(|(_, known)| known == position).map_or("", |(name, _)| name);
                let weekday = WEEKDAY_NAMES.iter().find(|(_, known)| known == weekday).map_or("", |(name, _)| name);
                write!(f, "{position} {weekday} of {month:02}")
            }
        }
    }
}

/// Easter Sunday of the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher.
fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let (century, in_century) = (year.div_euclid(100), year.rem_euclid(100));
    let (leap_centuries, rest) = (century / 4, century % 4);
    let moon_shift = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - leap_centuries - moon_shift + 15) % 30;
    let to_sunday = (32 + 2 * rest + 2 * (in_century / 4) - epact - in_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let day = epact + to_sunday - 7 * late + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(day / 31).ok()?, u32::try_from(day % 31 + 1).ok()?)
}

fn shift_date(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let count = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(count) } else { date.checked_add_days(count) }
}

/// The rest of `easter+39`.
fn parse_offset(text: &str) -> Option<Result<YearlyDate, String>> {
    if text.is_empty() {
        return Some(Ok(YearlyDate::Easter(0)));
    }
    let digits = text.strip_prefix(['+', '-'])?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let offset = text.parse().ok().filter(|offset| EASTER_OFFSETS.contains(offset));
    let (first, last) = (EASTER_OFFSETS.start(), EASTER_OFFSETS.end());
    Some(offset.map(YearlyDate::Easter).ok_or_else(|| format!("expected days from Easter between {first} and +{last}")))
}

fn two_digits(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> DateRule {
        DateRule::every_year(YearlyDate::from_text(text).unwrap().unwrap())
    }

    fn dates(rule: &DateRule, years: RangeInclusive<i32>) -> Vec<String> {
        years.flat_map(|year| rule.dates_in(year).map(|date| date.to_string()).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn dates_follow_easter_and_the_weekdays_of_a_month() {
        for (text, expected) in [
            ("easter", ["2024-03-31", "2025-04-20", "2026-04-05"]),
            ("easter+39", ["2024-05-09", "2025-05-29", "2026-05-14"]),
            ("easter-2", ["2024-03-29", "2025-04-18", "2026-04-03"]),
            ("first monday of 09", ["2024-09-02", "2025-09-01", "2026-09-07"]),
            ("fourth thursday of 11", ["2024-11-28", "2025-11-27", "2026-11-26"]),
            ("last friday of 05", ["2024-05-31", "2025-05-30", "2026-05-29"]),
            ("last sunday of 02", ["2024-02-25", "2025-02-23", "2026-02-22"]),
            ("12-31", ["2024-12-31", "2025-12-31", "2026-12-31"]),
        ] {
            assert_eq!(dates(&rule(text), 2024..=2026), expected, "{text}");
            assert_eq!(rule(text).date.to_string(), text);
        }
        assert_eq!(dates(&rule("02-29"), 2023..=2028), ["2024-02-29", "2028-02-29"]);
        // The earliest and the latest Easter that there can be.
        assert_eq!(dates(&rule("easter"), 1818..=1818), ["1818-03-22"]);
        assert_eq!(dates(&rule("easter"), 2038..=2038), ["2038-04-25"]);
        assert_eq!(dates(&rule("easter+250"), 2038..=2038), ["2038-12-31"]);
    }

    #[test]
    fn moved_dates_can_be_in_the_next_year_or_the_previous() {
        let mut new_year = rule("01-01");
        new_year.moved[6] = -1;
        assert_eq!(dates(&new_year, 2021..=2023), ["2021-01-01", "2022-01-01", "2022-12-31"]);
        let mut last_day = rule("12-31");
        last_day.moved[5] = 2;
        assert_eq!(dates(&last_day, 2022..=2024), ["2023-01-02", "2023-12-31", "2024-12-31"]);
    }

    #[test]
    fn years_are_counted_from_the_first() {
        let mut liberation = rule("05-05");
        liberation.years = RuleYears { interval: 5, from: Some(2020), until: Some(2031) };
        assert_eq!(dates(&liberation, 2010..=2040), ["2020-05-05", "2025-05-05", "2030-05-05"]);
        liberation.years = RuleYears { interval: 1, from: Some(2026), until: Some(2027) };
        assert_eq!(dates(&liberation, 2010..=2040), ["2026-05-05", "2027-05-05"]);
        let mut leap = rule("02-29");
        leap.years = RuleYears { interval: 4, from: Some(2021), until: None };
        assert!(!leap.ever_holds());
        leap.years.from = Some(2024);
        assert!(leap.ever_holds());
    }

    #[test]
    fn other_texts_are_no_dates() {
        for text in [
            "easter 2",
            "easter+",
            "easter+x",
            "Easter",
            "fifth monday of 09",
            "first monday of 9",
            "first monday",
            "1-1",
        ] {
            assert!(YearlyDate::from_text(text).is_none(), "{text}");
        }
        for text in ["easter+251", "easter-101", "easter+99999999", "first monday of 13", "last monday of 00"] {
            assert!(YearlyDate::from_text(text).unwrap().is_err(), "{text}");
        }
    }
}
