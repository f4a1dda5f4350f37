//! `cairn_permissions` and `cairn_role_options`: the permissions of roles.

use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// A permission of a role.
#[derive(Debug, Clone, PartialEq)]
pub struct PermissionRow {
    /// `type` of the role.
    pub role: String,
    /// Uid of the content type, or the name of something else (`plugin::i18n.locale`).
    pub subject: String,
    /// Name of the action: `find`, `update`, `register` …
    pub action: String,
    /// Restricts it to rows that match: a filter in the query language.
    pub condition: Option<Json>,
    /// Restricts it to these attributes, by name.
    pub fields: Option<Vec<String>>,
}

/// Role, subject, action; condition and fields as JSON text.
type PermissionColumns = (String, String, String, Option<String>, Option<String>);

impl namespaces::Permissions<Reader<'_>> {
    /// Lists all permissions of all roles, ordered by role, subject, action.
    pub fn list(&self) -> Result<Vec<PermissionRow>> {
        let rows: Vec<PermissionColumns> = self.tx.conn.query_all(
            "reading the permissions",
            "SELECT role, subject, action, condition, fields FROM cairn_permissions ORDER BY role, subject, action",
            (),
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)),
        )?;
        rows.into_iter()
            .map(|(role, subject, action, condition, fields)| {
                let corrupt = |e: serde_json::Error| StoreError::Corrupt {
                    place: format!("cairn_permissions {role} {subject} {action}"),
                    message: e.to_string(),
                };
                let condition = condition.map(|c| serde_json::from_str(&c)).transpose().map_err(corrupt)?;
                let fields = fields.map(|f| serde_json::from_str(&f)).transpose().map_err(corrupt)?;
                Ok(PermissionRow { role, subject, action, condition, fields })
            })
            .collect()
    }

    /// Roles (by type) that may read drafts.
    pub fn list_draft_readers(&self) -> Result<Vec<String>> {
        self.tx.conn.query_all(
            "reading the roles' options",
            "SELECT role FROM cairn_role_options WHERE read_drafts = TRUE ORDER BY role",
            (),
            |r| r.get(0),
        )
    }
}

impl namespaces::Permissions<&mut WriteTx<'_>> {
    /// Grants a permission, or replaces the one for the same subject and action.
    pub fn save(&mut self, p: &PermissionRow) -> Result<()> {
        self.tx.touch_settings();
        let fields = p.fields.as_ref().map(|f| Json::from(f.as_slice()).to_string());
        self.tx.conn.execute("granting a permission",
            "INSERT INTO cairn_permissions (role, subject, action, condition, fields) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (role, subject, action) DO UPDATE SET condition = excluded.condition, fields = excluded.fields",
            (&p.role, &p.subject, &p.action, p.condition.as_ref().map(Json::to_string), fields),
        )
        .map(drop)
    }

    /// Revokes a permission.
    pub fn delete(&mut self, role: &str, subject: &str, action: &str) -> Result<()> {
        self.tx.touch_settings();
        self.tx
            .conn
            .execute(
                "revoking a permission",
                "DELETE FROM cairn_permissions WHERE role = ?1 AND subject = ?2 AND action = ?3",
                (role, subject, action),
            )
            .map(drop)
    }

    /// Sets whether a role may read drafts.
    pub fn set_read_drafts(&mut self, role: &str, may: bool) -> Result<()> {
        self.tx.touch_settings();
        self.tx
            .conn
            .execute(
                "setting a role's options",
                "INSERT INTO cairn_role_options (role, read_drafts) VALUES (?1, ?2)
             ON CONFLICT (role) DO UPDATE SET read_drafts = excluded.read_drafts",
                (role, may),
            )
            .map(drop)
    }

    /// Deletes all permissions and options of a role, so that a later role with the same name starts with none.
    pub fn delete_for_role(&mut self, role: &str) -> Result<()> {
        self.tx.touch_settings();
        self.tx.conn.execute("removing permissions", "DELETE FROM cairn_permissions WHERE role = ?1", [role])?;
        self.tx
            .conn
            .execute("removing a role's options", "DELETE FROM cairn_role_options WHERE role = ?1", [role])
            .map(drop)
    }
}
