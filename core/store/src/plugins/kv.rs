//! `cairn_plugin_kv`: the key-value stores of plugins. An expired entry does not exist, whether its row was deleted yet or not.

use crate::connection::Connection;
use crate::connection::{Param, ToParam, Value};
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use std::collections::HashMap;

/// Number of attempts at a counter that others create and delete at the same time.
const MAX_INCREMENT_ATTEMPTS: usize = 10;

/// An entry of a plugin's key-value store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvEntry {
    /// Unique key within the plugin.
    pub key: String,
    /// The stored bytes.
    pub value: Vec<u8>,
    /// Grows by one with every write.
    pub revision: i64,
}

/// An entry to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvPut {
    /// Unique key within the plugin.
    pub key: String,
    /// The bytes to store.
    pub value: Vec<u8>,
    /// Time of expiry in milliseconds; `None`: never.
    pub expires_at: Option<i64>,
    /// The revision that the entry must have, 0 if it must not exist; `None`: any.
    pub expect: Option<i64>,
}

/// SQL condition: an entry has not expired at `?n`.
fn live_entry_sql(n: usize) -> String {
    format!("(expires_at IS NULL OR expires_at > ?{n})")
}

impl namespaces::PluginKv<Reader<'_>> {
    /// Gets entries of a plugin, in the order of the keys; `None` for those that do not exist. Returns an error if the
    /// database cannot be read.
    pub fn get_entries(&self, plugin: &str, keys: &[&str], now: i64) -> Result<Vec<Option<KvEntry>>> {
        let sql = format!(
            "SELECT key, value, revision FROM cairn_plugin_kv WHERE plugin = ?1 AND {} AND {}",
            self.tx.conn.dialect().in_list("key", 2),
            live_entry_sql(3)
        );
        let values = [Param::Text(plugin), Param::Texts(keys), Param::Integer(now)];
        let found = self.tx.conn.query_all("reading entries of a plugin", &sql, values, |r| {
            let entry = KvEntry { key: r.get(0)?, value: r.get(1)?, revision: r.get(2)? };
            Ok((entry.key.clone(), entry))
        })?;
        let found: HashMap<String, KvEntry> = found.into_iter().collect();
        Ok(keys.iter().map(|key| found.get(*key).cloned()).collect())
    }

    /// Lists keys of a plugin that begin with `prefix`, in order, behind `after`; at most `limit`. Returns an error if the
    /// database cannot be read.
    pub fn list_keys(
        &self,
        plugin: &str,
        prefix: &str,
        after: Option<&str>,
        limit: i64,
        now: i64,
    ) -> Result<Vec<String>> {
        let mut values: Vec<Value> = vec![plugin.into(), prefix.into(), now.into(), limit.into()];
        let mut sql =
            format!("SELECT key FROM cairn_plugin_kv WHERE plugin = ?1 AND key >= ?2 AND {}", live_entry_sql(3));
        if let Some(after) = after {
            values.push(after.into());
            sql.push_str(&format!(" AND key > ?{}", values.len()));
        }
        if let Some(end) = prefix_end(prefix) {
            values.push(end.into());
            sql.push_str(&format!(" AND key < ?{}", values.len()));
        }
        sql.push_str(" ORDER BY key LIMIT ?4");
        self.tx.conn.query_all("reading keys of a plugin", &sql, &values[..], |r| r.get(0))
    }
}

