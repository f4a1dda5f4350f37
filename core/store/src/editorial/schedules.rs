//! `cairn_schedules`: what is to be published or unpublished at a time.

use crate::connection::Connection;
use crate::connection::{Row, Value};
use crate::events::Actor;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use serde_json::Value as Json;

/// Where a schedule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduleState {
    /// To be done at its time.
    Waiting,
    /// It was run at its time.
    Done,
    /// It could not be done; the problem says why.
    Failed,
    /// No longer wanted.
    Cancelled,
}

impl ScheduleState {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Parses what [`Self::as_str`] returns.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Done, Self::Failed, Self::Cancelled].into_iter().find(|state| state.as_str() == text)
    }
}

/// A schedule to add.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSchedule {
    /// Uid of the content type.
    pub content_type: String,
    /// Id of the document.
    pub document_id: String,
    /// `*` for all, empty if the type is not localised.
    pub locale: String,
    /// `publish` or `unpublish`.
    pub action: String,
    /// The local time as it was entered.
    pub local_time: String,
    /// Time zone of `local_time`.
    pub zone: String,
    /// The same moment in milliseconds since 1970.
    pub due: i64,
    /// Actor who scheduled it.
    pub actor: Actor,
}

/// A schedule, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleRow {
    /// Numeric id of the schedule.
    pub id: i64,
    /// The fields that callers write.
    pub schedule: NewSchedule,
    /// The state of the schedule.
    pub state: ScheduleState,
    /// Why it failed: `{message, details}`.
    pub problem: Option<Json>,
    /// Time of creation.
    pub created_at: i64,
    /// When it was done, failed or was cancelled.
    pub ended_at: Option<i64>,
}

/// Selects schedules.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScheduleFilter {
    /// Uid of the content type.
    pub content_type: Option<String>,
    /// Id of the document.
    pub document_id: Option<String>,
    /// Only schedules in this state.
    pub state: Option<ScheduleState>,
    /// Only those due at or after this time.
    pub from: Option<i64>,
    /// Only those due before this time.
    pub to: Option<i64>,
    /// Only those with a smaller id.
    pub before: Option<i64>,
}

const COLUMNS: &str =
    "id, type, document_id, locale, action, local_time, zone, due, state, problem, created_at, actor, ended_at";

fn read_schedule(r: &Row<'_>) -> Result<ScheduleRow> {
    let id = r.get(0)?;
    let (state, problem, actor): (String, Option<String>, String) = (r.get(8)?, r.get(9)?, r.get(11)?);
    let schedule = NewSchedule {
        content_type: r.get(1)?,
        document_id: r.get(2)?,
        locale: r.get(3)?,
        action: r.get(4)?,
        local_time: r.get(5)?,
        zone: r.get(6)?,
        due: r.get(7)?,
        actor: Actor::from_json(&actor),
    };
    let problem = problem.map(|p| super::parse_json(&p, "cairn_schedules", id)).transpose()?;
    let state = ScheduleState::parse(&state).unwrap_or(ScheduleState::Cancelled);
    Ok(ScheduleRow { id, schedule, state, problem, created_at: r.get(10)?, ended_at: r.get(12)? })
}

impl namespaces::Schedules<Reader<'_>> {
    /// Gets the schedule with that id.
    pub fn get(&self, id: i64) -> Result<Option<ScheduleRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_schedules WHERE id = ?1");
        self.tx.conn.query_first("reading a schedule", &sql, [id], read_schedule)
    }

    /// Lists the schedules of a filter: for a range of time in the order in which they are due, else newest first.
    pub fn list(&self, filter: &ScheduleFilter, limit: i64) -> Result<Vec<ScheduleRow>> {
        let mut values: Vec<Value> = vec![filter.before.unwrap_or(i64::MAX).into(), limit.into()];
        let mut sql = format!("SELECT {COLUMNS} FROM cairn_schedules WHERE id < ?1");
        let mut add = |text: &str, value: Option<Value>| {
            if let Some(value) = value {
                values.push(value);
                sql.push_str(&format!(" AND {text} ?{}", values.len()));
            }
        };
        add("type =", filter.content_type.as_deref().map(Into::into));
        add("document_id =", filter.document_id.as_deref().map(Into::into));
        add("state =", filter.state.map(|s| s.as_str().into()));
        add("due >=", filter.from.map(Into::into));
        add("due <", filter.to.map(Into::into));
        let ranged = filter.from.is_some() || filter.to.is_some();
        sql.push_str(if ranged { " ORDER BY due, id LIMIT ?2" } else { " ORDER BY id DESC LIMIT ?2" });
        self.tx.conn.query_all("reading schedules", &sql, &values[..], read_schedule)
    }
}

impl namespaces::Schedules<&mut WriteTx<'_>> {
    /// Adds a schedule; returns its id. [`crate::StoreError::Unique`] if an equal one is waiting already.
    pub fn create(&mut self, s: &NewSchedule, now: i64) -> Result<i64> {
        let sql = "INSERT INTO cairn_schedules
               (type, document_id, locale, action, local_time, zone, due, state, created_at, actor)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'waiting', ?8, ?9)";
        let values = (
            &s.content_type,
            &s.document_id,
            &s.locale,
            &s.action,
            &s.local_time,
            &s.zone,
            s.due,
            now,
            s.actor.to_json(),
        );
        self.tx.conn.insert("writing a schedule", sql, values, true)
    }

    /// Locks a schedule until this transaction ends, and returns it.
    pub fn lock(&mut self, id: i64) -> Result<Option<ScheduleRow>> {
        let lock = match self.tx.conn {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " FOR UPDATE",
        };
        let sql = format!("SELECT {COLUMNS} FROM cairn_schedules WHERE id = ?1{lock}");
        self.tx.conn.query_first("locking a schedule", &sql, [id], read_schedule)
    }

    /// Changes time or action of a locked schedule that is waiting. [`crate::StoreError::Unique`] if an equal one is waiting already.
    pub fn update(&mut self, id: i64, s: &NewSchedule) -> Result<()> {
        let sql =
            "UPDATE cairn_schedules SET action = ?2, local_time = ?3, zone = ?4, due = ?5, actor = ?6 WHERE id = ?1";
        let values = (id, &s.action, &s.local_time, &s.zone, s.due, s.actor.to_json());
        self.tx.conn.execute_unique("changing a schedule", sql, values).map(drop)
    }

    /// Ends a locked schedule.
    pub fn finish(&mut self, id: i64, state: ScheduleState, problem: Option<&Json>, now: i64) -> Result<()> {
        let sql = "UPDATE cairn_schedules SET state = ?2, problem = ?3, ended_at = ?4 WHERE id = ?1";
        let problem = problem.map(Json::to_string);
        self.tx.conn.execute("ending a schedule", sql, (id, state.as_str(), problem, now)).map(drop)
    }
}
