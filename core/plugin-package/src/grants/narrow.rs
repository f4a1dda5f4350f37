//! Fewer grants: what two lists have in common, and what an operator makes of the list that was asked for.

use super::{Capability, Fields, Granted, Grants, Scope, Widening};
use crate::address::Address;
use std::collections::BTreeSet;

/// Why an operator's choice is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    /// It allows what was not asked for.
    #[error("the plugin did not request {0}")]
    NotAsked(Widening),
    /// It leaves out what the plugin does not work without.
    #[error("the plugin requires {0}; you can narrow this grant, but only leave out grants marked optional")]
    Needed(Capability),
}

impl Grants {
    /// What is in both. Of each grant the reason of this list is kept.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let mut list: Vec<Granted> = Vec::new();
        for mine in &self.list {
            for theirs in &other.list {
                let Some(scope) = meet(&mine.scope, &theirs.scope) else { continue };
                if !list.iter().any(|granted| granted.scope == scope) {
                    list.push(Granted { scope, ..mine.clone() });
                }
            }
        }
        list.into()
    }

    /// What an operator chose of these, the grants asked for.
    ///
    /// # Errors
    /// Everything chosen that was not asked for, and every grant left out altogether that is not optional.
    pub fn narrow(&self, chosen: &Self) -> Result<Self, Vec<Excess>> {
        let mut excess: Vec<Excess> = chosen.widened_from(self).into_iter().map(Excess::NotAsked).collect();
        let needed = self.list.iter().filter(|asked| !asked.optional);
        for asked in needed.filter(|asked| !chosen.list.iter().any(|c| meet(&asked.scope, &c.scope).is_some())) {
            excess.push(Excess::Needed(asked.scope.capability()));
        }
        if excess.is_empty() { Ok(self.intersect(chosen)) } else { Err(excess) }
    }
}

/// What both allow; `None` for nothing.
fn meet(a: &Scope, b: &Scope) -> Option<Scope> {
    let scope = match (a, b) {
        (Scope::DataRead { types: t, fields: f }, Scope::DataRead { types, fields }) => {
            Scope::DataRead { types: common(t, types)?, fields: common_fields(f, fields)? }
        }
        (Scope::DataWrite { types: t, fields: f, actions: a }, Scope::DataWrite { types, fields, actions }) => {
            Scope::DataWrite {
                types: common(t, types)?,
                fields: common_fields(f, fields)?,
                actions: common(a, actions)?,
            }
        }
        (Scope::Http { to: t, methods: m, secrets: s }, Scope::Http { to, methods, secrets }) => {
            let to: BTreeSet<Address> =
                t.iter().flat_map(|mine| to.iter().filter_map(|theirs| mine.meet(theirs))).collect();
            if to.is_empty() {
                return None;
            }
            Scope::Http { to, methods: common(m, methods)?, secrets: s & secrets }
        }
        (Scope::Secrets { secrets: s }, Scope::Secrets { secrets }) => Scope::Secrets { secrets: common(s, secrets)? },
        (Scope::PdfSeal { profiles: p }, Scope::PdfSeal { profiles }) => {
            Scope::PdfSeal { profiles: common(p, profiles)? }
        }
        (Scope::Mail { max_per_hour: m }, Scope::Mail { max_per_hour }) => {
            Scope::Mail { max_per_hour: *m.min(max_per_hour) }
        }
        (Scope::Notify { max_per_hour: m }, Scope::Notify { max_per_hour }) => {
            Scope::Notify { max_per_hour: *m.min(max_per_hour) }
        }
        // The others have no scope: they are equal or different capabilities.
        (a, b) if a == b => a.clone(),
        _ => return None,
    };
    Some(scope)
}

fn common<T: Ord + Clone>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> Option<BTreeSet<T>> {
    let both = a & b;
    if both.is_empty() { None } else { Some(both) }
}

fn common_fields(a: &Fields, b: &Fields) -> Option<Fields> {
    match a.intersect(b) {
        Fields::Only(fields) if fields.is_empty() => None,
        fields => Some(fields),
    }
}