/// The first text behind all that begin with `prefix`; `None` if there is none.
fn prefix_end(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last_char) = chars.pop() {
        // Surrogates are no characters: the next character after them is used.
        if let Some(next) = (u32::from(last_char) + 1..=u32::from(char::MAX)).find_map(char::from_u32) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

impl namespaces::PluginKv<&mut WriteTx<'_>> {
    /// Writes entries of a plugin, all or none. Returns the first key, in their order, whose entry is not at the expected revision: then
    /// nothing is written. `None` if all were written.
    ///
    /// # Errors
    /// Returns an error if the database cannot be written; [`StoreError::TooLarge`] if a key is longer than an index allows.
    pub fn put(&mut self, plugin: &str, entries: &[KvPut], now: i64) -> Result<Option<String>> {
        // In one order everywhere, so that two who write the same keys do not wait for each other.
        let mut sorted: Vec<&KvPut> = entries.iter().collect();
        sorted.sort_by(|a, b| a.key.cmp(&b.key));
        if entries.iter().all(|e| e.expect.is_none()) {
            self.put_unconditionally(plugin, &sorted)?;
            return Ok(None);
        }
        let result = self.tx.run_nested(|tx| {
            for entry in sorted {
                if !tx.plugin_kv().put_one(plugin, entry, now).map_err(PutError::Store)? {
                    return Err(PutError::Key(entry.key.clone()));
                }
            }
            Ok(())
        });
        match result {
            Ok(()) => Ok(None),
            Err(PutError::Key(key)) => Ok(Some(key)),
            Err(PutError::Store(e)) => Err(e),
        }
    }

    fn put_unconditionally(&self, plugin: &str, entries: &[&KvPut]) -> Result<()> {
        let rows: Vec<Vec<Param<'_>>> = entries
            .iter()
            .map(|e| vec![Param::Text(plugin), Param::Text(&e.key), Param::Blob(&e.value), e.expires_at.param()])
            .collect();
        self.tx.conn.execute_each("writing entries of a plugin", PUT_ENTRY_SQL, &rows)
    }

    /// Writes one entry; returns whether it was at the expected revision.
    fn put_one(&self, plugin: &str, e: &KvPut, now: i64) -> Result<bool> {
        let doing = "writing entries of a plugin";
        let (key, value, until) = (&e.key, &e.value, e.expires_at);
        let written = match e.expect {
            None => self.tx.conn.execute(doing, PUT_ENTRY_SQL, (plugin, key, value, until))?,
            // An expired entry may still have its row.
            Some(0) => self.tx.conn.execute(
                doing,
                &format!("{PUT_ENTRY_SQL} WHERE k.expires_at <= ?5"),
                (plugin, key, value, until, now),
            )?,
            Some(revision) => self.tx.conn.execute(
                doing,
                &format!(
                    "UPDATE cairn_plugin_kv SET value = ?3, revision = revision + 1, expires_at = ?4
                     WHERE plugin = ?1 AND key = ?2 AND revision = ?5 AND {}",
                    live_entry_sql(6)
                ),
                (plugin, key, value, until, revision, now),
            )?,
        };
        Ok(written > 0)
    }

    /// Deletes entries of a plugin. Returns how many existed. Returns an error if the database cannot be written.
    pub fn delete(&mut self, plugin: &str, keys: &[&str], now: i64) -> Result<usize> {
        let sql = format!(
            "DELETE FROM cairn_plugin_kv WHERE plugin = ?1 AND {} RETURNING expires_at",
            self.tx.conn.dialect().in_list("key", 2)
        );
        let values = [Param::Text(plugin), Param::Texts(keys)];
        let deleted: Vec<Option<i64>> =
            self.tx.conn.query_all("removing entries of a plugin", &sql, values, |r| r.get(0))?;
        Ok(deleted.into_iter().filter(|until| until.is_none_or(|t| t > now)).count())
    }

    /// Deletes entries of a plugin: those that have expired by `now` first, then those that expire first. At most `limit`. Entries that
    /// expire after `now` and whose values begin with `spared_start` remain, as do the one at `spared_key` and those that never expire.
    /// Returns their number. Returns an error if the database cannot be written.
    pub fn delete_oldest(
        &mut self,
        plugin: &str,
        now: i64,
        spared_start: &[u8],
        spared_key: Option<&str>,
        limit: i64,
    ) -> Result<usize> {
        self.tx.conn.execute(
            "removing the oldest entries of a plugin",
            "DELETE FROM cairn_plugin_kv WHERE plugin = ?1 AND key IN (
               SELECT key FROM cairn_plugin_kv
               WHERE plugin = ?1 AND expires_at IS NOT NULL
                 AND (expires_at <= ?2 OR substr(value, 1, CAST(?3 AS INTEGER)) <> ?4)
                 AND key <> coalesce(CAST(?5 AS TEXT), '')
               ORDER BY expires_at, key LIMIT ?6)",
            (plugin, now, spared_start.len() as i64, spared_start, spared_key, limit),
        )
    }

    /// Adds to a counter, which is an entry with a whole number in decimal digits; a missing one counts as 0. Returns the new value;
    /// `None`, and nothing is written, if the entry is not a counter or the sum does not fit into 64 bits. `expires_at` applies to a new
    /// counter; an existing one retains its expiry. Returns an error if the database cannot be written.
    pub fn increment(
        &mut self,
        plugin: &str,
        key: &str,
        by: i64,
        expires_at: Option<i64>,
        now: i64,
    ) -> Result<Option<i64>> {
        let lock = match self.tx.conn {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " FOR UPDATE",
        };
        let select =
            format!("SELECT value FROM cairn_plugin_kv WHERE plugin = ?1 AND key = ?2 AND {}{lock}", live_entry_sql(3));
        let doing = "incrementing an entry of a plugin";
        for _ in 0..MAX_INCREMENT_ATTEMPTS {
            if let Some(value) =
                self.tx.conn.query_first::<Vec<u8>>(doing, &select, (plugin, key, now), |r| r.get(0))?
            {
                let before: Option<i64> = std::str::from_utf8(&value).ok().and_then(|text| text.parse().ok());
                let Some(sum) = before.and_then(|n| n.checked_add(by)) else { return Ok(None) };
                let sql =
                    "UPDATE cairn_plugin_kv SET value = ?3, revision = revision + 1 WHERE plugin = ?1 AND key = ?2";
                self.tx.conn.execute(doing, sql, (plugin, key, sum.to_string().into_bytes()))?;
                return Ok(Some(sum));
            }
            let first = KvPut { key: key.to_owned(), value: by.to_string().into_bytes(), expires_at, expect: Some(0) };
            if self.put_one(plugin, &first, now)? {
                return Ok(Some(by));
            }
            // The entry was created by another transaction meanwhile, which has committed: the next round sees it.
        }
        Err(StoreError::Conflict)
    }

    /// Deletes entries of all plugins that had expired by `now`. At most `limit`. Returns their number. Returns an error if the
    /// database cannot be written.
    pub fn purge(&mut self, now: i64, limit: i64) -> Result<usize> {
        self.tx.conn.execute(
            "removing expired entries of plugins",
            "DELETE FROM cairn_plugin_kv WHERE expires_at <= ?1 AND (plugin, key) IN (
               SELECT plugin, key FROM cairn_plugin_kv WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
            (now, limit),
        )
    }
}

const PUT_ENTRY_SQL: &str = "INSERT INTO cairn_plugin_kv AS k (plugin, key, value, revision, expires_at) VALUES (?1, ?2, ?3, 1, ?4)
     ON CONFLICT (plugin, key) DO UPDATE SET value = excluded.value, revision = k.revision + 1, expires_at = excluded.expires_at";

/// Why entries were not written.
enum PutError {
    Key(String),
    Store(StoreError),
}

impl From<StoreError> for PutError {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
}
