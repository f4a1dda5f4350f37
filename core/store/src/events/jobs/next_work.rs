//! Next work of the handlers and consumers of a process: whether any is due, and when there will be some.

use super::super::deliveries::BEHIND_ANOTHER_DUE;
use crate::connection::Value;
use crate::namespaces;
use crate::{Reader, Result};

/// The work that a process can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkFilter<'a> {
    /// Names of jobs that it has handlers for.
    pub jobs: &'a [&'a str],
    /// Names of consumers that it drives.
    pub consumers: &'a [&'a str],
    /// Those recurring jobs that do not need a wake-up of their own.
    pub quiet: &'a [&'a str],
}

/// A table expression of these texts, with the column `column1`; the texts are appended to the values. Must not be empty.
pub(super) fn text_table(texts: &[&str], values: &mut Vec<Value>) -> String {
    let rows: Vec<String> = texts
        .iter()
        .map(|text| {
            values.push((*text).into());
            format!("(CAST(?{} AS TEXT))", values.len())
        })
        .collect();
    format!("(VALUES {}) AS n", rows.join(", "))
}

impl namespaces::Jobs<Reader<'_>> {
    /// True if a job with these names is due, or its lease has ended. Jobs that wait for others cost nothing. Returns an error if the
    /// database cannot be read.
    pub fn has_due(&self, names: &[&str], now: i64) -> Result<bool> {
        if names.is_empty() {
            return Ok(false);
        }
        let mut values: Vec<Value> = vec![now.into()];
        let names = text_table(names, &mut values);
        let sql = format!(
            "SELECT 1 FROM {names} WHERE
               EXISTS (SELECT 1 FROM cairn_jobs j WHERE j.state = 'waiting' AND j.name = n.column1 AND j.due <= ?1)
               OR EXISTS (SELECT 1 FROM cairn_jobs j WHERE j.state = 'running' AND j.name = n.column1 AND j.leased_until <= ?1)
             LIMIT 1"
        );
        self.tx.conn.exists("finding jobs", &sql, &values[..])
    }

    /// When there is work to do next: a job, the end of a lease, a delivery, or a recurring job that is not quiet. Time in milliseconds.
    /// Returns an error if the database cannot be read.
    pub fn next_work_at(&self, duties: WorkFilter<'_>) -> Result<Option<i64>> {
        let mut values: Vec<Value> = Vec::new();
        let mut times: Vec<String> = Vec::new();
        if !duties.jobs.is_empty() {
            // Name by name, each by the index: there may be any number that wait for a later time, or for who does them.
            let names = text_table(duties.jobs, &mut values);
            times.push(format!(
                "SELECT (SELECT min(due) FROM cairn_jobs j WHERE j.state = 'waiting' AND j.name = n.column1) AS t FROM {names}"
            ));
            times.push(format!(
                "SELECT (SELECT min(leased_until) FROM cairn_jobs j WHERE j.state = 'running' AND j.name = n.column1) FROM {names}"
            ));
            let loud: Vec<&str> = duties.jobs.iter().copied().filter(|name| !duties.quiet.contains(name)).collect();
            if !loud.is_empty() {
                let names = text_table(&loud, &mut values);
                times.push(format!(
                    "SELECT next FROM cairn_cron WHERE next IS NOT NULL AND job IN (SELECT column1 FROM {names})"
                ));
            }
        }
        if !duties.consumers.is_empty() {
            let names = text_table(duties.consumers, &mut values);
            times.push(format!(
                "SELECT (SELECT min(due) FROM cairn_deliveries d WHERE d.state = 'waiting' AND d.consumer = c.name) AS t
                 FROM cairn_consumers c WHERE c.state = 'active' AND c.name IN (SELECT column1 FROM {names})"
            ));
        }
        if times.is_empty() {
            return Ok(None);
        }
        // Deliveries behind another one have a due time that never comes. The first SELECT names the column.
        let sql = format!(
            "SELECT min(t) FROM (SELECT CAST(NULL AS BIGINT) AS t UNION ALL {}) AS times WHERE t < {BEHIND_ANOTHER_DUE}",
            times.join(" UNION ALL ")
        );
        Ok(self.tx.conn.query_first("reading the next due time", &sql, &values[..], |r| r.get(0))?.flatten())
    }
}
