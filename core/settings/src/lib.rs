//! Settings of a tenant: the file that `cairn apply` takes, and what the admin changes. [`parse_settings`] checks it completely and reports every problem at once, [`apply_settings`] brings
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

//!
//! Besides the file, the crate has what its sections define: [`webhooks`], [`workflows`], [`calendars`], [`glossary`], the identity of a
//! tenant and its hosts. Who is calling, and what they may do, is decided in `cairn-access`.

pub mod calendars;
mod change;
mod field_errors;
mod file;
pub mod glossary;
mod hosts;
mod identity;
mod input;
mod problems;
mod schema_parts;
mod text;
pub mod webhooks;
pub mod workflows;

pub use change::{SecretText, SettingChange, SettingsProblem};
pub use file::{
    ApplyError, AuthChanges, ContentSessions, MailChanges, RegistrationChanges, RegistryOf, Settings, ThemeChanges,
    add_api_tokens, apply_settings, change_settings, create_admin_token, json_schema, parse_settings,
    parse_settings_with, permissions_from_settings, remove_content_role,
};
pub use hosts::HostName;
pub use identity::{MailIdentity, Theme, mail_identity, theme};
