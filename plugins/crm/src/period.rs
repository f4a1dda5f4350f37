//! Periods of reports: so many days until now, a month or a year. It knows no host.

use chrono::{Datelike, Days, Months, NaiveDate};

/// The longest number of days: eight years, by whose months a report is divided.
const MAX_DAYS: u64 = 2_922;
/// Years that a report can be of.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2999;

/// Days of a report, where the company is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) first: NaiveDate,
    /// The day after the last one.
    pub(crate) end: NaiveDate,
}

impl Period {
    /// Reads `90d`, `2027-02` or `2027`; none for anything else. Days end with today.
    pub(crate) fn parse(text: &str, today: NaiveDate) -> Option<Self> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if let Some(days) = text.strip_suffix('d').filter(|days| digits(days) && days.len() <= 4) {
            let days = days.parse::<u64>().ok().filter(|days| (1..=MAX_DAYS).contains(days))?;
            return Self::of_days(days, today);
        }
        let (year, month) = text.split_once('-').unwrap_or((text, ""));
        if year.len() != 4 || !digits(year) {
            return None;
        }
        let year = year.parse().ok().filter(|year| YEARS.contains(year))?;
        if !text.contains('-') {
            let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
            return Some(Self { first, end: first.checked_add_months(Months::new(12))? });
        }
        let month = (month.len() == 2 && digits(month)).then(|| month.parse().ok()).flatten()?;
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        Some(Self { first, end: first.checked_add_months(Months::new(1))? })
    }

    /// So many days that end with today.
    pub(crate) fn of_days(days: u64, today: NaiveDate) -> Option<Self> {
        let end = today.succ_opt()?;
        Some(Self { first: end.checked_sub_days(Days::new(days))?, end })
    }

    /// The parts of it by month, oldest first: the first day, and the day after the last one.
    pub(crate) fn months(self) -> Vec<Self> {
        let mut months = Vec::new();
        let mut first = self.first;
        while first < self.end {
            let next = first.with_day(1).and_then(|day| day.checked_add_months(Months::new(1)));
            let end = next.unwrap_or(self.end).min(self.end);
            months.push(Self { first, end });
            first = end;
        }
        months
    }

    /// The months that end with the one of today, so many of them.
    pub(crate) fn last_months(count: u32, today: NaiveDate) -> Option<Self> {
        let this = today.with_day(1)?;
        let first = this.checked_sub_months(Months::new(count.saturating_sub(1)))?;
        Some(Self { first, end: this.checked_add_months(Months::new(1))? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn parse(text: &str) -> Option<(String, String)> {
        Period::parse(text, day("2027-02-05")).map(|period| (period.first.to_string(), period.end.to_string()))
    }

    #[test]
    fn periods_are_read() {
        for (text, first, end) in [
            ("1d", "2027-02-05", "2027-02-06"),
            ("30d", "2027-01-07", "2027-02-06"),
            ("2027", "2027-01-01", "2028-01-01"),
            ("2027-02", "2027-02-01", "2027-03-01"),
            ("2026-12", "2026-12-01", "2027-01-01"),
        ] {
            assert_eq!(parse(text), Some((first.to_owned(), end.to_owned())), "{text}");
        }
        for text in [
            "",
            "d",
            "0d",
            "-1d",
            "9999d",
            "2923d",
            "0000",
            "0001-01",
            "9999-12",
            "99999d",
            "2027-",
            "2027-13",
            "2027-2",
            "27",
            "2027-02-05",
            "last week",
            "٣d",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn months_touch_and_end_with_the_period() {
        let months = Period::parse("30d", day("2027-02-05")).unwrap().months();
        let starts: Vec<String> = months.iter().map(|month| month.first.to_string()).collect();
        assert_eq!(starts, ["2027-01-07", "2027-02-01"]);
        assert_eq!(months[1].end, day("2027-02-06"));
        let year = Period::last_months(12, day("2027-02-05")).unwrap().months();
        assert_eq!((year.len(), year[0].first, year[11].end), (12, day("2026-03-01"), day("2027-03-01")));
        assert!(year.windows(2).all(|pair| pair[0].end == pair[1].first));
    }
}
