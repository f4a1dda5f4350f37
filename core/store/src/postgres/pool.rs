//! A bounded number of connections of one kind, shared by all schemas of a database. A caller that needs one waits a little; after that the
//! response is "busy", so that a slow database does not pile up the requests of a process.
//!
//! Not the driver's pool: that one asks the server whenever a connection is returned, from a task that another thread has to run.

use super::connector::{Connector, Role};
use super::session::Session;
use crate::connection::Connection;
use crate::{Result, StoreError};
use parking_lot::{Condvar, Mutex};
use sqlx::postgres::PgConnectOptions;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait for a connection; after it the database is reported as busy.
const PATIENCE: Duration = Duration::from_secs(5);
/// Number of callers that may wait at a time.
const WAITING: usize = 256;
/// Idle time after which a connection is checked before it is used.
const TRUSTED: Duration = Duration::from_secs(2);

pub(super) struct Pool {
    connector: Arc<Connector>,
    size: usize,
    state: Mutex<PoolState>,
    freed: Condvar,
}

#[derive(Default)]
struct PoolState {
    idle: Vec<Connection>,
    open: usize,
    waiting: usize,
}

impl Pool {
    pub(super) fn new(options: PgConnectOptions, role: Role, size: usize) -> Self {
        Self {
            connector: Arc::new(Connector::new(options, role)),
            size,
            state: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    pub(super) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// A connection whose search path is that schema. Blocks.
    pub(super) fn get(&self, schema: &str) -> Result<Lease<'_>> {
        loop {
            let lease = Lease { pool: self, connection: Some(self.take()?) };
            let session = lease.session();
            if Self::stands(session) {
                session.enter(schema)?;
                return Ok(lease);
            }
            // Dropped, it makes room.
        }
    }

    /// True if an idle connection can be used. The server is not asked each time, which would cost a round trip: a connection that has
    /// ended since it was last used is replaced when its transaction begins.
    fn stands(session: &Session) -> bool {
        !session.is_broken() && (session.used.get().elapsed() < TRUSTED || session.check())
    }

    fn take(&self) -> Result<Connection> {
        let mut state = self.state.lock();
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(connection) = state.idle.pop() {
                return Ok(connection);
            }
            if state.open < self.size {
                state.open += 1;
                drop(state);
                return self.connect().inspect_err(|_| {
                    self.state.lock().open -= 1;
                    self.freed.notify_one();
                });
            }
            if state.waiting >= WAITING {
                return Err(StoreError::Unavailable(format!(
                    "all connections to {} are in use",
                    self.connector.place()
                )));
            }
            state.waiting += 1;
            let late = self.freed.wait_until(&mut state, until).timed_out();
            state.waiting -= 1;
            if late {
                return Err(StoreError::Unavailable(format!(
                    "no connection to {} became free in time",
                    self.connector.place()
                )));
            }
        }
    }

    fn connect(&self) -> Result<Connection> {
        Ok(Connection::Postgres(Box::new(self.session()?)))
    }

    /// A connection that is not counted by the pool, for a long-lived user.
    pub(super) fn session(&self) -> Result<Session> {
        Session::connect(self.connector.clone())
    }

    fn give_back(&self, connection: Connection) {
        let broken = match &connection {
            Connection::Postgres(session) => {
                session.used.set(Instant::now());
                session.is_broken()
            }
            Connection::Sqlite(_) => true,
        };
        let mut state = self.state.lock();
        if broken {
            state.open -= 1;
        } else {
            state.idle.push(connection);
        }
        drop(state);
        self.freed.notify_one();
    }
}

/// A connection that returns to the pool when dropped.
pub(super) struct Lease<'p> {
    pool: &'p Pool,
    connection: Option<Connection>,
}

impl Lease<'_> {
    pub(super) fn session(&self) -> &Session {
        match &self.connection {
            Some(Connection::Postgres(session)) => session,
            // Pools of this module hold nothing else, and only `drop` takes it out.
            _ => unreachable!("a lease without its session"),
        }
    }
}

impl Deref for Lease<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        self.connection.as_ref().unwrap_or_else(|| unreachable!("a lease without its session"))
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // A panic may have left it anywhere.
            if let Connection::Postgres(session) = &connection {
                session.rollback();
            }
            self.pool.give_back(connection);
        }
    }
}
