//! `cairn_outbox`: events, written in the transaction that they report.
//!
//! An event's position in the order of commits: SQLite has one writer, and assigns numbers in that order. On PostgreSQL a transaction
//! that took a lower number may commit later, so positions are assigned after the commit, by one node at a time
//! ([`crate::Store::place_events`]). Two events of one document are in the order of their transactions either way: the later transaction could
//! lock the document only after the earlier one had ended.

use super::Actor;
use super::outbox_row::{NewEvent, PendingEvent};
use crate::connection::{Connection, Param, Row, Value};
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// Number of positions assigned at a time.
const EVENTS_PER_PLACEMENT: i64 = 2_000;

/// An event, with its position in the order of commits.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Position in the order of commits.
    pub pos: i64,
    /// Unique id, the same for every delivery of the event.
    pub id: String,
    /// Name, key and data of the event.
    pub event: NewEvent,
    /// Time in milliseconds since 1970.
    pub at: i64,
    /// Actor who caused it.
    pub actor: Actor,
    /// True if it is delivered again on request.
    pub replayed: bool,
    /// Number of events in a row that led to it: 0 if a request or a schedule caused it.
    pub depth: i64,
}

/// Progress of [`Store::place_events`](crate::Store::place_events).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventPlacement {
    /// Every event that was committed before has its position.
    All,
    /// More events are waiting for a position.
    More,
    /// Another process is assigning positions.
    ByAnother,
}

/// Selects events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventFilter {
    /// The exact name, or with `*` at the end its prefix.
    pub name: Option<String>,
    /// Uid of the content type.
    pub content_type: Option<String>,
    /// Key of the event.
    pub key: Option<String>,
    /// Only events at or after this time, in milliseconds.
    pub from: Option<i64>,
    /// Only events before this time, in milliseconds.
    pub to: Option<i64>,
}

impl EventFilter {
    /// The condition, from placeholder `first` on, and its values.
    pub(super) fn sql_condition(&self, first: usize) -> (String, Vec<crate::connection::Value>) {
        let (mut parts, mut values) = (Vec::new(), Vec::new());
        let mut add = |text: &str, value: crate::connection::Value| {
            parts.push(text.replace('?', &format!("?{}", first + values.len())));
            values.push(value);
        };
        if let Some(name) = &self.name {
            match name.strip_suffix('*') {
                // U+10FFFF sorts after every character of an event name.
                Some(start) => {
                    add("o.name >= ?", start.into());
                    add("o.name < ?", format!("{start}\u{10ffff}").into());
                }
                None => add("o.name = ?", name.as_str().into()),
            }
        }
        if let Some(t) = &self.content_type {
            add("o.type = ?", t.as_str().into());
        }
        if let Some(key) = &self.key {
            add("o.key = ?", key.as_str().into());
        }
        if let Some(from) = self.from {
            add("o.at >= ?", from.into());
        }
        if let Some(to) = self.to {
            add("o.at < ?", to.into());
        }
        (if parts.is_empty() { "1 = 1".to_owned() } else { parts.join(" AND ") }, values)
    }
}

pub(super) const COLUMNS: &str =
    "o.pos, o.event_id, o.name, o.key, o.type, o.document_id, o.locale, o.status, o.at, o.actor, o.data, o.depth";

pub(super) fn read_event(r: &Row<'_>) -> Result<Event> {
    let (actor, data): (String, String) = (r.get(9)?, r.get(10)?);
    let pos = r.get(0)?;
    let data = serde_json::from_str(&data)
        .map_err(|e| StoreError::Corrupt { place: format!("cairn_outbox {pos}"), message: e.to_string() })?;
    let event = NewEvent {
        name: r.get(2)?,
        key: r.get(3)?,
        content_type: r.get(4)?,
        document_id: r.get(5)?,
        locale: r.get(6)?,
        status: r.get(7)?,
        data,
    };
    Ok(Event {
        pos,
        id: r.get(1)?,
        event,
        at: r.get(8)?,
        actor: Actor::from_record_json(&actor),
        replayed: false,
        depth: r.get(11)?,
    })
}

