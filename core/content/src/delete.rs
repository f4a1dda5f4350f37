//! `DELETE /api/<plural>/<documentId>`.

use crate::history::{self, record_deleted};
use crate::record::{Happened, Version, emit};
use crate::save::locales;
use crate::{Ask, Content, ContentError, Result};
use cairn_query::{Action, StatusGiven};
use cairn_store::Hold;
use cairn_store::history::HistoryStatus;
use serde_json::json;
use std::sync::Arc;

impl Content {
    /// Deletes a document: of a localised type one locale's versions, or with `locale=*` all. What is not there is no
    /// error; what the caller's row condition hides is 404, also where it hides one of the versions that would go. `expected`:
    /// only where a version that would go has this token.
    pub async fn delete(&self, ask: Ask<'_>, document_id: &str, expected: Option<i64>) -> Result<()> {
        let ready = self.ready(&ask, Action::Delete, false)?;
        if let Some(mistake) = &ready.planned.deferred {
            return Err(mistake.clone().into());
        }
        let ct = self.registry().get(ask.content_type);
        if ct.draft_publish && ready.planned.status_given == StatusGiven::Draft {
            return Err(ContentError::validation(
                "A draft cannot be deleted on its own: delete the document, or publish it again",
            ));
        }
        let locale = (ct.localized && ready.planned.locale != "*").then(|| ready.planned.locale.clone());
        let guard = self.guard(&ask, Action::Delete).map(Arc::new);
        let (content_type, document_id, by) = (ask.content_type, document_id.to_owned(), self.by(&ask));
        self.store
            .write(move |tx| {
                tx.hold(content_type, &document_id, Hold::Delete)?;
                if let Some(guard) = &guard {
                    let mut gone = locales(tx, content_type, &document_id)?;
                    gone.retain(|l| locale.as_ref().is_none_or(|locale| locale == l));
                    if !guard.holds_all(&tx.reader(), &document_id, &gone)? {
                        return Err(ContentError::not_found());
                    }
                }
                if let Some(expected) = expected {
                    let published = !tx.registry().get(content_type).draft_publish;
                    let mut gone = tx.rows(content_type, &document_id, published)?;
                    gone.retain(|row| locale.as_ref().is_none_or(|locale| *locale == row.locale));
                    if !gone.iter().any(|row| row.version == expected) {
                        let Some(row) = gone.first() else { return Err(ContentError::stale(expected, None)) };
                        let seen = history::Seen { content_type, document_id: &document_id, locale: &row.locale };
                        return Err(history::stale(tx, &seen, expected, Some(row.version))?);
                    }
                }
                let registry = tx.registry();
                let ct = registry.get(content_type);
                let mut gone = locales(tx, content_type, &document_id)?;
                gone.retain(|l| locale.as_ref().is_none_or(|locale| locale == l));
                // Who sees published versions alone has to hear of it where one of these goes.
                let published: Vec<String> =
                    tx.rows(content_type, &document_id, true)?.into_iter().map(|row| row.locale).collect();
                let made = by.made(Happened::Deleted, HistoryStatus::Draft);
                record_deleted(tx, content_type, &document_id, locale.as_deref(), &made)?;
                if !tx.delete(content_type, &document_id, locale.as_deref())? {
                    return Ok(());
                }
                for locale in &gone {
                    let version = Version { ct, document_id: &document_id, locale, published: !ct.draft_publish };
                    let data = json!({ "published": published.contains(locale) });
                    emit(tx, &by, Happened::Deleted, version, data)?;
                }
                Ok(())
            })
            .await
    }
}
