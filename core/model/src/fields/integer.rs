//! The kind `integer`.

use super::{FieldType, Pass, Refused, Required, number};
use crate::content_type::Attribute;
use crate::validate::{At, FieldError, float_json};
use crate::value::Value;
use serde_json::Value as Json;

/// `integer`: also read from text ("7").
pub(super) struct Integer;

impl FieldType for Integer {
    /// Casts a number that is not an i64 to a float, so that `check` can report it beside the limits it breaks.
    fn cast(&self, _: &Attribute, at: &At<'_>, given: &Json) -> Result<Value, Refused> {
        let float = match given {
            Json::Number(n) => match n.as_i64() {
                Some(int) => return Ok(Value::Int(int)),
                None => n.as_f64(),
            },
            Json::String(text) => match number::decimal(text).ok().and_then(|t| t.parse().ok()) {
                Some(int) => return Ok(Value::Int(int)),
                None => number::float(text),
            },
            _ => None,
        };
        let float = float.ok_or_else(|| number::not_a_number(at, given))?;
        Ok(number::whole(float).map_or(Value::Float(float), Value::Int))
    }

    fn check(&self, attribute: &Attribute, at: &At<'_>, value: &Value, pass: Pass, errors: &mut Vec<FieldError>) {
        match value {
            #[expect(clippy::cast_precision_loss, reason = "limits are floats in the schema")]
            Value::Int(int) => number::limits(attribute, at, *int as f64, &Json::from(*int), pass, errors),
            Value::Float(float) => {
                let json = float_json(*float);
                errors.push(at.error("must be an integer", Some(json.clone())));
                number::limits(attribute, at, *float, &json, pass, errors);
            }
            _ => {}
        }
    }

    fn required(&self) -> Required {
        number::REQUIRED
    }
}
