//! The one writer of a SQLite database: a thread that runs the waiting writes in one transaction, commits once for
//! all of them (one fsync), and only then answers each.

use crate::database::{Inner, Reader};
use crate::{Result, StoreError};
use cairn_model::{Registry, TypeId};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use tokio::sync::oneshot;

/// Most writes that share a commit.
const GROUP: usize = 256;
/// Component instance ids reserved on disk at a time.
const INSTANCE_BLOCK: i64 = 1_000;

/// Answers the one who waits: `None` after the commit, `Some` where it failed.
type Finish = Box<dyn FnOnce(Option<StoreError>) + Send>;
/// Runs a write, or learns why there is no transaction; says whether it is to be kept.
type Job = Box<dyn FnOnce(Result<&mut WriteTx<'_>>) -> (bool, Finish) + Send>;

pub(crate) struct Writer {
    jobs: Sender<Job>,
}

impl Writer {
    pub(crate) fn new() -> (Self, Receiver<Job>) {
        let (jobs, receiver) = channel();
        (Self { jobs }, receiver)
    }

    pub(crate) async fn send<T, E, F>(&self, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (answer, waiting) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let result = tx.map_err(E::from).and_then(write);
            let keep = result.is_ok();
            let finish: Finish = Box::new(move |failed| {
                // A caller that has gone away still had its write committed: nothing to tell.
                let _ = answer.send(match failed {
                    Some(e) if keep => Err(E::from(e)),
                    _ => result,
                });
            });
            (keep, finish)
        });
        if self.jobs.send(job).is_err() {
            return Err(StoreError::Closed.into());
        }
        waiting.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }
}

pub(crate) fn spawn(jobs: Receiver<Job>, conn: Connection, store: Weak<Inner>) -> std::io::Result<()> {
    std::thread::Builder::new().name("cairn-writer".into()).spawn(move || {
        // From here on; what others committed before is what this process opened with.
        let seen = data_version(&conn).unwrap_or_else(|e| {
            tracing::error!(error = %e, "changes of other processes cannot be seen");
            0
        });
        LAST_DATA_VERSION.set(seen);
        let mut batch = Vec::new();
        while let Ok(first) = jobs.recv() {
            batch.push(first);
            while batch.len() < GROUP
                && let Ok(next) = jobs.try_recv()
            {
                batch.push(next);
            }
            let Some(inner) = store.upgrade() else { break };
            run_group(&conn, &inner, &mut batch);
        }
    })?;
    Ok(())
}

fn run_group(conn: &Connection, store: &Arc<Inner>, batch: &mut Vec<Job>) {
    let execute = |sql: &str| conn.prepare_cached(sql).and_then(|mut s| s.execute([])).map(drop);
    if let Err(e) = execute("BEGIN IMMEDIATE") {
        tracing::error!(error = %e, "a write transaction could not begin");
        for job in batch.drain(..) {
            let (_, finish) = job(Err(StoreError::Unwritable(e.to_string())));
            finish(None);
        }
        return;
    }
    let shared = batch.len() > 1;
    let mut waiting: Vec<Finish> = Vec::with_capacity(batch.len());
    let mut changes = Changes::default();
    let mut broken: Option<StoreError> = None;
    for job in batch.drain(..) {
        if shared && let Err(e) = execute("SAVEPOINT job") {
            broken.get_or_insert(StoreError::at("sharing a transaction")(e));
            continue;
        }
        let mut tx = WriteTx { conn, store, changes: Changes::default() };
        match catch_unwind(AssertUnwindSafe(|| job(Ok(&mut tx)))) {
            Ok((true, finish)) => {
                waiting.push(finish);
                changes.add(tx.changes);
                if shared && let Err(e) = execute("RELEASE job") {
                    broken.get_or_insert(StoreError::at("sharing a transaction")(e));
                }
            }
            Ok((false, finish)) => {
                let undone = if shared {
                    execute("ROLLBACK TO job").and_then(|()| execute("RELEASE job"))
                } else {
                    execute("ROLLBACK")
                };
                if let Err(e) = undone {
                    broken.get_or_insert(StoreError::at("undoing a write")(e));
                }
                finish(None);
                if !shared {
                    return;
                }
            }
            Err(_) => {
                tracing::error!("a write panicked; it was undone");
                let undone = if shared {
                    execute("ROLLBACK TO job").and_then(|()| execute("RELEASE job"))
                } else {
                    execute("ROLLBACK")
                };
                if let Err(e) = undone {
                    broken.get_or_insert(StoreError::at("undoing a write")(e));
                }
                if !shared {
                    return;
                }
            }
        }
    }
    let end = match broken {
        Some(e) => Err(e),
        None => changes.save(conn, store).and_then(|()| execute("COMMIT").map_err(StoreError::at("committing"))),
    };
    match end {
        Ok(()) => {
            changes.announce(store);
            for finish in waiting {
                finish(None);
            }
        }
        Err(e) => {
            tracing::error!(error = %e, writes = waiting.len(), "a commit failed; its writes were undone");
            let _ = execute("ROLLBACK");
            let message = e.to_string();
            for finish in waiting {
                finish(Some(StoreError::Unwritable(message.clone())));
            }
        }
    }
}

