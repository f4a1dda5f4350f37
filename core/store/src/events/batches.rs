//! `cairn_batches`: what somebody does in one go, as long as it may go on. Events of one go have the same [`Actor::batch`].

use super::Actor;
use crate::{Reader, Result, WriteTx};

/// What was done in one go so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// As the actor of its events has it.
    pub batch: String,
    /// Who does it.
    pub actor: Actor,
    /// The place of its first event.
    pub first_pos: i64,
    /// The place of the last one that was heard of.
    pub last_pos: i64,
    /// How many there were.
    pub events: i64,
    /// When the first one happened, in milliseconds.
    pub first_at: i64,
    /// When the last one happened, in milliseconds.
    pub last_at: i64,
}

impl Reader<'_> {
    /// What was done in that go; `None` where nothing was since it came to its end.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn batch(&self, batch: &str) -> Result<Option<BatchRow>> {
        let sql = "SELECT actor, first_pos, last_pos, events, first_at, last_at FROM cairn_batches WHERE batch = ?1";
        self.conn.first("reading a batch", sql, [batch], |r| {
            let actor: String = r.get(0)?;
            Ok(BatchRow {
                batch: batch.to_owned(),
                actor: Actor::read(&actor),
                first_pos: r.get(1)?,
                last_pos: r.get(2)?,
                events: r.get(3)?,
                first_at: r.get(4)?,
                last_at: r.get(5)?,
            })
        })
    }
}

impl WriteTx<'_> {
    /// More was done in that go.
    ///
    /// # Errors
    /// Where the database cannot be written to.
    pub fn add_to_batch(&mut self, more: &BatchRow) -> Result<()> {
        let sql = "INSERT INTO cairn_batches (batch, actor, first_pos, last_pos, events, first_at, last_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (batch) DO UPDATE
                   SET last_pos = excluded.last_pos, events = cairn_batches.events + excluded.events, last_at = excluded.last_at";
        let BatchRow { batch, actor, first_pos, last_pos, events, first_at, last_at } = more;
        let values = (batch, actor.to_json(), *first_pos, *last_pos, *events, *first_at, *last_at);
        self.conn.execute("noting a batch", sql, values).map(drop)
    }

    /// That go is over. False where more was done in it than up to that place; then it goes on.
    ///
    /// # Errors
    /// Where the database cannot be written to.
    pub fn end_batch(&mut self, batch: &str, last_pos: i64) -> Result<bool> {
        let sql = "DELETE FROM cairn_batches WHERE batch = ?1 AND last_pos = ?2";
        Ok(self.conn.execute("ending a batch", sql, (batch, last_pos))? > 0)
    }
}
