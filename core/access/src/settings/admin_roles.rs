//! `adminRoles` of the file: roles of admin users, by their codes.

use super::parse::Parser;
use super::walk::{Walk, index, join};
use super::{ADMIN_ROLE_MAX, Change};
use crate::admin_roles::rights::check_admin_condition;
use crate::admin_roles::{
    AdminAction, AdminRole, EVERY_TYPE, PUBLISH, is_code, is_plugin_permission, names, subject, subjects,
};
use crate::rights::Grant;
use crate::{AdminActions, SUPER_ADMIN};
use cairn_model::{ContentType, Registry};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// Longest name of a role, in characters, and longest description.
const NAME: usize = 100;
const DESCRIPTION: usize = 1_000;
/// Attributes that every entry shows: naming them in `fields` changes nothing.
const ALWAYS: [&str; 6] = ["id", "documentId", "createdAt", "updatedAt", "publishedAt", "locale"];

/// What a role permits besides content: actions of Cairn, and permissions of plugins.
pub(crate) type RoleActions = (AdminActions, BTreeSet<String>);

/// Changes to a role.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct AdminRoleChanges {
    pub(crate) name: Change<String>,
    pub(crate) description: Change<String>,
    pub(crate) actions: Change<RoleActions>,
    pub(crate) permissions: Change<Vec<Grant>>,
}

impl AdminRoleChanges {
    /// The role after the change; `before` is `None` if it is new.
    pub(crate) fn over(&self, code: &str, before: Option<&AdminRole>) -> AdminRole {
        let before = before.cloned();
        let (name, description, built_in, actions, grants) = match before {
            Some(b) => (b.name, b.description, b.built_in, (b.actions, b.of_plugins), b.grants),
            None => (code.to_owned(), String::new(), false, RoleActions::default(), Vec::new()),
        };
        let (actions, of_plugins) = self.actions.over(actions, RoleActions::default());
        AdminRole {
            name: self.name.over(name, code.to_owned()),
            description: self.description.over(description, String::new()),
            built_in,
            actions,
            of_plugins,
            grants: self.permissions.over(grants, Vec::new()),
            code: code.to_owned(),
        }
    }
}

impl Parser<'_> {
    pub(super) fn admin_roles(&mut self, json: &Json) -> Vec<(String, Change<AdminRoleChanges>)> {
        let Some(map) = self.walk.map(json, "adminRoles") else { return Vec::new() };
        let mut roles = Vec::new();
        for (code, json) in map {
            let path = join("adminRoles", code);
            if !is_code(code) {
                self.walk.problem(&path, format!("must be one line of at most {ADMIN_ROLE_MAX} characters"));
            } else if code == SUPER_ADMIN {
                self.walk.problem(&path, "this role can do everything and cannot be changed");
            } else if json.is_null() {
                roles.push((code.clone(), Change::Remove));
            } else if let Some(role) = role(self.walk, self.registry, json, &path) {
                roles.push((code.clone(), Change::Set(role)));
            }
        }
        roles
    }
}

fn role(walk: &mut Walk, registry: &Registry, json: &Json, path: &str) -> Option<AdminRoleChanges> {
    let map = walk.object(json, path, &["name", "description", "actions", "permissions"])?;
    Some(AdminRoleChanges {
        name: walk.change(map, path, "name", |walk, json, path| line(walk, json, path, NAME)),
        description: walk.change(map, path, "description", |walk, json, path| match json.as_str() {
            Some("") => Some(String::new()),
            _ => line(walk, json, path, DESCRIPTION),
        }),
        actions: walk.change(map, path, "actions", actions),
        permissions: walk.change(map, path, "permissions", |walk, json, path| permissions(walk, registry, json, path)),
    })
}

pub(super) fn line(walk: &mut Walk, json: &Json, path: &str, longest: usize) -> Option<String> {
    let text = walk.text(json, path)?;
    if text.chars().count() > longest || text.chars().any(char::is_control) {
        walk.problem(path, format!("must be one line of at most {longest} characters"));
        return None;
    }
    Some(text)
}

pub(super) fn actions(walk: &mut Walk, json: &Json, path: &str) -> Option<RoleActions> {
    let (mut found, mut of_plugins) = (Vec::new(), BTreeSet::new());
    for (i, json) in walk.list(json, path)?.iter().enumerate() {
        let path = index(path, i);
        let Some(name) = walk.text(json, &path) else { continue };
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
                walk.problem(&path, message);
            }
        }
    }
    Some((found.into_iter().collect(), of_plugins))
}

