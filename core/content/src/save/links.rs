//! The links of a document, from both sides.

use super::Write;
use super::guard::{Guards, locales};
use crate::files::privacy::keep_private;
use crate::{ContentError, Result};
use cairn_model::*;
use cairn_store::Hold;
use cairn_store::content::Row;
use cairn_store::content::links::{Inverse, LinkTo};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The change of an attribute's links in its table.
pub(super) struct Relinked {
    pub(super) attribute: AttributeId,
    pub(super) before: Vec<LinkTo>,
    pub(super) after: Vec<LinkTo>,
}

impl Write<'_, '_> {
    /// The changes in the link tables of the row. `row`: the one whose links the written one has, by attribute.
    pub(super) fn owned(&self, row: &dyn Fn(AttributeId) -> Option<i64>) -> Result<Vec<Relinked>> {
        let mut all = Vec::new();
        for (attribute, a) in self.ct.attributes.iter() {
            let Value::Change(change) = &self.save.given.values[attribute] else { continue };
            let Some(link) = self.registry.link(a) else { continue };
            if !matches!(link.storage, LinkStorage::Table | LinkStorage::References) {
                continue;
            }
            let before = match row(attribute) {
                Some(row) => self.tx.owned_links(self.ct.id, attribute, row)?,
                None => Vec::new(),
            };
            let after = self.changed(link.many, change, &before)?;
            all.push(Relinked { attribute, before, after });
        }
        Ok(all)
    }

    /// The links after a change: unchanged ones retain their keys, moved and new ones have none yet.
    fn changed(&self, many: bool, change: &LinkChange, before: &[LinkTo]) -> Result<Vec<LinkTo>> {
        let current: Vec<Target> = before.iter().map(|l| l.target.clone()).collect();
        let mut targets = change.apply(&current).map_err(|e| ContentError::whole(e.to_string()))?;
        if !many && targets.len() > 1 {
            targets.drain(..targets.len() - 1);
        }
        let link = |target: Target| {
            let held = before.iter().find(|l| l.target == target);
            let moved = !change.replace && change.connect.iter().any(|c| c.target == target);
            LinkTo {
                position: held.filter(|_| !moved).and_then(|l| l.position),
                inverse: held.map_or_else(|| self.tx.end_position(), |l| l.inverse),
                target,
            }
        };
        Ok(targets.into_iter().map(link).collect())
    }

    /// Writes links that the row itself holds.
    pub(super) fn link_columns(&self, row: &mut Row) -> Result<()> {
        for (id, a) in self.ct.attributes.iter() {
            let Value::Change(change) = &self.save.given.values[id] else { continue };
            let Some(Link { storage: LinkStorage::Column, target: Some(content_type), .. }) = self.registry.link(a)
            else {
                continue;
            };
            let held = row.to_one.get(&id).map(|(document_id, inverse)| LinkTo {
                target: Target { content_type, document_id: document_id.clone() },
                position: Some(0),
                inverse: *inverse,
            });
            match self.changed(false, change, held.as_slice())?.pop() {
                Some(link) => row.to_one.insert(id, (link.target.document_id, link.inverse)),
                None => row.to_one.remove(&id),
            };
        }
        Ok(())
    }

    /// Checks that the linked documents still exist: they were looked up before the transaction.
    pub(super) fn check_targets(&mut self) -> Result<()> {
        let mut targets = Vec::new();
        connected(&self.save.given.values, &mut targets);
        let mut by_type: BTreeMap<TypeId, Vec<&str>> = BTreeMap::new();
        for target in &targets {
            by_type.entry(target.content_type).or_default().push(&target.document_id);
        }
        if let Some(files) = by_type.get(&self.registry.file().id) {
            self.check_files(files)?;
            keep_private(self.tx, self.ct, files, &self.by, &self.now)?;
        }
        let mut there: HashMap<TypeId, HashSet<String>> = HashMap::with_capacity(by_type.len());
        for (content_type, documents) in by_type {
            there.insert(content_type, self.tx.hold_links(content_type, &documents)?);
        }
        for target in targets {
            if !there.get(&target.content_type).is_some_and(|t| t.contains(&target.document_id)) {
                let localized = self.registry.get(target.content_type).localized;
                let locale = if localized { self.save.link_locale.as_str() } else { "null" };
                return Err(ContentError::target_not_found(&target.document_id, locale));
            }
        }
        Ok(())
    }

