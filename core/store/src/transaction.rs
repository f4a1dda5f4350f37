//! A write transaction as the rest of the crate sees it, on either database.

mod savepoint;
#[cfg(test)]
mod tests;

pub use savepoint::Savepoint;

use crate::Result;
use crate::connection::{Connection, Param};
use crate::database::{Backend, Inner, Reader};
use crate::events::Unwritten;
use cairn_model::{Registry, TypeId};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// What a transaction did beside its rows: counted rows, types touched.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) touched: Vec<TypeId>,
    pub(crate) counts: BTreeMap<(TypeId, bool, String), i64>,
    /// Locales, roles, permissions, tokens or other settings changed.
    pub(crate) settings: bool,
    /// Events were written, or jobs: there is something to do.
    pub(crate) events: bool,
    /// Entries of the history that go with the commit, in order.
    pub(crate) history: Vec<Arc<crate::history::Unwritten>>,
    /// Events, in order.
    pub(crate) outbox: Vec<Unwritten>,
}

impl Changes {
    pub(crate) fn add(&mut self, other: Changes) {
        for t in other.touched {
            if !self.touched.contains(&t) {
                self.touched.push(t);
            }
        }
        for (key, n) in other.counts {
            *self.counts.entry(key).or_default() += n;
        }
        self.settings |= other.settings;
        self.events |= other.events;
        self.outbox.extend(other.outbox);
    }

    /// Tells the caches of this process, after the commit.
    pub(crate) fn announce(&self, store: &Inner) {
        for ((t, _, _), n) in &self.counts {
            store.counters.add_rows(*t, *n);
        }
        for t in &self.touched {
            store.counters.bump(*t);
        }
        if self.events {
            store.work.notify_one();
        }
    }
}

/// How a document is held until the end of the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Others may link to it; nobody else may change it.
    Change,
    /// Nobody else may change it or link to it.
    Delete,
    /// It stays there: it may be linked to.
    Link,
}

/// A write transaction.
pub struct WriteTx<'a> {
    pub(crate) conn: &'a Connection,
    pub(crate) store: &'a Arc<Inner>,
    pub(crate) changes: Changes,
    /// Those that are open, by their serial numbers.
    savepoints: Vec<u64>,
    /// How many events in a row led to what is done in it.
    pub(crate) cause_depth: i64,
}

tokio::task_local! {
    /// Of the task that writes: see [`caused_by`].
    static CAUSE_DEPTH: i64;
}

/// Runs `work`, which follows from `depth` events in a row: what its transactions publish and ask for says so. Tasks that it spawns do not
/// know of it.
pub async fn caused_by<F: Future>(depth: i64, work: F) -> F::Output {
    CAUSE_DEPTH.scope(depth, work).await
}

/// How many events in a row led to what the present task does.
pub fn cause_depth() -> i64 {
    CAUSE_DEPTH.try_with(|depth| *depth).unwrap_or(0)
}

impl<'a> WriteTx<'a> {
    pub(crate) fn new(conn: &'a Connection, store: &'a Arc<Inner>) -> Self {
        Self { conn, store, changes: Changes::default(), savepoints: Vec::new(), cause_depth: 0 }
    }

    /// From here on it does what follows from `depth` events in a row: events that it publishes, and jobs that it asks for, carry that, so that
    /// a loop is known by it. Before, it is that of the task that asked for the transaction.
    pub fn set_cause_depth(&mut self, depth: i64) {
        self.cause_depth = depth;
    }

    /// The model.
    pub fn registry(&self) -> Arc<Registry> {
        self.store.registry.clone()
    }

