//! The kind `decimal`: all digits are retained.

use super::number::{self, MAX_DIGITS, NotDecimal};
use super::{FieldType, Pass, Refused, Required};
use crate::content_type::Attribute;
use crate::validate::{At, FieldError, float_json};
use crate::value::Value;
use serde_json::Value as Json;

/// `decimal`: a number, or its text if it has more digits than a JSON number retains.
pub(super) struct Decimal;

impl FieldType for Decimal {
    fn cast(&self, _: &Attribute, at: &At<'_>, given: &Json) -> Result<Value, Refused> {
        let text = match given {
            Json::Number(n) => number::decimal_of(n),
            Json::String(text) => number::decimal(text),
            _ => Err(NotDecimal::NotANumber),
        };
        text.map(Value::Text).map_err(|problem| match problem {
            NotDecimal::NotANumber => number::not_a_number(at, given),
            NotDecimal::TooLong => {
                at.error(&format!("must have at most {MAX_DIGITS} digits"), Some(given.clone())).into()
            }
        })
    }

    fn check(&self, attribute: &Attribute, at: &At<'_>, value: &Value, pass: Pass, errors: &mut Vec<FieldError>) {
        let Value::Text(text) = value else { return };
        let Some(float) = number::float(text) else { return };
        number::limits(attribute, at, float, &float_json(float), pass, errors);
    }

    fn required(&self) -> Required {
        number::REQUIRED
    }
}
