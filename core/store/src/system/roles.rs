//! The content table of roles (`up_roles`).

use super::{built_in_column, new_document_id};
use crate::connection::Row;
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A role of content API users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRow {
    /// Numeric id of the role.
    pub id: i64,
    /// Its document id, which users refer to.
    pub document_id: String,
    /// Display name: `Authenticated`.
    pub name: String,
    /// Description for people.
    pub description: Option<String>,
    /// Its type, which settings and permissions refer to: `authenticated`.
    pub kind: String,
    /// Time of creation, ISO 8601 in UTC.
    pub created_at: String,
    /// Time of the last change, ISO 8601 in UTC.
    pub updated_at: String,
    /// Time of publication, ISO 8601 in UTC.
    pub published_at: Option<String>,
}

fn read_role(r: &Row<'_>) -> Result<RoleRow> {
    Ok(RoleRow {
        id: r.get(0)?,
        document_id: r.get(1)?,
        name: r.get::<Option<String>>(2)?.unwrap_or_default(),
        description: r.get(3)?,
        kind: r.get::<Option<String>>(4)?.unwrap_or_default(),
        created_at: r.get(5)?,
        updated_at: r.get(6)?,
        published_at: r.get(7)?,
    })
}

impl namespaces::Roles<Reader<'_>> {
    fn select_sql(&self) -> Result<String> {
        let ct = self.tx.store.registry.role_type();
        let (name, description, kind) =
            (built_in_column(ct, "name")?, built_in_column(ct, "description")?, built_in_column(ct, "type")?);
        Ok(format!(
            "SELECT id, document_id, {name}, {description}, {kind}, created_at, updated_at, published_at FROM {} \
             WHERE _status = 1",
            Ident::table(ct)
        ))
    }

    /// Lists all roles, in order of their ids.
    pub fn list(&self) -> Result<Vec<RoleRow>> {
        self.tx.conn.query_all("reading the roles", &format!("{} ORDER BY id", self.select_sql()?), (), read_role)
    }

    /// Gets the role with that type, such as `public`.
    pub fn get_by_type(&self, kind: &str) -> Result<Option<RoleRow>> {
        let column = built_in_column(self.tx.store.registry.role_type(), "type")?;
        let sql = format!("{} AND {column} = ?1 ORDER BY id LIMIT 1", self.select_sql()?);
        self.tx.conn.query_first("reading a role", &sql, [kind], read_role)
    }

    /// Gets the role with that document id.
    pub fn get_by_document(&self, document_id: &str) -> Result<Option<RoleRow>> {
        let sql = format!("{} AND document_id = ?1", self.select_sql()?);
        self.tx.conn.query_first("reading a role", &sql, [document_id], read_role)
    }

    /// Gets the role with that numeric id.
    pub fn get_by_id(&self, id: i64) -> Result<Option<RoleRow>> {
        self.tx.conn.query_first("reading a role", &format!("{} AND id = ?1", self.select_sql()?), [id], read_role)
    }

    /// Lists all roles in order of their ids, each with the number of its users.
    pub fn list_with_user_counts(&self) -> Result<Vec<(RoleRow, i64)>> {
        let users = self.tx.store.registry.user_type();
        let role = built_in_column(users, "role")?;
        let sql = format!("SELECT count(*) FROM {} WHERE {role} = ?1 AND _status = 1", Ident::table(users));
        let roles = self.list()?;
        roles
            .into_iter()
            .map(|role| {
                let n = self.tx.conn.query_first("counting a role's users", &sql, [&role.document_id], |r| r.get(0))?;
                Ok((role, n.unwrap_or(0)))
            })
            .collect()
    }
}

impl namespaces::Roles<&mut WriteTx<'_>> {
    /// Adds a role and returns its document id.
    pub fn create(&mut self, kind: &str, name: &str, description: &str, now: &str) -> Result<String> {
        self.tx.touch_settings();
        let registry = self.tx.registry();
        let ct = registry.role_type();
        let sql = format!(
            "INSERT INTO {} (document_id, locale, _status, created_at, updated_at, published_at, {}, {}, {}) \
             VALUES (?1, '', 1, ?2, ?2, ?2, ?3, ?4, ?5)",
            Ident::table(ct),
            built_in_column(ct, "name")?,
            built_in_column(ct, "description")?,
            built_in_column(ct, "type")?
        );
        let document_id = new_document_id();
        self.tx.conn.execute("adding a role", &sql, (&document_id, now, name, description, kind))?;
        self.tx.adjust_row_count(ct.id, true, "", 1);
        self.tx.touch_type(ct.id);
        Ok(document_id)
    }

    /// Changes a role's name and description.
    pub fn update(&mut self, document_id: &str, name: &str, description: &str, now: &str) -> Result<()> {
        self.tx.touch_settings();
        let registry = self.tx.registry();
        let ct = registry.role_type();
        // An update moves publishedAt as well, as with every type without draft & publish.
        let sql = format!(
            "UPDATE {} SET {} = ?1, {} = ?2, updated_at = ?3, published_at = ?3, _version = _version + 1 WHERE document_id = ?4",
            Ident::table(ct),
            built_in_column(ct, "name")?,
            built_in_column(ct, "description")?
        );
        self.tx.conn.execute("changing a role", &sql, (name, description, now, document_id))?;
        self.tx.touch_type(ct.id);
        Ok(())
    }

    /// Deletes a role with its permissions. Its users are left without a role and without permissions; returns their number.
    pub fn delete(&mut self, role: &RoleRow) -> Result<usize> {
        self.tx.touch_settings();
        let registry = self.tx.registry();
        let (ct, users) = (registry.role_type(), registry.user_type());
        let column = built_in_column(users, "role")?;
        let sql = format!("UPDATE {} SET {column} = NULL WHERE {column} = ?1", Ident::table(users));
        let without = self.tx.conn.execute("removing a role from its users", &sql, [&role.document_id])?;
        let sql = format!("DELETE FROM {} WHERE document_id = ?1", Ident::table(ct));
        let removed = self.tx.conn.execute("removing a role", &sql, [&role.document_id])?;
        self.tx.permissions().delete_for_role(&role.kind)?;
        self.tx.adjust_row_count(ct.id, true, "", -i64::try_from(removed).unwrap_or(0));
        self.tx.touch_type(ct.id);
        self.tx.touch_type(users.id);
        Ok(without)
    }
}
