//! Reads the history: lists without stored content, one version with it, titles of linked documents.

use super::{HistoryStatus, read_names};
use crate::connection::{Param, Row, ToParam};
use crate::events::Actor;
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result, StoreError};
use cairn_model::{AttributeId, TypeId};
use serde_json::Value as Json;
use std::collections::HashMap;

/// An entry, without the content of the version.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// Numeric id of the entry.
    pub id: i64,
    /// Uid of the content type.
    pub content_type: String,
    /// Id of the document.
    pub document_id: String,
    /// Its locale; empty if the type is not localised.
    pub locale: String,
    /// The action, as [`NewHistoryEntry::action`](crate::history::NewHistoryEntry::action).
    pub action: String,
    /// Status of the version.
    pub status: HistoryStatus,
    /// Its version token.
    pub version: i64,
    /// True if the editor saved by itself.
    pub autosave: bool,
    /// Time in milliseconds; for folded autosaves that of the last.
    pub at: i64,
    /// Actor who saved the version.
    pub actor: Actor,
    /// Names of the attributes that changed, as they were at that time.
    pub changed: Vec<String>,
    /// A remark for people.
    pub note: Option<String>,
}

/// Selects entries of a document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HistoryFilter {
    /// Uid of the content type.
    pub content_type: String,
    /// Id of the document.
    pub document_id: String,
    /// Only entries in that locale; `None`: in all.
    pub locale: Option<String>,
    /// Only entries with smaller ids.
    pub before: Option<i64>,
}

const COLUMNS: &str = "id, type, document_id, locale, action, status, version, autosave, at, actor, changed, note";

fn read_entry(r: &Row<'_>) -> Result<HistoryEntry> {
    let id = r.get(0)?;
    Ok(HistoryEntry {
        id,
        content_type: r.get(1)?,
        document_id: r.get(2)?,
        locale: r.get(3)?,
        action: r.get(4)?,
        status: HistoryStatus::parse(&r.get::<String>(5)?),
        version: r.get(6)?,
        autosave: r.get(7)?,
        at: r.get(8)?,
        actor: Actor::from_json(&r.get::<String>(9)?),
        changed: read_names(r, 10, id)?,
        note: r.get(11)?,
    })
}

impl namespaces::History<Reader<'_>> {
    /// Lists the entries of a document, newest first.
    pub fn list(&self, filter: &HistoryFilter, limit: i64) -> Result<Vec<HistoryEntry>> {
        let HistoryFilter { content_type, document_id, locale, before } = filter;
        let before = before.unwrap_or(i64::MAX);
        match locale {
            Some(locale) => {
                let sql = format!(
                    "SELECT {COLUMNS} FROM cairn_history WHERE type = ?1 AND document_id = ?2 AND locale = ?3 AND id < ?4
                     ORDER BY id DESC LIMIT ?5"
                );
                self.tx.conn.query_all(
                    "reading the history",
                    &sql,
                    (content_type, document_id, locale, before, limit),
                    read_entry,
                )
            }
            None => {
                let sql = format!(
                    "SELECT {COLUMNS} FROM cairn_history WHERE type = ?1 AND document_id = ?2 AND id < ?3
                     ORDER BY id DESC LIMIT ?4"
                );
                self.tx.conn.query_all(
                    "reading the history",
                    &sql,
                    (content_type, document_id, before, limit),
                    read_entry,
                )
            }
        }
    }

    /// Lists the entries of a document in a locale after the version with that token, oldest first.
    pub fn list_since(
        &self,
        content_type: &str,
        document_id: &str,
        locale: &str,
        version: i64,
        limit: i64,
    ) -> Result<Vec<HistoryEntry>> {
        entries_since(self.tx.conn, (content_type, document_id, locale), version, limit)
    }

    /// Gets an entry with the content of the version (JSON; `None` if it was deleted).
    pub fn get(&self, id: i64) -> Result<Option<(HistoryEntry, Option<String>)>> {
        let sql = format!("SELECT {COLUMNS}, snapshot FROM cairn_history WHERE id = ?1");
        self.tx.conn.query_first("reading the history", &sql, [id], |r| Ok((read_entry(r)?, r.get(12)?)))
    }

    /// Lists deletions of documents of a type that do not exist now, newest first: one entry for each document and locale, with the text of
    /// the first of the named attributes that has one in that version.
    pub fn list_deletions(
        &self,
        ct: TypeId,
        titles: &[&str],
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(HistoryEntry, Option<String>)>> {
        let content_type = self.tx.store.registry.get(ct);
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
        self.tx.conn.query_all("reading the history", &sql, (&content_type.uid, before, limit), |r| {
            // Snapshots are parsed one at a time: a version may be large.
            let snapshot: Option<String> = if titles.is_empty() { None } else { r.get(12)? };
            let values: Option<Json> = snapshot.and_then(|text| serde_json::from_str(&text).ok());
            let texts = values.iter().flat_map(|values| titles.iter().filter_map(move |title| values[*title].as_str()));
            let text = texts.into_iter().find(|text| !text.is_empty()).map(str::to_owned);
            Ok((read_entry(r)?, text))
        })
    }
}

