//! Admin users: their identity, how they sign in, and the caller of a request to the admin API.

mod passkeys;
mod password;
mod profile;
mod second_factor;
mod session;
mod setup;
mod sign_in;
mod users;

pub use passkeys::{CEREMONY_SECONDS, Ceremony, PasskeyAnswer, PasskeySite};
pub use password::{MIN_ADMIN_PASSWORD_CHARS, min_admin_password_chars};
pub use profile::{MAX_PERSON_NAME_CHARS, ProfileChanges};
pub use second_factor::{AdminSignIn, Factor, SecondFactor, TotpOffer};
pub use session::{Browser, COOKIE_SECONDS, OwnSessionInfo};
pub use sign_in::AdminSignedIn;
pub use users::{ADMIN_MAIL_JOB, AdminCode, AdminLink, AdminUserChanges};

use crate::{AccessControl, AdminPermissions, AuthError, admin_tokens};
use cairn_model::validate::FieldError;
use cairn_query::Access;
use cairn_store::StoreError;
use cairn_store::events::{Actor, NewEvent};
use cairn_store::system::AdminUserRow;
use serde_json::Value as Json;
use std::sync::Arc;

/// The role that may do everything.
pub const SUPER_ADMIN_ROLE: &str = "super-admin";

/// The caller of a request to the admin API.
#[derive(Debug, Clone)]
pub struct AdminCaller {
    /// Numeric id of the admin user; `None`: an admin token.
    pub id: Option<i64>,
    /// Name of the user: first and last name, else the e-mail address. Of a token, its own name.
    pub name: String,
    /// Codes of the roles; a token has none.
    pub roles: Vec<String>,
    /// Language that the user chose for the admin; `None` where they chose none, and for a token.
    pub language: Option<String>,
    /// Actor that is recorded for what they do.
    pub actor: Actor,
    /// The credential of the request.
    pub credential: AdminCredential,
    /// Permissions of the caller.
    pub permissions: Arc<AdminPermissions>,
}

/// A credential for the admin API. Tokens of the content API are none: no caller can be built from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminCredential {
    /// Session of a user who signed in.
    Session(AdminSession),
    /// Numeric id of an admin token.
    Token(i64),
}

/// The session of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminSession {
    /// SHA-256 of its token.
    pub hash: Vec<u8>,
    /// When its user last authenticated, in milliseconds.
    pub shown_at: i64,
}

impl AdminCaller {
    /// True if the caller is a super admin.
    pub fn is_super(&self) -> bool {
        self.permissions.is_super()
    }

    /// The session of the caller; `None` for an admin token.
    pub fn session(&self) -> Option<&AdminSession> {
        match &self.credential {
            AdminCredential::Session(session) => Some(session),
            AdminCredential::Token(_) => None,
        }
    }

    /// Numeric id of the caller's admin token, if it is one.
    pub fn token(&self) -> Option<i64> {
        match self.credential {
            AdminCredential::Token(id) => Some(id),
            AdminCredential::Session(_) => None,
        }
    }

    /// Numeric id of the user. Fails with 400 for a token, which has no profile.
    pub fn require_person(&self) -> Result<i64, AuthError> {
        self.id.ok_or(AuthError::Application("This is only available to a signed-in admin user, not to a token"))
    }

    fn from_session(access: &AccessControl, user: &AdminUserRow, session: AdminSession) -> Self {
        Self {
            permissions: access.admin_rights(&user.roles, Some(user.id), &user.email),
            id: Some(user.id),
            actor: Actor { roles: user.roles.clone(), ..Actor::admin(user.id, &user.display_name()) },
            name: user.display_name(),
            roles: user.roles.clone(),
            language: user.language.clone(),
            credential: AdminCredential::Session(session),
        }
    }
}

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
            Some(header) => crate::caller::bearer_token(header)?,
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
        let token = authorization.and_then(|header| crate::caller::bearer_token(header).ok().flatten());
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

    /// Emits an event in a separate transaction.
    pub(crate) async fn record_event(
        &self,
        name: &str,
        key: &str,
        actor: &Actor,
        data: Json,
    ) -> Result<(), StoreError> {
        let (actor, event, at) = (actor.clone(), new_event(name, key, data), self.now().timestamp_millis());
        self.store().write(move |tx| tx.events().emit(&actor, &event, at)).await
    }
}

fn with_purpose(purpose: &str, message: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(purpose.len() + 1 + message.len());
    text.extend_from_slice(purpose.as_bytes());
    text.push(0);
    text.extend_from_slice(message);
    text
}

/// Creates an event about nothing in the content.
pub fn new_event(name: &str, key: &str, data: Json) -> NewEvent {
    NewEvent {
        name: name.to_owned(),
        key: key.to_owned(),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data,
    }
}

/// An event about an admin user.
pub(crate) fn admin_user_event(name: &str, admin_user: i64, data: Json) -> NewEvent {
    new_event(name, &format!("admin-user {admin_user}"), data)
}

/// An error about one field of a body.
pub fn field_error(field: &str, message: impl Into<String>) -> AuthError {
    AuthError::Fields(vec![FieldError { path: vec![field.into()], message: message.into(), value: None }])
}
