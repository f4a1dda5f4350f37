//! The permissions of a user with several roles: the roles combined, resolved against the model.

use super::{
    AdminAction, AdminActions, AdminRole, EVERY_TYPE, PUBLISH_ACTION, content_actions, file_actions, find_subject,
};
use crate::permissions::PermissionGrant;
use cairn_model::{ContentType, Registry, TypeId};
use cairn_query::{Access, AccessRule, Action, check_condition, condition_variables};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Variables that a condition of an admin role may have.
const CONDITION_VARIABLES: [&str; 3] = ["user.id", "user.email", "now"];

/// The permissions of an admin.
#[derive(Debug, Clone)]
pub struct AdminPermissions {
    is_super: bool,
    actions: AdminActions,
    /// The granted permissions of plugins.
    of_plugins: Arc<BTreeSet<String>>,
    access: Arc<Access>,
    /// Access in which updating means publishing.
    publishing: Arc<Access>,
}

impl AdminPermissions {
    /// Permissions of a super admin, who may do everything.
    pub fn full_access() -> Self {
        let access = Arc::new(Access::admin());
        Self {
            is_super: true,
            actions: AdminActions::all(),
            of_plugins: Arc::default(),
            publishing: access.clone(),
            access,
        }
    }

    /// Permissions of one role that is not stored yet, for comparisons.
    pub fn from_role(registry: &Registry, role: &AdminRole) -> Self {
        CompiledPermissions::from_roles(registry, "not stored", &[role]).rights
    }

    /// True if they include everything.
    pub fn is_super(&self) -> bool {
        self.is_super
    }

    /// True if they include an action.
    pub fn allows_action(&self, action: AdminAction) -> bool {
        self.actions.contains(action)
    }

    /// True if they include a permission that a plugin declares: `deals.reassign` of `crm`.
    pub fn allows_plugin_permission(&self, plugin: &str, permission: &str) -> bool {
        self.is_super || self.of_plugins.contains(&format!("plugin::{plugin}.{permission}"))
    }

    /// The names of all permissions besides content; for a super admin without those of plugins.
    pub fn action_names(&self) -> Vec<String> {
        self.actions.to_names().into_iter().chain(self.of_plugins.iter().cloned()).collect()
    }

    /// All actions besides content.
    pub fn actions(&self) -> AdminActions {
        self.actions
    }

    /// Access to content, drafts included.
    pub fn access(&self) -> &Arc<Access> {
        &self.access
    }

    /// True if they permit publishing entries of that type, perhaps only some.
    pub fn can_publish(&self, content_type: TypeId) -> bool {
        self.publishing.allows_action(content_type, Action::Update)
    }

    /// Access in which updating means publishing, with its conditions.
    pub fn publishing_access(&self) -> &Arc<Access> {
        &self.publishing
    }

    /// The intersection of both, with the limits of both: never more than either.
    #[must_use]
    pub(crate) fn limited_to(&self, bound: &Self) -> Self {
        if bound.is_super {
            return self.clone();
        }
        if self.is_super {
            return bound.clone();
        }
        Self {
            is_super: false,
            actions: self.actions.iter().filter(|action| bound.allows_action(*action)).collect(),
            of_plugins: Arc::new(self.of_plugins.intersection(&bound.of_plugins).cloned().collect()),
            access: Arc::new(intersect_access(&self.access, &bound.access)),
            publishing: Arc::new(intersect_access(&self.publishing, &bound.publishing)),
        }
    }

    /// True if they include everything in `other`: nobody can give others more than they have.
    pub fn covers(&self, other: &Self) -> bool {
        self.is_super
            || (!other.is_super
                && self.actions.covers(other.actions)
                && other.of_plugins.is_subset(&self.of_plugins)
                && access_covers(&self.access, &other.access)
                && access_covers(&self.publishing, &other.publishing))
    }
}

/// The intersection of two accesses of admins: without `private_of` and `limits`, and with the same values for the same variables.
fn intersect_access(own: &Access, bound: &Access) -> Access {
    let both = |key: &(TypeId, Action), rule: &AccessRule| {
        let other = bound.rules.get(key)?;
        let condition = match (&rule.condition, &other.condition) {
            (Some(a), Some(b)) if a != b => Some(Arc::new(json!({ "$and": [**a, **b] }))),
            (one, None) | (None, one) | (one, Some(_)) => one.clone(),
        };
        let fields = match (&rule.fields, &other.fields) {
            (Some(a), Some(b)) => Some(Arc::new(a.intersection(b).copied().collect())),
            (one, None) | (None, one) => one.clone(),
        };
        Some((*key, AccessRule { condition, fields }))
    };
    Access {
        key: format!("{} within {}", own.key, bound.key).into(),
        read_drafts: own.read_drafts && bound.read_drafts,
        private: own.private && bound.private,
        rules: Arc::new(own.rules.iter().filter_map(|(key, rule)| both(key, rule)).collect()),
        variables: own.variables.iter().chain(&bound.variables).map(|(k, v)| (k.clone(), v.clone())).collect(),
        ..Access::none()
    }
}

