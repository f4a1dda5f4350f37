//! Opening a database, and the one way to read from it and to write to it.

use crate::connection::Connection;
use crate::dialect::{self, Dialect};
use crate::transaction::{WriteJob, WriteTx};
use crate::{ChangeCounters, PostgresOptions, Result, StoreError, postgres, schema, sqlite};
use cairn_model::Registry;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The location of a database.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file; created with its folder if it does not exist.
    Sqlite(PathBuf),
    /// A schema of a PostgreSQL database; created if it does not exist.
    Postgres(PostgresOptions),
}

impl Database {
    /// Parses a URL: `sqlite:<path>` (relative to `base`) or `postgres://…` (see [`PostgresOptions::parse`]).
    ///
    /// # Errors
    /// Says what is wrong with the URL, without user and password.
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
    /// True if the database exists. Blocks.
    pub fn exists(&self) -> Result<bool> {
        match self {
            Self::Sqlite(path) => Ok(path.exists()),
            Self::Postgres(options) => options.exists(),
        }
    }

    /// Deletes the database with all its data, for good. A database that does not exist is not an error. Blocks.
    pub fn erase(&self) -> Result<()> {
        match self {
            Self::Sqlite(path) => sqlite::erase_files(path),
            Self::Postgres(options) => options.erase(),
        }
    }
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Location of the database.
    pub database: Database,
}

/// How a write waits for its turn.
pub(crate) struct WriteTurn {
    /// True if the write is on disk before it is acknowledged.
    pub(crate) synced: bool,
    /// Owner of a write that may take long: see [`Store::write_long`].
    pub(crate) owner: Option<Arc<str>>,
}

/// One tenant's database with the model it serves. Cloning is cheap.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) registry: Arc<Registry>,
    pub(crate) schema: schema::WriteSchema,
    pub(crate) counters: ChangeCounters,
    pub(crate) backend: Backend,
    pub(crate) long_reads: crate::long_reads::LongReads,
    /// Generation of the schema when the store was opened.
    pub(crate) generation: i64,
    outdated: AtomicBool,
    /// Commits of tasks that nobody watches, begun ones included: see [`Store::detect_commits`].
    unwatched_commits: Arc<AtomicU64>,
    /// Notified after commits that wrote events or jobs.
    pub(crate) work: Arc<tokio::sync::Notify>,
    /// Signs the addresses of private files; if not set, addresses are returned unsigned and give no access.
    pub(crate) file_links: std::sync::OnceLock<Arc<dyn crate::content::FileUrlSigner>>,
}

tokio::task_local! {
    /// Commits of the present task, begun ones included: see [`Store::detect_commits`].
    static WATCHED_COMMITS: Arc<AtomicU64>;
}

impl Inner {
    pub(crate) fn new(
        registry: Arc<Registry>,
        schema: schema::WriteSchema,
        counters: ChangeCounters,
        backend: Backend,
        opened: crate::change::CurrentSchema,
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
            unwatched_commits: Arc::default(),
            work: Arc::default(),
            file_links: std::sync::OnceLock::new(),
        }
    }

    /// Reports, once, that another process has changed the schema. Writes are refused from then on.
    fn check_generation(&self, conn: &Connection) -> Result<()> {
        if crate::change::read_generation(conn)? != self.generation {
            self.note_outdated();
        }
        Ok(())
    }

    /// Records that another process has changed the schema, and reports it once.
    pub(crate) fn note_outdated(&self) {
        if !self.outdated.swap(true, Ordering::AcqRel) {
            tracing::info!("the content types in the database have changed; writes wait until they are loaded");
        }
    }
}

