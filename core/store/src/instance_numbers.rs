//! Ids of component instances: assigned without a lock, reserved in the database in blocks.

use crate::Result;
use crate::connection::Connection;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

/// Number of ids that a process reserves at a time (on PostgreSQL: the increment of the sequence).
const INSTANCE_BLOCK: i64 = 1_000;

/// Ids of a store's component instances.
pub(crate) enum InstanceNumbers {
    /// One process writes, and reserves with its commits.
    Sqlite {
        next: AtomicI64,
        /// The first id that is not reserved yet.
        reserved: AtomicI64,
    },
    /// Blocks come from a sequence, which no transaction rolls back.
    Postgres {
        /// The next id, and the end of the reserved block.
        block: Mutex<(i64, i64)>,
    },
}

impl InstanceNumbers {
    pub(crate) fn load(conn: &Connection) -> Result<Self> {
        Ok(match conn {
            Connection::Sqlite(_) => {
                let next = read_next(conn)?;
                Self::Sqlite { next: AtomicI64::new(next), reserved: AtomicI64::new(next) }
            }
            Connection::Postgres(_) => Self::Postgres { block: Mutex::new((0, 0)) },
        })
    }

    /// Returns the next id.
    pub(crate) fn next(&self, conn: &Connection) -> Result<i64> {
        match self {
            Self::Sqlite { next, .. } => Ok(next.fetch_add(1, Ordering::AcqRel)),
            Self::Postgres { block } => {
                let mut block = block.lock();
                if block.0 == block.1 {
                    let sql = "SELECT nextval('cairn_instances')";
                    let first: Option<i64> = conn.query_first("reserving instance ids", sql, (), |r| r.get(0))?;
                    let first = first.unwrap_or(1);
                    *block = (first, first + INSTANCE_BLOCK);
                }
                block.0 += 1;
                Ok(block.0 - 1)
            }
        }
    }

    /// Makes `first` the next id in the database; ids of this process are never below it.
    pub(crate) fn restart_at(&self, conn: &Connection, first: i64) -> Result<()> {
        match self {
            Self::Sqlite { .. } => {
                let sql = "INSERT INTO cairn_sequences (name, next) VALUES ('instance', ?1)
                           ON CONFLICT (name) DO UPDATE SET next = excluded.next";
                conn.execute("setting a sequence", sql, [first])?;
                self.raise_to(first);
            }
            Self::Postgres { .. } => {
                conn.exists("setting a sequence", "SELECT setval('cairn_instances', ?1, false)", [first])?;
                self.forget();
            }
        }
        Ok(())
    }

    /// Continues where another process has got to (a restored backup has other numbers). Does nothing on PostgreSQL.
    pub(crate) fn catch_up(&self, conn: &Connection) -> Result<()> {
        if let Self::Sqlite { reserved, .. } = self {
            let elsewhere = read_next(conn)?;
            // Ids that this process has reserved itself lie in between, and are its own.
            if elsewhere > reserved.load(Ordering::Acquire) {
                self.raise_to(elsewhere);
            }
        }
        Ok(())
    }

    /// Reserves ids with a commit, so that a committed one is never assigned again. Does nothing on PostgreSQL, where they are reserved
    /// before they are assigned.
    pub(crate) fn reserve_block(&self, conn: &Connection) -> Result<()> {
        let Self::Sqlite { next, reserved } = self else { return Ok(()) };
        let next = next.load(Ordering::Acquire);
        if next > reserved.load(Ordering::Acquire) {
            let end = next + INSTANCE_BLOCK;
            conn.execute(
                "reserving instance ids",
                "INSERT INTO cairn_sequences (name, next) VALUES ('instance', ?1)
                 ON CONFLICT (name) DO UPDATE SET next = max(next, excluded.next)",
                [end],
            )?;
            reserved.store(end, Ordering::Release);
        }
        Ok(())
    }

    /// Drops the reserved ids: the sequence may have been reset. Does nothing on SQLite.
    pub(crate) fn forget(&self) {
        if let Self::Postgres { block } = self {
            *block.lock() = (0, 0);
        }
    }

    /// Makes the next id at least `first`, which is the database's.
    fn raise_to(&self, first: i64) {
        if let Self::Sqlite { next, reserved } = self {
            next.fetch_max(first, Ordering::AcqRel);
            reserved.fetch_max(first, Ordering::AcqRel);
        }
    }
}

/// The next id that the database has not reserved (SQLite).
fn read_next(conn: &Connection) -> Result<i64> {
    let sql = "SELECT coalesce(max(next), 1) FROM cairn_sequences WHERE name = 'instance'";
    Ok(conn.query_first("reading the sequences", sql, (), |r| r.get(0))?.unwrap_or(1))
}
