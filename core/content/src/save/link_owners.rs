//! Other documents whose links a write changes: those that store the links of an inverse attribute, and those that lose a one-to-one
//! target. For them it is an update like any other, except that it leaves their times: their hooks run, their version tokens increase, and
//! it is recorded. All of them are read and recorded together, whatever their number.

#[cfg(test)]
mod tests;

use super::hooks::{blame_plugin, cast_amendment};
use super::{CheckedSave, DocumentWrite, WriteGuards, WriteTarget};
use crate::document_event::{DocumentEvent, RecordingLevel, VersionRef, emit_event, save_event_data};
use crate::history::{self, LinksByAttribute, build_snapshot};
use crate::hooks::{HookAction, HookDecision};
use crate::publish::PublishGates;
use crate::read_scope::ReadScope;
use crate::{ContentError, Result, WriteOptions};
use cairn_model::validate::FieldError;
use cairn_model::*;
use cairn_store::content::{DocumentRow, LinkOwner};
use cairn_store::history::HistoryStatus;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// Number of versions with hooks whose links one attribute of a write may change: each is a call of a plugin inside the transaction.
const MAX_HOOKED_OWNERS: usize = 100;

/// Number of times that an amendment may change documents whose hooks amend them in turn.
const MAX_AMENDMENT_DEPTH: u8 = 4;

/// A change of the links that other documents store to one document.
pub(super) struct OwnerChange<'a> {
    /// Type of these documents.
    pub(super) content_type: &'a ContentType,
    /// Their attribute.
    pub(super) attribute: AttributeId,
    /// The document that they link to, before or afterwards.
    pub(super) target: LinkTarget,
    /// The attribute that the client has sent, for errors.
    pub(super) sent: &'a str,
    /// The versions that get the link, or lose it.
    pub(super) versions: Vec<LinkOwner>,
}

/// Results of the checks of an [`OwnerChange`], before it is written.
#[derive(Default)]
pub(super) struct CheckedOwnerChange {
    before: Vec<StoredVersion>,
    amendments: Vec<(DocumentRow, Map<String, Json>)>,
}

/// A row with the links that it does not hold itself.
struct StoredVersion {
    row: DocumentRow,
    links: LinksByAttribute,
}

impl OwnerChange<'_> {
    fn rows(&self) -> Vec<i64> {
        self.versions.iter().map(|version| version.row).collect()
    }

    /// The rows whose change has not been recorded: a document that links to itself is the one that is written.
    fn rows_of_others(&self) -> Vec<i64> {
        let is_target = |version: &LinkOwner| {
            self.content_type.id == self.target.content_type && version.document_id == self.target.document_id
        };
        self.versions.iter().filter(|version| !is_target(version)).map(|version| version.row).collect()
    }

    /// The action that hooks are called for: of a type with drafts, what changes the published version is a publication.
    fn action(&self, published: bool) -> HookAction {
        if published && self.content_type.draft_publish { HookAction::Publish } else { HookAction::Update }
    }

    /// The version as it will be.
    fn apply(&self, registry: &Registry, stored: &StoredVersion) -> StoredVersion {
        let mut after = StoredVersion { row: stored.row.clone(), links: stored.links.clone() };
        let has_link = self.versions.iter().any(|version| version.row == stored.row.id && version.is_linked);
        let link = registry.attribute_link(&self.content_type.attributes[self.attribute]);
        match link.map(|link| (link.storage, link.many)) {
            Some((LinkStorage::Column, _)) if has_link => {
                after.row.to_one.remove(&self.attribute);
            }
            Some((LinkStorage::Column, _)) => {
                after.row.to_one.insert(self.attribute, (self.target.document_id.clone(), 0));
            }
            Some((_, many)) => {
                let targets = after.links.entry(self.attribute).or_default();
                if !many {
                    targets.clear();
                }
                targets.retain(|target| *target != self.target);
                if !has_link {
                    targets.push(self.target.clone());
                }
            }
            None => {}
        }
        after
    }
}

