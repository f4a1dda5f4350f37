//! Reads from a replica: a node sends reads there once the replica has applied what the node itself and (by their notices) the others have
//! written, and to the primary until then.

use super::pool::Pool;
use crate::Result;
use parking_lot::Mutex;
use std::sync::Weak;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Interval at which the replica's progress is queried.
const PULSE: Duration = Duration::from_millis(20);

/// A read replica.
pub(super) struct Replica {
    pub(super) pool: Pool,
    /// Position in the primary's log up to which this node knows of writes.
    needed: AtomicI64,
    /// Position up to which the replica has replayed the log; -1 if it does not respond.
    replayed: AtomicI64,
    started: Mutex<bool>,
}

/// SQL for a position in the log as a number, so that positions can be compared.
const WRITTEN: &str = "SELECT CAST(pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS bigint)";
const REPLAYED: &str = "SELECT CAST(pg_last_wal_replay_lsn() - '0/0'::pg_lsn AS bigint)";

impl Replica {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool, needed: AtomicI64::new(0), replayed: AtomicI64::new(-1), started: Mutex::new(false) }
    }

    /// True if the replica has applied everything that is known to be written.
    pub(super) fn is_current(&self) -> bool {
        let replayed = self.replayed.load(Ordering::Acquire);
        replayed >= 0 && replayed >= self.needed.load(Ordering::Acquire)
    }

    /// Records how far the primary is, after a write here or on another node.
    pub(super) fn note_write(&self, connection: &crate::connection::Connection) -> Result<()> {
        let place = connection.query_first("reading the position in the log", WRITTEN, (), |r| r.get(0));
        match place {
            Ok(Some(place)) => {
                // Unknown before: now it is known again.
                let _ = self.needed.compare_exchange(i64::MAX, place, Ordering::AcqRel, Ordering::Acquire);
                self.needed.fetch_max(place, Ordering::AcqRel);
            }
            // The replica counts as behind until the position is known.
            _ => self.needed.store(i64::MAX, Ordering::Release),
        }
        place.map(drop)
    }

    /// Starts following the replica's progress, once.
    pub(super) fn follow(replica: &std::sync::Arc<Self>) {
        let mut started = replica.started.lock();
        if std::mem::replace(&mut *started, true) {
            return;
        }
        let weak = std::sync::Arc::downgrade(replica);
        let thread = std::thread::Builder::new().name("cairn-replica".into()).spawn(move || ask(&weak));
        if let Err(error) = thread {
            tracing::error!(%error, "the replica is not used for reads");
        }
    }
}

fn ask(replica: &Weak<Replica>) {
    let mut session = None;
    while let Some(replica) = replica.upgrade() {
        let result = match &session {
            None => replica.pool.session().map(|s| {
                session = Some(crate::connection::Connection::Postgres(Box::new(s)));
                None
            }),
            Some(connection) => {
                connection.query_first("querying the replica", REPLAYED, (), |r| r.get::<Option<i64>>(0))
            }
        };
        match result {
            // A standby that has replayed nothing yet, or no standby at all, answers null.
            Ok(place) => replica.replayed.store(place.flatten().unwrap_or(-1), Ordering::Release),
            Err(error) => {
                tracing::debug!(%error, "the replica cannot be queried; using the primary");
                replica.replayed.store(-1, Ordering::Release);
                session = None;
                std::thread::sleep(Duration::from_millis(500));
            }
        }
        drop(replica);
        std::thread::sleep(PULSE);
    }
}
