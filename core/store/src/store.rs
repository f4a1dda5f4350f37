//! Opening a database, and the one way to read from it and to write to it.

mod integrity;
mod rehearsals;

use crate::connection::Connection;
use crate::content::{CompiledPlan, PlanShape};
use crate::events::EventPlacement;
use crate::long_reads::LongReads;
use crate::postgres::{self, ChangeFollower};
use crate::sqlite::{self, writer::WriteTurn};
use crate::state::{FileUrlSigner, StoreState};
use crate::transaction::{WriteJob, WriteTx};
use crate::{ChangeCounters, Database, Reader, Result, StoreError, change};
use cairn_model::{Registry, TypeId};
use cairn_query::Plan;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::oneshot;

/// How to open a database.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Location of the database.
    pub database: Database,
}

/// One tenant's database with the model it serves. Cloning is cheap.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

/// A store's state, with the database behind it.
pub(crate) struct Inner {
    pub(crate) state: StoreState,
    pub(crate) backend: Backend,
    long_reads: LongReads,
    /// Commits of tasks that nobody watches, begun ones included: see [`Store::detect_commits`].
    unwatched_commits: Arc<AtomicU64>,
}

/// The database behind a store.
pub(crate) enum Backend {
    Sqlite(sqlite::Backend),
    Postgres(postgres::Backend),
}

tokio::task_local! {
    /// Commits of the present task, begun ones included: see [`Store::detect_commits`].
    static WATCHED_COMMITS: Arc<AtomicU64>;
}

impl Inner {
    fn new(state: StoreState, backend: Backend) -> Self {
        Self { state, backend, long_reads: LongReads::default(), unwatched_commits: Arc::default() }
    }

    fn write_to_postgres(self: Arc<Self>, synced: bool, job: WriteJob) -> Result<()> {
        let Backend::Postgres(backend) = &self.backend else { return Err(StoreError::Closed) };
        let grown = backend.write(&self.state, synced, job)?;
        if !grown.is_empty() {
            let inner = self.clone();
            tokio::task::spawn_blocking(move || {
                if let Backend::Postgres(backend) = &inner.backend {
                    backend.analyse(&inner.state, &grown);
                }
            });
        }
        Ok(())
    }
}

impl AsRef<StoreState> for Inner {
    fn as_ref(&self) -> &StoreState {
        &self.state
    }
}

impl ChangeFollower for Inner {
    fn schema(&self) -> &str {
        match &self.backend {
            Backend::Postgres(b) => b.schema(),
            Backend::Sqlite(_) => "",
        }
    }

    fn compare_changes(&self, conn: &Connection) -> Result<()> {
        match &self.backend {
            Backend::Postgres(b) => b.compare(conn, &self.state).map(drop),
            Backend::Sqlite(_) => Ok(()),
        }
    }

    fn apply_notice(&self, types: Option<&[&str]>) {
        if let Backend::Postgres(b) = &self.backend {
            b.apply_notice(&self.state, types);
        }
    }
}

/// Reports, once, that another process has changed the schema. Writes are refused from then on.
fn check_generation(r: &Reader<'_>) -> Result<()> {
    if change::read_generation(r.conn)? != r.store.generation {
        r.store.note_outdated();
    }
    Ok(())
}

impl Store {
    /// Opens (or creates) the database, runs the migrations and brings the content tables up to the model. Blocks.
    ///
    /// # Errors
    /// Returns an error if the database cannot be opened or written, is newer than this program, is not Cairn's, or has columns whose
    /// type contradicts the model.
    pub fn open(options: StoreOptions, registry: Arc<Registry>) -> Result<Self> {
        match options.database {
            Database::Sqlite(path) => {
                let (state, backend, writer) = sqlite::open(path, registry)?;
                let inner = Arc::new(Inner::new(state, Backend::Sqlite(backend)));
                writer.spawn(Arc::downgrade(&inner))?;
                Ok(Self { inner })
            }
            Database::Postgres(options) => {
                let (state, backend) = postgres::open(options, registry)?;
                let inner = Arc::new(Inner::new(state, Backend::Postgres(backend)));
                let follower = Arc::downgrade(&inner);
                if let Backend::Postgres(backend) = &inner.backend {
                    backend.start_following(follower);
                }
                Ok(Self { inner })
            }
        }
    }

