//! The links of a document, from both sides.

use super::DocumentWrite;
use super::guard::WriteGuards;
use super::link_owners::OwnerChange;
use crate::files::privacy::make_private;
use crate::{ContentError, Result};
use cairn_model::*;
use cairn_store::LockMode;
use cairn_store::content::links::{InverseSide, PositionedLink};
use cairn_store::content::{DocumentRow, LinkOwner};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The change of an attribute's links in its table.
pub(super) struct AttributeLinkChange {
    pub(super) attribute: AttributeId,
    pub(super) before: Vec<PositionedLink>,
    pub(super) after: Vec<PositionedLink>,
}

impl DocumentWrite<'_, '_> {
    /// The changes in the link tables of the row. `row`: the one whose links the written one has, by attribute.
    pub(super) fn owned_link_changes(
        &self,
        row: &dyn Fn(AttributeId) -> Option<i64>,
    ) -> Result<Vec<AttributeLinkChange>> {
        let mut all = Vec::new();
        for (attribute, a) in self.ct.attributes.iter() {
            let Value::Change(change) = &self.save.input.values[attribute] else { continue };
            let Some(link) = self.registry.attribute_link(a) else { continue };
            if !matches!(link.storage, LinkStorage::Table | LinkStorage::References) {
                continue;
            }
            let before = match row(attribute) {
                Some(row) => self.tx.reader().links().find_owned(self.ct.id, attribute, row)?,
                None => Vec::new(),
            };
            let after = self.apply_link_change(link.many, change, &before)?;
            all.push(AttributeLinkChange { attribute, before, after });
        }
        Ok(all)
    }

    /// The links after a change: unchanged ones retain their keys, moved and new ones have none yet.
    fn apply_link_change(
        &self,
        many: bool,
        change: &LinkChange,
        before: &[PositionedLink],
    ) -> Result<Vec<PositionedLink>> {
        let current: Vec<LinkTarget> = before.iter().map(|l| l.target.clone()).collect();
        let mut targets = change.apply(&current).map_err(|e| ContentError::invalid_entry(e.to_string()))?;
        if !many && targets.len() > 1 {
            targets.drain(..targets.len() - 1);
        }
        let link = |target: LinkTarget| {
            let positioned_link = before.iter().find(|l| l.target == target);
            let moved = !change.replace && change.connect.iter().any(|c| c.target == target);
            PositionedLink {
                position: positioned_link.filter(|_| !moved).and_then(|l| l.position),
                inverse: positioned_link.map_or_else(|| self.tx.end_position(), |l| l.inverse),
                target,
            }
        };
        Ok(targets.into_iter().map(link).collect())
    }

    /// Writes links that the row itself holds.
    pub(super) fn write_link_columns(&self, row: &mut DocumentRow) -> Result<()> {
        for (id, a) in self.ct.attributes.iter() {
            let Value::Change(change) = &self.save.input.values[id] else { continue };
            let Some(AttributeLink { storage: LinkStorage::Column, target: Some(content_type), .. }) =
                self.registry.attribute_link(a)
            else {
                continue;
            };
            let positioned_link = row.to_one.get(&id).map(|(document_id, inverse)| PositionedLink {
                target: LinkTarget { content_type, document_id: document_id.clone() },
                position: Some(0),
                inverse: *inverse,
            });
            match self.apply_link_change(false, change, positioned_link.as_slice())?.pop() {
                Some(link) => row.to_one.insert(id, (link.target.document_id, link.inverse)),
                None => row.to_one.remove(&id),
            };
        }
        Ok(())
    }

    /// Checks that the linked documents still exist: they were looked up before the transaction.
    pub(super) fn check_targets(&mut self) -> Result<()> {
        let mut targets = Vec::new();
        collect_connected(&self.save.input.values, &mut targets);
        let mut by_type: BTreeMap<TypeId, Vec<&str>> = BTreeMap::new();
        for target in &targets {
            by_type.entry(target.content_type).or_default().push(&target.document_id);
        }
        if let Some(files) = by_type.get(&self.registry.file_type().id) {
            self.check_files(files)?;
            make_private(self.tx, self.ct, files, &self.author, &self.now)?;
        }
        let mut existing: HashMap<TypeId, HashSet<String>> = HashMap::with_capacity(by_type.len());
        for (content_type, documents) in by_type {
            existing.insert(content_type, self.tx.lock_link_targets(content_type, &documents)?);
        }
        for target in targets {
            if !existing.get(&target.content_type).is_some_and(|t| t.contains(&target.document_id)) {
                let localized = self.registry.get(target.content_type).localized;
                let locale = if localized { self.save.link_locale.as_str() } else { "null" };
                return Err(ContentError::target_not_found(&target.document_id, locale));
            }
        }
        Ok(())
    }

