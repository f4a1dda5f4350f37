//! A bounded number of connections of one kind, shared by all schemas of a database. A caller that needs one waits a little; after that the
//! response is "busy", so that a slow database does not pile up the requests of a process.

use super::error::refused;
use super::session::Session;
use super::tls::{self, ConnectionConfig};
use crate::connection::Connection;
use crate::database::STATEMENT_LIMIT_MS;
use crate::{Result, StoreError};
use parking_lot::{Condvar, Mutex};
use std::ops::Deref;
use std::time::{Duration, Instant};
use tokio_postgres::NoTls;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Longest wait for a connection; after it the database is reported as busy.
const PATIENCE: Duration = Duration::from_secs(5);
/// Number of callers that may wait at a time.
const WAITING: usize = 256;
/// Idle time after which a connection is checked before it is used.
const TRUSTED: Duration = Duration::from_secs(2);

/// The purpose of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// One snapshot per transaction, nothing is written, statements are stopped at the limit.
    Reader,
    /// Each statement sees what was committed before it began; waits for locks are bounded.
    Writer,
}

pub(super) struct Pool {
    configured: ConnectionConfig,
    tls: Option<MakeRustlsConnect>,
    place: String,
    role: Role,
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
    pub(super) fn new(configured: ConnectionConfig, role: Role, size: usize) -> Result<Self, String> {
        let tls = configured.options.encrypts().then(|| tls::connector(&configured.options)).transpose()?;
        let place = super::options::server_place(&configured);
        Ok(Self { configured, tls, place, role, size, state: Mutex::default(), freed: Condvar::new() })
    }

    /// A connection whose search path is that schema. Blocks.
    pub(super) fn get(&self, schema: &str) -> Result<Lease<'_>> {
        loop {
            let lease = Lease { pool: self, connection: Some(self.take()?) };
            let session = lease.session();
            if self.stands(session) {
                session.enter(schema)?;
                return Ok(lease);
            }
            // Dropped, it makes room.
        }
    }

    /// Whether an idle connection can be used. Local knowledge is checked each time, which costs no round trip and detects a server that
    /// ended; one that went silent is detected only by a query.
    fn stands(&self, session: &Session) -> bool {
        !session.has_ended() && (session.used.get().elapsed() < TRUSTED || session.check())
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
                return Err(StoreError::Unavailable(format!("all connections to {} are in use", self.place)));
            }
            state.waiting += 1;
            let late = self.freed.wait_until(&mut state, until).timed_out();
            state.waiting -= 1;
            if late {
                return Err(StoreError::Unavailable(format!("no connection to {} became free in time", self.place)));
            }
        }
    }

    fn connect(&self) -> Result<Connection> {
        Ok(Connection::Postgres(Box::new(self.session()?)))
    }

    /// A connection that is not counted by the pool, for a long-lived user.
    pub(super) fn session(&self) -> Result<Session> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| StoreError::Unavailable(format!("cannot open a connection: {e}")))?;
        let config = &self.configured.config;
        let connected = match &self.tls {
            None => runtime.block_on(config.connect(NoTls)).map(|(client, mut wire)| {
                let wire: Box<dyn FnMut(&mut std::task::Context<'_>) -> _ + Send> =
                    Box::new(move |cx| wire.poll_message(cx));
                (client, wire)
            }),
            Some(tls) => runtime.block_on(config.connect(tls.clone())).map(|(client, mut wire)| {
                let wire: Box<dyn FnMut(&mut std::task::Context<'_>) -> _ + Send> =
                    Box::new(move |cx| wire.poll_message(cx));
                (client, wire)
            }),
        };
        let (client, wire) = connected.map_err(|e| refused(&self.place, &e))?;
        let session = Session::new(runtime, client, wire);
        session.simple("configuring a connection", &self.settings())?;
        // Distributed engines do not know these two; PostgreSQL plans short queries better with them.
        let _ = session.simple("configuring a connection", "SET jit = off");
        Ok(session)
    }

    fn settings(&self) -> String {
        match self.role {
            Role::Reader => format!(
                "SET TimeZone = 'UTC'; SET statement_timeout = {STATEMENT_LIMIT_MS};
                 SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
            ),
            Role::Writer => "SET TimeZone = 'UTC'; SET statement_timeout = 60000; SET lock_timeout = 10000;
                 SET idle_in_transaction_session_timeout = 60000;
                 SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED"
                .to_owned(),
        }
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
