//! `cairn_admin_passkeys`: passkeys of admin users. What is stored of one is public.

use crate::connection::Row;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A passkey, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminPasskeyRow {
    /// Numeric id of the passkey.
    pub id: i64,
    /// Numeric id of the admin user.
    pub admin_user: i64,
    /// Credential id in base64url.
    pub credential_id: String,
    /// The registered credential, as JSON.
    pub credential: String,
    /// Name that its owner gave it.
    pub name: String,
    /// Time of registration, ISO 8601 in UTC.
    pub created_at: String,
    /// Time of the last sign-in with it, ISO 8601 in UTC.
    pub used_at: Option<String>,
}

const COLUMNS: &str = "id, admin_user, credential_id, credential, name, created_at, used_at";

fn read_passkey(r: &Row<'_>) -> Result<AdminPasskeyRow> {
    Ok(AdminPasskeyRow {
        id: r.get(0)?,
        admin_user: r.get(1)?,
        credential_id: r.get(2)?,
        credential: r.get(3)?,
        name: r.get(4)?,
        created_at: r.get(5)?,
        used_at: r.get(6)?,
    })
}

impl namespaces::AdminPasskeys<Reader<'_>> {
    /// Lists the passkeys of an admin user, the oldest first.
    pub fn list(&self, admin_user: i64) -> Result<Vec<AdminPasskeyRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_admin_passkeys WHERE admin_user = ?1 ORDER BY id");
        self.tx.conn.query_all("reading passkeys", &sql, [admin_user], read_passkey)
    }

    /// Gets the passkey with that credential id.
    pub fn get(&self, credential_id: &str) -> Result<Option<AdminPasskeyRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_admin_passkeys WHERE credential_id = ?1");
        self.tx.conn.query_first("reading a passkey", &sql, [credential_id], read_passkey)
    }
}

impl namespaces::AdminPasskeys<&mut WriteTx<'_>> {
    /// Adds a passkey (its `id` is ignored). [`crate::StoreError::Unique`] if the credential is registered already.
    pub fn create(&mut self, p: &AdminPasskeyRow) -> Result<()> {
        let sql = "INSERT INTO cairn_admin_passkeys (admin_user, credential_id, credential, name, created_at)
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = (p.admin_user, &p.credential_id, &p.credential, &p.name, &p.created_at);
        self.tx.conn.execute("adding a passkey", sql, values)?;
        self.tx.admin_codes().delete_all(p.admin_user)
    }

    /// Records a sign-in with a passkey, and the new state of the credential.
    pub fn record_use(&mut self, id: i64, credential: &str, now: &str) -> Result<bool> {
        let sql = "UPDATE cairn_admin_passkeys SET credential = ?2, used_at = ?3 WHERE id = ?1";
        Ok(self.tx.conn.execute("recording the use of a passkey", sql, (id, credential, now))? > 0)
    }

    /// Renames an admin user's passkey; returns whether it exists.
    pub fn rename(&mut self, admin_user: i64, id: i64, name: &str) -> Result<bool> {
        let sql = "UPDATE cairn_admin_passkeys SET name = ?3 WHERE admin_user = ?1 AND id = ?2";
        Ok(self.tx.conn.execute("renaming a passkey", sql, (admin_user, id, name))? > 0)
    }

    /// Deletes an admin user's passkey, or all of them; returns their number.
    pub fn delete(&mut self, admin_user: i64, id: Option<i64>) -> Result<usize> {
        let sql = "DELETE FROM cairn_admin_passkeys WHERE admin_user = ?1 AND (CAST(?2 AS bigint) IS NULL OR id = ?2)";
        let removed = self.tx.conn.execute("removing passkeys", sql, (admin_user, id))?;
        if removed > 0 {
            self.tx.admin_codes().delete_all(admin_user)?;
        }
        Ok(removed)
    }
}
