//! Parses calendars from a settings file or the admin.

use super::{Calendar, Holiday, OpeningSpan, WEEKDAY_NAMES};
use crate::change::SettingsProblem;
use crate::walk::{SettingsWalk, join_index, join_key};
use chrono::NaiveDate;
use serde_json::{Map, Value as Json, json};

/// Largest number of spans of a day.
const MAX_SPANS: usize = 24;
/// Largest number of holidays of a calendar.
const MAX_HOLIDAYS: usize = 1_000;
/// Longest name and longest title, in characters.
const MAX_NAME_CHARS: usize = 60;
/// A leap year, in which every date of a yearly holiday exists.
const LEAP_YEAR: &str = "2000";

/// Parses a calendar. The error lists every problem, with its path below the calendar.
pub(crate) fn read_calendar(name: &str, json: &Json) -> Result<Calendar, Vec<SettingsProblem>> {
    let mut walk = SettingsWalk::default();
    let calendar = parse_calendar(&mut walk, name, json);
    let problems = walk.into_problems();
    match calendar {
        Some(calendar) if problems.is_empty() => Ok(calendar),
        _ => Err(problems),
    }
}

fn parse_calendar(walk: &mut SettingsWalk, name: &str, json: &Json) -> Option<Calendar> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.bytes().all(plain) {
        walk.add_problem(
            "",
            format!("the name of a calendar must be 1 to {MAX_NAME_CHARS} lowercase letters, digits and dashes"),
        );
    }
    let map = walk.read_object(json, "", &["title", "zone", "hours", "holidays"])?;
    let title = map.get("title").and_then(|json| parse_title(walk, json, "title"));
    let zone = match map.get("zone") {
        None => {
            walk.add_problem("zone", "is missing: expected a time zone such as Europe/Amsterdam");
            None
        }
        Some(json) => {
            let text = walk.read_text(json, "zone");
            let zone = text.as_deref().and_then(|text| text.parse().ok());
            if text.is_some() && zone.is_none() {
                walk.add_problem("zone", "expected a time zone such as Europe/Amsterdam");
            }
            zone
        }
    };
    let mut week: [Vec<OpeningSpan>; 7] = Default::default();
    match map.get("hours") {
        None => walk.add_problem("hours", "is missing: expected {\"monday\": [\"09:00-17:00\"], …}"),
        Some(json) => {
            let names: Vec<&str> = WEEKDAY_NAMES.iter().map(|(name, _)| *name).collect();
            let days = walk.read_object(json, "hours", &names);
            for (i, (name, _)) in WEEKDAY_NAMES.iter().enumerate() {
                if let Some(json) = days.and_then(|days| days.get(*name)) {
                    week[i] = parse_spans(walk, json, &join_key("hours", name));
                }
            }
        }
    }
    let mut holidays = Vec::new();
    if let Some(json) = map.get("holidays") {
        let list = walk.read_list(json, "holidays");
        if list.is_some_and(|list| list.len() > MAX_HOLIDAYS) {
            walk.add_problem("holidays", format!("a calendar can have at most {MAX_HOLIDAYS} holidays"));
            return None;
        }
        for (i, json) in list.into_iter().flatten().enumerate() {
            let path = join_index("holidays", i);
            let Some(map) = walk.read_object(json, &path, &["date", "name", "hours"]) else { continue };
            holidays.extend(parse_holiday(walk, map, &path));
        }
    }
    Some(Calendar { title, zone: zone?, week, holidays })
}

fn parse_holiday(walk: &mut SettingsWalk, map: &Map<String, Json>, path: &str) -> Option<Holiday> {
    let at = join_key(path, "date");
    let text = walk.read_text(map.get("date").unwrap_or(&Json::Null), &at)?;
    let yearly = text.len() == 5;
    let whole = if yearly { format!("{LEAP_YEAR}-{text}") } else { text.clone() };
    let date = NaiveDate::parse_from_str(&whole, "%Y-%m-%d").ok().filter(|_| whole.len() == 10);
    if date.is_none() {
        walk.add_problem(&at, "expected a day such as 2026-12-25, or 12-25 for every year");
    }
    let name = map.get("name").and_then(|json| parse_title(walk, json, &join_key(path, "name")));
    let hours = map.get("hours").map(|json| parse_spans(walk, json, &join_key(path, "hours"))).unwrap_or_default();
    Some(Holiday { date: date?, yearly, name, hours })
}