fn access_covers(own: &Access, other: &Access) -> bool {
    own.everything
        || (!other.everything
            && other.rules.iter().all(|(key, rule)| {
                own.rules.get(key).is_some_and(|own| {
                    (own.condition.is_none() || own.condition == rule.condition)
                        && own
                            .fields
                            .as_ref()
                            .is_none_or(|own| rule.fields.as_ref().is_some_and(|fields| fields.is_subset(own)))
                })
            }))
}

/// Permissions without the values of variables.
#[derive(Debug)]
pub(crate) struct CompiledPermissions {
    pub(super) rights: AdminPermissions,
    /// Names of the variables that occur in its conditions.
    pub(super) variables: BTreeSet<String>,
}

impl CompiledPermissions {
    /// Resolves some roles; `key` must be new for every other set of permissions. A grant that does not fit the model is left out and
    /// logged: what cannot be checked is forbidden.
    pub(crate) fn from_roles(registry: &Registry, key: &str, roles: &[&AdminRole]) -> Self {
        let actions = roles.iter().fold(AdminActions::default(), |all, role| all.union_with(role.actions));
        let of_plugins = roles.iter().flat_map(|role| role.of_plugins.iter().cloned()).collect();
        let (mut rules, mut publish) = (HashMap::new(), HashMap::new());
        for action in actions.iter() {
            for &content in file_actions(action) {
                rules.insert((registry.file_type().id, content), AccessRule::default());
            }
        }
        let mut used = BTreeSet::new();
        for (role, grant) in roles.iter().flat_map(|role| role.grants.iter().map(move |grant| (role, grant))) {
            let types: Vec<&ContentType> = match grant.subject.as_str() {
                EVERY_TYPE => registry.types().iter().filter(|ct| ct.is_api()).collect(),
                uid => find_subject(registry, uid).into_iter().collect(),
            };
            for ct in types {
                let known = content_actions(ct).into_iter().find(|(name, _)| *name == grant.action);
                let Some((name, actions)) = known else { continue };
                let rule = match compile_rule(registry, ct, grant, &mut used) {
                    Ok(rule) => rule,
                    Err(message) => {
                        let (role, subject) = (&role.code, &ct.uid);
                        tracing::error!(
                            role,
                            subject,
                            name,
                            message,
                            "a permission does not fit the model; nobody has it"
                        );
                        continue;
                    }
                };
                if name == PUBLISH_ACTION {
                    merge_rule(&mut publish, (ct.id, Action::Update), rule);
                } else {
                    actions.iter().for_each(|action| merge_rule(&mut rules, (ct.id, *action), rule.clone()));
                }
            }
        }
        let base = Access { read_drafts: true, private: true, ..Access::none() };
        let mut publishing = rules.clone();
        publishing.retain(|(_, action), _| *action != Action::Update);
        publishing.extend(publish);
        let access = Arc::new(Access { key: key.into(), rules: Arc::new(rules), ..base.clone() });
        let publishing =
            Arc::new(Access { key: format!("{key} publishing").into(), rules: Arc::new(publishing), ..base });
        let rights =
            AdminPermissions { is_super: false, actions, of_plugins: Arc::new(of_plugins), access, publishing };
        Self { rights, variables: used }
    }

    /// Fills in the variables of a user.
    pub(crate) fn filled_in(&self, id: Option<i64>, email: &str, now: Json) -> AdminPermissions {
        let value = |name: &String| match name.as_str() {
            "user.id" => json!(id),
            "user.email" => json!(email),
            _ => now.clone(),
        };
        let variables: BTreeMap<String, Json> = self.variables.iter().map(|name| (name.clone(), value(name))).collect();
        let with = |access: &Access| {
            // The whole values are in the key: nothing that differs may share a plan.
            let key = format!("{} {}", access.key, json!([variables]));
            Arc::new(Access { key: key.into(), variables: variables.clone(), ..access.clone() })
        };
        AdminPermissions {
            access: with(&self.rights.access),
            publishing: with(&self.rights.publishing),
            ..self.rights.clone()
        }
    }
}

