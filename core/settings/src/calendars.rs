//! Calendars of working time: weekly opening hours and holidays of a place. An operator sets them; plugins compute with them.

mod presets;
mod preview;
mod read;
mod rules;
mod special_days;
#[cfg(test)]
mod tests;
mod weekdays;
mod working_time;

pub use presets::{Preset, PresetHoliday};
pub use preview::{CalendarPreview, PreviewDay, preview_calendar};
pub(crate) use read::{CalendarInput, ZoneName, read_calendar};
pub use rules::{DateRule, RuleYears, WeekPosition, YearlyDate};
pub use working_time::WorkingTimeError;

use cairn_access::{AccessControl, CachedSetting};
use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use serde_json::{Map, Value as Json, json};
use special_days::{SpecialDay, YearCache};
use std::collections::BTreeMap;
use std::sync::Arc;
use weekdays::WEEKDAY_NAMES;

/// Number of minutes in a day.
const DAY_MINUTES: u16 = 24 * 60;

/// All calendars of a tenant, by name.
pub type Calendars = BTreeMap<String, Arc<Calendar>>;

/// Opening hours that begin on a day, in minutes from its midnight on the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpeningSpan {
    /// Minute at which it opens.
    pub from: u16,
    /// Minute at which it closes; beyond 24:00 on the next day.
    pub to: u16,
}

/// Date of a holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HolidayDate {
    /// A date with a year.
    Once(NaiveDate),
    /// A date that recurs.
    Recurring(DateRule),
}

/// A day with special opening hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// When it is.
    pub date: HolidayDate,
    /// Display name of the holiday.
    pub name: Option<String>,
    /// Opening hours that begin on that day; empty: closed.
    pub hours: Vec<OpeningSpan>,
}

/// A calendar of working time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Display name of the calendar.
    pub title: Option<String>,
    /// Time zone of its hours.
    pub zone: Tz,
    /// Official holidays of a country. The calendar's own holidays take precedence.
    pub preset: Option<Preset>,
    /// By day of the week, Monday first; the spans of a day are in order and do not overlap, and only the last can pass midnight.
    pub week: [Vec<OpeningSpan>; 7],
    /// In the order of the file; of two for one day the first counts, one with a year before a recurring one.
    pub holidays: Vec<Holiday>,
    years: YearCache,
}

/// Origin of the opening hours of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DaySource {
    /// The day of the week.
    Week,
    /// A holiday of the calendar.
    Holiday,
    /// The preset.
    Preset,
}

/// A day of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarDay<'c> {
    /// Display name of its holiday.
    pub name: Option<&'c str>,
    /// Origin of its opening hours.
    pub source: DaySource,
    /// Opening hours that begin on the day.
    pub hours: &'c [OpeningSpan],
}

impl Calendar {
    /// The opening hours that begin on a day.
    pub fn hours_on(&self, day: NaiveDate) -> &[OpeningSpan] {
        self.find_day(day).hours
    }

    /// A day with its opening hours, and what decides them.
    pub fn find_day(&self, day: NaiveDate) -> CalendarDay<'_> {
        match self.years.find_special_day(day, |year| self.list_special_days(year)) {
            Some(SpecialDay::Own(i)) => {
                let Holiday { name, hours, .. } = &self.holidays[i];
                CalendarDay { name: name.as_deref(), source: DaySource::Holiday, hours }
            }
            Some(SpecialDay::Preset(holiday)) => {
                CalendarDay { name: Some(holiday.name), source: DaySource::Preset, hours: &[] }
            }
            None => {
                let hours = &self.week[day.weekday().num_days_from_monday() as usize];
                CalendarDay { name: None, source: DaySource::Week, hours }
            }
        }
    }

    /// The holidays of a year with their dates; of two with one date the first counts.
    fn list_special_days(&self, year: i32) -> Vec<(NaiveDate, SpecialDay)> {
        let mut days = Vec::new();
        for (i, holiday) in self.holidays.iter().enumerate() {
            if let HolidayDate::Once(date) = holiday.date
                && date.year() == year
            {
                days.push((date, SpecialDay::Own(i)));
            }
        }
        for (i, holiday) in self.holidays.iter().enumerate() {
            if let HolidayDate::Recurring(rule) = &holiday.date {
                days.extend(rule.dates_in(year).map(|date| (date, SpecialDay::Own(i))));
            }
        }
        for holiday in self.preset.iter().flat_map(|preset| preset.holidays()) {
            days.extend(holiday.rule.dates_in(year).map(|date| (date, SpecialDay::Preset(holiday))));
        }
        days
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
            let mut json = match &h.date {
                HolidayDate::Once(date) => json!({ "date": date.to_string() }),
                HolidayDate::Recurring(rule) => rule_to_json(rule),
            };
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
        if let Some(preset) = self.preset {
            json["preset"] = preset.as_str().into();
        }
        json
    }
}

/// The keys of a holiday that say when it is.
fn rule_to_json(rule: &DateRule) -> Json {
    let mut json = json!({ "date": rule.date.to_string() });
    let moved: Map<String, Json> = WEEKDAY_NAMES
        .iter()
        .zip(rule.moved)
        .filter(|(_, days)| *days != 0)
        .map(|((name, _), days)| ((*name).to_owned(), days.into()))
        .collect();
    if !moved.is_empty() {
        json["moved"] = moved.into();
    }
    let mut every = Map::new();
    if rule.years.interval != 1 {
        every.insert("years".to_owned(), rule.years.interval.into());
    }
    for (key, year) in [("from", rule.years.from), ("until", rule.years.until)] {
        every.extend(year.map(|year| (key.to_owned(), Json::from(year))));
    }
    if !every.is_empty() {
        json["every"] = every.into();
    }
    json
}

impl OpeningSpan {
    /// The form in a settings file: `09:00-17:30`, or `22:00-06:00` to the next day.
    pub fn to_text(self) -> String {
        let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        format!("{}-{}", time(self.from), time(if self.to > DAY_MINUTES { self.to - DAY_MINUTES } else { self.to }))
    }

    /// Minutes of the next day until which it is open.
    fn minutes_past_midnight(self) -> u16 {
        self.to.saturating_sub(DAY_MINUTES)
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
        let (from, to) = (time(from)?, time(to)?);
        let to = if to < from { to + DAY_MINUTES } else { to };
        (from < DAY_MINUTES && from < to).then_some(Self { from, to })
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
