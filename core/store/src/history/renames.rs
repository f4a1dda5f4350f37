//! Names at the time of history entries. A change of the schema renames the types of entries in place; names inside stored versions are
//! left unchanged, and resolved when they are read.

use crate::connection::Connection;
use crate::namespaces;
use crate::{Reader, Result};

/// A rename: entries up to number `upto` have the old name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRename {
    /// The last entry before the rename.
    pub upto: i64,
    /// Uid of the type or component whose attribute was renamed, right before the rename; empty if types or components themselves are
    /// renamed, and the names are uids.
    pub owner: String,
    /// The name before.
    pub old: String,
    /// The name after.
    pub new: String,
}

impl namespaces::History<Reader<'_>> {
    /// The renames since an entry, in their order.
    pub fn list_renames(&self, entry: i64) -> Result<Vec<HistoryRename>> {
        read_renames(self.tx.conn, entry)
    }
}

fn read_renames(conn: &Connection, entry: i64) -> Result<Vec<HistoryRename>> {
    let sql = "SELECT upto, owner, old_name, new_name FROM cairn_history_names WHERE upto >= ?1 ORDER BY id";
    conn.query_all("reading the history", sql, [entry], |r| {
        Ok(HistoryRename { upto: r.get(0)?, owner: r.get(1)?, old: r.get(2)?, new: r.get(3)? })
    })
}
