//! Permissions of a plugin on content: those that it was granted, and all on its own types. As a value that the planner applies
//! at every level of a query.

use cairn_model::{Attribute, AttributeId, ContentType, Registry};
use cairn_plugin_package::{Fields, Scope, WriteAction};
use cairn_query::{Access, AccessRule, Action, Negation};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// True if a type is the plugin's own.
pub(crate) fn is_own(plugin: &str, uid: &str) -> bool {
    uid.strip_prefix("plugin::").and_then(|rest| rest.split_once('.')).is_some_and(|(owner, _)| owner == plugin)
}

/// The permissions of a plugin. `key`: distinguishes cached plans; different for every set of grants.
pub(crate) fn plugin_access(registry: &Registry, plugin: &str, scopes: &[Scope], key: &str) -> Access {
    let mut access = Access { read_drafts: true, key: key.into(), ..Access::none() };
    for ct in registry.types() {
        if is_own(plugin, &ct.uid) {
            access.private_of.insert(ct.id);
            for action in [Action::Find, Action::FindOne, Action::Create, Action::Update, Action::Delete] {
                Arc::make_mut(&mut access.rules).insert((ct.id, action), AccessRule::default());
            }
        }
    }
    for scope in scopes {
        match scope {
            Scope::DataRead { types, fields } => {
                allow_actions(&mut access, registry, types, fields, &[Action::Find, Action::FindOne]);
            }
            Scope::DataWrite { types, fields, actions } => {
                let actions: Vec<Action> = actions.iter().filter_map(|action| content_action(*action)).collect();
                allow_actions(&mut access, registry, types, fields, &actions);
            }
            _ => {}
        }
    }
    access
}

/// The types whose documents may be published, unpublished, and have their drafts discarded; the plugin's own aside.
pub(crate) fn publishable_types(scopes: &[Scope]) -> HashSet<String> {
    let types = scopes.iter().filter_map(|scope| match scope {
        Scope::DataWrite { types, actions, .. } if actions.contains(&WriteAction::Publish) => Some(types),
        _ => None,
    });
    types.flatten().cloned().collect()
}

fn content_action(action: WriteAction) -> Option<Action> {
    match action {
        WriteAction::Create => Some(Action::Create),
        WriteAction::Update => Some(Action::Update),
        WriteAction::Delete => Some(Action::Delete),
        // Checked when a document is published.
        WriteAction::Publish => None,
    }
}

fn allow_actions(
    access: &mut Access,
    registry: &Registry,
    types: &BTreeSet<String>,
    fields: &Fields,
    actions: &[Action],
) {
    for ct in types.iter().filter_map(|uid| registry.by_uid(uid)) {
        let these = granted_attributes(ct, fields).map(Arc::new);
        for &action in actions {
            let rule = AccessRule { condition: None, fields: these.clone() };
            let rules = Arc::make_mut(&mut access.rules);
            rules.entry((ct.id, action)).and_modify(|existing| widen_rule(existing, &rule)).or_insert(rule);
        }
    }
}

/// The attributes that a grant reaches: none that is private. `None`: all that there are.
fn granted_attributes(ct: &ContentType, fields: &Fields) -> Option<BTreeSet<AttributeId>> {
    let granted = |(id, a): (AttributeId, &Attribute)| (!a.private && fields.has(&a.name)).then_some(id);
    match fields {
        Fields::All if !ct.attributes.iter().any(|(_, a)| a.private) => None,
        _ => Some(ct.attributes.iter().filter_map(granted).collect()),
    }
}

/// Two grants of one type allow what either allows.
fn widen_rule(rule: &mut AccessRule, added_rule: &AccessRule) {
    rule.fields = match (rule.fields.take(), &added_rule.fields) {
        (Some(a), Some(b)) => Some(Arc::new(&*a | b)),
        _ => None,
    };
}

/// Returns the permissions that both have: those of a plugin that acts for a caller.
pub(crate) fn intersect_access(caller: &Access, plugin: &Access) -> Access {
    let mut rules = HashMap::with_capacity(plugin.rules.len());
    for (&action_key, rule) in &*plugin.rules {
        let both = match (caller.everything, caller.rules.get(&action_key)) {
            (true, _) => rule.clone(),
            (false, None) => continue,
            (false, Some(own)) => AccessRule {
                condition: own.condition.clone(),
                fields: match (&own.fields, &rule.fields) {
                    (None, fields) | (fields, None) => fields.clone(),
                    (Some(a), Some(b)) => Some(Arc::new(&**a & &**b)),
                },
            },
        };
        rules.insert(action_key, both);
    }
    Access {
        key: format!("{} for {}", plugin.key, caller.key).into(),
        everything: false,
        read_drafts: caller.read_drafts,
        private: false,
        // Private fields stay private, regardless of the caller.
        private_of: Default::default(),
        rules: Arc::new(rules),
        variables: caller.variables.clone(),
        limits: caller.limits.clone(),
        policies: caller.policies.clone(),
        // The plugin's code makes the filters, whoever the caller is.
        negation: Negation::Contract,
        searches_digits: false,
    }
}
