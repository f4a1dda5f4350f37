//! `adminRoles` of the file: roles of admin users, by their codes.

use super::grants::{ActionsInput, LimitsInput, SYSTEM_FIELDS};
use super::parser::SettingsParser;
use crate::change::SettingChange;
use crate::input::{read_each_entry, read_elements, read_input};
use crate::problems::{ProblemList, join_key};
use crate::schema_parts::SchemaPart;
use crate::text::{DescriptionLine, check_line, checked_text};
use cairn_access::admin_roles::{
    EVERY_TYPE, MAX_ADMIN_ROLE_CHARS, PUBLISH_ACTION, check_admin_condition, content_action_names, content_subjects,
    find_subject, is_code,
};
use cairn_access::permissions::PermissionGrant;
use cairn_access::{AdminAction, AdminActions, AdminRole, SUPER_ADMIN_ROLE, is_plugin_permission};
use cairn_model::{ContentType, Registry};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Longest name of a role, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Actions that a role permits besides content: those of Cairn, and permissions of plugins.
pub(crate) type RoleActions = (AdminActions, BTreeSet<String>);

/// Changes to a role.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct AdminRoleChanges {
    pub(crate) name: SettingChange<String>,
    pub(crate) description: SettingChange<String>,
    pub(crate) actions: SettingChange<RoleActions>,
    pub(crate) permissions: SettingChange<Vec<PermissionGrant>>,
}

impl AdminRoleChanges {
    /// The role after the change; `before` is `None` if it is new.
    pub(crate) fn apply_to(&self, code: &str, before: Option<&AdminRole>) -> AdminRole {
        let before = before.cloned();
        let (name, description, built_in, actions, grants) = match before {
            Some(b) => (b.name, b.description, b.built_in, (b.actions, b.of_plugins), b.grants),
            None => (code.to_owned(), String::new(), false, RoleActions::default(), Vec::new()),
        };
        let (actions, of_plugins) = self.actions.apply_to(actions, RoleActions::default());
        AdminRole {
            name: self.name.apply_to(name, code.to_owned()),
            description: self.description.apply_to(description, String::new()),
            built_in,
            actions,
            of_plugins,
            grants: self.permissions.apply_to(grants, Vec::new()),
            code: code.to_owned(),
        }
    }
}

/// A role as JSON: what is left out stays, null is the default again.
#[derive(Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct AdminRoleInput {
    #[serde(default)]
    name: SettingChange<AdminRoleName>,
    #[serde(default)]
    description: SettingChange<DescriptionLine>,
    #[serde(default)]
    #[schemars(description = "Actions that the role permits, apart from content")]
    actions: SettingChange<ActionNames>,
    #[serde(default)]
    #[schemars(description = "Actions on content that the role permits; * stands for every content type")]
    permissions: SettingChange<AdminPermissionsInput>,
}

checked_text!(
    /// The display name of a role: one line.
    AdminRoleName,
    |text| check_line(text, MAX_NAME_CHARS),
    { "type": "string", "maxLength": MAX_NAME_CHARS }
);

/// Actions that a role or token permits besides content, parsed from their names.
pub(super) struct ActionNames(pub(super) RoleActions);

impl<'de> Deserialize<'de> for ActionNames {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let (mut actions, mut of_plugins) = (Vec::new(), BTreeSet::new());
        for (_, name) in read_elements(reader)? {
            match name {
                ActionName::Cairn(action) => actions.push(action),
                ActionName::Plugin(name) => drop(of_plugins.insert(name)),
            }
        }
        Ok(Self((actions.into_iter().collect(), of_plugins)))
    }
}

impl JsonSchema for ActionNames {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ActionNames".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": { "anyOf": [
            { "enum": list_action_names() },
            { "type": "string", "pattern": "^plugin::[a-z0-9_-]+\\.[a-z0-9._-]+$" },
        ] } })
    }
}

enum ActionName {
    Cairn(AdminAction),
    Plugin(String),
}

impl<'de> Deserialize<'de> for ActionName {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let name = String::deserialize(reader)?;
        match AdminAction::parse(&name) {
            Some(action) => Ok(Self::Cairn(action)),
            None if is_plugin_permission(&name) => Ok(Self::Plugin(name)),
            None => Err(D::Error::custom(format!(
                "unknown action; known actions: {}, and permissions of plugins such as plugin::crm.deals.read",
                list_action_names().join(", ")
            ))),
        }
    }
}

fn list_action_names() -> Vec<&'static str> {
    AdminAction::ALL.iter().map(|action| action.as_str()).collect()
}

