//! Errors of PostgreSQL and the connection → errors that the store's callers can handle. The server's detail and hint are left
//! out: they contain values.

use crate::StoreError;
use crate::database::STATEMENT_LIMIT_MS;
use std::error::Error as _;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// The transaction lost against another one, and may be retried.
pub(super) fn is_conflict(e: &Error) -> bool {
    matches!(e.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED))
}

/// Wraps a driver's error with the operation that failed.
pub(super) fn failed(doing: &'static str, e: &Error) -> StoreError {
    let Some(db) = e.as_db_error() else {
        let cause = e.source().map_or_else(String::new, |s| format!(": {s}"));
        return if e.is_closed() || e.source().is_some_and(|s| s.is::<std::io::Error>()) {
            StoreError::Unavailable(format!("{doing}: {e}{cause}"))
        } else {
            StoreError::Database { doing, source: format!("{e}{cause}").into() }
        };
    };
    let told = || format!("{} ({})", db.message(), db.code().code());
    match *db.code() {
        SqlState::UNIQUE_VIOLATION => StoreError::Unique,
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED | SqlState::LOCK_NOT_AVAILABLE => {
            StoreError::Conflict
        }
        // Of `change::GENERATION_GUARD_SQL`: no other statement divides.
        SqlState::DIVISION_BY_ZERO => StoreError::outdated(),
        SqlState::QUERY_CANCELED => StoreError::Timeout(STATEMENT_LIMIT_MS),
        SqlState::DISK_FULL | SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::Unwritable(told()),
        SqlState::INSUFFICIENT_PRIVILEGE => StoreError::Schema(format!(
            "{}: the user in the database URL must own the schema or have permission to create it: GRANT CREATE ON \
             DATABASE … TO …",
            db.message()
        )),
        SqlState::PROGRAM_LIMIT_EXCEEDED => StoreError::TooLarge,
        SqlState::TOO_MANY_CONNECTIONS
        | SqlState::OUT_OF_MEMORY
        | SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => StoreError::Unavailable(told()),
        _ if db.code().code().starts_with("08") => StoreError::Unavailable(told()),
        _ => StoreError::Database { doing, source: told().into() },
    }
}

/// Explains why a connection could not be opened, with the remedy. `place` is host and port, without user or password.
pub(super) fn refused(place: &str, e: &Error) -> StoreError {
    let Some(db) = e.as_db_error() else {
        let cause = e.source().map_or_else(|| e.to_string(), ToString::to_string);
        return StoreError::Unavailable(format!(
            "PostgreSQL at {place} cannot be reached: {cause}. Check that it is running, and that host, port and \
             sslmode in the database URL are correct"
        ));
    };
    match *db.code() {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => StoreError::Schema(format!(
            "PostgreSQL at {place} rejected the user or the password in the database URL: {}",
            db.message()
        )),
        SqlState::INVALID_CATALOG_NAME => StoreError::Schema(format!(
            "PostgreSQL at {place}: {}. Create it with `createdb`, or name another database in the database URL",
            db.message()
        )),
        _ => StoreError::Unavailable(format!("PostgreSQL at {place}: {} ({})", db.message(), db.code().code())),
    }
}