fn parse_title(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<String> {
    let text = walk.read_text(json, path)?;
    if text.chars().count() > MAX_NAME_CHARS || text.chars().any(char::is_control) {
        walk.add_problem(path, format!("must be one line of at most {MAX_NAME_CHARS} characters"));
        return None;
    }
    Some(text)
}

/// The spans of a day: in order, and not overlapping.
fn parse_spans(walk: &mut SettingsWalk, json: &Json, path: &str) -> Vec<OpeningSpan> {
    let Some(list) = walk.read_list(json, path) else { return Vec::new() };
    if list.len() > MAX_SPANS {
        walk.add_problem(path, format!("a day can have at most {MAX_SPANS} time spans"));
        return Vec::new();
    }
    let mut spans: Vec<OpeningSpan> = Vec::new();
    for (i, json) in list.iter().enumerate() {
        let at = join_index(path, i);
        let Some(text) = walk.read_text(json, &at) else { continue };
        let Some(span) = OpeningSpan::from_text(&text) else {
            walk.add_problem(&at, "expected a time span such as 09:00-17:30, ending at 24:00 at the latest");
            continue;
        };
        match spans.last() {
            Some(last) if last.to > span.from => walk.add_problem(&at, "must not begin before the previous span ends"),
            _ => spans.push(span),
        }
    }
    spans
}

/// The schema of one calendar.
pub(crate) fn calendar_schema() -> Json {
    let hours = json!({
        "type": "array", "maxItems": MAX_SPANS, "description": "Opening hours, in order: 09:00-12:30",
        "items": { "type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$" },
    });
    let week: Map<String, Json> = WEEKDAY_NAMES.iter().map(|(name, _)| ((*name).to_owned(), hours.clone())).collect();
    json!({
        "type": "object", "additionalProperties": false, "required": ["zone", "hours"],
        "properties": {
            "title": { "type": "string", "maxLength": MAX_NAME_CHARS },
            "zone": { "type": "string", "description": "Time zone of the hours: Europe/Amsterdam" },
            "hours": { "type": "object", "additionalProperties": false, "properties": week },
            "holidays": { "type": "array", "maxItems": MAX_HOLIDAYS, "items": {
                "type": "object", "additionalProperties": false, "required": ["date"],
                "properties": {
                    "date": { "type": "string", "description": "2026-12-25, or 12-25 for every year" },
                    "name": { "type": "string", "maxLength": MAX_NAME_CHARS },
                    "hours": hours,
                },
            } },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_problems(json: Json) -> Vec<String> {
        read_calendar("office", &json).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn calendar_survives_a_json_round_trip() {
        let json = json!({
            "zone": "Europe/Amsterdam",
            "hours": { "monday": ["09:00-12:30", "13:00-17:00"], "sunday": ["00:00-24:00"] },
            "holidays": [{ "date": "12-25", "name": "Christmas" }, { "date": "2026-12-24", "hours": ["09:00-13:00"] }],
            "title": "Office",
        });
        let calendar = read_calendar("office", &json).unwrap();
        assert_eq!(calendar.to_json(), json);
        assert_eq!(read_calendar("office", &calendar.to_json()).unwrap(), calendar);
        let day = |text: &str| calendar.hours_on(text.parse().unwrap()).len();
        assert_eq!((day("2026-11-23"), day("2026-11-24"), day("2026-11-22")), (2, 0, 1));
        assert_eq!((day("2027-12-25"), day("2026-12-24"), day("2027-12-27")), (0, 1, 2));
    }

    #[test]
    fn invalid_calendars_report_every_problem_with_its_path() {
        let problems = read_problems(json!({
            "zone": "Amsterdam",
            "hours": { "monday": ["9-17", "09:00-25:00", "17:00-09:00", "10:00-12:00", "11:00-13:00"], "mon": [], "friday": "09:00-17:00" },
            "holidays": [{ "date": "25-12" }, { "date": "2026-02-30" }, {}, { "date": "02-29" }, 3],
            "open": true,
        }));
        for place in [
            "zone: ",
            "hours.monday[0]: ",
            "hours.monday[1]: ",
            "hours.monday[2]: ",
            "hours.monday[4]: must not begin before",
            "hours.mon: ",
            "hours.friday: ",
            "holidays[0].date: ",
            "holidays[1].date: ",
            "holidays[2].date: ",
            "holidays[4]: ",
            "open: ",
        ] {
            assert!(problems.iter().any(|p| p.starts_with(place)), "{place}: {problems:#?}");
        }
        assert_eq!(problems.len(), 12, "{problems:#?}");
        assert_eq!(read_problems(json!(1)).len(), 1);
        assert_eq!(read_problems(json!({})).len(), 2);
        assert!(read_calendar("Main Office", &json!({ "zone": "UTC", "hours": {} })).is_err());
        let many: Vec<Json> = (0..2_000).map(|_| json!({ "date": "12-25" })).collect();
        assert!(read_calendar("a", &json!({ "zone": "UTC", "hours": {}, "holidays": many })).is_err());
    }
}
