//! `cairn_admin_tokens`: tokens with which programs use the admin API, by the HMAC of their text.
//!
//! They are read at every use and are not part of the cached settings: a token that is deleted, or whose owner is, gives no access from
//! that moment on, on every node.

use crate::connection::Row;
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;
use std::fmt;

/// An admin token to write.
#[derive(Clone, PartialEq)]
pub struct NewAdminToken {
    /// Display name, unique per tenant.
    pub name: String,
    /// Description for people.
    pub description: String,
    /// Numeric id of the admin user who created it; `None`: a settings file did.
    pub owner: Option<i64>,
    /// HMAC-SHA-256 of the text.
    pub hash: Vec<u8>,
    /// Names of actions of the admin, and of permissions of plugins.
    pub actions: Vec<String>,
    /// A list of grants on content, as JSON.
    pub permissions: Json,
    /// When it expires, ISO 8601 in UTC.
    pub expires_at: String,
}

impl fmt::Debug for NewAdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAdminToken").field("name", &self.name).field("owner", &self.owner).finish_non_exhaustive()
    }
}

/// An admin token, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct AdminTokenRow {
    /// Numeric id of the token.
    pub id: i64,
    /// The fields that callers write.
    pub token: NewAdminToken,
    /// Time of creation, ISO 8601 in UTC.
    pub created_at: String,
    /// Time of its last use, to the minute, ISO 8601 in UTC.
    pub last_used_at: Option<String>,
}

const SELECT_SQL: &str = "SELECT t.id, t.name, t.description, t.admin_user, t.hash, t.actions, t.permissions, t.expires_at, t.created_at, u.at
                      FROM cairn_admin_tokens t LEFT JOIN cairn_admin_token_uses u ON u.token = t.id";

fn read_admin_token(r: &Row<'_>) -> Result<AdminTokenRow> {
    let id: i64 = r.get(0)?;
    let corrupt = |e: serde_json::Error| StoreError::Corrupt {
        place: format!("cairn_admin_tokens {id}"),
        message: e.to_string(),
    };
    let (actions, permissions): (String, String) = (r.get(5)?, r.get(6)?);
    let token = NewAdminToken {
        name: r.get(1)?,
        description: r.get(2)?,
        owner: r.get(3)?,
        hash: r.get(4)?,
        actions: serde_json::from_str(&actions).map_err(corrupt)?,
        permissions: serde_json::from_str(&permissions).map_err(corrupt)?,
        expires_at: r.get(7)?,
    };
    Ok(AdminTokenRow { id, token, created_at: r.get(8)?, last_used_at: r.get(9)? })
}

impl namespaces::AdminTokens<Reader<'_>> {
    /// Lists all admin tokens, expired ones included, in order of creation.
    pub fn list(&self) -> Result<Vec<AdminTokenRow>> {
        self.tx.conn.query_all("reading the admin tokens", &format!("{SELECT_SQL} ORDER BY t.id"), (), read_admin_token)
    }

    /// Gets the admin token with that id.
    pub fn get(&self, id: i64) -> Result<Option<AdminTokenRow>> {
        self.tx.conn.query_first(
            "reading an admin token",
            &format!("{SELECT_SQL} WHERE t.id = ?1"),
            [id],
            read_admin_token,
        )
    }

    /// Gets the admin token whose text has that HMAC, if it has not expired by `now` (ISO time).
    pub fn get_by_hash(&self, hash: &[u8], now: &str) -> Result<Option<AdminTokenRow>> {
        let sql = format!("{SELECT_SQL} WHERE t.hash = ?1 AND t.expires_at > ?2");
        self.tx.conn.query_first("reading an admin token", &sql, (hash, now), read_admin_token)
    }
}

