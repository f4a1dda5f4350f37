//! Calendars of working time: weekly opening hours and holidays of a place. An operator sets them; plugins compute with them.

mod read;
mod working_time;

pub(crate) use read::{CalendarInput, read_calendar};
pub use working_time::WorkingTimeError;

use cairn_access::{AccessControl, CachedSetting};
use chrono::{Datelike, NaiveDate, Weekday};
use chrono_tz::Tz;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Number of minutes in a day.
const DAY_MINUTES: u16 = 24 * 60;
/// Names of the days of the week in the file.
const WEEKDAY_NAMES: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

/// All calendars of a tenant, by name.
pub type Calendars = BTreeMap<String, Arc<Calendar>>;

/// Opening hours on a day, in minutes from midnight; to 24:00 at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpeningSpan {
    /// Minute at which it opens.
    pub from: u16,
    /// Minute at which it closes.
    pub to: u16,
}

/// A day with special opening hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// The date; for a yearly holiday only month and day count.
    pub date: NaiveDate,
    /// True if it recurs every year.
    pub yearly: bool,
    /// Display name of the holiday.
    pub name: Option<String>,
    /// Opening hours on that day; empty: closed.
    pub hours: Vec<OpeningSpan>,
}

/// A calendar of working time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Display name of the calendar.
    pub title: Option<String>,
    /// Time zone of its hours.
    pub zone: Tz,
    /// By day of the week, Monday first; the spans of a day are in order and do not overlap.
    pub week: [Vec<OpeningSpan>; 7],
    /// In the order of the file; of two for one day the first counts, one for that year before a yearly one.
    pub holidays: Vec<Holiday>,
}

impl Calendar {
    /// The opening hours on a day.
    pub fn hours_on(&self, day: NaiveDate) -> &[OpeningSpan] {
        let once = self.holidays.iter().find(|h| !h.yearly && h.date == day);
        let yearly = || {
            let same = |h: &&Holiday| h.yearly && (h.date.month(), h.date.day()) == (day.month(), day.day());
            self.holidays.iter().find(same)
        };
        match once.or_else(yearly) {
            Some(holiday) => &holiday.hours,
            None => &self.week[day.weekday().num_days_from_monday() as usize],
        }
    }

    /// The form in a settings file.
    pub fn to_json(&self) -> Json {
        let hours = |spans: &[OpeningSpan]| -> Json { spans.iter().map(|span| Json::from(span.to_text())).collect() };
        let week: Map<String, Json> = WEEKDAY_NAMES
            .iter()
            .zip(&self.week)
            .filter(|(_, spans)| !spans.is_empty())
            .map(|((name, _), spans)| ((*name).to_owned(), hours(spans)))
            .collect();
        let holiday = |h: &Holiday| {
            let date = if h.yearly { h.date.format("%m-%d") } else { h.date.format("%Y-%m-%d") };
            let mut json = json!({ "date": date.to_string() });
            if let Some(name) = &h.name {
                json["name"] = name.as_str().into();
            }
            if !h.hours.is_empty() {
                json["hours"] = hours(&h.hours);
            }
            json
        };
        let holidays: Vec<Json> = self.holidays.iter().map(holiday).collect();
        let mut json = json!({ "zone": self.zone.name(), "hours": week, "holidays": holidays });
        if let Some(title) = &self.title {
            json["title"] = title.as_str().into();
        }
        json
    }
}

impl OpeningSpan {
    /// The form in a settings file: `09:00-17:30`.
    fn to_text(self) -> String {
        let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        format!("{}-{}", time(self.from), time(self.to))
    }

    fn from_text(text: &str) -> Option<Self> {
        let time = |text: &str| -> Option<u16> {
            let (hours, minutes) = text.trim().split_once(':')?;
            let two = |text: &str, most: u16| -> Option<u16> {
                let good = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
                text.parse().ok().filter(|n| good && *n <= most)
            };
            let minutes = two(hours, 24)? * 60 + two(minutes, 59)?;
            (minutes <= DAY_MINUTES).then_some(minutes)
        };
        let (from, to) = text.split_once('-')?;
        let span = Self { from: time(from)?, to: time(to)? };
        (span.from < span.to).then_some(span)
    }
}

/// Returns the calendars of a tenant, by name.
pub fn current_calendars(access: &AccessControl) -> Arc<Calendars> {
    access.cached_setting(CachedSetting::Calendars, load_calendars)
}

/// Reads stored calendars, as far as possible: one that was damaged in the database is left out, and logged.
pub(crate) fn load_calendars(json: Option<&Json>) -> Calendars {
    let mut calendars = Calendars::new();
    for (name, json) in json.and_then(Json::as_object).into_iter().flatten() {
        match read_calendar(name, json) {
            Ok(calendar) => drop(calendars.insert(name.clone(), Arc::new(calendar))),
            Err(problems) => tracing::error!(calendar = name, ?problems, "cannot read a stored calendar"),
        }
    }
    calendars
}
