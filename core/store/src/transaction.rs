//! A write transaction as the rest of the crate sees it, on either database.

mod rehearsal;
mod savepoint;
#[cfg(test)]
mod tests;
mod write_job;

pub use savepoint::Savepoint;
pub(crate) use write_job::{Repetition, WriteJob};

use crate::Result;
use crate::connection::{Connection, Param};
use crate::database::{Backend, Inner, Reader};
use crate::events::PendingEvent;
use cairn_model::{Registry, TypeId};
use std::collections::{BTreeMap, HashSet};
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
    pub(crate) history: Vec<Arc<crate::history::PendingHistoryEntry>>,
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
    pub(crate) fn announce_commit(&self, store: &Inner) {
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

/// How a document is locked until the end of the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// Others may link to it; nobody else may change it.
    Change,
    /// Nobody else may change it or link to it.
    Delete,
    /// Nobody else may delete it: it can be linked to.
    Link,
}

/// A write transaction. What it can write is in its [namespaces](crate::namespaces).
pub struct WriteTx<'a> {
    pub(crate) conn: &'a Connection,
    pub(crate) store: &'a Arc<Inner>,
    pub(crate) changes: PendingChanges,
    /// The open savepoints, by their serial numbers.
    savepoints: Vec<u64>,
    /// Number of events in a row that led to this transaction.
    pub(crate) cause_depth: i64,
    /// Set in a transaction that is never committed: see [`Store::rehearse`](crate::Store::rehearse).
    rehearsal: Option<rehearsal::Rehearsal>,
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
    pub(crate) fn new(conn: &'a Connection, store: &'a Arc<Inner>) -> Self {
        Self {
            conn,
            store,
            changes: PendingChanges::default(),
            savepoints: Vec::new(),
            cause_depth: 0,
            rehearsal: None,
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
        match &self.store.backend {
            Backend::Sqlite(b) => Ok(b.instances.next()),
            Backend::Postgres(b) => b.next_instance(self.conn),
        }
    }

    /// True if others wait for this transaction to end. Always false on PostgreSQL, where nobody waits for a transaction as such.
    pub fn has_waiters(&self) -> bool {
        match &self.store.backend {
            Backend::Sqlite(b) => b.writer.others_wait(),
            Backend::Postgres(_) => false,
        }
    }

    /// Locks a document against changes of other transactions until this one ends; returns `false` if it does not exist. SQLite has one
    /// writer, so there this only checks that it exists.
    pub fn lock_document(&self, ct: TypeId, document_id: &str, mode: LockMode) -> Result<bool> {
        let content_type = self.store.registry.get(ct);
        let t = crate::ident::Ident::table(content_type);
        let lock = match (&self.store.backend, mode) {
            (Backend::Sqlite(_), _) => return self.reader().documents().exists(ct, document_id, None),
            (Backend::Postgres(_), LockMode::Change) => "FOR NO KEY UPDATE",
            (Backend::Postgres(_), LockMode::Delete) => "FOR UPDATE",
            (Backend::Postgres(_), LockMode::Link) => "FOR KEY SHARE",
        };
        // The draft's row stays for the life of a document (of a type with drafts), the published one does not; a document
        // from before its type had drafts is held by what it has.
        let head = format!("SELECT id FROM {t} WHERE document_id = ?1 AND _status = ?2 ORDER BY id {lock}");
        let doing = "locking a document";
        let status = i64::from(!content_type.draft_publish);
        if self.conn.exists(doing, &head, (document_id, status))? {
            return Ok(true);
        }
        Ok(content_type.draft_publish && self.conn.exists(doing, &head, (document_id, 1i64))?)
    }

    /// Does the same as [`WriteTx::lock_document`] with [`LockMode::Link`] for many documents at once. Returns those that exist.
    pub fn lock_link_targets(&self, ct: TypeId, documents: &[&str]) -> Result<HashSet<String>> {
        let content_type = self.store.registry.get(ct);
        let t = crate::ident::Ident::table(content_type);
        let (doing, inside) = ("locking documents", self.conn.dialect().in_list("document_id", 1));
        if let Backend::Sqlite(_) = &self.store.backend {
            let sql = format!("SELECT DISTINCT document_id FROM {t} WHERE {inside}");
            let found = self.conn.query_all(doing, &sql, [Param::Texts(documents)], |r| r.get(0))?;
            return Ok(found.into_iter().collect());
        }
        let sql = format!("SELECT document_id FROM {t} WHERE {inside} AND _status = ?2 ORDER BY id FOR KEY SHARE");
        let mut found: HashSet<String> = HashSet::with_capacity(documents.len());
        let status = i64::from(!content_type.draft_publish);
        for status in std::iter::once(status).chain(content_type.draft_publish.then_some(1)) {
            let left: Vec<&str> = documents.iter().copied().filter(|d| !found.contains(*d)).collect();
            if !left.is_empty() {
                let values = [Param::Texts(&left), Param::Integer(status)];
                found.extend(self.conn.query_all(doing, &sql, values, |r| r.get::<String>(0))?);
            }
        }
        Ok(found)
    }

    /// Waits until no other transaction has locked `name`, and locks it until the end of this one. For things that have no row.
    pub fn lock_name(&self, name: &str) -> Result<()> {
        match &self.store.backend {
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(_) => self
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
