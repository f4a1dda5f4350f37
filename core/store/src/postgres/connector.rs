//! Opens connections to a PostgreSQL server, and configures them for their purpose.

use super::error::{failed, refused};
use crate::Result;
use crate::statement_limit::STATEMENT_LIMIT_MS;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use std::time::Duration;

/// Longest wait until a connection is open.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Number of cached prepared statements.
pub(super) const PREPARED: usize = 512;

/// The purpose of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// One snapshot per transaction, nothing is written, statements are stopped at the limit.
    Reader,
    /// Each statement sees what was committed before it began; waits for locks are bounded.
    Writer,
}

/// Opens connections of one kind.
pub(super) struct Connector {
    options: PgConnectOptions,
    place: String,
    role: Role,
}

impl Connector {
    pub(super) fn new(options: PgConnectOptions, role: Role) -> Self {
        let place = server_place(&options);
        let options = options.statement_cache_capacity(PREPARED).disable_statement_logging();
        Self { options, place, role }
    }

    /// Host, port and database, without user and password.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    pub(super) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// Opens a connection and configures it.
    pub(super) async fn connect(&self) -> Result<PgConnection> {
        let opened = tokio::time::timeout(CONNECT_TIMEOUT, self.options.connect()).await;
        let opened = opened.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()));
        let mut connection = opened.map_err(|e| refused(&self.place, &e))?;
        let settings = sqlx::raw_sql(self.role.settings()).execute(&mut connection).await;
        settings.map_err(|e| failed("configuring a connection", &e))?;
        // Distributed engines do not know this; PostgreSQL plans short queries better with it.
        let _ = sqlx::raw_sql("SET jit = off").execute(&mut connection).await;
        Ok(connection)
    }
}

impl Role {
    fn settings(self) -> sqlx::AssertSqlSafe<String> {
        // Notices are no concern of the log's readers.
        let common = "SET TimeZone = 'UTC'; SET client_min_messages = warning";
        sqlx::AssertSqlSafe(match self {
            Self::Reader => format!(
                "{common}; SET statement_timeout = {STATEMENT_LIMIT_MS};
                 SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
            ),
            Self::Writer => format!(
                "{common}; SET statement_timeout = 60000; SET lock_timeout = 10000;
                 SET idle_in_transaction_session_timeout = 60000;
                 SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED"
            ),
        })
    }
}

/// Host, port and database, without user and password.
pub(super) fn server_place(options: &PgConnectOptions) -> String {
    let host = options.get_socket().map_or_else(|| options.get_host().into(), |path| path.display().to_string());
    format!("{host}:{}/{}", options.get_port(), options.get_database().unwrap_or_default())
}
