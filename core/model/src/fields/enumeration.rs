//! The kind `enumeration`.

use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use super::text;
use crate::content_type::{Attribute, FieldKind};
use crate::validate::{FieldError, ValuePath, print_number};
use crate::value::Value;
use serde_json::Value as Json;

/// `enumeration`: one of its values; numbers and booleans are read as their text.
pub(super) struct EnumerationField;

impl FieldType for EnumerationField {
    fn cast_value(&self, attribute: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        match input {
            Json::Number(number) => Ok(Value::Text(print_number(number))),
            Json::Bool(flag) => Ok(Value::Text(flag.to_string())),
            other => text::cast_string(attribute, at, other),
        }
    }

    fn check_rules(
        &self,
        attribute: &Attribute,
        at: &ValuePath<'_>,
        value: &Value,
        _: ValidationPass,
        errors: &mut Vec<FieldError>,
    ) {
        let (Value::Text(text), FieldKind::Enumeration { values }) = (value, &attribute.kind) else { return };
        if !values.contains(text) {
            // Null is one of the values if it is allowed, and prints as nothing.
            let end = if attribute.required { "" } else { ", " };
            let rest = format!("must be one of the following values: {}{end}", values.join(", "));
            errors.push(at.error_with_path(&rest, text::given_value(text)));
        }
    }

    fn required_message(&self) -> RequiredMessage {
        text::TEXT_REQUIRED
    }
}
