//! `cairn_plugin_logs`: what plugins log. Of each plugin the last lines are kept.

use super::{json, shortened};
use crate::connection::{Param, ToParam, Value};
use crate::{Reader, Result, StoreError, WriteTx};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Lines kept of one plugin.
pub const LOGS: i64 = 5_000;
/// Longest message, in bytes.
const MESSAGE: usize = 8 * 1024;
/// Lines removed at a time.
const TRIMMED: i64 = 1_000;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// Every step.
    Trace,
    /// For whoever looks for a fault.
    Debug,
    /// What happened.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
}

impl LogLevel {
    const ALL: [Self; 5] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// The form that is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// A line to keep.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLog {
    /// The plugin.
    pub plugin: String,
    /// When, in milliseconds.
    pub at: i64,
    /// How much it matters.
    pub level: LogLevel,
    /// What it says.
    pub message: String,
    /// More; an object.
    pub fields: Json,
    /// The id of the call that it comes from.
    pub call: Option<String>,
}

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRow {
    /// Its number.
    pub id: i64,
    /// What it is.
    pub log: NewLog,
}

/// Which lines are meant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LogFilter {
    /// Of this plugin.
    pub plugin: Option<String>,
    /// That matter so much at least.
    pub level: Option<LogLevel>,
    /// Whose message has this text in it, in any case.
    pub search: Option<String>,
    /// Of this call.
    pub call: Option<String>,
    /// With a greater number: what came since.
    pub after: Option<i64>,
    /// With a smaller number: what was there before.
    pub before: Option<i64>,
}

impl Reader<'_> {
    /// Lines of a filter, newest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn plugin_logs(&self, filter: &LogFilter, limit: i64) -> Result<Vec<LogRow>> {
        let mut values: Vec<Value> = vec![filter.after.unwrap_or(0).into(), limit.into()];
        let mut sql =
            "SELECT id, plugin, at, level, message, fields, call FROM cairn_plugin_logs WHERE id > ?1".to_owned();
        let given: [(&str, Option<Value>); 4] = [
            ("id <", filter.before.map(Into::into)),
            ("plugin =", filter.plugin.as_deref().map(Into::into)),
            ("level >=", filter.level.map(|level| Value::Integer(level as i64))),
            ("call =", filter.call.as_deref().map(Into::into)),
        ];
        for (condition, value) in given {
            if let Some(value) = value {
                values.push(value);
                sql.push_str(&format!(" AND {condition} ?{}", values.len()));
            }
        }
        if let Some(search) = &filter.search {
            // As it is: what stands for other letters elsewhere stands for itself.
            let plain = search.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            values.push(format!("%{plain}%").into());
            sql.push_str(&format!(" AND lower(message) LIKE ?{} ESCAPE '\\'", values.len()));
        }
        sql.push_str(" ORDER BY id DESC LIMIT ?2");
        self.conn.all("reading logs of plugins", &sql, &values[..], |r| {
            let (id, level, fields): (i64, i64, String) = (r.get(0)?, r.get(3)?, r.get(5)?);
            let place = || format!("cairn_plugin_logs {id}");
            let level = usize::try_from(level).ok().and_then(|level| LogLevel::ALL.get(level).copied());
            let level = level
                .ok_or_else(|| StoreError::Corrupt { place: place(), message: "there is no such level".to_owned() })?;
            Ok(LogRow {
                id,
                log: NewLog {
                    plugin: r.get(1)?,
                    at: r.get(2)?,
                    level,
                    message: r.get(4)?,
                    fields: json(place, &fields)?,
                    call: r.get(6)?,
                },
            })
        })
    }
}

impl WriteTx<'_> {
    /// Keeps lines, in order, and forgets those of their plugins that come after the newest [`LOGS`], so many at a time that no write
    /// takes long. Long messages are cut short.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub fn append_plugin_logs(&mut self, lines: &[NewLog]) -> Result<()> {
        let texts: Vec<(String, String)> =
            lines.iter().map(|l| (shortened(&l.message, MESSAGE), l.fields.to_string())).collect();
        let rows: Vec<Vec<Param<'_>>> = lines
            .iter()
            .zip(&texts)
            .map(|(l, (message, fields))| {
                vec![
                    Param::Text(&l.plugin),
                    Param::Integer(l.at),
                    Param::Integer(l.level as i64),
                    Param::Text(message),
                    Param::Text(fields),
                    l.call.param(),
                ]
            })
            .collect();
        self.conn.execute_each(
            "writing logs of plugins",
            "INSERT INTO cairn_plugin_logs (plugin, at, level, message, fields, call) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &rows,
        )?;
        let plugins: BTreeSet<&str> = lines.iter().map(|l| l.plugin.as_str()).collect();
        let more = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        plugins.into_iter().try_for_each(|plugin| self.trim_plugin_logs(plugin, LOGS, TRIMMED.max(more)).map(drop))
    }

    /// Forgets lines of a plugin that come after the newest `keep`, the oldest first; at most `limit`. How many.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub fn trim_plugin_logs(&mut self, plugin: &str, keep: i64, limit: i64) -> Result<usize> {
        let sql = "DELETE FROM cairn_plugin_logs WHERE id IN (
                     SELECT id FROM cairn_plugin_logs WHERE plugin = ?1 AND id <= (
                       SELECT id FROM cairn_plugin_logs WHERE plugin = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
                     ORDER BY id LIMIT ?3)";
        self.conn.execute("forgetting logs of a plugin", sql, (plugin, keep, limit))
    }
}
