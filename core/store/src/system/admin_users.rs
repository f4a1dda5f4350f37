//! `cairn_admin_users`: users of the admin.

use crate::connection::Row;
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use cairn_contact_details::email::list_variants;
use serde_json::Value as Json;
use std::fmt;

/// An admin user.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AdminUserRow {
    /// Numeric id of the user.
    pub id: i64,
    /// E-mail address, lower-case, unique.
    pub email: String,
    /// argon2id hash in PHC form; empty for a user who was invited and has not chosen a password yet.
    pub password_hash: String,
    /// Codes of their roles: `super-admin`, `editor`, or any name.
    pub roles: Vec<String>,
    /// First name, as entered by the user.
    pub first_name: Option<String>,
    /// Last name, as entered by the user.
    pub last_name: Option<String>,
    /// Language in which they want the admin UI.
    pub language: Option<String>,
    /// True if they may sign in.
    pub active: bool,
    /// The encrypted secret of an authenticator; see [`Self::authenticator`].
    pub totp: Option<String>,
    /// The last time step whose code was used.
    pub totp_used: Option<i64>,
    /// Time of the last sign-in, ISO 8601 in UTC.
    pub signed_in_at: Option<String>,
    /// Time of creation, ISO 8601 in UTC.
    pub created_at: String,
}

impl AdminUserRow {
    /// Prefix of a secret in [`Self::totp`] that was not confirmed with a code yet.
    pub const TOTP_OFFERED: &str = "offered ";

    /// First and last name; empty if neither is known.
    pub fn full_name(&self) -> String {
        let names: Vec<&str> = [&self.first_name, &self.last_name].into_iter().flatten().map(String::as_str).collect();
        names.join(" ")
    }

    /// Name that people call them by: first and last name, else the e-mail address.
    pub fn display_name(&self) -> String {
        match self.full_name().trim() {
            "" => self.email.clone(),
            name => name.to_owned(),
        }
    }

    /// The encrypted secret of their authenticator, if they have one.
    pub fn authenticator(&self) -> Option<&str> {
        self.totp.as_deref().filter(|totp| !totp.starts_with(Self::TOTP_OFFERED))
    }
}

impl fmt::Debug for AdminUserRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminUserRow").field("id", &self.id).field("roles", &self.roles).finish_non_exhaustive()
    }
}

/// The profile that users edit themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdminProfile {
    /// First name, as entered by the user.
    pub first_name: Option<String>,
    /// Last name, as entered by the user.
    pub last_name: Option<String>,
    /// Language of the admin UI.
    pub language: Option<String>,
}

/// The columns that [`read_admin_user`] reads, of a table `u`.
pub(super) const COLUMNS: &str = "u.id, u.email, u.password_hash, u.roles, u.first_name, u.last_name, u.language, u.active, u.totp, u.totp_used, \
                                  u.signed_in_at, u.created_at";

/// Reads a row of [`COLUMNS`].
pub(super) fn read_admin_user(r: &Row<'_>) -> Result<AdminUserRow> {
    let id: i64 = r.get(0)?;
    let roles: String = r.get(3)?;
    let corrupt =
        |e: serde_json::Error| StoreError::Corrupt { place: format!("cairn_admin_users {id}"), message: e.to_string() };
    Ok(AdminUserRow {
        id,
        email: r.get(1)?,
        password_hash: r.get(2)?,
        roles: serde_json::from_str(&roles).map_err(corrupt)?,
        first_name: r.get(4)?,
        last_name: r.get(5)?,
        language: r.get(6)?,
        active: r.get(7)?,
        totp: r.get(8)?,
        totp_used: r.get(9)?,
        signed_in_at: r.get(10)?,
        created_at: r.get(11)?,
    })
}

impl namespaces::AdminUsers<Reader<'_>> {
    /// Lists all admin users in order of creation.
    pub fn list(&self) -> Result<Vec<AdminUserRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_admin_users u ORDER BY u.id");
        self.tx.conn.query_all("reading the admin users", &sql, (), read_admin_user)
    }

    /// Gets the admin user with that id.
    pub fn get(&self, id: i64) -> Result<Option<AdminUserRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_admin_users u WHERE u.id = ?1");
        self.tx.conn.query_first("reading an admin user", &sql, [id], read_admin_user)
    }

    /// Gets the admin user with that e-mail address, whatever its case and however its domain is spelled. Where several users have spellings of
    /// it, the user with this one.
    pub fn get_by_email(&self, email: &str) -> Result<Option<AdminUserRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_admin_users u WHERE u.email = ?1");
        for variant in list_variants(email) {
            if let Some(user) = self.tx.conn.query_first("reading an admin user", &sql, [variant], read_admin_user)? {
                return Ok(Some(user));
            }
        }
        Ok(None)
    }

    /// True if there is any admin user.
    pub fn has_any(&self) -> Result<bool> {
        let sql = "SELECT id FROM cairn_admin_users LIMIT 1";
        Ok(self.tx.conn.query_first("finding an admin user", sql, (), |r| r.get::<i64>(0))?.is_some())
    }
}

