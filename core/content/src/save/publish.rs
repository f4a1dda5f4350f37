//! One locale's version between draft and published, inside a transaction: the steps of the use-cases in `crate::publish`. The
//! document is locked already.

use super::guard::WriteGuards;
use super::{CheckedSave, DocumentWrite, WriteTarget};
use crate::body::CastInput;
use crate::document_event::{self, DocumentEvent, VersionRef, WriteAuthor};
use crate::history;
use crate::hooks::Hooks;
use crate::publish::{AttributeLinks, PublishGates};
use crate::{ContentError, Precondition, Refusal, Result, WriteOptions};
use cairn_model::*;
use cairn_query::Action;
use cairn_store::content::DocumentRow;
use cairn_store::content::links::PositionedLink;
use cairn_store::history::HistoryStatus;
use cairn_store::{LockMode, StoreError, WriteTx};
use serde_json::json;
use std::sync::Arc;

impl<'a, 'tx> DocumentWrite<'a, 'tx> {
    /// A write for an existing version, without sent values. `now`: ISO text.
    pub(crate) fn for_version(
        registry: &'a Registry,
        ct: &'a ContentType,
        tx: &'a mut WriteTx<'tx>,
        locale: &str,
        now: String,
        (by, hooks): (WriteAuthor, Option<Arc<dyn Hooks>>),
    ) -> Self {
        let n = ct.attributes.len();
        let save = CheckedSave {
            target: WriteTarget::New,
            action: Action::Update,
            locale: locale.to_owned(),
            link_locale: locale.to_owned(),
            publish: true,
            input: CastInput { values: vec![Value::Absent; n], named: vec![false; n] },
            precondition: Precondition::None,
        };
        Self { registry, ct, tx, now, author: by, save, options: WriteOptions::default(), hooks }
    }

    /// Draft and published version, if they exist.
    pub(crate) fn load_versions(&self, id: &str) -> Result<(Option<DocumentRow>, Option<DocumentRow>)> {
        let row = |published| self.tx.reader().documents().get_row(self.ct.id, id, &self.save.locale, published);
        Ok((row(false)?, row(true)?))
    }

    /// Why a draft cannot be published: its values, values that another entry has, refusals of gates.
    pub(crate) fn publish_refusals(&mut self, draft: &DocumentRow, gates: &PublishGates) -> Result<Vec<Refusal>> {
        let mut errors = cairn_model::validate::check_values(self.registry, &self.ct.attributes, &draft.values);
        errors.extend(self.find_component_clashes(draft)?);
        for a in self.tx.reader().documents().find_unique_clashes(
            self.ct.id,
            &draft.document_id,
            &draft.locale,
            &draft.values,
        )? {
            errors.push(crate::secrets::taken_error(&self.ct.attributes[a], &draft.values[a]));
        }
        let mut refusals = Vec::new();
        if !errors.is_empty()
            && let ContentError::Refused(refusal) = ContentError::field_errors(errors)
        {
            refusals.push(refusal);
        }
        refusals.extend(gates.collect_refusals(
            self.tx,
            self.ct.id,
            &draft.document_id,
            &draft.locale,
            &self.author.actor,
        )?);
        Ok(refusals)
    }

    /// Publishes a draft that was checked. Other locales' published versions take over what all locales share. Links that another document
    /// stores are published with that one.
    pub(crate) fn publish_draft(&mut self, draft: &DocumentRow) -> Result<()> {
        let guards = WriteGuards::unrestricted();
        match self.tx.documents().publish_row(self.ct.id, draft, &self.now, false) {
            Err(StoreError::Unique) => return Err(self.unique_error(draft)?),
            other => other?,
        };
        self.release_one_to_one(draft, true, &guards)?;
        let shared = if self.ct.localized { self.share_attributes(draft, &guards)? } else { Vec::new() };
        self.record_history(DocumentEvent::Published, HistoryStatus::Published, draft, draft, &[])?;
        let data = document_event::save_event_data(draft.version, &[], &shared);
        self.emit_version_event(DocumentEvent::Published, draft, true, data)
    }

