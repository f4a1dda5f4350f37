//! `cairn_deliveries`: events that a consumer has passed without receiving them: failed and to be retried, held behind a failed one with
//! the same key, given up, or requested again.

use super::outbox::{self, COLUMNS};
use super::{ConsumerLease, Event, EventFilter};
use crate::connection::{Row, Value};
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};

/// Due time of a delivery that waits behind another one with its key; set to a real time once the other is out of the way.
pub(super) const BEHIND_ANOTHER_DUE: i64 = i64::MAX / 2;

/// Where a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// To be tried at its due time.
    Waiting,
    /// Given up after the last attempt, until a person retries or discards it.
    Dead,
    /// A person decided that it is not to be delivered.
    Discarded,
}

impl DeliveryState {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Dead => "dead",
            Self::Discarded => "discarded",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "waiting" => Self::Waiting,
            "dead" => Self::Dead,
            _ => Self::Discarded,
        }
    }
}

/// A delivery with its event.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRow {
    /// Numeric id of the delivery.
    pub id: i64,
    /// Name of the consumer.
    pub consumer: String,
    /// The state of the delivery.
    pub state: DeliveryState,
    /// Number of attempts so far.
    pub attempt: i64,
    /// Time of the next attempt, in milliseconds.
    pub due: i64,
    /// Error of the last attempt.
    pub error: Option<String>,
    /// Why it was discarded.
    pub reason: Option<String>,
    /// The event; `None` if it is no longer retained.
    pub event: Option<Event>,
}

/// Selects deliveries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeliveryFilter {
    /// Only deliveries of this consumer.
    pub consumer: Option<String>,
    /// Only deliveries in this state.
    pub state: Option<DeliveryState>,
    /// Only those with a greater id.
    pub after: Option<i64>,
}

fn read_delivery(r: &Row<'_>) -> Result<DeliveryRow> {
    // The event's columns come first.
    let replayed: bool = r.get(18)?;
    let event = match r.get::<Option<i64>>(0)? {
        None => None,
        Some(_) => Some(Event { replayed, ..outbox::read_event(r)? }),
    };
    let state: String = r.get(14)?;
    Ok(DeliveryRow {
        id: r.get(12)?,
        consumer: r.get(13)?,
        state: DeliveryState::parse(&state),
        attempt: r.get(15)?,
        due: r.get(16)?,
        error: r.get(17)?,
        reason: r.get(19)?,
        event,
    })
}

fn select_sql() -> String {
    format!(
        "SELECT {COLUMNS}, d.id, d.consumer, d.state, d.attempt, d.due, d.error, d.replayed, d.reason
         FROM cairn_deliveries d LEFT JOIN cairn_outbox o ON o.pos = d.pos"
    )
}

