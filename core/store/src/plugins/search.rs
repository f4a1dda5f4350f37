//! `cairn_plugin_indexes`, `cairn_plugin_search`: the content of plugins' search indexes. The rows are the index; nodes build from them
//! what they search in, and can rebuild it at any time.
//!
//! Each change has a number, assigned under a lock on the index's row that lasts until the end of the transaction. So numbers are in the
//! order of commits on both databases, and a node that has applied all changes up to a number has missed none.

use super::parse_json;
use crate::connection::{Param, Row, ToParam};
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// Number of changes for which removals are retained at least. A node that is farther behind rebuilds its index.
pub const MIN_REMEMBERED_CHANGES: i64 = 10_000;

/// More milliseconds than lie between any two copies: 69 years.
const COPY_NUMBER_OFFSET: i64 = 1 << 41;

/// A search index of a plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchIndex {
    /// Id of the plugin.
    pub plugin: String,
    /// Name of the index in the manifest.
    pub name: String,
    /// The number of the last change.
    pub seq: i64,
    /// Number of the copy that is searched. A later copy has a greater number, also if an index was deleted and created again.
    pub live: i64,
    /// Number of the copy that is being rebuilt.
    pub shadow: Option<i64>,
    /// Removals up to this number may have been deleted.
    pub purged: i64,
    /// Groups of synonyms by locale.
    pub synonyms: Json,
}

/// An entry of an index with its id.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRow {
    /// Id of the entry, unique in the index.
    pub id: String,
    /// The number of its last change.
    pub seq: i64,
    /// The entry; `None` if it was removed.
    pub entry: Option<SearchEntry>,
}

/// An entry of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchEntry {
    /// Locale of the entry; `None`: none, or all.
    pub locale: Option<String>,
    /// Audiences that may find it; empty: everyone.
    pub audience: Vec<String>,
    /// The searched document, an object.
    pub document: Json,
}

/// A change of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchChange {
    /// Id of the entry to change.
    pub id: String,
    /// The new entry; `None`: it is removed.
    pub entry: Option<SearchEntry>,
}

const COLUMNS: &str = "plugin, name, seq, live, shadow, purged, synonyms";

fn read_index(r: &Row<'_>) -> Result<SearchIndex> {
    let (plugin, name, synonyms): (String, String, String) = (r.get(0)?, r.get(1)?, r.get(6)?);
    Ok(SearchIndex {
        seq: r.get(2)?,
        live: r.get(3)?,
        shadow: r.get(4)?,
        purged: r.get(5)?,
        synonyms: parse_json(|| format!("cairn_plugin_indexes {plugin} {name}"), &synonyms)?,
        plugin,
        name,
    })
}

impl namespaces::SearchIndexes<Reader<'_>> {
    /// Lists all indexes that have ever had an entry. Returns an error if the database cannot be read.
    pub fn list(&self) -> Result<Vec<SearchIndex>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_plugin_indexes ORDER BY plugin, name");
        self.tx.conn.query_all("reading search indexes", &sql, (), read_index)
    }

    /// Gets an index; `None` if nothing was added to it yet. Returns an error if the database cannot be read.
    pub fn get(&self, plugin: &str, name: &str) -> Result<Option<SearchIndex>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_plugin_indexes WHERE plugin = ?1 AND name = ?2");
        self.tx.conn.query_first("reading a search index", &sql, (plugin, name), read_index)
    }

    /// Lists changes in a copy behind a number, in order; at most `limit`. If an entry changed several times, returns the last change.
    /// Returns an error if the database cannot be read.
    pub fn list_changes(&self, plugin: &str, name: &str, copy: i64, after: i64, limit: i64) -> Result<Vec<SearchRow>> {
        let sql = "SELECT id, seq, locale, audience, document FROM cairn_plugin_search
             WHERE plugin = ?1 AND name = ?2 AND copy = ?3 AND seq > ?4 ORDER BY seq LIMIT ?5";
        self.tx.conn.query_all("reading a search index", sql, (plugin, name, copy, after, limit), |r| {
            let id: String = r.get(0)?;
            let (audience, document): (String, Option<String>) = (r.get(3)?, r.get(4)?);
            let place = || format!("cairn_plugin_search {plugin} {name} {id}");
            let entry = match document {
                None => None,
                Some(document) => {
                    let audience = serde_json::from_str(&audience)
                        .map_err(|e| StoreError::Corrupt { place: place(), message: e.to_string() })?;
                    Some(SearchEntry { locale: r.get(2)?, audience, document: parse_json(place, &document)? })
                }
            };
            Ok(SearchRow { seq: r.get(1)?, entry, id })
        })
    }
}

/// The numbers that a transaction took from an index.
struct SearchNumbers {
    /// The first of the numbers.
    first: i64,
    live: i64,
    shadow: Option<i64>,
}