/// Parses uid → a list of actions, or action → `{where, fields}`.
pub(super) fn permissions(walk: &mut Walk, registry: &Registry, json: &Json, path: &str) -> Option<Vec<Grant>> {
    let mut grants: Vec<Grant> = Vec::new();
    for (uid, json) in walk.map(json, path)? {
        let path = join(path, uid);
        let known = names(registry, uid);
        if known.is_empty() {
            let known = subjects(registry).join(", ");
            walk.problem(&path, format!("unknown content type; known content types: {known}"));
            continue;
        }
        let mut one = |walk: &mut Walk, name: &str, options: Option<&Map<String, Json>>, path: &str| {
            if !known.contains(&name) {
                walk.problem(path, format!("{uid} has no such action; its actions are {}", known.join(", ")));
            } else if !grants.iter().any(|g| g.subject == *uid && g.action == name) {
                grants.push(grant(walk, registry, uid, name, options, path));
            }
        };
        match json {
            Json::Null => {}
            Json::Array(list) => {
                for (i, action) in list.iter().enumerate() {
                    let path = index(&path, i);
                    if let Some(name) = walk.text(action, &path) {
                        one(walk, &name, None, &path);
                    }
                }
            }
            Json::Object(map) => {
                for (name, json) in map.iter().filter(|(_, json)| !json.is_null()) {
                    let path = join(&path, name);
                    let options = walk.object(json, &path, &["where", "fields"]).cloned();
                    one(walk, name, options.as_ref(), &path);
                }
            }
            _ => walk.problem(&path, "expected a list of actions, or an object of actions with where and fields"),
        }
    }
    Some(grants)
}

fn grant(
    walk: &mut Walk,
    registry: &Registry,
    uid: &str,
    name: &str,
    options: Option<&Map<String, Json>>,
    path: &str,
) -> Grant {
    let option = |key: &str| options.and_then(|o| o.get(key)).filter(|json| !json.is_null());
    let (condition, given) = (option("where"), option("fields"));
    let Some(ct) = subject(registry, uid) else {
        for (key, given) in [("where", condition), ("fields", given)] {
            if given.is_some() {
                walk.problem(
                    &join(path, key),
                    format!("{EVERY_TYPE} stands for all content types and cannot have {key}"),
                );
            }
        }
        return Grant::whole(uid, name);
    };
    if let Some(condition) = condition
        && let Err(message) = check_admin_condition(registry, ct, condition)
    {
        walk.problem(&join(path, "where"), message);
    }
    if given.is_some() && [PUBLISH, "delete"].contains(&name) {
        walk.problem(&join(path, "fields"), format!("{name} applies to whole entries and cannot have fields"));
    }
    let fields = given.and_then(|json| fields(walk, ct, json, &join(path, "fields")));
    Grant { condition: condition.cloned(), fields, ..Grant::whole(uid, name) }
}

fn fields(walk: &mut Walk, ct: &ContentType, json: &Json, path: &str) -> Option<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for (i, json) in walk.list(json, path)?.iter().enumerate() {
        let path = index(path, i);
        let Some(name) = walk.text(json, &path) else { continue };
        if ct.attributes.get(&name).is_some() {
            if !found.contains(&name) {
                found.push(name);
            }
        } else if !ALWAYS.contains(&name.as_str()) {
            walk.problem(&path, format!("{} has no attribute {name}", ct.uid));
        }
    }
    Some(found)
}

/// The JSON Schema of a role, for text editors.
pub(super) fn schema(registry: &Registry) -> Json {
    let actions: Vec<&str> = AdminAction::ALL.iter().map(|a| a.as_str()).collect();
    let options = json!({ "type": ["object", "null"], "additionalProperties": false, "properties": {
        "where": { "type": "object", "description": "Filters; $user.id, $user.email and $now can be used" },
        "fields": { "type": "array", "items": { "type": "string" } },
    } });
    let permissions: Map<String, Json> = subjects(registry)
        .into_iter()
        .map(|uid| {
            let names = names(registry, uid);
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
        "name": { "type": ["string", "null"], "maxLength": NAME },
        "description": { "type": ["string", "null"], "maxLength": DESCRIPTION },
        "actions": { "type": ["array", "null"], "items": { "anyOf": [
            { "enum": actions },
            { "type": "string", "pattern": "^plugin::[a-z0-9_-]+\\.[a-z0-9._-]+$" },
        ] }, "description": "Actions that the role permits, apart from content" },
        "permissions": { "type": ["object", "null"], "additionalProperties": false, "properties": permissions,
            "description": "Actions on content that the role permits; * stands for every content type" },
    } })
}
