//! Deleting documents: `DELETE /api/<plural>/<documentId>`.

use crate::document_event::{DocumentEvent, VersionRef, WriteAuthor, emit_event};
use crate::history::{self, record_deletion};
use crate::hooks::{HookAction, Hooks};
use crate::row_guard::RowGuard;
use crate::save::{DocumentWrite, document_locales};
use crate::{Content, ContentError, RequestContext, Result};
use cairn_model::TypeId;
use cairn_query::{Action, StatusParam};
use cairn_store::history::HistoryStatus;
use cairn_store::{LockMode, WriteTx};
use serde_json::json;
use std::sync::Arc;

impl Content {
    /// Deletes a document: for a localised type one locale's versions, or with `locale=*` all. A document that does not exist is not an
    /// error, as in Strapi. Callers with a row condition or a read policy get 404 for it, as for one of which these hide a version that is to be
    /// deleted or, where there is none in that locale, any version. `expected`: only if one of those versions has this token.
    pub async fn delete(&self, context: RequestContext<'_>, document_id: &str, expected: Option<i64>) -> Result<()> {
        let deletion = self.check_delete_request(&context, document_id, expected)?;
        self.store.write(move |tx| deletion.run(tx).map(drop)).await
    }

    /// The validated request.
    pub(crate) fn check_delete_request(
        &self,
        context: &RequestContext<'_>,
        document_id: &str,
        expected: Option<i64>,
    ) -> Result<Deletion> {
        let query = self.compile_query(context, Action::Delete, false)?;
        if let Some(mistake) = &query.planned.deferred {
            return Err(mistake.clone().into());
        }
        let ct = self.registry().get(context.content_type);
        if ct.draft_publish && query.planned.status_given == StatusParam::Draft {
            return Err(ContentError::validation(
                "A draft cannot be deleted on its own: delete the document, or publish it again",
            ));
        }
        let locale = (ct.localized && query.planned.locale != "*").then(|| query.planned.locale.clone());
        Ok(Deletion {
            content_type: context.content_type,
            document_id: document_id.to_owned(),
            locale,
            guard: self.compile_guard(context, Action::Delete)?.map(Arc::new),
            expected,
            by: self.write_author(context),
            hooks: self.hooks.clone(),
        })
    }
}

/// A validated deletion.
#[derive(Clone)]
pub(crate) struct Deletion {
    content_type: TypeId,
    document_id: String,
    /// Locale to delete; `None`: all of them.
    locale: Option<String>,
    guard: Option<Arc<RowGuard>>,
    expected: Option<i64>,
    by: WriteAuthor,
    hooks: Option<Arc<dyn Hooks>>,
}

impl Deletion {
    /// Runs the deletion; returns whether anything existed.
    pub(crate) fn run(&self, tx: &mut WriteTx<'_>) -> Result<bool> {
        let Self { content_type, document_id, locale, .. } = self;
        let content_type = *content_type;
        let matches_locale = |other: &str| locale.as_ref().is_none_or(|locale| locale == other);
        tx.lock_document(content_type, document_id, LockMode::Delete)?;
        let all_locales = document_locales(tx, content_type, document_id)?;
        let deleted_locales: Vec<String> =
            all_locales.iter().filter(|locale| matches_locale(locale)).cloned().collect();
        if let Some(guard) = &self.guard {
            // A document without these locales is checked by its others: one that the caller may not see must seem not to exist.
            let checked = if deleted_locales.is_empty() { &all_locales } else { &deleted_locales };
            if checked.is_empty() || !guard.matches_all(&tx.reader(), document_id, checked)? {
                return Err(ContentError::not_found());
            }
        }
        if let Some(expected) = self.expected {
            let published = !tx.registry().get(content_type).draft_publish;
            let mut rows = tx.reader().documents().find_rows(content_type, document_id, published)?;
            rows.retain(|row| matches_locale(&row.locale));
            if !rows.iter().any(|row| row.version == expected) {
                let Some(row) = rows.first() else { return Err(ContentError::stale_version(Some(expected), None)) };
                let key = history::VersionKey { content_type, document_id, locale: &row.locale };
                return Err(history::stale_version_error(tx, &key, Some(expected), Some(row.version))?);
            }
        }
        let registry = tx.registry();
        let ct = registry.get(content_type);
        for locale in &deleted_locales {
            let author_and_hooks = (self.by.clone(), self.hooks.clone());
            let mut write = DocumentWrite::for_version(&registry, ct, tx, locale, String::new(), author_and_hooks);
            if write.has_hooks(HookAction::Delete) {
                let (draft, published) = write.load_versions(document_id)?;
                write.run_step_hooks(HookAction::Delete, document_id, draft.or(published).as_ref(), None)?;
            }
        }
        // The published versions are listed, because listeners that see only these must be notified if one is deleted.
        let published: Vec<String> = tx
            .reader()
            .documents()
            .find_rows(content_type, document_id, true)?
            .into_iter()
            .map(|row| row.locale)
            .collect();
        let info = self.by.history_info(DocumentEvent::Deleted, HistoryStatus::Draft);
        record_deletion(tx, content_type, document_id, locale.as_deref(), &info)?;
        if !tx.documents().delete_versions(content_type, document_id, locale.as_deref())? {
            return Ok(false);
        }
        for locale in &deleted_locales {
            let version = VersionRef { ct, document_id, locale, published: !ct.draft_publish };
            let data = json!({ "published": published.contains(locale) });
            emit_event(tx, &self.by, DocumentEvent::Deleted, version, data)?;
        }
        Ok(true)
    }
}