/// The database behind a store.
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
    /// Opens (or creates) the database, runs the migrations and brings the content tables up to the model. Blocks.
    ///
    /// # Errors
    /// Returns an error if the database cannot be opened or written, is newer than this program, is not Cairn's, or has columns whose
    /// type contradicts the model.
    pub fn open(options: StoreOptions, registry: Arc<Registry>) -> Result<Self> {
        match options.database {
            Database::Sqlite(path) => sqlite::open(path, registry),
            Database::Postgres(options) => postgres::open(options, registry),
        }
    }

    /// The model that this store serves.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.inner.registry
    }

    /// Change counters and row counts by type.
    pub fn counters(&self) -> &ChangeCounters {
        &self.inner.counters
    }

    /// Notified after every commit of this process that wrote events or jobs. Waiting for it holds no store open.
    pub fn work_notify(&self) -> Arc<tokio::sync::Notify> {
        self.inner.work.clone()
    }

    /// Sets what signs the addresses of private files in everything read from now on. Only the first call has an effect.
    pub fn sign_file_links(&self, links: Arc<dyn crate::content::FileUrlSigner>) {
        let _ = self.inner.file_links.set(links);
    }

    /// Number of handles to this store, clones and running writes included.
    pub fn handle_count(&self) -> usize {
        Arc::strong_count(&self.inner)
    }

    /// The kind of database, as text for people.
    pub fn database_kind(&self) -> &'static str {
        match &self.inner.backend {
            Backend::Sqlite(_) => "SQLite",
            Backend::Postgres(_) => "PostgreSQL",
        }
    }

    /// The location of the database, as text for people.
    pub fn location(&self) -> String {
        match &self.inner.backend {
            Backend::Sqlite(b) => b.path.display().to_string(),
            Backend::Postgres(b) => b.place(),
        }
    }

    /// Runs `read` on one snapshot. Must not be nested. On SQLite it runs on this thread, on a connection that nobody else uses; on
    /// PostgreSQL this thread waits for a connection and for every response, and other tasks of the runtime move to another thread
    /// meanwhile (which needs tokio's multi-thread runtime, if there is a runtime at all).
    pub fn read<T, E: From<StoreError>>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        self.read_within(true, read)
    }

    /// Does the same as [`Self::read`], without the time limit for statements.
    pub(crate) fn check_long<T>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        self.read_within(false, read)
    }

    pub(crate) fn read_within<T, E: From<StoreError>>(
        &self,
        limited: bool,
        read: impl FnOnce(&Reader<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (mut read, mut result) = (Some(read), None);
        let ended = self.run_read(limited, &mut |reader| result = read.take().map(|read| read(reader)));
        match (result, ended) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.into()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(StoreError::Closed.into()),
        }
    }

    /// Calls `read` once on one snapshot. Not generic, so that the hundreds of reads of this program share the code below them.
    fn run_read(&self, limited: bool, read: &mut dyn FnMut(&Reader<'_>)) -> Result<()> {
        let store = &*self.inner;
        let mut run = |conn: &Connection| read(&Reader { conn, store, in_transaction: false });
        match &store.backend {
            Backend::Sqlite(b) => b.readers.read(&b.path, limited, &mut run),
            Backend::Postgres(b) => b.read(limited, &mut run),
        }
    }

    /// Runs `write` in a transaction and returns after it is on disk; an error rolls everything back. On SQLite it runs on the writer's
    /// thread, and others may share the commit. On PostgreSQL it may run again from the start if it lost against another transaction, which
    /// is why it has to be `Clone`.
    pub async fn write<T, E, F>(&self, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Clone + Send + 'static,
    {
        self.write_in_turn(WriteTurn { synced: true, owner: None }, write).await
    }

    /// Does the same as [`Self::write`], without waiting for the disk: a crash of the machine or of the database server may lose it, as a
    /// whole, and together with it whatever was written later; a crash of this process does not. What is read after a crash is therefore
    /// always the state at one moment before it. For writes that would simply be repeated.
    pub async fn write_unsynced<T, E, F>(&self, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Clone + Send + 'static,
    {
        self.write_in_turn(WriteTurn { synced: false, owner: None }, write).await
    }

    async fn write_in_turn<T, E, F>(&self, turn: WriteTurn, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Clone + Send + 'static,
    {
        let (job, result) = WriteJob::new(write, self.watched_commits());
        let ended = self.run_write(turn, job).await;
        result.take(ended)
    }

    /// Runs a write whose result somebody else takes. Not generic, so that the hundreds of writes of this program share the code below them.
    async fn run_write(&self, turn: WriteTurn, job: WriteJob) -> Result<()> {
        match &self.inner.backend {
            Backend::Sqlite(b) => b.writer.send_write(turn, job).await,
            Backend::Postgres(_) => postgres::write(self.inner.clone(), turn.synced, job).await,
        }
    }

    /// The counter of the commits of the present task: see [`Self::detect_commits`].
    fn watched_commits(&self) -> Arc<AtomicU64> {
        WATCHED_COMMITS.try_with(Arc::clone).unwrap_or_else(|_| self.inner.unwatched_commits.clone())
    }

    /// Does the same as [`Self::write`] for a write that may take long and belongs to `owner`, such as a transaction that a plugin has
    /// opened. On SQLite it shares its commit with no other write, so that no finished write waits for it; between two of them all other
    /// waiting writes run first, and of several owners the one that has waited longest. [`WriteTx::has_waiters`] says when to make room.
    pub async fn write_long<T, E, F>(&self, owner: &str, synced: bool, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Clone + Send + 'static,
    {
        self.write_in_turn(WriteTurn { synced, owner: Some(owner.into()) }, write).await
    }

    /// True if other processes may write to the database at any time, so that cached values have to be checked before use.
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.backend, Backend::Postgres(_))
    }

    /// Empties the log of what was written last, which may still have former versions of what was deleted. On SQLite only: PostgreSQL sees to its
    /// own. Returns false where somebody reads for too long, and the log stays; an error if the database does not respond.
    pub async fn empty_log(&self) -> Result<bool> {
        match &self.inner.backend {
            Backend::Sqlite(backend) => {
                let path = backend.path.clone();
                let emptied = tokio::task::spawn_blocking(move || sqlite::empty_log(&path)).await;
                emptied.unwrap_or_else(|e| Err(StoreError::Unwritable(e.to_string())))
            }
            Backend::Postgres(_) => Ok(true),
        }
    }

    /// Returns once the change counters know of everything that was committed before the call, by whichever node. Must be awaited before
    /// anything cached by a change stamp is used; returns at once on SQLite, where one process writes content. Returns an error if the
    /// database does not respond.
    pub async fn wait_until_fresh(&self) -> Result<()> {
        match &self.inner.backend {
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(_) => postgres::wait_until_fresh(self.inner.clone()).await,
        }
    }

    /// True if another process has changed the schema since this one opened the database: writes of this process are then refused. Known
    /// after [`Self::detect_outside_changes`], and as soon as a write was refused for it.
    pub fn is_outdated(&self) -> bool {
        self.inner.outdated.load(Ordering::Acquire)
    }

    /// Runs `work`, and returns with its output whether it may have stored anything: whether it, or meanwhile a task that nobody watches (it may
    /// have spawned one), has begun to commit.
    pub async fn detect_commits<F: Future>(&self, work: F) -> (F::Output, bool) {
        let (unwatched, own) = (&self.inner.unwatched_commits, Arc::new(AtomicU64::new(0)));
        let before = unwatched.load(Ordering::Acquire);
        let output = WATCHED_COMMITS.scope(own.clone(), work).await;
        (output, own.load(Ordering::Acquire) != 0 || unwatched.load(Ordering::Acquire) != before)
    }

    /// Runs work that is part of no request, such as deliveries of events: [`Self::detect_commits`] of requests beside it does not count its
    /// commits. A task that it spawns has to be run so as well.
    pub async fn run_in_background<F: Future>(work: F) -> F::Output {
        WATCHED_COMMITS.scope(Arc::default(), work).await
    }

    /// True if another process has committed since the last call; if so, increments the counters of what it changed.
    pub async fn detect_outside_changes(&self) -> Result<bool> {
        match &self.inner.backend {
            Backend::Sqlite(_) => {
                // A write would be refused.
                if self.is_outdated() {
                    return Ok(false);
                }
                let changed = match self.write(|tx| sqlite::writer::detect_outside_changes(tx.conn)).await {
                    Err(StoreError::Outdated) => {
                        self.read(|r| self.inner.check_generation(r.conn))?;
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
                let changed = postgres::detect_outside_changes(self.inner.clone()).await?;
                if !self.is_outdated() {
                    let store = self.clone();
                    let generation_check = move || store.read(|r| store.inner.check_generation(r.conn));
                    tokio::task::spawn_blocking(generation_check).await.unwrap_or(Err(StoreError::Closed))?;
                }
                Ok(changed)
            }
        }
    }
}

/// One snapshot of the database. What it can read is in its [namespaces](crate::namespaces).
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub(crate) conn: &'a Connection,
    pub(crate) store: &'a Inner,
    /// True inside a write transaction: what is only known after a commit, such as the stored counts, does not know its rows.
    pub(crate) in_transaction: bool,
}

impl Reader<'_> {
    /// The model that the store serves.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.store.registry
    }
}
