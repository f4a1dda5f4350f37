//! Reads calendars from a settings file or the admin.

use super::{Calendar, Holiday, OpeningSpan};
use crate::change::SettingsProblem;
use crate::input::{read_elements_up_to, read_input, read_or_default, read_valid};
use crate::problems::{ProblemList, join_index, join_key};
use crate::text::{check_line, checked_text};
use chrono::NaiveDate;
use chrono_tz::Tz;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use std::borrow::Cow;

/// Largest number of spans of a day.
const MAX_SPANS: usize = 24;
/// Largest number of holidays of a calendar.
const MAX_HOLIDAYS: usize = 1_000;
/// Longest name and longest title, in characters.
const MAX_NAME_CHARS: usize = 60;
/// A leap year, in which every date of a yearly holiday exists.
const LEAP_YEAR: &str = "2000";

/// A calendar as JSON.
#[derive(Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["zone", "hours"]))]
pub(crate) struct CalendarInput {
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "CalendarTitle")]
    title: Option<CalendarTitle>,
    /// Time zone of the hours: Europe/Amsterdam
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "ZoneName")]
    zone: Option<ZoneName>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "WeekInput")]
    hours: Option<WeekInput>,
    #[serde(default, deserialize_with = "read_or_default")]
    holidays: HolidayInputs,
}

#[derive(Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct WeekInput {
    #[serde(default, deserialize_with = "read_or_default")]
    monday: SpanInputs,
    #[serde(default, deserialize_with = "read_or_default")]
    tuesday: SpanInputs,
    #[serde(default, deserialize_with = "read_or_default")]
    wednesday: SpanInputs,
    #[serde(default, deserialize_with = "read_or_default")]
    thursday: SpanInputs,
    #[serde(default, deserialize_with = "read_or_default")]
    friday: SpanInputs,
    #[serde(default, deserialize_with = "read_or_default")]
    saturday: SpanInputs,
    #[serde(default, deserialize_with = "read_or_default")]
    sunday: SpanInputs,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct HolidayInput {
    /// 2026-12-25, or 12-25 for every year
    #[serde(deserialize_with = "read_valid")]
    #[schemars(with = "HolidayDate")]
    date: Option<HolidayDate>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "CalendarTitle")]
    name: Option<CalendarTitle>,
    #[serde(default, deserialize_with = "read_or_default")]
    hours: SpanInputs,
}

checked_text!(
    /// The title of a calendar, or the name of a holiday.
    CalendarTitle,
    |text| check_line(text, MAX_NAME_CHARS),
    { "type": "string", "maxLength": MAX_NAME_CHARS }
);
checked_text!(
    /// The name of a time zone.
    ZoneName,
    |text| match text.parse::<Tz>() {
        Ok(_) => Ok(text),
        Err(_) => Err("expected a time zone such as Europe/Amsterdam".to_owned()),
    },
    { "type": "string" }
);
checked_text!(
    /// The date of a holiday.
    HolidayDate,
    |text| match parse_date(&text) {
        Some(_) => Ok(text),
        None => Err("expected a day such as 2026-12-25, or 12-25 for every year".to_owned()),
    },
    { "type": "string" }
);

/// The holidays of a calendar, with their positions in the list.
#[derive(Default)]
struct HolidayInputs(Vec<(usize, HolidayInput)>);

impl<'de> Deserialize<'de> for HolidayInputs {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let too_many = format!("a calendar can have at most {MAX_HOLIDAYS} holidays");
        read_elements_up_to(reader, MAX_HOLIDAYS, too_many).map(Self)
    }
}

impl JsonSchema for HolidayInputs {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Holidays".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "maxItems": MAX_HOLIDAYS, "items": generator.subschema_for::<HolidayInput>() })
    }
}

/// The time spans of a day, with their positions in the list.
#[derive(Default)]
struct SpanInputs(Vec<(usize, OpeningSpan)>);

impl<'de> Deserialize<'de> for SpanInputs {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        read_elements_up_to(reader, MAX_SPANS, format!("a day can have at most {MAX_SPANS} time spans")).map(Self)
    }
}

impl JsonSchema for SpanInputs {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TimeSpans".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array", "maxItems": MAX_SPANS, "description": "Opening hours, in order: 09:00-12:30",
            "items": { "type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$" },
        })
    }
}

impl<'de> Deserialize<'de> for OpeningSpan {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Self::from_text(&String::deserialize(reader)?)
            .ok_or_else(|| D::Error::custom("expected a time span such as 09:00-17:30, ending at 24:00 at the latest"))
    }
}

/// Parses a calendar. The error lists every problem, with its path below the calendar.
pub(crate) fn read_calendar(name: &str, json: &Json) -> Result<Calendar, Vec<SettingsProblem>> {
    let mut problems = ProblemList::default();
    let calendar = parse_calendar(&mut problems, name, json);
    let problems = problems.into_problems();
    match calendar {
        Some(calendar) if problems.is_empty() => Ok(calendar),
        _ => Err(problems),
    }
}

fn parse_calendar(problems: &mut ProblemList, name: &str, json: &Json) -> Option<Calendar> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.bytes().all(plain) {
        problems.add_problem(
            "",
            format!("the name of a calendar must be 1 to {MAX_NAME_CHARS} lowercase letters, digits and dashes"),
        );
    }
    let CalendarInput { title, zone, hours, holidays } = read_input(problems, json, "")?;
    // An invalid value has been reported: of the problems of one path the first counts.
    if zone.is_none() {
        problems.add_problem("zone", "is missing: expected a time zone such as Europe/Amsterdam");
    }
    if hours.is_none() {
        problems.add_problem("hours", "is missing: expected {\"monday\": [\"09:00-17:00\"], …}");
    }
    let WeekInput { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = hours.unwrap_or_default();
    let days = [
        ("hours.monday", monday),
        ("hours.tuesday", tuesday),
        ("hours.wednesday", wednesday),
        ("hours.thursday", thursday),
        ("hours.friday", friday),
        ("hours.saturday", saturday),
        ("hours.sunday", sunday),
    ];
    let week = days.map(|(path, spans)| check_order(problems, spans, path));
    let holidays = holidays.0.into_iter().filter_map(|(i, holiday)| {
        let hours = check_order(problems, holiday.hours, &join_key(&join_index("holidays", i), "hours"));
        let (date, yearly) = parse_date(holiday.date?.as_ref())?;
        Some(Holiday { date, yearly, name: holiday.name.map(String::from), hours })
    });
    let holidays = holidays.collect();
    Some(Calendar { title: title.map(String::from), zone: zone?.as_ref().parse().ok()?, week, holidays })
}

/// A date, and whether it recurs every year.
fn parse_date(text: &str) -> Option<(NaiveDate, bool)> {
    let yearly = text.len() == 5;
    let whole = if yearly { format!("{LEAP_YEAR}-{text}") } else { text.to_owned() };
    let date = NaiveDate::parse_from_str(&whole, "%Y-%m-%d").ok().filter(|_| whole.len() == 10)?;
    Some((date, yearly))
}

/// The spans of a day; reports those that begin before the previous one ends.
fn check_order(problems: &mut ProblemList, SpanInputs(inputs): SpanInputs, path: &str) -> Vec<OpeningSpan> {
    let mut spans: Vec<OpeningSpan> = Vec::new();
    for (i, span) in inputs {
        match spans.last() {
            Some(previous_span) if previous_span.to > span.from => {
                problems.add_problem(&join_index(path, i), "must not begin before the previous span ends");
            }
            _ => spans.push(span),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