impl namespaces::AdminTokens<&mut WriteTx<'_>> {
    /// Adds a token and returns its id. [`StoreError::Unique`] if another has that name or text.
    pub fn create(&mut self, t: &NewAdminToken, now: &str) -> Result<i64> {
        let sql = "INSERT INTO cairn_admin_tokens (name, description, admin_user, hash, actions, permissions, expires_at, created_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let (actions, permissions) = (Json::from(t.actions.as_slice()).to_string(), t.permissions.to_string());
        let values = (&t.name, &t.description, t.owner, &t.hash, actions, permissions, &t.expires_at, now);
        self.tx.conn.execute_unique("writing an admin token", sql, values)?;
        let sql = "SELECT id FROM cairn_admin_tokens WHERE hash = ?1";
        let id = self.tx.conn.query_first("reading an admin token", sql, [t.hash.as_slice()], |r| r.get::<i64>(0))?;
        id.ok_or(StoreError::Conflict)
    }

    /// Changes a token; its id stays. [`StoreError::Unique`] if another has that name or text.
    pub fn update(&mut self, id: i64, t: &NewAdminToken) -> Result<()> {
        self.tx.touch_callers();
        let sql = "UPDATE cairn_admin_tokens SET name = ?2, description = ?3, admin_user = ?4, hash = ?5, actions = ?6, permissions = ?7,
                     expires_at = ?8 WHERE id = ?1";
        let (actions, permissions) = (Json::from(t.actions.as_slice()).to_string(), t.permissions.to_string());
        let values = (id, &t.name, &t.description, t.owner, &t.hash, actions, permissions, &t.expires_at);
        self.tx.conn.execute_unique("writing an admin token", sql, values).map(drop)
    }

    /// Deletes a token. Returns `false` if it does not exist: if several delete it, one gets `true`.
    pub fn delete(&mut self, id: i64) -> Result<bool> {
        self.tx.touch_callers();
        let sql = "DELETE FROM cairn_admin_token_uses WHERE token = ?1";
        self.tx.conn.execute("removing an admin token", sql, [id])?;
        let sql = "DELETE FROM cairn_admin_tokens WHERE id = ?1";
        Ok(self.tx.conn.execute("removing an admin token", sql, [id])? > 0)
    }

    /// Records that a token was used, unless it was deleted meanwhile.
    pub fn record_use(&mut self, id: i64, at: &str) -> Result<()> {
        let sql = "INSERT INTO cairn_admin_token_uses (token, at) SELECT id, CAST(?2 AS text) FROM cairn_admin_tokens WHERE id = ?1
                   ON CONFLICT (token) DO UPDATE SET at = excluded.at";
        self.tx.conn.execute("recording the use of an admin token", sql, (id, at)).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Database, Store, StoreOptions};
    use serde_json::json;
    use std::sync::Arc;

    const NOW: &str = "2026-01-01T10:00:00.000Z";

    fn new_token(name: &str, owner: Option<i64>, hash: u8) -> NewAdminToken {
        NewAdminToken {
            name: name.to_owned(),
            description: String::new(),
            owner,
            hash: vec![hash; 32],
            actions: vec!["audit.read".to_owned()],
            permissions: json!([]),
            expires_at: "2026-02-01T10:00:00.000Z".to_owned(),
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn admin_tokens_expire_and_are_deleted_with_their_owner() {
        let folder = tempfile::tempdir().unwrap();
        let registry = cairn_model::load::load_project(folder.path()).unwrap().registry;
        let database = Database::Sqlite(folder.path().join("cairn.db"));
        let store = Store::open(StoreOptions { database }, Arc::new(registry)).unwrap();
        let ids = store
            .write(|tx| {
                let ann = tx.admin_users().create("ann@example.com", "x", &["editor".to_owned()], NOW)?;
                let first = tx.admin_tokens().create(&new_token("ci", Some(ann), 1), NOW)?;
                let second = tx.admin_tokens().create(&new_token("file", None, 2), NOW)?;
                for other in [new_token("ci", None, 3), new_token("other", None, 1)] {
                    assert!(matches!(tx.admin_tokens().create(&other, NOW), Err(StoreError::Unique)));
                }
                tx.admin_tokens().record_use(first, NOW)?;
                tx.admin_tokens().record_use(99, NOW)?;
                Ok::<_, StoreError>((first, second))
            })
            .await
            .unwrap();
        store
            .read(|r| {
                let admin_token_row = r.admin_tokens().get_by_hash(&[1; 32], NOW)?.unwrap();
                assert_eq!((admin_token_row.id, admin_token_row.last_used_at.as_deref()), (ids.0, Some(NOW)));
                assert_eq!(r.admin_tokens().get_by_hash(&[1; 32], "2026-02-01T10:00:00.000Z")?, None);
                assert_eq!(r.admin_tokens().get_by_hash(&[9; 32], NOW)?, None);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        store.write(|tx| tx.admin_users().delete("ann@example.com")).await.unwrap();
        let rows = store.read(|r| r.admin_tokens().list()).unwrap();
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [ids.1]);
        let twice = move |tx: &mut WriteTx<'_>| {
            Ok::<_, StoreError>((tx.admin_tokens().delete(ids.1)?, tx.admin_tokens().delete(ids.1)?))
        };
        assert_eq!(store.write(twice).await.unwrap(), (true, false));
    }
}