impl<'tx> DocumentWrite<'_, 'tx> {
    /// Calls the hooks of the documents whose links are about to change. Must be called before the change, with the documents locked.
    pub(super) fn check_owner_change(&mut self, change: &OwnerChange<'_>) -> Result<CheckedOwnerChange> {
        let (registry, ct) = (self.registry, change.content_type);
        let has_hooks = |action| self.hooks.as_ref().is_some_and(|hooks| hooks.has_before_hooks(ct.id, action));
        let hooked = change.versions.iter().filter(|version| has_hooks(change.action(version.published))).count();
        if change.versions.is_empty() || (hooked == 0 && self.author.recording == RecordingLevel::Nothing) {
            return Ok(CheckedOwnerChange::default());
        }
        if hooked > MAX_HOOKED_OWNERS {
            let message = format!(
                "{} changes {hooked} entries of {}, each of which a plugin checks: at most {MAX_HOOKED_OWNERS} in one request",
                change.sent, ct.uid
            );
            let path = vec![change.sent.to_owned()];
            return Err(ContentError::field_errors(vec![FieldError { path, message, value: None }]));
        }
        let before = self.load_stored_versions(ct, &change.rows())?;
        let mut amendments = Vec::new();
        for stored in &before {
            let action = change.action(stored.row.published);
            let mut write = self.write_of_owner(ct, &stored.row);
            if !write.has_hooks(action) {
                continue;
            }
            let after = change.apply(registry, stored);
            let snapshot = |version: &StoredVersion| build_snapshot(registry, ct, &version.row, &version.links);
            let decision =
                write.call_hooks(action, &stored.row.document_id, Some(snapshot(stored)), Some(snapshot(&after)));
            if let HookDecision::Amend(patch) = decision.map_err(|error| name_sent_attribute(error, change.sent))? {
                amendments.push((stored.row.clone(), patch));
            }
        }
        Ok(CheckedOwnerChange { before, amendments })
    }

    /// Records a change that was written, and writes what hooks have amended.
    pub(super) fn record_owner_change(&mut self, change: &OwnerChange<'_>, checked: CheckedOwnerChange) -> Result<()> {
        let (ct, rows) = (change.content_type, change.rows_of_others());
        if !rows.is_empty() {
            self.tx.documents().increment_versions(ct.id, &rows)?;
        }
        if !rows.is_empty() && self.author.recording != RecordingLevel::Nothing {
            let after = self.load_stored_versions(ct, &rows)?;
            self.record_owner_versions(change, &checked.before, &after)?;
        }
        for (row, patch) in checked.amendments {
            self.amend_owner(ct, &row, &patch)?;
        }
        Ok(())
    }

    fn record_owner_versions(
        &mut self,
        change: &OwnerChange<'_>,
        before: &[StoredVersion],
        after: &[StoredVersion],
    ) -> Result<()> {
        let ct = change.content_type;
        let (published, drafts): (Vec<_>, Vec<_>) =
            after.iter().partition(|version| version.row.published && ct.draft_publish);
        let earlier: HashMap<i64, &StoredVersion> = before.iter().map(|version| (version.row.id, version)).collect();
        let pairs: Vec<_> = drafts
            .into_iter()
            .filter_map(|now| Some((*earlier.get(&now.row.id)?, now)))
            .map(|(then, now)| ((&then.row, &then.links), (&now.row, &now.links)))
            .collect();
        let status = if ct.draft_publish { HistoryStatus::Draft } else { HistoryStatus::Published };
        let info = self.author.history_info(DocumentEvent::Updated, status);
        let changed = history::record_link_changes(self.tx, ct, &pairs, &info)?;
        for ((_, (row, _)), changed) in pairs.iter().zip(&changed) {
            let version =
                VersionRef { ct, document_id: &row.document_id, locale: &row.locale, published: !ct.draft_publish };
            let data = save_event_data(row.version, changed, &[]);
            emit_event(self.tx, &self.author, DocumentEvent::Updated, version, data)?;
        }
        // A published version is covered by the entry of its draft.
        let changed = [ct.attributes[change.attribute].name.clone()];
        for StoredVersion { row, .. } in published {
            let version = VersionRef { ct, document_id: &row.document_id, locale: &row.locale, published: true };
            let data = save_event_data(row.version, &changed, &[]);
            emit_event(self.tx, &self.author, DocumentEvent::Published, version, data)?;
        }
        Ok(())
    }

    /// Writes the values that hooks have set on a document whose links have changed.
    fn amend_owner(&mut self, ct: &ContentType, row: &DocumentRow, patch: &Map<String, Json>) -> Result<()> {
        let depth = self.options.amendment_depth + 1;
        if depth > MAX_AMENDMENT_DEPTH {
            return Err(ContentError::application(format!(
                "hooks amend entries that are related to each other more than {MAX_AMENDMENT_DEPTH} levels deep: the change was not saved"
            )));
        }
        let registry = self.registry;
        let mut write = self.write_of_owner(ct, row);
        let id = &row.document_id;
        let input = cast_amendment(registry, ReadScope::Transaction(write.tx), ct, patch, &write.save, Some(id))
            .map_err(blame_plugin)?;
        let target = WriteTarget::Document { id: id.clone(), make_locale: false };
        write.save = CheckedSave { target, input, ..write.save.clone() };
        write.options = WriteOptions { amendment_depth: depth, ..WriteOptions::default() };
        // A value that does not fit is the plugin's mistake, and a row condition of the caller does not bind the plugin.
        write.run(&WriteGuards::unrestricted(), &PublishGates::default(), None).map(drop).map_err(blame_plugin)
    }

    /// A write for a version of another document, on behalf of the same actor.
    fn write_of_owner<'w>(&'w mut self, ct: &'w ContentType, row: &DocumentRow) -> DocumentWrite<'w, 'tx> {
        let author_and_hooks = (self.author.clone(), self.hooks.clone());
        let mut write =
            DocumentWrite::for_version(self.registry, ct, self.tx, &row.locale, self.now.clone(), author_and_hooks);
        // Of what has drafts, the draft is amended.
        write.save.publish = !ct.draft_publish;
        write.save.link_locale.clone_from(&self.save.link_locale);
        write
    }

    /// Rows with their links: two statements, and one for links inside components.
    fn load_stored_versions(&self, ct: &ContentType, rows: &[i64]) -> Result<Vec<StoredVersion>> {
        let mut links = self.tx.reader().links().find_targets_of_rows(ct.id, rows)?;
        let stored = self.tx.reader().documents().get_rows(ct.id, rows)?;
        let with_links = |row: DocumentRow| {
            let links = links.remove(&row.id).unwrap_or_default().into_iter().collect();
            StoredVersion { row, links }
        };
        Ok(stored.into_iter().map(with_links).collect())
    }
}

/// Puts the attribute that the client has sent before the paths in a hook's refusal: they are attributes of another document.
fn name_sent_attribute(error: ContentError, sent: &str) -> ContentError {
    match error {
        ContentError::Refused(mut refusal) => {
            let errors = refusal.details.get_mut("errors").and_then(Json::as_array_mut);
            for path in errors.into_iter().flatten().filter_map(|error| error.get_mut("path")?.as_array_mut()) {
                path.insert(0, sent.into());
            }
            ContentError::Refused(refusal)
        }
        other => other,
    }
}
