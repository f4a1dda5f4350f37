//! Callers of the admin API, with the credential that they were authenticated by.

use crate::{AccessControl, AdminPermissions, AuthError};
use cairn_store::events::Actor;
use cairn_store::system::AdminUserRow;
use std::sync::Arc;

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

    /// The caller in a session of a user, with the permissions that their roles have now.
    pub(super) fn from_session(access: &AccessControl, user: &AdminUserRow, session: AdminSession) -> Self {
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
