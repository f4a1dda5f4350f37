//! Errors of PostgreSQL and the connection → errors that the store's callers can handle. The server's detail and hint are left
//! out: they contain values.

use crate::StoreError;
use crate::statement_limit::STATEMENT_LIMIT_MS;
use sqlx::Error;
use sqlx::postgres::{PgDatabaseError, PgSeverity};

/// The codes of PostgreSQL that mean something to us
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
mod sqlstate {
    pub(super) const DIVISION_BY_ZERO: &str = "22012";
    pub(super) const UNIQUE_VIOLATION: &str = "23505";
    pub(super) const READ_ONLY_SQL_TRANSACTION: &str = "25006";
    pub(super) const IDLE_IN_TRANSACTION_SESSION_TIMEOUT: &str = "25P03";
    pub(super) const INVALID_AUTHORIZATION: &str = "28000";
    pub(super) const INVALID_PASSWORD: &str = "28P01";
    pub(super) const INVALID_CATALOG_NAME: &str = "3D000";
    pub(super) const SERIALIZATION_FAILURE: &str = "40001";
    pub(super) const DEADLOCK_DETECTED: &str = "40P01";
    pub(super) const INSUFFICIENT_PRIVILEGE: &str = "42501";
    pub(super) const DISK_FULL: &str = "53100";
    pub(super) const OUT_OF_MEMORY: &str = "53200";
    pub(super) const TOO_MANY_CONNECTIONS: &str = "53300";
    pub(super) const PROGRAM_LIMIT_EXCEEDED: &str = "54000";
    pub(super) const LOCK_NOT_AVAILABLE: &str = "55P03";
    pub(super) const QUERY_CANCELED: &str = "57014";
    pub(super) const ADMIN_SHUTDOWN: &str = "57P01";
    pub(super) const CRASH_SHUTDOWN: &str = "57P02";
    pub(super) const CANNOT_CONNECT_NOW: &str = "57P03";
}

/// Returns the error that the server reported; `None` if the error is another.
pub(super) fn server_error(e: &Error) -> Option<&PgDatabaseError> {
    e.as_database_error()?.try_downcast_ref()
}

/// The transaction lost against another one, and may be retried.
pub(super) fn is_conflict(e: &Error) -> bool {
    server_error(e).is_some_and(|db| matches!(db.code(), sqlstate::SERIALIZATION_FAILURE | sqlstate::DEADLOCK_DETECTED))
}

/// True if the guard at the start of a transaction found another generation of the schema (`change::GENERATION_GUARD_SQL`): no other
/// statement divides.
pub(super) fn is_outdated(e: &Error) -> bool {
    server_error(e).is_some_and(|db| db.code() == sqlstate::DIVISION_BY_ZERO)
}

/// True if the connection cannot be used after the error.
pub(super) fn ends_connection(e: &Error) -> bool {
    match e {
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) => true,
        e => server_error(e).is_some_and(|db| matches!(db.severity(), PgSeverity::Fatal | PgSeverity::Panic)),
    }
}

/// Wraps a driver's error with the operation that failed.
pub(super) fn failed(doing: &'static str, e: &Error) -> StoreError {
    let Some(db) = server_error(e) else {
        return if ends_connection(e) {
            StoreError::Unavailable(format!("{doing}: {e}"))
        } else {
            StoreError::Database { doing, source: e.to_string().into() }
        };
    };
    let describe_error = || format!("{} ({})", db.message(), db.code());
    match db.code() {
        sqlstate::UNIQUE_VIOLATION => StoreError::Unique,
        sqlstate::SERIALIZATION_FAILURE | sqlstate::DEADLOCK_DETECTED | sqlstate::LOCK_NOT_AVAILABLE => {
            StoreError::Conflict
        }
        // Of `change::GENERATION_GUARD_SQL`: no other statement divides.
        sqlstate::DIVISION_BY_ZERO => StoreError::Outdated,
        sqlstate::QUERY_CANCELED => StoreError::Timeout(STATEMENT_LIMIT_MS),
        sqlstate::DISK_FULL | sqlstate::READ_ONLY_SQL_TRANSACTION => StoreError::Unwritable(describe_error()),
        sqlstate::INSUFFICIENT_PRIVILEGE => StoreError::Schema(format!(
            "{}: the user in the database URL must own the schema or have permission to create it: GRANT CREATE ON \
             DATABASE … TO …",
            db.message()
        )),
        sqlstate::PROGRAM_LIMIT_EXCEEDED => StoreError::TooLarge,
        sqlstate::TOO_MANY_CONNECTIONS
        | sqlstate::OUT_OF_MEMORY
        | sqlstate::ADMIN_SHUTDOWN
        | sqlstate::CRASH_SHUTDOWN
        | sqlstate::CANNOT_CONNECT_NOW
        | sqlstate::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => StoreError::Unavailable(describe_error()),
        code if code.starts_with("08") => StoreError::Unavailable(describe_error()),
        _ => StoreError::Database { doing, source: describe_error().into() },
    }
}

/// Explains why a connection could not be opened, with the remedy. `place` is host and port, without user or password.
pub(super) fn refused(place: &str, e: &Error) -> StoreError {
    let Some(db) = server_error(e) else {
        let cause = std::error::Error::source(e).map_or_else(|| e.to_string(), ToString::to_string);
        return StoreError::Unavailable(format!(
            "PostgreSQL at {place} cannot be reached: {cause}. Check that it is running, and that host, port and \
             sslmode in the database URL are correct"
        ));
    };
    match db.code() {
        sqlstate::INVALID_PASSWORD | sqlstate::INVALID_AUTHORIZATION => StoreError::Schema(format!(
            "PostgreSQL at {place} rejected the user or the password in the database URL: {}",
            db.message()
        )),
        sqlstate::INVALID_CATALOG_NAME => StoreError::Schema(format!(
            "PostgreSQL at {place}: {}. Create it with `createdb`, or name another database in the database URL",
            db.message()
        )),
        code => StoreError::Unavailable(format!("PostgreSQL at {place}: {} ({code})", db.message())),
    }
}
