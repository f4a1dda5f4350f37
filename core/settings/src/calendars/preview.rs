//! A calendar as it would be: its holidays and its working time in some days. It need not be stored.

use super::read::parse_calendar;
use super::{Calendar, DaySource};
use crate::change::SettingsProblem;
use crate::field_errors::to_auth_error;
use crate::input::{read_input, read_valid};
use crate::problems::ProblemList;
use cairn_access::AuthError;
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;
use serde_json::Value as Json;
use std::ops::RangeInclusive;

/// Number of days of a preview.
const PREVIEW_DAYS: RangeInclusive<u64> = 1..=800;

/// Years in which a preview can begin: working time is computed until 2299.
const PREVIEW_YEARS: RangeInclusive<i32> = 1901..=2290;

/// A preview of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarPreview {
    /// The holidays in the range, also those of the preset.
    pub days: Vec<PreviewDay>,
    /// All working time in the range, in minutes.
    pub working_minutes: u64,
}

/// A holiday in a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewDay {
    /// Its date.
    pub date: NaiveDate,
    /// Its display name.
    pub name: Option<String>,
    /// Origin of its opening hours.
    pub source: DaySource,
    /// Opening hours that begin on the day, as in a settings file.
    pub hours: Vec<String>,
}

#[derive(Deserialize)]
struct PreviewInput {
    #[serde(default, deserialize_with = "read_valid")]
    calendar: Option<Json>,
    #[serde(default, deserialize_with = "read_valid")]
    from: Option<String>,
    #[serde(default, deserialize_with = "read_valid")]
    days: Option<Json>,
}

/// Previews the `calendar` of an object for so many `days`, beginning with the day `from`.
///
/// # Errors
/// 400 with every problem: those of the calendar have the paths of a settings file, below `calendar`.
pub fn preview_calendar(json: &Json) -> Result<CalendarPreview, AuthError> {
    let mut problems = ProblemList::default();
    let input = read_preview(&mut problems, json);
    let problems: Vec<SettingsProblem> = problems.into_problems();
    match input {
        Some((calendar, from, days)) if problems.is_empty() => Ok(calendar.preview(from, days)),
        _ => Err(to_auth_error(problems, 0)),
    }
}

fn read_preview(problems: &mut ProblemList, json: &Json) -> Option<(Calendar, NaiveDate, u64)> {
    let PreviewInput { calendar, from, days } = read_input(problems, json, "")?;
    // An invalid value has been reported: of the problems of one path the first counts.
    for (key, is_missing) in [("calendar", calendar.is_none()), ("from", from.is_none()), ("days", days.is_none())] {
        if is_missing {
            problems.add_problem(key, "is missing");
        }
    }
    let calendar = calendar.and_then(|json| {
        let mut below = ProblemList::default();
        let calendar = parse_calendar(&mut below, &json);
        problems.add_problems_below("calendar", below.into_problems());
        calendar
    });
    let from = from.and_then(|text| {
        let date = text.parse().ok().filter(|date: &NaiveDate| PREVIEW_YEARS.contains(&date.year()));
        if date.is_none() {
            let (first, last) = (PREVIEW_YEARS.start(), PREVIEW_YEARS.end());
            problems.add_problem("from", format!("expected a day such as 2026-01-01, from {first} to {last}"));
        }
        date
    });
    let days = days.and_then(|json| {
        let days = json.as_u64().filter(|days| PREVIEW_DAYS.contains(days));
        if days.is_none() {
            let (first, last) = (PREVIEW_DAYS.start(), PREVIEW_DAYS.end());
            problems.add_problem("days", format!("expected a whole number of days from {first} to {last}"));
        }
        days
    });
    Some((calendar?, from?, days?))
}

impl Calendar {
    fn preview(&self, from: NaiveDate, days: u64) -> CalendarPreview {
        let range = from.iter_days().take(usize::try_from(days).unwrap_or_default());
        let holidays = range.map(|date| (date, self.find_day(date))).filter(|(_, day)| day.source != DaySource::Week);
        let listed = holidays.map(|(date, day)| PreviewDay {
            date,
            name: day.name.map(str::to_owned),
            source: day.source,
            hours: day.hours.iter().map(|span| span.to_text()).collect(),
        });
        let end = from.checked_add_days(Days::new(days)).unwrap_or(from);
        CalendarPreview { days: listed.collect(), working_minutes: self.working_minutes_on(from, end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn preview(calendar: Json, from: &str, days: u64) -> CalendarPreview {
        preview_calendar(&json!({ "calendar": calendar, "from": from, "days": days })).unwrap()
    }

    #[test]
    fn preview_lists_holidays_and_sums_working_time() {
        let calendar = json!({
            "zone": "Europe/Amsterdam", "preset": "nl",
            "hours": { "monday": ["09:00-17:00"], "tuesday": ["09:00-17:00"] },
            "holidays": [{ "date": "04-28", "hours": ["09:00-12:00", "20:00-01:00"] }],
        });
        let found = preview(calendar, "2026-04-27", 14);
        let days: Vec<_> =
            found.days.iter().map(|day| (day.date.to_string(), day.name.as_deref(), day.source)).collect();
        assert_eq!(
            days,
            [
                ("2026-04-27".to_owned(), Some("Koningsdag"), DaySource::Preset),
                ("2026-04-28".to_owned(), None, DaySource::Holiday)
            ]
        );
        assert_eq!(found.days[1].hours, ["09:00-12:00", "20:00-01:00"]);
        assert_eq!(found.working_minutes, (3 + 5 + 8 + 8) * 60);
    }

    #[test]
    fn range_begins_and_ends_at_midnight_of_the_zone() {
        let night = json!({ "zone": "Europe/Amsterdam", "hours": { "saturday": ["22:00-06:00"] } });
        // Saturday evening; the rest of that night, in which clocks repeat an hour; both.
        for (from, days, hours) in
            [("2026-10-24", 1, 2), ("2026-10-25", 1, 7), ("2026-10-24", 2, 9), ("2026-03-28", 2, 7)]
        {
            assert_eq!(preview(night.clone(), from, days).working_minutes, hours * 60, "{from} {days}");
        }
        // Clocks skip midnight there: the day begins at 01:00.
        let always =
            json!({ "zone": "America/Santiago", "hours": { "saturday": ["00:00-24:00"], "sunday": ["00:00-24:00"] } });
        assert_eq!(preview(always.clone(), "2026-09-05", 1).working_minutes, 24 * 60);
        assert_eq!(preview(always, "2026-09-06", 1).working_minutes, 23 * 60);
    }

    #[test]
    fn problems_of_a_preview_have_their_paths() {
        let body = json!({ "calendar": { "zone": "Mars", "hours": {}, "holidays": [{ "date": "02-30" }] }, "from": "soon", "days": 801, "to": 1 });
        let AuthError::Fields(errors) = preview_calendar(&body).unwrap_err() else { panic!("no fields") };
        let mut paths: Vec<String> = errors.iter().map(|error| error.path.join(".")).collect();
        paths.sort();
        assert_eq!(paths, ["calendar.holidays.0.date", "calendar.zone", "days", "from", "to"]);
        let AuthError::Fields(errors) = preview_calendar(&json!({})).unwrap_err() else { panic!("no fields") };
        assert_eq!(errors.len(), 3, "{errors:?}");
        for body in [json!(1), json!({ "calendar": null, "from": 1, "days": 1.5 })] {
            assert!(preview_calendar(&body).is_err(), "{body}");
        }
    }
}