impl namespaces::Documents<Reader<'_>> {
    /// A text of each of these documents, by document id: the draft's if it has one, in that locale if the type is localised and the
    /// document has it. It is the value of the first of the `attributes`, which must be texts, that has one; else the text is empty.
    /// Documents that do not exist are left out.
    pub fn find_titles(
        &self,
        ct: TypeId,
        attributes: &[AttributeId],
        documents: &[&str],
        locale: &str,
    ) -> Result<HashMap<String, String>> {
        if documents.is_empty() {
            return Ok(HashMap::new());
        }
        let content_type = self.tx.store.registry.get(ct);
        let column = |id: &AttributeId| format!("NULLIF({}, ''), ", Ident::column(&content_type.attributes[*id]));
        let columns: String = attributes.iter().map(column).collect();
        let dialect = self.tx.conn.dialect();
        // The last one of a document is the one that stays.
        let sql = format!(
            "SELECT document_id, CAST(COALESCE({columns}NULL, NULL) AS text) FROM {} WHERE {}
             ORDER BY CASE WHEN locale = ?2 THEN 1 ELSE 0 END, _status DESC",
            Ident::table(content_type),
            dialect.in_list("document_id", 1),
        );
        let params: [Param<'_>; 2] = [Param::Texts(documents), locale.param()];
        let found: Vec<(String, Option<String>)> =
            self.tx.conn.query_all("looking up titles", &sql, &params[..], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(found.into_iter().map(|(id, title)| (id, title.unwrap_or_default())).collect())
    }
}

impl namespaces::History<Reader<'_>> {
    /// The entries of the last deletion of a document, with the content of the versions.
    pub fn get_last_deletion(
        &self,
        content_type: &str,
        document_id: &str,
    ) -> Result<Vec<(HistoryEntry, Option<String>)>> {
        let sql = format!(
            "SELECT {COLUMNS}, snapshot FROM cairn_history h
             WHERE h.type = ?1 AND h.document_id = ?2 AND h.action = 'deleted'
               AND NOT EXISTS (SELECT 1 FROM cairn_history n WHERE n.type = h.type AND n.document_id = h.document_id
                                 AND n.locale = h.locale AND n.id > h.id)
             ORDER BY h.id"
        );
        self.tx
            .conn
            .query_all("reading the history", &sql, (content_type, document_id), |r| Ok((read_entry(r)?, r.get(12)?)))
    }
}

fn entries_since(
    conn: &crate::connection::Connection,
    (content_type, document_id, locale): (&str, &str, &str),
    version: i64,
    limit: i64,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cairn_history
         WHERE type = ?1 AND document_id = ?2 AND locale = ?3 AND version > ?4 ORDER BY id DESC LIMIT ?5"
    );
    let mut entries =
        conn.query_all("reading the history", &sql, (content_type, document_id, locale, version, limit), read_entry)?;
    entries.reverse();
    Ok(entries)
}
