//! `cairn_deliveries`: events that a consumer is past without having them: failed and to be tried again, held behind a failed
//! one of the same key, given up, or asked for anew.

use super::outbox::{self, COLUMNS};
use super::{Drive, Event, EventFilter};
use crate::connection::{Row, Value};
use crate::{Reader, Result, StoreError, WriteTx};

/// The due time of what waits behind another delivery of its key: when that is out of the way it gets a real one.
pub(super) const BEHIND: i64 = i64::MAX / 2;

/// Where a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// To be tried at its due time.
    Waiting,
    /// Given up: somebody has to look at it.
    Dead,
    /// Somebody decided that it is not to be delivered.
    Discarded,
}

impl DeliveryState {
    /// The form that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Dead => "dead",
            Self::Discarded => "discarded",
        }
    }

    fn read(text: &str) -> Self {
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
    /// Its number.
    pub id: i64,
    /// To whom.
    pub consumer: String,
    /// Where it is.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempt: i64,
    /// When it is tried next, in milliseconds.
    pub due: i64,
    /// Why it failed last.
    pub error: Option<String>,
    /// Why it was discarded.
    pub reason: Option<String>,
    /// The event; `None` where it is no longer kept.
    pub event: Option<Event>,
}

/// Which deliveries are meant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeliveryFilter {
    /// Of this consumer.
    pub consumer: Option<String>,
    /// In this state.
    pub state: Option<DeliveryState>,
    /// With a greater number.
    pub after: Option<i64>,
}

fn read(r: &Row<'_>) -> Result<DeliveryRow> {
    // The event's columns come first.
    let replayed: bool = r.get(18)?;
    let event = match r.get::<Option<i64>>(0)? {
        None => None,
        Some(_) => Some(Event { replayed, ..outbox::read(r)? }),
    };
    let state: String = r.get(14)?;
    Ok(DeliveryRow {
        id: r.get(12)?,
        consumer: r.get(13)?,
        state: DeliveryState::read(&state),
        attempt: r.get(15)?,
        due: r.get(16)?,
        error: r.get(17)?,
        reason: r.get(19)?,
        event,
    })
}

fn select() -> String {
    format!(
        "SELECT {COLUMNS}, d.id, d.consumer, d.state, d.attempt, d.due, d.error, d.replayed, d.reason
         FROM cairn_deliveries d LEFT JOIN cairn_outbox o ON o.pos = d.pos"
    )
}

