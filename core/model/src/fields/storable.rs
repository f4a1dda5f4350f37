//! JSON that can be stored and read back.

use super::text;
use crate::validate::{FieldError, ValuePath};
use serde_json::Value as Json;

/// Deepest JSON accepted in one attribute: with the components around it a stored value stays below the parser's limit.
pub(super) const MAX_JSON_DEPTH: usize = 64;

/// Refuses JSON that could be written but not stored or read back: nested too deeply, or with U+0000 in a text.
pub(super) fn check_storable(at: &ValuePath<'_>, value: &Json) -> Result<(), FieldError> {
    if deeper_than(value, MAX_JSON_DEPTH) {
        return Err(at.error_with_path(&format!("must not be nested deeper than {MAX_JSON_DEPTH} levels"), None));
    }
    if has_nul(value) { Err(at.error_with_path(text::NO_NUL, None)) } else { Ok(()) }
}

/// True if JSON is nested deeper than `limit`; looks no further.
fn deeper_than(value: &Json, limit: usize) -> bool {
    match value {
        Json::Array(list) => limit == 0 || list.iter().any(|v| deeper_than(v, limit - 1)),
        Json::Object(map) => limit == 0 || map.values().any(|v| deeper_than(v, limit - 1)),
        _ => false,
    }
}

/// True if a text contains U+0000; only for JSON that is not too deep.
fn has_nul(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\0'),
        Json::Array(list) => list.iter().any(has_nul),
        Json::Object(map) => map.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}