/// Permissions on content, by the uids of content types. What is permitted depends on these: [`Self::check`] reads it.
#[derive(Deserialize)]
pub(super) struct AdminPermissionsInput(Map<String, Json>);

impl JsonSchema for AdminPermissionsInput {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "AdminPermissions".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        SchemaPart::AdminPermissions.to_placeholder()
    }
}

impl AdminRoleInput {
    fn check(self, problems: &mut ProblemList, registry: &Registry, path: &str) -> AdminRoleChanges {
        let path = join_key(path, "permissions");
        AdminRoleChanges {
            name: self.name.map_value(String::from),
            description: self.description.map_value(String::from),
            actions: self.actions.map_value(|ActionNames(actions)| actions),
            permissions: self.permissions.map_value(|input| input.check(problems, registry, &path)),
        }
    }
}

impl SettingsParser<'_> {
    pub(super) fn parse_admin_roles(&mut self, json: &Json) -> Vec<(String, SettingChange<AdminRoleChanges>)> {
        let (registry, mut roles) = (self.registry, Vec::new());
        read_each_entry(self.problems, json, "adminRoles", |problems, code, json, path| {
            if !is_code(code) {
                problems.add_problem(path, format!("must be one line of at most {MAX_ADMIN_ROLE_CHARS} characters"));
            } else if code == SUPER_ADMIN_ROLE {
                problems.add_problem(path, "this role can do everything and cannot be changed");
            } else if let Some(role) = read_input::<SettingChange<AdminRoleInput>>(problems, json, path) {
                roles.push((code.to_owned(), role.map_value(|role| role.check(problems, registry, path))));
            }
        });
        roles
    }
}

impl AdminPermissionsInput {
    /// Reads and checks the permissions.
    pub(super) fn check(&self, problems: &mut ProblemList, registry: &Registry, path: &str) -> Vec<PermissionGrant> {
        let mut grants: Vec<PermissionGrant> = Vec::new();
        for (uid, json) in &self.0 {
            let path = join_key(path, uid);
            let known = content_action_names(registry, uid);
            if known.is_empty() {
                let known = content_subjects(registry).join(", ");
                problems.add_problem(&path, format!("unknown content type; known content types: {known}"));
                continue;
            }
            let Some(actions) = read_input::<ActionsInput>(problems, json, &path) else { continue };
            actions.read_each(problems, &path, |problems, name, limits, path| {
                let Some(limits) = limits else { return };
                if !known.contains(&name) {
                    let message = format!("{uid} has no such action; its actions are {}", known.join(", "));
                    problems.add_problem(path, message);
                } else if !grants.iter().any(|g| g.subject == *uid && g.action == name) {
                    grants.push(check_grant(problems, registry, uid, name, limits, path));
                }
            });
        }
        grants
    }
}

fn check_grant(
    problems: &mut ProblemList,
    registry: &Registry,
    uid: &str,
    name: &str,
    limits: LimitsInput,
    path: &str,
) -> PermissionGrant {
    let (where_path, fields_path) = (join_key(path, "where"), join_key(path, "fields"));
    let LimitsInput { condition, fields } = limits;
    let has_fields = fields.new_value().is_some();
    let Some(ct) = find_subject(registry, uid) else {
        for (key, path, is_set) in [("where", where_path, condition.is_some()), ("fields", fields_path, has_fields)] {
            if is_set {
                problems.add_problem(&path, format!("{EVERY_TYPE} stands for all content types and cannot have {key}"));
            }
        }
        return PermissionGrant::without_limits(uid, name);
    };
    if let Some(condition) = &condition
        && let Err(message) = check_admin_condition(registry, ct, condition)
    {
        problems.add_problem(&where_path, message);
    }
    if has_fields && [PUBLISH_ACTION, "delete"].contains(&name) {
        problems.add_problem(&fields_path, format!("{name} applies to whole entries and cannot have fields"));
    }
    let fields = match fields {
        SettingChange::Set(names) => Some(names.check_names(problems, &fields_path, |name| check_field(ct, name))),
        SettingChange::Keep | SettingChange::Remove => None,
    };
    PermissionGrant { condition, fields, ..PermissionGrant::without_limits(uid, name) }
}

/// True if a name is an attribute (false: one that is always shown).
fn check_field(ct: &ContentType, name: &str) -> Result<bool, String> {
    match ct.attributes.get(name) {
        Some(_) => Ok(true),
        None if SYSTEM_FIELDS.contains(&name) => Ok(false),
        None => Err(format!("{} has no attribute {name}", ct.uid)),
    }
}
