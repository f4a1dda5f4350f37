//! `cairn_admin_sessions`: who is signed in to the admin, by the hash of the token.

use super::AdminUserRow;
use crate::{Reader, Result, StoreError, WriteTx};

impl Reader<'_> {
    /// The admin user of a session that has not expired.
    pub fn admin_of_session(&self, hash: &[u8], now: &str) -> Result<Option<AdminUserRow>> {
        let found = self.conn.first(
            "reading an admin session",
            "SELECT u.id, u.email, u.password_hash, u.roles FROM cairn_admin_sessions s
             JOIN cairn_admin_users u ON u.id = s.admin_user WHERE s.hash = ?1 AND s.expires_at > ?2",
            (hash, now),
            |r| Ok((r.get::<i64>(0)?, r.get(1)?, r.get(2)?, r.get::<String>(3)?)),
        )?;
        let Some((id, email, password_hash, roles)) = found else { return Ok(None) };
        let roles = serde_json::from_str(&roles)
            .map_err(|e| StoreError::Corrupt { place: format!("cairn_admin_users {id}"), message: e.to_string() })?;
        Ok(Some(AdminUserRow { id, email, password_hash, roles }))
    }

    /// The admin user of that (lower-case) e-mail address.
    pub fn admin_by_email(&self, email: &str) -> Result<Option<AdminUserRow>> {
        Ok(self.admin_users()?.into_iter().find(|user| user.email == email))
    }
}

impl WriteTx<'_> {
    /// Begins a session; those that have expired go. [`StoreError::Conflict`] where the user is gone, or has another password.
    pub fn insert_admin_session(
        &mut self,
        hash: &[u8],
        user: &AdminUserRow,
        now: &str,
        expires_at: &str,
    ) -> Result<()> {
        self.conn.execute("ending admin sessions", "DELETE FROM cairn_admin_sessions WHERE expires_at <= ?1", [now])?;
        // Holds the user: a new password ends this session, or this one sees it.
        let sql = "UPDATE cairn_admin_users SET updated_at = updated_at WHERE id = ?1 AND password_hash = ?2";
        if self.conn.execute("holding an admin user", sql, (user.id, &user.password_hash))? == 0 {
            return Err(StoreError::Conflict);
        }
        let sql = "INSERT INTO cairn_admin_sessions (hash, admin_user, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)";
        self.conn.execute("beginning an admin session", sql, (hash, user.id, now, expires_at)).map(drop)
    }

    /// Ends a session.
    pub fn delete_admin_session(&mut self, hash: &[u8]) -> Result<()> {
        self.conn
            .execute("ending an admin session", "DELETE FROM cairn_admin_sessions WHERE hash = ?1", [hash])
            .map(drop)
    }
}
