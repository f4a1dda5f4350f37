//! Conditions of filters in pages.

use serde_json::{Value, json};

/// A condition of a view.
pub(super) fn condition(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({ "field": field, "operator": operator, "value": value.into() })
}
