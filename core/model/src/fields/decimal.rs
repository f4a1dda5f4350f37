//! The kind `decimal`: all digits are retained.

use super::number::{self, MAX_DIGITS, NotDecimal};
use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath, float_json};
use crate::value::Value;
use serde_json::Value as Json;

/// `decimal`: a number, or its text if it has more digits than a JSON number retains.
pub(super) struct DecimalField;

impl FieldType for DecimalField {
    fn cast_value(&self, _: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        let text = match input {
            Json::Number(n) => number::decimal_from_number(n),
            Json::String(text) => number::parse_decimal(text),
            _ => Err(NotDecimal::NotANumber),
        };
        text.map(Value::Text).map_err(|problem| match problem {
            NotDecimal::NotANumber => number::not_a_number(at, input),
            NotDecimal::TooLong => {
                at.error_with_path(&format!("must have at most {MAX_DIGITS} digits"), Some(input.clone())).into()
            }
        })
    }

    fn check_rules(
        &self,
        attribute: &Attribute,
        at: &ValuePath<'_>,
        value: &Value,
        pass: ValidationPass,
        errors: &mut Vec<FieldError>,
    ) {
        let Value::Text(text) = value else { return };
        let Some(float) = number::parse_float(text) else { return };
        number::check_limits(attribute, at, float, &float_json(float), pass, errors);
    }

    fn required_message(&self) -> RequiredMessage {
        number::NUMBER_REQUIRED
    }
}
