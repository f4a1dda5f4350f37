//! Access control: passwords, sessions, API tokens, roles and their permissions.
//!
//! [`AccessControl`] is the entry point. [`AccessControl::authenticate_caller`] turns an `Authorization` header into a [`Caller`] with permissions; the
//! users-permissions routes call the methods in [`auth`]. `cairn-settings`, above, changes roles, tokens and the other settings.
//!
//! Nothing here logs or prints a password, token, code or key: types that hold one have a `Debug` without it.

mod action_tree;
pub mod actions;
pub mod admin_roles;
pub mod admin_tokens;
mod admin_views;
pub mod auth;
mod auth_settings;
mod authentication;
mod bearer_token;
mod cached_settings;
mod caller;
mod client_network;
mod clock;
mod control;
mod error;
mod file_links;
mod jwt;
mod known_callers;
mod locales;
mod passwords;
pub mod permissions;
mod rate_limit;
mod seal;
mod secret;
mod see_as;
pub mod settings_snapshot;
mod tenants;

pub use action_tree::build_action_tree;
pub use actions::PluginAction;
pub use admin_roles::{
    AdminAction, AdminActionType, AdminActions, AdminPermissions, AdminRole, SUPER_ADMIN_ROLE, action_types,
    is_plugin_permission,
};
pub use admin_tokens::{ADMIN_TOKEN_PREFIX, AdminToken, AdminTokenOwner, AdminTokenState};
pub use admin_views::{ApiToken, ContentRole};
pub use auth::{AdminCaller, AdminCredential, AdminSession, AdminSignedIn, Browser, OwnSessionInfo, ProfileChanges};
pub use auth::{CEREMONY_SECONDS, Ceremony, PasskeyAnswer, PasskeySite};
pub use auth_settings::{AUTH_SETTING, AuthSettings, MAX_INVITATION_DAYS, SessionMode};
pub use authentication::CallersVersion;
pub use cached_settings::CachedSetting;
pub use caller::{Caller, CallerKind, UserCaller, admin_token_key};
pub use client_network::ClientNetwork;
pub use clock::{Clock, ClockMovedBack, FixedClock, MovableClock, SystemClock, format_iso};
pub use control::{AccessControl, SETTINGS_LOCK, first_actions, grant_first, permission_row};
pub use error::AuthError;
pub use file_links::FileLink;
pub use locales::{Locales, is_code as is_locale_code, language_name};
pub use passwords::{MAX_PASSWORD_BYTES, PasswordError, Passwords};
pub use rate_limit::{RateLimitExceeded, RateLimits, SignInAttempt};
pub use seal::SealError;
pub use secret::{SecretKey, SecretKeyError, fill_random};
pub use see_as::SeeAs;
pub use settings_snapshot::{AUTHENTICATED_ROLE, PUBLIC_ROLE, TokenKind};
pub use tenants::{DEFAULT_TENANT, is_tenant_name};
