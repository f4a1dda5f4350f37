//! `cairn_admin_views`: saved views of lists.

use crate::connection::Row;
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::{Map, Value as Json};

/// A view to save.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAdminView {
    /// Uid of the type that it lists.
    pub content_type: String,
    /// Display name of the view.
    pub name: String,
    /// True if everybody who may list the type sees it.
    pub shared: bool,
    /// Columns, filters and order, in the format of the views.
    pub definition: Map<String, Json>,
}

/// A saved view, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct AdminViewRow {
    /// Numeric id of the view.
    pub id: i64,
    /// Numeric id of the user who saved it; `None`: a token did.
    pub owner: Option<i64>,
    /// The fields that callers write.
    pub view: NewAdminView,
    /// Time of the last change, in milliseconds.
    pub updated_at: i64,
}

const COLUMNS: &str = "id, type, name, owner, shared, definition, updated_at";

fn read_view(r: &Row<'_>) -> Result<AdminViewRow> {
    let (id, text): (i64, String) = (r.get(0)?, r.get(5)?);
    let definition = serde_json::from_str(&text)
        .map_err(|e| StoreError::Corrupt { place: format!("cairn_admin_views {id}"), message: e.to_string() })?;
    let view = NewAdminView { content_type: r.get(1)?, name: r.get(2)?, shared: r.get(4)?, definition };
    Ok(AdminViewRow { id, owner: r.get(3)?, view, updated_at: r.get(6)? })
}

impl namespaces::AdminViews<Reader<'_>> {
    /// Lists the views that a user sees: their own and the shared ones, by name. `content_type` selects those of one type.
    pub fn list(&self, content_type: Option<&str>, owner: Option<i64>) -> Result<Vec<AdminViewRow>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM cairn_admin_views
             WHERE (CAST(?1 AS TEXT) IS NULL OR type = ?1) AND (shared = ?3 OR owner = CAST(?2 AS BIGINT)) ORDER BY name, id"
        );
        self.tx.conn.query_all("reading saved views", &sql, (content_type.map(str::to_owned), owner, true), read_view)
    }

    /// Lists all views, whoever saved them, by their ids: for Cairn itself.
    pub fn list_all(&self) -> Result<Vec<AdminViewRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_admin_views ORDER BY id");
        self.tx.conn.query_all("reading all saved views", &sql, (), read_view)
    }

    /// Gets the view with that id.
    pub fn get(&self, id: i64) -> Result<Option<AdminViewRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_admin_views WHERE id = ?1");
        self.tx.conn.query_first("reading a saved view", &sql, [id], read_view)
    }

    /// Number of views that a user has saved.
    pub fn count(&self, owner: Option<i64>) -> Result<i64> {
        let sql = "SELECT count(*) FROM cairn_admin_views WHERE owner = CAST(?1 AS BIGINT) OR (owner IS NULL AND CAST(?1 AS BIGINT) IS NULL)";
        Ok(self.tx.conn.query_first("counting saved views", sql, (owner,), |r| r.get(0))?.unwrap_or(0))
    }
}

impl namespaces::AdminViews<&mut WriteTx<'_>> {
    /// Saves a view; returns its id.
    pub fn create(&mut self, view: &NewAdminView, owner: Option<i64>, now: i64) -> Result<i64> {
        let sql = "INSERT INTO cairn_admin_views (type, name, owner, shared, definition, created_at, updated_at)
                   VALUES (?1, ?2, CAST(?3 AS BIGINT), ?4, ?5, ?6, ?6)";
        let definition = Json::Object(view.definition.clone()).to_string();
        let values = (view.content_type.as_str(), view.name.as_str(), owner, view.shared, definition, now);
        self.tx.conn.insert("saving a view", sql, values, false)
    }

    /// Changes a view. Returns `false` if it does not exist.
    pub fn update(&mut self, id: i64, view: &NewAdminView, now: i64) -> Result<bool> {
        let sql = "UPDATE cairn_admin_views SET name = ?1, shared = ?2, definition = ?3, updated_at = ?4 WHERE id = ?5";
        let definition = Json::Object(view.definition.clone()).to_string();
        Ok(self.tx.conn.execute("changing a view", sql, (view.name.as_str(), view.shared, definition, now, id))? > 0)
    }

    /// Deletes a view. Returns `false` if it does not exist.
    pub fn delete(&mut self, id: i64) -> Result<bool> {
        Ok(self.tx.conn.execute("removing a view", "DELETE FROM cairn_admin_views WHERE id = ?1", [id])? > 0)
    }
}
