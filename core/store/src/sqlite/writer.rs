//! The one writer of a SQLite database: a thread that runs the waiting writes in one transaction, commits once for all of them (one fsync),
//! and only then returns to each caller. A write that may take long has a transaction to itself: see `queue`.

use super::queue::WriteQueue;
use crate::connection::Connection;
use crate::events::PendingEvent;
use crate::state::StoreState;
use crate::transaction::{PendingChanges, Repetition, WriteJob, WriteTx};
use crate::{Result, StoreError};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use tokio::sync::oneshot;

/// Largest number of writes that share a commit.
const MAX_WRITES_PER_COMMIT: usize = 256;

/// How a write waits for its turn.
pub(crate) struct WriteTurn {
    /// True if the write is on disk before it is acknowledged.
    pub(crate) synced: bool,
    /// Owner of a write that may take long: see [`crate::Store::write_long`].
    pub(crate) owner: Option<Arc<str>>,
}

/// A write in the queue.
struct QueuedWrite {
    job: WriteJob,
    /// Tells the caller how it ended: that it is committed or wrote nothing, or why it could not be committed.
    end: oneshot::Sender<Result<()>>,
    /// True if it must be on disk before the caller continues.
    synced: bool,
}

impl QueuedWrite {
    /// Tells the caller how the write ended. A caller that has gone away still had its write committed: nothing to tell.
    fn finish(self, ended: Result<()>) {
        let _ = self.end.send(ended);
    }
}

/// Ends the writer's thread when dropped.
pub(crate) struct WriterHandle {
    jobs: Arc<WriteQueue<QueuedWrite>>,
}

impl Drop for WriterHandle {
    fn drop(&mut self) {
        self.jobs.close();
    }
}

impl WriterHandle {
    /// A handle, and the writer on that connection to start.
    pub(super) fn new(conn: Connection) -> (Self, WriterStart) {
        let jobs = Arc::new(WriteQueue::new(MAX_WRITES_PER_COMMIT));
        (Self { jobs: jobs.clone() }, WriterStart { jobs, conn })
    }

