//! Calendars against a second implementation, which reads their JSON and is slow: it looks at each minute, each entry and each day.

use super::{Calendar, Preset, read_calendar};
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Timelike, Weekday};
use chrono_tz::Tz;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Map, Value as Json, json};

const MINUTE_MS: i64 = 60_000;
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const POSITIONS: [&str; 5] = ["first", "second", "third", "fourth", "last"];
/// Days around changes of the clock, elsewhere in the year, the day that Samoa skipped (2011-12-30), and Easter.
const BASES: [&str; 10] = [
    "2026-03-28",
    "2026-10-24",
    "2026-04-04",
    "2026-11-01",
    "2011-12-28",
    "2026-07-10",
    "2025-12-30",
    "2024-02-27",
    "2027-03-27",
    "2026-05-23",
];

/// The public holidays of the Netherlands from 2020 to 2039, as version 0.109 of the Python package `holidays` lists them.
const DUTCH_HOLIDAYS: &str = include_str!("tests/nl.txt");

fn name_of(weekday: Weekday) -> &'static str {
    WEEKDAYS[weekday.num_days_from_monday() as usize]
}

/// Easter Sunday by the rule of Gauss, with his two exceptions.
fn gauss_easter(year: i32) -> NaiveDate {
    let (a, b, c) = (year % 19, year % 4, year % 7);
    let k = year / 100;
    let p = (13 + 8 * k) / 25;
    let q = k / 4;
    let m = (15 - p + k - q) % 30;
    let n = (4 + k - q) % 7;
    let d = (19 * a + m) % 30;
    let e = (2 * b + 4 * c + 6 * d + n) % 7;
    let mut days = d + e;
    if d == 29 && e == 6 || d == 28 && e == 6 && (11 * m + 11) % 30 < 19 {
        days -= 7;
    }
    NaiveDate::from_ymd_opt(year, 3, 22).unwrap() + TimeDelta::days(days.into())
}

fn has_year(date: &str) -> bool {
    date.parse::<NaiveDate>().is_ok()
}

/// True if a day has the date that an entry names, before it is moved.
fn has_date(text: &str, day: NaiveDate) -> bool {
    if let Some(offset) = text.strip_prefix("easter") {
        let offset: i64 = if offset.is_empty() { 0 } else { offset.parse().unwrap() };
        return (day.year() - 1..=day.year() + 1).any(|year| gauss_easter(year) + TimeDelta::days(offset) == day);
    }
    let words: Vec<&str> = text.split(' ').collect();
    let [position, weekday, _, month] = words[..] else { return day.format("%m-%d").to_string() == text };
    let is_last = (day + TimeDelta::days(7)).month() != day.month();
    let nth = POSITIONS[(day.day0() / 7) as usize];
    name_of(day.weekday()) == weekday
        && day.month() == month.parse::<u32>().unwrap()
        && (nth == position || position == "last" && is_last)
}

/// The year that a date counts for: days from Easter count for the year of that Easter.
fn year_of(text: &str, day: NaiveDate) -> i32 {
    let Some(offset) = text.strip_prefix("easter").filter(|offset| !offset.is_empty()) else { return day.year() };
    (day - TimeDelta::days(offset.parse().unwrap())).year()
}

/// True if an entry of the JSON makes a day a holiday: some day around it has the date and is moved to it.
fn is_holiday(entry: &Json, day: NaiveDate) -> bool {
    let text = entry["date"].as_str().unwrap();
    (-7..=7).map(|days| day + TimeDelta::days(days)).any(|date| {
        let year = i64::from(year_of(text, date));
        let from = entry["every"]["from"].as_i64();
        let until = entry["every"]["until"].as_i64().unwrap_or(i64::MAX);
        let interval = entry["every"]["years"].as_i64().unwrap_or(1);
        let moved = entry["moved"][name_of(date.weekday())].as_i64().unwrap_or(0);
        date + TimeDelta::days(moved) == day
            && has_date(text, date)
            && year <= until
            && from.is_none_or(|from| year >= from && (year - from) % interval == 0)
    })
}

fn dutch_holidays() -> impl Iterator<Item = (NaiveDate, &'static str)> {
    DUTCH_HOLIDAYS.lines().map(|line| line.split_once(' ').unwrap()).map(|(date, name)| (date.parse().unwrap(), name))
}

/// The opening hours of a day as the JSON has them.
fn spans_on(calendar: &Json, day: NaiveDate) -> Vec<String> {
    let holidays = calendar["holidays"].as_array().unwrap();
    let dated = |entry: &&Json| entry["date"] == day.to_string();
    let recurring = |entry: &&Json| !has_year(entry["date"].as_str().unwrap()) && is_holiday(entry, day);
    let own = holidays.iter().find(dated).or_else(|| holidays.iter().find(recurring));
    let hours = match own {
        Some(entry) => &entry["hours"],
        None if calendar["preset"] == "nl" && is_dutch_holiday(day) => return Vec::new(),
        None => &calendar["hours"][name_of(day.weekday())],
    };
    hours.as_array().into_iter().flatten().map(|span| span.as_str().unwrap().to_owned()).collect()
}

