//! `cairn_admin_roles`: roles of admin users and their permissions.

use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// A role of admin users.
#[derive(Debug, Clone, PartialEq)]
pub struct AdminRoleRow {
    /// Code that users and workflows refer to.
    pub code: String,
    /// Display name of the role.
    pub name: String,
    /// Description for people.
    pub description: String,
    /// Names of actions of the admin.
    pub actions: Vec<String>,
    /// A list of grants on content, as JSON.
    pub permissions: Json,
    /// Time of creation, ISO 8601 in UTC.
    pub created_at: String,
    /// Time of the last change, ISO 8601 in UTC.
    pub updated_at: String,
}

impl namespaces::AdminRoles<Reader<'_>> {
    /// Lists all stored roles, by their codes.
    pub fn list(&self) -> Result<Vec<AdminRoleRow>> {
        let sql = "SELECT code, name, description, actions, permissions, created_at, updated_at FROM cairn_admin_roles ORDER BY code";
        let rows = self.tx.conn.query_all("reading the admin roles", sql, (), |r| {
            let code: String = r.get(0)?;
            let corrupt = |e: serde_json::Error| StoreError::Corrupt {
                place: format!("cairn_admin_roles {code}"),
                message: e.to_string(),
            };
            let (actions, permissions): (String, String) = (r.get(3)?, r.get(4)?);
            Ok(AdminRoleRow {
                name: r.get(1)?,
                description: r.get(2)?,
                actions: serde_json::from_str(&actions).map_err(corrupt)?,
                permissions: serde_json::from_str(&permissions).map_err(corrupt)?,
                created_at: r.get(5)?,
                updated_at: r.get(6)?,
                code,
            })
        })?;
        Ok(rows)
    }
}

impl namespaces::AdminRoles<&mut WriteTx<'_>> {
    /// Adds a role, or changes the one with that code.
    pub fn save(&mut self, role: &AdminRoleRow) -> Result<()> {
        self.tx.touch_settings();
        let sql =
            "INSERT INTO cairn_admin_roles (code, name, description, actions, permissions, created_at, updated_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                   ON CONFLICT (code) DO UPDATE SET name = excluded.name, description = excluded.description,
                     actions = excluded.actions, permissions = excluded.permissions, updated_at = excluded.updated_at";
        let (actions, permissions) = (Json::from(role.actions.as_slice()).to_string(), role.permissions.to_string());
        let values =
            (&role.code, &role.name, &role.description, actions, permissions, &role.created_at, &role.updated_at);
        self.tx.conn.execute("writing an admin role", sql, values).map(drop)
    }

    /// Deletes a role; users who have it retain its code as a label.
    pub fn delete(&mut self, code: &str) -> Result<()> {
        self.tx.touch_settings();
        self.tx
            .conn
            .execute("removing an admin role", "DELETE FROM cairn_admin_roles WHERE code = ?1", [code])
            .map(drop)
    }
}
