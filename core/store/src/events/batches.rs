//! `cairn_batches`: batches of one actor that may still be continued. Events of one batch have the same [`Actor::batch`].

use super::Actor;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// Summary of a batch so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// Id of the batch, as the actor of its events has it.
    pub batch: String,
    /// Actor who does the work.
    pub actor: Actor,
    /// Position of its first event.
    pub first_pos: i64,
    /// Position of the last event that was counted.
    pub last_pos: i64,
    /// Number of events.
    pub events: i64,
    /// Time of the first event, in milliseconds.
    pub first_at: i64,
    /// Time of the last event, in milliseconds.
    pub last_at: i64,
}

impl namespaces::Batches<Reader<'_>> {
    /// Gets a batch; `None` if nothing was done in it since it ended. Returns an error if the database cannot be read.
    pub fn get(&self, batch: &str) -> Result<Option<BatchRow>> {
        let sql = "SELECT actor, first_pos, last_pos, events, first_at, last_at FROM cairn_batches WHERE batch = ?1";
        self.tx.conn.query_first("reading a batch", sql, [batch], |r| {
            let actor: String = r.get(0)?;
            Ok(BatchRow {
                batch: batch.to_owned(),
                actor: Actor::from_json(&actor),
                first_pos: r.get(1)?,
                last_pos: r.get(2)?,
                events: r.get(3)?,
                first_at: r.get(4)?,
                last_at: r.get(5)?,
            })
        })
    }
}

impl namespaces::Batches<&mut WriteTx<'_>> {
    /// Adds events to a batch, or begins it. Returns an error if the database cannot be written to.
    pub fn add_events(&mut self, new_events: &BatchRow) -> Result<()> {
        let sql = "INSERT INTO cairn_batches (batch, actor, first_pos, last_pos, events, first_at, last_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (batch) DO UPDATE
                   SET last_pos = excluded.last_pos, events = cairn_batches.events + excluded.events, last_at = excluded.last_at";
        let BatchRow { batch, actor, first_pos, last_pos, events, first_at, last_at } = new_events;
        let values = (batch, actor.to_json(), *first_pos, *last_pos, *events, *first_at, *last_at);
        self.tx.conn.execute("recording a batch", sql, values).map(drop)
    }

    /// Ends a batch. Returns `false` if more was done in it than up to that position; then it continues. Returns an error if the database
    /// cannot be written to.
    pub fn finish(&mut self, batch: &str, last_pos: i64) -> Result<bool> {
        let sql = "DELETE FROM cairn_batches WHERE batch = ?1 AND last_pos = ?2";
        Ok(self.tx.conn.execute("finishing a batch", sql, (batch, last_pos))? > 0)
    }
}
