//! PostgreSQL: connections and their pools, transactions that are retried after conflicts, and how the nodes on one database learn
//! of each other's changes.
//!
//! Reads run in one `REPEATABLE READ` snapshot; a read of one statement needs no transaction. Writes run in `READ COMMITTED`: each first
//! locks the documents it changes ([`crate::WriteTx::lock_document`]), so that what it then reads of them stays true to its end.

mod connector;
mod error;
mod follower;
mod fresh;
mod notices;
mod open;
mod options;
mod pool;
mod replica;
mod runtime;
mod session;
mod statistics;
pub(crate) mod text;
mod tls;
mod value;

pub(crate) use follower::ChangeFollower;
pub(crate) use open::{open, run_exclusively};
pub use options::PostgresOptions;
pub(crate) use session::Session;
pub(crate) use value::value;

use crate::connection::{Connection, Param};
use crate::events::PendingEvent;
use crate::ident::Ident;
use crate::state::StoreState;
use crate::transaction::{PendingChanges, Repetition, WriteJob, WriteTx};
use crate::{Result, StoreError, history};
use cairn_model::TypeId;
use parking_lot::Mutex;
use pool::Lease;
use replica::Replica;
use runtime::blocking;
use statistics::Statistics;
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Number of attempts at a transaction that loses against others.
const TRIES: u32 = 10;
/// Key for settings among the changed types.
const SETTINGS: &str = "";
/// Key among them for what callers are read from besides content and settings: sessions, groups, administrators. No type has such a name.
const CALLERS: &str = "callers";

/// One schema of a PostgreSQL database.
pub(crate) struct Backend {
    options: PostgresOptions,
    /// Changes by type, as last seen.
    seen: Mutex<HashMap<String, i64>>,
    /// True if another process changed settings.
    settings: AtomicBool,
    /// First statements of a write: they check that the schema is still the one it was opened with.
    opening: String,
    /// The same for a write that does not wait for the disk.
    opening_unsynced: String,
    /// When tables are analysed.
    statistics: Statistics,
}

impl Backend {
    fn new(options: PostgresOptions, known_changes: HashMap<String, i64>, generation: i64) -> Self {
        let guard = crate::change::GENERATION_GUARD_SQL.replace('?', &generation.to_string());
        Self {
            options,
            seen: Mutex::new(known_changes),
            settings: AtomicBool::new(false),
            opening: format!("BEGIN; {guard}"),
            opening_unsynced: format!("BEGIN; SET LOCAL synchronous_commit = off; {guard}"),
            statistics: Statistics::new(std::iter::empty()),
        }
    }

    pub(crate) fn options(&self) -> &PostgresOptions {
        &self.options
    }

    pub(crate) fn place(&self) -> String {
        format!("{:?}", self.options)
    }

    /// Calls `read` once on one snapshot, on this thread. Returns an error if there was no connection for it.
    pub(crate) fn read(&self, limited: bool, read: &mut dyn FnMut(&Connection)) -> Result<()> {
        blocking(|| {
            let server = &self.options.server;
            let replica = server.replica.as_ref().filter(|r| limited && r.is_current());
            let lease = match replica.map(|r| r.pool.get(&self.options.schema)) {
                Some(Ok(lease)) => lease,
                // A replica that cannot be reached costs nobody an answer.
                Some(Err(_)) | None => server.readers.get(&self.options.schema)?,
            };
            lease.session().begin();
            if !limited {
                lease.execute_batch("lifting the limit", "SET LOCAL statement_timeout = 0")?;
            }
            read(&lease);
            lease.session().end_read();
            Ok(())
        })
    }

    /// Types of which a transaction has written so many rows that their tables should be analysed.
    fn grown_types(&self, store: &StoreState, changes: &PendingChanges) -> BTreeSet<TypeId> {
        let types = changes.counts.iter().filter(|(_, n)| **n > 0).map(|((t, ..), _)| *t);
        types.filter(|t| self.statistics.is_due(*t, store.counters.row_count(*t))).collect()
    }

    /// Updates the planner's statistics of types that have grown a lot. Blocks.
    pub(crate) fn analyse(&self, store: &StoreState, grown: &BTreeSet<TypeId>) {
        let result = self.options.server.writers.get(&self.options.schema).and_then(|lease| {
            let mut tables = grown.iter().flat_map(|t| store.schema.type_tables(&store.registry, *t));
            tables.try_for_each(|t| lease.session().simple("analysing tables", &format!("ANALYZE {t}")))
        });
        if let Err(error) = result {
            tracing::debug!(%error, "tables that have grown were not analysed; autovacuum will analyse them");
        }
    }

