//! `cairn_asset_standings`: the state of files' licensing when it was last reported, and when each has to be checked again.

use crate::connection::{Param, ToParam};
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// The reported state of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageStatusRow {
    /// Document id of the file.
    pub document_id: String,
    /// Name of the state.
    pub state: String,
    /// True if the file was delivered.
    pub delivered: bool,
    /// When it has to be checked again.
    pub next_change: Option<i64>,
}

impl namespaces::UsageStatuses<Reader<'_>> {
    /// Files that have to be checked by now, longest waiting first.
    pub fn list_due(&self, now: i64, limit: i64) -> Result<Vec<String>> {
        let sql = "SELECT document_id FROM cairn_asset_standings WHERE next_change <= ?1 ORDER BY next_change, document_id LIMIT ?2";
        self.tx.conn.query_all("finding licences that change", sql, (now, limit), |r| r.get(0))
    }

    /// The last reported states of these files; those never reported are left out.
    pub fn get_many(&self, documents: &[&str]) -> Result<Vec<UsageStatusRow>> {
        let inside = self.tx.conn.dialect().in_list("document_id", 1);
        let sql =
            format!("SELECT document_id, state, delivered, next_change FROM cairn_asset_standings WHERE {inside}");
        self.tx.conn.query_all("reading licensing states of files", &sql, [Param::Texts(documents)], |r| {
            Ok(UsageStatusRow {
                document_id: r.get(0)?,
                state: r.get(1)?,
                delivered: r.get(2)?,
                next_change: r.get(3)?,
            })
        })
    }

    /// Files with a reported state, in the order of their documents, behind `after`.
    pub fn list_files(&self, after: &str, limit: i64) -> Result<Vec<String>> {
        let sql = "SELECT document_id FROM cairn_asset_standings WHERE document_id > ?1 ORDER BY document_id LIMIT ?2";
        self.tx.conn.query_all("reading licensing states of files", sql, (after, limit), |r| r.get(0))
    }
}

impl namespaces::UsageStatuses<&mut WriteTx<'_>> {
    /// Stores the reported states of files.
    pub fn save(&mut self, all: &[UsageStatusRow], now: i64) -> Result<()> {
        let sql = "INSERT INTO cairn_asset_standings (document_id, state, delivered, next_change, told_at) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (document_id) DO UPDATE SET state = excluded.state, delivered = excluded.delivered,
                     next_change = excluded.next_change, told_at = excluded.told_at";
        let rows: Vec<Vec<Param<'_>>> = all
            .iter()
            .map(|t| {
                vec![
                    t.document_id.param(),
                    t.state.param(),
                    t.delivered.param(),
                    t.next_change.map_or(Param::Null, Param::Integer),
                    Param::Integer(now),
                ]
            })
            .collect();
        self.tx.conn.execute_each("recording licensing states of files", sql, &rows)
    }

    /// Makes all files with a reported state due for a check.
    pub fn mark_all_due(&mut self, now: i64) -> Result<()> {
        let sql = "UPDATE cairn_asset_standings SET next_change = ?1 WHERE next_change IS NULL OR next_change > ?1";
        self.tx.conn.execute("scheduling a licensing check", sql, [now]).map(drop)
    }

    /// Deletes the states of files without any records.
    pub fn delete(&mut self, documents: &[&str]) -> Result<()> {
        let inside = self.tx.conn.dialect().in_list("document_id", 1);
        let sql = format!("DELETE FROM cairn_asset_standings WHERE {inside}");
        self.tx.conn.execute("deleting licensing states of files", &sql, [Param::Texts(documents)]).map(drop)
    }
}
