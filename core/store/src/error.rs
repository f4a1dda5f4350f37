//! Errors below `content`: of the database itself, of inconsistent data, or a unique clash.

use crate::statement_limit::STATEMENT_LIMIT_MS;

/// The result of functions of this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed; the message begins with the operation.
    #[error("{doing}: {source}")]
    Database {
        /// The operation, as text for people.
        doing: &'static str,
        /// The driver's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A unique index refused a row. Which attributes clash:
    /// [`documents().find_unique_clashes`](crate::namespaces::Documents::find_unique_clashes).
    #[error("a unique index rejected the row")]
    Unique,
    /// A statement ran longer than the limit and was stopped.
    #[error("the query took longer than {0} ms and was stopped")]
    Timeout(u64),
    /// A rehearsal was stopped after that many milliseconds: see [`Store::rehearse`](crate::Store::rehearse).
    #[error("the preview took {0} ms and was stopped")]
    RehearsalTooLong(u64),
    /// A response grew beyond [`crate::content::MAX_RESPONSE_BYTES`] bytes.
    #[error("the response is larger than {0} bytes; request fewer entries, fields or relations")]
    AnswerTooLarge(usize),
    /// The disk is full or the database cannot be written.
    #[error("the database cannot be written: {0}")]
    Unwritable(String),
    /// The database cannot be reached at the moment, or has no free connection.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// Another process has changed the schema, and this one has not loaded it yet: nothing was written.
    #[error("another process has changed the content types; try again when this process has loaded them")]
    Outdated,
    /// The transaction lost against others repeatedly.
    #[error("the data kept being changed by other transactions; try again")]
    Conflict,
    /// Another process has taken over the job or consumer: the work of this one is rolled back.
    #[error("another process has taken over this work")]
    Lost,
    /// More items match than this limit: narrow the filter.
    #[error("more than {0} items match; narrow the selection")]
    TooMany(i64),
    /// A value is too long for an index it has to be in.
    #[error("a value is too long for its index")]
    TooLarge,
    /// Stored data does not match the model; names the place.
    #[error("stored data of {place} cannot be read: {message}")]
    Corrupt {
        /// Table and row.
        place: String,
        /// Description of the problem.
        message: String,
    },
    /// The schema on disk and the model do not match; says what to do.
    #[error("{0}")]
    Schema(String),
    /// The store is shutting down, or its writer ended.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Wraps a driver error with the operation that failed.
    pub(crate) fn sqlite_error(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
        move |source| {
            if let rusqlite::Error::SqliteFailure(e, message) = &source {
                use rusqlite::ErrorCode;
                match (e.code, e.extended_code) {
                    // 2067: SQLITE_CONSTRAINT_UNIQUE
                    (ErrorCode::ConstraintViolation, 2067) => return StoreError::Unique,
                    (ErrorCode::OperationInterrupted, _) => {
                        return StoreError::Timeout(STATEMENT_LIMIT_MS);
                    }
                    (ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::CannotOpen, _) => {
                        return StoreError::Unwritable(message.clone().unwrap_or_else(|| source.to_string()));
                    }
                    _ => {}
                }
            }
            StoreError::Database { doing, source: source.into() }
        }
    }
}
