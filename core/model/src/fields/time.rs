//! The kind `time`: `HH:mm:ss.SSS`.

use super::date::parse_digits;
use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath};
use crate::value::Value;
use serde_json::Value as Json;

/// `time`: milliseconds may be left out.
pub(super) struct TimeField;

impl FieldType for TimeField {
    fn cast_value(&self, _: &Attribute, _: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        parse_time(input.as_str().unwrap_or_default()).map(Value::Text).map_err(CastError::Format)
    }

    fn check_rules(&self, _: &Attribute, _: &ValuePath<'_>, _: &Value, _: ValidationPass, _: &mut Vec<FieldError>) {}

    fn required_message(&self) -> RequiredMessage {
        RequiredMessage::Any
    }
}

/// The canonical time of day, or the message of the contract.
pub(super) fn parse_time(text: &str) -> Result<String, &'static str> {
    canonical_time(text).ok_or("Invalid time format, expected HH:mm:ss.SSS")
}

fn canonical_time(text: &str) -> Option<String> {
    let (clock, millis) = text.split_once('.').unwrap_or((text, "000"));
    let mut parts = clock.split(':').map(|part| parse_digits(part).filter(|_| part.len() == 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let legal = parts.next().is_none() && hour < 24 && minute < 60 && second < 60 && millis.len() <= 3;
    parse_digits(millis).filter(|_| legal)?;
    Some(format!("{clock}.{millis:0<3}"))
}

#[cfg(test)]
mod tests {
    use super::parse_time;

    #[test]
    fn times_are_padded_to_milliseconds() {
        assert_eq!(parse_time("09:30:00").as_deref(), Ok("09:30:00.000"));
        assert_eq!(parse_time("09:30:15.123").as_deref(), Ok("09:30:15.123"));
        assert_eq!(parse_time("09:30:15.5").as_deref(), Ok("09:30:15.500"));
        for bad in [
            "09:30",
            "25:00:00",
            "09:60:00",
            "9:30:00",
            "09:30:00.",
            "09:30:00.1234",
            "09:30:00:00",
            "",
            "é",
            "09:30:00Z",
        ] {
            assert!(parse_time(bad).is_err(), "{bad}");
        }
    }
}
