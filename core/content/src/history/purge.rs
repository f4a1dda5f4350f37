//! Retention: which entries of the history are retained, and for how long.

use super::CallerContext;
use crate::{Content, ContentError, Result};
use cairn_model::TypeId;
use cairn_query::Action;
use cairn_store::history::HistoryPolicy;

/// Number of entries checked, and deleted, at a time.
const ENTRIES_PER_BATCH: i64 = 1_000;
const DAY_MS: i64 = 86_400_000;

/// Rules for the retention of entries. An entry that no rule retains is deleted; the last one of a document and locale always stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryRetention {
    /// Number of newest entries of each document and locale.
    pub versions: u32,
    /// Number of days for which entries are retained; `None`: all.
    pub days: Option<u32>,
    /// True if all entries of published versions are retained.
    pub published: bool,
}

impl Default for HistoryRetention {
    fn default() -> Self {
        Self { versions: 100, days: Some(365), published: true }
    }
}

impl Content {
    /// Deletes some of what the policy no longer retains, continuing after entry `after`. Returns the number of deleted entries, and where
    /// to continue; `None`: all were checked. Each call is short.
    pub async fn purge_history(&self, retention: &HistoryRetention, after: i64) -> Result<(usize, Option<i64>)> {
        let Some(days) = retention.days else { return Ok((0, None)) };
        let since = self.access.now().timestamp_millis().saturating_sub(i64::from(days) * DAY_MS);
        let policy = HistoryPolicy { versions: retention.versions.into(), since, published: retention.published };
        let store = self.store.clone();
        let search = store
            .read_long(move |r| Ok::<_, ContentError>(r.history().find_purgeable(&policy, after, ENTRIES_PER_BATCH)?))
            .await?;
        let found = search.found;
        let removed = match found.is_empty() {
            true => 0,
            false => self.store.write(move |tx| tx.history().delete(&found)).await?,
        };
        Ok((removed, search.after))
    }

    /// Deletes the whole history of a deleted document, for good. Returns the number of entries.
    ///
    /// # Errors
    /// 403 without full access to the type, 400 if the document exists.
    pub async fn erase_history(
        &self,
        caller: &CallerContext<'_>,
        content_type: TypeId,
        document_id: &str,
    ) -> Result<usize> {
        if !caller.access.everything && !caller.access.allows_action(content_type, Action::Delete) {
            return Err(ContentError::forbidden());
        }
        let document = document_id.to_owned();
        self.store
            .write(move |tx| {
                if tx.reader().documents().exists(content_type, &document, None)? {
                    return Err(ContentError::validation(
                        "The document still exists: delete it before you erase its history",
                    ));
                }
                let uid = tx.registry().get(content_type).uid.clone();
                Ok(tx.history().delete_for_document(&uid, &document)?)
            })
            .await
    }
}
