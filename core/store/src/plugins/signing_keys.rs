//! `cairn_plugin_signing_keys`: private keys that plugins sign with by name. The caller encrypts them.

use crate::connection::Row;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// Largest number of earlier keys of a name whose public halves are stored.
const MAX_EARLIER_KEYS: i64 = 10;

const COLUMNS: &str = "kid, public_key, private_key, created_at, retired_at";

/// A key: the one that signs, or one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyRow {
    /// Id of the key, unique among the keys of its name.
    pub kid: String,
    /// Public half, as a JSON Web Key.
    pub public_key: String,
    /// Private half, encrypted; `None` for an earlier key.
    pub private_key: Option<String>,
    /// Time when it was set, in milliseconds.
    pub created_at: i64,
    /// Time when another one took its place, in milliseconds.
    pub retired_at: Option<i64>,
}

fn read_row(r: &Row<'_>) -> Result<SigningKeyRow> {
    Ok(SigningKeyRow {
        kid: r.get(0)?,
        public_key: r.get(1)?,
        private_key: r.get(2)?,
        created_at: r.get(3)?,
        retired_at: r.get(4)?,
    })
}

impl namespaces::PluginSigningKeys<Reader<'_>> {
    /// Lists the keys of a name: the one that signs, if there is one, then those before it, the last one first. Returns an error if the
    /// database cannot be read.
    pub fn list(&self, plugin: &str, name: &str) -> Result<Vec<SigningKeyRow>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM cairn_plugin_signing_keys WHERE plugin = ?1 AND name = ?2
             ORDER BY retired_at IS NOT NULL, retired_at DESC, kid"
        );
        self.tx.conn.query_all("reading signing keys of a plugin", &sql, (plugin, name), read_row)
    }

    /// Gets the key that signs for a name. Returns an error if the database cannot be read.
    pub fn current(&self, plugin: &str, name: &str) -> Result<Option<SigningKeyRow>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM cairn_plugin_signing_keys WHERE plugin = ?1 AND name = ?2 AND retired_at IS NULL"
        );
        self.tx.conn.query_first("reading a signing key of a plugin", &sql, (plugin, name), read_row)
    }

    /// Lists the names of which there are keys. Returns an error if the database cannot be read.
    pub fn names(&self, plugin: &str) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT name FROM cairn_plugin_signing_keys WHERE plugin = ?1 ORDER BY name";
        self.tx.conn.query_all("reading signing keys of a plugin", sql, [plugin], |r| r.get(0))
    }
}

impl namespaces::PluginSigningKeys<&mut WriteTx<'_>> {
    /// Stores a key as the one that signs for a name; of the one before it only the public half stays. The private half is already
    /// encrypted. Returns an error if the database cannot be written.
    pub fn set(&mut self, plugin: &str, name: &str, kid: &str, public: &str, private: &str, now: i64) -> Result<()> {
        let doing = "writing a signing key of a plugin";
        self.tx.touch_settings();
        let sql = "UPDATE cairn_plugin_signing_keys SET private_key = NULL, retired_at = ?3
                   WHERE plugin = ?1 AND name = ?2 AND retired_at IS NULL";
        self.tx.conn.execute(doing, sql, (plugin, name, now))?;
        // The same key may come back.
        let sql = "INSERT INTO cairn_plugin_signing_keys (plugin, name, kid, public_key, private_key, created_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (plugin, name, kid) DO UPDATE
                   SET private_key = excluded.private_key, created_at = excluded.created_at, retired_at = NULL";
        self.tx.conn.execute(doing, sql, (plugin, name, kid, public, private, now))?;
        let sql = "DELETE FROM cairn_plugin_signing_keys
                   WHERE plugin = ?1 AND name = ?2 AND retired_at IS NOT NULL AND kid NOT IN (
                     SELECT kid FROM cairn_plugin_signing_keys WHERE plugin = ?1 AND name = ?2 AND retired_at IS NOT NULL
                     ORDER BY retired_at DESC, kid LIMIT ?3
                   )";
        self.tx.conn.execute(doing, sql, (plugin, name, MAX_EARLIER_KEYS)).map(drop)
    }

    /// Deletes all keys of a name. Returns `false` if there was none. Returns an error if the database cannot be written.
    pub fn delete(&mut self, plugin: &str, name: &str) -> Result<bool> {
        self.tx.touch_settings();
        let sql = "DELETE FROM cairn_plugin_signing_keys WHERE plugin = ?1 AND name = ?2";
        Ok(self.tx.conn.execute("removing a signing key of a plugin", sql, (plugin, name))? > 0)
    }
}