impl namespaces::Events<&mut WriteTx<'_>> {
    /// Writes an event, which exists if and only if this transaction commits. It is sent to the database with the commit, which costs no
    /// round trip on PostgreSQL.
    pub fn emit(&mut self, actor: &Actor, e: &NewEvent, now: i64) -> Result<()> {
        let data = e.data.to_string();
        self.emit_serialised(actor.to_json(), NewEvent { data: Json::Null, ..e.clone() }, data, now)
    }

    /// Does the same as [`Self::emit`] for an actor ([`Actor::to_json`]) and data that are JSON text already, in place of the event's own data.
    pub fn emit_serialised(&mut self, actor: String, event: NewEvent, data: String, now: i64) -> Result<()> {
        let id = format!("{:032x}", rand::random::<u128>());
        self.tx.changes.events = true;
        self.tx.changes.outbox.push(PendingEvent { id, event, at: now, actor, data, depth: self.tx.cause_depth });
        Ok(())
    }

    /// Deletes events from before `before` that every consumer has passed and no delivery refers to. At most `limit`.
    pub fn purge(&mut self, before: i64, limit: i64) -> Result<usize> {
        self.tx.conn.execute(
            "removing old events",
            "DELETE FROM cairn_outbox WHERE pos IN (
               SELECT o.pos FROM cairn_outbox o
               WHERE o.at < ?1 AND o.pos <= coalesce((SELECT min(position) FROM cairn_consumers WHERE state = 'active'), o.pos)
                 AND NOT EXISTS (SELECT 1 FROM cairn_deliveries d WHERE d.pos = o.pos AND d.state IN ('waiting', 'dead'))
               ORDER BY o.pos LIMIT ?2)",
            (before, limit),
        )
    }

    /// Assigns positions to committed events, on PostgreSQL: implements [`Store::place_events`](crate::Store::place_events).
    pub(crate) fn place(&mut self) -> Result<EventPlacement> {
        // The row lock lets one node place events at a time; a later one sees what the first has placed.
        let sql = "SELECT pos FROM cairn_outbox_place WHERE id = 1 FOR UPDATE SKIP LOCKED";
        let found: Option<i64> = self.tx.conn.query_first("numbering events", sql, (), |r| r.get(0))?;
        let Some(last_position) = found else { return Ok(EventPlacement::ByAnother) };
        let params: [Param<'_>; 2] = [Param::Integer(last_position), Param::Integer(EVENTS_PER_PLACEMENT)];
        let placed = self.tx.conn.execute(
            "numbering events",
            "WITH fresh AS (
               SELECT seq, row_number() OVER (ORDER BY seq) AS n
               FROM (SELECT seq FROM cairn_outbox WHERE pos IS NULL ORDER BY seq LIMIT ?2) unplaced)
             UPDATE cairn_outbox SET pos = ?1 + fresh.n FROM fresh WHERE cairn_outbox.seq = fresh.seq",
            &params[..],
        )?;
        let placed = i64::try_from(placed).unwrap_or(0);
        let sql = "UPDATE cairn_outbox_place SET pos = ?1 WHERE id = 1";
        self.tx.conn.execute("numbering events", sql, [last_position + placed])?;
        Ok(if placed == EVENTS_PER_PLACEMENT { EventPlacement::More } else { EventPlacement::All })
    }
}

impl namespaces::Events<Reader<'_>> {
    /// True if committed events have no position yet.
    pub(crate) fn has_unplaced(&self) -> Result<bool> {
        let sql = "SELECT 1 FROM cairn_outbox WHERE pos IS NULL LIMIT 1";
        self.tx.conn.exists("checking for new events", sql, ())
    }

    /// Lists events behind a position, in order.
    pub fn list_after(&self, pos: i64, limit: i64) -> Result<Vec<Event>> {
        events_after(self.tx.conn, pos, limit)
    }

    /// Gets the events at these positions, in order; those that are no longer retained are left out. Returns an error if the
    /// database cannot be read.
    pub fn list_at(&self, places: &[i64]) -> Result<Vec<Event>> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let values: Vec<Value> = places.iter().map(|place| (*place).into()).collect();
        let marks: Vec<String> = (1..=places.len()).map(|n| format!("?{n}")).collect();
        let sql = format!("SELECT {COLUMNS} FROM cairn_outbox o WHERE o.pos IN ({}) ORDER BY o.pos", marks.join(", "));
        self.tx.conn.query_all("reading events", &sql, &values[..], read_event)
    }

    /// Lists the events of a filter, newest first, before a position (`None`: from the newest on).
    pub fn list(&self, filter: &EventFilter, before: Option<i64>, limit: i64) -> Result<Vec<Event>> {
        let (condition, mut values) = filter.sql_condition(3);
        values.splice(0..0, [before.unwrap_or(i64::MAX).into(), limit.into()]);
        let sql = format!(
            "SELECT {COLUMNS} FROM cairn_outbox o WHERE o.pos < ?1 AND {condition} ORDER BY o.pos DESC LIMIT ?2"
        );
        self.tx.conn.query_all("reading events", &sql, &values[..], read_event)
    }

    /// The first retained position; 0 if there is none.
    pub fn first_position(&self) -> Result<i64> {
        let sql = "SELECT coalesce(min(pos), 0) FROM cairn_outbox";
        Ok(self.tx.conn.query_first("reading the first event", sql, (), |r| r.get(0))?.unwrap_or(0))
    }

    /// The last assigned position; 0 if there is none.
    pub fn last_position(&self) -> Result<i64> {
        last_position(self.tx.conn)
    }
}

pub(super) fn events_after(conn: &Connection, pos: i64, limit: i64) -> Result<Vec<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM cairn_outbox o WHERE o.pos > ?1 ORDER BY o.pos LIMIT ?2");
    conn.query_all("reading events", &sql, (pos, limit), read_event)
}

pub(super) fn last_position(conn: &Connection) -> Result<i64> {
    let sql = "SELECT coalesce(max(pos), 0) FROM cairn_outbox";
    Ok(conn.query_first("reading the last event", sql, (), |r| r.get(0))?.unwrap_or(0))
}
