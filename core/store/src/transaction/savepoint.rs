//! Parts of a transaction that can fail alone.

use super::{PendingChanges, WriteTx};
use crate::history::PendingHistoryEntry;
use crate::{Result, StoreError};
use cairn_model::TypeId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The beginning of a part of a transaction: see [`WriteTx::savepoint`].
#[must_use = "it is closed with `release` or `rollback_to`"]
pub struct Savepoint {
    /// Unique among the savepoints of all transactions.
    serial: u64,
    mark: SavepointMark,
}

/// Changes besides its rows that a transaction had made at a savepoint.
struct SavepointMark {
    touched: usize,
    counts: BTreeMap<(TypeId, bool, String), i64>,
    settings: bool,
    policies: bool,
    callers: bool,
    events: bool,
    /// All of them, because a later entry may have caused them to be written.
    history: Vec<Arc<PendingHistoryEntry>>,
    outbox: usize,
}

impl SavepointMark {
    fn take(changes: &PendingChanges) -> Self {
        Self {
            touched: changes.touched.len(),
            counts: changes.counts.clone(),
            settings: changes.settings,
            policies: changes.policies,
            callers: changes.callers,
            events: changes.events,
            history: changes.history.clone(),
            outbox: changes.outbox.len(),
        }
    }

    fn restore_to(self, changes: &mut PendingChanges) {
        changes.touched.truncate(self.touched);
        changes.counts = self.counts;
        changes.settings = self.settings;
        changes.policies = self.policies;
        changes.callers = self.callers;
        changes.events = self.events;
        changes.history = self.history;
        changes.outbox.truncate(self.outbox);
    }
}

/// The name of the n-th open savepoint. No other statement uses such names.
fn savepoint_name(n: usize) -> String {
    format!("part_{n}")
}

fn misuse_error() -> StoreError {
    let source = "it is not the last savepoint that this transaction opened, or is already closed".into();
    StoreError::Database { doing: "closing a savepoint", source }
}

impl WriteTx<'_> {
    /// Runs a part of the transaction that can fail alone: if it returns an error, everything it did is rolled back, its rows and what is
    /// written with the commit (events, history, counts), and the transaction continues as if it had not run. Parts may be nested.
    ///
    /// # Errors
    /// Returns that of `part`. [`StoreError::Conflict`] if the transaction lost against another one: it cannot continue then, and is
    /// retried from its start when it ends, whatever it returns. An error if the database cannot be reached.
    pub fn run_nested<T, E: From<StoreError>>(&mut self, part: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        let savepoint = self.savepoint()?;
        let serial = savepoint.serial;
        let failed = match part(self) {
            // Savepoints that the part left open are a mistake, and it is undone.
            Ok(_) if self.savepoints.last() != Some(&serial) => misuse_error().into(),
            Ok(value) => {
                self.release(savepoint)?;
                return Ok(value);
            }
            Err(e) => e,
        };
        self.undo_to(savepoint)?;
        Err(failed)
    }

    /// Begins a part of the transaction that can be rolled back alone. Does the same as [`WriteTx::run_nested`] for a part that cannot be one
    /// function: each savepoint is closed, the last opened first, with [`WriteTx::release`] or [`WriteTx::rollback_to`]. A savepoint that is open
    /// at the end of the transaction is committed with it.
    ///
    /// # Errors
    /// Returns an error if the transaction cannot continue, because a statement failed that no savepoint undid, or if the
    /// database cannot be reached.
    pub fn savepoint(&mut self) -> Result<Savepoint> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        self.conn.savepoint(&savepoint_name(self.savepoints.len()))?;
        let serial = NEXT.fetch_add(1, Ordering::Relaxed);
        self.savepoints.push(serial);
        Ok(Savepoint { serial, mark: SavepointMark::take(&self.changes) })
    }

    /// Closes a savepoint: what was done since stays part of the transaction.
    ///
    /// # Errors
    /// Returns an error if it is not the last one open, or is another transaction's; or if a statement failed since that no savepoint
    /// undid: the transaction cannot be committed then, not even in part.
    pub fn release(&mut self, savepoint: Savepoint) -> Result<()> {
        if self.savepoints.last() != Some(&savepoint.serial) {
            return Err(misuse_error());
        }
        self.conn.release_savepoint(&savepoint_name(self.savepoints.len() - 1))?;
        self.savepoints.pop();
        Ok(())
    }

    /// Rolls back everything that was done since, also after a statement that failed: the transaction continues.
    ///
    /// # Errors
    /// Returns an error if it is not the last one open, or is another transaction's. [`StoreError::Conflict`] as in [`WriteTx::run_nested`]. An
    /// error if the database cannot be reached.
    pub fn rollback_to(&mut self, savepoint: Savepoint) -> Result<()> {
        if self.savepoints.last() != Some(&savepoint.serial) {
            return Err(misuse_error());
        }
        self.undo_to(savepoint)
    }

    /// Does the same as [`WriteTx::rollback_to`], with all that were opened later.
    fn undo_to(&mut self, savepoint: Savepoint) -> Result<()> {
        let n = self.savepoints.iter().position(|serial| *serial == savepoint.serial).ok_or_else(misuse_error)?;
        self.conn.rollback_savepoint(&savepoint_name(n))?;
        self.savepoints.truncate(n);
        savepoint.mark.restore_to(&mut self.changes);
        Ok(())
    }
}
