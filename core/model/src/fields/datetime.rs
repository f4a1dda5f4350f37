//! `datetime` and `timestamp`: UTC with milliseconds.

use super::date::parse_digits;
use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath, print_number};
use crate::value::Value;
use chrono::{DateTime as Utc, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};
use serde_json::Value as Json;

/// `datetime`: ISO with or without a zone, a date alone, or milliseconds since 1970.
pub(super) struct DateTimeField;

impl FieldType for DateTimeField {
    fn cast_value(&self, _: &Attribute, _: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        let text = match input {
            Json::String(text) => parse_datetime(text),
            Json::Number(number) => parse_datetime(&print_number(number)),
            _ => parse_datetime(""),
        };
        text.map(Value::Text).map_err(CastError::Format)
    }

    fn check_rules(&self, _: &Attribute, _: &ValuePath<'_>, _: &Value, _: ValidationPass, _: &mut Vec<FieldError>) {}

    fn required_message(&self) -> RequiredMessage {
        RequiredMessage::Any
    }
}

/// The canonical moment, or the message of the contract. Years 0 to 9999.
pub(super) fn parse_datetime(text: &str) -> Result<String, &'static str> {
    parse_iso(text)
        .or_else(|| parse_millis(text))
        .filter(|moment| (0..=9999).contains(&moment.year()))
        .map(|moment| moment.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
        .ok_or("Invalid format, expected a timestamp or an ISO date")
}

fn parse_millis(text: &str) -> Option<NaiveDateTime> {
    Some(Utc::from_timestamp_millis(text.parse().ok()?)?.naive_utc())
}

fn parse_iso(text: &str) -> Option<NaiveDateTime> {
    let Some((day, clock)) = text.split_once(['T', ' ']) else {
        return parse_iso_date(text)?.and_hms_opt(0, 0, 0);
    };
    let day = parse_iso_date(day)?;
    let (clock, offset) = split_zone(clock)?;
    parse_clock(day, clock)?.checked_sub_signed(TimeDelta::minutes(offset))
}

/// Parses `yyyy-MM-dd`, `yyyy-MM`, `yyyy` or `yyyyMMdd`.
fn parse_iso_date(text: &str) -> Option<NaiveDate> {
    let part = |from: usize, to: usize| parse_digits(text.get(from..to)?);
    let dash = |at: usize| text.as_bytes().get(at) == Some(&b'-');
    let (month, day) = match text.len() {
        4 => (1, 1),
        7 if dash(4) => (part(5, 7)?, 1),
        8 => (part(4, 6)?, part(6, 8)?),
        10 if dash(4) && dash(7) => (part(5, 7)?, part(8, 10)?),
        _ => return None,
    };
    NaiveDate::from_ymd_opt(i32::try_from(part(0, 4)?).ok()?, month, day)
}

/// Splits off `Z`, `+hh`, `+hhmm` or `+hh:mm`; the offset is in minutes, 0 if none is given.
fn split_zone(clock: &str) -> Option<(&str, i64)> {
    if let Some(clock) = clock.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let Some(at) = clock.find(['+', '-']) else { return Some((clock, 0)) };
    let (clock, zone) = clock.split_at(at);
    let plain = zone.get(1..)?.replacen(':', "", 1);
    let hours = parse_digits(plain.get(..2)?)?;
    let minutes = if plain.len() == 2 { 0 } else { parse_digits(plain.get(2..)?).filter(|_| plain.len() == 4)? };
    let size = i64::from(hours * 60 + minutes);
    (hours < 24 && minutes < 60).then_some((clock, if zone.starts_with('-') { -size } else { size }))
}

/// Parses `hh`, `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`, with or without colons. 24:00:00 is the next day's midnight.
fn parse_clock(day: NaiveDate, clock: &str) -> Option<NaiveDateTime> {
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let plain = match clock.len() {
        5 | 8 => clock.replace(':', ""),
        _ => clock.to_owned(),
    };
    let part = |from: usize| if plain.len() > from { parse_digits(plain.get(from..from + 2)?) } else { Some(0) };
    let (hour, minute, second) = (part(0)?, part(2)?, part(4)?);
    if !matches!(plain.len(), 2 | 4 | 6) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if !fraction.is_empty() && plain.len() != 6 {
        return None;
    }
    let milli = parse_digits(&format!("{:0<3.3}", fraction))?;
    if (hour, minute, second, milli) == (24, 0, 0, 0) {
        return day.checked_add_days(Days::new(1))?.and_hms_opt(0, 0, 0);
    }
    day.and_hms_milli_opt(hour, minute, second, milli)
}

#[cfg(test)]
mod tests {
    use super::parse_datetime;

    #[test]
    fn datetimes_are_converted_to_utc() {
        for (text, canonical) in [
            ("2020-01-02T03:04:05.678Z", "2020-01-02T03:04:05.678Z"),
            ("2020-01-02T03:04:05+02:00", "2020-01-02T01:04:05.000Z"),
            ("2020-01-02T03:04:05-0130", "2020-01-02T04:34:05.000Z"),
            ("2020-01-02", "2020-01-02T00:00:00.000Z"),
            ("2020-01-02 03:04", "2020-01-02T03:04:00.000Z"),
            ("2020-01-02T03:04:05.1239", "2020-01-02T03:04:05.123Z"),
            ("2020-01-02T24:00:00Z", "2020-01-03T00:00:00.000Z"),
            ("20200102T030405Z", "2020-01-02T03:04:05.000Z"),
            ("2020", "2020-01-01T00:00:00.000Z"),
            ("1577934245678", "2020-01-02T03:04:05.678Z"),
            ("0", "1970-01-01T00:00:00.000Z"),
            ("-1", "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(parse_datetime(text).as_deref(), Ok(canonical), "{text}");
        }
        for bad in [
            "whenever",
            "",
            "2020-13-01",
            "2020-02-30",
            "2020-01-02T25:00",
            "2020-01-02T03:04:60Z",
            "10000-01-01",
            "é",
            "2020-01-02T",
            "2020-01-02T03:04:05+25:00",
            "0000-01-01T00:00:00+02:00",
            "9999-12-31T23:59:59-01:00",
            "99999999999999999999",
            "253402300800000",
            "2020-01-02T03:04:05é",
            "2020-01-02T0é:00",
            "2020-01-02T12.5",
        ] {
            assert!(parse_datetime(bad).is_err(), "{bad}");
        }
    }
}
