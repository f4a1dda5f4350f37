//! `cairn_admin_preferences`: what the admin UI stores for a user.

use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::{Map, Value as Json};

impl namespaces::AdminPreferences<Reader<'_>> {
    /// The preferences of an admin user; empty if none are stored.
    pub fn get(&self, admin_user: i64) -> Result<Map<String, Json>> {
        let sql = "SELECT value FROM cairn_admin_preferences WHERE admin_user = ?1";
        let text: Option<String> = self.tx.conn.query_first("reading preferences", sql, [admin_user], |r| r.get(0))?;
        let read = |text: String| {
            serde_json::from_str(&text).map_err(|e| StoreError::Corrupt {
                place: format!("cairn_admin_preferences {admin_user}"),
                message: e.to_string(),
            })
        };
        text.map_or_else(|| Ok(Map::new()), read)
    }
}

impl namespaces::AdminPreferences<&mut WriteTx<'_>> {
    /// Replaces the preferences of an admin user.
    pub fn set(&mut self, admin_user: i64, value: &Map<String, Json>) -> Result<()> {
        let sql = "INSERT INTO cairn_admin_preferences (admin_user, value) VALUES (?1, ?2)
                   ON CONFLICT (admin_user) DO UPDATE SET value = excluded.value";
        let text = Json::Object(value.clone()).to_string();
        self.tx.conn.execute("writing preferences", sql, (admin_user, text)).map(drop)
    }
}
