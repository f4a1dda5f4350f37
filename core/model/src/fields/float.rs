//! The kind `float`.

use super::number;
use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath, float_json};
use crate::value::Value;
use serde_json::Value as Json;

/// `float`: also read from text ("1e3").
pub(super) struct FloatField;

impl FieldType for FloatField {
    fn cast_value(&self, _: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        let float = match input {
            // `+ 0.0` makes minus zero plain.
            Json::Number(n) => n.as_f64().filter(|f| f.is_finite()).map(|f| f + 0.0),
            Json::String(text) => number::parse_float(text),
            _ => None,
        };
        float.map(Value::Float).ok_or_else(|| number::not_a_number(at, input))
    }

    fn check_rules(
        &self,
        attribute: &Attribute,
        at: &ValuePath<'_>,
        value: &Value,
        pass: ValidationPass,
        errors: &mut Vec<FieldError>,
    ) {
        let Value::Float(float) = value else { return };
        number::check_limits(attribute, at, *float, &float_json(*float), pass, errors);
    }

    fn required_message(&self) -> RequiredMessage {
        number::NUMBER_REQUIRED
    }
}
