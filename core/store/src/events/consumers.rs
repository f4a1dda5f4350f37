//! `cairn_consumers`: who receives events, and the position of each. One process drives a consumer at a time: it holds a lease, and
//! everything it writes for the consumer carries the lease's number, so that a process that lost the lease writes nothing.

use crate::connection::Connection;
use crate::connection::Value;
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};

/// State of a consumer: whether events are delivered to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsumerState {
    /// It receives events.
    Active,
    /// Paused by a person; events wait.
    Paused,
    /// Disabled by Cairn for the stored reason; events wait.
    Disabled,
}

impl ConsumerState {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "active" => Self::Active,
            "paused" => Self::Paused,
            _ => Self::Disabled,
        }
    }
}

/// A consumer of events, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerRow {
    /// Its name: `audit`, `webhook:3`.
    pub name: String,
    /// Position of the last event that it has passed.
    pub position: i64,
    /// State: whether events are delivered to it.
    pub state: ConsumerState,
    /// Why they are not; `None` while it is active.
    pub reason: Option<String>,
    /// Time of creation, in milliseconds.
    pub created_at: i64,
}

/// A lease: permission to drive a consumer for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerLease {
    /// Name of the consumer.
    pub consumer: String,
    /// The number of the lease.
    pub fence: i64,
    /// Position of the last event that it has passed.
    pub position: i64,
}

/// A consumer that a transaction has locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedConsumer {
    /// The permission to write for it, until the end of the transaction.
    pub lease: ConsumerLease,
    /// True if any of its deliveries waits or was given up.
    pub parked: bool,
}

impl namespaces::Consumers<Reader<'_>> {
    /// All consumers, by name.
    pub fn list(&self) -> Result<Vec<ConsumerRow>> {
        self.tx.conn.query_all(
            "reading the consumers",
            "SELECT name, position, state, reason, created_at FROM cairn_consumers ORDER BY name",
            (),
            |r| {
                let state: String = r.get(2)?;
                let state = ConsumerState::parse(&state);
                Ok(ConsumerRow {
                    name: r.get(0)?,
                    position: r.get(1)?,
                    state,
                    reason: r.get(3)?,
                    created_at: r.get(4)?,
                })
            },
        )
    }

    /// True if any consumer or job is leased, even by a process that died.
    pub fn has_leases(&self) -> Result<bool> {
        let sql = "SELECT 1 FROM cairn_consumers WHERE holder IS NOT NULL UNION ALL SELECT 1 FROM cairn_jobs WHERE state = 'running' LIMIT 1";
        self.tx.conn.exists("finding leases", sql, ())
    }
}

/// SQL: the holder begins with `?1:` and not with `?1:?2:`, so the lease is of a node, but not of its present run.
const ENDED_RUNS_SQL: &str = "holder >= ?1 || ':' AND holder < ?1 || ';' AND NOT (holder >= ?1 || ':' || ?2 || ':' AND holder < ?1 || ':' || ?2 || ';')";

impl namespaces::Consumers<Reader<'_>> {
    /// True if an earlier run of a node holds any lease: see
    /// [`consumers().release_leases_of_node`](crate::namespaces::Consumers::release_leases_of_node).
    pub fn has_leases_of_node(&self, node: &str, run: &str) -> Result<bool> {
        let sql = format!(
            "SELECT 1 FROM cairn_consumers WHERE leased_until > 0 AND {ENDED_RUNS_SQL}
             UNION ALL SELECT 1 FROM cairn_jobs WHERE state = 'running' AND leased_until > 0 AND {ENDED_RUNS_SQL} LIMIT 1"
        );
        self.tx.conn.exists("finding leases", &sql, (node, run))
    }
}