/// What a transaction did beside its rows: counted rows, types touched.
#[derive(Default)]
struct Changes {
    touched: Vec<TypeId>,
    counts: BTreeMap<(TypeId, bool, String), i64>,
}

impl Changes {
    fn add(&mut self, other: Changes) {
        for t in other.touched {
            if !self.touched.contains(&t) {
                self.touched.push(t);
            }
        }
        for (key, n) in other.counts {
            *self.counts.entry(key).or_default() += n;
        }
    }

    fn save(&self, conn: &Connection, store: &Inner) -> Result<()> {
        for ((t, published, locale), n) in &self.counts {
            if *n != 0 {
                conn.prepare_cached(
                    "INSERT INTO cairn_counts (type, status, locale, n) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (type, status, locale) DO UPDATE SET n = n + excluded.n",
                )
                .and_then(|mut s| s.execute((&store.registry.get(*t).uid, *published as i64, locale, n)))
                .map_err(StoreError::at("counting rows"))?;
            }
        }
        // Ids are given out without a lock; what is committed must never be given out again.
        let next = store.next_instance.load(Ordering::Acquire);
        if next > store.reserved_instances.load(Ordering::Acquire) {
            let reserved = next + INSTANCE_BLOCK;
            conn.prepare_cached(
                "INSERT INTO cairn_sequences (name, next) VALUES ('instance', ?1)
                 ON CONFLICT (name) DO UPDATE SET next = max(next, excluded.next)",
            )
            .and_then(|mut s| s.execute([reserved]))
            .map_err(StoreError::at("reserving instance ids"))?;
            store.reserved_instances.store(reserved, Ordering::Release);
        }
        Ok(())
    }

    fn announce(&self, store: &Inner) {
        for ((t, _, _), n) in &self.counts {
            store.counters.add_rows(*t, *n);
        }
        for t in &self.touched {
            store.counters.bump(*t);
        }
    }
}

/// A write transaction, as a job on the writer's thread sees it.
pub struct WriteTx<'a> {
    pub(crate) conn: &'a Connection,
    pub(crate) store: &'a Arc<Inner>,
    changes: Changes,
}

impl WriteTx<'_> {
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

    /// `n` rows more (or fewer) of a type.
    pub(crate) fn count(&mut self, t: TypeId, published: bool, locale: &str, n: i64) {
        *self.changes.counts.entry((t, published, locale.to_owned())).or_default() += n;
    }

    /// The next `n` component instance ids; the first is returned.
    pub fn next_instances(&self, n: i64) -> i64 {
        self.store.next_instance.fetch_add(n, Ordering::AcqRel)
    }

    /// `PRAGMA data_version` moves on this connection when another process commits, never by its own commits.
    pub(crate) fn changed_outside(&self) -> Result<bool> {
        let version = data_version(self.conn)?;
        let before = LAST_DATA_VERSION.with(|v| v.replace(version));
        Ok(before != version)
    }
}

fn data_version(conn: &Connection) -> Result<i64> {
    conn.prepare_cached("PRAGMA data_version")
        .and_then(|mut s| s.query_row([], |r| r.get(0)))
        .map_err(StoreError::at("asking for outside changes"))
}

thread_local! {
    /// Of this writer's thread.
    static LAST_DATA_VERSION: std::cell::Cell<i64> = const { std::cell::Cell::new(0) };
}
