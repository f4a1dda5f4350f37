//! The form of a move: the phase, the reason, and whether people are told.

use crate::moves::MAX_REASON_CHARS;
use serde_json::{Value, json};

/// The form of a move to one of these phases, given as value and label.
pub(super) fn move_schema(phases: &[(&str, &str)]) -> Value {
    let options: Vec<Value> = phases.iter().map(|(value, label)| json!({ "const": value, "title": label })).collect();
    json!({ "type": "object", "order": ["phase", "reason", "silent"], "properties": {
        "phase": { "type": "string", "title": "t:field.phase", "oneOf": options },
        "reason": reason_property(),
        "silent": silent_property(),
    } })
}

/// The form of a move whose phase is known.
pub(super) fn reason_schema() -> Value {
    let properties = json!({ "reason": reason_property(), "silent": silent_property() });
    json!({ "type": "object", "order": ["reason", "silent"], "properties": properties, "required": ["reason"] })
}

/// The choice whether customer and team are told.
pub(super) fn silent_property() -> Value {
    json!({ "type": "boolean", "title": "t:field.silent", "description": "t:field.silent.hint", "default": false })
}

fn reason_property() -> Value {
    json!({ "type": "string", "title": "t:field.reason", "format": "textarea", "maxLength": MAX_REASON_CHARS })
}
