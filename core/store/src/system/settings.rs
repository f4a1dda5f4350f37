//! `cairn_settings`: settings by key, as JSON.

use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// Key of the report of the import from Strapi that the project began with.
pub const STRAPI_IMPORT_SETTING: &str = "strapi-import";

impl namespaces::Settings<Reader<'_>> {
    /// Gets the setting with that key. Returns an error if the stored value is not JSON.
    pub fn get(&self, key: &str) -> Result<Option<Json>> {
        let text: Option<String> = self.tx.conn.query_first(
            "reading a setting",
            "SELECT value FROM cairn_settings WHERE key = ?1",
            [key],
            |r| r.get(0),
        )?;
        text.map(|t| {
            serde_json::from_str(&t)
                .map_err(|e| StoreError::Corrupt { place: format!("cairn_settings {key}"), message: e.to_string() })
        })
        .transpose()
    }
}

impl namespaces::Settings<&mut WriteTx<'_>> {
    /// Sets or replaces a setting.
    pub fn set(&mut self, key: &str, value: &Json) -> Result<()> {
        self.tx.touch_settings();
        self.tx
            .conn
            .execute(
                "writing a setting",
                "INSERT INTO cairn_settings (key, value) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value.to_string()),
            )
            .map(drop)
    }

    /// Deletes a setting: its default applies again.
    pub fn delete(&mut self, key: &str) -> Result<()> {
        self.tx.touch_settings();
        self.tx.conn.execute("removing a setting", "DELETE FROM cairn_settings WHERE key = ?1", [key]).map(drop)
    }
}
