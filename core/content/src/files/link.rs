//! `ref`, `refId` and `field` of an upload: new files are linked to a media attribute of an entry at once.
//!
//! Existing rows are changed in place. Publishing the draft instead would publish what its editors have not finished, and give the entry's
//! row a new id, under which the next upload to it would not find it any more.

use crate::document_event::{DocumentEvent, VersionRef, WriteAuthor, emit_event, save_event_data};
use crate::history;
use crate::hooks::{HookDecision, Hooks};
use crate::row_guard::RowGuard;
use crate::save::DocumentWrite;
use crate::{Content, ContentError, RequestContext, Result};
use cairn_model::{AttributeId, ContentType, FieldKind, LinkStorage, LinkTarget, Registry, TargetRef, TypeId};
use cairn_query::{Action, Query};
use cairn_store::content::DocumentRow;
use cairn_store::content::links::PositionedLink;
use cairn_store::history::HistoryStatus;
use cairn_store::{LockMode, WriteTx};
use std::sync::Arc;

/// Where to link new files, in the client's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRequest {
    /// `ref`: the uid of a content type.
    pub content_type: String,
    /// `refId`: the numeric id of a row of that type.
    pub row: String,
    /// `field`: a media attribute of it.
    pub attribute: String,
}

/// A link request that matches the model and the caller's permissions.
pub(super) struct UploadLink {
    content_type: TypeId,
    attribute: AttributeId,
    row: i64,
    guard: Option<RowGuard>,
}

impl Content {
    /// Checks a link request, so that no file is stored for one that would be refused.
    pub(super) fn check_upload_link(&self, context: &RequestContext<'_>, request: &LinkRequest) -> Result<UploadLink> {
        let LinkRequest { content_type: uid, row, attribute: name } = request;
        let Some(ct) = self.registry().by_uid(uid) else {
            return Err(ContentError::validation(format!("ref: content type {uid:?} not found")));
        };
        if !context.access.allows_action(ct.id, Action::Update) {
            return Err(ContentError::forbidden());
        }
        let media = ct.attributes.get(name).filter(|(_, a)| matches!(a.kind, FieldKind::Media { .. }));
        let Some((attribute, _)) = media.filter(|(a, _)| context.access.allows_attribute(ct, *a, Action::Update))
        else {
            return Err(ContentError::validation(format!("field: {uid} has no media attribute {name:?}")));
        };
        let not_there = || entry_not_found(ct, row);
        let row = row.parse().map_err(|_| not_there())?;
        let context = RequestContext { content_type: ct.id, query: Query::empty(), ..*context };
        let guard = self.compile_guard(&context, Action::Update)?;
        let document = self.store().read(|r| r.documents().resolve(ct.id, &TargetRef::Row(row), None))?;
        document.ok_or_else(not_there)?;
        Ok(UploadLink { content_type: ct.id, attribute, row, guard })
    }
}

impl UploadLink {
    /// True if files of that entry are private.
    pub(super) fn is_private(&self, registry: &Registry) -> bool {
        registry.get(self.content_type).private_files
    }

