//! The read policies of running plugins by type, and the types that queries reach.

use crate::runtime::generation::Generation;
use cairn_model::{FieldKind, Registry, TypeId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Plugins that have policies for each type, and types that are reached from each; rebuilt whenever another plugin or version runs.
#[derive(Default)]
pub(crate) struct PolicyIndex {
    /// Plugins by the types that they have policies for, in the order of their ids.
    pub(crate) plugins: BTreeMap<TypeId, Vec<Arc<Generation>>>,
    /// Types with policies of plugins that do not run: no document of them is shown.
    pub(crate) closed: BTreeSet<TypeId>,
    /// The types with policies that a query of a type can reach, itself among them.
    reachable: HashMap<TypeId, BTreeSet<TypeId>>,
    /// As `reached`, and through files also the types whose entries use them.
    reachable_with_files: HashMap<TypeId, BTreeSet<TypeId>>,
}

impl PolicyIndex {
    pub(crate) fn from_generations(registry: &Registry, generations: &[Arc<Generation>], closed: &[String]) -> Self {
        let closed: BTreeSet<TypeId> = closed.iter().filter_map(|uid| registry.by_uid(uid)).map(|ct| ct.id).collect();
        let mut by_type: BTreeMap<TypeId, Vec<Arc<Generation>>> = BTreeMap::new();
        for generation in generations {
            let types = generation.manifest.read_policy.iter().flat_map(|policy| &policy.types);
            for ct in types.filter_map(|uid| registry.by_uid(uid)) {
                let guards = by_type.entry(ct.id).or_default();
                if !guards.iter().any(|g| g.id() == generation.id()) {
                    guards.push(generation.clone());
                }
            }
        }
        if by_type.is_empty() && closed.is_empty() {
            return Self::default();
        }
        for guards in by_type.values_mut() {
            guards.sort_by(|a, b| a.id().cmp(b.id()));
        }
        let guarded: BTreeSet<TypeId> = by_type.keys().chain(&closed).copied().collect();
        let reach = |ct: TypeId, by_files: bool| match reachable_types(registry, ct, by_files) {
            Some(all) => all.intersection(&guarded).copied().collect(),
            None => guarded.clone(),
        };
        let all = |by_files: bool| registry.types().iter().map(|ct| (ct.id, reach(ct.id, by_files))).collect();
        Self { reachable: all(false), reachable_with_files: all(true), plugins: by_type, closed }
    }

    /// The plugins that have policies for these types, by their ids, with the types of each.
    pub(crate) fn group_by_plugin<'a>(
        &'a self,
        types: &BTreeSet<TypeId>,
    ) -> BTreeMap<&'a str, (&'a Arc<Generation>, Vec<TypeId>)> {
        let mut by_plugin: BTreeMap<&str, (&Arc<Generation>, Vec<TypeId>)> = BTreeMap::new();
        for ct in types {
            for generation in self.plugins.get(ct).into_iter().flatten() {
                by_plugin.entry(generation.id()).or_insert_with(|| (generation, Vec::new())).1.push(*ct);
            }
        }
        by_plugin
    }

    /// The types with policies that can be reached.
    pub(crate) fn guarded_types(&self, reach: PolicyReach<'_>) -> BTreeSet<TypeId> {
        match reach {
            PolicyReach::Only(ct) => {
                let guarded = self.plugins.contains_key(&ct) || self.closed.contains(&ct);
                guarded.then_some(ct).into_iter().collect()
            }
            PolicyReach::Relations(types) => {
                types.iter().filter_map(|ct| self.reachable.get(ct)).flatten().copied().collect()
            }
            PolicyReach::From(types) => {
                types.iter().filter_map(|ct| self.reachable_with_files.get(ct)).flatten().copied().collect()
            }
        }
    }
}

/// The types that a query of a type can reach by its relations, itself included; `None`: any type, by a relation to any type. `by_files`:
/// also by `related` of files, which leads to every type with media.
fn reachable_types(registry: &Registry, from: TypeId, by_files: bool) -> Option<BTreeSet<TypeId>> {
    let (mut found, mut pending) = (BTreeSet::from([from]), vec![from]);
    let mut components = BTreeSet::new();
    let mut attributes = Vec::new();
    while let Some(ct) = pending.pop() {
        if by_files && ct == registry.file_type().id {
            let media = |kind: &FieldKind| matches!(kind, FieldKind::Media { .. });
            let shows = registry.types().iter().filter(|ct| ct.attributes.iter().any(|(_, a)| media(&a.kind)));
            pending.extend(shows.map(|ct| ct.id).filter(|ct| found.insert(*ct)));
        }
        attributes.extend(registry.get(ct).attributes.iter().map(|(_, a)| a));
        while let Some(attribute) = attributes.pop() {
            let inner: &[cairn_model::ComponentId] = match &attribute.kind {
                FieldKind::Component { component, .. } => std::slice::from_ref(component),
                FieldKind::DynamicZone { components } => components,
                _ => &[],
            };
            for component in inner {
                if components.insert(*component) {
                    attributes.extend(registry.component(*component).attributes.iter().map(|(_, a)| a));
                }
            }
            if let Some(link) = registry.attribute_link(attribute) {
                let target = link.target?;
                if found.insert(target) {
                    pending.push(target);
                }
            }
        }
    }
    Some(found)
}

/// Reach of a request: the types whose documents it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyReach<'a> {
    /// Entries of one type, without relations.
    Only(TypeId),
    /// Entries of these types, and what their relations lead to, except the entries that use a file.
    Relations(&'a [TypeId]),
    /// Entries of these types, and everything that can be reached from there.
    From(&'a [TypeId]),
}
