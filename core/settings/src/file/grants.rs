//! `permissions` of roles and tokens: uid → a list of actions, or action → `{where, fields}`.
//!
//! Which uids, actions and attributes there are depends on the content types. So the types here contain what was read, and [`PermissionsInput::check`]
//! reads it action by action: it knows the model, and the problems of one action come together.

use crate::change::SettingChange;
use crate::input::{read_each_element, read_each_entry, read_elements, read_input};
use crate::problems::{ProblemList, join_index, join_key};
use crate::schema_parts::SchemaPart;
use cairn_access::actions::{self, AUTH_UID, PluginAction, ResolvedAction};
use cairn_access::permissions::{PermissionGrant, check_grant_condition};
use cairn_model::{ContentType, Registry, USER_UID};
use cairn_query::Action;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Attributes that every entry shows: naming them in `fields` changes nothing.
pub(super) const SYSTEM_FIELDS: [&str; 6] = ["id", "documentId", "createdAt", "updatedAt", "publishedAt", "locale"];

/// `permissions` of a role or token.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Permissions {
    /// At most one per subject and action.
    pub(crate) grants: Vec<PermissionGrant>,
    /// Every uid that is named, with or without grants.
    pub(crate) named: BTreeSet<String>,
}

/// Permissions in the content API, by the uids of their subjects.
#[derive(Deserialize)]
pub(super) struct PermissionsInput(Map<String, Json>);

impl JsonSchema for PermissionsInput {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Permissions".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        SchemaPart::Permissions.to_placeholder()
    }
}

/// The actions on one subject.
pub(super) enum ActionsInput {
    None,
    Names(Json),
    WithLimits(Json),
}

impl<'de> Deserialize<'de> for ActionsInput {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        match Json::deserialize(reader)? {
            Json::Null => Ok(Self::None),
            list @ Json::Array(_) => Ok(Self::Names(list)),
            map @ Json::Object(_) => Ok(Self::WithLimits(map)),
            _ => Err(D::Error::custom("expected a list of actions, or an object of actions with where and fields")),
        }
    }
}

impl ActionsInput {
    /// Reads the actions and calls `check` with the name, the limits and the path of each; without limits for one that is `null`.
    pub(super) fn read_each(
        &self,
        problems: &mut ProblemList,
        path: &str,
        mut check: impl FnMut(&mut ProblemList, &str, Option<LimitsInput>, &str),
    ) {
        match self {
            Self::None => {}
            Self::Names(list) => read_each_element(problems, list, path, |problems, json, path| {
                if let Some(name) = read_input::<String>(problems, json, path) {
                    check(problems, &name, Some(LimitsInput::default()), path);
                }
            }),
            Self::WithLimits(map) => read_each_entry(problems, map, path, |problems, name, json, path| {
                if let Some(limits) = read_input(problems, json, path) {
                    check(problems, name, limits, path);
                }
            }),
        }
    }
}

/// Limits of an action: filters and attributes.
#[derive(Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, description = "Limited to some rows or some attributes")]
pub(super) struct LimitsInput {
    #[serde(default, rename = "where")]
    #[schemars(with = "Map<String, Json>", description = "Filters, with $user.… and $now")]
    pub(super) condition: Option<Json>,
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) fields: SettingChange<FieldNames>,
}

/// Names of attributes, with their positions in the list.
pub(super) struct FieldNames(Vec<(usize, String)>);

impl<'de> Deserialize<'de> for FieldNames {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        read_elements(reader).map(Self)
    }
}

impl FieldNames {
    /// The names without duplicates, and without those that `check` reports or does not count.
    pub(super) fn check_names(
        self,
        problems: &mut ProblemList,
        path: &str,
        check: impl Fn(&str) -> Result<bool, String>,
    ) -> Vec<String> {
        let mut names = Vec::new();
        for (i, name) in self.0 {
            match check(&name) {
                Ok(true) if !names.contains(&name) => names.push(name),
                Ok(_) => {}
                Err(message) => problems.add_problem(&join_index(path, i), message),
            }
        }
        names
    }
}

