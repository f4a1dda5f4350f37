//! Errors of indexes and searches.

/// One problem of a request or an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchProblem {
    /// Path such as `filters.price.$gt` or `document.title`.
    pub path: String,
    /// Stable code for programs: `unknown`, `type`, `too-long`.
    pub code: &'static str,
    /// Description of the problem, and what to write instead.
    pub message: String,
}

impl SearchProblem {
    pub(crate) fn new(path: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { path: path.into(), code, message: message.into() }
    }
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The request is invalid.
    #[error("{}", .0.message)]
    Invalid(SearchProblem),
    /// The engine failed: files cannot be read or written, or are damaged.
    #[error("the index failed: {0}")]
    Engine(#[from] tantivy::TantivyError),
    /// Files that cannot be read or written.
    #[error("the index failed: {0}")]
    Files(#[from] std::io::Error),
}

impl SearchError {
    pub(crate) fn invalid(path: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(SearchProblem::new(path, code, message))
    }
}

/// The result of this crate's functions.
pub(crate) type Result<T> = std::result::Result<T, SearchError>;
