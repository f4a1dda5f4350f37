//! Access control: passwords, sessions, API tokens, roles and their permissions, and the settings file that sets them.
//!
//! [`AccessControl`] is the entry point. [`AccessControl::caller`] turns an `Authorization` header into a [`Caller`] with permissions; the
//! users-permissions routes call the methods in [`auth`]; `cairn apply` calls [`settings`].
//!
//! Nothing here logs or prints a password, token, code or key: types that hold one have a `Debug` without it.

pub mod actions;
mod admin_roles;
mod admin_shown;
mod admin_tokens;
pub mod auth;
mod auth_settings;
pub mod calendars;
mod caller;
mod clock;
mod control;
mod error;
mod file_links;
mod hosts;
mod identity;
mod jwt;
mod locales;
mod passwords;
mod rate_limit;
mod rights;
mod seal;
mod secret;
pub mod settings;
mod state;
mod tenants;
pub mod webhooks;
pub mod workflows;

pub use actions::PluginAction;
pub use admin_roles::{AdminAction, AdminActions, AdminRights, AdminRole, is_plugin_permission};
pub use admin_shown::{ApiToken, ContentRole};
pub use admin_tokens::{ADMIN_TOKEN_PREFIX, AdminToken, AdminTokenOwner, AdminTokenState, admin_token_key};
pub use auth::{
    AdminCaller, AdminCredential, AdminSession, AdminSignedIn, Browser, ProfileChanges, SUPER_ADMIN, SessionShown,
};
pub use auth::{CEREMONY_SECONDS, Ceremony, PasskeyAnswer, PasskeySite};
pub use auth_settings::{AuthSettings, SessionMode};
pub use caller::{Caller, CallerKind, UserCaller};
pub use clock::{Clock, FixedClock, SystemClock, iso};
pub use control::AccessControl;
pub use error::AuthError;
pub use file_links::FileLink;
pub use hosts::HostName;
pub use identity::{MailIdentity, Theme};
pub use locales::Locales;
pub use passwords::{MAX_BYTES as MAX_PASSWORD_BYTES, PasswordError, Passwords};
pub use rate_limit::{Attempt, Limited, RateLimits};
pub use seal::SealError;
pub use secret::{SecretKey, SecretKeyError};
pub use state::{AUTHENTICATED, PUBLIC, TokenKind};
pub use tenants::{DEFAULT_TENANT, is_tenant_name};
