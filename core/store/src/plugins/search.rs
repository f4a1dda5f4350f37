//! `cairn_plugin_indexes`, `cairn_plugin_search`: what is in the search indexes of plugins. The rows are the index; what nodes search in is
//! made of them, and can be made anew at any time.
//!
//! Each change has a number, given under a lock on the index's row that is held to the end of the transaction. So numbers are in the order of
//! commits on both databases, and whoever has applied all changes up to a number has missed none.

use super::json;
use crate::connection::{Param, Row, ToParam};
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// Removals are remembered for this many changes at least. A node that is farther behind makes its index anew.
pub const REMEMBERED: i64 = 10_000;

/// More milliseconds than lie between any two copies: 69 years.
const RENUMBERED: i64 = 1 << 41;

/// An index.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchIndex {
    /// Whose.
    pub plugin: String,
    /// As its manifest calls it.
    pub name: String,
    /// The number of the last change.
    pub seq: i64,
    /// The copy that is searched. A later one has a greater number, also where an index was removed and is made again.
    pub live: i64,
    /// The copy that is being rebuilt.
    pub shadow: Option<i64>,
    /// Removals up to this number may be forgotten.
    pub purged: i64,
    /// Lists of groups by locale.
    pub synonyms: Json,
}

/// What is in an index under an id.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRow {
    /// The id.
    pub id: String,
    /// The number of its last change.
    pub seq: i64,
    /// `None`: it was removed.
    pub entry: Option<SearchEntry>,
}

/// An entry of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchEntry {
    /// Its language; `None`: none, or all.
    pub locale: Option<String>,
    /// Who may find it; empty: everyone.
    pub audience: Vec<String>,
    /// An object.
    pub document: Json,
}

/// A change of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchChange {
    /// Which entry.
    pub id: String,
    /// What it is from now on; `None`: it is removed.
    pub entry: Option<SearchEntry>,
}

const COLUMNS: &str = "plugin, name, seq, live, shadow, purged, synonyms";

fn index(r: &Row<'_>) -> Result<SearchIndex> {
    let (plugin, name, synonyms): (String, String, String) = (r.get(0)?, r.get(1)?, r.get(6)?);
    Ok(SearchIndex {
        seq: r.get(2)?,
        live: r.get(3)?,
        shadow: r.get(4)?,
        purged: r.get(5)?,
        synonyms: json(|| format!("cairn_plugin_indexes {plugin} {name}"), &synonyms)?,
        plugin,
        name,
    })
}

impl Reader<'_> {
    /// All indexes that something was put into.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn search_indexes(&self) -> Result<Vec<SearchIndex>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_plugin_indexes ORDER BY plugin, name");
        self.conn.all("reading search indexes", &sql, (), index)
    }

    /// An index; `None` where nothing was put into it yet.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn search_index(&self, plugin: &str, name: &str) -> Result<Option<SearchIndex>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_plugin_indexes WHERE plugin = ?1 AND name = ?2");
        self.conn.first("reading a search index", &sql, (plugin, name), index)
    }

    /// What changed in a copy after a number, in order; at most `limit`. Of what changed several times the last.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn search_rows(&self, plugin: &str, name: &str, copy: i64, after: i64, limit: i64) -> Result<Vec<SearchRow>> {
        let sql = "SELECT id, seq, locale, audience, document FROM cairn_plugin_search
             WHERE plugin = ?1 AND name = ?2 AND copy = ?3 AND seq > ?4 ORDER BY seq LIMIT ?5";
        self.conn.all("reading a search index", sql, (plugin, name, copy, after, limit), |r| {
            let id: String = r.get(0)?;
            let (audience, document): (String, Option<String>) = (r.get(3)?, r.get(4)?);
            let place = || format!("cairn_plugin_search {plugin} {name} {id}");
            let entry = match document {
                None => None,
                Some(document) => {
                    let audience = serde_json::from_str(&audience)
                        .map_err(|e| StoreError::Corrupt { place: place(), message: e.to_string() })?;
                    Some(SearchEntry { locale: r.get(2)?, audience, document: json(place, &document)? })
                }
            };
            Ok(SearchRow { seq: r.get(1)?, entry, id })
        })
    }
}