    /// Refuses private files that the caller may not use in the document; see [`crate::files::Viewer::withheld`].
    fn check_files(&self, files: &[&str]) -> Result<()> {
        let Some(viewer) = &self.by.viewer else { return Ok(()) };
        let withheld = viewer.withheld(&self.tx.reader(), &self.by.actor, files)?;
        match files.iter().find(|file| withheld.contains(**file)) {
            // Seen a moment ago, or put there by a hook.
            Some(file) => Err(ContentError::target_not_found(file, "null")),
            None => Ok(()),
        }
    }

    /// Removes a two-way one-to-one target from the documents that had it: in this version, and in their other locales too if all
    /// locales share the attribute.
    pub(super) fn one_to_one(&mut self, row: &Row, published: bool, guards: &Guards) -> Result<()> {
        for (id, a) in self.ct.attributes.iter() {
            let FieldKind::Relation(Relation {
                kind: RelationKind::OneToOne,
                side: Side::Owner { inverse },
                target: Some(target),
            }) = &a.kind
            else {
                continue;
            };
            let Some((target_document, _)) = row.to_one.get(&id) else { continue };
            // Whoever else takes it comes after.
            self.tx.hold(*target, target_document, Hold::Change)?;
            // Only these three say which version.
            let version = |locale: &str| Row {
                id: 0,
                document_id: row.document_id.clone(),
                locale: locale.to_owned(),
                published,
                created_at: String::new(),
                updated_at: String::new(),
                published_at: None,
                version: 0,
                values: Vec::new(),
                to_one: HashMap::new(),
            };
            let everywhere = self.ct.localized && !a.localized;
            if everywhere || guards.restrict(self.ct.id) {
                let target_type = self.registry.get(*target);
                let Some(side) = Inverse::of(self.registry, target_type, *inverse, published, &row.locale) else {
                    continue;
                };
                for holder in self.tx.inverse_links(&side, target_document)? {
                    let holder = holder.target.document_id;
                    if holder == row.document_id {
                        continue;
                    }
                    let in_locales =
                        if everywhere { locales(self.tx, self.ct.id, &holder)? } else { vec![row.locale.clone()] };
                    for locale in in_locales {
                        guards.check_linked(self.tx, self.ct.id, &holder, &locale)?;
                        self.tx.take_one_to_one(self.ct.id, id, &version(&locale), target_document)?;
                        guards.check_linked(self.tx, self.ct.id, &holder, &locale)?;
                    }
                }
            }
            self.tx.take_one_to_one(self.ct.id, id, &version(&row.locale), target_document)?;
        }
        Ok(())
    }

    /// Writes links that the other side stores.
    pub(super) fn inverse(&mut self, row: &Row, guards: &Guards) -> Result<()> {
        let own = Target { content_type: self.ct.id, document_id: row.document_id.clone() };
        for (id, a) in self.ct.attributes.iter() {
            let Value::Change(change) = &self.save.given.values[id] else { continue };
            let Some(Link { many, target: Some(target), side: Side::Inverse { owner }, .. }) = self.registry.link(a)
            else {
                continue;
            };
            let owning = OwningSide { content_type: self.registry.get(target), attribute: owner };
            let change = change.clone();
            self.inverse_of(&own, (id, many), &owning, &change, guards)?;
        }
        Ok(())
    }

