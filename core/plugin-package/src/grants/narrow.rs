//! Fewer grants: what two lists have in common, and what an operator makes of the list that was asked for.

use super::{Capability, Fields, GrantWidening, GrantedScope, Grants, InvitedRoles, Scope};
use crate::address::AddressPattern;
use std::collections::BTreeSet;

/// Why an operator's choice is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NarrowError {
    /// It allows what was not asked for.
    #[error("the plugin did not request {0}")]
    NotAsked(GrantWidening),
    /// It leaves out what the plugin does not work without.
    #[error("the plugin requires {0}; you can narrow this grant, but only leave out grants marked optional")]
    Needed(Capability),
}

impl Grants {
    /// Returns the grants that are in both. Of each the reason in this list is kept.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let mut list: Vec<GrantedScope> = Vec::new();
        for own_grant in &self.list {
            for other_grant in &other.list {
                let Some(scope) = intersect_scopes(&own_grant.scope, &other_grant.scope) else { continue };
                if !list.iter().any(|granted| granted.scope == scope) {
                    list.push(GrantedScope { scope, ..own_grant.clone() });
                }
            }
        }
        list.into()
    }

    /// Narrows these grants, the ones asked for, to those that an operator chose. The error lists everything chosen that was not asked
    /// for, and every grant left out altogether that is not optional.
    pub fn narrow_to(&self, chosen: &Self) -> Result<Self, Vec<NarrowError>> {
        let mut excess: Vec<NarrowError> = chosen.widened_from(self).into_iter().map(NarrowError::NotAsked).collect();
        let needed = self.list.iter().filter(|requested| !requested.optional && !requested.scope.is_empty());
        for scope in needed
            .filter(|requested| !chosen.list.iter().any(|c| intersect_scopes(&requested.scope, &c.scope).is_some()))
        {
            excess.push(NarrowError::Needed(scope.scope.capability()));
        }
        if excess.is_empty() { Ok(self.intersect(chosen)) } else { Err(excess) }
    }
}

/// Returns the scope that both allow; `None` if they have nothing in common.
fn intersect_scopes(a: &Scope, b: &Scope) -> Option<Scope> {
    let scope = match (a, b) {
        (Scope::DataRead { types: t, fields: f }, Scope::DataRead { types, fields }) => {
            Scope::DataRead { types: intersect_sets(t, types)?, fields: intersect_fields(f, fields)? }
        }
        (Scope::DataWrite { types: t, fields: f, actions: a }, Scope::DataWrite { types, fields, actions }) => {
            Scope::DataWrite {
                types: intersect_sets(t, types)?,
                fields: intersect_fields(f, fields)?,
                actions: intersect_sets(a, actions)?,
            }
        }
        (Scope::Http { to: t, methods: m, secrets: s }, Scope::Http { to, methods, secrets }) => {
            let to: BTreeSet<AddressPattern> = t
                .iter()
                .flat_map(|own_pattern| to.iter().filter_map(|other_pattern| own_pattern.intersect_with(other_pattern)))
                .collect();
            if to.is_empty() {
                return None;
            }
            Scope::Http { to, methods: intersect_sets(m, methods)?, secrets: s & secrets }
        }
        (Scope::Secrets { secrets: s }, Scope::Secrets { secrets }) => {
            Scope::Secrets { secrets: intersect_sets(s, secrets)? }
        }
        (Scope::Signing { keys: k }, Scope::Signing { keys }) => Scope::Signing { keys: intersect_sets(k, keys)? },
        (Scope::PdfSeal { profiles: p }, Scope::PdfSeal { profiles }) => {
            Scope::PdfSeal { profiles: intersect_sets(p, profiles)? }
        }
        (Scope::Mail { max_per_hour: m }, Scope::Mail { max_per_hour }) => {
            Scope::Mail { max_per_hour: *m.min(max_per_hour) }
        }
        (Scope::Notify { max_per_hour: m }, Scope::Notify { max_per_hour }) => {
            Scope::Notify { max_per_hour: *m.min(max_per_hour) }
        }
        (Scope::UsersInvite { roles: r, max_per_hour: m }, Scope::UsersInvite { roles, max_per_hour }) => {
            Scope::UsersInvite { roles: intersect_roles(r, roles)?, max_per_hour: *m.min(max_per_hour) }
        }
        // The others have no scope: they are equal or different capabilities.
        (a, b) if a == b => a.clone(),
        _ => return None,
    };
    Some(scope)
}

fn intersect_sets<T: Ord + Clone>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> Option<BTreeSet<T>> {
    let both = a & b;
    if both.is_empty() { None } else { Some(both) }
}

/// The role of new users is not known here: it is no part of any list.
fn intersect_roles(a: &InvitedRoles, b: &InvitedRoles) -> Option<InvitedRoles> {
    match (a, b) {
        (InvitedRoles::Default, InvitedRoles::Default) => Some(InvitedRoles::Default),
        (InvitedRoles::Only(a), InvitedRoles::Only(b)) => intersect_sets(a, b).map(InvitedRoles::Only),
        _ => None,
    }
}

fn intersect_fields(a: &Fields, b: &Fields) -> Option<Fields> {
    match a.intersect(b) {
        Fields::Only(fields) if fields.is_empty() => None,
        fields => Some(fields),
    }
}
