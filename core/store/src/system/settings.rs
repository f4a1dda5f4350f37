//! `cairn_settings`: settings by key, as JSON.

use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

impl Reader<'_> {
    /// Gets the setting with that key. Returns an error if the stored value is not JSON.
    pub fn setting(&self, key: &str) -> Result<Option<Json>> {
        let text: Option<String> = self.conn.query_first(
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

impl WriteTx<'_> {
    /// Sets or replaces a setting.
    pub fn set_setting(&mut self, key: &str, value: &Json) -> Result<()> {
        self.touch_settings();
        self.conn
            .execute(
                "writing a setting",
                "INSERT INTO cairn_settings (key, value) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value.to_string()),
            )
            .map(drop)
    }

    /// Deletes a setting: its default applies again.
    pub fn delete_setting(&mut self, key: &str) -> Result<()> {
        self.touch_settings();
        self.conn.execute("removing a setting", "DELETE FROM cairn_settings WHERE key = ?1", [key]).map(drop)
    }
}