impl namespaces::SearchIndexes<&mut WriteTx<'_>> {
    /// Changes entries of an index, in order, or of the copy that is being rebuilt (`shadow`). A change of the index also reaches the
    /// shadow, and there counts as newer than what the rebuild writes, which is older data. Returns `false` if that copy is not the one
    /// being rebuilt: nothing is written.
    ///
    /// # Errors
    /// Returns an error if the database cannot be written; [`StoreError::TooLarge`] if an id is longer than an index allows.
    pub fn change(
        &mut self,
        plugin: &str,
        name: &str,
        shadow: Option<i64>,
        changes: &[SearchChange],
        now: i64,
    ) -> Result<bool> {
        let numbers = self.take_numbers(plugin, name, changes.len(), now)?;
        let texts: Vec<ChangeTexts> = changes.iter().map(ChangeTexts::from_change).collect();
        let rows = |copy: i64, direct: bool| -> Vec<Vec<Param<'_>>> {
            let numbered = (numbers.first..).zip(changes.iter().zip(&texts));
            numbered.map(|(seq, (change, texts))| put_params(plugin, name, copy, seq, direct, change, texts)).collect()
        };
        let doing = "writing a search index";
        match shadow {
            Some(shadow) if numbers.shadow != Some(shadow) => return Ok(false),
            Some(shadow) => {
                self.tx.conn.execute_each(
                    doing,
                    &format!("{PUT_CHANGE_SQL} WHERE s.direct = 0"),
                    &rows(shadow, false),
                )?;
            }
            None => {
                self.tx.conn.execute_each(doing, PUT_CHANGE_SQL, &rows(numbers.live, true))?;
                if let Some(shadow) = numbers.shadow {
                    self.tx.conn.execute_each(doing, PUT_CHANGE_SQL, &rows(shadow, true))?;
                }
            }
        }
        Ok(true)
    }

    /// Begins to rebuild an index with an empty shadow. Returns the number of the shadow. Returns an error if the
    /// database cannot be written.
    pub fn begin_rebuild(&mut self, plugin: &str, name: &str, now: i64) -> Result<i64> {
        let numbers = self.take_numbers(plugin, name, 1, now)?;
        // The number of an abandoned rebuild must not be used again.
        let shadow = now.max(numbers.live + 1).max(numbers.shadow.unwrap_or(0) + 1);
        let sql = "UPDATE cairn_plugin_indexes SET shadow = ?3 WHERE plugin = ?1 AND name = ?2";
        self.tx.conn.execute("rebuilding a search index", sql, (plugin, name, shadow))?;
        Ok(shadow)
    }

    /// Makes the rebuilt copy the one that is searched. Returns `false` if none was being rebuilt. Returns an error if the
    /// database cannot be written.
    pub fn finish_rebuild(&mut self, plugin: &str, name: &str) -> Result<bool> {
        let sql = "UPDATE cairn_plugin_indexes SET live = shadow, shadow = NULL, seq = seq + 1
             WHERE plugin = ?1 AND name = ?2 AND shadow IS NOT NULL";
        Ok(self.tx.conn.execute("rebuilding a search index", sql, (plugin, name))? > 0)
    }

    /// Replaces the synonyms of a locale. Returns an error if the database cannot be written.
    pub fn set_synonyms(&mut self, plugin: &str, name: &str, locale: &str, groups: &Json, now: i64) -> Result<()> {
        self.take_numbers(plugin, name, 1, now)?;
        let mut synonyms = match self.tx.reader().search_indexes().get(plugin, name)?.map(|index| index.synonyms) {
            Some(Json::Object(synonyms)) => synonyms,
            _ => serde_json::Map::new(),
        };
        match groups.as_array().is_some_and(Vec::is_empty) {
            true => drop(synonyms.remove(locale)),
            false => drop(synonyms.insert(locale.to_owned(), groups.clone())),
        }
        let sql = "UPDATE cairn_plugin_indexes SET synonyms = ?3 WHERE plugin = ?1 AND name = ?2";
        let values = (plugin, name, Json::Object(synonyms).to_string());
        self.tx.conn.execute("writing synonyms of a search index", sql, values).map(drop)
    }

    /// Deletes copies that are neither searched nor rebuilt any more, and removals that are [`MIN_REMEMBERED_CHANGES`] changes old; at most `limit` of
    /// each. Returns whether there may be more. Returns an error if the database cannot be written.
    pub fn purge(&mut self, plugin: &str, name: &str, limit: i64) -> Result<bool> {
        let Some(index) = self.tx.reader().search_indexes().get(plugin, name)? else { return Ok(false) };
        let doing = "removing old entries of a search index";
        let copies = [index.live, index.shadow.unwrap_or(index.live)];
        let sql = "DELETE FROM cairn_plugin_search WHERE (plugin, name, copy, id) IN (
               SELECT plugin, name, copy, id FROM cairn_plugin_search
               WHERE plugin = ?1 AND name = ?2 AND copy <> ?3 AND copy <> ?4 LIMIT ?5)";
        let old = self.tx.conn.execute(doing, sql, (plugin, name, copies[0], copies[1], limit))?;
        let sql = "SELECT max(seq) FROM (
               SELECT seq FROM cairn_plugin_search
               WHERE plugin = ?1 AND name = ?2 AND copy = ?3 AND document IS NULL AND seq <= ?4 ORDER BY seq LIMIT ?5) removed";
        let until: Option<Option<i64>> = self.tx.conn.query_first(
            doing,
            sql,
            (plugin, name, index.live, index.seq - MIN_REMEMBERED_CHANGES, limit),
            |r| r.get(0),
        )?;
        let mut removed = 0;
        if let Some(until) = until.flatten() {
            // First, and with the row's lock: who reads from here on knows that it may have missed them.
            let sql = "UPDATE cairn_plugin_indexes SET purged = ?3 WHERE plugin = ?1 AND name = ?2 AND purged < ?3";
            self.tx.conn.execute(doing, sql, (plugin, name, until))?;
            let sql = "DELETE FROM cairn_plugin_search
                 WHERE plugin = ?1 AND name = ?2 AND copy = ?3 AND document IS NULL AND seq <= ?4";
            removed = self.tx.conn.execute(doing, sql, (plugin, name, index.live, until))?;
        }
        Ok(old.max(removed) >= usize::try_from(limit).unwrap_or(usize::MAX))
    }

    /// Renumbers the copies after rows of another database were loaded, so that no node uses its old files for them.
    pub(crate) fn renumber_copies(&mut self) -> Result<()> {
        let doing = "renumbering search indexes";
        let sql = "UPDATE cairn_plugin_indexes SET live = live + ?1, shadow = shadow + ?1";
        self.tx.conn.execute(doing, sql, [COPY_NUMBER_OFFSET])?;
        self.tx.conn.execute(doing, "UPDATE cairn_plugin_search SET copy = copy + ?1", [COPY_NUMBER_OFFSET]).map(drop)
    }

    /// Takes numbers for changes, and locks the index's row for this transaction.
    fn take_numbers(&mut self, plugin: &str, name: &str, n: usize, now: i64) -> Result<SearchNumbers> {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        let sql = "INSERT INTO cairn_plugin_indexes AS i (plugin, name, seq, live, purged, synonyms) VALUES (?1, ?2, ?3, ?4, 0, '{}')
             ON CONFLICT (plugin, name) DO UPDATE SET seq = i.seq + ?3 RETURNING seq, live, shadow";
        let numbers = self.tx.conn.query_first("writing a search index", sql, (plugin, name, n, now.max(1)), |r| {
            let last_number: i64 = r.get(0)?;
            Ok(SearchNumbers { first: last_number - n + 1, live: r.get(1)?, shadow: r.get(2)? })
        })?;
        numbers.ok_or_else(|| StoreError::Corrupt {
            place: format!("cairn_plugin_indexes {plugin} {name}"),
            message: "the database returned nothing".to_owned(),
        })
    }
}

