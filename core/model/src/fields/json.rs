//! The kind `json`.

use super::{FieldType, Pass, Refused, Required, storable};
use crate::content_type::Attribute;
use crate::validate::{At, FieldError};
use crate::value::Value;
use serde_json::Value as Json;

/// `json`: anything; a string that is JSON itself is parsed.
pub(super) struct JsonField;

impl FieldType for JsonField {
    fn cast(&self, _: &Attribute, at: &At<'_>, given: &Json) -> Result<Value, Refused> {
        let value = match given {
            Json::String(text) => serde_json::from_str(text).unwrap_or_else(|_| given.clone()),
            other => other.clone(),
        };
        storable(at, &value)?;
        Ok(if value.is_null() { Value::Null } else { Value::Json(value) })
    }

    fn check(&self, _: &Attribute, _: &At<'_>, _: &Value, _: Pass, _: &mut Vec<FieldError>) {}

    fn required(&self) -> Required {
        Required::Any
    }
}