    /// Refuses private files that the caller may not use in the document; see [`crate::files::FileViewer::withheld_files`].
    fn check_files(&self, files: &[&str]) -> Result<()> {
        let Some(viewer) = &self.author.viewer else { return Ok(()) };
        let withheld = viewer.withheld_files(&self.tx.reader(), &self.author.actor, files)?;
        match files.iter().find(|file| withheld.contains(**file)) {
            // Seen a moment ago, or put there by a hook.
            Some(file) => Err(ContentError::target_not_found(file, "null")),
            None => Ok(()),
        }
    }

    /// Removes a two-way one-to-one target from the documents that had it: in this version, and in their other locales too if all
    /// locales share the attribute.
    pub(super) fn release_one_to_one(
        &mut self,
        row: &DocumentRow,
        published: bool,
        guards: &WriteGuards,
    ) -> Result<()> {
        let ct = self.ct;
        for (id, a) in ct.attributes.iter() {
            let FieldKind::Relation(Relation {
                kind: RelationKind::OneToOne,
                side: RelationSide::Owner { .. },
                target: Some(target),
            }) = &a.kind
            else {
                continue;
            };
            let Some((target_document, _)) = row.to_one.get(&id) else { continue };
            // A concurrent write that links to it waits.
            self.tx.lock_document(*target, target_document, LockMode::Change)?;
            let everywhere = ct.localized && !a.localized;
            let version = (row.document_id.as_str(), row.locale.as_str(), published);
            let find_rivals = |write: &Self| {
                write.tx.reader().links().find_one_to_one_rivals(ct.id, id, version, target_document, everywhere)
            };
            let rivals = find_rivals(self)?;
            if rivals.is_empty() {
                continue;
            }
            for rival in &rivals {
                self.tx.lock_document(ct.id, &rival.document_id, LockMode::Change)?;
                guards.check_linked(self.tx, ct.id, &rival.document_id, &rival.locale)?;
            }
            let change = OwnerChange {
                content_type: ct,
                attribute: id,
                target: LinkTarget { content_type: *target, document_id: target_document.clone() },
                sent: &a.name,
                // The versions are read again, now that they are locked.
                versions: find_rivals(self)?,
            };
            let checked = self.check_owner_change(&change)?;
            let rows: Vec<i64> = change.versions.iter().map(|rival| rival.row).collect();
            self.tx.links().clear_column(ct.id, id, &rows)?;
            for rival in &change.versions {
                guards.check_linked(self.tx, ct.id, &rival.document_id, &rival.locale)?;
            }
            self.record_owner_change(&change, checked)?;
        }
        Ok(())
    }

    /// Writes links that the other side stores.
    pub(super) fn write_inverse_links(&mut self, row: &DocumentRow, guards: &WriteGuards) -> Result<()> {
        let own = LinkTarget { content_type: self.ct.id, document_id: row.document_id.clone() };
        for (id, a) in self.ct.attributes.iter() {
            let Value::Change(change) = &self.save.input.values[id] else { continue };
            let Some(AttributeLink { many, target: Some(target), side: RelationSide::Inverse { owner }, .. }) =
                self.registry.attribute_link(a)
            else {
                continue;
            };
            let owning = OwningSide { content_type: self.registry.get(target), attribute: owner };
            let change = change.clone();
            self.write_inverse_attribute(&own, (id, many), &owning, &change, guards)?;
        }
        Ok(())
    }

