//! A plugin's data in the system tables besides its row: counted, and deleted.

use super::name_prefix;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// Amount of a plugin's data in the system tables. Its content types are not included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PluginCounts {
    /// Number of secrets that are set.
    pub secrets: usize,
    /// Number of key-value entries, expired ones included.
    pub entries: usize,
    /// Number of failed calls.
    pub calls: usize,
    /// Number of log lines.
    pub logs: usize,
    /// Number of entries in its search indexes, in both copies if one is being rebuilt.
    pub indexed: usize,
    /// Number of jobs in any state.
    pub jobs: usize,
    /// Number of recurring jobs.
    pub recurring: usize,
    /// Number of event consumers.
    pub consumers: usize,
}

/// Tables that hold only data of plugins.
const PLUGIN_TABLES: [&str; 5] =
    ["cairn_plugin_secrets", "cairn_plugin_kv", "cairn_plugin_calls", "cairn_plugin_logs", "cairn_plugin_search"];
/// Tables that plugins share with the rest of Cairn.
const SHARED_TABLES: [&str; 3] = ["cairn_jobs", "cairn_cron", "cairn_consumers"];

/// The first name behind all that begin with `names`, which ends in a colon.
fn prefix_end(names: &str) -> String {
    format!("{};", names.trim_end_matches(':'))
}

impl PluginCounts {
    fn from_counts(own: [usize; 5], shared: [usize; 3]) -> Self {
        let [secrets, entries, calls, logs, indexed] = own;
        let [jobs, recurring, consumers] = shared;
        Self { secrets, entries, calls, logs, indexed, jobs, recurring, consumers }
    }
}

impl namespaces::Plugins<Reader<'_>> {
    /// Counts what [`plugins().delete_data`](crate::namespaces::Plugins::delete_data) would delete. Returns an error if the database cannot
    /// be read.
    pub fn count_data(&self, plugin: &str) -> Result<PluginCounts> {
        let doing = "counting the data of a plugin";
        let (names, mut own, mut shared) = (name_prefix(plugin), [0; 5], [0; 3]);
        let number = |n: Option<i64>| usize::try_from(n.unwrap_or(0)).unwrap_or(0);
        for (table, count) in PLUGIN_TABLES.iter().zip(&mut own) {
            let sql = format!("SELECT count(*) FROM {table} WHERE plugin = ?1");
            *count = number(self.tx.conn.query_first(doing, &sql, [plugin], |r| r.get(0))?);
        }
        for (table, count) in SHARED_TABLES.iter().zip(&mut shared) {
            let sql = format!("SELECT count(*) FROM {table} WHERE name >= ?1 AND name < ?2");
            *count = number(self.tx.conn.query_first(doing, &sql, (&names, prefix_end(&names)), |r| r.get(0))?);
        }
        Ok(PluginCounts::from_counts(own, shared))
    }
}

impl namespaces::Plugins<&mut WriteTx<'_>> {
    /// Deletes everything that the system tables hold of a plugin besides its row: its entries, secrets, logs and calls; its jobs,
    /// recurring jobs and consumers, which are those whose names begin with [`name_prefix`] it. A running job ends as one that lost
    /// its lease. To make sure that the plugin does no further work, first remove its handlers and subscribers from the engines.
    /// Returns the deleted amounts. Returns an error if the database cannot be written.
    pub fn delete_data(&mut self, plugin: &str) -> Result<PluginCounts> {
        let doing = "removing the data of a plugin";
        self.tx.touch_settings();
        self.tx.changes.events = true;
        let (names, mut own, mut shared) = (name_prefix(plugin), [0; 5], [0; 3]);
        let end = prefix_end(&names);
        for (table, count) in PLUGIN_TABLES.iter().zip(&mut own) {
            *count = self.tx.conn.execute(doing, &format!("DELETE FROM {table} WHERE plugin = ?1"), [plugin])?;
        }
        for table in ["cairn_plugin_indexes", "cairn_plugin_signing_keys"] {
            self.tx.conn.execute(doing, &format!("DELETE FROM {table} WHERE plugin = ?1"), [plugin])?;
        }
        self.tx.user_groups().delete_of_plugin(plugin)?;
        // Entries of the host for the plugin have keys under `<id>/…`, and `0` comes after `/`.
        let sql = "DELETE FROM cairn_plugin_kv WHERE plugin >= ?1 AND plugin < ?2";
        self.tx.conn.execute(doing, sql, (format!("{plugin}/"), format!("{plugin}0")))?;
        let sql = "DELETE FROM cairn_deliveries WHERE consumer >= ?1 AND consumer < ?2";
        self.tx.conn.execute(doing, sql, (&names, &end))?;
        for (table, count) in SHARED_TABLES.iter().zip(&mut shared) {
            let sql = format!("DELETE FROM {table} WHERE name >= ?1 AND name < ?2");
            *count = self.tx.conn.execute(doing, &sql, (&names, &end))?;
        }
        Ok(PluginCounts::from_counts(own, shared))
    }
}
