//! All actions of permissions in the shape of Strapi's users-permissions routes: owner, controller, action.

use crate::actions::{action_names, list_subjects};
use cairn_model::Registry;
use serde_json::{Map, Value as Json, json};

/// Builds the tree of all actions; `is_enabled` says of a subject and an action whether it is granted.
pub fn build_action_tree(registry: &Registry, is_enabled: impl Fn(&str, &str) -> bool) -> Json {
    let mut owners: Map<String, Json> = Map::new();
    for uid in list_subjects(registry) {
        let (owner, controller) = uid.split_once('.').unwrap_or((uid, uid));
        let action = |name: &str| (name.to_owned(), json!({ "enabled": is_enabled(uid, name), "policy": "" }));
        let actions: Map<String, Json> = action_names(registry, uid).into_iter().map(action).collect();
        let owner = owners.entry(owner).or_insert_with(|| json!({ "controllers": {} }));
        owner["controllers"][controller] = actions.into();
    }
    owners.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_grouped_by_owner_and_controller() {
        let empty = tempfile::tempdir().expect("a folder");
        let registry = cairn_model::load::load_project(empty.path()).expect("an empty project loads").registry;
        let tree = build_action_tree(&registry, |uid, name| uid == "plugin::upload.file" && name == "find");
        assert_eq!(tree["plugin::upload"]["controllers"]["file"]["find"], json!({ "enabled": true, "policy": "" }));
        assert_eq!(tree["plugin::upload"]["controllers"]["file"]["destroy"]["enabled"], false);
        let users = tree["plugin::users-permissions"]["controllers"].as_object().expect("controllers");
        assert!(["auth", "user", "role", "permissions"].iter().all(|name| users.contains_key(*name)), "{users:?}");
    }
}
