//! `cairn_plugin_calls`: failed calls of plugins, to inspect and repeat. The most recent calls of each plugin are retained.

use super::{parse_json, truncate_text};
use crate::connection::{Param, Row, ToParam, Value};
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Number of calls retained for each plugin.
pub const MAX_CALLS_PER_PLUGIN: i64 = 500;
/// Longest input that is stored, in bytes; a longer one is dropped, because a call cannot be repeated with half of it.
const MAX_INPUT_BYTES: usize = 256 * 1024;
/// Longest message, in bytes.
const MAX_MESSAGE_BYTES: usize = 4 * 1024;
/// Longest backtrace, in bytes.
const MAX_BACKTRACE_BYTES: usize = 32 * 1024;

/// How a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallFailure {
    /// The guest ran into a trap.
    Trap,
    /// It took too long.
    Deadline,
    /// It wanted more memory than it may have.
    Memory,
    /// It used up what it may ask of the host.
    Exhausted,
    /// Its answer is malformed or too large.
    Output,
    /// It answered with an error of its own.
    Error,
}

impl CallFailure {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::Deadline => "deadline",
            Self::Memory => "memory",
            Self::Exhausted => "exhausted",
            Self::Output => "output",
            Self::Error => "error",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "trap" => Self::Trap,
            "deadline" => Self::Deadline,
            "memory" => Self::Memory,
            "exhausted" => Self::Exhausted,
            "output" => Self::Output,
            "error" => Self::Error,
            _ => return None,
        })
    }
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedCall {
    /// Unique id of the call.
    pub id: String,
    /// Id of the plugin.
    pub plugin: String,
    /// Version of the plugin at that time.
    pub version: String,
    /// The interface that was called: `hooks`, `event-handler`.
    pub export: String,
    /// Name of the hook, subscription, job, route or view.
    pub name: String,
    /// Time in milliseconds since 1970.
    pub at: i64,
    /// Duration in microseconds.
    pub took_us: i64,
    /// How it failed.
    pub kind: CallFailure,
    /// Error message for people.
    pub message: String,
    /// Number of the attempt, from 1.
    pub attempt: i64,
}

/// A failed call, with what is needed to repeat it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedCall {
    /// The failed call itself.
    pub call: FailedCall,
    /// Backtrace in the guest.
    pub backtrace: Option<String>,
    /// Input of the call; `None` if it was too large to be stored.
    pub input: Option<Json>,
}

/// Selects failed calls.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallFilter {
    /// Only calls of this plugin.
    pub plugin: Option<String>,
    /// Only calls that failed this way.
    pub kind: Option<CallFailure>,
    /// Only calls before this one, given as its time and id.
    pub before: Option<(i64, String)>,
}

const COLUMNS: &str = "id, plugin, version, export, name, at, took_us, kind, message, attempt";

fn read_call(r: &Row<'_>) -> Result<FailedCall> {
    let (id, kind): (String, String) = (r.get(0)?, r.get(7)?);
    let kind = CallFailure::parse(&kind).ok_or_else(|| StoreError::Corrupt {
        place: format!("cairn_plugin_calls {id}"),
        message: format!("unknown kind {kind:?}"),
    })?;
    Ok(FailedCall {
        id,
        plugin: r.get(1)?,
        version: r.get(2)?,
        export: r.get(3)?,
        name: r.get(4)?,
        at: r.get(5)?,
        took_us: r.get(6)?,
        kind,
        message: r.get(8)?,
        attempt: r.get(9)?,
    })
}

