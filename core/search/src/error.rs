//! What goes wrong.

/// One complaint about what was asked or put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: `filters.price.$gt`, `document.title`.
    pub path: String,
    /// Stable, for programs: `unknown`, `type`, `too-long`.
    pub code: &'static str,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(path: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { path: path.into(), code, message: message.into() }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// What was asked cannot be answered.
    #[error("{}", .0.message)]
    Invalid(Problem),
    /// Files that cannot be read or written, or are damaged.
    #[error("the index failed: {0}")]
    Engine(#[from] tantivy::TantivyError),
    /// Files that cannot be read or written.
    #[error("the index failed: {0}")]
    Files(#[from] std::io::Error),
}

impl SearchError {
    pub(crate) fn invalid(path: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(Problem::new(path, code, message))
    }
}

/// What this crate's functions answer.
pub(crate) type Result<T> = std::result::Result<T, SearchError>;
