//! Spans of the calendar, in ISO 8601: months and days, whose length in hours depends on where they begin.

use chrono::{Days, Months, NaiveDate};
use std::fmt;

/// Most months and days of a period: a century.
const MAX_MONTHS: i32 = 1_200;
const MAX_DAYS: i32 = 36_600;

/// Months and days. Both may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Period {
    months: i32,
    days: i32,
}

impl Period {
    /// A number of months.
    pub(crate) const fn months(months: i32) -> Self {
        Self { months, days: 0 }
    }

    /// A number of days.
    pub(crate) const fn days(days: i32) -> Self {
        Self { months: 0, days }
    }

    /// Parses `P4M`, `P1Y6M`, `P2W`, `P10D` or `-P1W`; `None` for anything else, such as hours and more than a century.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let mut rest = text.strip_prefix('P').filter(|rest| !rest.is_empty())?;
        let mut period = Self::default();
        for (unit, months, days) in [('Y', 12, 0), ('M', 1, 0), ('W', 0, 7), ('D', 0, 1)] {
            let Some((number, after)) = rest.split_once(unit) else { continue };
            let is_plain = (1..=5).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
            let number: i32 = if is_plain { number.parse().ok()? } else { return None };
            period.months += sign * number * months;
            period.days += sign * number * days;
            rest = after;
        }
        let fits = period.months.abs() <= MAX_MONTHS && period.days.abs() <= MAX_DAYS;
        (rest.is_empty() && fits).then_some(period)
    }

    /// Both periods together; `None` beyond a century.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let sum = Self { months: self.months + other.months, days: self.days + other.days };
        (sum.months.abs() <= MAX_MONTHS && sum.days.abs() <= MAX_DAYS).then_some(sum)
    }

    /// This period without the other; `None` beyond a century.
    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { months: -other.months, days: -other.days })
    }

    /// Its months, without its days.
    pub(crate) const fn whole_months(self) -> i32 {
        self.months
    }

    /// Its length as people say it, whichever its direction: months, and days or else whole weeks.
    pub(crate) const fn parts(self) -> [(&'static str, u32); 2] {
        let days = self.days.unsigned_abs();
        let rest = if days.is_multiple_of(7) { ("weeks", days / 7) } else { ("days", days) };
        [("months", self.months.unsigned_abs()), rest]
    }

    /// True if it leads back.
    pub(crate) const fn is_back(self) -> bool {
        self.months < 0 || (self.months == 0 && self.days < 0)
    }

    /// Its days, with thirty for each month: a number to compare.
    pub(crate) const fn approximate_days(self) -> i32 {
        self.months * 30 + self.days
    }

    /// A whole number of these periods.
    pub(crate) const fn times(self, count: u32) -> Self {
        let count = count as i32;
        Self { months: self.months.saturating_mul(count), days: self.days.saturating_mul(count) }
    }

    /// True if it is no time at all.
    pub(crate) const fn is_zero(self) -> bool {
        self.months == 0 && self.days == 0
    }

    /// The day that is so much later: first by months, where a month that is too short gives its last day, then by days. `None` beyond
    /// the calendar.
    pub(crate) fn add_to(self, date: NaiveDate) -> Option<NaiveDate> {
        let months = Months::new(self.months.unsigned_abs());
        let date = if self.months < 0 { date.checked_sub_months(months) } else { date.checked_add_months(months) }?;
        let days = Days::new(self.days.unsigned_abs().into());
        if self.days < 0 { date.checked_sub_days(days) } else { date.checked_add_days(days) }
    }
}

impl fmt::Display for Period {
    /// In ISO 8601; months and days of different signs have no such form, and are written as days with months (`P1M-3D`), which
    /// [`Period::read`] understands.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.months, self.days) {
            (0, 0) => f.write_str("P0D"),
            (months, days) if months <= 0 && days <= 0 => {
                f.write_str("-P")?;
                write_parts(f, -months, -days)
            }
            (months, days) => {
                f.write_str("P")?;
                write_parts(f, months, days)
            }
        }
    }
}

fn write_parts(f: &mut fmt::Formatter<'_>, months: i32, days: i32) -> fmt::Result {
    if months != 0 {
        write!(f, "{months}M")?;
    }
    if days != 0 {
        write!(f, "{days}D")?;
    }
    Ok(())
}

impl Period {
    /// Reads what [`Display`](fmt::Display) wrote; empty is no time at all.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        if let Some(period) = Self::parse(text) {
            return Some(period);
        }
        let (months, days) = text.strip_prefix('P')?.strip_suffix('D')?.split_once('M')?;
        Some(Self { months: months.parse().ok()?, days: days.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn periods_are_parsed_and_written() {
        for (text, months, days, written) in [
            ("P4M", 4, 0, "P4M"),
            ("P7D", 0, 7, "P7D"),
            ("P1Y2M3W4D", 14, 25, "P14M25D"),
            ("-P1W", 0, -7, "-P7D"),
            ("P0D", 0, 0, "P0D"),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!((period, period.to_string()), (Period { months, days }, written.to_owned()), "{text}");
        }
        let mixed = Period { months: 1, days: -3 };
        for period in [mixed, Period { months: -2, days: 9 }, Period::default(), Period::months(-4)] {
            assert_eq!(Period::read(&period.to_string()), Some(period), "{period}");
        }
        assert_eq!(Period::read(""), Some(Period::default()));
    }

    #[test]
    fn periods_have_parts_that_people_say() {
        for (text, months, rest, is_back) in [
            ("P30D", 0, ("days", 30), false),
            ("-P1W", 0, ("weeks", 1), true),
            ("P1M10D", 1, ("days", 10), false),
            ("-P2M", 2, ("weeks", 0), true),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!((period.parts(), period.is_back()), ([("months", months), rest], is_back), "{text}");
        }
    }

    #[test]
    fn what_is_no_period_of_the_calendar_is_refused() {
        for text in [
            "",
            "P",
            "4M",
            "PM",
            "P4",
            "PT4H",
            "P1DT2H",
            "P-4M",
            "P4M ",
            "p4m",
            "P1D1M",
            "P4.5M",
            "P101Y",
            "P99999D",
            "--P1D",
            "P1M1M",
            "P+4M",
            "P999999999999D",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
        assert_eq!(Period::read("soon"), None);
        assert_eq!(Period::months(1_000).plus(Period::months(1_000)), None);
    }

    #[test]
    fn short_months_give_their_last_day() {
        for (from, period, to) in [
            ("2026-08-31", "P4M", "2026-12-31"),
            ("2026-08-31", "P8M", "2027-04-30"),
            ("2024-02-29", "P24M", "2026-02-28"),
            ("2026-01-31", "P1M1D", "2026-03-01"),
            ("2026-03-31", "-P1M", "2026-02-28"),
        ] {
            assert_eq!(Period::parse(period).unwrap().add_to(day(from)), Some(day(to)), "{from} {period}");
        }
        assert_eq!(Period::months(1).add_to(NaiveDate::MAX), None);
    }
}
