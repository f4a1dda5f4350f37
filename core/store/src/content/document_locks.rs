//! Locks on documents, until the end of a transaction.

use crate::connection::{Connection, Param};
use crate::ident::Ident;
use crate::{Result, WriteTx};
use cairn_model::TypeId;
use std::collections::HashSet;

/// How a document is locked until the end of the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// Others may link to it; nobody else may change it.
    Change,
    /// Nobody else may change it or link to it.
    Delete,
    /// Nobody else may delete it: it can be linked to.
    Link,
}

impl WriteTx<'_> {
    /// Locks a document against changes of other transactions until this one ends; returns `false` if it does not exist. SQLite has one
    /// writer, so there this only checks that it exists.
    pub fn lock_document(&self, ct: TypeId, document_id: &str, mode: LockMode) -> Result<bool> {
        let content_type = self.store.registry.get(ct);
        let t = Ident::table(content_type);
        let lock = match (self.conn, mode) {
            (Connection::Sqlite(_), _) => return self.reader().documents().exists(ct, document_id, None),
            (Connection::Postgres(_), LockMode::Change) => "FOR NO KEY UPDATE",
            (Connection::Postgres(_), LockMode::Delete) => "FOR UPDATE",
            (Connection::Postgres(_), LockMode::Link) => "FOR KEY SHARE",
        };
        // The draft's row stays for the life of a document (of a type with drafts), the published one does not; a document
        // from before its type had drafts is held by what it has.
        let head = format!("SELECT id FROM {t} WHERE document_id = ?1 AND _status = ?2 ORDER BY id {lock}");
        let doing = "locking a document";
        let status = i64::from(!content_type.draft_publish);
        if self.conn.exists(doing, &head, (document_id, status))? {
            return Ok(true);
        }
        Ok(content_type.draft_publish && self.conn.exists(doing, &head, (document_id, 1i64))?)
    }

    /// Does the same as [`WriteTx::lock_document`] with [`LockMode::Link`] for many documents at once. Returns those that exist.
    pub fn lock_link_targets(&self, ct: TypeId, documents: &[&str]) -> Result<HashSet<String>> {
        let content_type = self.store.registry.get(ct);
        let t = Ident::table(content_type);
        let (doing, inside) = ("locking documents", self.conn.dialect().in_list("document_id", 1));
        if let Connection::Sqlite(_) = self.conn {
            let sql = format!("SELECT DISTINCT document_id FROM {t} WHERE {inside}");
            let found = self.conn.query_all(doing, &sql, [Param::Texts(documents)], |r| r.get(0))?;
            return Ok(found.into_iter().collect());
        }
        let sql = format!("SELECT document_id FROM {t} WHERE {inside} AND _status = ?2 ORDER BY id FOR KEY SHARE");
        let mut found: HashSet<String> = HashSet::with_capacity(documents.len());
        let status = i64::from(!content_type.draft_publish);
        for status in std::iter::once(status).chain(content_type.draft_publish.then_some(1)) {
            let left: Vec<&str> = documents.iter().copied().filter(|d| !found.contains(*d)).collect();
            if !left.is_empty() {
                let values = [Param::Texts(&left), Param::Integer(status)];
                found.extend(self.conn.query_all(doing, &sql, values, |r| r.get::<String>(0))?);
            }
        }
        Ok(found)
    }
}
