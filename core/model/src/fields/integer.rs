//! The kind `integer`.

use super::number;
use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath, float_json};
use crate::value::Value;
use serde_json::Value as Json;

/// `integer`: also read from text ("7").
pub(super) struct IntegerField;

impl FieldType for IntegerField {
    /// Casts a number that is not an i64 to a float, so that `check` can report it beside the limits it breaks.
    fn cast_value(&self, _: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        let float = match input {
            Json::Number(n) => match n.as_i64() {
                Some(int) => return Ok(Value::Int(int)),
                None => n.as_f64(),
            },
            Json::String(text) => match number::parse_decimal(text).ok().and_then(|t| t.parse().ok()) {
                Some(int) => return Ok(Value::Int(int)),
                None => number::parse_float(text),
            },
            _ => None,
        };
        let float = float.ok_or_else(|| number::not_a_number(at, input))?;
        Ok(number::whole_number(float).map_or(Value::Float(float), Value::Int))
    }

    fn check_rules(
        &self,
        attribute: &Attribute,
        at: &ValuePath<'_>,
        value: &Value,
        pass: ValidationPass,
        errors: &mut Vec<FieldError>,
    ) {
        match value {
            #[expect(clippy::cast_precision_loss, reason = "limits are floats in the schema")]
            Value::Int(int) => number::check_limits(attribute, at, *int as f64, &Json::from(*int), pass, errors),
            Value::Float(float) => {
                let json = float_json(*float);
                errors.push(at.error_with_path("must be an integer", Some(json.clone())));
                number::check_limits(attribute, at, *float, &json, pass, errors);
            }
            _ => {}
        }
    }

    fn required_message(&self) -> RequiredMessage {
        number::NUMBER_REQUIRED
    }
}
