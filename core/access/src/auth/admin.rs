//! Admin users: their identity, how they sign in, and authentication of requests to the admin API.

mod caller;
mod passkeys;
mod password;
mod profile;
mod second_factor;
mod session;
mod setup;
mod sign_in;
mod sign_in_result;
mod users;

pub use caller::{AdminCaller, AdminCredential, AdminSession};
pub use passkeys::{CEREMONY_SECONDS, Ceremony, PasskeyAnswer, PasskeySite};
pub use password::{MIN_ADMIN_PASSWORD_CHARS, min_admin_password_chars};
pub use profile::{MAX_PERSON_NAME_CHARS, ProfileChanges};
pub use second_factor::{Factor, TotpOffer};
pub use session::{Browser, COOKIE_SECONDS, OwnSessionInfo};
pub use sign_in_result::{AdminSignIn, AdminSignedIn, SecondFactor};
pub use users::{ADMIN_MAIL_JOB, AdminCode, AdminLink, AdminUserChanges};

use crate::bearer_token::bearer_token;
use crate::{AccessControl, AuthError, admin_tokens};
use cairn_model::validate::FieldError;
use cairn_query::Access;
use std::sync::Arc;

impl AccessControl {
    /// Finds the caller with that `Authorization` header or, if there is none, that session cookie, for the admin API.
    ///
    /// # Errors
    /// [`AuthError::Unauthorized`] and [`AuthError::Unknown`] for unknown credentials; [`AuthError::ContentCredential`] for
    /// those of the content API.
    pub async fn authenticate_admin(
        &self,
        authorization: Option<&[u8]>,
        cookie: Option<&str>,
    ) -> Result<AdminCaller, AuthError> {
        let token = match authorization {
            Some(header) => bearer_token(header)?,
            None => cookie,
        };
        let token = token.ok_or(AuthError::Unauthorized("Unauthorized"))?;
        if session::has_session_form(token) {
            return self.admin_from_session(token).await;
        }
        // A cookie is sent by browsers, whoever makes them: only a session has what keeps other sites out.
        if authorization.is_none() {
            return Err(AuthError::Unauthorized("Unauthorized"));
        }
        if admin_tokens::has_token_form(token) {
            return self.admin_from_token(token);
        }
        // Nobody's token is told as that, one of the content API as what it is.
        self.authenticate_caller(authorization).await.and(Err(AuthError::ContentCredential))
    }

    /// True if the token of an `Authorization` header is an admin's by its form: of a session or an admin token. It may be invalid.
    pub fn is_admin_credential(authorization: Option<&[u8]>) -> bool {
        let token = authorization.and_then(|header| bearer_token(header).ok().flatten());
        token.is_some_and(|token| session::has_session_form(token) || admin_tokens::has_token_form(token))
    }

    /// Unlimited access, for work that the server does on behalf of an admin whose permission was checked before.
    pub fn admin_access(&self) -> Arc<Access> {
        Arc::new(Access::admin())
    }

    /// Signs a message for one use (`purpose`) in this tenant with HMAC-SHA-256. Signatures of one tenant or use are invalid for any other.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        self.keys().signatures.mac(&with_purpose(purpose, message))
    }

    /// True if `signature` is what [`Self::sign`] returns for the message; compared in constant time.
    pub fn is_signed(&self, purpose: &str, message: &[u8], signature: &[u8]) -> bool {
        self.keys().signatures.verify(&with_purpose(purpose, message), signature)
    }
}

fn with_purpose(purpose: &str, message: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(purpose.len() + 1 + message.len());
    text.extend_from_slice(purpose.as_bytes());
    text.push(0);
    text.extend_from_slice(message);
    text
}

/// An error about one field of a body.
pub fn field_error(field: &str, message: impl Into<String>) -> AuthError {
    AuthError::Fields(vec![FieldError { path: vec![field.into()], message: message.into(), value: None }])
}