/// The list has it, or in years before the list the rules of this file.
fn is_dutch_holiday(day: NaiveDate) -> bool {
    if (2020..2040).contains(&day.year()) {
        return dutch_holidays().any(|(date, _)| date == day);
    }
    // Years before 2014 do not have Koningsdag.
    ["01-01", "easter-2", "easter", "easter+1", "easter+39", "easter+49", "easter+50", "12-25", "12-26"]
        .iter()
        .any(|text| has_date(text, day))
}

fn minutes(time: &str) -> i64 {
    let (hours, minutes) = time.split_once(':').unwrap();
    hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap()
}

/// The spans of each day around the moments that a test looks at, so that they are found only once.
struct SlowCalendar {
    zone: Tz,
    first: NaiveDate,
    days: Vec<Vec<String>>,
}

impl SlowCalendar {
    fn new(json: &Json, first: NaiveDate, count: usize) -> Self {
        let days = first.iter_days().take(count).map(|day| spans_on(json, day)).collect();
        Self { zone: json["zone"].as_str().unwrap().parse().unwrap(), first, days }
    }

    /// True if a clock on the wall shows opening hours at a moment.
    fn is_open(&self, at: i64) -> bool {
        let there = DateTime::from_timestamp_millis(at).unwrap().with_timezone(&self.zone).naive_local();
        let minute = i64::from(there.num_seconds_from_midnight()) / 60;
        let day = usize::try_from((there.date() - self.first).num_days()).unwrap();
        let is_within = |span: &String, is_next_day: bool| {
            let (from, to) = span.split_once('-').map(|(from, to)| (minutes(from), minutes(to))).unwrap();
            match (to < from, is_next_day) {
                (false, false) => (from..to).contains(&minute),
                (true, false) => minute >= from,
                (true, true) => minute < to,
                (false, true) => false,
            }
        };
        self.days[day].iter().any(|span| is_within(span, false))
            || self.days[day - 1].iter().any(|span| is_within(span, true))
    }
}

fn any_hours() -> impl Strategy<Value = Vec<String>> {
    let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    (prop::collection::btree_set(0_u16..=1_440, 0..6), prop::option::of(0_u16..1_440)).prop_map(
        move |(times, night)| {
            let times: Vec<u16> = times.into_iter().collect();
            let mut spans: Vec<String> =
                times.chunks_exact(2).map(|t| format!("{}-{}", time(t[0]), time(t[1]))).collect();
            // The last span may end on the next day.
            let begin = times.chunks_exact(2).last().map_or(720, |t| t[1]).max(720);
            if let Some(end) = night.filter(|end| *end < begin && begin < 1_440) {
                spans.push(format!("{}-{}", time(begin), time(end)));
            }
            spans
        },
    )
}

fn any_holiday() -> impl Strategy<Value = Json> {
    let weekday = || prop::sample::select(WEEKDAYS.to_vec());
    let month_day = (1_u32..=12, 1_u32..=28).prop_map(|(month, day)| format!("{month:02}-{day:02}"));
    let edge = prop::sample::select(vec!["02-29", "01-01", "12-31", "03-29", "10-25", "04-27", "12-30"])
        .prop_map(str::to_owned);
    let dated = (prop::sample::select(BASES.to_vec()), 0_u64..5)
        .prop_map(|(base, days)| (base.parse::<NaiveDate>().unwrap() + Days::new(days)).to_string());
    let easter =
        (-100_i64..=250).prop_map(|days| if days == 0 { "easter".to_owned() } else { format!("easter{days:+}") });
    let near_easter =
        prop::sample::select(vec!["easter", "easter+1", "easter-2", "easter-90", "easter+50"]).prop_map(str::to_owned);
    let nth = (prop::sample::select(POSITIONS.to_vec()), weekday(), 1_u32..=12)
        .prop_map(|(position, weekday, month)| format!("{position} {weekday} of {month:02}"));
    let date = prop_oneof![month_day, edge, dated, easter, near_easter, nth];
    let moved = prop::collection::btree_map(weekday(), (-7_i64..=7).prop_filter("not 0", |days| *days != 0), 0..3);
    let every = (prop::option::of(1_i64..6), prop::option::of(2005_i64..2028), prop::option::of(2024_i64..2040));
    (date, moved, every, any_hours()).prop_map(|(date, moved, (years, from, until), hours)| {
        let mut json = json!({ "date": date, "hours": hours });
        if has_year(&date) {
            return json;
        }
        json["moved"] = json!(moved);
        let mut every = Map::new();
        every.extend(from.map(|from| ("from".to_owned(), json!(from))));
        every.extend(years.filter(|_| from.is_some()).map(|years| ("years".to_owned(), json!(years))));
        every.extend(
            until
                .filter(|until| from.is_none_or(|from| from <= *until))
                .map(|until| ("until".to_owned(), json!(until))),
        );
        json["every"] = every.into();
        json
    })
}

