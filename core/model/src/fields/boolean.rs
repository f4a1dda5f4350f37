//! The kind `boolean`.

use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath, print_number};
use crate::value::Value;
use serde_json::Value as Json;

/// `boolean`: true, "true", 1, "1" and their opposites.
pub(super) struct BooleanField;

impl FieldType for BooleanField {
    fn cast_value(&self, _: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        let text = match input {
            Json::Bool(flag) => return Ok(Value::Bool(*flag)),
            Json::String(text) => text.to_ascii_lowercase(),
            Json::Number(number) => print_number(number),
            _ => String::new(),
        };
        match text.as_str() {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => Err(at.wrong_type("boolean", input).into()),
        }
    }

    fn check_rules(&self, _: &Attribute, _: &ValuePath<'_>, _: &Value, _: ValidationPass, _: &mut Vec<FieldError>) {}

    fn required_message(&self) -> RequiredMessage {
        RequiredMessage::Typed("boolean", "null")
    }
}
