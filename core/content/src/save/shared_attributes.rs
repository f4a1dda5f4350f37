//! Attributes that are not localised: one value for all versions of a document.

use super::DocumentWrite;
use super::guard::WriteGuards;
use crate::Result;
use crate::document_event::DocumentEvent;
use crate::history::{self, HistoryEntryInfo};
use cairn_model::{AttributeId, LinkStorage};
use cairn_store::StoreError;
use cairn_store::content::DocumentRow;
use cairn_store::history::HistoryStatus;

impl DocumentWrite<'_, '_> {
    /// Attributes with one value for all locales.
    pub(super) fn shared_attributes(&self) -> Vec<AttributeId> {
        self.ct.attributes.iter().filter(|(_, a)| !a.localized).map(|(i, _)| i).collect()
    }

    /// Takes over what all locales share into a new locale's version, except what the client sends: a default counts as "not sent". Returns
    /// the row whose links it shares.
    pub(super) fn inherit_shared(&mut self, row: &mut DocumentRow) -> Result<Option<i64>> {
        if !self.ct.localized {
            return Ok(None);
        }
        let mut others =
            self.tx.reader().documents().find_rows(self.ct.id, &row.document_id, !self.ct.draft_publish)?;
        if others.is_empty() {
            // From before its type had drafts.
            others = self.tx.reader().documents().find_rows(self.ct.id, &row.document_id, true)?;
        }
        let Some(other) = others.into_iter().next() else { return Ok(None) };
        for a in self.shared_attributes() {
            match self.link_storage(a) {
                Some(LinkStorage::Column) => {
                    if let Some(link) = other.to_one.get(&a) {
                        row.to_one.insert(a, link.clone());
                    }
                }
                Some(_) => {}
                None if self.save.input.named[a] => {}
                None => {
                    row.values[a] = other.values[a].clone();
                    self.tx.documents().renumber_instances(&mut row.values[a])?;
                }
            }
        }
        Ok(Some(other.id))
    }

    /// Sets what all locales share on the document's other versions: on every draft, and when publishing on the published ones. They retain
    /// their ids and times, and are not written if nothing differs. Returns the locales that were written.
    pub(super) fn share_attributes(&mut self, row: &DocumentRow, guards: &WriteGuards) -> Result<Vec<String>> {
        if self.shared_attributes().is_empty() {
            return Ok(Vec::new());
        }
        let mut others =
            self.tx.reader().documents().find_rows(self.ct.id, &row.document_id, !self.ct.draft_publish)?;
        if self.ct.draft_publish && self.save.publish {
            others.extend(self.tx.reader().documents().find_rows(self.ct.id, &row.document_id, true)?);
        }
        self.share_with(row, others, guards)
    }

    /// Does the same as [`Self::share_attributes`] for these versions, except those of the row's locale.
    pub(super) fn share_with(
        &mut self,
        row: &DocumentRow,
        others: Vec<DocumentRow>,
        guards: &WriteGuards,
    ) -> Result<Vec<String>> {
        let shared = self.shared_attributes();
        let mut written_locales = Vec::new();
        for mut other in others.into_iter().filter(|o| o.locale != row.locale) {
            let document_row = other.clone();
            let mut changed = false;
            let (mut relinked, mut before) = (Vec::new(), Vec::new());
            for &a in &shared {
                match self.link_storage(a) {
                    Some(LinkStorage::Column) => {
                        let (new, old) = (row.to_one.get(&a), other.to_one.get(&a));
                        if new.map(|(target, _)| target) != old.map(|(target, _)| target) {
                            changed = true;
                            match new {
                                Some(link) => other.to_one.insert(a, link.clone()),
                                None => other.to_one.remove(&a),
                            };
                        }
                    }
                    Some(LinkStorage::Inverse) => {}
                    Some(_) => {
                        let targets = |row: i64| -> Result<Vec<_>> {
                            let links = self.tx.reader().links().find_owned(self.ct.id, a, row)?;
                            Ok(links.into_iter().map(|l| l.target).collect())
                        };
                        let previous_targets = targets(other.id)?;
                        if targets(row.id)? != previous_targets {
                            relinked.push(a);
                            before.push((a, previous_targets));
                        }
                    }
                    None if row.values[a].has_same_content(&other.values[a]) => {}
                    None => {
                        changed = true;
                        other.values[a] = row.values[a].clone();
                        self.tx.documents().renumber_instances(&mut other.values[a])?;
                    }
                }
            }
            if !changed && relinked.is_empty() {
                continue;
            }
            guards.check_own(self.tx, &other.document_id, &other.locale)?;
            if changed {
                self.require_unique_components(&other)?;
                match self.tx.documents().update_row(self.ct.id, &mut other) {
                    Err(StoreError::Unique) => return Err(self.unique_error(&other)?),
                    done => done?,
                }
                self.release_one_to_one(&other, other.published, guards)?;
            }
            self.tx.links().clear(self.ct.id, other.id, &relinked)?;
            self.tx.links().copy(self.ct.id, row.id, other.id, Some(&relinked))?;
            guards.check_own(self.tx, &other.document_id, &other.locale)?;
            // A published version is covered by the entry of its draft.
            if other.published != self.ct.draft_publish {
                let note = format!("shared by locale {}", row.locale);
                let status = if other.published { HistoryStatus::Published } else { HistoryStatus::Draft };
                let info =
                    HistoryEntryInfo { note: Some(&note), ..self.author.history_info(DocumentEvent::Updated, status) };
                history::record_save(self.tx, self.ct.id, Some(&document_row), &other, &before, &info)?;
            }
            if !written_locales.contains(&other.locale) {
                written_locales.push(other.locale);
            }
        }
        Ok(written_locales)
    }

    /// Where an attribute's links are stored; `None` if it is not a link.
    pub(super) fn link_storage(&self, attribute: AttributeId) -> Option<LinkStorage> {
        self.registry.attribute_link(&self.ct.attributes[attribute]).map(|l| l.storage)
    }
}
