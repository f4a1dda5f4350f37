//! Errors on their way to a client: each is of an [`ErrorKind`], and is sent in the contract's envelope.

mod administration;

use crate::responses;
use axum::body::Body;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response, StatusCode};
use cairn_access::AuthError;
use cairn_app::tenants::{RoutingError, TenantUnavailable};
use cairn_content::{ContentError, Refusal, RefusalKind};
use cairn_model::ErrorKind;
use cairn_store::StoreError;
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Number of requests since this process started that were refused because a read policy had not been evaluated: each is a fault of Cairn's.
static UNEVALUATED_POLICIES: AtomicU64 = AtomicU64::new(0);

/// Returns the number of requests that were refused because a read policy had not been evaluated, since this process started.
pub fn count_unevaluated_policies() -> u64 {
    UNEVALUATED_POLICIES.load(Ordering::Relaxed)
}

/// An error on its way to the client.
#[derive(Debug)]
pub struct WireError {
    status: StatusCode,
    name: &'static str,
    message: String,
    /// `None`: the member is missing (500).
    details: Option<Json>,
    retry_after: Option<u64>,
}

impl WireError {
    /// An error of a kind, with a message for people.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            status: to_status_code(kind.status()),
            name: kind.name(),
            message: message.into(),
            details: Some(json!({})),
            retry_after: None,
        }
    }

    /// Replaces `details`.
    pub fn with_details(self, details: Json) -> Self {
        Self { details: Some(details), ..self }
    }

    /// The 404.
    pub fn not_found() -> Self {
        Self::new(ErrorKind::NotFound, "Not Found")
    }

    /// The 403.
    pub fn forbidden() -> Self {
        Self::new(ErrorKind::Forbidden, "Forbidden")
    }

    /// The 403 with a message that says why.
    pub fn forbidden_because(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Forbidden, message)
    }

    /// The 400 for input that is not valid; the message says what to change.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Validation, message)
    }

    /// The error for invalid fields, each with its path; an empty path stands for the whole.
    pub fn for_fields(faults: &[(String, String)]) -> Self {
        let format_problem = |(place, message): &(String, String)| match place.as_str() {
            "" => message.clone(),
            place => format!("{place}: {message}"),
        };
        let message = faults.iter().map(format_problem).collect::<Vec<_>>().join("; ");
        let errors: Vec<_> = faults
            .iter()
            .map(|(place, message)| {
                let path: Vec<&str> = if place.is_empty() { Vec::new() } else { vec![place] };
                json!({ "path": path, "message": message, "name": "ValidationError" })
            })
            .collect();
        Self::validation(message).with_details(json!({ "errors": errors }))
    }

    /// The error for one invalid field.
    pub fn for_field(place: &str, message: impl Into<String>) -> Self {
        Self::for_fields(&[(place.to_owned(), message.into())])
    }

    /// The 409 for a change that something else is in the way of.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// The 428 for a change in the admin without a precondition.
    pub fn precondition_required() -> Self {
        Self::new(
            ErrorKind::PreconditionRequired,
            "Specify the version that you have seen: send If-Match with the Cairn-Version of the response that you \
             edited (\"*\" for any version), or If-None-Match: * to create something new",
        )
    }

    /// The 401 for callers who have to sign in once more.
    pub fn step_up() -> Self {
        Self::new(ErrorKind::Unauthorized, "Sign in again to continue: your last sign-in is too long ago")
            .with_details(json!({ "code": "step_up_required" }))
    }

    /// The 413.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::TooLarge, message)
    }

    /// The 500 for an internal error: the cause is logged, and not shown to the client.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self { details: None, ..Self::new(ErrorKind::Internal, "Internal Server Error") }
    }

    /// The 503 for a request that may succeed when it is sent again.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self { retry_after: Some(1), ..Self::new(ErrorKind::Unavailable, message) }
    }

    /// The error that a plugin's route refuses with; a status that no kind of error has is sent as an error of the plugin.
    pub fn for_plugin(status: u16, message: impl Into<String>) -> Self {
        match ErrorKind::from_status(status) {
            Some(kind) => Self::new(kind, message),
            None => Self { status: to_status_code(status), ..Self::new(ErrorKind::Plugin, message) },
        }
    }

    /// The 502 for a plugin that failed; only administrators learn the reason.
    pub fn plugin_failed(plugin: &str) -> Self {
        Self::new(ErrorKind::Plugin, format!("The plugin {plugin:?} did not respond"))
    }

    /// The 503 for a call of a plugin that there is no room for.
    pub fn plugin_busy(plugin: &str, pause: Duration) -> Self {
        let message = format!("The plugin {plugin:?} is busy: try again later");
        Self::new(ErrorKind::Unavailable, message).with_retry_after(pause)
    }

    /// The 503 for a plugin that is paused after faults of its own.
    pub fn plugin_paused(pause: Duration) -> Self {
        Self::new(ErrorKind::Unavailable, "Try again later").with_retry_after(pause)
    }

    /// Adds the time to wait.
    pub fn with_retry_after(self, pause: Duration) -> Self {
        Self { retry_after: Some(pause.as_secs().max(1)), ..self }
    }

    /// True if the caller is not authenticated or lacks a permission: 401 or 403.
    pub fn is_authorization_error(&self) -> bool {
        matches!(self.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
    }

    /// True if it is the 404.
    pub fn is_not_found(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    /// The status, and what the envelope has of the error besides: its name, its message and its details.
    pub fn into_description(self) -> (StatusCode, &'static str, String, Json) {
        (self.status, self.name, self.message, self.details.unwrap_or_else(|| json!({})))
    }

    /// The response, in the envelope of all errors.
    pub fn into_http_response(self) -> Response<Body> {
        let mut error = json!({ "status": self.status.as_u16(), "name": self.name, "message": self.message });
        if let Some(details) = self.details {
            error["details"] = details;
        }
        let mut response = responses::json_value_response(self.status, &json!({ "data": null, "error": error }));
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<RoutingError> for WireError {
    fn from(e: RoutingError) -> Self {
        match e {
            RoutingError::BadHost => Self::validation("The request must have exactly one Host"),
            RoutingError::NoTenant => Self::not_found(),
        }
    }
}

impl From<TenantUnavailable> for WireError {
    fn from(TenantUnavailable: TenantUnavailable) -> Self {
        Self::unavailable("This site is currently unavailable")
    }
}

impl axum::response::IntoResponse for WireError {
    fn into_response(self) -> Response<Body> {
        self.into_http_response()
    }
}

impl From<cairn_notify::NotifyError> for WireError {
    fn from(e: cairn_notify::NotifyError) -> Self {
        use cairn_notify::NotifyError::{Invalid, NotFound, Signature, Store};
        match e {
            NotFound => Self::not_found(),
            Signature(message) => Self::new(ErrorKind::Unauthorized, message),
            Store(e) => e.into(),
            Invalid(invalid) => {
                let message = invalid.to_string();
                let errors: Vec<Json> = invalid
                    .0
                    .into_iter()
                    .map(|(path, message)| json!({ "path": path.split('.').collect::<Vec<_>>(), "message": message, "name": "ValidationError" }))
                    .collect();
                Self { details: Some(json!({ "errors": errors })), ..Self::validation(message) }
            }
        }
    }
}

impl From<Refusal> for WireError {
    fn from(r: Refusal) -> Self {
        // The refusal may say when to try again.
        let known = r.details["retryAfter"].as_u64();
        let retry_after = matches!(r.kind, RefusalKind::TooMany | RefusalKind::Unavailable).then(|| known.unwrap_or(1));
        Self { details: Some(r.details), retry_after, ..Self::new(r.kind.error_kind(), r.message) }
    }
}

impl From<ContentError> for WireError {
    fn from(e: ContentError) -> Self {
        match e {
            ContentError::Refused(r) => r.into(),
            ContentError::Store(e) => e.into(),
            ContentError::Changed => Self::unavailable("The entry is being changed by another request; try again"),
            ContentError::Files(cause) => Self::internal(cause),
            ContentError::UnevaluatedPolicy(cause) => {
                UNEVALUATED_POLICIES.fetch_add(1, Ordering::Relaxed);
                Self::internal(cause)
            }
            ContentError::FilesAway(cause) => {
                tracing::error!(cause, "the files are unavailable");
                Self::unavailable("The files are currently unavailable")
            }
        }
    }
}

impl From<StoreError> for WireError {
    fn from(e: StoreError) -> Self {
        match &e {
            StoreError::Timeout(ms) => {
                Self::unavailable(format!("The query took longer than {ms} ms; narrow it or add an index"))
            }
            StoreError::RehearsalTooLong(ms) => Self::unavailable(format!(
                "The preview took {ms} ms and was stopped, so that others can write; try again, or choose an earlier time"
            )),
            StoreError::Unwritable(_) | StoreError::Closed => {
                tracing::error!(cause = %e, "the database cannot be used");
                Self::unavailable("The database is currently unavailable")
            }
            StoreError::Outdated => {
                tracing::debug!(cause = %e, "a write has to wait");
                Self::unavailable("The content types are being changed; try again")
            }
            StoreError::Unavailable(_) => {
                tracing::error!(cause = %e, "the database is unavailable");
                Self::unavailable("The database is currently unavailable")
            }
            StoreError::Conflict | StoreError::Lost => {
                Self::unavailable("The data is being changed by another request; try again")
            }
            StoreError::TooLarge => Self::validation("The value is too long for a unique or indexed attribute"),
            StoreError::AnswerTooLarge(_) | StoreError::TooMany(_) => Self::validation(e.to_string()),
            StoreError::Unique => Self::validation("This attribute must be unique"),
            StoreError::Database { .. } | StoreError::Corrupt { .. } | StoreError::Schema(_) => Self::internal(e),
        }
    }
}

impl From<AuthError> for WireError {
    fn from(e: AuthError) -> Self {
        let e = match e {
            AuthError::Store(e) => return e.into(),
            e => e,
        };
        let retry_after = match &e {
            AuthError::Internal(_) => return Self::internal(e),
            AuthError::TooMany { retry_after_s } => Some(*retry_after_s),
            _ => None,
        };
        Self { details: Some(e.details()), retry_after, ..Self::new(e.kind(), e.message()) }
    }
}

/// Converts a status that is within the range of HTTP.
fn to_status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
