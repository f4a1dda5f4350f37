//! Opening a database, and the one way to read from it and to write to it.

use crate::connection::Connection;
use crate::dialect::{self, Dialect};
use crate::transaction::{WriteTx, cause_depth};
use crate::{ChangeCounters, PostgresOptions, Result, StoreError, postgres, schema, sqlite};
use cairn_model::Registry;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A statement that reads longer than this is stopped (503): one request must not occupy a core.
pub const STATEMENT_LIMIT_MS: u64 = 2_000;

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file; made when it is not there, with its folder.
    Sqlite(PathBuf),
    /// A schema of a PostgreSQL database; made when it is not there.
    Postgres(PostgresOptions),
}

impl Database {
    /// Of a URL: `sqlite:<path>` (relative to `base`) or `postgres://…` (see [`PostgresOptions::parse`]).
    ///
    /// # Errors
    /// What is wrong with it, without user and password.
    pub fn parse(url: &str, base: &Path) -> Result<Self, String> {
        match url.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(base.join(path))),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(PostgresOptions::parse(url, None, None)?)),
            _ => Err(format!(
                "expected sqlite:<path> or postgres://user:password@host:port/database, not {:?}",
                url.split(':').next().unwrap_or_default()
            )),
        }
    }
}

impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(options) => write!(f, "{options:?}"),
        }
    }
}

impl Database {
    /// Whether there is one yet. Blocks.
    pub fn exists(&self) -> Result<bool> {
        match self {
            Self::Sqlite(path) => Ok(path.exists()),
            Self::Postgres(options) => options.exists(),
        }
    }

    /// Deletes it with all that is in it, for good. What is gone already is no error. Blocks.
    pub fn erase(&self) -> Result<()> {
        match self {
            Self::Sqlite(path) => sqlite::erase(path),
            Self::Postgres(options) => options.erase(),
        }
    }
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it is.
    pub database: Database,
}

/// How a write waits for its turn.
pub(crate) struct Turn {
    /// Whether it is on disk before it is answered.
    pub(crate) synced: bool,
    /// Who may take long, if it does: see [`Store::write_long`].
    pub(crate) owner: Option<Arc<str>>,
}

/// One tenant's database with the model it serves. Cloning is cheap.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) registry: Arc<Registry>,
    pub(crate) schema: schema::Schema,
    pub(crate) counters: ChangeCounters,
    pub(crate) backend: Backend,
    pub(crate) long_reads: crate::long_reads::LongReads,
    /// Of the schema it was opened with.
    pub(crate) generation: i64,
    outdated: AtomicBool,
    /// Told after commits that wrote events or jobs.
    pub(crate) work: Arc<tokio::sync::Notify>,
    /// Signs the addresses of private files; not set: they are shown as they are, and nobody is let in by them.
    pub(crate) file_links: std::sync::OnceLock<Arc<dyn crate::content::FileLinks>>,
}

impl Inner {
    pub(crate) fn new(
        registry: Arc<Registry>,
        schema: schema::Schema,
        counters: ChangeCounters,
        backend: Backend,
        opened: crate::change::Opened,
    ) -> Self {
        let (long_reads, outdated) = (Default::default(), AtomicBool::new(false));
        Self {
            registry,
            schema,
            counters,
            backend,
            long_reads,
            generation: opened.generation,
            outdated,
            work: Arc::default(),
            file_links: std::sync::OnceLock::new(),
        }
    }

    /// Tells, once, that another process has changed the schema. Writes are refused from then on.
    fn look_at_schema(&self, conn: &Connection) -> Result<()> {
        let now = crate::change::generation(conn)?;
        if now != self.generation && !self.outdated.swap(true, Ordering::AcqRel) {
            tracing::error!(
                "another process has changed the schema of the database: this one answers writes with 503 until it has taken up the same content types"
            );
        }
        Ok(())
    }
}

/// What is behind a store.
pub(crate) enum Backend {
    Sqlite(sqlite::Backend),
    Postgres(postgres::Backend),
}

impl Backend {
    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        match self {
            Self::Sqlite(_) => &dialect::Sqlite,
            Self::Postgres(_) => &dialect::Postgres,
        }
    }
}

impl Store {
    /// Opens (or makes) the database, runs the migrations and brings the content tables up to the model. Blocks.
    ///
    /// # Errors
    /// Where the database cannot be opened or written, is newer than this program, is not Cairn's, or holds columns whose
    /// type the model contradicts.
    pub fn open(options: Options, registry: Arc<Registry>) -> Result<Self> {
        match options.database {
            Database::Sqlite(path) => sqlite::open(path, registry),
            Database::Postgres(options) => postgres::open(options, registry),
        }
    }