    /// Updates links that the other side stores: its drafts get the order that was sent; then every version that is written (the published
    /// ones, and those of all locales if these share the attribute) loses and gets exactly the links that this write removes and adds.
    fn write_inverse_attribute(
        &mut self,
        own: &LinkTarget,
        (attribute, many): (AttributeId, bool),
        owning: &OwningSide<'_>,
        change: &LinkChange,
        guards: &WriteGuards,
    ) -> Result<()> {
        let (registry, ct, target) = (self.registry, self.ct, owning.content_type.id);
        let locale = self.save.link_locale.clone();
        let side = |published: bool, locale| InverseSide::for_attribute(registry, ct, attribute, published, locale);
        let publish = self.save.publish && owning.content_type.draft_publish;
        let (Some(first), Some(all)) = (side(false, &locale), side(publish, &locale)) else { return Ok(()) };

        let before = self.tx.reader().links().find_inverse(&first, &own.document_id)?;
        let after = self.apply_link_change(many, change, &before)?;
        let links = self.tx.reader().links().find_inverse(&all, &own.document_id)?;
        let positioned_links = self.apply_link_change(many, change, &links)?;
        let removed_links: Vec<PositionedLink> =
            links.into_iter().filter(|h| positioned_links.iter().all(|k| k.target != h.target)).collect();
        let mut new: Vec<PositionedLink> =
            after.iter().filter(|l| change.connect.iter().any(|c| c.target == l.target)).cloned().collect();

        // The rows at the other side change: lock them in a fixed order, so that concurrent writes do not deadlock.
        let mut changed: Vec<&str> =
            removed_links.iter().chain(&after).map(|l| l.target.document_id.as_str()).collect();
        changed.sort_unstable();
        changed.dedup();
        for document in changed {
            self.tx.lock_document(target, document, LockMode::Change)?;
        }

        let single = owning.is_single_reference(registry);
        let concerned: Vec<&str> =
            removed_links.iter().chain(&new).map(|link| link.target.document_id.as_str()).collect();
        let versions = self.tx.reader().links().find_owners(&all, &own.document_id, &concerned, owning.is_shared())?;
        let linked: HashSet<&str> = new.iter().map(|link| link.target.document_id.as_str()).collect();
        let gets_or_loses = |v: &&LinkOwner| v.is_linked != linked.contains(v.document_id.as_str());
        let owner_change = OwnerChange {
            content_type: owning.content_type,
            attribute: owning.attribute,
            target: own.clone(),
            sent: &ct.attributes[attribute].name,
            versions: versions.iter().filter(gets_or_loses).cloned().collect(),
        };
        for version in &owner_change.versions {
            guards.check_linked(self.tx, target, &version.document_id, &version.locale)?;
        }
        let checked = self.check_owner_change(&owner_change)?;
        if single {
            // A row that may point at one thing only gives up what it pointed at.
            let link = || PositionedLink { target: own.clone(), position: None, inverse: 0 };
            for version in owner_change.versions.iter().filter(|v| !v.is_linked) {
                let current_links = self.tx.reader().links().find_owned(target, owning.attribute, version.row)?;
                self.tx.links().set_owned(target, owning.attribute, version.row, &current_links, &[link()])?;
            }
        } else {
            self.tx.links().set_inverse(&first, &own.document_id, &before, &after)?;
        }
        if publish || owning.is_shared() || single {
            let placed = self.tx.reader().links().find_inverse(&first, &own.document_id)?;
            let key = |l: &PositionedLink| placed.iter().find(|p| p.target == l.target).and_then(|p| p.position);
            new.iter_mut().for_each(|l| l.position = key(l));
            new.sort_by_key(|l| l.position.unwrap_or(i64::MAX));
            let mut in_locales = vec![locale.as_str()];
            for version in &versions {
                if !in_locales.contains(&version.locale.as_str()) {
                    in_locales.push(&version.locale);
                }
            }
            for locale in in_locales {
                if let Some(all) = side(publish, locale) {
                    self.tx.links().set_inverse(&all, &own.document_id, &removed_links, &new)?;
                }
            }
        }
        for version in &owner_change.versions {
            guards.check_linked(self.tx, target, &version.document_id, &version.locale)?;
        }
        self.record_owner_change(&owner_change, checked)
    }
}

/// The attribute that stores the links of an inverse one.
struct OwningSide<'a> {
    content_type: &'a ContentType,
    attribute: AttributeId,
}

impl OwningSide<'_> {
    /// True if its locales have one value.
    fn is_shared(&self) -> bool {
        self.content_type.localized && !self.content_type.attributes[self.attribute].localized
    }

    /// True if it links to one document of any type.
    fn is_single_reference(&self, registry: &Registry) -> bool {
        let link = registry.attribute_link(&self.content_type.attributes[self.attribute]);
        link.is_some_and(|l| !l.many && l.storage == LinkStorage::References)
    }
}

/// Collects what is to be linked, also inside components.
fn collect_connected<'v>(values: &'v [Value], found: &mut Vec<&'v LinkTarget>) {
    for value in values {
        match value {
            Value::Change(change) => found.extend(change.connect.iter().map(|c| &c.target)),
            Value::Instance(instance) => collect_connected(&instance.values, found),
            Value::Instances(list) => list.iter().for_each(|i| collect_connected(&i.values, found)),
            _ => {}
        }
    }
}
