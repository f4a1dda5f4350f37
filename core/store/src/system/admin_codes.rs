//! `cairn_admin_codes` and `cairn_admin_recovery_codes`: codes that are given to admin users, by their hash.

use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// The purpose of codes that are stored because they were used.
const USED_CODE_PURPOSE: &str = "passkey";

impl namespaces::AdminCodes<Reader<'_>> {
    /// The admin user of a code that has not expired. Does not use it up.
    pub fn get_admin_user(&self, hash: &[u8], purpose: &str, now: &str) -> Result<Option<i64>> {
        let sql = "SELECT admin_user FROM cairn_admin_codes WHERE hash = ?1 AND purpose = ?2 AND expires_at > ?3";
        Ok(self
            .tx
            .conn
            .query_first("reading a code", sql, (hash, purpose, now), |r| r.get::<Option<i64>>(0))?
            .flatten())
    }

    /// Number of recovery codes that an admin user has left.
    pub fn count_recovery_codes(&self, admin_user: i64) -> Result<i64> {
        let sql = "SELECT count(*) FROM cairn_admin_recovery_codes WHERE admin_user = ?1";
        Ok(self.tx.conn.query_first("counting recovery codes", sql, [admin_user], |r| r.get(0))?.unwrap_or(0))
    }
}

impl namespaces::AdminCodes<&mut WriteTx<'_>> {
    /// Stores a code, in place of the user's other codes for that purpose that expire by `replaced_until`; deletes expired codes.
    pub fn create(
        &mut self,
        hash: &[u8],
        purpose: &str,
        admin_user: i64,
        now: &str,
        expires_at: &str,
        replaced_until: &str,
    ) -> Result<()> {
        self.tx.conn.execute("removing expired codes", "DELETE FROM cairn_admin_codes WHERE expires_at < ?1", [now])?;
        let sql = "DELETE FROM cairn_admin_codes WHERE admin_user = ?1 AND purpose = ?2 AND expires_at <= ?3";
        self.tx.conn.execute("removing codes", sql, (admin_user, purpose, replaced_until))?;
        let sql = "INSERT INTO cairn_admin_codes (hash, purpose, admin_user, expires_at) VALUES (?1, ?2, ?3, ?4)";
        self.tx.conn.execute("saving a code", sql, (hash, purpose, admin_user, expires_at)).map(drop)
    }

    /// Uses up a code: returns its admin user, once, if it has not expired.
    pub fn take(&mut self, hash: &[u8], purpose: &str, now: &str) -> Result<Option<i64>> {
        let sql = "DELETE FROM cairn_admin_codes WHERE hash = ?1 AND purpose = ?2 RETURNING admin_user, expires_at";
        let code: Option<(Option<i64>, String)> =
            self.tx.conn.query_first("using a code", sql, (hash, purpose), |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(code.filter(|(_, expires_at)| expires_at.as_str() > now).and_then(|(user, _)| user))
    }

    /// Stores a code that was used, so that it cannot be used again before it expires; returns `false` if it was stored
    /// before. Deletes expired codes.
    pub fn store_used(&mut self, hash: &[u8], admin_user: i64, now: &str, expires_at: &str) -> Result<bool> {
        self.tx.conn.execute("removing expired codes", "DELETE FROM cairn_admin_codes WHERE expires_at < ?1", [now])?;
        let sql = "INSERT INTO cairn_admin_codes (hash, purpose, admin_user, expires_at) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT DO NOTHING";
        Ok(self.tx.conn.execute("using a code", sql, (hash, USED_CODE_PURPOSE, admin_user, expires_at))? > 0)
    }

    /// Deletes all codes that an admin user can still use. Whatever changes how they sign in calls this, so that no link outlives the
    /// address that it was mailed to, or what it was requested for.
    pub(super) fn delete_all(&mut self, admin_user: i64) -> Result<()> {
        let sql = "DELETE FROM cairn_admin_codes WHERE admin_user = ?1 AND purpose <> ?2";
        self.tx.conn.execute("removing codes", sql, (admin_user, USED_CODE_PURPOSE)).map(drop)
    }

    /// Replaces an admin user's recovery codes, which changes their second factor: deletes their other codes.
    pub fn set_recovery_codes(&mut self, admin_user: i64, hashes: &[[u8; 32]]) -> Result<()> {
        let sql = "DELETE FROM cairn_admin_recovery_codes WHERE admin_user = ?1";
        self.tx.conn.execute("removing recovery codes", sql, [admin_user])?;
        for hash in hashes {
            let sql = "INSERT INTO cairn_admin_recovery_codes (admin_user, hash) VALUES (?1, ?2)";
            self.tx.conn.execute("saving a recovery code", sql, (admin_user, &hash[..]))?;
        }
        self.delete_all(admin_user)
    }

    /// Uses up a recovery code; returns whether it was valid.
    pub fn take_recovery_code(&mut self, admin_user: i64, hash: &[u8]) -> Result<bool> {
        let sql = "DELETE FROM cairn_admin_recovery_codes WHERE admin_user = ?1 AND hash = ?2";
        Ok(self.tx.conn.execute("using a recovery code", sql, (admin_user, hash))? > 0)
    }

    /// Sets the encrypted secret of an admin user's authenticator; `None` deletes it.
    pub fn set_totp(&mut self, admin_user: i64, sealed: Option<&str>) -> Result<()> {
        let sql = "UPDATE cairn_admin_users SET totp = ?2, totp_used = NULL WHERE id = ?1";
        self.tx.conn.execute("setting an authenticator", sql, (admin_user, sealed)).map(drop)
    }

    /// Records that the code of a time step was used; returns `false` if that step or a later one was used before.
    pub fn use_totp(&mut self, admin_user: i64, step: i64) -> Result<bool> {
        let sql = "UPDATE cairn_admin_users SET totp_used = ?2 WHERE id = ?1 AND totp IS NOT NULL
                   AND (totp_used IS NULL OR totp_used < ?2)";
        Ok(self.tx.conn.execute("recording the use of a code", sql, (admin_user, step))? > 0)
    }
}