impl namespaces::AdminUsers<&mut WriteTx<'_>> {
    /// Adds an admin user, or changes the one with that (lower-case) e-mail address, however its domain is spelled.
    pub fn save(&mut self, email: &str, password_hash: &str, roles: &[String], now: &str) -> Result<()> {
        self.tx.touch_callers();
        let before = self.tx.reader().admin_users().get_by_email(email)?;
        let email = before.as_ref().map_or(email, |user| user.email.as_str());
        self.tx.conn.execute(
            "ending admin sessions",
            "DELETE FROM cairn_admin_sessions WHERE admin_user IN
               (SELECT id FROM cairn_admin_users WHERE email = ?1 AND password_hash <> ?2)",
            (email, password_hash),
        )?;
        if let Some(user) = before.as_ref().filter(|user| user.password_hash != password_hash) {
            self.tx.admin_codes().delete_all(user.id)?;
        }
        self.tx.conn.execute("writing an admin user",
            "INSERT INTO cairn_admin_users (email, password_hash, roles, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)
             ON CONFLICT (email) DO UPDATE SET password_hash = excluded.password_hash, roles = excluded.roles,
               updated_at = excluded.updated_at",
            (email, password_hash, Json::from(roles).to_string(), now),
        )
        .map(drop)
    }

    /// Adds an admin user, and returns their id. [`StoreError::Unique`] if another has that address.
    pub fn create(&mut self, email: &str, password_hash: &str, roles: &[String], now: &str) -> Result<i64> {
        if self.tx.reader().admin_users().get_by_email(email)?.is_some() {
            return Err(StoreError::Unique);
        }
        self.save(email, password_hash, roles, now)?;
        Ok(self.tx.reader().admin_users().get_by_email(email)?.ok_or(StoreError::Conflict)?.id)
    }

    /// Writes the profile of a user.
    pub fn set_profile(&mut self, id: i64, profile: &AdminProfile, now: &str) -> Result<()> {
        let sql = "UPDATE cairn_admin_users SET first_name = ?2, last_name = ?3, language = ?4, updated_at = ?5 WHERE id = ?1";
        let values = (id, &profile.first_name, &profile.last_name, &profile.language, now);
        self.tx.conn.execute("writing a profile", sql, values).map(drop)
    }

    /// Changes the address of an admin user, and deletes their codes. [`StoreError::Unique`] if another has it.
    pub fn set_email(&mut self, id: i64, email: &str, now: &str) -> Result<()> {
        if self.tx.reader().admin_users().get_by_email(email)?.is_some_and(|user| user.id != id) {
            return Err(StoreError::Unique);
        }
        let sql = "UPDATE cairn_admin_users SET email = ?2, updated_at = ?3 WHERE id = ?1";
        self.tx.conn.execute_unique("changing an address", sql, (id, email, now))?;
        self.tx.admin_codes().delete_all(id)
    }

    /// Replaces the roles of an admin user.
    pub fn set_roles(&mut self, id: i64, roles: &[String], now: &str) -> Result<()> {
        self.tx.touch_callers();
        let sql = "UPDATE cairn_admin_users SET roles = ?2, updated_at = ?3 WHERE id = ?1";
        self.tx.conn.execute("changing roles", sql, (id, Json::from(roles).to_string(), now)).map(drop)
    }

    /// Changes the password of an admin user, deletes their codes, and ends their sessions, except the one with the hash `but`.
    pub fn set_password(&mut self, id: i64, password_hash: &str, but: &[u8], now: &str) -> Result<()> {
        let sql = "UPDATE cairn_admin_users SET password_hash = ?2, updated_at = ?3 WHERE id = ?1";
        self.tx.conn.execute("changing a password", sql, (id, password_hash, now))?;
        self.tx.admin_codes().delete_all(id)?;
        self.tx.admin_sessions().end_for_user(id, but).map(drop)
    }

    /// Sets whether an admin user may sign in, and deletes their codes; if not, ends their sessions.
    pub fn set_active(&mut self, id: i64, active: bool, now: &str) -> Result<()> {
        self.tx.touch_callers();
        let sql = "UPDATE cairn_admin_users SET active = ?2, updated_at = ?3 WHERE id = ?1";
        self.tx.conn.execute("changing an admin user", sql, (id, active, now))?;
        self.tx.admin_codes().delete_all(id)?;
        if !active {
            self.tx.admin_sessions().end_for_user(id, &[])?;
        }
        Ok(())
    }

    /// Records a sign-in.
    pub fn record_sign_in(&mut self, id: i64, now: &str) -> Result<()> {
        let sql = "UPDATE cairn_admin_users SET signed_in_at = ?2 WHERE id = ?1";
        self.tx.conn.execute("recording a sign-in", sql, (id, now)).map(drop)
    }

    /// Deletes an admin user with everything that belongs only to them.
    pub fn delete(&mut self, email: &str) -> Result<()> {
        self.tx.touch_callers();
        let uses = "DELETE FROM cairn_admin_token_uses WHERE token IN (SELECT t.id FROM cairn_admin_tokens t
                    JOIN cairn_admin_users u ON u.id = t.admin_user WHERE u.email = ?1)";
        self.tx.conn.execute("removing the data of an admin user", uses, [email])?;
        for table in [
            "cairn_admin_tokens",
            "cairn_admin_sessions",
            "cairn_admin_preferences",
            "cairn_admin_codes",
            "cairn_admin_recovery_codes",
            "cairn_admin_passkeys",
        ] {
            let sql =
                format!("DELETE FROM {table} WHERE admin_user IN (SELECT id FROM cairn_admin_users WHERE email = ?1)");
            self.tx.conn.execute("removing the data of an admin user", &sql, [email])?;
        }
        // Shared views are of use to others.
        let views = "DELETE FROM cairn_admin_views
                     WHERE shared = ?2 AND owner IN (SELECT id FROM cairn_admin_users WHERE email = ?1)";
        self.tx.conn.execute("removing the views of an admin user", views, (email, false))?;
        self.tx
            .conn
            .execute("removing an admin user", "DELETE FROM cairn_admin_users WHERE email = ?1", [email])
            .map(drop)
    }
}