    /// Updates the planner's statistics of tables that were filled, and marks their rows as visible to all: index scans then need not read
    /// each row. The server does so by itself, but minutes later. Blocks.
    pub(crate) fn vacuum(&self, tables: &[Ident]) -> Result<()> {
        let lease = self.options.server.writers.get(&self.options.schema)?;
        let session = lease.session();
        let doing = "analysing tables";
        session.simple(doing, "SET statement_timeout = 0")?;
        let result = tables.iter().try_for_each(|t| session.simple(doing, &format!("VACUUM (ANALYZE) {t}")));
        session.simple(doing, "SET statement_timeout = 60000")?;
        result
    }

    /// Runs a write, again if it lost against another transaction, and commits it: returns the types that have grown so much that their tables
    /// should be analysed. A write that decided to write nothing is rolled back. Returns an error if it could not be committed.
    pub(crate) fn write(&self, store: &StoreState, synced: bool, mut job: WriteJob) -> Result<BTreeSet<TypeId>> {
        for attempt in 1.. {
            let lease = self.options.server.writers.get(&self.options.schema)?;
            let session = lease.session();
            session.begin_with(if synced { &self.opening } else { &self.opening_unsynced });
            // Nobody waits for a transaction as such.
            let mut tx = WriteTx::new(&lease, store, &|| false);
            let Ok(commit) = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx, Repetition::Possible))) else {
                tracing::error!("a write panicked and was rolled back");
                return Err(StoreError::Closed);
            };
            let changes = tx.changes;
            if session.is_outdated() {
                store.note_outdated();
            }
            let lost = if commit {
                match self.commit(store, &lease, &changes) {
                    Ok(()) => {
                        if let Some(replica) = &self.options.server.replica
                            && let Err(error) = replica.note_write(&lease)
                        {
                            tracing::debug!(%error, "reads from the replica are paused");
                        }
                        self.announce(store, &changes);
                        return Ok(self.grown_types(store, &changes));
                    }
                    Err(e) if session.has_conflict() => Err(e),
                    // A write without a statement of its own meets the guard here.
                    Err(e) if session.is_outdated() => {
                        store.note_outdated();
                        return Err(e);
                    }
                    // Whether it was committed is not known: it is not tried again.
                    Err(e) => return Err(e),
                }
            } else if session.has_conflict() || (session.is_broken() && attempt == 1) {
                // Its own error says so: it lost, or the connection ended before the commit, most likely since it was last used.
                Ok(BTreeSet::new())
            } else {
                return Ok(BTreeSet::new());
            };
            if attempt >= TRIES {
                return lost;
            }
            session.rollback();
            drop(lease);
            std::thread::sleep(Duration::from_micros(rand::random_range(0..500u64 << attempt)));
        }
        Err(StoreError::Conflict)
    }

    fn commit(&self, store: &StoreState, lease: &Lease<'_>, changes: &PendingChanges) -> Result<()> {
        let slot = Param::Integer(lease.session().slot);
        let mut final_inserts = Vec::new();
        for ((t, published, locale), n) in changes.counts.iter().filter(|(_, n)| **n != 0) {
            let (uid, status) = (Param::Text(&store.registry.get(*t).uid), Param::Integer(i64::from(*published)));
            final_inserts.push((
                "INSERT INTO cairn_counts AS c (type, status, locale, slot, n) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (type, status, locale, slot) DO UPDATE SET n = c.n + excluded.n",
                vec![uid, status, Param::Text(locale), slot, Param::Integer(*n)],
            ));
        }
        let mut changed: Vec<&str> = changes.touched.iter().map(|t| store.registry.get(*t).uid.as_str()).collect();
        if changes.settings {
            changed.push(SETTINGS);
        }
        if changes.callers {
            changed.push(CALLERS);
        }
        // In one order everywhere, should two connections share a slot.
        changed.sort_unstable();
        for uid in changed {
            final_inserts.push((
                "INSERT INTO cairn_changes AS c (type, slot, n) VALUES (?1, ?2, 1)
                 ON CONFLICT (type, slot) DO UPDATE SET n = c.n + 1",
                vec![Param::Text(uid), slot],
            ));
        }
        final_inserts
            .extend(changes.history.iter().map(|entry| (history::PendingHistoryEntry::INSERT_SQL, entry.to_params())));
        final_inserts.extend(changes.outbox.iter().map(|event| (PendingEvent::INSERT_SQL, event.to_params())));
        lease.session().commit(&final_inserts)
    }

    /// Notifies this process's caches, and the other nodes.
    fn announce(&self, store: &StoreState, changes: &PendingChanges) {
        changes.announce_commit(store);
        let mut types: Vec<&str> = changes.touched.iter().map(|t| store.registry.get(*t).uid.as_str()).collect();
        if changes.settings {
            types.push(SETTINGS);
        }
        if changes.callers {
            types.push(CALLERS);
        }
        if !types.is_empty() {
            self.options.server.notices.send_notice(&self.options.schema, &types);
        }
    }

    /// Reads the change counters by type.
    fn changes(conn: &Connection) -> Result<HashMap<String, i64>> {
        let sql = "SELECT type, CAST(sum(n) AS bigint) FROM cairn_changes GROUP BY type";
        let all = conn.query_all("finding changes", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(all.into_iter().collect())
    }

    /// Increments the counters of what others changed; returns whether settings changed.
    fn catch_up(&self, store: &StoreState) -> Result<bool> {
        blocking(|| {
            let lease = self.options.server.readers.get(&self.options.schema)?;
            self.compare(&lease, store)
        })
    }

    /// Implements [`crate::Store::detect_outside_changes`]. Blocks.
    pub(crate) fn detect_outside_changes(&self, store: &StoreState) -> Result<bool> {
        self.catch_up(store)?;
        Ok(self.settings.swap(false, Ordering::AcqRel))
    }

    /// Implements [`crate::Store::wait_until_fresh`] for a store on this database.
    pub(crate) async fn wait_until_fresh(&self, store: Arc<dyn ChangeFollower>) -> Result<()> {
        let server = &self.options.server;
        server.freshness.wait(&server.readers, store).await
    }

    /// Starts to follow what other nodes change, for a store on this database.
    pub(crate) fn start_following(&self, store: Weak<dyn ChangeFollower>) {
        let server = &self.options.server;
        if let Some(replica) = &server.replica {
            Replica::follow(replica);
        }
        server.notices.subscribe(server, &self.options.schema, store);
    }

    /// Name of the schema.
    pub(crate) fn schema(&self) -> &str {
        &self.options.schema
    }

    /// Compares the counters of changes with those last seen, on that connection.
    pub(crate) fn compare(&self, conn: &Connection, store: &StoreState) -> Result<bool> {
        // Held while they are read, so that an older reading never comes after a newer one.
        let mut known_changes = self.seen.lock();
        let now = Self::changes(conn)?;
        if now != *known_changes
            && let Some(replica) = &self.options.server.replica
        {
            // The replica's required position is noted before the counters move: later reads must be as new as the counters.
            replica.note_write(conn)?;
        }
        for (uid, n) in &now {
            let before = known_changes.get(uid).copied().unwrap_or(0);
            let Some(ct) = store.registry.by_uid(uid) else { continue };
            // Our own changes too: which of them a reading holds is not known.
            if *n != before {
                store.counters.bump_type(ct.id);
            }
        }
        if now.get(CALLERS) != known_changes.get(CALLERS) {
            store.counters.bump_callers();
        }
        let settings = now.get(SETTINGS) != known_changes.get(SETTINGS);
        if settings {
            store.instances.forget();
        }
        *known_changes = now;
        if settings {
            self.settings.store(true, Ordering::Release);
        }
        Ok(settings)
    }

    /// Handles a notice of another node about what it changed; `None`: anything.
    pub(crate) fn apply_notice(&self, store: &StoreState, types: Option<&[&str]>) {
        let Some(types) = types else {
            store.counters.bump_all();
            self.settings.store(true, Ordering::Release);
            return;
        };
        for uid in types {
            if let Some(ct) = store.registry.by_uid(uid) {
                store.counters.bump_type(ct.id);
            } else if *uid == SETTINGS {
                self.settings.store(true, Ordering::Release);
            } else if *uid == CALLERS {
                store.counters.bump_callers();
            }
        }
    }
}