    /// Deletes the published version; if it has no draft, creates one from it first. Returns the draft.
    pub(crate) fn unpublish_version(&mut self, id: &str, draft: Option<DocumentRow>) -> Result<Option<DocumentRow>> {
        let draft = match draft {
            Some(draft) => Some(draft),
            None => self.create_draft_from_published(id)?,
        };
        self.tx.documents().unpublish_row(self.ct.id, id, &self.save.locale)?;
        if let Some(draft) = &draft {
            self.record_history(DocumentEvent::Unpublished, HistoryStatus::Draft, draft, draft, &[])?;
            self.emit_version_event(DocumentEvent::Unpublished, draft, false, json!({ "version": draft.version }))?;
        }
        Ok(draft)
    }

    /// Resets the draft to the values, links, references and time of the published version; other locales' drafts take over what all
    /// locales share. Increments its version token.
    pub(crate) fn reset_draft(&mut self, draft: &DocumentRow, published: &DocumentRow) -> Result<DocumentRow> {
        let guards = WriteGuards::unrestricted();
        self.save.publish = false;
        let mut row = DocumentRow {
            id: draft.id,
            published: false,
            published_at: None,
            created_at: draft.created_at.clone(),
            version: draft.version,
            ..published.clone()
        };
        row.values.iter_mut().try_for_each(|value| self.tx.documents().renumber_instances(value))?;
        match self.tx.documents().update_row(self.ct.id, &mut row) {
            Err(StoreError::Unique) => return Err(self.unique_error(&row)?),
            other => other?,
        }
        let all: Vec<AttributeId> = self.ct.attributes.iter().map(|(id, _)| id).collect();
        let before = self.load_links(row.id)?;
        self.tx.links().clear(self.ct.id, row.id, &all)?;
        self.tx.links().copy(self.ct.id, published.id, row.id, None)?;
        self.release_one_to_one(&row, false, &guards)?;
        let shared = if self.ct.localized { self.share_attributes(&row, &guards)? } else { Vec::new() };
        let changed = self.record_history(DocumentEvent::DraftDiscarded, HistoryStatus::Draft, draft, &row, &before)?;
        self.emit_version_event(
            DocumentEvent::DraftDiscarded,
            &row,
            false,
            document_event::save_event_data(row.version, &changed, &shared),
        )?;
        Ok(row)
    }

    /// Publishes a row that is not from a draft, with these links. `before`: what is published now. Links to documents that do not exist
    /// any more are left out; the document is locked.
    pub(crate) fn publish_row(
        &mut self,
        mut row: DocumentRow,
        before: Option<DocumentRow>,
        links: AttributeLinks,
    ) -> Result<()> {
        let guards = WriteGuards::unrestricted();
        let target_exists = |target: &LinkTarget| {
            Ok(self.tx.lock_document(target.content_type, &target.document_id, LockMode::Link)?)
        };
        row.values.iter_mut().try_for_each(|value| retain_existing_links(value, &target_exists))?;
        for (id, a) in self.ct.attributes.iter() {
            let target =
                self.registry.attribute_link(a).and_then(|l| l.target).zip(row.to_one.get(&id).map(|(d, _)| d.clone()));
            let Some((content_type, document_id)) = target else { continue };
            if target_exists(&LinkTarget { content_type, document_id: document_id.clone() })? {
                row.to_one.insert(id, (document_id, self.tx.end_position()));
            } else {
                row.to_one.remove(&id);
            }
        }
        let mut linked = Vec::with_capacity(links.len());
        for (attribute, targets) in links {
            let mut positioned_links = Vec::with_capacity(targets.len());
            for target in targets {
                if target_exists(&target)? {
                    positioned_links.push(PositionedLink { target, position: None, inverse: self.tx.end_position() });
                }
            }
            linked.push((attribute, positioned_links));
        }
        row.values.iter_mut().try_for_each(|value| self.tx.documents().renumber_instances(value))?;
        let links_before = before.as_ref().map_or_else(|| Ok(Vec::new()), |before| self.load_links(before.id))?;
        self.tx.documents().unpublish_row(self.ct.id, &row.document_id, &row.locale)?;
        row.id = match self.tx.documents().insert_row(self.ct.id, &row) {
            Err(StoreError::Unique) => return Err(self.unique_error(&row)?),
            id => id?,
        };
        for (attribute, links) in linked {
            self.tx.links().set_owned(self.ct.id, attribute, row.id, &[], &links)?;
        }
        self.release_one_to_one(&row, true, &guards)?;
        let shared = if self.ct.localized {
            let others = self.tx.reader().documents().find_rows(self.ct.id, &row.document_id, true)?;
            self.share_with(&row, others, &guards)?
        } else {
            Vec::new()
        };
        let info = self.author.history_info(DocumentEvent::Published, HistoryStatus::Published);
        let changed = history::record_save(self.tx, self.ct.id, before.as_ref(), &row, &links_before, &info)?;
        let mut data = document_event::save_event_data(row.version, &changed, &shared);
        data["restored"] = true.into();
        self.emit_version_event(DocumentEvent::Published, &row, true, data)
    }

