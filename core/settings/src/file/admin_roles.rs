//! `adminRoles` of the file: roles of admin users, by their codes.

use super::parse::SettingsParser;
use crate::change::SettingChange;
use crate::walk::{SettingsWalk, join_index, join_key};
use cairn_access::admin_roles::{
    EVERY_TYPE, MAX_ADMIN_ROLE_CHARS, PUBLISH_ACTION, check_admin_condition, content_action_names, content_subjects,
    find_subject, is_code,
};
use cairn_access::permissions::PermissionGrant;
use cairn_access::{AdminAction, AdminActions, AdminRole, SUPER_ADMIN_ROLE, is_plugin_permission};
use cairn_model::{ContentType, Registry};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// Longest name of a role, in characters, and longest description.
const MAX_NAME_CHARS: usize = 100;
const MAX_DESCRIPTION_CHARS: usize = 1_000;
/// Attributes that every entry shows: naming them in `fields` changes nothing.
const SYSTEM_FIELDS: [&str; 6] = ["id", "documentId", "createdAt", "updatedAt", "publishedAt", "locale"];

/// What a role permits besides content: actions of Cairn, and permissions of plugins.
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

impl SettingsParser<'_> {
    pub(super) fn admin_roles(&mut self, json: &Json) -> Vec<(String, SettingChange<AdminRoleChanges>)> {
        let Some(map) = self.walk.read_map(json, "adminRoles") else { return Vec::new() };
        let mut roles = Vec::new();
        for (code, json) in map {
            let path = join_key("adminRoles", code);
            if !is_code(code) {
                self.walk.add_problem(&path, format!("must be one line of at most {MAX_ADMIN_ROLE_CHARS} characters"));
            } else if code == SUPER_ADMIN_ROLE {
                self.walk.add_problem(&path, "this role can do everything and cannot be changed");
            } else if json.is_null() {
                roles.push((code.clone(), SettingChange::Remove));
            } else if let Some(role) = parse_role(self.walk, self.registry, json, &path) {
                roles.push((code.clone(), SettingChange::Set(role)));
            }
        }
        roles
    }
}

fn parse_role(walk: &mut SettingsWalk, registry: &Registry, json: &Json, path: &str) -> Option<AdminRoleChanges> {
    let map = walk.read_object(json, path, &["name", "description", "actions", "permissions"])?;
    Some(AdminRoleChanges {
        name: walk.read_change(map, path, "name", |walk, json, path| parse_line(walk, json, path, MAX_NAME_CHARS)),
        description: walk.read_change(map, path, "description", |walk, json, path| match json.as_str() {
            Some("") => Some(String::new()),
            _ => parse_line(walk, json, path, MAX_DESCRIPTION_CHARS),
        }),
        actions: walk.read_change(map, path, "actions", parse_actions),
        permissions: walk.read_change(map, path, "permissions", |walk, json, path| {
            parse_content_permissions(walk, registry, json, path)
        }),
    })
}

pub(super) fn parse_line(walk: &mut SettingsWalk, json: &Json, path: &str, longest: usize) -> Option<String> {
    let text = walk.read_text(json, path)?;
    if text.chars().count() > longest || text.chars().any(char::is_control) {
        walk.add_problem(path, format!("must be one line of at most {longest} characters"));
        return None;
    }
    Some(text)
}

