//! The audit log by batch: of each batch the newest entry, with the number of its entries.

use super::audit::{COLUMNS, read_audit_entry};
use super::{AuditEntry, AuditFilter};
use crate::connection::Value;
use crate::namespaces;
use crate::{Reader, Result};
use std::collections::{BTreeMap, HashSet};

/// Summary of the entries of one batch, as far as a filter selects them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditBatch {
    /// Number of entries.
    pub entries: i64,
    /// Number of entries of each action, most frequent first.
    pub actions: Vec<(String, i64)>,
    /// Time of the first entry, in milliseconds.
    pub from: i64,
    /// Time of the last entry, in milliseconds.
    pub to: i64,
}

impl namespaces::Audit<Reader<'_>> {
    /// Does the same as [`Self::list`], with the newest entry of each batch alone. Batches that an earlier page contained are left out:
    /// `before` is the number of its last entry. Returns an error if the database cannot be read.
    pub fn list_by_batch(&self, filter: &AuditFilter, before: Option<i64>, limit: i64) -> Result<Vec<AuditEntry>> {
        let (mut entries, mut known) = (Vec::new(), HashSet::new());
        let mut n = before.unwrap_or(i64::MAX);
        loop {
            let remaining = limit - entries.len() as i64;
            let rows = self.list_outside_batches(filter, &known, n, remaining)?;
            let read = rows.len() as i64;
            for row in rows {
                n = row.entry.n;
                let Some(batch) = row.entry.actor.batch.clone() else {
                    entries.push(row);
                    continue;
                };
                // Batches are checked once; known ones are not read again.
                let is_listed = match before {
                    Some(before) if !known.contains(&batch) => self.is_in_batch_from(filter, &batch, before)?,
                    _ => false,
                };
                if known.insert(batch) && !is_listed {
                    entries.push(row);
                }
            }
            if read < remaining || entries.len() as i64 >= limit {
                return Ok(entries);
            }
        }
    }

    /// Lists entries before a number, without those of some batches.
    fn list_outside_batches(
        &self,
        filter: &AuditFilter,
        known: &HashSet<String>,
        n: i64,
        limit: i64,
    ) -> Result<Vec<AuditEntry>> {
        let mut values: Vec<Value> = vec![n.into(), limit.into()];
        let condition = filter.sql_condition(&mut values);
        let beside = match known.is_empty() {
            true => String::new(),
            false => format!(" AND (batch IS NULL OR batch NOT IN ({}))", text_placeholders(known.iter(), &mut values)),
        };
        let sql = format!("SELECT {COLUMNS} FROM cairn_audit WHERE n < ?1{condition}{beside} ORDER BY n DESC LIMIT ?2");
        self.tx.conn.query_all("reading the audit log", &sql, &values[..], read_audit_entry)
    }

    fn is_in_batch_from(&self, filter: &AuditFilter, batch: &str, n: i64) -> Result<bool> {
        let mut values: Vec<Value> = vec![batch.into(), n.into()];
        let condition = filter.sql_condition(&mut values);
        let sql = format!("SELECT 1 FROM cairn_audit WHERE batch = ?1 AND n >= ?2{condition} LIMIT 1");
        self.tx.conn.exists("reading the audit log", &sql, &values[..])
    }

    /// Summarises each of these batches. Returns an error if the database cannot be read.
    pub fn summarise_batches(&self, filter: &AuditFilter, batches: &[String]) -> Result<BTreeMap<String, AuditBatch>> {
        let mut all = BTreeMap::<String, AuditBatch>::new();
        if batches.is_empty() {
            return Ok(all);
        }
        let mut values = Vec::new();
        let placeholders = text_placeholders(batches.iter(), &mut values);
        let condition = filter.sql_condition(&mut values);
        let sql = format!(
            "SELECT batch, action, count(*), min(at), max(at) FROM cairn_audit WHERE batch IN ({placeholders}){condition}
             GROUP BY batch, action ORDER BY batch, count(*) DESC, action"
        );
        let rows: Vec<(String, String, i64, i64, i64)> =
            self.tx.conn.query_all("reading the audit log", &sql, &values[..], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
            })?;
        for (batch, action, count, from, to) in rows {
            let one = all.entry(batch).or_insert_with(|| AuditBatch { from, to, ..AuditBatch::default() });
            one.entries += count;
            one.actions.push((action, count));
            (one.from, one.to) = (one.from.min(from), one.to.max(to));
        }
        Ok(all)
    }
}

/// Placeholders for texts, which are appended to the values.
fn text_placeholders<'a>(texts: impl Iterator<Item = &'a String>, values: &mut Vec<Value>) -> String {
    let mut marks = Vec::new();
    for text in texts {
        values.push(text.as_str().into());
        marks.push(format!("?{}", values.len()));
    }
    marks.join(", ")
}