    /// Reads inside the transaction: what it has written is seen.
    pub fn reader(&self) -> Reader<'_> {
        Reader { conn: self.conn, store: self.store }
    }

    /// A type's content changed: caches that read it are stale after the commit.
    pub(crate) fn touch(&mut self, t: TypeId) {
        if !self.changes.touched.contains(&t) {
            self.changes.touched.push(t);
        }
    }

    /// Settings changed: every process has to read them again.
    pub(crate) fn touch_settings(&mut self) {
        self.changes.settings = true;
    }

    /// How many rows of a type there are, as far as this process knows, with what this transaction has changed.
    pub fn known_rows(&self, t: TypeId) -> i64 {
        let changed = self.changes.counts.iter().filter(|((of, ..), _)| *of == t).map(|(_, n)| n).sum::<i64>();
        self.store.counters.rows(t) + changed
    }

    /// `n` rows more (or fewer) of a type.
    pub(crate) fn count(&mut self, t: TypeId, published: bool, locale: &str, n: i64) {
        *self.changes.counts.entry((t, published, locale.to_owned())).or_default() += n;
    }

    /// The next component instance id.
    pub fn next_instance(&self) -> Result<i64> {
        match &self.store.backend {
            Backend::Sqlite(b) => Ok(b.instances.next()),
            Backend::Postgres(b) => b.next_instance(self.conn),
        }
    }

    /// Whether others wait for it to end. Always false on PostgreSQL, where nobody waits for a transaction as such.
    pub fn others_wait(&self) -> bool {
        match &self.store.backend {
            Backend::Sqlite(b) => b.writer.others_wait(),
            Backend::Postgres(_) => false,
        }
    }

    /// Keeps other transactions from changing a document until this one ends; false where it is not there. SQLite has one
    /// writer, and nothing to do but look.
    pub fn hold(&self, ct: TypeId, document_id: &str, how: Hold) -> Result<bool> {
        let content_type = self.store.registry.get(ct);
        let t = crate::ident::Ident::table(content_type);
        let lock = match (&self.store.backend, how) {
            (Backend::Sqlite(_), _) => return self.exists(ct, document_id, None),
            (Backend::Postgres(_), Hold::Change) => "FOR NO KEY UPDATE",
            (Backend::Postgres(_), Hold::Delete) => "FOR UPDATE",
            (Backend::Postgres(_), Hold::Link) => "FOR KEY SHARE",
        };
        // The draft's row stays for the life of a document (of a type with drafts), the published one does not; a document
        // from before its type had drafts is held by what it has.
        let head = format!("SELECT id FROM {t} WHERE document_id = ?1 AND _status = ?2 ORDER BY id {lock}");
        let doing = "holding a document";
        let status = i64::from(!content_type.draft_publish);
        if self.conn.exists(doing, &head, (document_id, status))? {
            return Ok(true);
        }
        Ok(content_type.draft_publish && self.conn.exists(doing, &head, (document_id, 1i64))?)
    }

    /// As [`Self::hold`] with [`Hold::Link`], of many documents at once. Those of them that are there.
    pub fn hold_links(&self, ct: TypeId, documents: &[&str]) -> Result<HashSet<String>> {
        let content_type = self.store.registry.get(ct);
        let t = crate::ident::Ident::table(content_type);
        let (doing, inside) = ("holding documents", self.conn.dialect().in_list("document_id", 1));
        if let Backend::Sqlite(_) = &self.store.backend {
            let sql = format!("SELECT DISTINCT document_id FROM {t} WHERE {inside}");
            let found = self.conn.all(doing, &sql, [Param::Texts(documents)], |r| r.get(0))?;
            return Ok(found.into_iter().collect());
        }
        let sql = format!("SELECT document_id FROM {t} WHERE {inside} AND _status = ?2 ORDER BY id FOR KEY SHARE");
        let mut found: HashSet<String> = HashSet::with_capacity(documents.len());
        let status = i64::from(!content_type.draft_publish);
        for status in std::iter::once(status).chain(content_type.draft_publish.then_some(1)) {
            let left: Vec<&str> = documents.iter().copied().filter(|d| !found.contains(*d)).collect();
            if !left.is_empty() {
                let values = [Param::Texts(&left), Param::Integer(status)];
                found.extend(self.conn.all(doing, &sql, values, |r| r.get::<String>(0))?);
            }
        }
        Ok(found)
    }

    /// Waits until no other transaction holds `name`, and holds it to the end of this one. For what no row stands for.
    pub fn hold_name(&self, name: &str) -> Result<()> {
        match &self.store.backend {
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(_) => self
                .conn
                .execute(
                    "waiting for others",
                    "INSERT INTO cairn_locks (name) VALUES (?1) ON CONFLICT (name) DO UPDATE SET name = excluded.name",
                    [name],
                )
                .map(drop),
        }
    }
}
