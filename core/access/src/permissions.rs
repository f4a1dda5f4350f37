//! From stored permissions to what a caller may do: the [`Access`] that queries are planned with, and the set of plugin actions.

use crate::actions::{self, DeclaredPermissions, PluginActions};
use cairn_model::{Registry, TypeId};
use cairn_query::{Access, AccessRule, Action, check_condition, condition_variables};
use cairn_store::system::{UserPath, UserRow};
use cairn_store::{Reader, StoreError};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The variable of conditions with the groups that plugins gave to the user: a list of names.
const GROUPS_VARIABLE: &str = "user.groups";

/// One permission, by names: the form of settings and of the database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PermissionGrant {
    /// Uid of a content type or plugin.
    pub subject: String,
    /// Name of the action: `find`, `register` …
    pub action: String,
    /// Restricts it to rows that match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Json>,
    /// Restricts it to these attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
}

impl PermissionGrant {
    /// A grant without restrictions.
    pub fn without_limits(subject: &str, action: &str) -> Self {
        Self { subject: subject.to_owned(), action: action.to_owned(), condition: None, fields: None }
    }
}

/// Grants in the form of settings: uid → action → `{where?, fields?}`.
pub(crate) fn grants_json(grants: &[PermissionGrant]) -> Json {
    let mut all: BTreeMap<&str, BTreeMap<&str, Json>> = BTreeMap::new();
    for grant in grants {
        let mut options = json!({});
        if let Some(condition) = &grant.condition {
            options["where"] = condition.clone();
        }
        if let Some(fields) = &grant.fields {
            options["fields"] = json!(fields);
        }
        all.entry(&grant.subject).or_default().insert(&grant.action, options);
    }
    json!(all)
}

/// The permissions of a role or token, resolved against the model.
#[derive(Debug)]
pub(crate) struct ResolvedPermissions {
    /// Access without the variables that depend on user or time.
    access: Arc<Access>,
    pub(crate) actions: PluginActions,
    /// Permissions that plugins declare.
    pub(crate) declared: DeclaredPermissions,
    user_paths: Vec<(String, UserPath)>,
    uses_groups: bool,
    uses_now: bool,
    /// Access for the present second, if it depends on the time alone.
    this_second: Mutex<Option<(i64, Arc<Access>)>>,
}

impl ResolvedPermissions {
    /// Permissions for everything.
    pub(crate) fn full_access() -> Self {
        Self { declared: DeclaredPermissions::all(), ..Self::from_access(Access::full(), PluginActions::all()) }
    }

    /// No permissions: for a user without a role.
    pub(crate) fn no_access() -> Self {
        Self::from_access(Access::none(), PluginActions::default())
    }

    /// Permissions for every `find` and `findOne`, drafts included.
    pub(crate) fn read_only(registry: &Registry) -> Self {
        let reads = |t| [Action::Find, Action::FindOne].map(|a| ((t, a), AccessRule::default()));
        let access = Access {
            key: "read-only".into(),
            read_drafts: true,
            rules: Arc::new(registry.types().iter().flat_map(|ct| reads(ct.id)).collect()),
            ..Access::none()
        };
        Self::from_access(access, PluginActions::read_only())
    }

    fn from_access(access: Access, actions: PluginActions) -> Self {
        Self {
            access: Arc::new(access),
            actions,
            declared: DeclaredPermissions::default(),
            user_paths: Vec::new(),
            uses_groups: false,
            uses_now: false,
            this_second: Mutex::default(),
        }
    }

    /// Resolves grants; `key` must be new for every other set of grants. A grant that no longer fits the model is left out and logged: what
    /// cannot be checked is forbidden.
    pub(crate) fn from_grants(registry: &Registry, key: String, read_drafts: bool, grants: &[PermissionGrant]) -> Self {
        let mut rules: HashMap<_, AccessRule> = HashMap::new();
        let mut plugin = Vec::new();
        let mut declared = Vec::new();
        let mut used = BTreeSet::new();
        for grant in grants {
            if actions::is_strapi_only(&grant.subject, &grant.action) {
                continue;
            }
            let Some(meaning) = actions::resolve_action(registry, &grant.subject, &grant.action) else {
                tracing::warn!(
                    subject = grant.subject,
                    action = grant.action,
                    "a permission refers to something that this model does not have; ignoring it"
                );
                continue;
            };
            let rule = match compile_rule(registry, grant, meaning, &mut used) {
                Ok(rule) => rule,
                Err(message) => {
                    let (subject, action) = (&grant.subject, &grant.action);
                    tracing::error!(subject, action, message, "a permission does not fit the model; nobody has it");
                    continue;
                }
            };
            plugin.extend(meaning.plugin);
            if actions::is_plugin_subject(&grant.subject) {
                declared.push(format!("{}.{}", grant.subject, grant.action));
            }
            if let Some(content_type) = meaning.content_type {
                for &action in meaning.actions {
                    rules.insert((content_type, action), rule.clone());
                }
            }
        }
        let uses_now = used.remove("now");
        let uses_groups = used.remove(GROUPS_VARIABLE);
        let user_paths = used
            .into_iter()
            .filter_map(|name| {
                let path = UserPath::resolve(registry, name.strip_prefix("user.")?).ok()?;
                Some((name, path))
            })
            .collect();
        let access = Access { key: key.into(), read_drafts, rules: Arc::new(rules), ..Access::none() };
        let mut rights = Self::from_access(access, plugin.into_iter().collect());
        rights.declared = declared.into_iter().collect();
        rights.user_paths = user_paths;
        rights.uses_groups = uses_groups;
        rights.uses_now = uses_now;
        rights
    }

