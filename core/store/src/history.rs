//! `cairn_history`: the state of a version after every save, written in the transaction of the save.
//!
//! Times are milliseconds since 1970 in UTC and are passed by the caller.

mod entry;
mod purge;
mod read;
mod renames;
#[cfg(test)]
mod tests;

pub(crate) use entry::PendingHistoryEntry;
pub use entry::{HistoryStatus, NewHistoryEntry};
pub use purge::{HistoryPolicy, HistorySearch};
pub use read::{HistoryEntry, HistoryFilter};
pub use renames::HistoryRename;

use crate::connection::{Connection, Param, Row};
use crate::namespaces;
use crate::{Result, StoreError, WriteTx};
use entry::names_json;
use std::collections::HashSet;
use std::sync::Arc;

/// Milliseconds, from the first on, in which autosaves of one actor are folded into one row.
pub const AUTOSAVE_FOLD_MS: i64 = 5 * 60 * 1_000;

/// The last entry, as far as folding needs it.
struct LastEntry {
    id: i64,
    status: HistoryStatus,
    autosave: bool,
    actor_key: String,
    began: i64,
    changed: Vec<String>,
}

impl namespaces::History<&mut WriteTx<'_>> {
    /// Adds an entry. An autosave is folded into the entry before it of that document and locale if that is an autosave of the same actor
    /// and version whose first one was less than [`AUTOSAVE_FOLD_MS`] ago: the entry then covers both, and holds the present content. On PostgreSQL
    /// any other is written with the commit, without a round trip. The caller has locked the document.
    pub fn add(&mut self, h: NewHistoryEntry) -> Result<()> {
        if h.autosave {
            self.write_pending()?;
        }
        if h.autosave
            && let Some(last_entry) = self.get_last(&h.content_type, &h.document_id, &h.locale)?
            && last_entry.autosave
            && last_entry.status == h.status
            && last_entry.actor_key == h.actor.key()
            && h.at.saturating_sub(last_entry.began) < AUTOSAVE_FOLD_MS
        {
            let mut changed = last_entry.changed;
            for name in &h.changed {
                if !changed.contains(name) {
                    changed.push(name.clone());
                }
            }
            return self.tx
                .conn
                .execute(
                    "writing the history",
                    "UPDATE cairn_history SET version = ?2, at = ?3, actor = ?4, changed = ?5, note = coalesce(?6, note),
                       snapshot = ?7
                     WHERE id = ?1",
                    (last_entry.id, h.version, h.at, h.actor.to_json(), names_json(&changed), &h.note, &h.snapshot),
                )
                .map(drop);
        }
        self.tx.changes.history.push(Arc::new(PendingHistoryEntry::new(h)));
        match self.tx.conn {
            // Writes that share a commit see each other's entries.
            Connection::Sqlite(_) => self.write_pending(),
            Connection::Postgres(_) => Ok(()),
        }
    }

    /// Writes the entries that were collected for the commit.
    fn write_pending(&mut self) -> Result<()> {
        for entry in std::mem::take(&mut self.tx.changes.history) {
            self.tx.conn.execute("writing the history", PendingHistoryEntry::INSERT_SQL, &entry.to_params()[..])?;
        }
        Ok(())
    }

    /// True if a document has any entry in a locale.
    pub fn has_entries(&self, content_type: &str, document_id: &str, locale: &str) -> Result<bool> {
        let unwritten = |h: &Arc<PendingHistoryEntry>| h.is_about(content_type, document_id, locale);
        if self.tx.changes.history.iter().any(unwritten) {
            return Ok(true);
        }
        let sql = "SELECT 1 FROM cairn_history WHERE type = ?1 AND document_id = ?2 AND locale = ?3 LIMIT 1";
        self.tx.conn.exists("reading the history", sql, (content_type, document_id, locale))
    }

    /// Those of some documents that have an entry, each with the locale of one: one statement.
    pub fn find_documents_with_entries(
        &self,
        content_type: &str,
        documents: &[&str],
    ) -> Result<HashSet<(String, String)>> {
        let pending = self.tx.changes.history.iter().map(|h| &h.entry).filter(|h| h.content_type == content_type);
        let mut found: HashSet<_> = pending.map(|h| (h.document_id.clone(), h.locale.clone())).collect();
        let sql = format!(
            "SELECT DISTINCT document_id, locale FROM cairn_history WHERE type = ?1 AND {}",
            self.tx.conn.dialect().in_list("document_id", 2)
        );
        let values = [Param::Text(content_type), Param::Texts(documents)];
        found.extend(self.tx.conn.query_all("reading the history", &sql, values, |r| Ok((r.get(0)?, r.get(1)?)))?);
        Ok(found)
    }

    fn get_last(&self, content_type: &str, document_id: &str, locale: &str) -> Result<Option<LastEntry>> {
        let sql = "SELECT id, status, autosave, actor_key, coalesce(began, at), changed FROM cairn_history
                   WHERE type = ?1 AND document_id = ?2 AND locale = ?3 ORDER BY id DESC LIMIT 1";
        self.tx.conn.query_first("reading the history", sql, (content_type, document_id, locale), |r| {
            let id = r.get(0)?;
            let status = HistoryStatus::parse(&r.get::<String>(1)?);
            Ok(LastEntry {
                id,
                status,
                autosave: r.get(2)?,
                actor_key: r.get(3)?,
                began: r.get(4)?,
                changed: read_names(r, 5, id)?,
            })
        })
    }
}

fn read_names(r: &Row<'_>, column: usize, id: i64) -> Result<Vec<String>> {
    serde_json::from_str(&r.get::<String>(column)?)
        .map_err(|e| StoreError::Corrupt { place: format!("cairn_history {id}"), message: e.to_string() })
}
