//! Deletes entries that a policy no longer retains.

use crate::connection::Param;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// Rules for the retention of entries. An entry that no rule retains may be deleted; the last one of a document and locale always stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryPolicy {
    /// Number of newest entries retained for each document and locale; at least one.
    pub versions: i64,
    /// Time in milliseconds from which on entries are retained.
    pub since: i64,
    /// True if all entries of published versions are retained.
    pub published: bool,
}

/// Progress of a search for entries that may be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistorySearch {
    /// Entries that may be deleted.
    pub found: Vec<i64>,
    /// The last entry examined; `None` once all were.
    pub after: Option<i64>,
}

impl namespaces::History<Reader<'_>> {
    /// Examines up to `limit` entries behind a number.
    pub fn find_purgeable(&self, policy: &HistoryPolicy, after: i64, limit: i64) -> Result<HistorySearch> {
        // The index of documents finds the newest entries, which are retained.
        let sql = "SELECT h.id, (h.status <> 'published' OR ?4 = FALSE)
                     AND EXISTS (SELECT 1 FROM cairn_history n WHERE n.type = h.type AND n.document_id = h.document_id
                                   AND n.locale = h.locale AND n.id > h.id LIMIT 1 OFFSET ?5)
                   FROM cairn_history h WHERE h.id > ?1 AND h.at < ?2 ORDER BY h.id LIMIT ?3";
        let offset = policy.versions.max(1) - 1;
        let params: [Param<'_>; 5] =
            [after.into(), policy.since.into(), limit.into(), Param::Bool(policy.published), offset.into()];
        let examined_rows: Vec<(i64, bool)> =
            self.tx.conn.query_all("finding old history", sql, &params[..], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let after = examined_rows.last().filter(|_| examined_rows.len() as i64 == limit).map(|(id, _)| *id);
        let found = examined_rows.into_iter().filter(|(_, is_purgeable)| *is_purgeable).map(|(id, _)| id).collect();
        Ok(HistorySearch { found, after })
    }
}

impl namespaces::History<&mut WriteTx<'_>> {
    /// Deletes these entries.
    pub fn delete(&mut self, entries: &[i64]) -> Result<usize> {
        if entries.is_empty() {
            return Ok(0);
        }
        let sql = format!("DELETE FROM cairn_history WHERE {}", self.tx.conn.dialect().in_list("id", 1));
        self.tx.conn.execute("removing old history", &sql, [Param::Integers(entries)])
    }

    /// Deletes all entries of a document, with those of this transaction; returns their number.
    pub fn delete_for_document(&mut self, content_type: &str, document_id: &str) -> Result<usize> {
        let pending = &mut self.tx.changes.history;
        let collected = pending.len();
        pending.retain(|entry| !entry.is_about_document(content_type, document_id));
        let dropped = collected - pending.len();
        let sql = "DELETE FROM cairn_history WHERE type = ?1 AND document_id = ?2";
        Ok(dropped + self.tx.conn.execute("removing history", sql, (content_type, document_id))?)
    }
}
