//! `roles` of the file: roles of the content API, by their types.

use super::RoleChanges;
use super::auth::RoleType;
use super::grants::PermissionsInput;
use super::parser::SettingsParser;
use crate::change::SettingChange;
use crate::input::{read_each_entry, read_input};
use crate::problems::{ProblemList, join_key};
use crate::text::Description;
use cairn_access::settings_snapshot::{AUTHENTICATED_ROLE, PUBLIC_ROLE};
use cairn_model::Registry;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

/// A role as JSON: what is left out stays, null is the default again.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, description = "A role")]
pub(super) struct RoleInput {
    #[serde(default)]
    name: SettingChange<String>,
    #[serde(default)]
    description: SettingChange<Description>,
    #[serde(default)]
    #[schemars(description = "Can read drafts", extend("default" = false))]
    read_drafts: SettingChange<bool>,
    #[serde(default)]
    permissions: SettingChange<PermissionsInput>,
}

impl RoleInput {
    fn check(self, problems: &mut ProblemList, registry: &Registry, path: &str) -> RoleChanges {
        let path = join_key(path, "permissions");
        RoleChanges {
            name: self.name,
            description: self.description.map_value(String::from),
            read_drafts: self.read_drafts,
            permissions: self.permissions.map_value(|input| input.check(problems, registry, &path, true)),
        }
    }
}

impl SettingsParser<'_> {
    pub(super) fn parse_roles(&mut self, json: &Json) -> Vec<(String, SettingChange<RoleChanges>)> {
        let (registry, mut roles) = (self.registry, Vec::new());
        read_each_entry(self.problems, json, "roles", |problems, kind, json, path| {
            if read_input::<RoleType>(problems, &Json::from(kind), path).is_none() {
                return;
            }
            if json.is_null() && [PUBLIC_ROLE, AUTHENTICATED_ROLE].contains(&kind) {
                problems.add_problem(path, "this role cannot be removed");
            }
            if let Some(role) = read_input::<SettingChange<RoleInput>>(problems, json, path) {
                roles.push((kind.to_owned(), role.map_value(|role| role.check(problems, registry, path))));
            }
        });
        roles
    }
}