impl PermissionsInput {
    /// Reads and checks the permissions. A token has no user: its conditions must not refer to one.
    pub(super) fn check(
        &self,
        problems: &mut ProblemList,
        registry: &Registry,
        path: &str,
        has_user: bool,
    ) -> Permissions {
        let mut permissions = Permissions::default();
        for (uid, json) in &self.0 {
            let path = join_key(path, uid);
            let names = actions::action_names(registry, uid);
            if names.is_empty() && !actions::is_plugin_subject(uid) {
                let known = actions::list_subjects(registry).join(", ");
                problems.add_problem(&path, format!("unknown content type; known content types: {known}"));
                continue;
            }
            permissions.named.insert(uid.clone());
            let Some(actions) = read_input::<ActionsInput>(problems, json, &path) else { continue };
            actions.read_each(problems, &path, |problems, name, limits, path| {
                let found = &mut permissions;
                let mut reader = GrantReader { problems, registry, uid, names: &names, has_user, found };
                match limits {
                    None if actions::is_strapi_only(uid, name) => {}
                    None => drop(reader.read_action(name, path)),
                    Some(limits) => reader.read_grant(name, limits, path),
                }
            });
        }
        permissions
    }
}

struct GrantReader<'a> {
    problems: &'a mut ProblemList,
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
            let message = match actions::is_plugin_subject(self.uid) {
                true => "cannot be the name of a plugin's permission; write it as deals.read".to_owned(),
                false => format!("{} has no such action; its actions are {}", self.uid, self.names.join(", ")),
            };
            self.problems.add_problem(path, message);
        }
        if auth {
            self.found.named.insert(AUTH_UID.to_owned());
        }
        meaning.map(|m| (subject.to_owned(), m))
    }

    fn read_grant(&mut self, name: &str, limits: LimitsInput, path: &str) {
        if actions::is_strapi_only(self.uid, name) {
            self.found.named.insert(AUTH_UID.to_owned());
            tracing::warn!(path, "sign-in through other providers is not available: ignoring this permission");
            return;
        }
        let Some((subject, meaning)) = self.read_action(name, path) else { return };
        if let Some(condition) = &limits.condition {
            self.check_condition(condition, meaning, &join_key(path, "where"));
        }
        let fields = match limits.fields {
            SettingChange::Set(names) => self.check_fields(names, meaning, &join_key(path, "fields")),
            SettingChange::Keep | SettingChange::Remove => None,
        };
        let grant = PermissionGrant { subject, action: name.to_owned(), condition: limits.condition, fields };
        let same = |g: &&mut PermissionGrant| g.subject == grant.subject && g.action == grant.action;
        match self.found.grants.iter_mut().find(same) {
            None => self.found.grants.push(grant),
            Some(other) if *other == grant => {}
            Some(_) => self.problems.add_problem(path, "this action is granted twice, with different settings"),
        }
    }

    fn check_condition(&mut self, json: &Json, meaning: ResolvedAction, path: &str) {
        match check_grant_condition(self.registry, meaning, json) {
            Err(message) => self.problems.add_problem(path, message),
            Ok(variables) => {
                if !self.has_user
                    && let Some(name) = variables.iter().find(|v| v.starts_with("user."))
                {
                    self.problems.add_problem(path, format!("${name} cannot be used: a token has no user"));
                }
            }
        }
    }

    fn check_fields(&mut self, names: FieldNames, meaning: ResolvedAction, path: &str) -> Option<Vec<String>> {
        let Some(content_type) = meaning.content_type else {
            self.problems.add_problem(path, "this action does not apply to content and cannot have fields");
            return None;
        };
        let ct = self.registry.get(content_type);
        let reads = meaning.actions.iter().any(|a| matches!(a, Action::Find | Action::FindOne));
        Some(names.check_names(self.problems, path, |name| check_field(ct, name, reads)))
    }
}

/// True if a name is an attribute (false: one that is always shown).
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
