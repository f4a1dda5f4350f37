//! Settings as code: the file that `cairn apply` takes. [`parse_settings`] checks it completely and reports every problem at once, [`apply_settings`] brings
//! a database to the state that it describes, [`json_schema`] describes its format.
//!
//! Values in the file are set, values that it does not contain stay, `null` deletes. Two things are finer than that:
//!
//! - The permissions of a role are replaced as a whole, except those that the role has by default, as in Strapi (the public: signing in and
//!   registering; others: their account, `me`, `changePassword`, `logout`). Those are deleted only if their uid
//!   (`plugin::users-permissions.auth`, `plugin::users-permissions.user`) is named without them, or with `"permissions": null`.
//! - Locales are deleted by leaving them out of `available`; their content stays stored.
//! - A tenant that is `null` is taken out of service, and its data stays. Settings of tenants belong into their databases:
//!   [`Settings::take_tenant_settings`].

pub(crate) mod admin_roles;
pub(crate) mod admin_tokens;
mod apply;
mod calendars;
mod editing;
pub(crate) mod grants;
mod identity;
mod parse;
mod schema;
mod tenants;
pub(crate) mod walk;
mod webhooks;
mod workflows;

pub use apply::{ApplyError, apply_settings};
pub use parse::{RegistryOf, parse_settings, parse_settings_with};
pub use schema::json_schema;

use crate::auth_settings::SessionMode;
use crate::permissions::PermissionGrant;
use admin_roles::AdminRoleChanges;
use admin_tokens::AdminTokenChanges;
use calendars::CalendarChanges;
use identity::{MailChanges, ThemeChanges};
use std::collections::BTreeSet;
use std::fmt;
use tenants::TenantChanges;
use workflows::WorkflowChanges;

/// A problem in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsProblem {
    /// Its path: `roles.public.permissions["api::book.book"][0]`; empty for the whole file.
    pub path: String,
    /// Description for people. Never contains a token or password.
    pub message: String,
}

impl fmt::Display for SettingsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

/// What a key of the file does to its value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SettingChange<T> {
    /// The key is missing: the value stays.
    #[default]
    Keep,
    /// `null`: the value is deleted, or becomes the default.
    Remove,
    /// The value becomes this one.
    Set(T),
}

impl<T> SettingChange<T> {
    /// The new value, if there is one.
    pub(crate) fn new_value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Remove => None,
        }
    }

    /// The value after the change, given the one before and the default.
    pub(crate) fn apply_to(&self, before: T, default: T) -> T
    where
        T: Clone,
    {
        match self {
            Self::Keep => before,
            Self::Remove => default,
            Self::Set(value) => value.clone(),
        }
    }
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(pub(crate) String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A checked settings file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    pub(crate) default_locale: Option<String>,
    pub(crate) available_locales: Option<Vec<String>>,
    pub(crate) auth: AuthChanges,
    /// Changes by `type` of the role.
    pub(crate) roles: Vec<(String, SettingChange<RoleChanges>)>,
    pub(crate) api_tokens: SettingChange<Vec<TokenChanges>>,
    pub(crate) admin_tokens: SettingChange<Vec<AdminTokenChanges>>,
    pub(crate) admin_users: SettingChange<Vec<AdminChanges>>,
    /// Changes by code of the role.
    pub(crate) admin_roles: Vec<(String, SettingChange<AdminRoleChanges>)>,
    pub(crate) mail: MailChanges,
    pub(crate) theme: ThemeChanges,
    pub(crate) workflows: WorkflowChanges,
    pub(crate) calendars: CalendarChanges,
    pub(crate) webhooks: SettingChange<Vec<crate::webhooks::WebhookChanges>>,
    /// Changes by name; `Remove` takes a tenant out of service.
    pub(crate) tenants: Vec<(String, SettingChange<TenantChanges>)>,
    /// Settings of tenants, by name.
    pub(crate) tenant_settings: Vec<(String, Settings)>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct AuthChanges {
    pub(crate) registration_open: SettingChange<bool>,
    pub(crate) confirm_by_mail: SettingChange<bool>,
    pub(crate) default_role: SettingChange<String>,
    pub(crate) sign_in_rate_limit: SettingChange<bool>,
    pub(crate) sessions: SettingChange<SessionMode>,
    pub(crate) reset_password_url: SettingChange<Option<String>>,
    pub(crate) confirmed_url: SettingChange<Option<String>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct RoleChanges {
    pub(crate) name: SettingChange<String>,
    pub(crate) description: SettingChange<String>,
    pub(crate) read_drafts: SettingChange<bool>,
    pub(crate) permissions: SettingChange<Permissions>,
}

/// `permissions` of a role or token.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Permissions {
    /// At most one per subject and action.
    pub(crate) grants: Vec<PermissionGrant>,
    /// Every uid that is named, with or without grants.
    pub(crate) named: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TokenChanges {
    /// Path in the file.
    pub(crate) path: String,
    /// Whether no token with that name may exist yet.
    pub(crate) new: bool,
    pub(crate) name: String,
    pub(crate) description: SettingChange<String>,
    pub(crate) kind: Option<&'static str>,
    pub(crate) token: SettingChange<SecretText>,
    pub(crate) permissions: SettingChange<Permissions>,
    pub(crate) read_drafts: SettingChange<bool>,
    pub(crate) expires_at: SettingChange<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AdminChanges {
    /// Path in the file.
    pub(crate) path: String,
    /// E-mail address, lower-case.
    pub(crate) email: String,
    pub(crate) password: SettingChange<SecretText>,
    pub(crate) roles: Option<Vec<String>>,
    pub(crate) first_name: SettingChange<String>,
    pub(crate) last_name: SettingChange<String>,
    pub(crate) active: Option<bool>,
}

/// Longest name of a role of admin users, in characters.
pub(crate) const MAX_ADMIN_ROLE_CHARS: usize = 60;
/// Shortest password of an admin user, in characters.
pub(crate) const MIN_ADMIN_PASSWORD_CHARS: usize = 8;
/// Longest first or last name of a user, in characters.
pub(crate) const MAX_PERSON_NAME_CHARS: usize = 100;