    /// The model it serves.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.inner.registry
    }

    /// Change counters and row counts by type.
    pub fn counters(&self) -> &ChangeCounters {
        &self.inner.counters
    }

    /// Told after every commit of this process that wrote events or jobs. Whoever waits for it keeps no store open.
    pub fn work(&self) -> Arc<tokio::sync::Notify> {
        self.inner.work.clone()
    }

    /// Has the addresses of private files signed, in everything that is read from now on. The first to say so counts.
    pub fn sign_file_links(&self, links: Arc<dyn crate::content::FileLinks>) {
        let _ = self.inner.file_links.set(links);
    }

    /// How many values of this store there are, clones and running writes included.
    pub fn handles(&self) -> usize {
        Arc::strong_count(&self.inner)
    }

    /// Which database it is on, for people.
    pub fn kind(&self) -> &'static str {
        match &self.inner.backend {
            Backend::Sqlite(_) => "SQLite",
            Backend::Postgres(_) => "PostgreSQL",
        }
    }

    /// Where the database is, for people.
    pub fn place(&self) -> String {
        match &self.inner.backend {
            Backend::Sqlite(b) => b.path.display().to_string(),
            Backend::Postgres(b) => b.place(),
        }
    }

    /// Runs `read` on one snapshot. Not to be nested. On SQLite it runs on this thread, on a connection that nobody else uses; on PostgreSQL this
    /// thread waits for a connection and for every answer, and other tasks of the runtime move to another thread meanwhile
    /// (which needs tokio's multi-thread runtime where there is one at all).
    pub fn read<T, E: From<StoreError>>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        self.read_within(true, read)
    }

    /// As [`Self::read`], without the limit on the time of a statement.
    pub(crate) fn check_long<T>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        self.read_within(false, read)
    }

    pub(crate) fn read_within<T, E: From<StoreError>>(
        &self,
        limited: bool,
        read: impl FnOnce(&Reader<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let store = &*self.inner;
        let run = |conn: &Connection| read(&Reader { conn, store });
        match &store.backend {
            Backend::Sqlite(b) => b.readers.read(&b.path, limited, run),
            Backend::Postgres(b) => b.read(limited, run),
        }
    }

    /// Runs `write` in a transaction and answers after it is on disk; an error leaves nothing behind. On SQLite it runs on
    /// the writer's thread, and others may share the commit. On PostgreSQL it may run again from the start where it lost
    /// against another transaction, which is why it has to be `Clone`.
    pub async fn write<T, E, F>(&self, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Clone + Send + 'static,
    {
        self.write_synced(true, write).await
    }

    /// As [`Self::write`], without waiting for the disk: a crash of the machine or of the database server may lose it, as a
    /// whole, and together with it whatever was written later; a crash of this process does not. What is read after a
    /// crash is therefore always what was there at one moment before it. For what would simply be done again.
    pub async fn write_unsynced<T, E, F>(&self, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Clone + Send + 'static,
    {
        self.write_synced(false, write).await
    }

    async fn write_synced<T, E, F>(&self, synced: bool, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Clone + Send + 'static,
    {
        self.write_in_turn(Turn { synced, owner: None }, write).await
    }

    async fn write_in_turn<T, E, F>(&self, turn: Turn, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Clone + Send + 'static,
    {
        let depth = cause_depth();
        let write = move |tx: &mut WriteTx<'_>| {
            tx.set_cause_depth(depth);
            write(tx)
        };
        match &self.inner.backend {
            Backend::Sqlite(b) => b.writer.send(turn, write).await,
            Backend::Postgres(_) => postgres::write(self.inner.clone(), turn.synced, write).await,
        }
    }

    /// As [`Self::write`], for what may take long and is `owner`'s alone, such as a transaction that a plugin has opened. On SQLite it shares
    /// its commit with nobody, so that nobody waits for it who was done before; and between two of them all other writes that wait go first, and
    /// of those of several owners the one's who has waited for longest. [`WriteTx::others_wait`] tells it when to make room.
    pub async fn write_long<T, E, F>(&self, owner: &str, synced: bool, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Clone + Send + 'static,
    {
        self.write_in_turn(Turn { synced, owner: Some(owner.into()) }, write).await
    }

    /// Whether others may write to the database at any time, so that what is remembered is to be asked about first.
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.backend, Backend::Postgres(_))
    }

    /// Returns once the change counters know of everything that was committed before the call, by whichever node. To be
    /// waited for before anything remembered by a change stamp is used; nothing to wait for on SQLite, where one process
    /// writes content.
    ///
    /// # Errors
    /// Where the database cannot be asked.
    pub async fn fresh(&self) -> Result<()> {
        match &self.inner.backend {
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(_) => postgres::fresh(self.inner.clone()).await,
        }
    }

    /// Whether another process has changed the schema since this one opened the database: it must not write any more, and
    /// is refused when it tries. Known after [`Self::changed_outside`].
    pub fn is_outdated(&self) -> bool {
        self.inner.outdated.load(Ordering::Acquire)
    }

    /// Whether another process has committed since this was last asked; if so the counters of what it changed move.
    pub async fn changed_outside(&self) -> Result<bool> {
        match &self.inner.backend {
            Backend::Sqlite(_) => {
                // A write would be refused.
                if self.is_outdated() {
                    return Ok(false);
                }
                let changed = match self.write(|tx| sqlite::writer::changed_outside(tx.conn)).await {
                    Err(StoreError::Unavailable(_)) => {
                        self.read(|r| self.inner.look_at_schema(r.conn))?;
                        true
                    }
                    other => other?,
                };
                if changed && !self.is_outdated() {
                    self.write(|tx| match &tx.store.backend {
                        Backend::Sqlite(b) => b.instances.catch_up(tx.conn),
                        Backend::Postgres(_) => Ok(()),
                    })
                    .await?;
                }
                if changed {
                    self.inner.counters.bump_all();
                }
                Ok(changed)
            }
            Backend::Postgres(_) => {
                let changed = postgres::changed_outside(self.inner.clone()).await?;
                if !self.is_outdated() {
                    let store = self.clone();
                    let looked = move || store.read(|r| store.inner.look_at_schema(r.conn));
                    tokio::task::spawn_blocking(looked).await.unwrap_or(Err(StoreError::Closed))?;
                }
                Ok(changed)
            }
        }
    }
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
