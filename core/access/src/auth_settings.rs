//! `auth` of the settings file: who may register, and how long users stay signed in.

use crate::settings_snapshot::AUTHENTICATED_ROLE;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Its key among the stored settings.
pub const AUTH_SETTING: &str = "auth";

/// Smallest number of characters of a password, unless the settings require more.
pub const MIN_PASSWORD_CHARS: u32 = 6;
/// Largest number of characters that the settings may require.
pub const MAX_REQUIRED_PASSWORD_CHARS: u32 = 64;
/// Days for which invitations of users are valid unless the settings say otherwise.
const DEFAULT_INVITATION_DAYS: u32 = 7;
/// Largest number of days for which invitations can be valid.
pub const MAX_INVITATION_DAYS: u32 = 90;

/// How sessions work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionMode {
    /// As Strapi by default: a JWT that is valid for 30 days, no refresh token.
    #[default]
    Legacy,
    /// A JWT that is valid for 10 minutes, and a refresh token that is valid for one use within 30 days.
    Refresh,
}

/// Settings of registration and sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AuthSettings {
    /// True if anybody may register (who may call the route).
    pub registration_open: bool,
    /// True if new users have to confirm their address before they may sign in.
    pub confirm_by_mail: bool,
    /// `type` of the role of new users.
    pub default_role: String,
    /// True if sign-in is limited ([`crate::RateLimits`]).
    pub sign_in_rate_limit: bool,
    /// Smallest number of characters of new passwords, also of admin users if it is more than theirs.
    pub password_min_length: u32,
    /// How sessions work.
    pub sessions: SessionMode,
    /// The page where a user with a code chooses a new password; `code` is added to its query. `None`: `/reset-password` of this server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_password_url: Option<String>,
    /// The page that a user is sent to after confirming their address. `None`: the first page of this server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_url: Option<String>,
    /// The page where an invited user chooses their first password; `code` is added to its query. `None`: `/invitation` of this server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation_url: Option<String>,
    /// Days for which an invitation is valid.
    pub invitation_days: u32,
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self {
            registration_open: true,
            confirm_by_mail: false,
            default_role: AUTHENTICATED_ROLE.into(),
            sign_in_rate_limit: true,
            password_min_length: MIN_PASSWORD_CHARS,
            sessions: SessionMode::Legacy,
            reset_password_url: None,
            confirmed_url: None,
            invitation_url: None,
            invitation_days: DEFAULT_INVITATION_DAYS,
        }
    }
}

impl AuthSettings {
    /// Reads the stored settings; if they cannot be read, the strictest ones: nobody registers, sign-in is limited.
    pub fn from_stored(stored: Option<&Json>) -> Self {
        let Some(json) = stored else { return Self::default() };
        serde_json::from_value(json.clone()).unwrap_or_else(|e| {
            tracing::error!(error = %e, "cannot read the stored auth settings; registration is closed");
            Self { registration_open: false, confirm_by_mail: true, ..Self::default() }
        })
    }
}
