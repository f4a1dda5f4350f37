//! Errors in a query, in the words of the contract.

use crate::brackets::BracketsError;
use serde_json::{Value as Json, json};

/// The class of an error; the server gives it a status and a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParamErrorKind {
    /// 400 ValidationError.
    Validation,
    /// 400 PaginationError.
    Pagination,
    /// 403 ForbiddenError.
    Forbidden,
    /// 414: the query string is too long.
    UriTooLong,
    /// 500: the plan reaches a type whose read policies were not evaluated.
    UnevaluatedPolicy,
}

/// The first error in a query.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct ParamError {
    /// Class of the error.
    pub kind: ParamErrorKind,
    /// Message for the client.
    pub message: String,
    /// `details` of the response: an object, `{}` if there are none.
    pub details: Json,
}

impl ParamError {
    /// A ValidationError with empty details.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self { kind: ParamErrorKind::Validation, message: message.into(), details: json!({}) }
    }

    /// 403 with the general message.
    pub(crate) fn forbidden() -> Self {
        Self { kind: ParamErrorKind::Forbidden, message: "Forbidden".into(), details: json!({}) }
    }

    /// A plan that reaches a type, by its uid, whose read policies should have been evaluated before: a fault of Cairn's, which must not show
    /// what a policy hides.
    pub(crate) fn unevaluated_policy(uid: &str) -> Self {
        let message = format!("The read policies of {uid} were not evaluated for this query");
        Self { kind: ParamErrorKind::UnevaluatedPolicy, message, details: json!({}) }
    }

    /// An error for a parameter that selects entries, on a write.
    pub(crate) fn only_in_reads(param: &str) -> Self {
        let message =
            format!("Invalid parameter {param}: a write changes the document of its path, whatever it contains");
        Self { details: json!({ "source": "query", "param": param }), ..Self::validation(message) }
    }

    /// A query beyond one of the [`QueryLimits`](crate::QueryLimits).
    pub(crate) fn too_complex(subject: impl std::fmt::Display) -> Self {
        Self::validation(format!("Query too complex: {subject}"))
    }

    /// An error for an unknown key: its path is the parent's (empty at the top).
    pub(crate) fn unknown_key(key: &str, parent: &str, param: &str) -> Self {
        if parent.is_empty() {
            Self::key_error(format!("Invalid key {key}"), key, None, param)
        } else {
            Self::key_error(format!("Invalid key {key} at {parent}"), key, Some(parent), param)
        }
    }

    /// An error for a key that exists but is not allowed there, or not for this caller: it has its full path.
    pub(crate) fn refused_key(key: &str, path: &str, param: &str) -> Self {
        if path == key {
            Self::key_error(format!("Invalid key {key}"), key, Some(path), param)
        } else {
            Self::key_error(format!("Invalid key {key} at {path}"), key, Some(path), param)
        }
    }

    fn key_error(message: String, key: &str, path: Option<&str>, param: &str) -> Self {
        let details = json!({ "key": key, "path": path, "source": "query", "param": param });
        Self { kind: ParamErrorKind::Validation, message, details }
    }
}

impl From<BracketsError> for ParamError {
    fn from(error: BracketsError) -> Self {
        match error {
            BracketsError::TooLong => {
                Self { kind: ParamErrorKind::UriTooLong, message: "URI Too Long".into(), details: json!({}) }
            }
            other => Self::validation(other.to_string()),
        }
    }
}
