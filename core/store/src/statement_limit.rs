//! The limit on the time of a statement.

/// Time in milliseconds after which a statement that reads is stopped (503): one request must not occupy a core.
pub(crate) const STATEMENT_LIMIT_MS: u64 = 2_000;
