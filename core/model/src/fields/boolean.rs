//! The kind `boolean`.

use super::{FieldType, Pass, Refused, Required};
use crate::content_type::Attribute;
use crate::validate::{At, FieldError, print_number};
use crate::value::Value;
use serde_json::Value as Json;

/// `boolean`: true, "true", 1, "1" and their opposites.
pub(super) struct Boolean;

impl FieldType for Boolean {
    fn cast(&self, _: &Attribute, at: &At<'_>, given: &Json) -> Result<Value, Refused> {
        let text = match given {
            Json::Bool(flag) => return Ok(Value::Bool(*flag)),
            Json::String(text) => text.to_ascii_lowercase(),
            Json::Number(number) => print_number(number),
            _ => String::new(),
        };
        match text.as_str() {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => Err(at.wrong_type("boolean", given).into()),
        }
    }

    fn check(&self, _: &Attribute, _: &At<'_>, _: &Value, _: Pass, _: &mut Vec<FieldError>) {}

    fn required(&self) -> Required {
        Required::Typed("boolean", "null")
    }
}
