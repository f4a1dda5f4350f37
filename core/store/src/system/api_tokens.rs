//! `cairn_api_tokens`: API tokens, by the HMAC of their text.

use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;
use std::fmt;

/// An API token to write.
#[derive(Clone, PartialEq)]
pub struct NewApiToken {
    /// Display name, unique per tenant.
    pub name: String,
    /// Description for people.
    pub description: String,
    /// `full-access`, `read-only` or `custom`.
    pub kind: String,
    /// HMAC-SHA-256 of the text.
    pub hash: Vec<u8>,
    /// For a custom token: uid → action → `{condition, fields}`.
    pub permissions: Option<Json>,
    /// For a custom token: whether it may read drafts.
    pub read_drafts: bool,
    /// When it expires, ISO 8601 in UTC; `None` for never.
    pub expires_at: Option<String>,
}

impl fmt::Debug for NewApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewApiToken").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// An API token, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiTokenRow {
    /// Numeric id of the token.
    pub id: i64,
    /// The fields that callers write.
    pub token: NewApiToken,
    /// Time of creation, ISO 8601 in UTC.
    pub created_at: String,
}

impl namespaces::ApiTokens<Reader<'_>> {
    /// Lists all tokens, expired ones included, in order of creation.
    pub fn list(&self) -> Result<Vec<ApiTokenRow>> {
        let rows: Vec<(ApiTokenRow, Option<String>)> = self.tx.conn.query_all(
            "reading the API tokens",
            "SELECT id, name, description, type, hash, permissions, read_drafts, expires_at, created_at
             FROM cairn_api_tokens ORDER BY id",
            (),
            |r| {
                let token = NewApiToken {
                    name: r.get(1)?,
                    description: r.get(2)?,
                    kind: r.get(3)?,
                    hash: r.get(4)?,
                    permissions: None,
                    read_drafts: r.get(6)?,
                    expires_at: r.get(7)?,
                };
                Ok((ApiTokenRow { id: r.get(0)?, token, created_at: r.get(8)? }, r.get(5)?))
            },
        )?;
        rows.into_iter()
            .map(|(mut row, permissions)| {
                row.token.permissions = permissions.map(|p| serde_json::from_str(&p)).transpose().map_err(|e| {
                    StoreError::Corrupt { place: format!("cairn_api_tokens {}", row.id), message: e.to_string() }
                })?;
                Ok(row)
            })
            .collect()
    }

    /// Times of the last use of tokens, by their ids; to the minute.
    pub fn list_uses(&self) -> Result<Vec<(i64, String)>> {
        let sql = "SELECT token, at FROM cairn_api_token_uses ORDER BY token";
        self.tx.conn.query_all("reading uses of API tokens", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))
    }
}

impl namespaces::ApiTokens<&mut WriteTx<'_>> {
    /// Records that a token was used.
    pub fn record_use(&mut self, token: i64, at: &str) -> Result<()> {
        let sql = "INSERT INTO cairn_api_token_uses (token, at) VALUES (?1, ?2)
                   ON CONFLICT (token) DO UPDATE SET at = excluded.at";
        self.tx.conn.execute("recording the use of an API token", sql, (token, at)).map(drop)
    }

    /// Renames a token. [`StoreError::Unique`](crate::StoreError::Unique) if another has that name.
    pub fn rename(&mut self, id: i64, name: &str) -> Result<()> {
        self.tx.touch_settings();
        let sql = "UPDATE cairn_api_tokens SET name = ?2 WHERE id = ?1";
        self.tx.conn.execute_unique("renaming an API token", sql, (id, name)).map(drop)
    }

    /// Adds a token, or changes the one with that name (which retains its id). [`StoreError::Unique`] if another token has the same text.
    pub fn save(&mut self, t: &NewApiToken, now: &str) -> Result<()> {
        self.tx.touch_settings();
        self.tx.conn.execute_unique("writing an API token",
            "INSERT INTO cairn_api_tokens (name, description, type, hash, permissions, read_drafts, expires_at, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (name) DO UPDATE SET description = excluded.description, type = excluded.type,
               hash = excluded.hash, permissions = excluded.permissions, read_drafts = excluded.read_drafts,
               expires_at = excluded.expires_at",
            (
                &t.name,
                &t.description,
                &t.kind,
                &t.hash,
                t.permissions.as_ref().map(Json::to_string),
                t.read_drafts,
                &t.expires_at,
                now,
            ),
        )
        .map(drop)
    }

    /// Deletes the token with that name.
    pub fn delete(&mut self, name: &str) -> Result<()> {
        self.tx.touch_settings();
        self.tx.conn.execute("removing an API token", "DELETE FROM cairn_api_tokens WHERE name = ?1", [name]).map(drop)
    }
}
