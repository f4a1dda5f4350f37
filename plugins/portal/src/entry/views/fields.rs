//! Fields of documents as pages name them: in columns of tables, and in conditions of filters.

use serde_json::{Value, json};

/// A condition of a filter.
pub(super) fn condition(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({ "field": field, "operator": operator, "value": value.into() })
}

/// A column with the name of its field.
pub(super) fn column(field: &str, label: &str) -> Value {
    json!({ "field": field, "label": format!("t:column.{label}") })
}
