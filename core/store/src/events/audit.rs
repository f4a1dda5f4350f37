//! `cairn_audit`: who did what, chained by hash. Rows are added, never changed; the caller computes the hashes.

use super::Actor;
use crate::connection::{Param, Row, ToParam, Value};
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// An entry to add.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAuditEntry {
    /// Number of the entry: one more than that of the entry before it.
    pub n: i64,
    /// The event it came from.
    pub event_id: String,
    /// Time in milliseconds since 1970.
    pub at: i64,
    /// Name of the recorded action.
    pub action: String,
    /// Actor of the recorded action.
    pub actor: Actor,
    /// Uid of the content type, where it is about content.
    pub content_type: Option<String>,
    /// Id of the document, if it is about one.
    pub document_id: Option<String>,
    /// Locale of the document; `None` if its type is not localised.
    pub locale: Option<String>,
    /// Further data, an object.
    pub details: Json,
    /// The hash of the entry before it.
    pub previous: String,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// The fields that callers write.
    pub entry: NewAuditEntry,
    /// Actor and details, as stored: what was hashed.
    pub stored: (String, String),
    /// Hash over the entry and the hash before it.
    pub hash: String,
}

/// Selects entries of the audit log.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditFilter {
    /// The exact action, or with `*` at the end its prefix.
    pub action: Option<String>,
    /// Only entries of this actor ([`Actor::key`]).
    pub actor: Option<String>,
    /// Only entries about this content type.
    pub content_type: Option<String>,
    /// Only entries about this document.
    pub document_id: Option<String>,
    /// Only entries at or after this time, in milliseconds.
    pub from: Option<i64>,
    /// Only entries before this time, in milliseconds.
    pub to: Option<i64>,
    /// Only entries of this batch ([`Actor::batch`]).
    pub batch: Option<String>,
}

impl AuditFilter {
    /// SQL to append to a condition; its values are appended to `values`.
    pub(super) fn sql_condition(&self, values: &mut Vec<Value>) -> String {
        let mut sql = String::new();
        let mut add = |text: &str, value: Value| {
            values.push(value);
            sql.push_str(&text.replace('#', &format!("?{}", values.len())));
        };
        if let Some(action) = &self.action {
            match action.strip_suffix('*') {
                Some(start) => {
                    add(" AND action >= #", start.into());
                    add(" AND action < #", format!("{start}\u{10ffff}").into());
                }
                None => add(" AND action = #", action.as_str().into()),
            }
        }
        let texts = [
            ("actor_key", &self.actor),
            ("type", &self.content_type),
            ("document_id", &self.document_id),
            ("batch", &self.batch),
        ];
        for (column, value) in texts {
            if let Some(value) = value {
                add(&format!(" AND {column} = #"), value.as_str().into());
            }
        }
        if let Some(from) = self.from {
            add(" AND at >= #", from.into());
        }
        if let Some(to) = self.to {
            add(" AND at < #", to.into());
        }
        sql
    }
}

pub(super) const COLUMNS: &str = "n, event_id, at, action, actor, type, document_id, locale, details, previous, hash";

pub(super) fn read_audit_entry(r: &Row<'_>) -> Result<AuditEntry> {
    let n = r.get(0)?;
    let (actor, details): (String, String) = (r.get(4)?, r.get(8)?);
    let entry = NewAuditEntry {
        n,
        event_id: r.get(1)?,
        at: r.get(2)?,
        action: r.get(3)?,
        actor: Actor::from_record_json(&actor),
        content_type: r.get(5)?,
        document_id: r.get(6)?,
        locale: r.get(7)?,
        // Damaged details are returned as text; the hash chain reveals the damage.
        details: serde_json::from_str(&details).unwrap_or_else(|_| Json::String(details.clone())),
        previous: r.get(9)?,
    };
    Ok(AuditEntry { entry, stored: (actor, details), hash: r.get(10)? })
}

impl namespaces::Audit<Reader<'_>> {
    /// Lists entries behind a number, in order.
    pub fn list_after(&self, n: i64, limit: i64) -> Result<Vec<AuditEntry>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_audit WHERE n > ?1 ORDER BY n LIMIT ?2");
        self.tx.conn.query_all("reading the audit log", &sql, (n, limit), read_audit_entry)
    }

    /// Lists the entries of a filter, newest first, before a number (`None`: from the newest on).
    pub fn list(&self, filter: &AuditFilter, before: Option<i64>, limit: i64) -> Result<Vec<AuditEntry>> {
        self.list_filtered(filter, ("n < ?1", "n DESC"), before.unwrap_or(i64::MAX), limit)
    }

    /// Lists the entries of a filter, oldest first, behind a number.
    pub fn list_oldest_first(&self, filter: &AuditFilter, after: i64, limit: i64) -> Result<Vec<AuditEntry>> {
        self.list_filtered(filter, ("n > ?1", "n"), after, limit)
    }

    /// The time of the last entry of an action for each of these actors ([`Actor::key`]) who has one, in milliseconds.
    pub fn list_last_times(&self, action: &str, actors: &[&str]) -> Result<Vec<(String, i64)>> {
        let list = self.tx.conn.dialect().in_list("actor_key", 2);
        let sql = format!("SELECT actor_key, max(at) FROM cairn_audit WHERE action = ?1 AND {list} GROUP BY actor_key");
        let values = [Param::Text(action), Param::Texts(actors)];
        self.tx.conn.query_all("reading the audit log", &sql, values, |r| Ok((r.get(0)?, r.get(1)?)))
    }

    fn list_filtered(
        &self,
        filter: &AuditFilter,
        (side, order): (&str, &str),
        n: i64,
        limit: i64,
    ) -> Result<Vec<AuditEntry>> {
        let mut values: Vec<Value> = vec![n.into(), limit.into()];
        let condition = filter.sql_condition(&mut values);
        let sql = format!("SELECT {COLUMNS} FROM cairn_audit WHERE {side}{condition} ORDER BY {order} LIMIT ?2");
        self.tx.conn.query_all("reading the audit log", &sql, &values[..], read_audit_entry)
    }

    /// Number and hash of the last entry.
    pub fn get_last(&self) -> Result<Option<(i64, String)>> {
        let sql = "SELECT n, hash FROM cairn_audit ORDER BY n DESC LIMIT 1";
        self.tx.conn.query_first("reading the audit log", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))
    }
}

impl namespaces::Audit<&mut WriteTx<'_>> {
    /// Adds entries, in order. [`StoreError::Unique`] if one of the numbers exists.
    pub fn append(&mut self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        let keys: Vec<_> = entries.iter().map(|e| e.entry.actor.key()).collect();
        let rows: Vec<Vec<Param<'_>>> = entries
            .iter()
            .zip(&keys)
            .map(|(AuditEntry { entry: e, stored: (actor, details), hash }, key)| {
                vec![
                    Param::Integer(e.n),
                    Param::Text(&e.event_id),
                    Param::Integer(e.at),
                    Param::Text(&e.action),
                    Param::Text(actor),
                    Param::Text(key),
                    e.content_type.param(),
                    e.document_id.param(),
                    e.locale.param(),
                    Param::Text(details),
                    Param::Text(&e.previous),
                    Param::Text(hash),
                    e.actor.batch.param(),
                ]
            })
            .collect();
        self.tx.conn.execute_each(
            "writing the audit log",
            "INSERT INTO cairn_audit
               (n, event_id, at, action, actor, actor_key, type, document_id, locale, details, previous, hash, batch)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            &rows,
        )
    }
}