impl namespaces::Consumers<&mut WriteTx<'_>> {
    /// Adds a consumer unless one with that name exists; it receives what comes after the last event or, with `from_start`, all
    /// events that are retained.
    pub fn ensure(&mut self, name: &str, from_start: bool, now: i64) -> Result<()> {
        let position = if from_start { 0 } else { super::outbox::last_position(self.tx.conn)? };
        self.tx
            .conn
            .execute(
                "creating a consumer",
                "INSERT INTO cairn_consumers (name, position, state, fence, leased_until, created_at)
                 VALUES (?1, ?2, 'active', 0, 0, ?3) ON CONFLICT (name) DO NOTHING",
                (name, position, now),
            )
            .map(drop)
    }

    /// Deletes a consumer with its deliveries.
    pub fn delete(&mut self, name: &str) -> Result<()> {
        self.tx.conn.execute("removing a consumer", "DELETE FROM cairn_deliveries WHERE consumer = ?1", [name])?;
        self.tx.conn.execute("removing a consumer", "DELETE FROM cairn_consumers WHERE name = ?1", [name]).map(drop)
    }

    /// Stops a consumer, or resumes it at its position. Returns `false` if it does not exist.
    pub fn set_state(&mut self, name: &str, state: ConsumerState, reason: Option<&str>) -> Result<bool> {
        self.tx.changes.events = true;
        let sql = "UPDATE cairn_consumers SET state = ?2, reason = ?3 WHERE name = ?1";
        Ok(self.tx.conn.execute("changing a consumer", sql, (name, state.as_str(), reason))? > 0)
    }

    /// Takes or extends the lease of an active consumer, unless another process holds it.
    pub fn take_lease(&mut self, name: &str, holder: &str, now: i64, until: i64) -> Result<Option<ConsumerLease>> {
        let claimed = self.tx.conn.execute(
            "claiming a consumer",
            "UPDATE cairn_consumers
             SET fence = CASE WHEN holder = ?2 AND leased_until > ?3 THEN fence ELSE fence + 1 END, holder = ?2, leased_until = ?4
             WHERE name = ?1 AND state = 'active' AND (leased_until <= ?3 OR holder = ?2 OR holder IS NULL)",
            (name, holder, now, until),
        )?;
        if claimed == 0 {
            return Ok(None);
        }
        let sql = "SELECT fence, position FROM cairn_consumers WHERE name = ?1";
        self.tx.conn.query_first("claiming a consumer", sql, [name], |r| {
            Ok(ConsumerLease { consumer: name.to_owned(), fence: r.get(0)?, position: r.get(1)? })
        })
    }

    /// Locks those of the consumers that are active and that no other transaction has locked, until the end of this one. For consumers
    /// whose effects are in this transaction: they need no lease.
    pub fn lock(&mut self, names: &[&str]) -> Result<Vec<LockedConsumer>> {
        let values: Vec<Value> = names.iter().map(|name| (*name).into()).collect();
        let marks: Vec<String> = (1..=names.len()).map(|n| format!("?{n}")).collect();
        let lock = match self.tx.conn {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " FOR UPDATE OF c SKIP LOCKED",
        };
        let sql = format!(
            "SELECT c.name, c.fence, c.position, EXISTS (
               SELECT 1 FROM cairn_deliveries d WHERE d.consumer = c.name AND d.state IN ('waiting', 'dead'))
             FROM cairn_consumers c WHERE c.state = 'active' AND c.name IN ({}) ORDER BY c.name{lock}",
            marks.join(", ")
        );
        self.tx.conn.query_all("renewing consumers", &sql, &values[..], |r| {
            let drive = ConsumerLease { consumer: r.get(0)?, fence: r.get(1)?, position: r.get(2)? };
            Ok(LockedConsumer { lease: drive, parked: r.get(3)? })
        })
    }

    /// Advances consumers that this transaction has locked to a position.
    pub fn advance_locked(&mut self, leases: &[&ConsumerLease], position: i64) -> Result<()> {
        let mut values: Vec<Value> = vec![position.into()];
        values.extend(leases.iter().map(|drive| drive.consumer.as_str().into()));
        let marks: Vec<String> = (2..=values.len()).map(|n| format!("?{n}")).collect();
        let sql = format!("UPDATE cairn_consumers SET position = ?1 WHERE name IN ({})", marks.join(", "));
        self.tx.conn.execute("advancing consumers", &sql, &values[..]).map(drop)
    }

    /// Releases all leases. Only safe for a process that is alone on the database.
    pub fn release_leases(&mut self) -> Result<()> {
        let sql = "UPDATE cairn_consumers SET leased_until = 0, holder = NULL WHERE holder IS NOT NULL";
        self.tx.conn.execute("releasing consumers", sql, ())?;
        let sql = "UPDATE cairn_jobs SET leased_until = 0 WHERE state = 'running'";
        self.tx.conn.execute("releasing jobs", sql, ()).map(drop)
    }

    /// Releases the leases of earlier runs of a node. Holders are `<node>:<run>:<engine>`; only safe for a caller that knows
    /// that those runs have ended.
    pub fn release_leases_of_node(&mut self, node: &str, run: &str) -> Result<()> {
        for (doing, table) in [("releasing consumers", "cairn_consumers"), ("releasing jobs", "cairn_jobs")] {
            let sql = format!("UPDATE {table} SET leased_until = 0 WHERE leased_until > 0 AND {ENDED_RUNS_SQL}");
            self.tx.conn.execute(doing, &sql, (node, run))?;
        }
        Ok(())
    }

    /// Releases the lease, so that another process can drive the consumer.
    pub fn release_lease(&mut self, drive: &ConsumerLease) -> Result<()> {
        let sql = "UPDATE cairn_consumers SET leased_until = 0, holder = NULL WHERE name = ?1 AND fence = ?2";
        self.tx.conn.execute("releasing a consumer", sql, (&drive.consumer, drive.fence)).map(drop)
    }

    /// Advances a consumer to a position. Must be called in every transaction that has effects of a delivery: if the lease was lost it
    /// returns [`StoreError::Lost`], and the transaction is rolled back.
    pub fn advance(&mut self, drive: &ConsumerLease, position: i64) -> Result<()> {
        let sql = "UPDATE cairn_consumers SET position = ?3 WHERE name = ?1 AND fence = ?2 AND state = 'active'";
        let has_lease =
            self.tx.conn.execute("advancing a consumer", sql, (&drive.consumer, drive.fence, position))? > 0;
        if has_lease { Ok(()) } else { Err(StoreError::Lost) }
    }
}
