//! The kind `enumeration`.

use super::{FieldType, Pass, Refused, Required, text};
use crate::content_type::{Attribute, FieldKind};
use crate::validate::{At, FieldError, print_number};
use crate::value::Value;
use serde_json::Value as Json;

/// `enumeration`: one of its values; numbers and booleans are read as their text.
pub(super) struct Enumeration;

impl FieldType for Enumeration {
    fn cast(&self, attribute: &Attribute, at: &At<'_>, given: &Json) -> Result<Value, Refused> {
        match given {
            Json::Number(number) => Ok(Value::Text(print_number(number))),
            Json::Bool(flag) => Ok(Value::Text(flag.to_string())),
            other => text::string(attribute, at, other),
        }
    }

    fn check(&self, attribute: &Attribute, at: &At<'_>, value: &Value, _: Pass, errors: &mut Vec<FieldError>) {
        let (Value::Text(text), FieldKind::Enumeration { values }) = (value, &attribute.kind) else { return };
        if !values.contains(text) {
            // Where null is allowed it is one of the values, and prints as nothing.
            let end = if attribute.required { "" } else { ", " };
            let rest = format!("must be one of the following values: {}{end}", values.join(", "));
            errors.push(at.error(&rest, text::given(text)));
        }
    }

    fn required(&self) -> Required {
        text::REQUIRED
    }
}