impl namespaces::PluginCalls<Reader<'_>> {
    /// Lists the calls of a filter, newest first. Returns an error if the database cannot be read.
    pub fn list(&self, filter: &CallFilter, limit: i64) -> Result<Vec<FailedCall>> {
        let mut values: Vec<Value> = vec![limit.into()];
        let mut sql = format!("SELECT {COLUMNS} FROM cairn_plugin_calls WHERE 1 = 1");
        if let Some(plugin) = &filter.plugin {
            values.push(plugin.as_str().into());
            sql.push_str(&format!(" AND plugin = ?{}", values.len()));
        }
        if let Some(kind) = filter.kind {
            values.push(kind.as_str().into());
            sql.push_str(&format!(" AND kind = ?{}", values.len()));
        }
        if let Some((at, id)) = &filter.before {
            values.extend([(*at).into(), id.as_str().into()]);
            sql.push_str(&format!(" AND (at, id) < (?{}, ?{})", values.len() - 1, values.len()));
        }
        sql.push_str(" ORDER BY at DESC, id DESC LIMIT ?1");
        self.tx.conn.query_all("reading calls of plugins", &sql, &values[..], read_call)
    }

    /// Number of stored calls of each plugin that has any. Returns an error if the database cannot be read.
    pub fn count_by_plugin(&self) -> Result<BTreeMap<String, i64>> {
        let sql = "SELECT plugin, count(*) FROM cairn_plugin_calls GROUP BY plugin";
        let counts = self.tx.conn.query_all("counting calls of plugins", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(counts.into_iter().collect())
    }

    /// Gets a call with everything that is stored of it. Returns an error if the database cannot be read.
    pub fn get(&self, id: &str) -> Result<Option<RecordedCall>> {
        let sql = format!("SELECT {COLUMNS}, backtrace, input FROM cairn_plugin_calls WHERE id = ?1");
        self.tx.conn.query_first("reading a call of a plugin", &sql, [id], |r| {
            let input: Option<String> = r.get(11)?;
            let input = input.map(|i| parse_json(|| format!("cairn_plugin_calls {id}"), &i)).transpose()?;
            Ok(RecordedCall { call: read_call(r)?, backtrace: r.get(10)?, input })
        })
    }
}

impl namespaces::PluginCalls<&mut WriteTx<'_>> {
    /// Stores a failed call, and deletes all but the newest [`MAX_CALLS_PER_PLUGIN`] of the plugin. Long messages and backtraces are truncated; a long
    /// input is left out. A call with an existing id is not stored again. Returns an error if the database cannot be written.
    pub fn record(&mut self, call: &RecordedCall) -> Result<()> {
        let c = &call.call;
        let message = truncate_text(&c.message, MAX_MESSAGE_BYTES);
        let backtrace = call.backtrace.as_deref().map(|b| truncate_text(b, MAX_BACKTRACE_BYTES));
        let input = call.input.as_ref().map(Json::to_string).filter(|i| i.len() <= MAX_INPUT_BYTES);
        let values: [Param<'_>; 12] = [
            Param::Text(&c.id),
            Param::Text(&c.plugin),
            Param::Text(&c.version),
            Param::Text(&c.export),
            Param::Text(&c.name),
            Param::Integer(c.at),
            Param::Integer(c.took_us),
            Param::Text(c.kind.as_str()),
            Param::Text(&message),
            Param::Integer(c.attempt),
            backtrace.param(),
            input.param(),
        ];
        let sql = format!(
            "INSERT INTO cairn_plugin_calls ({COLUMNS}, backtrace, input)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (id) DO NOTHING"
        );
        self.tx.conn.execute("saving a call of a plugin", &sql, values)?;
        let sql = "DELETE FROM cairn_plugin_calls WHERE plugin = ?1 AND (at, id) <= (
                     SELECT at, id FROM cairn_plugin_calls WHERE plugin = ?1 ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?2)";
        self.tx.conn.execute("deleting calls of a plugin", sql, (&c.plugin, MAX_CALLS_PER_PLUGIN)).map(drop)
    }

    /// Deletes calls of a plugin: one, or all. Returns their number. Returns an error if the database cannot be written.
    pub fn discard(&mut self, plugin: &str, id: Option<&str>) -> Result<usize> {
        let sql = "DELETE FROM cairn_plugin_calls WHERE plugin = ?1 AND (CAST(?2 AS TEXT) IS NULL OR id = ?2)";
        self.tx.conn.execute("deleting calls of a plugin", sql, (plugin, id))
    }
}
