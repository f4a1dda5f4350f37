//! Errors of use-cases. Each refusal is of an [`ErrorKind`], which has the status and the name of the response.

use cairn_access::PasswordError;
use cairn_model::ErrorKind;
use cairn_model::validate::FieldError;
use cairn_query::{ParamError, ParamErrorKind};
use cairn_store::StoreError;
use serde_json::{Value as Json, json};

/// The result of a use-case.
pub type Result<T, E = ContentError> = std::result::Result<T, E>;

/// An error of a use-case.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The request is invalid, or not permitted.
    #[error("{}", .0.message)]
    Refused(Refusal),
    /// The store returned an error.
    #[error(transparent)]
    Store(StoreError),
    /// Another write came between the look-up and the transaction: to be retried. Never leaves this crate.
    #[error("the entry has been changed in the meantime")]
    Changed,
    /// Files could not be stored.
    #[error("{0}")]
    Files(String),
    /// A query reaches a type whose read policies were not evaluated: refused, so that nothing is shown that a policy hides.
    #[error("{0}")]
    UnevaluatedPolicy(String),
    /// The file store cannot be reached at the moment.
    #[error("{0}")]
    FilesAway(String),
}

/// The error that the client gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// Class of the error.
    pub kind: RefusalKind,
    /// Message for people.
    pub message: String,
    /// Details for programs, an object.
    pub details: Json,
}

/// The classes of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// Input that is not valid.
    Validation,
    /// A page that is not valid.
    Pagination,
    /// A rule of the application that forbids it.
    Application,
    /// A permission that the caller lacks.
    Forbidden,
    /// A document that does not exist for this caller.
    NotFound,
    /// A document that has changed since the client read it.
    Conflict,
    /// A body or a file that is too large.
    TooLarge,
    /// A query that is too long.
    UriTooLong,
    /// Too many requests.
    TooMany,
    /// Something that works again later.
    Unavailable,
}

impl RefusalKind {
    /// The kind of error that the client gets.
    pub fn error_kind(self) -> ErrorKind {
        match self {
            Self::Validation => ErrorKind::Validation,
            Self::Pagination => ErrorKind::Pagination,
            Self::Application => ErrorKind::Application,
            Self::Forbidden => ErrorKind::Forbidden,
            Self::NotFound => ErrorKind::NotFound,
            Self::Conflict => ErrorKind::Conflict,
            Self::TooLarge => ErrorKind::TooLarge,
            Self::UriTooLong => ErrorKind::UriTooLong,
            Self::TooMany => ErrorKind::TooMany,
            Self::Unavailable => ErrorKind::Unavailable,
        }
    }

    /// The HTTP status of the response.
    pub fn status(self) -> u16 {
        self.error_kind().status()
    }
}

impl ContentError {
    pub(crate) fn refuse(kind: RefusalKind, message: impl Into<String>, details: Json) -> Self {
        Self::Refused(Refusal { kind, message: message.into(), details })
    }

    /// 400 with empty details.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::refuse(RefusalKind::Validation, message, json!({}))
    }

    /// 400 ApplicationError.
    pub fn application(message: impl Into<String>) -> Self {
        Self::refuse(RefusalKind::Application, message, json!({}))
    }

    /// 400 about the entry as a whole: one error with an empty path.
    pub(crate) fn invalid_entry(message: impl Into<String>) -> Self {
        let message = message.into();
        let details = json!({ "errors": [{ "path": [], "message": message, "name": "ValidationError" }] });
        Self::refuse(RefusalKind::Validation, message, details)
    }

    /// 400: a linked document does not exist in that locale (`null`: its type is not localised).
    pub(crate) fn target_not_found(document_id: &str, locale: &str) -> Self {
        Self::validation(format!("Document with id \"{document_id}\", locale \"{locale}\" not found"))
    }

    /// 403 without a reason.
    pub fn forbidden() -> Self {
        Self::refuse(RefusalKind::Forbidden, "Forbidden", json!({}))
    }

    /// 403 with a message for people.
    pub fn forbidden_because(why: impl Into<String>) -> Self {
        Self::refuse(RefusalKind::Forbidden, why, json!({}))
    }

    /// 409: the entry has changed since the client read it. `expected`: the token that the client has; `None`: it expects no entry.
    /// `current`: the present version token; `None`: the entry does not exist.
    pub(crate) fn stale_version(expected: Option<i64>, current: Option<i64>) -> Self {
        let message = match expected {
            Some(_) => "The entry has changed since the version named in If-Match; read it again",
            None => "The entry already exists, but If-None-Match requires that it does not; read it first",
        };
        Self::refuse(
            RefusalKind::Conflict,
            message,
            json!({ "currentVersion": current, "yourVersion": expected, "by": null, "at": null, "changed": [] }),
        )
    }

    /// 503: it may succeed later, or once the cause has been fixed.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::refuse(RefusalKind::Unavailable, message, json!({}))
    }

    /// 404 with the general message.
    pub fn not_found() -> Self {
        Self::refuse(RefusalKind::NotFound, "Not Found", json!({}))
    }

    /// 400 with every error of a validation pass.
    pub fn field_errors(errors: Vec<FieldError>) -> Self {
        let message = match errors.as_slice() {
            [one] => one.message.clone(),
            many => format!("{} errors occurred", many.len()),
        };
        let list: Vec<Json> = errors
            .into_iter()
            .map(|e| {
                let mut o = json!({ "path": e.path, "message": e.message, "name": "ValidationError" });
                if let Some(value) = e.value {
                    o["value"] = value;
                }
                o
            })
            .collect();
        Self::refuse(RefusalKind::Validation, message, json!({ "errors": list }))
    }
}

impl From<StoreError> for ContentError {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
}

impl From<PasswordError> for ContentError {
    fn from(e: PasswordError) -> Self {
        let kind = match e {
            PasswordError::Busy => RefusalKind::TooMany,
            _ => RefusalKind::Validation,
        };
        Self::refuse(kind, e.to_string(), json!({}))
    }
}

impl From<ParamError> for ContentError {
    fn from(e: ParamError) -> Self {
        let kind = match e.kind {
            ParamErrorKind::Validation => RefusalKind::Validation,
            ParamErrorKind::Pagination => RefusalKind::Pagination,
            ParamErrorKind::Forbidden => RefusalKind::Forbidden,
            ParamErrorKind::UriTooLong => RefusalKind::UriTooLong,
            ParamErrorKind::UnevaluatedPolicy => return Self::UnevaluatedPolicy(e.message),
        };
        Self::refuse(kind, e.message, e.details)
    }
}
