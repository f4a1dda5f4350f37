//! A write transaction as the rest of the crate sees it, on either database.

mod rehearsal;
mod savepoint;
#[cfg(test)]
mod tests;
mod write_job;

pub use savepoint::Savepoint;
pub(crate) use write_job::{Repetition, WriteJob};

use crate::connection::Connection;
use crate::events::PendingEvent;
use crate::history::PendingHistoryEntry;
use crate::state::StoreState;
use crate::{Reader, Result};
use cairn_model::{Registry, TypeId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Changes of a transaction besides its rows: counted rows, types touched.
#[derive(Default)]
pub(crate) struct PendingChanges {
    pub(crate) touched: Vec<TypeId>,
    pub(crate) counts: BTreeMap<(TypeId, bool, String), i64>,
    /// True if locales, roles, permissions, tokens or other settings changed.
    pub(crate) settings: bool,
    /// True if answers of read policies were made outdated.
    pub(crate) policies: bool,
    /// True if sessions or groups of users of the content API changed.
    pub(crate) callers: bool,
    /// True if events or jobs were written: there is work to do.
    pub(crate) events: bool,
    /// History entries that are written with the commit, in order.
    pub(crate) history: Vec<Arc<PendingHistoryEntry>>,
    /// Events that are written with the commit, in order.
    pub(crate) outbox: Vec<PendingEvent>,
}

impl PendingChanges {
    pub(crate) fn merge(&mut self, other: PendingChanges) {
        for t in other.touched {
            if !self.touched.contains(&t) {
                self.touched.push(t);
            }
        }
        for (key, n) in other.counts {
            *self.counts.entry(key).or_default() += n;
        }
        self.settings |= other.settings;
        self.policies |= other.policies;
        self.callers |= other.callers;
        self.events |= other.events;
        self.outbox.extend(other.outbox);
    }

    /// Notifies the caches of this process, after the commit.
    pub(crate) fn announce_commit(&self, store: &StoreState) {
        for ((t, _, _), n) in &self.counts {
            store.counters.add_rows(*t, *n);
        }
        for t in &self.touched {
            store.counters.bump_type(*t);
        }
        if self.policies {
            store.counters.bump_policies();
        }
        if self.callers {
            store.counters.bump_callers();
        }
        if self.events {
            store.work.notify_one();
        }
    }
}

/// A write transaction. What it can write is in its [namespaces](crate::namespaces).
pub struct WriteTx<'a> {
    pub(crate) conn: &'a Connection,
    pub(crate) store: &'a StoreState,
    pub(crate) changes: PendingChanges,
    /// The open savepoints, by their serial numbers.
    savepoints: Vec<u64>,
    /// Number of events in a row that led to this transaction.
    pub(crate) cause_depth: i64,
    /// Set in a transaction that is never committed: see [`Store::rehearse`](crate::Store::rehearse).
    rehearsal: Option<rehearsal::Rehearsal>,
    /// True if others wait for this transaction to end.
    others_wait: &'a dyn Fn() -> bool,
}

tokio::task_local! {
    /// Depth of the task that writes: see [`with_cause_depth`].
    static CAUSE_DEPTH: i64;
}

/// Runs `work`, which follows from `depth` events in a row: events and jobs of its transactions record that. Tasks that it
/// spawns do not inherit it.
pub async fn with_cause_depth<F: Future>(depth: i64, work: F) -> F::Output {
    CAUSE_DEPTH.scope(depth, work).await
}

/// Number of events in a row that led to what the present task does.
pub fn cause_depth() -> i64 {
    CAUSE_DEPTH.try_with(|depth| *depth).unwrap_or(0)
}

impl<'a> WriteTx<'a> {
    pub(crate) fn new(conn: &'a Connection, store: &'a StoreState, others_wait: &'a dyn Fn() -> bool) -> Self {
        Self {
            conn,
            store,
            changes: PendingChanges::default(),
            savepoints: Vec::new(),
            cause_depth: 0,
            rehearsal: None,
            others_wait,
        }
    }

    /// Sets the number of events in a row that lead to the rest of this transaction: events that it publishes, and jobs that it enqueues,
    /// carry that number, so that a loop is detected by it. Before, it is that of the task that began the transaction.
    pub fn set_cause_depth(&mut self, depth: i64) {
        self.cause_depth = depth;
    }

    /// The model that the store serves.
    pub fn registry(&self) -> Arc<Registry> {
        self.store.registry.clone()
    }

    /// Reads inside the transaction, its writes included.
    pub fn reader(&self) -> Reader<'_> {
        Reader { conn: self.conn, store: self.store, in_transaction: true }
    }

    /// Notes that a type's content changed: caches that read it are stale after the commit.
    pub(crate) fn touch_type(&mut self, t: TypeId) {
        if !self.changes.touched.contains(&t) {
            self.changes.touched.push(t);
        }
    }

    /// Notes that settings changed: every process has to read them again.
    pub(crate) fn touch_settings(&mut self) {
        self.changes.settings = true;
    }

    /// Notes that answers of read policies are outdated: whoever caches them has to look again after the commit.
    pub fn touch_policies(&mut self) {
        self.changes.policies = true;
    }

    /// Notes that sessions or groups of users, or administrators, changed: whoever remembers callers has to look again after the commit.
    pub(crate) fn touch_callers(&mut self) {
        self.changes.callers = true;
    }

    /// Number of rows of a type that this process knows of, including the changes of this transaction.
    pub fn known_rows(&self, t: TypeId) -> i64 {
        let changed = self
            .changes
            .counts
            .iter()
            .filter(|((content_type, ..), _)| *content_type == t)
            .map(|(_, n)| n)
            .sum::<i64>();
        self.store.counters.row_count(t) + changed
    }

    /// Counts `n` rows more (or fewer) of a type.
    pub(crate) fn adjust_row_count(&mut self, t: TypeId, published: bool, locale: &str, n: i64) {
        *self.changes.counts.entry((t, published, locale.to_owned())).or_default() += n;
    }

    /// Returns the next component instance id.
    pub fn next_instance(&self) -> Result<i64> {
        self.store.instances.next(self.conn)
    }

    /// True if others wait for this transaction to end. Always false on PostgreSQL, where nobody waits for a transaction as such.
    pub fn has_waiters(&self) -> bool {
        (self.others_wait)()
    }

    /// Waits until no other transaction has locked `name`, and locks it until the end of this one. For things that have no row.
    pub fn lock_name(&self, name: &str) -> Result<()> {
        match self.conn {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgres(_) => self
                .conn
                .execute(
                    "waiting for other transactions",
                    "INSERT INTO cairn_locks (name) VALUES (?1) ON CONFLICT (name) DO UPDATE SET name = excluded.name",
                    [name],
                )
                .map(drop),
        }
    }
}