    /// The model that this store serves.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.inner.state.registry
    }

    /// Change counters and row counts by type.
    pub fn counters(&self) -> &ChangeCounters {
        &self.inner.state.counters
    }

    /// Notified after every commit of this process that wrote events or jobs. Waiting for it holds no store open.
    pub fn work_notify(&self) -> Arc<tokio::sync::Notify> {
        self.inner.state.work.clone()
    }

    /// Sets what signs the addresses of private files in everything read from now on. Only the first call has an effect.
    pub fn sign_file_links(&self, links: Arc<dyn FileUrlSigner>) {
        let _ = self.inner.state.file_links.set(links);
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

    /// Does the same as [`Self::read`] without a time limit: a dump of all tables is one snapshot.
    pub fn read_all<T, E: From<StoreError>>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        self.read_within(false, read)
    }

    fn read_within<T, E: From<StoreError>>(
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
        let Inner { state: store, backend, .. } = &*self.inner;
        let mut run = |conn: &Connection| read(&Reader { conn, store, in_transaction: false });
        match backend {
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
    fn run_write(&self, turn: WriteTurn, job: WriteJob) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            match &self.inner.backend {
                Backend::Sqlite(b) => b.writer.send_write(turn, job).await,
                Backend::Postgres(_) => {
                    let inner = self.inner.clone();
                    let task = tokio::task::spawn_blocking(move || inner.write_to_postgres(turn.synced, job));
                    task.await.unwrap_or(Err(StoreError::Closed))
                }
            }
        })
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
            Backend::Postgres(b) => b.wait_until_fresh(self.inner.clone()).await,
        }
    }

    /// True if another process has changed the schema since this one opened the database: writes of this process are then refused. Known
    /// after [`Self::detect_outside_changes`], and as soon as a write was refused for it.
    pub fn is_outdated(&self) -> bool {
        self.inner.state.is_outdated()
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
                        self.read(check_generation)?;
                        true
                    }
                    other => other?,
                };
                if changed && !self.is_outdated() {
                    self.write(|tx| tx.store.instances.catch_up(tx.conn)).await?;
                }
                if changed {
                    self.inner.state.counters.bump_all();
                }
                Ok(changed)
            }
            Backend::Postgres(_) => {
                let inner = self.inner.clone();
                let task = tokio::task::spawn_blocking(move || match &inner.backend {
                    Backend::Postgres(b) => b.detect_outside_changes(&inner.state),
                    Backend::Sqlite(_) => Ok(false),
                });
                let changed = task.await.unwrap_or(Err(StoreError::Closed))?;
                if !self.is_outdated() {
                    let store = self.clone();
                    let generation_check = move || store.read(check_generation);
                    tokio::task::spawn_blocking(generation_check).await.unwrap_or(Err(StoreError::Closed))?;
                }
                Ok(changed)
            }
        }
    }

    /// Does the same as [`Store::read`] on a thread for long reads; waits without blocking.
    pub async fn read_long<T, E, F>(&self, read: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        let (answer, receiver) = oneshot::channel();
        let store = self.clone();
        let job = Box::new(move || {
            // A caller that went away (its client closed the connection) wants no answer, and no work.
            if !answer.is_closed() {
                let _ = answer.send(store.read(read));
            }
        });
        self.inner.long_reads.run(job)?;
        receiver.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Compiles a plan for this database. `default_locale` is the locale of localised targets if the request names several locales and the
    /// row that links to them has none.
    pub fn compile_plan(&self, plan: &Plan, default_locale: &str) -> CompiledPlan {
        Arc::new(self.compile_shape(plan, default_locale)).with_values(Vec::new())
    }

    /// Does the same as [`Self::compile_plan`] for a plan whose values were taken out of it.
    pub fn compile_shape(&self, plan: &Plan, default_locale: &str) -> PlanShape {
        PlanShape::compile(&self.inner.state, plan, default_locale)
    }

    /// Must be called after the last [`documents().insert_bulk`](crate::namespaces::Documents::insert_bulk) of a type: the database updates
    /// its statistics of the tables.
    pub async fn end_bulk(&self, ct: TypeId) -> Result<()> {
        let inner = self.inner.clone();
        let task = tokio::task::spawn_blocking(move || match &inner.backend {
            Backend::Postgres(b) => b.vacuum(&inner.state.schema.type_tables(&inner.state.registry, ct)),
            Backend::Sqlite(_) => Ok(()),
        });
        task.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Assigns positions to committed events. Does nothing on SQLite.
    pub async fn place_events(&self) -> Result<EventPlacement> {
        // A look first: an idle node writes nothing.
        if matches!(self.inner.backend, Backend::Sqlite(_)) || !self.read(|r| r.events().has_unplaced())? {
            return Ok(EventPlacement::All);
        }
        // Positions lost in a crash do no harm: what a consumer wrote after using them is lost as well.
        self.write_unsynced(|tx| tx.events().place()).await
    }

    /// Recomputes usage if the stored values are wrong. Returns the differences. Returns an error if the database
    /// cannot be read or written.
    pub async fn repair_plugin_usage(&self) -> Result<Vec<String>> {
        let differences = self.check_long(|r| r.plugin_usage().find_differences())?;
        if !differences.is_empty() {
            self.write(|tx| tx.plugin_usage().recount()).await?;
        }
        Ok(differences)
    }
}
