//! The settings file: its sections, one file each. [`parse`] reads them, [`apply`] stores them, [`schema`] describes them to text editors.

mod admin_roles;
mod admin_tokens;
mod admin_users;
mod api_tokens;
mod applier;
mod apply;
mod auth;
mod calendars;
mod editing;
mod glossary;
mod grants;
mod identity;
mod locales;
mod parse;
mod parser;
mod roles;
mod schema;
mod tenants;
mod variables;
mod webhooks;
mod workflows;

pub use admin_tokens::create_admin_token;
pub use apply::{ApplyError, apply_settings};
pub use auth::{AuthChanges, ContentSessions, RegistrationChanges};
pub use editing::{add_api_tokens, change_settings, permissions_from_settings, remove_content_role};
pub use identity::{MailChanges, ThemeChanges};
pub use parse::{parse_settings, parse_settings_with};
pub use parser::RegistryOf;
pub use schema::json_schema;

use crate::change::{SecretText, SettingChange};
use crate::webhooks::WebhookChanges;
use admin_roles::AdminRoleChanges;
use admin_tokens::AdminTokenChanges;
use calendars::CalendarChanges;
use glossary::TermChanges;
use grants::Permissions;
use std::collections::BTreeMap;
use tenants::TenantChanges;
use workflows::WorkflowChanges;

/// A checked settings file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    pub(crate) default_locale: Option<String>,
    pub(crate) available_locales: Option<Vec<String>>,
    pub(crate) auth: AuthChanges,
    /// Changes by `type` of the role.
    pub(crate) roles: Vec<(String, SettingChange<RoleChanges>)>,
    /// Roles that the users of removed roles get, both by `type`. Without one the users are left without a role. Not part of the file.
    pub(crate) role_successors: BTreeMap<String, String>,
    pub(crate) api_tokens: SettingChange<Vec<TokenChanges>>,
    pub(crate) admin_tokens: SettingChange<Vec<AdminTokenChanges>>,
    pub(crate) admin_users: SettingChange<Vec<AdminChanges>>,
    /// Changes by code of the role.
    pub(crate) admin_roles: Vec<(String, SettingChange<AdminRoleChanges>)>,
    pub(crate) mail: MailChanges,
    pub(crate) theme: ThemeChanges,
    pub(crate) workflows: WorkflowChanges,
    pub(crate) calendars: CalendarChanges,
    pub(crate) glossary: TermChanges,
    pub(crate) webhooks: SettingChange<Vec<WebhookChanges>>,
    /// Changes by name; `Remove` takes a tenant out of service.
    pub(crate) tenants: Vec<(String, SettingChange<TenantChanges>)>,
    /// Settings of tenants, by name.
    pub(crate) tenant_settings: Vec<(String, Settings)>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct RoleChanges {
    pub(crate) name: SettingChange<String>,
    pub(crate) description: SettingChange<String>,
    pub(crate) read_drafts: SettingChange<bool>,
    pub(crate) permissions: SettingChange<Permissions>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TokenChanges {
    /// Path in the file.
    pub(crate) path: String,
    /// True if no token with that name may exist yet.
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
