//! `biginteger`: text on the wire, i64 in the database.

use super::{FieldType, Pass, Refused, Required, number};
use crate::content_type::{Attribute, Bound};
use crate::validate::{At, FieldError};
use crate::value::Value;
use serde_json::Value as Json;

/// `biginteger`: digits as text or a JSON number; all digits are retained.
pub(super) struct BigInteger;

impl FieldType for BigInteger {
    fn cast(&self, _: &Attribute, at: &At<'_>, given: &Json) -> Result<Value, Refused> {
        let int = match given {
            Json::Number(n) => n.as_i64().or_else(|| n.as_f64().filter(|_| n.is_f64()).and_then(number::whole)),
            Json::String(text) => parse(text),
            _ => None,
        };
        match int {
            Some(int) => Ok(Value::Int(int)),
            None => Err(at.error("must be a valid integer", Some(given.clone())).into()),
        }
    }

    fn check(&self, attribute: &Attribute, at: &At<'_>, value: &Value, pass: Pass, errors: &mut Vec<FieldError>) {
        let Value::Int(int) = value else { return };
        let json = || Some(Json::String(int.to_string()));
        if let Some(min) = attribute.min.as_ref().filter(|min| pass.strict() && *int < limit(min)) {
            errors.push(at.error(&format!("must be greater than or equal to {}", min.text), json()));
        }
        if let Some(max) = attribute.max.as_ref().filter(|max| *int > limit(max)) {
            errors.push(at.error(&format!("must be less than or equal to {}", max.text), json()));
        }
    }

    fn required(&self) -> Required {
        Required::Any
    }
}

/// Parses digits with an optional minus sign: "007" is 7.
fn parse(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// A limit with all its digits; one beyond i64 saturates.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn limit(bound: &Bound) -> i64 {
    bound.text.parse().unwrap_or(bound.value as i64)
}
