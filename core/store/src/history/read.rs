//! Reading the history: lists without what the versions hold, one version whole, titles of what versions link to.

use super::{HistoryStatus, read_names};
use crate::connection::{Param, Row, ToParam};
use crate::events::Actor;
use crate::ident::Ident;
use crate::{Reader, Result, StoreError, WriteTx};
use cairn_model::{AttributeId, TypeId};
use serde_json::Value as Json;
use std::collections::HashMap;

/// An entry, without what the version holds.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// Its number.
    pub id: i64,
    /// Uid of the content type.
    pub content_type: String,
    /// The document.
    pub document_id: String,
    /// Its locale; empty where the type is not localised.
    pub locale: String,
    /// What was done.
    pub action: String,
    /// Which version.
    pub status: HistoryStatus,
    /// Its version token.
    pub version: i64,
    /// The editor saved by itself.
    pub autosave: bool,
    /// When, in milliseconds; of several autosaves the last.
    pub at: i64,
    /// Who did it.
    pub actor: Actor,
    /// Names of the attributes that changed, as they were called then.
    pub changed: Vec<String>,
    /// A remark.
    pub note: Option<String>,
}

/// Entries of a document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HistoryFilter {
    /// Uid of the content type.
    pub content_type: String,
    /// The document.
    pub document_id: String,
    /// In that locale; `None`: in all.
    pub locale: Option<String>,
    /// With numbers below this one.
    pub before: Option<i64>,
}

const COLUMNS: &str = "id, type, document_id, locale, action, status, version, autosave, at, actor, changed, note";

fn read(r: &Row<'_>) -> Result<HistoryEntry> {
    let id = r.get(0)?;
    Ok(HistoryEntry {
        id,
        content_type: r.get(1)?,
        document_id: r.get(2)?,
        locale: r.get(3)?,
        action: r.get(4)?,
        status: HistoryStatus::read(&r.get::<String>(5)?),
        version: r.get(6)?,
        autosave: r.get(7)?,
        at: r.get(8)?,
        actor: Actor::read(&r.get::<String>(9)?),
        changed: read_names(r, 10, id)?,
        note: r.get(11)?,
    })
}