pub(super) fn parse_actions(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<RoleActions> {
    let (mut found, mut of_plugins) = (Vec::new(), BTreeSet::new());
    for (i, json) in walk.read_list(json, path)?.iter().enumerate() {
        let path = join_index(path, i);
        let Some(name) = walk.read_text(json, &path) else { continue };
        match AdminAction::parse(&name) {
            Some(action) => found.push(action),
            None if is_plugin_permission(&name) => {
                of_plugins.insert(name);
            }
            None => {
                let known: Vec<&str> = AdminAction::ALL.iter().map(|a| a.as_str()).collect();
                let known = known.join(", ");
                let message = format!(
                    "unknown action; known actions: {known}, and permissions of plugins such as plugin::crm.deals.read"
                );
                walk.add_problem(&path, message);
            }
        }
    }
    Some((found.into_iter().collect(), of_plugins))
}

/// Parses uid → a list of actions, or action → `{where, fields}`.
pub(super) fn parse_content_permissions(
    walk: &mut SettingsWalk,
    registry: &Registry,
    json: &Json,
    path: &str,
) -> Option<Vec<PermissionGrant>> {
    let mut grants: Vec<PermissionGrant> = Vec::new();
    for (uid, json) in walk.read_map(json, path)? {
        let path = join_key(path, uid);
        let known = content_action_names(registry, uid);
        if known.is_empty() {
            let known = content_subjects(registry).join(", ");
            walk.add_problem(&path, format!("unknown content type; known content types: {known}"));
            continue;
        }
        let mut one = |walk: &mut SettingsWalk, name: &str, options: Option<&Map<String, Json>>, path: &str| {
            if !known.contains(&name) {
                walk.add_problem(path, format!("{uid} has no such action; its actions are {}", known.join(", ")));
            } else if !grants.iter().any(|g| g.subject == *uid && g.action == name) {
                grants.push(parse_grant(walk, registry, uid, name, options, path));
            }
        };
        match json {
            Json::Null => {}
            Json::Array(list) => {
                for (i, action) in list.iter().enumerate() {
                    let path = join_index(&path, i);
                    if let Some(name) = walk.read_text(action, &path) {
                        one(walk, &name, None, &path);
                    }
                }
            }
            Json::Object(map) => {
                for (name, json) in map.iter().filter(|(_, json)| !json.is_null()) {
                    let path = join_key(&path, name);
                    let options = walk.read_object(json, &path, &["where", "fields"]).cloned();
                    one(walk, name, options.as_ref(), &path);
                }
            }
            _ => walk.add_problem(&path, "expected a list of actions, or an object of actions with where and fields"),
        }
    }
    Some(grants)
}

fn parse_grant(
    walk: &mut SettingsWalk,
    registry: &Registry,
    uid: &str,
    name: &str,
    options: Option<&Map<String, Json>>,
    path: &str,
) -> PermissionGrant {
    let option = |key: &str| options.and_then(|o| o.get(key)).filter(|json| !json.is_null());
    let (condition, given) = (option("where"), option("fields"));
    let Some(ct) = find_subject(registry, uid) else {
        for (key, given) in [("where", condition), ("fields", given)] {
            if given.is_some() {
                walk.add_problem(
                    &join_key(path, key),
                    format!("{EVERY_TYPE} stands for all content types and cannot have {key}"),
                );
            }
        }
        return PermissionGrant::without_limits(uid, name);
    };
    if let Some(condition) = condition
        && let Err(message) = check_admin_condition(registry, ct, condition)
    {
        walk.add_problem(&join_key(path, "where"), message);
    }
    if given.is_some() && [PUBLISH_ACTION, "delete"].contains(&name) {
        walk.add_problem(&join_key(path, "fields"), format!("{name} applies to whole entries and cannot have fields"));
    }
    let fields = given.and_then(|json| parse_fields(walk, ct, json, &join_key(path, "fields")));
    PermissionGrant { condition: condition.cloned(), fields, ..PermissionGrant::without_limits(uid, name) }
}

fn parse_fields(walk: &mut SettingsWalk, ct: &ContentType, json: &Json, path: &str) -> Option<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for (i, json) in walk.read_list(json, path)?.iter().enumerate() {
        let path = join_index(path, i);
        let Some(name) = walk.read_text(json, &path) else { continue };
        if ct.attributes.get(&name).is_some() {
            if !found.contains(&name) {
                found.push(name);
            }
        } else if !SYSTEM_FIELDS.contains(&name.as_str()) {
            walk.add_problem(&path, format!("{} has no attribute {name}", ct.uid));
        }
    }
    Some(found)
}

/// The JSON Schema of a role, for text editors.
pub(super) fn admin_role_schema(registry: &Registry) -> Json {
    let actions: Vec<&str> = AdminAction::ALL.iter().map(|a| a.as_str()).collect();
    let options = json!({ "type": ["object", "null"], "additionalProperties": false, "properties": {
        "where": { "type": "object", "description": "Filters; $user.id, $user.email and $now can be used" },
        "fields": { "type": "array", "items": { "type": "string" } },
    } });
    let permissions: Map<String, Json> = content_subjects(registry)
        .into_iter()
        .map(|uid| {
            let names = content_action_names(registry, uid);
            let by_name: Map<String, Json> = names.iter().map(|n| ((*n).to_owned(), options.clone())).collect();
            let value = json!({ "oneOf": [
                { "type": "array", "items": { "enum": names } },
                { "type": "object", "additionalProperties": false, "properties": by_name },
                { "type": "null" },
            ] });
            (uid.to_owned(), value)
        })
        .collect();
    json!({ "type": ["object", "null"], "additionalProperties": false, "properties": {
        "name": { "type": ["string", "null"], "maxLength": MAX_NAME_CHARS },
        "description": { "type": ["string", "null"], "maxLength": MAX_DESCRIPTION_CHARS },
        "actions": { "type": ["array", "null"], "items": { "anyOf": [
            { "enum": actions },
            { "type": "string", "pattern": "^plugin::[a-z0-9_-]+\\.[a-z0-9._-]+$" },
        ] }, "description": "Actions that the role permits, apart from content" },
        "permissions": { "type": ["object", "null"], "additionalProperties": false, "properties": permissions,
            "description": "Actions on content that the role permits; * stands for every content type" },
    } })
}
