//! The read policies of running plugins by type, and the types that queries reach.

use crate::runtime::generation::Generation;
use cairn_model::{Attributes, ComponentId, FieldKind, Registry, TypeId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Plugins that have policies for each type, and types that are reached from each; rebuilt whenever another plugin or version runs.
#[derive(Default)]
pub(crate) struct PolicyIndex {
    /// Plugins by the types that they have policies for, in the order of their ids.
    pub(crate) plugins: BTreeMap<TypeId, Vec<Arc<Generation>>>,
    /// Types with policies of plugins that do not run: no document of them is shown.
    pub(crate) closed: BTreeSet<TypeId>,
    /// All types with policies.
    pub(crate) guarded: Arc<BTreeSet<TypeId>>,
    /// The types with policies that the relations of a type lead to, itself among them.
    reachable: HashMap<TypeId, BTreeSet<TypeId>>,
    /// As `reachable`, and through files also the types whose entries use them.
    reachable_with_files: HashMap<TypeId, BTreeSet<TypeId>>,
    /// The types whose entries may have files.
    with_media: BTreeSet<TypeId>,
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
        let (reachable, reachable_with_files) = (all(false), all(true));
        let file = registry.file_type().id;
        let leads_to_files = |ct: TypeId| reachable_types(registry, ct, false).is_none_or(|all| all.contains(&file));
        let with_media = registry.types().iter().map(|ct| ct.id).filter(|ct| leads_to_files(*ct)).collect();
        Self { guarded: Arc::new(guarded), reachable, reachable_with_files, with_media, plugins: by_type, closed }
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

    /// The types with policies among those of a request.
    pub(crate) fn guarded_types(&self, reach: PolicyReach<'_>) -> BTreeSet<TypeId> {
        let among = |index: &HashMap<TypeId, BTreeSet<TypeId>>, types: &[TypeId]| -> BTreeSet<TypeId> {
            types.iter().filter_map(|ct| index.get(ct)).flatten().copied().collect()
        };
        let exact = |types: &[TypeId]| types.iter().copied().filter(|ct| self.guarded.contains(ct)).collect();
        match reach {
            PolicyReach::Types(types) => exact(types),
            PolicyReach::Relations(types) => among(&self.reachable, types),
            PolicyReach::Write { content_type, shown } => {
                // Whether a private file may be put into an entry depends on the entries that it is in.
                let index = match self.with_media.contains(&content_type) {
                    true => &self.reachable_with_files,
                    false => &self.reachable,
                };
                let mut types = among(index, &[content_type]);
                types.append(&mut exact(shown));
                types
            }
            PolicyReach::Everything(types) => among(&self.reachable_with_files, types),
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
            let shows =
                registry.types().iter().filter(|ct| holds_media(registry, &ct.attributes, &mut BTreeSet::new()));
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

/// True if entries with these attributes may have files, in a component or by themselves. `seen`: components that were looked into.
fn holds_media(registry: &Registry, attributes: &Attributes, seen: &mut BTreeSet<ComponentId>) -> bool {
    attributes.iter().any(|(_, attribute)| {
        let inner: &[ComponentId] = match &attribute.kind {
            FieldKind::Media { .. } => return true,
            FieldKind::Component { component, .. } => std::slice::from_ref(component),
            FieldKind::DynamicZone { components } => components,
            _ => &[],
        };
        inner.iter().any(|id| seen.insert(*id) && holds_media(registry, &registry.component(*id).attributes, seen))
    })
}

/// Reach of a request: the types whose documents it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyReach<'a> {
    /// These types: those that the plan of a query reaches.
    Types(&'a [TypeId]),
    /// Entries of these types, and everything that their relations lead to, except the entries that use a file.
    Relations(&'a [TypeId]),
    /// A write of entries of a type: everything that it may link to, and the types that the plan of its response reaches.
    Write {
        /// The type that is written.
        content_type: TypeId,
        /// The types that the response reaches.
        shown: &'a [TypeId],
    },
    /// Entries of these types, and everything that can be reached from there.
    Everything(&'a [TypeId]),
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Notes with a cover, albums whose pictures are in a component of a zone, and plain words.
    fn load_registry() -> Registry {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("content-types");
        let media = json!({ "type": "media", "multiple": false });
        let zone = json!({ "type": "dynamiczone", "components": ["block.page"] });
        for (name, attributes) in [
            ("note", json!({ "cover": media })),
            ("album", json!({ "pages": zone })),
            ("word", json!({ "text": { "type": "string" } })),
        ] {
            let schema = json!({
                "kind": "collectionType", "collectionName": format!("{name}s"), "attributes": attributes,
                "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": name },
            });
            let folder = root.join(format!("api/{name}/content-types/{name}"));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("schema.json"), schema.to_string()).unwrap();
        }
        let folder = root.join("components/block");
        std::fs::create_dir_all(&folder).unwrap();
        let page = json!({ "info": { "displayName": "page" }, "attributes": { "picture": media } });
        std::fs::write(folder.join("page.json"), page.to_string()).unwrap();
        cairn_model::load::load_project(dir.path()).unwrap().registry
    }

    #[test]
    fn writes_need_the_policies_of_all_that_shows_files() {
        let registry = load_registry();
        let id = |uid: &str| registry.by_uid(uid).unwrap().id;
        let (note, album, word) = (id("api::note.note"), id("api::album.album"), id("api::word.word"));
        let index = PolicyIndex::from_generations(&registry, &[], &["api::album.album".to_owned()]);
        let needs = |reach: PolicyReach<'_>| !index.guarded_types(reach).is_empty();
        // A private file that is in an album may be put into a note by those who see the album.
        assert!(needs(PolicyReach::Write { content_type: note, shown: &[] }));
        assert!(needs(PolicyReach::Everything(&[note])));
        assert!(!needs(PolicyReach::Relations(&[note])));
        assert!(!needs(PolicyReach::Write { content_type: word, shown: &[] }));
        assert!(needs(PolicyReach::Write { content_type: word, shown: &[album] }));
        assert!(!needs(PolicyReach::Types(&[note, word])));
        assert!(needs(PolicyReach::Types(&[note, album])));
    }
}