impl Reader<'_> {
    /// Entries of a document, newest first.
    pub fn history(&self, filter: &HistoryFilter, limit: i64) -> Result<Vec<HistoryEntry>> {
        let HistoryFilter { content_type, document_id, locale, before } = filter;
        let before = before.unwrap_or(i64::MAX);
        match locale {
            Some(locale) => {
                let sql = format!(
                    "SELECT {COLUMNS} FROM cairn_history WHERE type = ?1 AND document_id = ?2 AND locale = ?3 AND id < ?4
                     ORDER BY id DESC LIMIT ?5"
                );
                self.conn.all("reading the history", &sql, (content_type, document_id, locale, before, limit), read)
            }
            None => {
                let sql = format!(
                    "SELECT {COLUMNS} FROM cairn_history WHERE type = ?1 AND document_id = ?2 AND id < ?3
                     ORDER BY id DESC LIMIT ?4"
                );
                self.conn.all("reading the history", &sql, (content_type, document_id, before, limit), read)
            }
        }
    }

    /// Entries of a document in a locale that came after the version with that token, oldest first.
    pub fn history_since(
        &self,
        content_type: &str,
        document_id: &str,
        locale: &str,
        version: i64,
        limit: i64,
    ) -> Result<Vec<HistoryEntry>> {
        since(self.conn, (content_type, document_id, locale), version, limit)
    }

    /// An entry and what the version holds (JSON; `None` where it went).
    pub fn history_entry(&self, id: i64) -> Result<Option<(HistoryEntry, Option<String>)>> {
        let sql = format!("SELECT {COLUMNS}, snapshot FROM cairn_history WHERE id = ?1");
        self.conn.first("reading the history", &sql, [id], |r| Ok((read(r)?, r.get(12)?)))
    }

    /// Deletions of documents of a type that are not there now, newest first: one entry for each document and locale, with the text
    /// that the version had in the attribute of that name.
    pub fn deleted_documents(
        &self,
        ct: TypeId,
        title: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(HistoryEntry, Option<String>)>> {
        let content_type = self.store.registry.get(ct);
        let sql = format!(
            "SELECT {COLUMNS}, snapshot FROM cairn_history h
             WHERE h.type = ?1 AND h.action = 'deleted' AND h.id < ?2
               AND NOT EXISTS (SELECT 1 FROM cairn_history n WHERE n.type = h.type AND n.document_id = h.document_id
                                 AND n.locale = h.locale AND n.id > h.id)
               AND NOT EXISTS (SELECT 1 FROM {} d WHERE d.document_id = h.document_id AND d.locale = h.locale)
             ORDER BY h.id DESC LIMIT ?3",
            Ident::table(content_type)
        );
        let before = before.unwrap_or(i64::MAX);
        self.conn.all("reading the history", &sql, (&content_type.uid, before, limit), |r| {
            // One at a time: a version may be large.
            let snapshot: Option<String> = if title.is_some() { r.get(12)? } else { None };
            let values: Option<Json> = snapshot.and_then(|text| serde_json::from_str(&text).ok());
            let text = title.zip(values).and_then(|(title, values)| values[title].as_str().map(str::to_owned));
            Ok((read(r)?, text))
        })
    }

    /// A text of each of these documents, by document id: the draft's where there is one, in that locale where the type is
    /// localised and the document has it. Documents that are not there are left out; without an `attribute` (which must be
    /// a text), the texts are empty.
    pub fn titles(
        &self,
        ct: TypeId,
        attribute: Option<AttributeId>,
        documents: &[&str],
        locale: &str,
    ) -> Result<HashMap<String, String>> {
        if documents.is_empty() {
            return Ok(HashMap::new());
        }
        let content_type = self.store.registry.get(ct);
        let column = attribute.map_or("NULL".to_owned(), |a| Ident::column(&content_type.attributes[a]).to_string());
        let dialect = self.conn.dialect();
        // The last one of a document is the one that stays.
        let sql = format!(
            "SELECT document_id, CAST({column} AS text) FROM {} WHERE {}
             ORDER BY CASE WHEN locale = ?2 THEN 1 ELSE 0 END, _status DESC",
            Ident::table(content_type),
            dialect.in_list("document_id", 1),
        );
        let params: [Param<'_>; 2] = [Param::Texts(documents), locale.param()];
        let found: Vec<(String, Option<String>)> =
            self.conn.all("looking up titles", &sql, &params[..], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(found.into_iter().map(|(id, title)| (id, title.unwrap_or_default())).collect())
    }
}

impl WriteTx<'_> {
    /// As [`Reader::history_since`], inside the transaction.
    pub fn history_since(
        &self,
        content_type: &str,
        document_id: &str,
        locale: &str,
        version: i64,
        limit: i64,
    ) -> Result<Vec<HistoryEntry>> {
        since(self.conn, (content_type, document_id, locale), version, limit)
    }

    /// The entries of the last deletion of a document, with what the versions held.
    pub fn last_deletion(&self, content_type: &str, document_id: &str) -> Result<Vec<(HistoryEntry, Option<String>)>> {
        let sql = format!(
            "SELECT {COLUMNS}, snapshot FROM cairn_history h
             WHERE h.type = ?1 AND h.document_id = ?2 AND h.action = 'deleted'
               AND NOT EXISTS (SELECT 1 FROM cairn_history n WHERE n.type = h.type AND n.document_id = h.document_id
                                 AND n.locale = h.locale AND n.id > h.id)
             ORDER BY h.id"
        );
        self.conn.all("reading the history", &sql, (content_type, document_id), |r| Ok((read(r)?, r.get(12)?)))
    }
}

fn since(
    conn: &crate::connection::Connection,
    (content_type, document_id, locale): (&str, &str, &str),
    version: i64,
    limit: i64,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cairn_history
         WHERE type = ?1 AND document_id = ?2 AND locale = ?3 AND version > ?4 ORDER BY id DESC LIMIT ?5"
    );
    let mut found = conn.all("reading the history", &sql, (content_type, document_id, locale, version, limit), read)?;
    found.reverse();
    Ok(found)
}