    /// The targets that each attribute of a row has in link tables.
    fn load_links(&self, row: i64) -> Result<Vec<(AttributeId, Vec<LinkTarget>)>> {
        let mut all = Vec::new();
        for (id, _) in self.ct.attributes.iter() {
            if matches!(self.link_storage(id), Some(LinkStorage::Table | LinkStorage::References)) {
                let links = self.tx.reader().links().find_owned(self.ct.id, id, row)?;
                all.push((id, links.into_iter().map(|l| l.target).collect()));
            }
        }
        Ok(all)
    }

    /// Writes the history; returns the names of changed attributes.
    fn record_history(
        &mut self,
        happened: DocumentEvent,
        status: HistoryStatus,
        document_row: &DocumentRow,
        row: &DocumentRow,
        before: &[(AttributeId, Vec<LinkTarget>)],
    ) -> Result<Vec<String>> {
        let info = self.author.history_info(happened, status);
        history::record_save(self.tx, self.ct.id, Some(document_row), row, before, &info)
    }

    /// Emits the event.
    fn emit_version_event(
        &mut self,
        happened: DocumentEvent,
        row: &DocumentRow,
        published: bool,
        data: serde_json::Value,
    ) -> Result<()> {
        let version = VersionRef { ct: self.ct, document_id: &row.document_id, locale: &row.locale, published };
        document_event::emit_event(self.tx, &self.author, happened, version, data)
    }

    /// True if two versions are equal: values, links and their order. Ids of component instances and times make no difference.
    pub(crate) fn has_equal_content(&self, a: &DocumentRow, b: &DocumentRow) -> Result<bool> {
        let target = |row: &DocumentRow, id| row.to_one.get(&id).map(|(target, _)| target.clone());
        for (id, _) in self.ct.attributes.iter() {
            let equal = match self.link_storage(id) {
                None => a.values[id].has_same_content(&b.values[id]),
                Some(LinkStorage::Column) => target(a, id) == target(b, id),
                Some(LinkStorage::Inverse) => true,
                Some(_) => {
                    let targets = |row: &DocumentRow| -> Result<Vec<LinkTarget>> {
                        let links = self.tx.reader().links().find_owned(self.ct.id, id, row.id)?;
                        Ok(links.into_iter().map(|l| l.target).collect())
                    };
                    targets(a)? == targets(b)?
                }
            };
            if !equal {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Removes links to missing documents from components.
fn retain_existing_links(value: &mut Value, target_exists: &dyn Fn(&LinkTarget) -> Result<bool>) -> Result<()> {
    match value {
        Value::Instance(instance) => {
            instance.values.iter_mut().try_for_each(|v| retain_existing_links(v, target_exists))
        }
        Value::Instances(list) => {
            list.iter_mut().flat_map(|i| &mut i.values).try_for_each(|v| retain_existing_links(v, target_exists))
        }
        Value::Links(targets) => {
            let mut link_targets = Vec::with_capacity(targets.len());
            for target in targets.drain(..) {
                if target_exists(&target)? {
                    link_targets.push(target);
                }
            }
            *targets = link_targets;
            Ok(())
        }
        _ => Ok(()),
    }
}