impl namespaces::Deliveries<Reader<'_>> {
    /// Lists the deliveries of a filter, in the order of their ids.
    pub fn list(&self, filter: &DeliveryFilter, limit: i64) -> Result<Vec<DeliveryRow>> {
        let mut values: Vec<Value> = vec![filter.after.unwrap_or(0).into(), limit.into()];
        let mut sql = format!("{} WHERE d.id > ?1", select_sql());
        if let Some(consumer) = &filter.consumer {
            values.push(consumer.as_str().into());
            sql.push_str(&format!(" AND d.consumer = ?{}", values.len()));
        }
        if let Some(state) = filter.state {
            values.push(state.as_str().into());
            sql.push_str(&format!(" AND d.state = ?{}", values.len()));
        }
        sql.push_str(" ORDER BY d.id LIMIT ?2");
        self.tx.conn.query_all("reading deliveries", &sql, &values[..], read_delivery)
    }

    /// Number of deliveries by consumer and state.
    pub fn count_by_state(&self) -> Result<Vec<(String, DeliveryState, i64)>> {
        let sql =
            "SELECT consumer, state, count(*) FROM cairn_deliveries GROUP BY consumer, state ORDER BY consumer, state";
        self.tx.conn.query_all("counting deliveries", sql, (), |r| {
            let state: String = r.get(1)?;
            Ok((r.get(0)?, DeliveryState::parse(&state), r.get(2)?))
        })
    }

    /// Keys of a consumer that have a waiting (or with `dead` a given-up) delivery: later events with these keys wait behind it.
    pub fn find_keys(&self, consumer: &str, dead: bool) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT key FROM cairn_deliveries WHERE consumer = ?1 AND state IN ('waiting', ?2)";
        let second = if dead { "dead" } else { "waiting" };
        self.tx.conn.query_all("reading blocked keys", sql, (consumer, second), |r| r.get(0))
    }

    /// Due deliveries of a consumer: for each key the first that waits, if nothing before it was given up (`hold`) and its time has come.
    pub fn find_due(&self, consumer: &str, hold: bool, now: i64, limit: i64) -> Result<Vec<DeliveryRow>> {
        let first = if hold { "dead" } else { "waiting" };
        let sql = format!(
            "{} WHERE d.consumer = ?1 AND d.state = 'waiting' AND d.due <= ?2 AND NOT EXISTS (
               SELECT 1 FROM cairn_deliveries b
               WHERE b.consumer = ?1 AND b.key = d.key AND b.id < d.id AND b.state IN ('waiting', ?4))
             ORDER BY d.due, d.id LIMIT ?3",
            select_sql()
        );
        self.tx.conn.query_all("reading due deliveries", &sql, (consumer, now, limit, first), read_delivery)
    }

    /// Names of consumers that have due deliveries.
    pub fn find_consumers_with_due(&self, now: i64) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT consumer FROM cairn_deliveries WHERE state = 'waiting' AND due <= ?1";
        self.tx.conn.query_all("reading due deliveries", sql, [now], |r| r.get(0))
    }

    /// Lists the deliveries of a consumer for the event at a position, newest first: those that wait, were given up or discarded. A
    /// successful one is deleted. Returns an error if the database cannot be read.
    pub fn list_at(&self, consumer: &str, place: i64) -> Result<Vec<DeliveryRow>> {
        let sql = format!("{} WHERE d.consumer = ?1 AND d.pos = ?2 ORDER BY d.id DESC", select_sql());
        self.tx.conn.query_all("reading deliveries", &sql, (consumer, place), read_delivery)
    }

    /// True if an earlier delivery with the same consumer and key waits (or with `dead` was given up): this one has to wait for it. Returns
    /// an error if the database cannot be read.
    pub fn is_behind_another(&self, delivery: i64, dead: bool) -> Result<bool> {
        let sql = "SELECT 1 FROM cairn_deliveries d JOIN cairn_deliveries b
                     ON b.consumer = d.consumer AND b.key = d.key AND b.id < d.id AND b.state IN ('waiting', ?2)
                   WHERE d.id = ?1 LIMIT 1";
        let second = if dead { "dead" } else { "waiting" };
        self.tx.conn.exists("reading deliveries", sql, (delivery, second))
    }

    /// True if a delivery still waits.
    pub fn is_waiting(&self, id: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM cairn_deliveries WHERE id = ?1 AND state = 'waiting'";
        self.tx.conn.exists("reading deliveries", sql, [id])
    }

    /// True if any delivery of a consumer waits.
    pub fn has_waiting(&self, consumer: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM cairn_deliveries WHERE consumer = ?1 AND state = 'waiting' LIMIT 1";
        self.tx.conn.exists("reading deliveries", sql, [consumer])
    }
}

