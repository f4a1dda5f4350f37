//! `cairn_plugin_logs`: the log lines of plugins. The most recent lines of each plugin are retained.

use super::{parse_json, truncate_text};
use crate::connection::{Param, ToParam, Value};
use crate::dialect::escape_like;
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use cairn_model::ColumnType;
use cairn_model::case_fold::fold_case;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Number of lines retained for each plugin.
pub const MAX_LOGS_PER_PLUGIN: i64 = 5_000;
/// Longest message, in bytes.
const MAX_MESSAGE_BYTES: usize = 8 * 1024;
/// Number of lines deleted at a time.
const LINES_PER_TRIM: i64 = 1_000;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// Every step, in detail.
    Trace,
    /// Details for finding a fault.
    Debug,
    /// Events in the normal course.
    Info,
    /// Possible problems.
    Warn,
    /// Actual problems.
    Error,
}

impl LogLevel {
    const ALL: [Self; 5] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// The text that the API returns.
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

/// A log line to add.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLog {
    /// Id of the plugin.
    pub plugin: String,
    /// Time in milliseconds since 1970.
    pub at: i64,
    /// Severity of the line.
    pub level: LogLevel,
    /// The logged text.
    pub message: String,
    /// Structured data, an object.
    pub fields: Json,
    /// Id of the call that logged it.
    pub call: Option<String>,
}

/// A log line, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRow {
    /// Numeric id of the line.
    pub id: i64,
    /// The fields that callers write.
    pub log: NewLog,
}

/// Selects log lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LogFilter {
    /// Only lines of this plugin.
    pub plugin: Option<String>,
    /// Only lines of at least this severity.
    pub level: Option<LogLevel>,
    /// Only lines whose message contains this text, without case.
    pub search: Option<String>,
    /// Only lines of this call.
    pub call: Option<String>,
    /// Only those with a greater id: newer lines.
    pub after: Option<i64>,
    /// Only those with a smaller id: older lines.
    pub before: Option<i64>,
}

impl namespaces::PluginLogs<Reader<'_>> {
    /// Lists the lines of a filter, newest first. Returns an error if the database cannot be read.
    pub fn list(&self, filter: &LogFilter, limit: i64) -> Result<Vec<LogRow>> {
        let mut values: Vec<Value> = vec![filter.after.unwrap_or(0).into(), limit.into()];
        let mut sql =
            "SELECT id, plugin, at, level, message, fields, call FROM cairn_plugin_logs WHERE id > ?1".to_owned();
        let conditions: [(&str, Option<Value>); 4] = [
            ("id <", filter.before.map(Into::into)),
            ("plugin =", filter.plugin.as_deref().map(Into::into)),
            ("level >=", filter.level.map(|level| Value::Integer(level as i64))),
            ("call =", filter.call.as_deref().map(Into::into)),
        ];
        for (condition, value) in conditions {
            if let Some(value) = value {
                values.push(value);
                sql.push_str(&format!(" AND {condition} ?{}", values.len()));
            }
        }
        if let Some(search) = &filter.search {
            let (search, dialect) = (fold_case(search), self.tx.conn.dialect());
            let letters = dialect.folding_letters(ColumnType::Text, &search).bind(|text| {
                values.push(text.into());
                format!("?{}", values.len())
            });
            let message = dialect.folded_expression("message", ColumnType::Text, &letters);
            values.push(format!("%{}%", escape_like(&search)).into());
            sql.push_str(&format!(" AND {message} LIKE ?{} ESCAPE '\\'", values.len()));
        }
        sql.push_str(" ORDER BY id DESC LIMIT ?2");
        self.tx.conn.query_all("reading logs of plugins", &sql, &values[..], |r| {
            let (id, level, fields): (i64, i64, String) = (r.get(0)?, r.get(3)?, r.get(5)?);
            let place = || format!("cairn_plugin_logs {id}");
            let level = usize::try_from(level).ok().and_then(|level| LogLevel::ALL.get(level).copied());
            let level =
                level.ok_or_else(|| StoreError::Corrupt { place: place(), message: "unknown log level".to_owned() })?;
            Ok(LogRow {
                id,
                log: NewLog {
                    plugin: r.get(1)?,
                    at: r.get(2)?,
                    level,
                    message: r.get(4)?,
                    fields: parse_json(place, &fields)?,
                    call: r.get(6)?,
                },
            })
        })
    }
}

impl namespaces::PluginLogs<&mut WriteTx<'_>> {
    /// Adds lines, in order, and deletes lines of their plugins beyond the newest [`MAX_LOGS_PER_PLUGIN`], a limited number at a time so that no write
    /// takes long. Long messages are truncated. Returns an error if the database cannot be written.
    pub fn append(&mut self, lines: &[NewLog]) -> Result<()> {
        let texts: Vec<(String, String)> =
            lines.iter().map(|l| (truncate_text(&l.message, MAX_MESSAGE_BYTES), l.fields.to_string())).collect();
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
        self.tx.conn.execute_each(
            "writing logs of plugins",
            "INSERT INTO cairn_plugin_logs (plugin, at, level, message, fields, call) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &rows,
        )?;
        let plugins: BTreeSet<&str> = lines.iter().map(|l| l.plugin.as_str()).collect();
        let added_count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        plugins
            .into_iter()
            .try_for_each(|plugin| self.trim(plugin, MAX_LOGS_PER_PLUGIN, LINES_PER_TRIM.max(added_count)).map(drop))
    }

    /// Deletes lines of a plugin beyond the newest `keep`, the oldest first; at most `limit`. Returns their number. Returns an error if the
    /// database cannot be written.
    pub fn trim(&mut self, plugin: &str, keep: i64, limit: i64) -> Result<usize> {
        let sql = "DELETE FROM cairn_plugin_logs WHERE id IN (
                     SELECT id FROM cairn_plugin_logs WHERE plugin = ?1 AND id <= (
                       SELECT id FROM cairn_plugin_logs WHERE plugin = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
                     ORDER BY id LIMIT ?3)";
        self.tx.conn.execute("deleting logs of a plugin", sql, (plugin, keep, limit))
    }
}