/// The texts of a change, as they are stored.
struct ChangeTexts {
    audience: String,
    document: Option<String>,
}

impl ChangeTexts {
    fn from_change(change: &SearchChange) -> Self {
        let audience = change.entry.as_ref().map_or_else(Vec::new, |entry| entry.audience.clone());
        let document = change.entry.as_ref().map(|entry| entry.document.to_string());
        Self { audience: Json::from(audience).to_string(), document }
    }
}

/// The values for the statement [`PUT_CHANGE_SQL`].
fn put_params<'v>(
    plugin: &'v str,
    name: &'v str,
    copy: i64,
    seq: i64,
    direct: bool,
    change: &'v SearchChange,
    texts: &'v ChangeTexts,
) -> Vec<Param<'v>> {
    let locale = change.entry.as_ref().and_then(|entry| entry.locale.as_deref());
    vec![
        Param::Text(plugin),
        Param::Text(name),
        Param::Integer(copy),
        Param::Text(&change.id),
        Param::Integer(seq),
        Param::Integer(i64::from(direct)),
        locale.map_or(Param::Null, Param::Text),
        Param::Text(&texts.audience),
        texts.document.param(),
    ]
}

const PUT_CHANGE_SQL: &str = "INSERT INTO cairn_plugin_search AS s (plugin, name, copy, id, seq, direct, locale, audience, document)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
     ON CONFLICT (plugin, name, copy, id) DO UPDATE SET seq = excluded.seq, direct = excluded.direct, locale = excluded.locale,
       audience = excluded.audience, document = excluded.document";