    /// Links files to the entry: to its draft and, if the row is published, to the published version too. A single file replaces the old
    /// one, a list is appended to.
    pub(super) fn attach_files(
        &self,
        tx: &mut WriteTx<'_>,
        files: &[String],
        now: &str,
        by: &WriteAuthor,
        hooks: Option<&Arc<dyn Hooks>>,
    ) -> Result<()> {
        let registry = tx.registry();
        let ct = registry.get(self.content_type);
        // The entry was found outside the transaction: it may have been deleted since.
        let not_there = || entry_not_found(ct, &self.row.to_string());
        let document =
            tx.reader().documents().resolve(ct.id, &TargetRef::Row(self.row), None)?.ok_or_else(not_there)?;
        tx.lock_document(ct.id, &document, LockMode::Change)?;
        let drafts = tx.reader().documents().find_rows(ct.id, &document, false)?;
        let published = tx.reader().documents().find_rows(ct.id, &document, true)?;
        let linked_row = drafts.iter().chain(&published).find(|r| r.id == self.row).ok_or_else(not_there)?;
        let (locale, to_published) = (linked_row.locale.clone(), linked_row.published);
        let find_updated_at =
            |rows: &[DocumentRow]| rows.iter().find(|r| r.locale == locale).map(|r| r.updated_at.clone());
        let in_step = find_updated_at(&drafts).is_none_or(|draft| Some(draft) == find_updated_at(&published));
        let shared = ct.localized && !ct.attributes[self.attribute].localized;
        let versions = drafts.into_iter().chain(published.into_iter().filter(|_| to_published));
        // The other locales follow where they share the attribute, and keep their times.
        let versions: Vec<DocumentRow> = versions.filter(|row| row.locale == locale || shared).collect();
        let locales: Vec<String> = versions.iter().map(|row| row.locale.clone()).collect();
        if let Some(guard) = &self.guard
            && !guard.matches_all(&tx.reader(), &document, &locales)?
        {
            return Err(not_there());
        }
        for mut row in versions {
            // A published version stays as old beside its draft as it was: editors see whether there is more to publish.
            if row.locale == locale && (!row.published || in_step) {
                now.clone_into(&mut row.updated_at);
                if !ct.draft_publish {
                    row.published_at = Some(now.to_owned());
                }
            }
            let document_row = row.clone();
            let mut write = DocumentWrite::for_version(
                &registry,
                ct,
                tx,
                &row.locale,
                now.to_owned(),
                (by.clone(), hooks.cloned()),
            );
            self.check_hooks(&mut write, &row, files)?;
            let before = self.attach_to_version(tx, ct, &mut row, files)?;
            let version = VersionRef { ct, document_id: &document, locale: &row.locale, published: row.published };
            let happened =
                if row.published && ct.draft_publish { DocumentEvent::Published } else { DocumentEvent::Updated };
            let status = if row.published { HistoryStatus::Published } else { HistoryStatus::Draft };
            let changed = history::record_save(
                tx,
                ct.id,
                Some(&document_row),
                &row,
                &before,
                &by.history_info(happened, status),
            )?;
            emit_event(tx, by, happened, version, save_event_data(row.version, &changed, &[]))?;
        }
        match &self.guard {
            Some(guard) if !guard.matches_all(&tx.reader(), &document, &locales)? => Err(ContentError::forbidden()),
            _ => Ok(()),
        }
    }

    /// Calls the hooks of a version that is about to have files. Returns their refusal; amendments of other attributes are refused too, since
    /// only the link is written here.
    fn check_hooks(&self, write: &mut DocumentWrite<'_, '_>, row: &DocumentRow, files: &[String]) -> Result<()> {
        let change = write.load_link_change(row, self.attribute, files)?;
        let Some((action, before, after)) = change else { return Ok(()) };
        match write.call_hooks(action, &row.document_id, Some(before), Some(after))? {
            HookDecision::Allow => Ok(()),
            HookDecision::Amend(_) => Err(ContentError::application(
                "a plugin changes other fields of the entry when files are added: upload them first, then link them by an update of the entry",
            )),
        }
    }

    /// Links files to one version. Returns what the attribute had in its table before.
    fn attach_to_version(
        &self,
        tx: &mut WriteTx<'_>,
        ct: &ContentType,
        row: &mut DocumentRow,
        files: &[String],
    ) -> Result<Vec<(AttributeId, Vec<LinkTarget>)>> {
        let registry = tx.registry();
        let Some(link) = registry.attribute_link(&ct.attributes[self.attribute]) else { return Ok(Vec::new()) };
        if link.storage == LinkStorage::Column {
            if let Some(last_file) = files.last() {
                row.to_one.insert(self.attribute, (last_file.clone(), tx.end_position()));
            }
            tx.documents().update_row(ct.id, row)?;
            return Ok(Vec::new());
        }
        tx.documents().update_row(ct.id, row)?;
        let before = tx.reader().links().find_owned(ct.id, self.attribute, row.id)?;
        let new = files.iter().map(|file| PositionedLink {
            target: LinkTarget { content_type: registry.file_type().id, document_id: file.clone() },
            position: None,
            inverse: tx.end_position(),
        });
        let after: Vec<PositionedLink> = before.iter().cloned().chain(new).collect();
        tx.links().set_owned(ct.id, self.attribute, row.id, &before, &after)?;
        Ok(vec![(self.attribute, before.into_iter().map(|link| link.target).collect())])
    }
}

fn entry_not_found(ct: &ContentType, row: &str) -> ContentError {
    ContentError::validation(format!("refId: entry {row:?} of {} not found", ct.uid))
}
