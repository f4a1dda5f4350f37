//! Reads calendars from a settings file or the admin.

use super::presets::Preset;
use super::rules::{DateRule, MOVED_DAYS, RuleYears, YearlyDate};
use super::special_days::YearCache;
use super::weekdays::WEEKDAY_NAMES;
use super::{Calendar, DAY_MINUTES, Holiday, HolidayDate, OpeningSpan};
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
use std::ops::RangeInclusive;

/// Largest number of spans of a day.
const MAX_SPANS: usize = 24;
/// Largest number of holidays of a calendar.
const MAX_HOLIDAYS: usize = 1_000;
/// Longest name and longest title, in characters.
const MAX_NAME_CHARS: usize = 60;
/// Longest interval of a holiday, in years.
const MAX_INTERVAL: u8 = 100;
/// Years that a holiday can begin or end with.
const RULE_YEARS: RangeInclusive<i32> = 1..=9_999;

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
    /// Official holidays of a country; those of the calendar take precedence
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "PresetName")]
    preset: Option<PresetName>,
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
    /// 2026-12-25; or for every year: 12-25, easter+39, first monday of 09
    #[serde(deserialize_with = "read_valid")]
    #[schemars(with = "DateText")]
    date: Option<DateText>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "CalendarTitle")]
    name: Option<CalendarTitle>,
    #[serde(default, deserialize_with = "read_or_default")]
    hours: SpanInputs,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "MovedInput")]
    moved: Option<MovedInput>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "YearsInput")]
    every: Option<YearsInput>,
}

/// Days by which the holiday is later (or earlier, if negative) if its date is that day of the week
#[derive(Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct MovedInput {
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "DayShift")]
    monday: Option<DayShift>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "DayShift")]
    tuesday: Option<DayShift>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "DayShift")]
    wednesday: Option<DayShift>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "DayShift")]
    thursday: Option<DayShift>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "DayShift")]
    friday: Option<DayShift>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "DayShift")]
    saturday: Option<DayShift>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "DayShift")]
    sunday: Option<DayShift>,
}

/// The years of a date that recurs; every year if left out
#[derive(Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct YearsInput {
    /// 5: every fifth year, counted from the first
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "YearInterval")]
    years: Option<YearInterval>,
    /// The first year
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "RuleYear")]
    from: Option<RuleYear>,
    /// The last year
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "RuleYear")]
    until: Option<RuleYear>,
}

/// Declares a whole number whose range is checked when it is read.
macro_rules! checked_number {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $is_valid:expr, $message:literal, $schema:tt) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        struct $name($inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
                let number = Json::deserialize(reader)?.as_i64().and_then(|number| <$inner>::try_from(number).ok());
                number.filter($is_valid).map(Self).ok_or_else(|| D::Error::custom($message))
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

checked_number!(
    /// Days by which a holiday is moved; not 0.
    DayShift,
    i8,
    |days| MOVED_DAYS.contains(days) && *days != 0,
    "expected a whole number of days from -7 to 7, other than 0",
    { "type": "integer", "minimum": MOVED_DAYS.start(), "maximum": MOVED_DAYS.end(), "not": { "const": 0 } }
);
checked_number!(
    /// Interval of a holiday, in years.
    YearInterval,
    u8,
    |years| (1..=MAX_INTERVAL).contains(years),
    "expected a whole number of years from 1 to 100",
    { "type": "integer", "minimum": 1, "maximum": MAX_INTERVAL }
);
checked_number!(
    /// First or last year of a holiday.
    RuleYear,
    i32,
    |year| RULE_YEARS.contains(year),
    "expected a year such as 2026",
    { "type": "integer", "minimum": RULE_YEARS.start(), "maximum": RULE_YEARS.end() }
);

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
    DateText,
    |text| parse_date(&text).map(|_| text),
    { "type": "string" }
);
checked_text!(
    /// The name of a preset.
    PresetName,
    |text| match Preset::from_name(&text) {
        Some(_) => Ok(text),
        None => Err(format!("unknown preset; existing presets: {}", Preset::ALL.map(Preset::as_str).join(", "))),
    },
    { "type": "string", "enum": Preset::ALL.map(Preset::as_str) }
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
            "type": "array", "maxItems": MAX_SPANS,
            "description": "Opening hours, in order: 09:00-12:30; 22:00-06:00 ends on the next day",
            "items": { "type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$" },
        })
    }
}

