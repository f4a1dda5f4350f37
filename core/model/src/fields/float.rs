//! The kind `float`.

use super::{FieldType, Pass, Refused, Required, number};
use crate::content_type::Attribute;
use crate::validate::{At, FieldError, float_json};
use crate::value::Value;
use serde_json::Value as Json;

/// `float`: also read from text ("1e3").
pub(super) struct Float;

impl FieldType for Float {
    fn cast(&self, _: &Attribute, at: &At<'_>, given: &Json) -> Result<Value, Refused> {
        let float = match given {
            // `+ 0.0` makes minus zero plain.
            Json::Number(n) => n.as_f64().filter(|f| f.is_finite()).map(|f| f + 0.0),
            Json::String(text) => number::float(text),
            _ => None,
        };
        float.map(Value::Float).ok_or_else(|| number::not_a_number(at, given))
    }

    fn check(&self, attribute: &Attribute, at: &At<'_>, value: &Value, pass: Pass, errors: &mut Vec<FieldError>) {
        let Value::Float(float) = value else { return };
        number::limits(attribute, at, *float, &float_json(*float), pass, errors);
    }

    fn required(&self) -> Required {
        number::REQUIRED
    }
}
