//! `cairn_digest_entries`: entries that wait for a user's next digest.

use super::NewNotification;
use super::notifications::read_new;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use serde_json::Value as Json;

/// One line of a digest.
#[derive(Debug, Clone, PartialEq)]
pub struct DigestRow {
    /// Numeric id of the entry.
    pub id: i64,
    /// The notification that the line is about.
    pub notification: NewNotification,
    /// Time in milliseconds since 1970.
    pub at: i64,
}

impl namespaces::Digests<Reader<'_>> {
    /// Users with waiting entries.
    pub fn find_users(&self) -> Result<Vec<i64>> {
        let sql = "SELECT DISTINCT admin_user FROM cairn_digest_entries WHERE sent_at IS NULL ORDER BY admin_user";
        self.tx.conn.query_all("finding digests", sql, (), |r| r.get(0))
    }

    /// Lists the waiting entries of a user, oldest first.
    pub fn list_entries(&self, admin_user: i64, limit: i64) -> Result<Vec<DigestRow>> {
        let sql = "SELECT id, admin_user, kind, once_key, data, link, at FROM cairn_digest_entries
                   WHERE admin_user = ?1 AND sent_at IS NULL ORDER BY id LIMIT ?2";
        self.tx.conn.query_all("reading a digest", sql, (admin_user, limit), |r| {
            let (id, notification) = read_new(r, "cairn_digest_entries")?;
            Ok(DigestRow { id, notification, at: r.get(6)? })
        })
    }
}

impl namespaces::RecurringJobs<Reader<'_>> {
    /// True if a recurring job with that name exists.
    pub fn exists(&self, name: &str) -> Result<bool> {
        self.tx.conn.exists("finding a recurring job", "SELECT 1 FROM cairn_cron WHERE name = ?1", [name])
    }
}

impl namespaces::Digests<&mut WriteTx<'_>> {
    /// Adds an entry to a user's next digest. Returns `false` if it was added before.
    pub fn add_entry(&mut self, n: &NewNotification, now: i64) -> Result<bool> {
        let inserted = self.tx.conn.execute(
            "writing a digest",
            "INSERT INTO cairn_digest_entries (admin_user, kind, once_key, data, link, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (admin_user, once_key) DO NOTHING",
            (n.admin_user, &n.kind, &n.once_key, n.data.to_string(), n.link.as_ref().map(Json::to_string), now),
        )?;
        Ok(inserted > 0)
    }

    /// Marks the entries of a user, up to an id, as sent. Returns their number.
    pub fn mark_sent(&mut self, admin_user: i64, up_to: i64, at: i64) -> Result<usize> {
        let sql = "UPDATE cairn_digest_entries SET sent_at = ?3 WHERE admin_user = ?1 AND id <= ?2 AND sent_at IS NULL";
        self.tx.conn.execute("sending a digest", sql, (admin_user, up_to, at))
    }

    /// Deletes entries that were sent before `sent_before`, and waiting ones of deleted users. Returns their number.
    pub fn purge(&mut self, sent_before: i64, limit: i64) -> Result<usize> {
        self.tx.conn.execute(
            "removing old digests",
            "DELETE FROM cairn_digest_entries WHERE id IN (
               SELECT id FROM cairn_digest_entries
               WHERE sent_at < ?1 OR admin_user NOT IN (SELECT id FROM cairn_admin_users) LIMIT ?2)",
            (sent_before, limit),
        )
    }
}
