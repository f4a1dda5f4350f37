//! Errors that a client gets for missing permissions or invalid input: kind, message and details in the contract's words. Wherever a
//! request can end, this is the type; problems of the settings file have another one, in `cairn-settings`.

use crate::passwords::PasswordError;
use cairn_model::ErrorKind;
use cairn_model::validate::FieldError;
use cairn_store::StoreError;
use serde_json::{Value as Json, json};

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// 401: a Bearer token that is unknown, or a JWT that is malformed, expired or ended.
    #[error("Missing or invalid credentials")]
    Unknown,
    /// 401: a valid JWT of a user who was deleted, is blocked or not confirmed.
    #[error("Invalid credentials")]
    InvalidCredentials,
    /// 401: a token of the content API, or a JWT of one of its users, which open nothing of the admin API.
    #[error(
        "This credential is for the content API. The admin API requires the session of an admin user or, for \
         programs, an admin token (Settings, API tokens)"
    )]
    ContentCredential,
    /// 401: with that message.
    #[error("{0}")]
    Unauthorized(&'static str),
    /// 403: the caller lacks a permission.
    #[error("Forbidden")]
    Forbidden,
    /// 403, to an admin: the permission that they lack, and the roles that have it.
    #[error("Forbidden")]
    Lacks {
        /// Name of the action: `settings.users`, or `update`.
        action: String,
        /// Uid of the content type, if it is about content.
        content_type: Option<String>,
        /// Codes of roles that have it.
        roles: Vec<String>,
    },
    /// 404: nothing has this id.
    #[error("Not Found")]
    NotFound,
    /// 400 BadRequestError, with that message.
    #[error("{0}")]
    BadRequest(&'static str),
    /// 400 ValidationError about the whole body, with that message.
    #[error("{0}")]
    Refused(String),
    /// 400 ValidationError with one entry per problem; never empty.
    #[error("{}", summarize_problems(.0))]
    Fields(Vec<FieldError>),
    /// 400 ApplicationError, with that message.
    #[error("{0}")]
    Application(&'static str),
    /// 429: try again after that many seconds.
    #[error("Too many requests, please try again later.")]
    TooMany {
        /// Seconds for `Retry-After`.
        retry_after_s: u64,
    },
    /// 500 (or what the server maps a store's error to).
    #[error(transparent)]
    Store(#[from] StoreError),
    /// 500: a step failed that cannot fail.
    #[error("{0}")]
    Internal(&'static str),
}

fn summarize_problems(problems: &[FieldError]) -> String {
    match problems {
        [one] => one.message.clone(),
        several => format!("{} errors occurred", several.len()),
    }
}

impl AuthError {
    /// The kind of error that the client gets.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown | Self::InvalidCredentials | Self::ContentCredential | Self::Unauthorized(_) => {
                ErrorKind::Unauthorized
            }
            Self::Forbidden | Self::Lacks { .. } => ErrorKind::Forbidden,
            Self::NotFound => ErrorKind::NotFound,
            Self::BadRequest(_) => ErrorKind::BadRequest,
            Self::Refused(_) | Self::Fields(_) => ErrorKind::Validation,
            Self::Application(_) => ErrorKind::Application,
            Self::TooMany { .. } => ErrorKind::TooMany,
            Self::Store(_) | Self::Internal(_) => ErrorKind::Internal,
        }
    }

    /// `message` in the envelope: for an internal error without its cause.
    pub fn message(&self) -> String {
        match self {
            Self::Store(_) | Self::Internal(_) => "Internal Server Error".to_owned(),
            other => other.to_string(),
        }
    }

    /// `details` in the envelope.
    pub fn details(&self) -> Json {
        if let Self::Lacks { action, content_type, roles } = self {
            let mut details = json!({ "action": action, "roles": roles });
            if let Some(uid) = content_type {
                details["type"] = json!(uid);
            }
            return details;
        }
        if matches!(self, Self::ContentCredential) {
            return json!({ "code": "admin_token_required" });
        }
        let Self::Fields(problems) = self else { return json!({}) };
        let errors: Vec<Json> = problems
            .iter()
            .map(|p| {
                let mut error = json!({"path": p.path, "message": p.message, "name": "ValidationError"});
                if let Some(value) = &p.value {
                    error["value"] = value.clone();
                }
                error
            })
            .collect();
        json!({ "errors": errors })
    }
}

impl From<PasswordError> for AuthError {
    fn from(e: PasswordError) -> Self {
        match e {
            PasswordError::Busy => Self::TooMany { retry_after_s: 1 },
            PasswordError::Failed => Self::Internal("hashing a password failed"),
            PasswordError::TooLong | PasswordError::Nul => {
                // The refused value is a password: the response does not repeat it.
                Self::Fields(vec![FieldError { path: vec!["password".into()], message: e.to_string(), value: None }])
            }
        }
    }
}
