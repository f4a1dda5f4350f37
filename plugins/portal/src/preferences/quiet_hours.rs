//! Quiet hours by the clock of a customer. It knows no host: windows are given as local times, which the host turns into instants by the rules
//! of the time zone, so that they are right on the days on which clocks change.

use cairn_plugin::Instant;
use chrono::{Days, NaiveDate};

/// Hours of a day in which nobody is mailed, as `HH:MM`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QuietHours {
    pub(crate) from: String,
    pub(crate) to: String,
}

/// True for an hour and a minute of a clock, such as `07:30`.
pub(crate) fn is_clock_time(text: &str) -> bool {
    let Some((hour, minute)) = text.split_once(':') else { return false };
    let number = |part: &str, below: u8| {
        part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse::<u8>().is_ok_and(|n| n < below)
    };
    number(hour, 24) && number(minute, 60)
}

impl QuietHours {
    /// The local times at which windows begin and end that may contain a moment of a day: the one that began the day before, that of the day,
    /// and that of the next. None for a text that is no day.
    pub(crate) fn list_bounds(&self, today: &str) -> Option<Vec<String>> {
        let today: NaiveDate = today.parse().ok()?;
        // A window whose end is not later by the clock ends on the next day.
        let nights = u64::from(self.to <= self.from);
        let mut bounds = Vec::with_capacity(6);
        for start in [today.checked_sub_days(Days::new(1))?, today, today.checked_add_days(Days::new(1))?] {
            let end = start.checked_add_days(Days::new(nights))?;
            bounds.extend([format!("{start}T{}", self.from), format!("{end}T{}", self.to)]);
        }
        Some(bounds)
    }
}

/// When the window ends that contains a moment; none for a moment outside. `bounds`: beginnings and ends in turn.
pub(crate) fn find_end(bounds: &[Instant], at: Instant) -> Option<Instant> {
    let windows = bounds.as_chunks::<2>().0;
    windows.iter().find(|[start, end]| *start <= at && at < *end).map(|[_, end]| *end)
}

/// The local times of a clock time on a day and on the next. None for a text that is no day.
pub(crate) fn list_next(today: &str, clock: &str) -> Option<Vec<String>> {
    let today: NaiveDate = today.parse().ok()?;
    let tomorrow = today.checked_add_days(Days::new(1))?;
    Some([today, tomorrow].iter().map(|day| format!("{day}T{clock}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: &str, to: &str) -> QuietHours {
        QuietHours { from: from.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn times_are_those_of_a_clock() {
        for right in ["00:00", "07:30", "23:59"] {
            assert!(is_clock_time(right), "{right}");
        }
        for wrong in ["", "24:00", "7:30", "07:60", "07.30", "07:30:00", "+7:30", " 7:30", "०७:३०"] {
            assert!(!is_clock_time(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_window_over_midnight_ends_on_the_next_day() {
        let night = quiet("22:00", "07:00").list_bounds("2026-03-01").unwrap();
        assert_eq!(
            night,
            [
                "2026-02-28T22:00",
                "2026-03-01T07:00",
                "2026-03-01T22:00",
                "2026-03-02T07:00",
                "2026-03-02T22:00",
                "2026-03-03T07:00"
            ]
        );
        let noon = quiet("12:00", "13:00").list_bounds("2026-03-01").unwrap();
        assert_eq!(&noon[2..4], ["2026-03-01T12:00", "2026-03-01T13:00"]);
        assert_eq!(quiet("12:00", "13:00").list_bounds("soon"), None);
    }

    #[test]
    fn a_window_begins_with_its_first_moment_and_ends_before_its_last() {
        let bounds = [0, 10, 100, 110];
        let ends = [0, 9, 10, 99, 100, 109, 110].map(|at| find_end(&bounds, at));
        assert_eq!(ends, [Some(10), Some(10), None, None, Some(110), Some(110), None]);
        // Of hours that clocks skip nothing may be left.
        assert_eq!(find_end(&[20, 10], 15), None);
    }

    #[test]
    fn the_next_is_today_or_tomorrow() {
        assert_eq!(list_next("2026-12-31", "08:00").unwrap(), ["2026-12-31T08:00", "2027-01-01T08:00"]);
        assert_eq!(list_next("x", "08:00"), None);
    }
}
