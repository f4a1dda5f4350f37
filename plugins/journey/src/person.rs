//! Person who does something in the admin.

use cairn_plugin::{Actor, Call};

/// The name of whoever moves a journey: a person of the team, or one of their programs; empty for the plugin itself.
pub(crate) fn name_of(call: &Call) -> String {
    let (Actor::Admin(principal) | Actor::Token(principal)) = &call.actor else { return String::new() };
    let name = principal.name.clone().filter(|name| !name.trim().is_empty());
    // As long as the field that stores it.
    name.unwrap_or_else(|| format!("#{}", principal.id)).chars().take(160).collect()
}