fn compile_rule(
    registry: &Registry,
    ct: &ContentType,
    grant: &PermissionGrant,
    used: &mut BTreeSet<String>,
) -> Result<AccessRule, String> {
    if let Some(condition) = &grant.condition {
        check_admin_condition(registry, ct, condition)?;
        used.extend(condition_variables(condition));
    }
    // Attributes that are gone are no right any more.
    let fields = grant.fields.as_ref().map(|names| {
        let ids = names.iter().filter_map(|name| ct.attributes.get(name)).map(|(id, _)| id);
        Arc::new(ids.collect::<BTreeSet<_>>())
    });
    Ok(AccessRule { condition: grant.condition.clone().map(Arc::new), fields })
}

/// Checks a condition of an admin role with its variables; the error describes the problem. Shared by the settings file and by loading.
pub fn check_admin_condition(registry: &Registry, ct: &ContentType, condition: &Json) -> Result<(), String> {
    if !condition.is_object() {
        return Err("expected an object of filters".to_owned());
    }
    check_condition(registry, ct.id, condition)?;
    match condition_variables(condition).iter().find(|name| !CONDITION_VARIABLES.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(format!("unknown variable ${name}: admin users have $user.id and $user.email")),
    }
}

/// Combines the permissions of two roles. What one of them has without limits stays unlimited; two kinds of limits give the rows of either
/// and the attributes of both: less than the two side by side, never more.
fn merge_rule(rules: &mut HashMap<(TypeId, Action), AccessRule>, key: (TypeId, Action), new: AccessRule) {
    let Some(old) = rules.get_mut(&key) else {
        rules.insert(key, new);
        return;
    };
    if old.condition == new.condition {
        old.fields = match (&old.fields, &new.fields) {
            (Some(a), Some(b)) => Some(Arc::new(a.union(b).copied().collect())),
            _ => None,
        };
        return;
    }
    let is_unrestricted = |rule: &AccessRule| rule.condition.is_none() && rule.fields.is_none();
    if is_unrestricted(old) || is_unrestricted(&new) {
        *old = AccessRule::default();
        return;
    }
    old.fields = match (&old.fields, &new.fields) {
        (Some(a), Some(b)) => Some(Arc::new(a.intersection(b).copied().collect())),
        (one, None) | (None, one) => one.clone(),
    };
    old.condition = match (&old.condition, &new.condition) {
        (Some(a), Some(b)) => Some(Arc::new(json!({ "$or": [**a, **b] }))),
        _ => None,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(condition: Option<Json>, fields: Option<&[usize]>) -> AccessRule {
        AccessRule { condition: condition.map(Arc::new), fields: fields.map(|f| Arc::new(f.iter().copied().collect())) }
    }

    fn merge_both(a: AccessRule, b: AccessRule) -> (Option<Json>, Option<Vec<usize>>) {
        let key = (TypeId(0), Action::Update);
        let mut rules = HashMap::new();
        merge_rule(&mut rules, key, a);
        merge_rule(&mut rules, key, b);
        let rule = &rules[&key];
        (rule.condition.as_deref().cloned(), rule.fields.as_ref().map(|f| f.iter().copied().collect()))
    }

    #[test]
    fn merged_roles_never_allow_more_than_one_of_the_roles() {
        let (own, news) = (json!({ "owner": "$user.id" }), json!({ "kind": "news" }));
        for (a, b, expected) in [
            (rule(None, None), rule(Some(own.clone()), Some(&[1])), (None, None)),
            (rule(Some(own.clone()), None), rule(Some(own.clone()), Some(&[1])), (Some(own.clone()), None)),
            (
                rule(Some(own.clone()), Some(&[1])),
                rule(Some(own.clone()), Some(&[2])),
                (Some(own.clone()), Some(vec![1, 2])),
            ),
            (
                rule(Some(own.clone()), None),
                rule(Some(news.clone()), None),
                (Some(json!({ "$or": [own, news] })), None),
            ),
            (rule(None, Some(&[1, 2])), rule(Some(own.clone()), Some(&[2, 3])), (None, Some(vec![2]))),
            (rule(None, Some(&[1])), rule(Some(own.clone()), None), (None, Some(vec![1]))),
        ] {
            assert_eq!(merge_both(a.clone(), b.clone()), expected);
            let (condition, fields) = merge_both(b, a);
            assert_eq!((condition.is_some(), fields), (expected.0.is_some(), expected.1));
        }
    }
}
