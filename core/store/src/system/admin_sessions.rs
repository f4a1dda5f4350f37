//! `cairn_admin_sessions`: sessions of the admin, by the hash of the token.

use super::AdminUserRow;
use super::admin_users::{COLUMNS, read_admin_user};
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};

/// A session of an admin user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminSessionRow {
    /// SHA-256 of its token.
    pub hash: Vec<u8>,
    /// When its user last authenticated, ISO 8601 in UTC.
    pub created_at: String,
    /// When it expires, ISO 8601 in UTC; extended while it is used.
    pub expires_at: String,
    /// When it was last used, approximately, ISO 8601 in UTC.
    pub seen_at: Option<String>,
    /// IP address of the client.
    pub ip: Option<String>,
    /// User agent of the browser.
    pub agent: Option<String>,
}

const SESSION_COLUMNS: &str = "s.hash, s.created_at, s.expires_at, s.seen_at, s.ip, s.agent";

fn read_session(r: &crate::connection::Row<'_>, first: usize) -> Result<AdminSessionRow> {
    Ok(AdminSessionRow {
        hash: r.get(first)?,
        created_at: r.get(first + 1)?,
        expires_at: r.get(first + 2)?,
        seen_at: r.get(first + 3)?,
        ip: r.get(first + 4)?,
        agent: r.get(first + 5)?,
    })
}

impl namespaces::AdminSessions<Reader<'_>> {
    /// The admin user of a session that has not expired, and the session; `None` if the user may not sign in any more.
    pub fn get_admin_user(&self, hash: &[u8], now: &str) -> Result<Option<(AdminUserRow, AdminSessionRow)>> {
        let sql = format!(
            "SELECT {COLUMNS}, {SESSION_COLUMNS} FROM cairn_admin_sessions s JOIN cairn_admin_users u ON u.id = s.admin_user
             WHERE s.hash = ?1 AND s.expires_at > ?2 AND u.active = TRUE"
        );
        self.tx.conn.query_first("reading an admin session", &sql, (hash, now), |r| {
            Ok((read_admin_user(r)?, read_session(r, 12)?))
        })
    }

    /// Lists the sessions of an admin user that have not expired, the latest first.
    pub fn list(&self, admin_user: i64, now: &str) -> Result<Vec<AdminSessionRow>> {
        let sql = format!(
            "SELECT {SESSION_COLUMNS} FROM cairn_admin_sessions s WHERE s.admin_user = ?1 AND s.expires_at > ?2
             ORDER BY s.created_at DESC, s.hash LIMIT 200"
        );
        self.tx.conn.query_all("reading admin sessions", &sql, (admin_user, now), |r| read_session(r, 0))
    }
}

impl namespaces::AdminSessions<&mut WriteTx<'_>> {
    /// Adds a session; deletes expired ones. [`StoreError::Conflict`] if the user was deleted, may not sign in any more,
    /// or has another password.
    pub fn create(&mut self, new: &AdminSessionRow, user: &AdminUserRow) -> Result<()> {
        self.tx.conn.execute(
            "ending admin sessions",
            "DELETE FROM cairn_admin_sessions WHERE expires_at <= ?1",
            [new.created_at.as_str()],
        )?;
        // Holds the user: a new password ends this session, or this one sees it.
        let sql = "UPDATE cairn_admin_users SET updated_at = updated_at WHERE id = ?1 AND password_hash = ?2 AND active = TRUE";
        if self.tx.conn.execute("locking an admin user", sql, (user.id, &user.password_hash))? == 0 {
            return Err(StoreError::Conflict);
        }
        let sql = "INSERT INTO cairn_admin_sessions (hash, admin_user, created_at, expires_at, seen_at, ip, agent)
                   VALUES (?1, ?2, ?3, ?4, ?3, ?5, ?6)";
        let values = (&new.hash, user.id, &new.created_at, &new.expires_at, &new.ip, &new.agent);
        self.tx.conn.execute("starting an admin session", sql, values).map(drop)
    }

    /// Records that a session was used, and extends it.
    pub fn extend(&mut self, hash: &[u8], seen_at: &str, expires_at: &str) -> Result<()> {
        let sql = "UPDATE cairn_admin_sessions SET seen_at = ?2, expires_at = ?3 WHERE hash = ?1 AND expires_at < ?3";
        self.tx.conn.execute("extending an admin session", sql, (hash, seen_at, expires_at)).map(drop)
    }

    /// Records that the user of a session has authenticated again. Returns `false` if it has ended.
    pub fn renew(&mut self, hash: &[u8], now: &str, expires_at: &str) -> Result<bool> {
        let sql = "UPDATE cairn_admin_sessions SET created_at = ?2, seen_at = ?2, expires_at = ?3 WHERE hash = ?1 AND expires_at > ?2";
        Ok(self.tx.conn.execute("renewing an admin session", sql, (hash, now, expires_at))? > 0)
    }

    /// Ends a session.
    pub fn delete(&mut self, hash: &[u8]) -> Result<()> {
        self.tx.touch_callers();
        self.tx
            .conn
            .execute("ending an admin session", "DELETE FROM cairn_admin_sessions WHERE hash = ?1", [hash])
            .map(drop)
    }

    /// Ends the sessions of an admin user, except the one with the hash `but`; returns their number.
    pub fn end_for_user(&mut self, admin_user: i64, but: &[u8]) -> Result<usize> {
        self.tx.touch_callers();
        let sql = "DELETE FROM cairn_admin_sessions WHERE admin_user = ?1 AND hash <> ?2";
        self.tx.conn.execute("ending admin sessions", sql, (admin_user, but))
    }
}