impl<'de> Deserialize<'de> for OpeningSpan {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Self::from_text(&String::deserialize(reader)?)
            .ok_or_else(|| D::Error::custom("expected a time span such as 09:00-17:30, or 22:00-06:00 to the next day"))
    }
}

/// Parses a calendar. The error lists every problem, with its path below the calendar.
pub(crate) fn read_calendar(name: &str, json: &Json) -> Result<Calendar, Vec<SettingsProblem>> {
    let mut problems = ProblemList::default();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.bytes().all(plain) {
        problems.add_problem(
            "",
            format!("the name of a calendar must be 1 to {MAX_NAME_CHARS} lowercase letters, digits and dashes"),
        );
    }
    let calendar = parse_calendar(&mut problems, json);
    let problems = problems.into_problems();
    match calendar {
        Some(calendar) if problems.is_empty() => Ok(calendar),
        _ => Err(problems),
    }
}

/// Parses a calendar that has no name yet.
pub(super) fn parse_calendar(problems: &mut ProblemList, json: &Json) -> Option<Calendar> {
    let CalendarInput { title, zone, hours, preset, holidays } = read_input(problems, json, "")?;
    // An invalid value has been reported: of the problems of one path the first counts.
    if zone.is_none() {
        problems.add_problem("zone", "is missing: expected a time zone such as Europe/Amsterdam");
    }
    if hours.is_none() {
        problems.add_problem("hours", "is missing: expected {\"monday\": [\"09:00-17:00\"], …}");
    }
    let week = parse_week(problems, hours.unwrap_or_default());
    let holidays = holidays.0.into_iter().filter_map(|(i, holiday)| {
        let path = join_index("holidays", i);
        let hours = check_order(problems, holiday.hours, &join_key(&path, "hours"), 0).1;
        let date = parse_date(holiday.date?.as_ref()).ok()?;
        let date = apply_exceptions(problems, date, holiday.moved, holiday.every, &path)?;
        Some(Holiday { date, name: holiday.name.map(String::from), hours })
    });
    let holidays = holidays.collect();
    Some(Calendar {
        title: title.map(String::from),
        zone: zone?.as_ref().parse().ok()?,
        preset: preset.and_then(|name| Preset::from_name(name.as_ref())),
        week,
        holidays,
        years: YearCache::default(),
    })
}

/// The opening hours of each day of the week; reports a span that begins before one of the previous day ends.
fn parse_week(problems: &mut ProblemList, input: WeekInput) -> [Vec<OpeningSpan>; 7] {
    let WeekInput { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = input;
    let days = [monday, tuesday, wednesday, thursday, friday, saturday, sunday];
    // Monday follows Sunday.
    let last = days[6].0.iter().map(|(_, span)| span.minutes_past_midnight()).max();
    let mut open_until = last.unwrap_or_default();
    let mut day_names = WEEKDAY_NAMES.iter();
    days.map(|spans| {
        let path = join_key("hours", day_names.next().map_or("", |(name, _)| name));
        let (until, spans) = check_order(problems, spans, &path, open_until);
        open_until = until;
        spans
    })
}

/// A date that may recur, as [`parse_date`] finds it.
enum ParsedDate {
    Once(NaiveDate),
    Yearly(YearlyDate),
}

fn parse_date(text: &str) -> Result<ParsedDate, String> {
    let missing = || "this date does not exist in any year".to_owned();
    if let Some(date) = YearlyDate::from_text(text) {
        let date = date?;
        return if DateRule::every_year(date).ever_holds() { Ok(ParsedDate::Yearly(date)) } else { Err(missing()) };
    }
    let pattern = |(i, b): (usize, u8)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() };
    match text.len() == 10 && text.bytes().enumerate().all(pattern) {
        true => NaiveDate::parse_from_str(text, "%Y-%m-%d").map(ParsedDate::Once).map_err(|_| missing()),
        false => {
            Err("expected a day such as 2026-12-25, or for every year 12-25, easter+39 or first monday of 09"
                .to_owned())
        }
    }
}

