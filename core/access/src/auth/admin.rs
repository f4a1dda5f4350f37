//! Admin users: signing in with e-mail address and password, and who a token belongs to.

use crate::secret::random;
use crate::state::{FULL_ACCESS, TokenKind};
use crate::{AccessControl, AuthError, CallerKind, iso};
use cairn_query::Access;
use cairn_store::StoreError;
use cairn_store::events::{Actor, ActorKind, NewEvent};
use cairn_store::system::AdminUserRow;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::sync::Arc;

/// The role that may do everything.
pub const SUPER_ADMIN: &str = "super-admin";
/// How a session's token begins.
const PREFIX: &str = "cairn_admin_";
/// How long a session lasts.
const SESSION: TimeDelta = TimeDelta::hours(12);

/// Somebody who may use the admin API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminCaller {
    /// Number of the admin user; `None`: a full-access API token.
    pub id: Option<i64>,
    /// E-mail address, or the token's name.
    pub name: String,
    /// Roles.
    pub roles: Vec<String>,
    /// Who is recorded.
    pub actor: Actor,
}

impl AdminCaller {
    /// Whether they may do everything.
    pub fn is_super(&self) -> bool {
        self.roles.iter().any(|role| role == SUPER_ADMIN)
    }
}

impl AccessControl {
    /// Begins an admin session; answers its token. An unknown address is answered like a wrong password, and takes as long.
    ///
    /// # Errors
    /// As signing in to the content API.
    pub async fn admin_sign_in(&self, body: &Json, client: IpAddr, actor: Actor) -> Result<String, AuthError> {
        const ROUTE: &str = "admin";
        self.count_request(ROUTE, client)?;
        let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default();
        let (email, password) = (text("email").trim().to_lowercase(), text("password"));
        if email.is_empty() || password.is_empty() {
            return Err(AuthError::Refused("email and password are needed".to_owned()));
        }
        let user = self.store().read(|r| r.admin_by_email(&email))?;
        let attempt = self.begin_attempt(ROUTE, client, &email)?;
        let right = self.check_password(attempt, password, user.as_ref().map(|u| u.password_hash.as_str())).await?;
        let (now, wrong) = (self.now(), || AuthError::Refused("Invalid email or password".to_owned()));
        let Some(user) = user.filter(|_| right) else {
            // What was typed may be a password in the wrong field: it is not kept.
            self.note("cairn.login.failed", "admin", &actor, json!({ "admin": true })).await?;
            return Err(wrong());
        };
        let mut bytes = [0; 32];
        random(&mut bytes).map_err(|_| AuthError::Internal("no random bytes"))?;
        let token = format!("{PREFIX}{}", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>());
        let (hash, until) = (hash(&token), iso(now + SESSION));
        let actor =
            Actor { kind: ActorKind::Admin, id: Some(user.id.to_string()), name: Some(user.email.clone()), ..actor };
        let begun = self.store().write(move |tx| {
            tx.insert_admin_session(&hash, &user, &iso(now), &until)?;
            tx.emit(&actor, &event("cairn.login.succeeded", "admin", json!({ "admin": true })), now.timestamp_millis())
        });
        match begun.await {
            // Removed, or given another password, while this one was checked.
            Err(StoreError::Conflict) => Err(wrong()),
            other => Ok(other.map(|()| token)?),
        }
    }

    /// Ends the session of a token.
    pub async fn admin_sign_out(&self, token: &str) -> Result<(), StoreError> {
        let hash = hash(token);
        self.store().write(move |tx| tx.delete_admin_session(&hash)).await
    }

    /// Who sends that `Authorization` header to the admin API.
    ///
    /// # Errors
    /// [`AuthError::Unauthorized`] where it is nobody; [`AuthError::Forbidden`] for whom the admin API is not.
    pub async fn admin(&self, authorization: Option<&[u8]>) -> Result<AdminCaller, AuthError> {
        let token = authorization.and_then(|header| header.strip_prefix(b"Bearer ")).map(<[u8]>::trim_ascii);
        let token = token.and_then(|token| std::str::from_utf8(token).ok()).filter(|token| token.len() < 1_024);
        if let Some(token) = token.filter(|token| token.starts_with(PREFIX)) {
            let hash = hash(token);
            let now = iso(self.now());
            let user = self.store().read(|r| r.admin_of_session(&hash, &now))?;
            let AdminUserRow { id, email, roles, .. } = user.ok_or(AuthError::Unauthorized("Unauthorized"))?;
            return Ok(AdminCaller { id: Some(id), actor: Actor::admin(id, &email), name: email, roles });
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
            }),
            CallerKind::Public => Err(AuthError::Unauthorized("Unauthorized")),
            _ => Err(AuthError::Forbidden),
        }
    }

    /// What admin users may do with content: everything. What is left to some of them the use case itself asks for (roles, gates).
    pub fn admin_access(&self) -> Arc<Access> {
        Arc::new(Access::admin())
    }

    /// A signature of its own for one use (`purpose`) of this tenant: HMAC-SHA-256. What one tenant or use signs is nothing to
    /// another.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let mut text = Vec::with_capacity(purpose.len() + 1 + message.len());
        text.extend_from_slice(purpose.as_bytes());
        text.push(0);
        text.extend_from_slice(message);
        self.keys().signatures.mac(&text)
    }

    /// Records something in a transaction of its own.
    pub(crate) async fn note(&self, name: &str, key: &str, actor: &Actor, data: Json) -> Result<(), StoreError> {
        let (actor, event, at) = (actor.clone(), event(name, key, data), self.now().timestamp_millis());
        self.store().write(move |tx| tx.emit(&actor, &event, at)).await
    }
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

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
