//! Reading from SQLite: connections with their prepared statements, cached by the store while nobody reads. They are closed
//! with it: a closed store leaves no open file behind.

use super::connection_setup::prepare_connection;
use super::deadline::{run_until, stop_statements_at_deadline};
use crate::connection::Connection;
use crate::statement_limit::STATEMENT_LIMIT_MS;
use crate::{Result, StoreError};
use parking_lot::Mutex;
use rusqlite::OpenFlags;
use std::path::Path;
use std::time::{Duration, Instant};

/// Idle connections. There are as many as have ever read at the same time.
#[derive(Default)]
pub(crate) struct ReaderPool {
    idle: Mutex<Vec<Connection>>,
}

impl ReaderPool {
    /// Calls `read` once on a connection that no other read uses, all of it on one snapshot. With `limited`, statements are stopped at the
    /// limit. Returns an error if the snapshot could not be opened or closed.
    pub(crate) fn read(&self, path: &Path, limited: bool, read: &mut dyn FnMut(&Connection)) -> Result<()> {
        // The one that was used last has the warmest cache.
        let idle = self.idle.lock().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => open_reader(path)?,
        };
        let deadline = limited.then(|| Instant::now() + Duration::from_millis(STATEMENT_LIMIT_MS));
        run_until(deadline, || {
            conn.execute("beginning a read", "BEGIN", ())?;
            read(&conn);
            conn.execute("ending a read", "COMMIT", ())
        })?;
        // A connection that could not end its transaction, or whose read panicked, is not used again.
        self.idle.lock().push(conn);
        Ok(())
    }
}

fn open_reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = rusqlite::Connection::open_with_flags(path, flags)
        .map_err(StoreError::sqlite_error("opening the database for reading"))?;
    prepare_connection(&conn)?;
    conn.execute_batch(
        "PRAGMA busy_timeout = 10000;
         PRAGMA query_only = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -2048;
         PRAGMA mmap_size = 268435456;",
    )
    .map_err(StoreError::sqlite_error("configuring a reader"))?;
    stop_statements_at_deadline(&conn);
    Ok(Connection::Sqlite(conn))
}

#[cfg(test)]
mod tests {
    use crate::connection::Connection;
    use crate::store::Backend;
    use crate::{Database, Store, StoreError, StoreOptions};
    use std::sync::Arc;

    fn store(folder: &std::path::Path) -> Store {
        let registry = Arc::new(cairn_model::load::load_project(folder).unwrap().registry);
        Store::open(StoreOptions { database: Database::Sqlite(folder.join("cairn.db")) }, registry).unwrap()
    }

    fn count_idle_connections(store: &Store) -> usize {
        match &store.inner.backend {
            Backend::Sqlite(b) => b.readers.idle.lock().len(),
            Backend::Postgres(_) => unreachable!(),
        }
    }

    /// Number of files of this process that are open in a folder.
    #[cfg(target_os = "linux")]
    fn open_files(folder: &std::path::Path) -> usize {
        let fds = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        fds.filter(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to.starts_with(folder))).count()
    }

    #[test]
    fn connections_are_reused_after_failed_reads() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let before = count_idle_connections(&store);
        for _ in 0..5 {
            store.read(|r| r.locales().list()).unwrap();
        }
        assert_eq!(count_idle_connections(&store), before.max(1));
        let refused: Result<(), _> = store.read(|_| Err(StoreError::Closed));
        assert!(refused.is_err());
        assert_eq!(count_idle_connections(&store), before.max(1));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.read(|_| -> Result<(), StoreError> { panic!("in the middle of a read") })
        }));
        assert!(panicked.is_err());
        store.read(|r| r.locales().list()).unwrap();
    }

    #[test]
    fn endless_reads_time_out_and_return_their_connection() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let Backend::Sqlite(backend) = &store.inner.backend else { unreachable!() };
        let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
        let file = folder.path().join("cairn.db");
        let mut stopped = Ok(0);
        let mut count = |conn: &Connection| stopped = conn.execute("counting without end", endless, ());
        backend.readers.read(&file, true, &mut count).unwrap();
        assert!(matches!(stopped, Err(StoreError::Timeout(_))), "{stopped:?}");
        let before = count_idle_connections(&store);
        store.read(|r| r.locales().list()).unwrap();
        assert_eq!(count_idle_connections(&store), before);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn closed_stores_leave_no_open_files() {
        let folder = tempfile::tempdir().unwrap();
        let opened = store(folder.path());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| opened.read(|r| r.locales().list()).unwrap());
            }
        });
        assert!(open_files(folder.path()) > 0);
        drop(opened);
        // The writer's thread ends by itself.
        for _ in 0..500 {
            if open_files(folder.path()) == 0 {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("{} files are still open", open_files(folder.path()));
    }
}