/// The date with what `moved` and `every` say about it. `None` if that is a problem, which is reported.
fn apply_exceptions(
    problems: &mut ProblemList,
    date: ParsedDate,
    moved: Option<MovedInput>,
    every: Option<YearsInput>,
    path: &str,
) -> Option<HolidayDate> {
    let date = match date {
        ParsedDate::Yearly(date) => date,
        ParsedDate::Once(date) => {
            let keys = [("moved", moved.is_some()), ("every", every.is_some())];
            for (key, _) in keys.into_iter().filter(|(_, is_set)| *is_set) {
                problems.add_problem(&join_key(path, key), "only a date without a year can have this");
            }
            return Some(HolidayDate::Once(date));
        }
    };
    let mut rule = DateRule::every_year(date);
    if let Some(MovedInput { monday, tuesday, wednesday, thursday, friday, saturday, sunday }) = moved {
        let days = [monday, tuesday, wednesday, thursday, friday, saturday, sunday];
        rule.moved = days.map(|shift| shift.map_or(0, |DayShift(days)| days));
    }
    if let Some(YearsInput { years, from, until }) = every {
        let interval = years.map_or(1, |YearInterval(years)| years);
        if interval > 1 && from.is_none() {
            let message = "is missing: the year from which every so many years are counted";
            problems.add_problem(&join_key(&join_key(path, "every"), "from"), message);
            return None;
        }
        rule.years = RuleYears { interval, from: from.map(|RuleYear(y)| y), until: until.map(|RuleYear(y)| y) };
    }
    if !rule.ever_holds() {
        problems.add_problem(&join_key(path, "date"), format!("{date} is in none of the years that \"every\" names"));
        return None;
    }
    Some(HolidayDate::Recurring(rule))
}

/// The spans of a day, and the minute of the next day until which they last; reports those that begin before the previous one ends.
/// `open_until` is the minute until which the day before lasts.
fn check_order(
    problems: &mut ProblemList,
    SpanInputs(inputs): SpanInputs,
    path: &str,
    open_until: u16,
) -> (u16, Vec<OpeningSpan>) {
    let mut spans: Vec<OpeningSpan> = Vec::new();
    for (i, span) in inputs {
        let message = match spans.last() {
            Some(previous) if previous.to > DAY_MINUTES => "must come before the span that ends on the next day",
            Some(previous) if previous.to > span.from => "must not begin before the previous span ends",
            _ if open_until > span.from => "must not begin before the last span of the previous day ends",
            _ => {
                spans.push(span);
                continue;
            }
        };
        problems.add_problem(&join_index(path, i), message);
    }
    (spans.last().map_or(0, |span| span.minutes_past_midnight()), spans)
}

