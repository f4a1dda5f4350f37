//! Buttons of pages.

use serde_json::{Value, json};

/// A button: its text is `action.<name>`.
pub(super) fn describe_action(name: &str, icon: &str) -> Value {
    json!({ "id": name, "call": name, "label": format!("t:action.{name}"), "icon": icon })
}