/// Calendars that are valid, as JSON.
fn any_calendar() -> impl Strategy<Value = Json> {
    let zones = prop::sample::select(vec![
        "Europe/Amsterdam",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Apia",
        "America/St_Johns",
        "America/Santiago",
        "UTC",
    ]);
    let days = prop::collection::vec(any_hours(), 7);
    let holidays = prop::collection::vec(any_holiday(), 0..8);
    (zones, days, holidays, any::<bool>()).prop_map(|(zone, mut days, mut holidays, has_preset)| {
        // Nights of the week end where the next day begins.
        for day in 0..7 {
            let next = days[(day + 1) % 7].first().map_or(1_439, |span| minutes(&span[..5]));
            if let Some(night) = days[day].last_mut().filter(|span| minutes(&span[6..]) < minutes(&span[..5])) {
                let end = minutes(&night[6..]).min(next);
                *night = format!("{}-{:02}:{:02}", &night[..5], end / 60, end % 60);
            }
        }
        let week: Map<String, Json> =
            WEEKDAYS.iter().zip(days).map(|(name, spans)| ((*name).to_owned(), json!(spans))).collect();
        // A rule that no year has is not valid.
        holidays.retain(|holiday| {
            read_calendar("any", &json!({ "zone": "UTC", "hours": {}, "holidays": [holiday] })).is_ok()
        });
        let mut json = json!({ "zone": zone, "hours": week, "holidays": holidays });
        if has_preset {
            json["preset"] = json!("nl");
        }
        json
    })
}

/// Compares sums, moments and single days with the slow implementation.
fn compare_with_slow(json: &Json, base: &str, from: i64, length: i64, share: f64) -> Result<(), TestCaseError> {
    let calendar: Calendar =
        read_calendar("any", json).map_err(|problems| TestCaseError::fail(format!("{problems:?}")))?;
    prop_assert_eq!(&read_calendar("any", &calendar.to_json()).unwrap(), &calendar);
    let first: NaiveDate = base.parse().unwrap();
    let slow = SlowCalendar::new(json, first - Days::new(3), 12);
    let start = first.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis() + from * MINUTE_MS;
    let end = start + length * MINUTE_MS;
    let open: Vec<i64> = (0..length).map(|i| start + i * MINUTE_MS).filter(|at| slow.is_open(*at)).collect();
    prop_assert_eq!(calendar.working_time_between(start, end).unwrap(), (open.len() as i64 * MINUTE_MS) as u64);
    prop_assert_eq!(calendar.is_open(start).unwrap(), slow.is_open(start));
    if !open.is_empty() {
        let minutes = 1 + ((open.len() - 1) as f64 * share) as usize;
        let amount = (minutes as i64 * MINUTE_MS) as u64;
        let reached = calendar.add_working_time(start, amount).unwrap();
        // The end of the last minute of them.
        prop_assert_eq!(reached, open[minutes - 1] + MINUTE_MS);
        prop_assert_eq!(calendar.working_time_between(start, reached).unwrap(), amount);
    }
    Ok(())
}

fn run_cases(cases: u32) {
    let case = (any_calendar(), prop::sample::select(BASES.to_vec()), 0_i64..2_880, 0_i64..4_320, 0.0_f64..1.0);
    TestRunner::new(Config { cases, ..Config::default() })
        .run(&case, |(json, base, from, length, share)| compare_with_slow(&json, base, from, length, share))
        .unwrap();
}

#[test]
fn working_time_equals_a_minute_by_minute_count() {
    run_cases(150);
}

mod full {
    #[test]
    fn working_time_of_many_calendars_equals_a_minute_by_minute_count() {
        super::run_cases(10_000);
    }
}

#[test]
fn easter_equals_that_of_another_algorithm() {
    let calendar = read_calendar(
        "easter",
        &json!({ "zone": "UTC", "hours": {}, "holidays": [{ "date": "easter", "name": "Easter" }] }),
    )
    .unwrap();
    for year in 1850..2350 {
        let easter = gauss_easter(year);
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let found: Vec<_> = first
            .iter_days()
            .take_while(|day| day.year() == year)
            .filter(|day| calendar.find_day(*day).name.is_some())
            .collect();
        assert_eq!(found, [easter]);
    }
}

#[test]
fn dutch_preset_equals_the_list_of_another_program() {
    let calendar =
        read_calendar("nl", &json!({ "zone": "Europe/Amsterdam", "hours": {}, "preset": Preset::Nl.as_str() }))
            .unwrap();
    let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    let days = first.iter_days().take_while(|day| day.year() < 2040);
    let found: Vec<_> = days.filter_map(|day| Some((day, calendar.find_day(day).name?.to_lowercase()))).collect();
    let expected: Vec<_> = dutch_holidays().map(|(date, name)| (date, name.to_lowercase())).collect();
    assert_eq!(expected.len(), 204);
    assert_eq!(found, expected);
}