#[cfg(test)]
mod tests {
    use super::super::DaySource;
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
    fn rules_presets_and_night_shifts_survive_a_json_round_trip() {
        let json = json!({
            "zone": "Europe/Amsterdam",
            "preset": "nl",
            "hours": { "friday": ["08:00-12:00", "22:00-06:00"], "saturday": ["06:00-24:00"], "sunday": ["23:00-01:00"] },
            "holidays": [
                { "date": "easter-2", "name": "Good Friday", "hours": ["09:00-17:00", "20:00-02:00"] },
                { "date": "easter" },
                { "date": "easter+250" },
                { "date": "last friday of 05", "every": { "until": 2030 } },
                { "date": "07-04", "moved": { "saturday": -1, "sunday": 1 }, "every": { "from": 2026 } },
                { "date": "02-29", "every": { "years": 4, "from": 2024, "until": 2100 } },
            ],
        });
        let calendar = read_calendar("office", &json).unwrap();
        assert_eq!(calendar.to_json(), json);
        assert_eq!(read_calendar("office", &calendar.to_json()).unwrap(), calendar);
        // Forms that mean the same.
        let midnight = json!({ "zone": "UTC", "hours": { "monday": ["20:00-00:00"] }, "holidays": [{ "date": "05-05", "every": {}, "moved": {} }] });
        let written = read_calendar("office", &midnight).unwrap().to_json();
        assert_eq!(
            (&written["hours"]["monday"], &written["holidays"]),
            (&json!(["20:00-24:00"]), &json!([{ "date": "05-05" }]))
        );
    }