impl Reader<'_> {
    /// Deliveries of a filter, in the order of their numbers.
    pub fn deliveries(&self, filter: &DeliveryFilter, limit: i64) -> Result<Vec<DeliveryRow>> {
        let mut values: Vec<Value> = vec![filter.after.unwrap_or(0).into(), limit.into()];
        let mut sql = format!("{} WHERE d.id > ?1", select());
        if let Some(consumer) = &filter.consumer {
            values.push(consumer.as_str().into());
            sql.push_str(&format!(" AND d.consumer = ?{}", values.len()));
        }
        if let Some(state) = filter.state {
            values.push(state.as_str().into());
            sql.push_str(&format!(" AND d.state = ?{}", values.len()));
        }
        sql.push_str(" ORDER BY d.id LIMIT ?2");
        self.conn.all("reading deliveries", &sql, &values[..], read)
    }

    /// How many deliveries of each consumer are in which state.
    pub fn delivery_counts(&self) -> Result<Vec<(String, DeliveryState, i64)>> {
        let sql =
            "SELECT consumer, state, count(*) FROM cairn_deliveries GROUP BY consumer, state ORDER BY consumer, state";
        self.conn.all("counting deliveries", sql, (), |r| {
            let state: String = r.get(1)?;
            Ok((r.get(0)?, DeliveryState::read(&state), r.get(2)?))
        })
    }

    /// Keys of a consumer of which something waits (or with `dead` was given up): later events of them wait behind it.
    pub fn held_keys(&self, consumer: &str, dead: bool) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT key FROM cairn_deliveries WHERE consumer = ?1 AND state IN ('waiting', ?2)";
        let second = if dead { "dead" } else { "waiting" };
        self.conn.all("reading held keys", sql, (consumer, second), |r| r.get(0))
    }

    /// What of a consumer is due: of each key the first that waits, if nothing before it was given up (`hold`) and its time
    /// has come.
    pub fn due_deliveries(&self, consumer: &str, hold: bool, now: i64, limit: i64) -> Result<Vec<DeliveryRow>> {
        let first = if hold { "dead" } else { "waiting" };
        let sql = format!(
            "{} WHERE d.consumer = ?1 AND d.state = 'waiting' AND d.due <= ?2 AND NOT EXISTS (
               SELECT 1 FROM cairn_deliveries b
               WHERE b.consumer = ?1 AND b.key = d.key AND b.id < d.id AND b.state IN ('waiting', ?4))
             ORDER BY d.due, d.id LIMIT ?3",
            select()
        );
        self.conn.all("reading due deliveries", &sql, (consumer, now, limit, first), read)
    }

    /// Consumers that have something due.
    pub fn consumers_with_due(&self, now: i64) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT consumer FROM cairn_deliveries WHERE state = 'waiting' AND due <= ?1";
        self.conn.all("reading due deliveries", sql, [now], |r| r.get(0))
    }

    /// The deliveries of a consumer that are about the event at a place, newest first: those that wait, that were given up or discarded. One
    /// that went well is none any more.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn deliveries_at(&self, consumer: &str, place: i64) -> Result<Vec<DeliveryRow>> {
        let sql = format!("{} WHERE d.consumer = ?1 AND d.pos = ?2 ORDER BY d.id DESC", select());
        self.conn.all("reading deliveries", &sql, (consumer, place), read)
    }

    /// Whether an earlier delivery of the same consumer and key waits (or with `dead` was given up): this one comes after it.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn is_behind_another(&self, delivery: i64, dead: bool) -> Result<bool> {
        let sql = "SELECT 1 FROM cairn_deliveries d JOIN cairn_deliveries b
                     ON b.consumer = d.consumer AND b.key = d.key AND b.id < d.id AND b.state IN ('waiting', ?2)
                   WHERE d.id = ?1 LIMIT 1";
        let second = if dead { "dead" } else { "waiting" };
        self.conn.exists("reading deliveries", sql, (delivery, second))
    }

    /// Whether a delivery still waits.
    pub fn delivery_waits(&self, id: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM cairn_deliveries WHERE id = ?1 AND state = 'waiting'";
        self.conn.exists("reading deliveries", sql, [id])
    }

    /// Whether anything of a consumer waits.
    pub fn has_deliveries(&self, consumer: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM cairn_deliveries WHERE consumer = ?1 AND state = 'waiting' LIMIT 1";
        self.conn.exists("reading deliveries", sql, [consumer])
    }
}