    /// Updates links that the other side stores: its drafts get the order that was sent; then every version that is written (the published
    /// ones, and those of all locales if these share the attribute) loses and gets exactly the links that this write removes and adds.
    fn inverse_of(
        &mut self,
        own: &Target,
        (attribute, many): (AttributeId, bool),
        owning: &OwningSide<'_>,
        change: &LinkChange,
        guards: &Guards,
    ) -> Result<()> {
        let (registry, ct, target) = (self.registry, self.ct, owning.content_type.id);
        let locale = self.save.link_locale.clone();
        let side = |published: bool, locale| Inverse::of(registry, ct, attribute, published, locale);
        let publish = self.save.publish && owning.content_type.draft_publish;
        let (Some(first), Some(all)) = (side(false, &locale), side(publish, &locale)) else { return Ok(()) };

        let before = self.tx.inverse_links(&first, &own.document_id)?;
        let after = self.changed(many, change, &before)?;
        let held = self.tx.inverse_links(&all, &own.document_id)?;
        let kept = self.changed(many, change, &held)?;
        let gone: Vec<LinkTo> = held.into_iter().filter(|h| kept.iter().all(|k| k.target != h.target)).collect();
        let mut new: Vec<LinkTo> =
            after.iter().filter(|l| change.connect.iter().any(|c| c.target == l.target)).cloned().collect();

        // Their rows change: in one order, whoever changes them.
        let mut changed: Vec<&str> = gone.iter().chain(&after).map(|l| l.target.document_id.as_str()).collect();
        changed.sort_unstable();
        changed.dedup();
        for document in changed {
            self.tx.hold(target, document, Hold::Change)?;
        }

        let single = owning.is_single_reference(registry);
        let versions = if guards.restrict(target) || owning.is_shared() || single {
            owning.versions(self, gone.iter().chain(&new), &locale, publish)?
        } else {
            Vec::new()
        };
        let mut touched = Vec::new();
        if guards.restrict(target) {
            for version in &versions {
                let wanted = new.iter().any(|l| l.target.document_id == version.document_id);
                if owning.links(self, version, own)? != wanted {
                    touched.push(version);
                    guards.check_linked(self.tx, target, &version.document_id, &version.locale)?;
                }
            }
        }
        if single {
            // A row that may point at one thing only gives up what it pointed at.
            let link = || LinkTo { target: own.clone(), position: None, inverse: 0 };
            for version in versions.iter().filter(|v| new.iter().any(|l| l.target.document_id == v.document_id)) {
                let held = self.tx.owned_links(target, owning.attribute, version.id)?;
                self.tx.set_owned_links(target, owning.attribute, version.id, &held, &[link()])?;
            }
        } else {
            self.tx.set_inverse_links(&first, &own.document_id, &before, &after)?;
        }
        if publish || owning.is_shared() || single {
            let placed = self.tx.inverse_links(&first, &own.document_id)?;
            let key = |l: &LinkTo| placed.iter().find(|p| p.target == l.target).and_then(|p| p.position);
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
                    self.tx.set_inverse_links(&all, &own.document_id, &gone, &new)?;
                }
            }
        }
        for version in touched {
            guards.check_linked(self.tx, target, &version.document_id, &version.locale)?;
        }
        Ok(())
    }
}

/// The attribute that stores the links of an inverse one.
struct OwningSide<'a> {
    content_type: &'a ContentType,
    attribute: AttributeId,
}

impl OwningSide<'_> {
    /// Whether its locales have one value.
    fn is_shared(&self) -> bool {
        self.content_type.localized && !self.content_type.attributes[self.attribute].localized
    }

    /// Whether it links to one document of any type.
    fn is_single_reference(&self, registry: &Registry) -> bool {
        let link = registry.link(&self.content_type.attributes[self.attribute]);
        link.is_some_and(|l| !l.many && l.storage == LinkStorage::References)
    }

    /// The versions of linked documents that a write changes.
    fn versions<'l>(
        &self,
        write: &Write<'_, '_>,
        links: impl Iterator<Item = &'l LinkTo>,
        locale: &str,
        publish: bool,
    ) -> Result<Vec<Row>> {
        let ct = self.content_type;
        let mut versions = Vec::new();
        for link in links {
            let document = &link.target.document_id;
            versions.extend(write.tx.rows(ct.id, document, !ct.draft_publish)?);
            if publish {
                versions.extend(write.tx.rows(ct.id, document, true)?);
            }
        }
        versions.retain(|v| !ct.localized || self.is_shared() || v.locale == locale);
        Ok(versions)
    }

    /// Whether a row links to `target`.
    fn links(&self, write: &Write<'_, '_>, row: &Row, target: &Target) -> Result<bool> {
        if let Some((document, _)) = row.to_one.get(&self.attribute) {
            return Ok(*document == target.document_id);
        }
        let links = write.tx.owned_links(self.content_type.id, self.attribute, row.id)?;
        Ok(links.iter().any(|l| l.target == *target))
    }
}

/// Collects what is to be linked, also inside components.
fn connected<'v>(values: &'v [Value], found: &mut Vec<&'v Target>) {
    for value in values {
        match value {
            Value::Change(change) => found.extend(change.connect.iter().map(|c| &c.target)),
            Value::Instance(instance) => connected(&instance.values, found),
            Value::Instances(list) => list.iter().for_each(|i| connected(&i.values, found)),
            _ => {}
        }
    }
}
