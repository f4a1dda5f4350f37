//! `cairn_preview_links`: preview links that have not been revoked.
//!
//! Times are milliseconds since 1970 in UTC and are passed by the caller.

use crate::connection::Row;
use crate::events::Actor;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A preview link.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviewLink {
    /// Unique id of the link.
    pub id: String,
    /// Uid of the content type.
    pub content_type: String,
    /// Id of the document.
    pub document_id: String,
    /// Its locale; empty if the type is not localised.
    pub locale: String,
    /// Time of creation.
    pub created_at: i64,
    /// When it expires.
    pub expires_at: i64,
    /// Actor who created it.
    pub actor: Actor,
}

const COLUMNS: &str = "id, type, document_id, locale, created_at, expires_at, actor";

fn read_preview_link(r: &Row<'_>) -> Result<PreviewLink> {
    Ok(PreviewLink {
        id: r.get(0)?,
        content_type: r.get(1)?,
        document_id: r.get(2)?,
        locale: r.get(3)?,
        created_at: r.get(4)?,
        expires_at: r.get(5)?,
        actor: Actor::from_json(&r.get::<String>(6)?),
    })
}

impl namespaces::PreviewLinks<&mut WriteTx<'_>> {
    /// Adds a preview link.
    pub fn create(&mut self, l: &PreviewLink) -> Result<()> {
        let sql = "INSERT INTO cairn_preview_links (id, type, document_id, locale, created_at, expires_at, actor)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = (&l.id, &l.content_type, &l.document_id, &l.locale, l.created_at, l.expires_at, l.actor.to_json());
        self.tx.conn.execute("adding a preview link", sql, values).map(drop)
    }

    /// Revokes a link; returns `false` if there is none.
    pub fn delete(&mut self, id: &str) -> Result<bool> {
        let sql = "DELETE FROM cairn_preview_links WHERE id = ?1";
        Ok(self.tx.conn.execute("revoking a preview link", sql, [id])? > 0)
    }

    /// Deletes links that have expired.
    pub fn purge(&mut self, now: i64) -> Result<usize> {
        self.tx.conn.execute("removing preview links", "DELETE FROM cairn_preview_links WHERE expires_at <= ?1", [now])
    }
}

impl namespaces::PreviewLinks<Reader<'_>> {
    /// Gets a link by its id.
    pub fn get(&self, id: &str) -> Result<Option<PreviewLink>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_preview_links WHERE id = ?1");
        self.tx.conn.query_first("finding a preview link", &sql, [id], read_preview_link)
    }

    /// Lists the links to a document that are valid at `now`, newest first.
    pub fn list(&self, content_type: &str, document_id: &str, now: i64) -> Result<Vec<PreviewLink>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM cairn_preview_links WHERE type = ?1 AND document_id = ?2 AND expires_at > ?3
             ORDER BY created_at DESC, id LIMIT 1000"
        );
        self.tx.conn.query_all("finding preview links", &sql, (content_type, document_id, now), read_preview_link)
    }
}
