//! `permissions`: uid → a list of actions, or action → `{where, fields}`.

use super::Permissions;
use crate::walk::{SettingsWalk, join_index, join_key};
use cairn_access::actions::{self, AUTH_UID, PluginAction, ResolvedAction};
use cairn_access::permissions::{PermissionGrant, check_grant_condition};
use cairn_model::{ContentType, Registry, USER_UID};
use cairn_query::Action;
use serde_json::{Map, Value as Json};

/// Attributes that every entry shows: naming them in `fields` changes nothing.
const SYSTEM_FIELDS: &[&str] = &["id", "documentId", "createdAt", "updatedAt", "publishedAt", "locale"];

/// Parses `permissions`. A token has no user: its conditions must not refer to one.
pub(super) fn parse_permissions(
    walk: &mut SettingsWalk,
    registry: &Registry,
    json: &Json,
    path: &str,
    has_user: bool,
) -> Option<Permissions> {
    let map = walk.read_map(json, path)?;
    let mut permissions = Permissions::default();
    for (uid, json) in map {
        let path = join_key(path, uid);
        let names = actions::action_names(registry, uid);
        if names.is_empty() {
            let known = actions::list_subjects(registry).join(", ");
            walk.add_problem(&path, format!("unknown content type; known content types: {known}"));
            continue;
        }
        permissions.named.insert(uid.clone());
        let mut reader =
            GrantReader { walk: &mut *walk, registry, uid, names: &names, has_user, found: &mut permissions };
        match json {
            Json::Null => {}
            Json::Array(list) => {
                for (i, action) in list.iter().enumerate() {
                    let path = join_index(&path, i);
                    if let Some(name) = reader.walk.read_text(action, &path) {
                        reader.read_grant(&name, None, &path);
                    }
                }
            }
            Json::Object(map) => {
                for (name, json) in map {
                    let path = join_key(&path, name);
                    match json {
                        Json::Null if actions::is_strapi_only(uid, name) => {}
                        Json::Null => drop(reader.read_action(name, &path)),
                        json => {
                            if let Some(options) = reader.walk.read_object(json, &path, &["where", "fields"]) {
                                reader.read_grant(name, Some(options), &path);
                            }
                        }
                    }
                }
            }
            _ => walk.add_problem(&path, "expected a list of actions, or an object of actions with where and fields"),
        }
    }
    Some(permissions)
}

struct GrantReader<'a> {
    walk: &'a mut SettingsWalk,
    registry: &'a Registry,
    uid: &'a str,
    names: &'a [&'static str],
    has_user: bool,
    found: &'a mut Permissions,
}

impl GrantReader<'_> {
    /// The subject and meaning of an action; reports an unknown one.
    fn read_action(&mut self, name: &str, path: &str) -> Option<(String, ResolvedAction)> {
        // Signing in has a uid of its own, but is looked for among what users may.
        let auth = self.uid == USER_UID && PluginAction::parse(AUTH_UID, name).is_some();
        let subject = if auth { AUTH_UID } else { self.uid };
        let meaning = actions::resolve_action(self.registry, subject, name);
        if meaning.is_none() {
            self.walk.add_problem(
                path,
                format!("{} has no such action; its actions are {}", self.uid, self.names.join(", ")),
            );
        }
        if auth {
            self.found.named.insert(AUTH_UID.to_owned());
        }
        meaning.map(|m| (subject.to_owned(), m))
    }

    fn read_grant(&mut self, name: &str, options: Option<&Map<String, Json>>, path: &str) {
        if actions::is_strapi_only(self.uid, name) {
            self.found.named.insert(AUTH_UID.to_owned());
            tracing::warn!(path, "sign-in through other providers is not available: ignoring this permission");
            return;
        }
        let Some((subject, meaning)) = self.read_action(name, path) else { return };
        let option = |key: &str| options.and_then(|o| o.get(key)).filter(|json| !json.is_null());
        let condition = option("where").map(|json| {
            self.check_condition(json, meaning, &join_key(path, "where"));
            json.clone()
        });
        let fields = option("fields").and_then(|json| self.read_fields(json, meaning, &join_key(path, "fields")));
        let grant = PermissionGrant { subject, action: name.to_owned(), condition, fields };
        let same = |g: &&mut PermissionGrant| g.subject == grant.subject && g.action == grant.action;
        match self.found.grants.iter_mut().find(same) {
            None => self.found.grants.push(grant),
            Some(other) if *other == grant => {}
            Some(_) => self.walk.add_problem(path, "this action is granted twice, with different settings"),
        }
    }

    fn check_condition(&mut self, json: &Json, meaning: ResolvedAction, path: &str) {
        match check_grant_condition(self.registry, meaning, json) {
            Err(message) => self.walk.add_problem(path, message),
            Ok(variables) => {
                if !self.has_user
                    && let Some(name) = variables.iter().find(|v| v.starts_with("user."))
                {
                    self.walk.add_problem(path, format!("${name} cannot be used: a token has no user"));
                }
            }
        }
    }

    fn read_fields(&mut self, json: &Json, meaning: ResolvedAction, path: &str) -> Option<Vec<String>> {
        let Some(content_type) = meaning.content_type else {
            self.walk.add_problem(path, "this action does not apply to content and cannot have fields");
            return None;
        };
        let ct = self.registry.get(content_type);
        let reads = meaning.actions.iter().any(|a| matches!(a, Action::Find | Action::FindOne));
        let mut names = Vec::new();
        for (i, json) in self.walk.read_list(json, path)?.iter().enumerate() {
            let path = join_index(path, i);
            let Some(name) = self.walk.read_text(json, &path) else { continue };
            match check_field(ct, &name, reads) {
                Ok(true) if names.contains(&name) => {}
                Ok(true) => names.push(name),
                Ok(false) => {}
                Err(message) => self.walk.add_problem(&path, message),
            }
        }
        Some(names)
    }
}

/// Whether a name is an attribute (false: one that is always shown).
fn check_field(ct: &ContentType, name: &str, reads: bool) -> Result<bool, String> {
    match ct.attributes.get(name) {
        Some((_, a)) if reads && a.is_hidden() => {
            Err(format!("{name} of {} is private and cannot be read by anyone", ct.uid))
        }
        Some(_) => Ok(true),
        None if SYSTEM_FIELDS.contains(&name) => Ok(false),
        None => Err(format!("{} has no attribute {name}", ct.uid)),
    }
}
