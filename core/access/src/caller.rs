//! Callers: who sends a request, and what they may do.

use crate::actions::{DeclaredPermissions, PluginAction, PluginActions};
use crate::error::AuthError;
use crate::settings_snapshot::TokenKind;
use cairn_query::{Access, CallerPermissions};
use cairn_store::events::{Actor, ActorKind};
use std::sync::Arc;

/// The sender of a request, with permissions. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Identity of the caller.
    pub kind: CallerKind,
    /// Permissions of their role or token on content. Reading takes an [`Access`]: the same with the read policies that apply to them.
    pub permissions: CallerPermissions,
    actions: PluginActions,
    declared: DeclaredPermissions,
}

/// The identity of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerKind {
    /// A caller who is not signed in.
    Public,
    /// A content API user.
    User(UserCaller),
    /// An admin user, for the parts of the content API that the admin uses: files.
    Admin {
        /// Numeric id of the user; `None`: an admin token.
        id: Option<i64>,
        /// Numeric id of the admin token, if it is one.
        token: Option<i64>,
        /// Name of the user, or of the token.
        name: String,
        /// Codes of the roles.
        roles: Vec<String>,
    },
    /// An API token of the content API.
    Token {
        /// Numeric id of the token.
        id: i64,
        /// Name of the token.
        name: String,
        /// Kind of the token.
        kind: TokenKind,
    },
}

/// A signed-in content API user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCaller {
    /// Numeric id of the user.
    pub id: i64,
    /// Document id of the user.
    pub document_id: String,
    /// `type` of the user's role, if they have one.
    pub role: Option<String>,
    /// Groups that plugins gave to the user, sorted: `journey:assembly`.
    pub groups: Vec<String>,
    /// Id of the session.
    pub session: String,
}

impl Caller {
    /// The actor that is recorded for what they do, without the address and the id of a request.
    pub fn actor(&self) -> Actor {
        let build_actor = |kind, id, name: Option<&String>| Actor { kind, id, name: name.cloned(), ..Actor::public() };
        match &self.kind {
            CallerKind::Public => Actor::public(),
            CallerKind::User(user) => {
                let roles = user.role.iter().cloned().collect();
                let groups = user.groups.clone();
                Actor { roles, groups, ..build_actor(ActorKind::User, Some(user.document_id.clone()), None) }
            }
            CallerKind::Admin { id: Some(id), name, roles, .. } => {
                Actor { roles: roles.clone(), ..build_actor(ActorKind::Admin, Some(id.to_string()), Some(name)) }
            }
            CallerKind::Admin { id: None, token, name, .. } => {
                build_actor(ActorKind::Token, token.map(admin_token_key), Some(name))
            }
            CallerKind::Token { id, name, .. } => build_actor(ActorKind::Token, Some(id.to_string()), Some(name)),
        }
    }

    pub(crate) fn new(kind: CallerKind, access: Arc<Access>, actions: PluginActions) -> Self {
        Self { kind, permissions: CallerPermissions::new(access), actions, declared: DeclaredPermissions::default() }
    }

    pub(crate) fn with_declared(self, declared: &DeclaredPermissions) -> Self {
        Self { declared: declared.clone(), ..self }
    }

    /// True if they have a permission that a plugin declares: `deals.reassign` of `crm`.
    pub fn allows_plugin_permission(&self, plugin: &str, permission: &str) -> bool {
        self.declared.contains(plugin, permission)
    }

    /// True if they may do something that is not (only) content.
    pub fn allows_action(&self, action: PluginAction) -> bool {
        self.actions.contains(action)
    }

    /// Does the same as [`Self::allows_action`], as the error that ends the request.
    pub fn require(&self, action: PluginAction) -> Result<(), AuthError> {
        if self.allows_action(action) { Ok(()) } else { Err(AuthError::Forbidden) }
    }

    /// The signed-in user, if it is one.
    pub fn user(&self) -> Option<&UserCaller> {
        match &self.kind {
            CallerKind::User(user) => Some(user),
            _ => None,
        }
    }

    /// True if the caller is an admin: no read policy limits them.
    pub fn is_admin(&self) -> bool {
        matches!(self.kind, CallerKind::Admin { .. })
    }

    /// True if the caller is not signed in: responses may be shared.
    pub fn is_public(&self) -> bool {
        self.kind == CallerKind::Public
    }
}

/// The `id` of an admin token as the actor of what it does; differs from that of content API tokens, which are numbered too.
pub fn admin_token_key(id: i64) -> String {
    format!("admin-{id}")
}