/// What a transaction was given of an index.
struct Taken {
    /// The first of its numbers.
    first: i64,
    live: i64,
    shadow: Option<i64>,
}

impl WriteTx<'_> {
    /// Changes what is in an index, in order, or in the copy of it that is being rebuilt (`shadow`). What comes to both is newer there than what
    /// the rebuild puts, which is from a look at some time before. False where that copy is not the one being rebuilt: nothing is written.
    ///
    /// # Errors
    /// Where the database cannot be written; [`StoreError::TooLarge`] where an id is longer than an index takes.
    pub fn change_search(
        &mut self,
        plugin: &str,
        name: &str,
        shadow: Option<i64>,
        changes: &[SearchChange],
        now: i64,
    ) -> Result<bool> {
        let taken = self.take_search_numbers(plugin, name, changes.len(), now)?;
        let texts: Vec<Texts> = changes.iter().map(Texts::of).collect();
        let rows = |copy: i64, direct: bool| -> Vec<Vec<Param<'_>>> {
            let numbered = (taken.first..).zip(changes.iter().zip(&texts));
            numbered.map(|(seq, (change, texts))| row(plugin, name, copy, seq, direct, change, texts)).collect()
        };
        let doing = "writing a search index";
        match shadow {
            Some(shadow) if taken.shadow != Some(shadow) => return Ok(false),
            Some(shadow) => {
                self.conn.execute_each(doing, &format!("{PUT} WHERE s.direct = 0"), &rows(shadow, false))?;
            }
            None => {
                self.conn.execute_each(doing, PUT, &rows(taken.live, true))?;
                if let Some(shadow) = taken.shadow {
                    self.conn.execute_each(doing, PUT, &rows(shadow, true))?;
                }
            }
        }
        Ok(true)
    }

    /// Begins to rebuild an index: its shadow is empty from now on. The number of the shadow.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub fn begin_search_rebuild(&mut self, plugin: &str, name: &str, now: i64) -> Result<i64> {
        let taken = self.take_search_numbers(plugin, name, 1, now)?;
        // What was begun before is given up: its number must not come again.
        let shadow = now.max(taken.live + 1).max(taken.shadow.unwrap_or(0) + 1);
        let sql = "UPDATE cairn_plugin_indexes SET shadow = ?3 WHERE plugin = ?1 AND name = ?2";
        self.conn.execute("rebuilding a search index", sql, (plugin, name, shadow))?;
        Ok(shadow)
    }

    /// The copy that was rebuilt is the one that is searched from now on. False where none was being rebuilt.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub fn finish_search_rebuild(&mut self, plugin: &str, name: &str) -> Result<bool> {
        let sql = "UPDATE cairn_plugin_indexes SET live = shadow, shadow = NULL, seq = seq + 1
             WHERE plugin = ?1 AND name = ?2 AND shadow IS NOT NULL";
        Ok(self.conn.execute("rebuilding a search index", sql, (plugin, name))? > 0)
    }

    /// Sets the groups of synonyms of a locale, in the place of those before.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub fn set_search_synonyms(
        &mut self,
        plugin: &str,
        name: &str,
        locale: &str,
        groups: &Json,
        now: i64,
    ) -> Result<()> {
        self.take_search_numbers(plugin, name, 1, now)?;
        let mut synonyms = match self.reader().search_index(plugin, name)?.map(|index| index.synonyms) {
            Some(Json::Object(synonyms)) => synonyms,
            _ => serde_json::Map::new(),
        };
        match groups.as_array().is_some_and(Vec::is_empty) {
            true => drop(synonyms.remove(locale)),
            false => drop(synonyms.insert(locale.to_owned(), groups.clone())),
        }
        let sql = "UPDATE cairn_plugin_indexes SET synonyms = ?3 WHERE plugin = ?1 AND name = ?2";
        let values = (plugin, name, Json::Object(synonyms).to_string());
        self.conn.execute("writing synonyms of a search index", sql, values).map(drop)
    }

    /// Removes what is neither searched nor rebuilt any more, and removals that are [`REMEMBERED`] changes old; at most `limit` of each. Whether
    /// there may be more.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub fn purge_search(&mut self, plugin: &str, name: &str, limit: i64) -> Result<bool> {
        let Some(index) = self.reader().search_index(plugin, name)? else { return Ok(false) };
        let doing = "removing old entries of a search index";
        let copies = [index.live, index.shadow.unwrap_or(index.live)];
        let sql = "DELETE FROM cairn_plugin_search WHERE (plugin, name, copy, id) IN (
               SELECT plugin, name, copy, id FROM cairn_plugin_search
               WHERE plugin = ?1 AND name = ?2 AND copy <> ?3 AND copy <> ?4 LIMIT ?5)";
        let old = self.conn.execute(doing, sql, (plugin, name, copies[0], copies[1], limit))?;
        let sql = "SELECT max(seq) FROM (
               SELECT seq FROM cairn_plugin_search
               WHERE plugin = ?1 AND name = ?2 AND copy = ?3 AND document IS NULL AND seq <= ?4 ORDER BY seq LIMIT ?5) removed";
        let until: Option<Option<i64>> =
            self.conn.first(doing, sql, (plugin, name, index.live, index.seq - REMEMBERED, limit), |r| r.get(0))?;
        let mut removed = 0;
        if let Some(until) = until.flatten() {
            // First, and with the row's lock: who reads from here on knows that it may have missed them.
            let sql = "UPDATE cairn_plugin_indexes SET purged = ?3 WHERE plugin = ?1 AND name = ?2 AND purged < ?3";
            self.conn.execute(doing, sql, (plugin, name, until))?;
            let sql = "DELETE FROM cairn_plugin_search
                 WHERE plugin = ?1 AND name = ?2 AND copy = ?3 AND document IS NULL AND seq <= ?4";
            removed = self.conn.execute(doing, sql, (plugin, name, index.live, until))?;
        }
        Ok(old.max(removed) >= usize::try_from(limit).unwrap_or(usize::MAX))
    }

    /// After rows of another database took the place of those there were: no node takes files that it has for an index of these.
    pub(crate) fn renumber_search_copies(&mut self) -> Result<()> {
        let doing = "renumbering search indexes";
        let sql = "UPDATE cairn_plugin_indexes SET live = live + ?1, shadow = shadow + ?1";
        self.conn.execute(doing, sql, [RENUMBERED])?;
        self.conn.execute(doing, "UPDATE cairn_plugin_search SET copy = copy + ?1", [RENUMBERED]).map(drop)
    }

    /// Numbers for changes, and the index's row for this transaction alone.
    fn take_search_numbers(&mut self, plugin: &str, name: &str, n: usize, now: i64) -> Result<Taken> {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        let sql = "INSERT INTO cairn_plugin_indexes AS i (plugin, name, seq, live, purged, synonyms) VALUES (?1, ?2, ?3, ?4, 0, '{}')
             ON CONFLICT (plugin, name) DO UPDATE SET seq = i.seq + ?3 RETURNING seq, live, shadow";
        let taken = self.conn.first("writing a search index", sql, (plugin, name, n, now.max(1)), |r| {
            let last: i64 = r.get(0)?;
            Ok(Taken { first: last - n + 1, live: r.get(1)?, shadow: r.get(2)? })
        })?;
        taken.ok_or_else(|| StoreError::Corrupt {
            place: format!("cairn_plugin_indexes {plugin} {name}"),
            message: "the database did not answer".to_owned(),
        })
    }
}

/// Of a change, as it is stored.
struct Texts {
    audience: String,
    document: Option<String>,
}

impl Texts {
    fn of(change: &SearchChange) -> Self {
        let audience = change.entry.as_ref().map_or_else(Vec::new, |entry| entry.audience.clone());
        let document = change.entry.as_ref().map(|entry| entry.document.to_string());
        Self { audience: Json::from(audience).to_string(), document }
    }
}

/// The values of [`PUT`].
fn row<'v>(
    plugin: &'v str,
    name: &'v str,
    copy: i64,
    seq: i64,
    direct: bool,
    change: &'v SearchChange,
    texts: &'v Texts,
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

const PUT: &str = "INSERT INTO cairn_plugin_search AS s (plugin, name, copy, id, seq, direct, locale, audience, document)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
     ON CONFLICT (plugin, name, copy, id) DO UPDATE SET seq = excluded.seq, direct = excluded.direct, locale = excluded.locale,
       audience = excluded.audience, document = excluded.document";
