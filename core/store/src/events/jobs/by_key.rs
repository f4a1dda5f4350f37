//! Jobs by the names and keys that callers gave them.

use super::{COLUMNS, JobRow, read_job};
use crate::connection::Value;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use std::collections::HashMap;

/// Number of names and keys that one statement looks for.
const KEYS_PER_STATEMENT: usize = 200;

/// Placeholders for rows of a name and a key, which are appended to the values.
fn pair_placeholders(targets: &[(&str, &str)], values: &mut Vec<Value>) -> String {
    let rows: Vec<String> = targets
        .iter()
        .map(|(name, key)| {
            values.extend([(*name).into(), (*key).into()]);
            format!("(CAST(?{} AS TEXT), CAST(?{} AS TEXT))", values.len() - 1, values.len())
        })
        .collect();
    rows.join(", ")
}

impl namespaces::Jobs<Reader<'_>> {
    /// For each name and key the newest job, whatever its state, in that order; `None` if there is none, or if it ended so long
    /// ago that it was deleted. Returns an error if the database cannot be read.
    pub fn find_newest_by_key(&self, targets: &[(&str, &str)]) -> Result<Vec<Option<JobRow>>> {
        let mut found: HashMap<(String, String), JobRow> = HashMap::new();
        for targets in targets.chunks(KEYS_PER_STATEMENT) {
            let mut values: Vec<Value> = Vec::new();
            let sql = format!(
                "SELECT {COLUMNS} FROM cairn_jobs WHERE id IN (
                   SELECT (SELECT max(k.id) FROM cairn_jobs k WHERE k.name = n.column1 AND k.unique_key = n.column2)
                   FROM (VALUES {}) AS n)",
                pair_placeholders(targets, &mut values)
            );
            for row in self.tx.conn.query_all("reading jobs", &sql, &values[..], read_job)? {
                if let Some(key) = row.key.clone() {
                    found.insert((row.name.clone(), key), row);
                }
            }
        }
        Ok(targets.iter().map(|(name, key)| found.get(&((*name).to_owned(), (*key).to_owned())).cloned()).collect())
    }
}

impl namespaces::Jobs<&mut WriteTx<'_>> {
    /// Cancels waiting jobs with these names and keys, and returns their number. Running jobs continue. Returns an error if the
    /// database cannot be written.
    pub fn cancel_waiting(&mut self, targets: &[(&str, &str)], now: i64) -> Result<usize> {
        let mut cancelled = 0;
        for targets in targets.chunks(KEYS_PER_STATEMENT) {
            let mut values: Vec<Value> = vec![now.into()];
            let sql = format!(
                "UPDATE cairn_jobs SET state = 'cancelled', ended_at = ?1
                 WHERE state = 'waiting' AND (name, unique_key) IN (VALUES {})",
                pair_placeholders(targets, &mut values)
            );
            cancelled += self.tx.conn.execute("cancelling jobs", &sql, &values[..])?;
        }
        Ok(cancelled)
    }
}