impl WriteTx<'_> {
    /// Notes that a consumer is past an event without having it; `due`: when it is tried next, `None` where it is given up, or
    /// without an attempt where it waits behind another one.
    pub fn park_delivery(
        &mut self,
        drive: &Drive,
        event: &Event,
        attempt: i64,
        due: Option<i64>,
        error: Option<&str>,
        now: i64,
    ) -> Result<()> {
        let behind = attempt == 0 && due.is_none();
        let state = if due.is_some() || behind { "waiting" } else { "dead" };
        let due = due.unwrap_or(if behind { BEHIND } else { now });
        self.conn
            .execute(
                "parking a delivery",
                "INSERT INTO cairn_deliveries (consumer, pos, key, state, attempt, due, error, at)
                 VALUES (?1, ?2, ?3, ?8, ?4, ?5, ?6, ?7)",
                (&drive.consumer, event.pos, &event.event.key, attempt, due, error, now, state),
            )
            .map(drop)
    }

    /// What waits behind a delivery (`None`: behind any of the consumer's) is looked at again. What still waits behind another is
    /// held back by [`Self::hold_back`].
    fn look_again(&mut self, consumer: &str, behind: Option<i64>, now: i64) -> Result<()> {
        self.conn
            .execute(
                "releasing deliveries",
                "UPDATE cairn_deliveries SET due = ?3 WHERE consumer = ?1 AND state = 'waiting' AND due = ?4
                   AND (CAST(?2 AS BIGINT) IS NULL OR key = (SELECT key FROM cairn_deliveries WHERE id = ?2))",
                (consumer, behind, now, BEHIND),
            )
            .map(drop)
    }

    /// Nothing of a consumer can be delivered by now: what is due waits behind something else.
    pub fn hold_back(&mut self, drive: &Drive, now: i64) -> Result<()> {
        self.advance_consumer(drive, drive.position)?;
        let sql = "UPDATE cairn_deliveries SET due = ?3 WHERE consumer = ?1 AND state = 'waiting' AND due <= ?2";
        self.conn.execute("holding deliveries back", sql, (&drive.consumer, now, BEHIND)).map(drop)
    }

    /// A parked delivery went well: it goes. [`StoreError::Lost`] where the lease was lost.
    pub fn delivered(&mut self, drive: &Drive, id: i64, now: i64) -> Result<()> {
        self.advance_consumer(drive, drive.position)?;
        self.look_again(&drive.consumer, Some(id), now)?;
        self.conn.execute("ending a delivery", "DELETE FROM cairn_deliveries WHERE id = ?1", [id]).map(drop)
    }

    /// A parked delivery failed again: it is tried at `due`, or given up (`None`).
    pub fn delivery_failed(&mut self, drive: &Drive, id: i64, due: Option<i64>, error: &str, now: i64) -> Result<()> {
        self.advance_consumer(drive, drive.position)?;
        if due.is_none() {
            self.look_again(&drive.consumer, Some(id), now)?;
        }
        let state = if due.is_some() { "waiting" } else { "dead" };
        self.conn
            .execute(
                "noting a failed delivery",
                "UPDATE cairn_deliveries SET attempt = attempt + 1, due = coalesce(?2, due), state = ?3, error = ?4 WHERE id = ?1",
                (id, due, state, error),
            )
            .map(drop)
    }

    /// Dead (or waiting) deliveries are tried at once, with all attempts before them: one, or all of a consumer. How many.
    pub fn retry_deliveries(&mut self, consumer: &str, id: Option<i64>, now: i64) -> Result<usize> {
        self.changes.events = true;
        self.conn.execute(
            "retrying deliveries",
            "UPDATE cairn_deliveries SET state = 'waiting', attempt = 0, due = ?3
             WHERE consumer = ?1 AND (CAST(?2 AS BIGINT) IS NULL OR id = ?2) AND state IN ('dead', 'waiting')",
            (consumer, id, now),
        )
    }

    /// Deliveries are given up for good, with a reason: one, or all dead ones of a consumer. How many.
    pub fn discard_deliveries(&mut self, consumer: &str, id: Option<i64>, reason: &str, now: i64) -> Result<usize> {
        self.changes.events = true;
        self.look_again(consumer, id, now)?;
        self.conn.execute(
            "discarding deliveries",
            "UPDATE cairn_deliveries SET state = 'discarded', reason = ?3
             WHERE consumer = ?1 AND ((CAST(?2 AS BIGINT) IS NULL AND state = 'dead') OR (id = ?2 AND state IN ('dead', 'waiting')))",
            (consumer, id, reason),
        )
    }

    /// Kept events of a filter are delivered to a consumer again. How many. At most `limit`: [`StoreError::TooMany`] above.
    pub fn replay_events(&mut self, consumer: &str, filter: &EventFilter, now: i64, limit: i64) -> Result<usize> {
        self.changes.events = true;
        let (condition, mut values) = filter.condition(4);
        values.splice(0..0, [consumer.into(), now.into(), (limit + 1).into()]);
        let sql = format!(
            "INSERT INTO cairn_deliveries (consumer, pos, key, state, attempt, due, replayed, at)
             SELECT c.name, o.pos, o.key, 'waiting', 0, CAST(?2 AS BIGINT), TRUE, CAST(?2 AS BIGINT) FROM cairn_outbox o
             JOIN cairn_consumers c ON c.name = ?1
             WHERE o.pos <= c.position AND {condition} ORDER BY o.pos LIMIT ?3"
        );
        let n = self.conn.execute("replaying events", &sql, &values[..])?;
        match i64::try_from(n) {
            Ok(n) if n > limit => Err(StoreError::TooMany(limit)),
            _ => Ok(n),
        }
    }

    /// Removes discarded deliveries from before `before`.
    pub fn purge_deliveries(&mut self, before: i64) -> Result<usize> {
        let sql = "DELETE FROM cairn_deliveries WHERE state = 'discarded' AND at < ?1";
        self.conn.execute("removing old deliveries", sql, [before])
    }
}
