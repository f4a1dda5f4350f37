//! The kind `time`: `HH:mm:ss.SSS`.

use super::date::digits;
use super::{FieldType, Pass, Refused, Required};
use crate::content_type::Attribute;
use crate::validate::{At, FieldError};
use crate::value::Value;
use serde_json::Value as Json;

/// `time`: milliseconds may be left out.
pub(super) struct Time;

impl FieldType for Time {
    fn cast(&self, _: &Attribute, _: &At<'_>, given: &Json) -> Result<Value, Refused> {
        parse(given.as_str().unwrap_or_default()).map(Value::Text).map_err(Refused::Format)
    }

    fn check(&self, _: &Attribute, _: &At<'_>, _: &Value, _: Pass, _: &mut Vec<FieldError>) {}

    fn required(&self) -> Required {
        Required::Any
    }
}

/// The canonical time of day, or the message of the contract.
pub(super) fn parse(text: &str) -> Result<String, &'static str> {
    canonical(text).ok_or("Invalid time format, expected HH:mm:ss.SSS")
}

fn canonical(text: &str) -> Option<String> {
    let (clock, millis) = text.split_once('.').unwrap_or((text, "000"));
    let mut parts = clock.split(':').map(|part| digits(part).filter(|_| part.len() == 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let legal = parts.next().is_none() && hour < 24 && minute < 60 && second < 60 && millis.len() <= 3;
    digits(millis).filter(|_| legal)?;
    Some(format!("{clock}.{millis:0<3}"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn times_get_milliseconds() {
        assert_eq!(parse("09:30:00").as_deref(), Ok("09:30:00.000"));
        assert_eq!(parse("09:30:15.123").as_deref(), Ok("09:30:15.123"));
        assert_eq!(parse("09:30:15.5").as_deref(), Ok("09:30:15.500"));
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
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
