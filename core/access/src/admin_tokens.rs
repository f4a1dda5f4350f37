//! Admin tokens: credentials of programs (the command line, CI) for the admin API.
//!
//! A token has actions and content permissions that were chosen for it. At every use they are reduced to what the admin user who created it
//! may do at that moment: a permission that they lose the token loses too, it gives no access while they cannot sign in, and it is deleted
//! with them. Actions that give permissions to others are for people alone
//! ([`AdminAction::is_for_people`](crate::AdminAction::is_for_people)): no token has them.

mod caller;
mod manage;

pub use manage::{AdminToken, AdminTokenOwner, AdminTokenState};

use crate::admin_roles::AdminRole;
use crate::admin_roles::permissions::CompiledPermissions;
use crate::permissions::PermissionGrant;
use crate::{AccessControl, AdminAction, AdminPermissions, is_plugin_permission};
use cairn_store::system::{AdminTokenRow, AdminUserRow, NewAdminToken};
use chrono::TimeDelta;

/// Prefix of every admin token: people and secret scanners recognise it by that, and no other token may begin with it.
pub const ADMIN_TOKEN_PREFIX: &str = "cairn_adt_";
/// Shortest text after the prefix, in characters.
pub const MIN_TEXT_CHARS: usize = 32;
/// Longest text of a token, in bytes.
pub const MAX_TEXT_BYTES: usize = 1024;
/// Longest lifetime of a token.
pub const MAX_TOKEN_LIFETIME: TimeDelta = TimeDelta::days(366);
/// Longest name, in characters.
pub const MAX_NAME_CHARS: usize = 100;
/// Longest description, in characters.
pub const MAX_DESCRIPTION_CHARS: usize = 1_000;
/// Largest number of tokens of one tenant.
pub const MAX_TOKENS: usize = 500;

/// True if a text has the form of an admin token.
pub(crate) fn has_token_form(token: &str) -> bool {
    token.starts_with(ADMIN_TOKEN_PREFIX) && token.len() <= MAX_TEXT_BYTES
}

/// A role with the permissions of a token, as if its owner could do everything.
fn token_role(token: &NewAdminToken) -> AdminRole {
    let grants: Vec<PermissionGrant> = serde_json::from_value(token.permissions.clone()).unwrap_or_else(|_| {
        tracing::error!(token = token.name, "cannot read the permissions of an admin token; it has none");
        Vec::new()
    });
    AdminRole {
        code: token.name.clone(),
        name: token.name.clone(),
        description: String::new(),
        built_in: false,
        actions: token
            .actions
            .iter()
            .filter_map(|name| AdminAction::parse(name))
            .filter(|a| !a.is_for_people())
            .collect(),
        of_plugins: token.actions.iter().filter(|name| is_plugin_permission(name)).cloned().collect(),
        grants,
    }
}

impl AccessControl {
    /// The permissions of a token that belongs to `owner`; `None`: to a settings file, whose author may do everything.
    fn token_permissions(&self, token: &NewAdminToken, owner: Option<&AdminUserRow>) -> AdminPermissions {
        let role = token_role(token);
        // Rights are told apart by what they are: equal ones may share a plan.
        let key = format!(
            "admin token {:?} {:?} #{}",
            role.actions.to_names(),
            role.grants,
            self.settings_snapshot().generation
        );
        let compiled = CompiledPermissions::from_roles(self.store().registry(), &key, &[&role]);
        let (id, email) = owner.map_or((None, ""), |user| (Some(user.id), user.email.as_str()));
        let own = compiled.filled_in(id, email, crate::permissions::now_to_second(self.now()));
        match owner {
            None => own,
            Some(user) => own.limited_to(&self.admin_rights(&user.roles, Some(user.id), &user.email)),
        }
    }
}

/// True if its owner, if it has one, may sign in.
fn is_in_force(row: &AdminTokenRow, owner: Option<&AdminUserRow>) -> bool {
    match row.token.owner {
        None => true,
        Some(id) => owner.is_some_and(|user| user.id == id && user.active && !user.password_hash.is_empty()),
    }
}