impl namespaces::Deliveries<&mut WriteTx<'_>> {
    /// Records that a consumer has passed an event without receiving it. `due` is the time of the next attempt; `None` if it is given up
    /// or, without an attempt, if it waits behind another one.
    pub fn park(
        &mut self,
        drive: &ConsumerLease,
        event: &Event,
        attempt: i64,
        due: Option<i64>,
        error: Option<&str>,
        now: i64,
    ) -> Result<()> {
        let behind = attempt == 0 && due.is_none();
        let state = if due.is_some() || behind { "waiting" } else { "dead" };
        let due = due.unwrap_or(if behind { BEHIND_ANOTHER_DUE } else { now });
        self.tx
            .conn
            .execute(
                "parking a delivery",
                "INSERT INTO cairn_deliveries (consumer, pos, key, state, attempt, due, error, at)
                 VALUES (?1, ?2, ?3, ?8, ?4, ?5, ?6, ?7)",
                (&drive.consumer, event.pos, &event.event.key, attempt, due, error, now, state),
            )
            .map(drop)
    }

    /// Makes deliveries due that wait behind a delivery (`None`: behind any of the consumer's). Those that still wait behind another are
    /// postponed by [`Self::postpone_blocked`].
    fn release_waiting(&mut self, consumer: &str, behind: Option<i64>, now: i64) -> Result<()> {
        self.tx
            .conn
            .execute(
                "releasing deliveries",
                "UPDATE cairn_deliveries SET due = ?3 WHERE consumer = ?1 AND state = 'waiting' AND due = ?4
                   AND (CAST(?2 AS BIGINT) IS NULL OR key = (SELECT key FROM cairn_deliveries WHERE id = ?2))",
                (consumer, behind, now, BEHIND_ANOTHER_DUE),
            )
            .map(drop)
    }

    /// Postpones deliveries that are due but wait behind others; called when nothing of a consumer can be delivered.
    pub fn postpone_blocked(&mut self, drive: &ConsumerLease, now: i64) -> Result<()> {
        self.tx.consumers().advance(drive, drive.position)?;
        let sql = "UPDATE cairn_deliveries SET due = ?3 WHERE consumer = ?1 AND state = 'waiting' AND due <= ?2";
        self.tx.conn.execute("delaying deliveries", sql, (&drive.consumer, now, BEHIND_ANOTHER_DUE)).map(drop)
    }

    /// Deletes a parked delivery that succeeded. [`StoreError::Lost`] if the lease was lost.
    pub fn finish(&mut self, drive: &ConsumerLease, id: i64, now: i64) -> Result<()> {
        self.tx.consumers().advance(drive, drive.position)?;
        self.release_waiting(&drive.consumer, Some(id), now)?;
        self.tx.conn.execute("finishing a delivery", "DELETE FROM cairn_deliveries WHERE id = ?1", [id]).map(drop)
    }

    /// Records another failure of a parked delivery: it is retried at `due`, or given up (`None`).
    pub fn record_failure(
        &mut self,
        drive: &ConsumerLease,
        id: i64,
        due: Option<i64>,
        error: &str,
        now: i64,
    ) -> Result<()> {
        self.tx.consumers().advance(drive, drive.position)?;
        if due.is_none() {
            self.release_waiting(&drive.consumer, Some(id), now)?;
        }
        let state = if due.is_some() { "waiting" } else { "dead" };
        self.tx.conn
            .execute(
                "recording a failed delivery",
                "UPDATE cairn_deliveries SET attempt = attempt + 1, due = coalesce(?2, due), state = ?3, error = ?4 WHERE id = ?1",
                (id, due, state, error),
            )
            .map(drop)
    }

    /// Retries dead (or waiting) deliveries at once, with the full number of attempts: one, or all of a consumer. Returns their number.
    pub fn retry(&mut self, consumer: &str, id: Option<i64>, now: i64) -> Result<usize> {
        self.tx.changes.events = true;
        self.tx.conn.execute(
            "retrying deliveries",
            "UPDATE cairn_deliveries SET state = 'waiting', attempt = 0, due = ?3
             WHERE consumer = ?1 AND (CAST(?2 AS BIGINT) IS NULL OR id = ?2) AND state IN ('dead', 'waiting')",
            (consumer, id, now),
        )
    }

    /// Gives deliveries up for good, with a reason: one, or all dead ones of a consumer. Returns their number.
    pub fn discard(&mut self, consumer: &str, id: Option<i64>, reason: &str, now: i64) -> Result<usize> {
        self.tx.changes.events = true;
        self.release_waiting(consumer, id, now)?;
        self.tx.conn.execute(
            "discarding deliveries",
            "UPDATE cairn_deliveries SET state = 'discarded', reason = ?3
             WHERE consumer = ?1 AND ((CAST(?2 AS BIGINT) IS NULL AND state = 'dead') OR (id = ?2 AND state IN ('dead', 'waiting')))",
            (consumer, id, reason),
        )
    }

    /// Delivers retained events of a filter to a consumer again, and returns their number. At most `limit`: [`StoreError::TooMany`] above.
    pub fn replay_events(&mut self, consumer: &str, filter: &EventFilter, now: i64, limit: i64) -> Result<usize> {
        self.tx.changes.events = true;
        let (condition, mut values) = filter.sql_condition(4);
        values.splice(0..0, [consumer.into(), now.into(), (limit + 1).into()]);
        let sql = format!(
            "INSERT INTO cairn_deliveries (consumer, pos, key, state, attempt, due, replayed, at)
             SELECT c.name, o.pos, o.key, 'waiting', 0, CAST(?2 AS BIGINT), TRUE, CAST(?2 AS BIGINT) FROM cairn_outbox o
             JOIN cairn_consumers c ON c.name = ?1
             WHERE o.pos <= c.position AND {condition} ORDER BY o.pos LIMIT ?3"
        );
        let n = self.tx.conn.execute("replaying events", &sql, &values[..])?;
        match i64::try_from(n) {
            Ok(n) if n > limit => Err(StoreError::TooMany(limit)),
            _ => Ok(n),
        }
    }

    /// Deletes deliveries that were discarded before `before`.
    pub fn purge(&mut self, before: i64) -> Result<usize> {
        let sql = "DELETE FROM cairn_deliveries WHERE state = 'discarded' AND at < ?1";
        self.tx.conn.execute("removing old deliveries", sql, [before])
    }
}
