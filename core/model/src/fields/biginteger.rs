//! `biginteger`: text on the wire, i64 in the database.

use super::number;
use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use crate::content_type::{Attribute, NumberBound};
use crate::validate::{FieldError, ValuePath};
use crate::value::Value;
use serde_json::Value as Json;

/// `biginteger`: digits as text or a JSON number; all digits are retained.
pub(super) struct BigIntegerField;

impl FieldType for BigIntegerField {
    fn cast_value(&self, _: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        let int = match input {
            Json::Number(n) => n.as_i64().or_else(|| n.as_f64().filter(|_| n.is_f64()).and_then(number::whole_number)),
            Json::String(text) => parse_digits(text),
            _ => None,
        };
        match int {
            Some(int) => Ok(Value::Int(int)),
            None => Err(at.error_with_path("must be a valid integer", Some(input.clone())).into()),
        }
    }

    fn check_rules(
        &self,
        attribute: &Attribute,
        at: &ValuePath<'_>,
        value: &Value,
        pass: ValidationPass,
        errors: &mut Vec<FieldError>,
    ) {
        let Value::Int(int) = value else { return };
        let json = || Some(Json::String(int.to_string()));
        if let Some(min) = attribute.min.as_ref().filter(|min| pass.is_strict() && *int < bound_limit(min)) {
            errors.push(at.error_with_path(&format!("must be greater than or equal to {}", min.text), json()));
        }
        if let Some(max) = attribute.max.as_ref().filter(|max| pass.has_limits() && *int > bound_limit(max)) {
            errors.push(at.error_with_path(&format!("must be less than or equal to {}", max.text), json()));
        }
    }

    fn required_message(&self) -> RequiredMessage {
        RequiredMessage::Any
    }
}

/// Parses digits with an optional minus sign: "007" is 7.
fn parse_digits(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// A limit with all its digits; one beyond i64 saturates.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn bound_limit(bound: &NumberBound) -> i64 {
    bound.text.parse().unwrap_or(bound.value as i64)
}