    /// The access of a caller who is not a user: `$user.…` is null.
    pub(crate) fn access_at(&self, now: impl FnOnce() -> DateTime<Utc>) -> Arc<Access> {
        if !self.uses_now {
            return self.access.clone();
        }
        let now = now();
        let mut cached = self.this_second.lock();
        match &*cached {
            Some((second, access)) if *second == now.timestamp() => access.clone(),
            _ => {
                let access =
                    Arc::new(self.with_variables(BTreeMap::from([("now".to_owned(), now_to_second(now))]), None));
                *cached = Some((now.timestamp(), access.clone()));
                access
            }
        }
    }

    /// The types that values of the user are read from with which conditions compare: `$user.team`, `$user.customer.documentId`.
    pub(crate) fn user_value_types(&self) -> impl Iterator<Item = TypeId> {
        self.user_paths.iter().flat_map(|(_, path)| path.types().iter().copied())
    }

    /// True if conditions compare with the time: `$now`.
    pub(crate) fn depends_on_time(&self) -> bool {
        self.uses_now
    }

    /// The access of a user.
    pub(crate) fn user_access(
        &self,
        reader: &Reader<'_>,
        user: &UserRow,
        groups: &[String],
        now: DateTime<Utc>,
    ) -> Result<Arc<Access>, StoreError> {
        if self.user_paths.is_empty() && !self.uses_groups {
            return Ok(self.access_at(|| now));
        }
        let mut values = BTreeMap::new();
        if self.uses_groups {
            values.insert(GROUPS_VARIABLE.to_owned(), json!(groups));
        }
        for (name, path) in &self.user_paths {
            values.insert(name.clone(), reader.users().get_value(path, user.id, &user.document_id)?);
        }
        if self.uses_now {
            values.insert("now".to_owned(), now_to_second(now));
        }
        Ok(Arc::new(self.with_variables(values, Some(user))))
    }

    fn with_variables(&self, variables: BTreeMap<String, Json>, user: Option<&UserRow>) -> Access {
        // The whole values are in the key: nothing that differs may share a plan or an answer.
        let id = user.map(|u| u.document_id.as_str());
        let key = self.access.key.with_values(json!([id, variables]));
        Access { key, variables, ..(*self.access).clone() }
    }
}

/// The value of `$now`, to the second: a response can be cached for as long.
pub(crate) fn now_to_second(now: DateTime<Utc>) -> Json {
    Json::String(now.format("%Y-%m-%dT%H:%M:%S.000Z").to_string())
}

/// The rule of a grant; its variables are added to `used`. `Err` if it does not fit the model.
fn compile_rule(
    registry: &Registry,
    grant: &PermissionGrant,
    meaning: actions::ResolvedAction,
    used: &mut BTreeSet<String>,
) -> Result<AccessRule, String> {
    let Some(content_type) = meaning.content_type else {
        return match (&grant.condition, &grant.fields) {
            (None, None) => Ok(AccessRule::default()),
            _ => Err("conditions and fields can only be set for content".to_owned()),
        };
    };
    if let Some(condition) = &grant.condition {
        used.extend(check_grant_condition(registry, meaning, condition)?);
    }
    let ct = registry.get(content_type);
    // Attributes that are gone are no right any more.
    let fields = grant.fields.as_ref().map(|names| {
        let ids = names.iter().filter_map(|name| ct.attributes.get(name)).map(|(id, _)| id);
        Arc::new(ids.collect::<BTreeSet<_>>())
    });
    Ok(AccessRule { condition: grant.condition.clone().map(Arc::new), fields })
}

/// Checks a condition with its variables, and returns their names; the error describes the problem. Shared by the settings file and by loading.
pub fn check_grant_condition(
    registry: &Registry,
    meaning: actions::ResolvedAction,
    condition: &Json,
) -> Result<Vec<String>, String> {
    let Some(content_type) = meaning.content_type else {
        return Err("this action does not apply to content and cannot have a condition".to_owned());
    };
    if !condition.is_object() {
        return Err("expected an object of filters".to_owned());
    }
    check_condition(registry, content_type, condition)?;
    let names = condition_variables(condition);
    for name in names.iter().filter(|name| *name != GROUPS_VARIABLE) {
        if let Some(path) = name.strip_prefix("user.") {
            UserPath::resolve(registry, path).map_err(|message| format!("${name}: {message}"))?;
        }
    }
    Ok(names)
}
