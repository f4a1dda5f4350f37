//! The condition of a webhook: a filter on the entries whose events it receives.

use cairn_model::Registry;
use serde_json::Value as Json;

/// Checks a webhook's condition against its content types. The error describes the problem.
pub fn check_condition(registry: &Registry, types: Option<&[String]>, condition: &Json) -> Result<(), String> {
    let Some(types) = types else {
        return Err("a condition refers to attributes of content types: name the content types in types".to_owned());
    };
    for name in cairn_query::condition_variables(condition) {
        if name != "now" {
            return Err(format!("${name} cannot be used here: a webhook has no caller, only $now"));
        }
    }
    for uid in types {
        let Some(ct) = registry.by_uid(uid) else { continue };
        cairn_query::check_condition(registry, ct.id, condition).map_err(|message| format!("{uid}: {message}"))?;
    }
    Ok(())
}
