//! The reading side of SQLite: one connection per thread that reads, kept with its prepared statements.

use super::prepare;
use crate::connection::Connection;
use crate::database::STATEMENT_LIMIT_MS;
use crate::{Result, StoreError};
use rusqlite::OpenFlags;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::path::Path;
use std::rc::Rc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Names a store among those that this process opened.
#[derive(Debug)]
pub(crate) struct StoreId(u64);

static NEXT_STORE: AtomicU64 = AtomicU64::new(1);
/// Stores that are gone: the threads drop their connections when they next read anything.
static CLOSED: LazyLock<parking_lot::Mutex<HashSet<u64>>> = LazyLock::new(Default::default);

thread_local! {
    static READERS: RefCell<Vec<(u64, Rc<Connection>)>> = const { RefCell::new(Vec::new()) };
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

impl StoreId {
    pub(crate) fn new() -> Self {
        Self(NEXT_STORE.fetch_add(1, Ordering::Relaxed))
    }
}

impl Drop for StoreId {
    fn drop(&mut self) {
        CLOSED.lock().insert(self.0);
    }
}

/// Runs `read` on this thread's connection, all of it on one snapshot. Not to be nested. `limited`: statements are stopped
/// at the limit.
pub(crate) fn read<T, E: From<StoreError>>(
    store: &StoreId,
    path: &Path,
    limited: bool,
    read: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let conn = connection(store, path)?;
    DEADLINE.set(limited.then(|| Instant::now() + Duration::from_millis(STATEMENT_LIMIT_MS)));
    conn.execute("beginning a read", "BEGIN", ())?;
    let result = read(&conn);
    let end = conn.execute("ending a read", "COMMIT", ());
    DEADLINE.set(None);
    let value = result?;
    end?;
    Ok(value)
}
fn connection(store: &StoreId, path: &Path) -> Result<Rc<Connection>> {
    READERS.with_borrow_mut(|readers| {
        if let Some((_, conn)) = readers.iter().find(|(id, _)| *id == store.0) {
            return Ok(conn.clone());
        }
        {
            let closed = CLOSED.lock();
            readers.retain(|(id, _)| !closed.contains(id));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = rusqlite::Connection::open_with_flags(path, flags)
            .map_err(StoreError::at("opening the database for reading"))?;
        prepare(&conn)?;
        conn.execute_batch(
            "PRAGMA busy_timeout = 10000;
             PRAGMA query_only = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -6144;
             PRAGMA mmap_size = 268435456;",
        )
        .map_err(StoreError::at("configuring a reader"))?;
        conn.progress_handler(50_000, Some(|| DEADLINE.get().is_some_and(|limit| Instant::now() > limit)));
        let conn = Rc::new(Connection::Sqlite(conn));
        readers.push((store.0, conn.clone()));
        Ok(conn)
    })
}
