//! `cairn_plugin_secrets`: secrets that plugins use by name and cannot read. The caller encrypts the values.

use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A secret without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRow {
    /// Name of the secret, from the manifest.
    pub name: String,
    /// Time of the last change, in milliseconds.
    pub changed_at: i64,
}

impl namespaces::PluginSecrets<Reader<'_>> {
    /// Lists which secrets of a plugin are set, by name. Returns an error if the database cannot be read.
    pub fn list(&self, plugin: &str) -> Result<Vec<SecretRow>> {
        let sql = "SELECT name, changed_at FROM cairn_plugin_secrets WHERE plugin = ?1 ORDER BY name";
        self.tx.conn.query_all("reading secrets of a plugin", sql, [plugin], |r| {
            Ok(SecretRow { name: r.get(0)?, changed_at: r.get(1)? })
        })
    }

    /// Gets the encrypted value of a secret. Returns an error if the database cannot be read.
    pub fn get(&self, plugin: &str, name: &str) -> Result<Option<String>> {
        let sql = "SELECT value FROM cairn_plugin_secrets WHERE plugin = ?1 AND name = ?2";
        self.tx.conn.query_first("reading a secret of a plugin", sql, (plugin, name), |r| r.get(0))
    }
}

impl namespaces::PluginSecrets<&mut WriteTx<'_>> {
    /// Sets or replaces a secret of a plugin; the value is already encrypted. Returns an error if the database cannot be written.
    pub fn set(&mut self, plugin: &str, name: &str, sealed: &str, now: i64) -> Result<()> {
        self.tx.touch_settings();
        let sql = "INSERT INTO cairn_plugin_secrets (plugin, name, value, changed_at) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (plugin, name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at";
        self.tx.conn.execute("writing a secret of a plugin", sql, (plugin, name, sealed, now)).map(drop)
    }

    /// Deletes a secret of a plugin. Returns `false` if it was not set. Returns an error if the database cannot be written.
    pub fn delete(&mut self, plugin: &str, name: &str) -> Result<bool> {
        self.tx.touch_settings();
        let sql = "DELETE FROM cairn_plugin_secrets WHERE plugin = ?1 AND name = ?2";
        Ok(self.tx.conn.execute("removing a secret of a plugin", sql, (plugin, name))? > 0)
    }
}
