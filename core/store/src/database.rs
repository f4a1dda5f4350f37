//! Opening a SQLite database, and its reading side: one connection per thread that reads, kept with its prepared
//! statements.

use crate::writer::{self, WriteTx, Writer};
use crate::{ChangeCounters, Result, StoreError, dialect, migrations, schema};
use cairn_model::Registry;
use rusqlite::{Connection, OpenFlags};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// A statement that reads longer than this is stopped (503): one request must not occupy a core.
pub const STATEMENT_LIMIT_MS: u64 = 2_000;

/// Statements kept prepared per connection.
const PREPARED: usize = 256;

/// Where and how to open a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file; made when it is not there, with its folder.
    pub path: PathBuf,
}

/// One tenant's database with the model it serves. Cloning is cheap.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    id: u64,
    path: PathBuf,
    pub(crate) registry: Arc<Registry>,
    pub(crate) schema: schema::Schema,
    pub(crate) counters: ChangeCounters,
    /// The next component instance id to give out, and the first one that is not reserved on disk yet.
    pub(crate) next_instance: AtomicI64,
    pub(crate) reserved_instances: AtomicI64,
    writer: Writer,
    pub(crate) long_reads: crate::long_reads::LongReads,
}

impl Drop for Inner {
    fn drop(&mut self) {
        CLOSED.lock().insert(self.id);
    }
}

/// Stores that are gone: the threads drop their connections when they next read anything.
static CLOSED: LazyLock<parking_lot::Mutex<HashSet<u64>>> = LazyLock::new(Default::default);
static NEXT_STORE: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static READERS: RefCell<Vec<(u64, Rc<Connection>)>> = const { RefCell::new(Vec::new()) };
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

impl Store {
    /// Opens (or makes) the database, runs the migrations, brings the content tables up to the model and starts the
    /// writer. Errors where the database cannot be opened, is newer than this program, or holds columns whose type
    /// the model contradicts.
    pub fn open(options: Options, registry: Arc<Registry>) -> Result<Self> {
        if let Some(folder) = options.path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|e| StoreError::Unwritable(format!("{}: {e}", folder.display())))?;
        }
        let mut conn = Connection::open(&options.path).map_err(StoreError::at("opening the database"))?;
        prepare(&conn)?;
        dialect::sqlite::configure_writer(&conn)?;
        migrations::run(&mut conn)?;
        let schema = schema::ensure(&mut conn, &registry)?;
        let counters = ChangeCounters::new(registry.types().len());
        schema::load_counts(&conn, &registry, &counters)?;
        let next: i64 = conn
            .query_row("SELECT coalesce(max(next), 1) FROM cairn_sequences WHERE name = 'instance'", [], |r| r.get(0))
            .map_err(StoreError::at("reading the sequences"))?;
        let id = NEXT_STORE.fetch_add(1, Ordering::Relaxed);
        let (writer, start) = Writer::new();
        let inner = Arc::new(Inner {
            id,
            path: options.path,
            registry,
            schema,
            counters,
            next_instance: AtomicI64::new(next),
            reserved_instances: AtomicI64::new(next),
            writer,
            long_reads: Default::default(),
        });
        writer::spawn(start, conn, Arc::downgrade(&inner))
            .map_err(|e| StoreError::Unwritable(format!("the writer's thread does not start: {e}")))?;
        Ok(Self { inner })
    }

    /// The model it serves.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.inner.registry
    }

    /// Change counters and row counts by type.
    pub fn counters(&self) -> &ChangeCounters {
        &self.inner.counters
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Runs `read` on this thread's connection, all of it on one snapshot. Not to be nested.
    pub fn read<T, E: From<StoreError>>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        let conn = self.connection()?;
        DEADLINE.set(Some(Instant::now() + Duration::from_millis(STATEMENT_LIMIT_MS)));
        let begin = |sql: &str| conn.prepare_cached(sql).and_then(|mut s| s.execute([])).map(drop);
        begin("BEGIN").map_err(StoreError::at("beginning a read"))?;
        let result = read(&Reader { conn: &conn, store: &self.inner });
        let end = begin("COMMIT").map_err(StoreError::at("ending a read"));
        DEADLINE.set(None);
        let value = result?;
        end?;
        Ok(value)
    }

    /// As [`Self::read`], without the limit on the time of a statement.
    pub(crate) fn check_long<T>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        self.read(|r| {
            DEADLINE.set(None);
            read(r)
        })
    }

    /// Runs `write` on the writer's thread, in a transaction that others may share, and answers after the commit is
    /// on disk. An error leaves nothing behind.
    pub async fn write<T, E, F>(&self, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.inner.writer.send(write).await
    }

    /// Whether another process has committed since this was last asked; if so every change counter moves.
    pub async fn changed_outside(&self) -> Result<bool> {
        let changed = self.write(|tx| tx.changed_outside()).await?;
        if changed {
            self.inner.counters.bump_all();
        }
        Ok(changed)
    }

    fn connection(&self) -> Result<Rc<Connection>> {
        READERS.with_borrow_mut(|readers| {
            if let Some((_, conn)) = readers.iter().find(|(id, _)| *id == self.inner.id) {
                return Ok(conn.clone());
            }
            {
                let closed = CLOSED.lock();
                readers.retain(|(id, _)| !closed.contains(id));
            }
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let conn = Connection::open_with_flags(&self.inner.path, flags)
                .map_err(StoreError::at("opening the database for reading"))?;
            prepare(&conn)?;
            dialect::sqlite::configure_reader(&conn)?;
            conn.progress_handler(50_000, Some(|| DEADLINE.get().is_some_and(|limit| Instant::now() > limit)));
            let conn = Rc::new(conn);
            readers.push((self.inner.id, conn.clone()));
            Ok(conn)
        })
    }
}

/// What every connection needs: functions, collations, the cache of statements.
fn prepare(conn: &Connection) -> Result<()> {
    // Plans hang on the schema alone: without this SQLite prepares a statement anew when a bound value might change its plan.
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(StoreError::at("configuring the database"))?;
    conn.set_prepared_statement_cache_capacity(PREPARED);
    rusqlite::vtab::array::load_module(conn).map_err(StoreError::at("loading the array module"))?;
    conn.create_collation("decimal", dialect::sqlite::compare_decimals)
        .map_err(StoreError::at("making the decimal collation"))
}

/// One snapshot of the database.
pub struct Reader<'a> {
    pub(crate) conn: &'a Connection,
    pub(crate) store: &'a Inner,
}

impl Reader<'_> {
    /// The model.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.store.registry
    }
}
