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

use crate::state::{FULL_ACCESS, TokenKind};
use crate::{AccessControl, AdminRights, AuthError, CallerKind};
use cairn_model::validate::FieldError;
use cairn_query::Access;
use cairn_store::StoreError;
use cairn_store::events::{Actor, ActorKind, NewEvent};
use cairn_store::system::AdminUserRow;
use serde_json::Value as Json;
use std::sync::Arc;

/// The role that may do everything.
pub const SUPER_ADMIN: &str = "super-admin";

/// Somebody who may use the admin API.
#[derive(Debug, Clone)]
pub struct AdminCaller {
    /// Number of the admin user; `None`: a full-access API token.
    pub id: Option<i64>,
    /// E-mail address, or the token's name.
    pub name: String,
    /// Roles.
    pub roles: Vec<String>,
    /// Who is recorded.
    pub actor: Actor,
    /// What they are signed in by; `None`: an API token.
    pub session: Option<AdminSession>,
    /// What they may do.
    pub rights: Arc<AdminRights>,
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

    /// Their number.
    ///
    /// # Errors
    /// 400 where it is an API token that asks: it is nobody with a profile.
    pub fn person(&self) -> Result<i64, AuthError> {
        self.id.ok_or(AuthError::Application("This is for somebody who signed in, not for an API token"))
    }

    fn of(access: &AccessControl, user: &AdminUserRow, session: AdminSession) -> Self {
        Self {
            rights: access.admin_rights(&user.roles, Some(user.id), &user.email),
            id: Some(user.id),
            name: user.email.clone(),
            roles: user.roles.clone(),
            actor: Actor { roles: user.roles.clone(), ..Actor::admin(user.id, &user.email) },
            session: Some(session),
        }
    }
}

impl AccessControl {
    /// Who sends that `Authorization` header, or where there is none that session cookie, to the admin API.
    ///
    /// # Errors
    /// [`AuthError::Unauthorized`] where it is nobody; [`AuthError::Forbidden`] for whom the admin API is not.
    pub async fn admin(&self, authorization: Option<&[u8]>, cookie: Option<&str>) -> Result<AdminCaller, AuthError> {
        let token = match authorization {
            Some(header) => bearer(header),
            None => cookie,
        };
        if let Some(token) = token.filter(|token| session::looks_like_one(token)) {
            return self.admin_of_session(token).await;
        }
        let caller = self.caller(authorization).await?;
        match caller.kind {
            CallerKind::Token { id, name, kind: TokenKind::FullAccess } => Ok(AdminCaller {
                id: None,
                actor: Actor {
                    kind: ActorKind::Token,
                    id: Some(id.to_string()),
                    name: Some(name.clone()),
                    ..Actor::public()
                },
                name,
                roles: vec![SUPER_ADMIN.to_owned(), FULL_ACCESS.to_owned()],
                session: None,
                rights: Arc::new(AdminRights::everything()),
            }),
            CallerKind::Public => Err(AuthError::Unauthorized("Unauthorized")),
            _ => Err(AuthError::Forbidden),
        }
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

fn bearer(header: &[u8]) -> Option<&str> {
    let token = header.strip_prefix(b"Bearer ").map(<[u8]>::trim_ascii)?;
    std::str::from_utf8(token).ok()
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
