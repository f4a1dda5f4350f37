//! The days of a year that are not as their weekday: resolved once for each year, because working time is counted day by day.

use super::presets::PresetHoliday;
use chrono::{Datelike, NaiveDate};
use std::sync::OnceLock;

/// The first year that is cached; others are rare and resolved each time.
const FIRST_YEAR: i32 = 1900;
/// Number of years that are cached.
const CACHED_YEARS: usize = 400;

/// A day that a holiday decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpecialDay {
    /// The holiday at that position in the calendar.
    Own(usize),
    /// A holiday of the preset.
    Preset(&'static PresetHoliday),
}

/// The special days of a year by their date, each date once.
type YearDays = Box<[(NaiveDate, SpecialDay)]>;

/// The special days of each year that somebody asked for. It follows from the calendar, so it neither counts for equality nor is cloned.
#[derive(Default)]
pub(super) struct YearCache(OnceLock<Box<[OnceLock<YearDays>]>>);

impl YearCache {
    /// Finds a special day. `list` returns those of a year; of two with one date the first counts.
    pub(super) fn find_special_day(
        &self,
        day: NaiveDate,
        list: impl FnOnce(i32) -> Vec<(NaiveDate, SpecialDay)>,
    ) -> Option<SpecialDay> {
        let year = day.year();
        let find = |days: &[(NaiveDate, SpecialDay)]| {
            days.binary_search_by_key(&day, |(date, _)| *date).ok().map(|i| days[i].1)
        };
        let years = self.0.get_or_init(|| (0..CACHED_YEARS).map(|_| OnceLock::new()).collect());
        match usize::try_from(year - FIRST_YEAR).ok().and_then(|i| years.get(i)) {
            Some(cached) => find(cached.get_or_init(|| sort_days(list(year)))),
            None => find(&sort_days(list(year))),
        }
    }
}

fn sort_days(mut days: Vec<(NaiveDate, SpecialDay)>) -> YearDays {
    // The sort is stable: of one date the first stays.
    days.sort_by_key(|(date, _)| *date);
    days.dedup_by_key(|(date, _)| *date);
    days.into()
}

impl Clone for YearCache {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for YearCache {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for YearCache {}

impl std::fmt::Debug for YearCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("YearCache(…)")
    }
}
