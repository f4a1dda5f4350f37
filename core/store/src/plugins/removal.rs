//! All that the system tables have of a plugin beside its own row: counted, and removed.

use super::names_of;
use crate::{Reader, Result, WriteTx};

/// How much the system tables have of a plugin. Its content types are not among it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PluginCounts {
    /// Secrets that are set.
    pub secrets: usize,
    /// Entries that it keeps by key, expired ones included.
    pub entries: usize,
    /// Calls that failed.
    pub calls: usize,
    /// Lines that it logged.
    pub logs: usize,
    /// What is in its search indexes, of both copies where one is rebuilt.
    pub indexed: usize,
    /// Jobs, whatever their state.
    pub jobs: usize,
    /// Recurring jobs.
    pub recurring: usize,
    /// Consumers of events.
    pub consumers: usize,
}

/// Tables of plugins alone.
const OWN: [&str; 5] =
    ["cairn_plugin_secrets", "cairn_plugin_kv", "cairn_plugin_calls", "cairn_plugin_logs", "cairn_plugin_search"];
/// Tables that are everybody's.
const SHARED: [&str; 3] = ["cairn_jobs", "cairn_cron", "cairn_consumers"];

/// The first name after all that begin with `names`, which ends in a colon.
fn end_of(names: &str) -> String {
    format!("{};", names.trim_end_matches(':'))
}

impl PluginCounts {
    fn of(own: [usize; 5], shared: [usize; 3]) -> Self {
        let [secrets, entries, calls, logs, indexed] = own;
        let [jobs, recurring, consumers] = shared;
        Self { secrets, entries, calls, logs, indexed, jobs, recurring, consumers }
    }
}

impl Reader<'_> {
    /// What [`WriteTx::remove_plugin_data`] would remove.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn plugin_counts(&self, plugin: &str) -> Result<PluginCounts> {
        let doing = "counting what a plugin has";
        let (names, mut own, mut shared) = (names_of(plugin), [0; 5], [0; 3]);
        let number = |n: Option<i64>| usize::try_from(n.unwrap_or(0)).unwrap_or(0);
        for (table, count) in OWN.iter().zip(&mut own) {
            let sql = format!("SELECT count(*) FROM {table} WHERE plugin = ?1");
            *count = number(self.conn.first(doing, &sql, [plugin], |r| r.get(0))?);
        }
        for (table, count) in SHARED.iter().zip(&mut shared) {
            let sql = format!("SELECT count(*) FROM {table} WHERE name >= ?1 AND name < ?2");
            *count = number(self.conn.first(doing, &sql, (&names, end_of(&names)), |r| r.get(0))?);
        }
        Ok(PluginCounts::of(own, shared))
    }
}

impl WriteTx<'_> {
    /// Removes all that the system tables have of a plugin beside its own row: what it keeps, its secrets, logs and calls; its
    /// jobs, recurring jobs and consumers, which are those whose names begin with [`names_of`] it. A job of it that is under way ends
    /// as one that lost its lease. Where it is to go on hearing nothing and doing nothing, its handlers and subscribers are taken from the
    /// engines first. What was removed.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub fn remove_plugin_data(&mut self, plugin: &str) -> Result<PluginCounts> {
        let doing = "removing what a plugin has";
        self.touch_settings();
        self.changes.events = true;
        let (names, mut own, mut shared) = (names_of(plugin), [0; 5], [0; 3]);
        let end = end_of(&names);
        for (table, count) in OWN.iter().zip(&mut own) {
            *count = self.conn.execute(doing, &format!("DELETE FROM {table} WHERE plugin = ?1"), [plugin])?;
        }
        self.conn.execute(doing, "DELETE FROM cairn_plugin_indexes WHERE plugin = ?1", [plugin])?;
        // What the host keeps of it beside its own entries: under `<id>/…`, and `0` comes after `/`.
        let sql = "DELETE FROM cairn_plugin_kv WHERE plugin >= ?1 AND plugin < ?2";
        self.conn.execute(doing, sql, (format!("{plugin}/"), format!("{plugin}0")))?;
        let sql = "DELETE FROM cairn_deliveries WHERE consumer >= ?1 AND consumer < ?2";
        self.conn.execute(doing, sql, (&names, &end))?;
        for (table, count) in SHARED.iter().zip(&mut shared) {
            let sql = format!("DELETE FROM {table} WHERE name >= ?1 AND name < ?2");
            *count = self.conn.execute(doing, &sql, (&names, &end))?;
        }
        Ok(PluginCounts::of(own, shared))
    }
}
