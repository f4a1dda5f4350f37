//! Why a use-case refuses. The server gives each its status and name (one table, `server/src/error.rs`).

use cairn_access::PasswordError;
use cairn_model::validate::FieldError;
use cairn_query::{ParamError, ParamErrorKind};
use cairn_store::StoreError;
use serde_json::{Value as Json, json};

/// An error of a use-case.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The client's mistake, or something it may not do.
    #[error("{}", .0.message)]
    Refused(Refusal),
    /// The database.
    #[error(transparent)]
    Store(StoreError),
    /// Another write came between the look-up and the transaction: to be tried again. Never leaves this crate.
    #[error("the entry changed meanwhile")]
    Changed,
    /// Files could not be kept.
    #[error("{0}")]
    Files(String),
    /// What keeps the files cannot be reached at the moment.
    #[error("{0}")]
    FilesAway(String),
}

/// What the client is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The class.
    pub kind: RefusalKind,
    /// For people.
    pub message: String,
    /// For programs; an object.
    pub details: Json,
}

/// The classes of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// 400 ValidationError.
    Validation,
    /// 400 PaginationError.
    Pagination,
    /// 400 ApplicationError.
    Application,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 409.
    Conflict,
    /// 413.
    TooLarge,
    /// 414.
    UriTooLong,
    /// 429.
    TooMany,
    /// 503.
    Unavailable,
}

impl RefusalKind {
    /// The status that it is answered with.
    pub fn status(self) -> u16 {
        match self {
            Self::Validation | Self::Pagination | Self::Application => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::UriTooLong => 414,
            Self::TooMany => 429,
            Self::Unavailable => 503,
        }
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
    pub(crate) fn whole(message: impl Into<String>) -> Self {
        let message = message.into();
        let details = json!({ "errors": [{ "path": [], "message": message, "name": "ValidationError" }] });
        Self::refuse(RefusalKind::Validation, message, details)
    }

    /// 400: a document that was to be linked is not there in that locale (`null`: its type is not localised).
    pub(crate) fn target_not_found(document_id: &str, locale: &str) -> Self {
        Self::validation(format!("Document with id \"{document_id}\", locale \"{locale}\" not found"))
    }

    /// 403.
    pub fn forbidden() -> Self {
        Self::refuse(RefusalKind::Forbidden, "Forbidden", json!({}))
    }

    /// 403, and why.
    pub fn forbidden_because(why: impl Into<String>) -> Self {
        Self::refuse(RefusalKind::Forbidden, why, json!({}))
    }

    /// 409: the entry is not the one that the client has seen. `expected`: the token it has seen; `None`: that there is none yet.
    /// `current`: its version token now; `None`: it is not there.
    pub(crate) fn stale(expected: Option<i64>, current: Option<i64>) -> Self {
        let message = match expected {
            Some(_) => "The entry has changed since the version that If-Match names; read it again",
            None => "The entry exists already, and If-None-Match says that it does not; read it first",
        };
        Self::refuse(
            RefusalKind::Conflict,
            message,
            json!({ "currentVersion": current, "yourVersion": expected, "by": null, "at": null, "changed": [] }),
        )
    }

    /// 503: it may go well later, or when somebody has seen to it.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::refuse(RefusalKind::Unavailable, message, json!({}))
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::refuse(RefusalKind::NotFound, "Not Found", json!({}))
    }

    /// 400 with every error of a validation pass.
    pub fn fields(errors: Vec<FieldError>) -> Self {
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
        };
        Self::refuse(kind, e.message, e.details)
    }
}
