//! The kind `date`: `yyyy-MM-dd`.

use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath};
use crate::value::Value;
use chrono::NaiveDate;
use serde_json::Value as Json;

/// `date`: text behind the day is cut off.
pub(super) struct DateField;

impl FieldType for DateField {
    fn cast_value(&self, _: &Attribute, _: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        parse_date(input.as_str().unwrap_or_default()).map(Value::Text).map_err(CastError::Format)
    }

    fn check_rules(&self, _: &Attribute, _: &ValuePath<'_>, _: &Value, _: ValidationPass, _: &mut Vec<FieldError>) {}

    fn required_message(&self) -> RequiredMessage {
        RequiredMessage::Any
    }
}

/// The canonical day, or the message of the contract.
pub(super) fn parse_date(text: &str) -> Result<String, &'static str> {
    let format = "Invalid format, expected yyyy-MM-dd";
    let day = text.get(..10).ok_or(format)?;
    let bytes = day.as_bytes();
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return Err(format);
    }
    let number = |range| parse_digits(day.get::<std::ops::Range<usize>>(range)?);
    let (Some(year), Some(month), Some(date)) = (number(0..4), number(5..7), number(8..10)) else { return Err(format) };
    if !(1..=12).contains(&month) || !(1..=31).contains(&date) {
        return Err(format);
    }
    match NaiveDate::from_ymd_opt(i32::try_from(year).unwrap_or_default(), month, date) {
        Some(_) => Ok(day.to_owned()),
        None => Err("Invalid date"),
    }
}

/// Parses a number that consists of ASCII digits alone.
pub(super) fn parse_digits(text: &str) -> Option<u32> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::parse_date;

    #[test]
    fn dates_are_parsed_or_rejected() {
        assert_eq!(parse_date("2020-02-29").as_deref(), Ok("2020-02-29"));
        assert_eq!(parse_date("2020-01-01T10:00:00.000Z").as_deref(), Ok("2020-01-01"));
        assert_eq!(parse_date("0000-01-01").as_deref(), Ok("0000-01-01"));
        assert_eq!(parse_date("2020-02-30"), Err("Invalid date"));
        for bad in
            ["soon", "2020-13-01", "0000-00-00", "2020-1-1", "20200101", "+020-01-01", "2020-01-3é", "10000-01-01", ""]
        {
            assert_eq!(parse_date(bad), Err("Invalid format, expected yyyy-MM-dd"), "{bad}");
        }
    }
}
