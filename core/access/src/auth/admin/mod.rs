//! Admin users: who they are, how they sign in, and who a request to the admin API is from.

mod passkeys;
mod password;
mod profile;
mod second_factor;
mod session;
mod setup;
mod sign_in;
mod users;

pub use passkeys::{CEREMONY_SECONDS, Ceremony, PasskeyAnswer, PasskeySite};
pub use profile::ProfileChanges;
pub use second_factor::{AdminSignIn, Factor, SecondFactor, TotpOffer};
pub use session::{Browser, COOKIE_SECONDS, SessionShown};
pub use sign_in::AdminSignedIn;
pub use users::{ADMIN_MAIL_JOB, AdminCode, AdminLink, AdminUserChanges};

use crate::{AccessControl, AdminRights, AuthError, admin_tokens};
use cairn_model::validate::FieldError;
use cairn_query::Access;
use cairn_store::StoreError;
use cairn_store::events::{Actor, NewEvent};
use cairn_store::system::AdminUserRow;
use serde_json::Value as Json;
use std::sync::Arc;

/// The role that may do everything.
pub const SUPER_ADMIN: &str = "super-admin";

/// Somebody who may use the admin API.
#[derive(Debug, Clone)]
pub struct AdminCaller {
    /// Number of the admin user; `None`: an admin token.
    pub id: Option<i64>,
    /// E-mail address, or the token's name.
    pub name: String,
    /// Roles; a token has none.
    pub roles: Vec<String>,
    /// Who is recorded.
    pub actor: Actor,
    /// What they showed.
    pub credential: AdminCredential,
    /// What they may do.
    pub rights: Arc<AdminRights>,
}

/// What opens the admin API. Tokens of the content API are not among it: no caller can be made of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminCredential {
    /// Somebody who signed in.
    Session(AdminSession),
    /// The admin token of that number.
    Token(i64),
}

/// The session of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminSession {
    /// SHA-256 of its token.
    pub hash: Vec<u8>,
    /// When they showed who they are, in milliseconds.
    pub shown_at: i64,
}

impl AdminCaller {
    /// Whether they may do everything.
    pub fn is_super(&self) -> bool {
        self.rights.is_super()
    }

    /// The session they are signed in by; `None`: an admin token asks.
    pub fn session(&self) -> Option<&AdminSession> {
        match &self.credential {
            AdminCredential::Session(session) => Some(session),
            AdminCredential::Token(_) => None,
        }
    }

    /// The number of the admin token that asks, if one does.
    pub fn token(&self) -> Option<i64> {
        match self.credential {
            AdminCredential::Token(id) => Some(id),
            AdminCredential::Session(_) => None,
        }
    }

    /// Their number.
    ///
    /// # Errors
    /// 400 where it is a token that asks: it is nobody with a profile.
    pub fn person(&self) -> Result<i64, AuthError> {
        self.id.ok_or(AuthError::Application("This is for somebody who signed in, not for a token"))
    }

    fn of(access: &AccessControl, user: &AdminUserRow, session: AdminSession) -> Self {
        Self {
            rights: access.admin_rights(&user.roles, Some(user.id), &user.email),
            id: Some(user.id),
            name: user.email.clone(),
            roles: user.roles.clone(),
            actor: Actor { roles: user.roles.clone(), ..Actor::admin(user.id, &user.email) },
            credential: AdminCredential::Session(session),
        }
    }
}

impl AccessControl {
    /// Who sends that `Authorization` header, or where there is none that session cookie, to the admin API.
    ///
    /// # Errors
    /// [`AuthError::Unauthorized`] and [`AuthError::Unknown`] where it is nobody; [`AuthError::ContentCredential`] for whom the admin API
    /// is not.
    pub async fn admin(&self, authorization: Option<&[u8]>, cookie: Option<&str>) -> Result<AdminCaller, AuthError> {
        let token = match authorization {
            Some(header) => crate::caller::bearer(header)?,
            None => cookie,
        };
        let token = token.ok_or(AuthError::Unauthorized("Unauthorized"))?;
        if session::looks_like_one(token) {
            return self.admin_of_session(token).await;
        }
        // A cookie is sent by browsers, whoever makes them: only a session has what keeps other sites out.
        if authorization.is_none() {
            return Err(AuthError::Unauthorized("Unauthorized"));
        }
        if admin_tokens::looks_like_one(token) {
            return self.admin_of_token(token);
        }
        // Nobody's token is told as that, one of the content API as what it is.
        self.caller(authorization).await.and(Err(AuthError::ContentCredential))
    }

    /// Everything, for what the server does in the place of an admin whose right was asked before.
    pub fn admin_access(&self) -> Arc<Access> {
        Arc::new(Access::admin())
    }

    /// A signature of its own for one use (`purpose`) of this tenant: HMAC-SHA-256. What one tenant or use signs is nothing to
    /// another.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        self.keys().signatures.mac(&labelled(purpose, message))
    }

    /// Whether `signature` is what [`Self::sign`] makes of that; compared in constant time.
    pub fn is_signed(&self, purpose: &str, message: &[u8], signature: &[u8]) -> bool {
        self.keys().signatures.verify(&labelled(purpose, message), signature)
    }

    /// Records something in a transaction of its own.
    pub(crate) async fn note(&self, name: &str, key: &str, actor: &Actor, data: Json) -> Result<(), StoreError> {
        let (actor, event, at) = (actor.clone(), event(name, key, data), self.now().timestamp_millis());
        self.store().write(move |tx| tx.emit(&actor, &event, at)).await
    }
}

fn labelled(purpose: &str, message: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(purpose.len() + 1 + message.len());
    text.extend_from_slice(purpose.as_bytes());
    text.push(0);
    text.extend_from_slice(message);
    text
}

pub(crate) fn event(name: &str, key: &str, data: Json) -> NewEvent {
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

/// What is recorded about an admin user.
pub(crate) fn event_of(name: &str, admin_user: i64, data: Json) -> NewEvent {
    event(name, &format!("admin-user {admin_user}"), data)
}

/// What is wrong with one field of a body.
pub(crate) fn wrong(field: &str, message: impl Into<String>) -> AuthError {
    AuthError::Fields(vec![FieldError { path: vec![field.into()], message: message.into(), value: None }])
}
