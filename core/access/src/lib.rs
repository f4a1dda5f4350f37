//! Access control: passwords, sessions, API tokens, roles and their permissions, and the settings file that sets them.
//!
//! [`AccessControl`] is the entry point. [`AccessControl::authenticate_caller`] turns an `Authorization` header into a [`Caller`] with permissions; the
//! users-permissions routes call the methods in [`auth`]; `cairn apply` calls [`settings`].
//!
//! Nothing here logs or prints a password, token, code or key: types that hold one have a `Debug` without it.

pub mod actions;
mod admin_roles;
mod admin_tokens;
mod admin_views;
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
mod permissions;
mod rate_limit;
mod seal;
mod secret;
pub mod settings;
mod settings_snapshot;
mod tenants;
pub mod webhooks;
pub mod workflows;

pub use actions::PluginAction;
pub use admin_roles::{
    AdminAction, AdminActionType, AdminActions, AdminPermissions, AdminRole, action_types, is_plugin_permission,
};
pub use admin_tokens::{ADMIN_TOKEN_PREFIX, AdminToken, AdminTokenOwner, AdminTokenState, admin_token_key};
pub use admin_views::{ApiToken, ContentRole};
pub use auth::{
    AdminCaller, AdminCredential, AdminSession, AdminSignedIn, Browser, OwnSessionInfo, ProfileChanges,
    SUPER_ADMIN_ROLE,
};
pub use auth::{CEREMONY_SECONDS, Ceremony, PasskeyAnswer, PasskeySite};
pub use auth_settings::{AuthSettings, SessionMode};
pub use caller::{Caller, CallerKind, UserCaller};
pub use clock::{Clock, FixedClock, SystemClock, format_iso};
pub use control::AccessControl;
pub use error::AuthError;
pub use file_links::FileLink;
pub use hosts::HostName;
pub use identity::{MailIdentity, Theme};
pub use locales::Locales;
pub use passwords::{MAX_PASSWORD_BYTES, PasswordError, Passwords};
pub use rate_limit::{RateLimitExceeded, RateLimits, SignInAttempt};
pub use seal::SealError;
pub use secret::{SecretKey, SecretKeyError};
pub use settings_snapshot::{AUTHENTICATED_ROLE, PUBLIC_ROLE, TokenKind};
pub use tenants::{DEFAULT_TENANT, is_tenant_name};