    #[test]
    fn dates_with_a_year_come_before_rules_and_rules_before_the_preset() {
        let calendar = read_calendar(
            "shop",
            &json!({
                "zone": "Europe/Amsterdam", "preset": "nl", "hours": { "monday": ["09:00-17:00"] },
                "holidays": [
                    { "date": "04-27", "name": "Sale", "hours": ["10:00-14:00"] },
                    { "date": "first monday of 04", "name": "Inventory" },
                    { "date": "easter+1", "name": "Open", "hours": ["12:00-17:00"] },
                    { "date": "2026-04-27", "name": "This year" },
                ],
            }),
        )
        .unwrap();
        let found = |text: &str| {
            let day = calendar.find_day(text.parse().unwrap());
            (day.name, day.source, day.hours.iter().map(|span| span.to_text()).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(found("2026-04-27"), (Some("This year"), DaySource::Holiday, String::new()));
        assert_eq!(found("2027-04-27"), (Some("Sale"), DaySource::Holiday, "10:00-14:00".into()));
        // Easter Monday is the first Monday of that April.
        assert_eq!(found("2026-04-06"), (Some("Inventory"), DaySource::Holiday, String::new()));
        assert_eq!(found("2027-03-29"), (Some("Open"), DaySource::Holiday, "12:00-17:00".into()));
        assert_eq!(found("2026-05-25"), (Some("Tweede Pinksterdag"), DaySource::Preset, String::new()));
        assert_eq!(found("2026-05-18"), (None, DaySource::Week, "09:00-17:00".into()));
        // On the Saturday, as the 27th is a Sunday.
        assert_eq!(found("2031-04-26"), (Some("Koningsdag"), DaySource::Preset, String::new()));
        // Beyond the years that are cached.
        assert_eq!(found("2400-12-26"), (Some("Tweede Kerstdag"), DaySource::Preset, String::new()));
        assert_eq!(found("1800-12-27"), (None, DaySource::Week, String::new()));
    }

    #[test]
    fn problems_of_rules_are_at_the_key_that_has_them() {
        let holiday = |holiday: Json| {
            let found = read_problems(json!({ "zone": "UTC", "hours": {}, "holidays": [holiday] }));
            assert_eq!(found.len(), 1, "{found:#?}");
            found[0].strip_prefix("holidays[0].").unwrap_or(&found[0]).to_owned()
        };
        for (json, expected) in [
            (json!({ "date": "easter+251" }), "date: expected days from Easter"),
            (json!({ "date": "fifth monday of 09" }), "date: expected a day such as"),
            (json!({ "date": "first monday of 13" }), "date: expected a month"),
            (json!({ "date": "02-30" }), "date: this date does not exist"),
            (json!({ "date": "2026-02-29" }), "date: this date does not exist"),
            (
                json!({ "date": "05-05", "every": { "from": 2030, "until": 2029 } }),
                "date: 05-05 is in none of the years",
            ),
            (json!({ "date": "02-29", "every": { "years": 4, "from": 2021 } }), "date: 02-29 is in none of the years"),
            (json!({ "date": "05-05", "every": { "years": 5 } }), "every.from: is missing"),
            (json!({ "date": "05-05", "every": { "years": 0 } }), "every.years: expected a whole number"),
            (
                json!({ "date": "05-05", "every": { "years": 101, "from": 2020 } }),
                "every.years: expected a whole number",
            ),
            (json!({ "date": "05-05", "every": { "from": "2020" } }), "every.from: expected a year"),
            (json!({ "date": "05-05", "every": { "form": 2020 } }), "every.form: unknown key"),
            (json!({ "date": "05-05", "every": 5 }), "every: expected an object"),
            (json!({ "date": "05-05", "moved": { "sunday": 0 } }), "moved.sunday: expected a whole number of days"),
            (json!({ "date": "05-05", "moved": { "sunday": 8 } }), "moved.sunday: expected a whole number of days"),
            (json!({ "date": "05-05", "moved": { "sunday": 1.5 } }), "moved.sunday: expected a whole number of days"),
            (json!({ "date": "05-05", "moved": { "Sunday": 1 } }), "moved.Sunday: unknown key"),
            (json!({ "date": "2026-05-05", "moved": { "sunday": 1 } }), "moved: only a date without a year"),
            (json!({ "date": "2026-05-05", "every": { "from": 2020 } }), "every: only a date without a year"),
            (
                json!({ "date": "05-05", "hours": ["22:00-06:00", "23:00-23:30"] }),
                "hours[1]: must come before the span",
            ),
        ] {
            let found = holiday(json.clone());
            assert!(found.starts_with(expected), "{json}: {found}");
        }
        let preset = read_problems(json!({ "zone": "UTC", "hours": {}, "preset": "xx" }));
        assert_eq!(preset, ["preset: unknown preset; existing presets: nl"]);
    }

    #[test]
    fn spans_past_midnight_do_not_overlap_the_next_day_of_the_week() {
        let week = |hours: Json| {
            read_calendar("a", &json!({ "zone": "UTC", "hours": hours })).map(drop).map_err(|p| p[0].to_string())
        };
        assert_eq!(week(json!({ "friday": ["22:00-06:00"], "saturday": ["06:00-12:00"] })), Ok(()));
        assert_eq!(week(json!({ "sunday": ["22:00-06:00"], "monday": ["06:00-12:00"] })), Ok(()));
        for (hours, path) in [
            (
                json!({ "friday": ["22:00-06:00"], "saturday": ["05:59-12:00"] }),
                "hours.saturday[0]: must not begin before the last span of",
            ),
            (
                json!({ "sunday": ["22:00-06:00"], "monday": ["00:00-01:00"] }),
                "hours.monday[0]: must not begin before the last span of",
            ),
            (json!({ "friday": ["22:00-22:00"] }), "hours.friday[0]: expected a time span"),
            (json!({ "friday": ["00:00-00:00"] }), "hours.friday[0]: expected a time span"),
            (json!({ "friday": ["24:00-06:00"] }), "hours.friday[0]: expected a time span"),
            (json!({ "friday": ["23:00-22:00", "22:30-04:00"] }), "hours.friday[1]: must come before the span"),
        ] {
            let problem = week(hours.clone()).unwrap_err();
            assert!(problem.starts_with(path), "{hours}: {problem}");
        }
    }

    #[test]
    fn invalid_calendars_report_every_problem_with_its_path() {
        let problems = read_problems(json!({
            "zone": "Amsterdam",
            "hours": { "monday": ["9-17", "09:00-25:00", "09:00-09:00", "10:00-12:00", "11:00-13:00"], "mon": [], "friday": "09:00-17:00" },
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
