//! Owners of leads, deals and tasks: the number of an admin user, or `role:` and a role, with a name beside it for people.

use cairn_plugin::people;
use cairn_plugin::prelude::*;
use serde_json::{Map, Value, json};

/// True if a text names an owner, or nobody.
pub(crate) fn is_owner(text: &str) -> bool {
    text.is_empty()
        || text.parse::<u32>().is_ok()
        || text.strip_prefix("role:").is_some_and(|role| !role.trim().is_empty())
}

/// Name of an owner, for people: that of the admin user, or of the role. Empty for nobody, and where the host does not tell.
///
/// # Errors
/// What the host says.
pub(crate) fn find_owner_name(owner: &str) -> Result<String> {
    if let Some(role) = owner.strip_prefix("role:") {
        return Ok(role.trim().to_owned());
    }
    if owner.is_empty() {
        return Ok(String::new());
    }
    match people::find_by_ids([owner]) {
        Ok(found) => Ok(found.into_iter().next().and_then(|person| person.name).unwrap_or_default()),
        // A missing grant leaves the owner without a name: the number has to do.
        Err(Error::Denied(_)) => Ok(String::new()),
        Err(error) => Err(error),
    }
}

/// The name beside `field`, which says who looks after a document, where a change says who, and not what they are called. `owner`: after the
/// change.
///
/// # Errors
/// What the host says.
pub(crate) fn name_owner(change: &Change, field: &str, owner: Option<&str>) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    let name = format!("{field}Name");
    if change.touches(field) && !change.touches(&name) {
        fields.insert(name, json!(find_owner_name(owner.unwrap_or_default())?));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_people_and_roles() {
        for good in ["", "7", "role:Sales", "role:sales-manager"] {
            assert!(is_owner(good), "{good}");
        }
        for bad in ["bart@example.com", "Bart", "role:", "role: ", "-1", "7x"] {
            assert!(!is_owner(bad), "{bad}");
        }
    }
}
