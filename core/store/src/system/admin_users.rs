//! `cairn_admin_users`: who may use the admin.

use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;
use std::fmt;

/// An admin user.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminUserRow {
    /// Their number.
    pub id: i64,
    /// Lower-case, unique.
    pub email: String,
    /// argon2id, in PHC form.
    pub password_hash: String,
    /// `super-admin`, `editor`, `author`.
    pub roles: Vec<String>,
}

impl fmt::Debug for AdminUserRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminUserRow").field("id", &self.id).field("roles", &self.roles).finish_non_exhaustive()
    }
}

impl Reader<'_> {
    /// All admin users in order of creation.
    pub fn admin_users(&self) -> Result<Vec<AdminUserRow>> {
        let rows: Vec<(i64, String, String, String)> = self.conn.all(
            "reading the admin users",
            "SELECT id, email, password_hash, roles FROM cairn_admin_users ORDER BY id",
            (),
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)),
        )?;
        rows.into_iter()
            .map(|(id, email, password_hash, roles)| {
                let roles = serde_json::from_str(&roles).map_err(|e| StoreError::Corrupt {
                    place: format!("cairn_admin_users {id}"),
                    message: e.to_string(),
                })?;
                Ok(AdminUserRow { id, email, password_hash, roles })
            })
            .collect()
    }
}

impl WriteTx<'_> {
    /// Adds an admin user, or changes the one of that (lower-case) e-mail address.
    pub fn set_admin_user(&mut self, email: &str, password_hash: &str, roles: &[String], now: &str) -> Result<()> {
        self.conn.execute(
            "ending admin sessions",
            "DELETE FROM cairn_admin_sessions WHERE admin_user IN
               (SELECT id FROM cairn_admin_users WHERE email = ?1 AND password_hash <> ?2)",
            (email, password_hash),
        )?;
        self.conn.execute("writing an admin user",
            "INSERT INTO cairn_admin_users (email, password_hash, roles, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)
             ON CONFLICT (email) DO UPDATE SET password_hash = excluded.password_hash, roles = excluded.roles,
               updated_at = excluded.updated_at",
            (email, password_hash, Json::from(roles).to_string(), now),
        )
        .map(drop)
    }

    /// Removes an admin user with their sessions.
    pub fn delete_admin_user(&mut self, email: &str) -> Result<()> {
        self.conn.execute(
            "removing an admin user",
            "DELETE FROM cairn_admin_sessions WHERE admin_user IN (SELECT id FROM cairn_admin_users WHERE email = ?1)",
            [email],
        )?;
        self.conn.execute("removing an admin user", "DELETE FROM cairn_admin_users WHERE email = ?1", [email]).map(drop)
    }
}