    /// Implements [`crate::Store::write`] and its variants. Returns once the write is committed, or has decided to write nothing; an error if
    /// it could not be committed.
    pub(crate) async fn send_write(&self, turn: WriteTurn, job: WriteJob) -> Result<()> {
        let (end, receiver) = oneshot::channel();
        if !self.jobs.push(QueuedWrite { job, end, synced: turn.synced }, turn.owner) {
            return Err(StoreError::Closed);
        }
        receiver.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// Closes the queue however the writer's thread ends, so that nobody waits for it.
struct QueueGuard(Arc<WriteQueue<QueuedWrite>>);

impl Drop for QueueGuard {
    fn drop(&mut self) {
        self.0.drop_waiting();
    }
}

/// A writer whose thread does not run yet.
pub(crate) struct WriterStart {
    jobs: Arc<WriteQueue<QueuedWrite>>,
    conn: Connection,
}

impl WriterStart {
    /// Starts the thread. It holds the store while it writes, and ends with its last handle.
    pub(crate) fn spawn<S: AsRef<StoreState> + Send + Sync + 'static>(self, store: Weak<S>) -> Result<()> {
        let Self { jobs, conn } = self;
        let thread = std::thread::Builder::new().name("cairn-writer".into()).spawn(move || {
            // From here on; what others committed before is what this process opened with.
            let version = data_version(&conn).unwrap_or_else(|e| {
                tracing::error!(error = %e, "cannot detect changes by other processes");
                0
            });
            LAST_DATA_VERSION.set(version);
            let level = Cell::new(true);
            let _ends = QueueGuard(jobs.clone());
            let mut batch = Vec::new();
            while jobs.take_batch(&mut batch) {
                let Some(store) = store.upgrade() else { break };
                run_group(&conn, (*store).as_ref(), &jobs, &level, &mut batch);
            }
        });
        thread.map(drop).map_err(|e| StoreError::Unwritable(format!("cannot start the writer thread: {e}")))
    }
}

/// Runs a group of writes in one transaction. `level`: whether commits of the connection are synced at present.
fn run_group(
    conn: &Connection,
    store: &StoreState,
    jobs: &WriteQueue<QueuedWrite>,
    level: &Cell<bool>,
    batch: &mut Vec<QueuedWrite>,
) {
    let execute = |doing, sql: &str| conn.execute(doing, sql, ()).map(drop);
    // A synced commit later on syncs what is in the log before it: what is lost in a crash is always the end.
    let synced = batch.iter().any(|write| write.synced);
    let begin = || {
        if level.get() != synced {
            let sql = if synced { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" };
            execute("beginning a write", sql)?;
            level.set(synced);
        }
        execute("beginning a write", "BEGIN IMMEDIATE")
    };
    if let Err(e) = begin() {
        tracing::error!(error = %e, "cannot begin a write transaction");
        batch.drain(..).for_each(|write| write.finish(Err(StoreError::Unwritable(e.to_string()))));
        return;
    }
    // The schema may have been changed by another process since the last write.
    let current = crate::change::read_generation(conn);
    if current.as_ref().ok() != Some(&store.generation) {
        let _ = execute("closing a write transaction", "ROLLBACK");
        let message = current.err().map(|e| e.to_string());
        if message.is_none() {
            store.note_outdated();
        }
        for write in batch.drain(..) {
            write.finish(Err(message.clone().map_or(StoreError::Outdated, StoreError::Unwritable)));
        }
        return;
    }
    let undo = |shared: bool| match shared {
        true => execute("rolling back a write", "ROLLBACK TO job")
            .and_then(|()| execute("rolling back a write", "RELEASE job")),
        false => execute("rolling back a write", "ROLLBACK"),
    };
    let shared = batch.len() > 1;
    let others_wait = || jobs.others_wait();
    let mut pending: Vec<QueuedWrite> = Vec::with_capacity(batch.len());
    let mut changes = PendingChanges::default();
    let mut broken: Option<StoreError> = None;
    for mut write in batch.drain(..) {
        if shared && let Err(e) = execute("sharing a transaction", "SAVEPOINT job") {
            broken.get_or_insert(e);
            continue;
        }
        let mut tx = WriteTx::new(conn, store, &others_wait);
        match catch_unwind(AssertUnwindSafe(|| write.job.run(&mut tx, Repetition::Never))) {
            Ok(true) => {
                pending.push(write);
                changes.merge(tx.changes);
                if shared && let Err(e) = execute("sharing a transaction", "RELEASE job") {
                    broken.get_or_insert(e);
                }
            }
            Ok(false) => {
                if let Err(e) = undo(shared) {
                    broken.get_or_insert(e);
                }
                write.finish(Ok(()));
                if !shared {
                    return;
                }
            }
            Err(_) => {
                tracing::error!("a write panicked and was rolled back");
                if let Err(e) = undo(shared) {
                    broken.get_or_insert(e);
                }
                if !shared {
                    return;
                }
            }
        }
    }
    let end = match broken {
        Some(e) => Err(e),
        None => save_changes(&changes, conn, store).and_then(|()| execute("committing", "COMMIT")),
    };
    match end {
        Ok(()) => {
            changes.announce_commit(store);
            pending.into_iter().for_each(|write| write.finish(Ok(())));
        }
        Err(e) => {
            tracing::error!(error = %e, writes = pending.len(), "a commit failed; its writes were rolled back");
            let _ = undo(false);
            let message = e.to_string();
            for write in pending {
                write.finish(Err(StoreError::Unwritable(message.clone())));
            }
        }
    }
}

/// Writes the counts of a transaction, as its last step.
fn save_changes(changes: &PendingChanges, conn: &Connection, store: &StoreState) -> Result<()> {
    for ((t, published, locale), n) in &changes.counts {
        if *n != 0 {
            conn.execute(
                "counting rows",
                "INSERT INTO cairn_counts (type, status, locale, n) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (type, status, locale) DO UPDATE SET n = n + excluded.n",
                (&store.registry.get(*t).uid, i64::from(*published), locale, *n),
            )?;
        }
    }
    for event in &changes.outbox {
        conn.execute("writing an event", PendingEvent::INSERT_SQL, &event.to_params())?;
    }
    store.instances.reserve_block(conn)
}

/// True if another process has committed since the last call, on the writer's thread: `PRAGMA data_version` changes on its connection with
/// their commits, never with its own.
pub(crate) fn detect_outside_changes(conn: &Connection) -> Result<bool> {
    let version = data_version(conn)?;
    let before = LAST_DATA_VERSION.with(|v| v.replace(version));
    Ok(before != version)
}

fn data_version(conn: &Connection) -> Result<i64> {
    Ok(conn
        .query_first("checking for changes by other processes", "PRAGMA data_version", (), |r| r.get(0))?
        .unwrap_or(0))
}

thread_local! {
    /// The `data_version` last seen by this writer's thread.
    static LAST_DATA_VERSION: Cell<i64> = const { Cell::new(0) };
}

#[cfg(test)]
mod tests {
    use crate::testing::test_stores;
    use crate::{StoreError, WriteTx};
    use futures_util::{future::join_all, poll};
    use parking_lot::Mutex;
    use serde_json::json;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    type WriteOrder = Arc<Mutex<Vec<&'static str>>>;

    fn record_write(
        order: &WriteOrder,
        name: &'static str,
    ) -> impl FnOnce(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + use<> {
        let order = order.clone();
        move |_| {
            order.lock().push(name);
            Ok(())
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn long_writes_take_turns_with_other_writes() {
        let store = test_stores().into_iter().find(|store| store.database_kind() == "SQLite").unwrap();
        let (order, (go, wait)) = (WriteOrder::default(), channel::<()>());
        let wait = Arc::new(Mutex::new(wait));
        let (noted_first, others) = (order.clone(), Arc::new(Mutex::new(None)));
        let (waiter_flag, receiver) = (others.clone(), wait.clone());
        let (began, start_receiver) = tokio::sync::oneshot::channel();
        let began = Arc::new(Mutex::new(Some(began)));
        let mut first = pin!(store.write_long("a", true, move |tx: &mut WriteTx<'_>| {
            noted_first.lock().push("a1");
            let _ = began.lock().take().map(|began| began.send(()));
            let _ = receiver.lock().recv();
            *waiter_flag.lock() = Some(tx.has_waiters());
            Ok::<_, StoreError>(())
        }));
        assert!(poll!(&mut first).is_pending());
        start_receiver.await.unwrap();
        // While it holds the writer others come, in this order.
        let mut long: Vec<_> = [("a", "a2"), ("a", "a3"), ("b", "b1")]
            .into_iter()
            .map(|(owner, name)| Box::pin(store.write_long(owner, true, record_write(&order, name))))
            .collect();
        let mut short: Vec<_> =
            ["s1", "s2"].into_iter().map(|name| Box::pin(store.write(record_write(&order, name)))).collect();
        for one in &mut long {
            assert!(poll!(one).is_pending());
        }
        for one in &mut short {
            assert!(poll!(one).is_pending());
        }
        go.send(()).unwrap();
        first.await.unwrap();
        assert!(join_all(short).await.into_iter().chain(join_all(long).await).all(|result| result.is_ok()));
        assert_eq!(*order.lock(), ["a1", "s1", "s2", "b1", "a2", "a3"]);
        assert_eq!(*others.lock(), Some(true), "it was told");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn full_disk_rejects_writes_until_there_is_room() {
        let store = test_stores().into_iter().find(|store| store.database_kind() == "SQLite").unwrap();
        let limit = |pages: &'static str| {
            store.write(move |tx: &mut WriteTx<'_>| tx.conn.execute_batch("limiting the file", pages))
        };
        let large = json!("x".repeat(1 << 20));
        let write = || {
            let large = large.clone();
            store.write(move |tx: &mut WriteTx<'_>| tx.settings().set("large", &large))
        };
        // To what it has by now: so SQLite sees a disk without room.
        limit("PRAGMA max_page_count = 1").await.unwrap();
        for _ in 0..3 {
            let full = write().await;
            assert!(matches!(full, Err(StoreError::Unwritable(_))), "{full:?}");
            assert_eq!(store.read(|r| r.settings().get("large")).unwrap(), None);
        }
        limit("PRAGMA max_page_count = 1000000").await.unwrap();
        write().await.unwrap();
        assert_eq!(store.read(|r| r.settings().get("large")).unwrap(), Some(large));
    }
}
