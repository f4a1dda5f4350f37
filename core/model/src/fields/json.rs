//! The kind `json`.

use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use super::storable::check_storable;
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath};
use crate::value::Value;
use serde_json::Value as Json;

/// `json`: anything; a string that is JSON itself is parsed.
pub(super) struct JsonField;

impl FieldType for JsonField {
    fn cast_value(&self, _: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        let value = match input {
            Json::String(text) => serde_json::from_str(text).unwrap_or_else(|_| input.clone()),
            other => other.clone(),
        };
        check_storable(at, &value)?;
        Ok(if value.is_null() { Value::Null } else { Value::Json(value) })
    }

    fn check_rules(&self, _: &Attribute, _: &ValuePath<'_>, _: &Value, _: ValidationPass, _: &mut Vec<FieldError>) {}

    fn required_message(&self) -> RequiredMessage {
        RequiredMessage::Any
    }
}
