//! `auth` of the file: registration and sign-in of the content API.

use super::parser::SettingsParser;
use crate::change::SettingChange;
use crate::input::read_input;
use crate::text::checked_text;
use cairn_access::auth::{MAX_REQUIRED_PASSWORD_CHARS, MIN_PASSWORD_CHARS};
use cairn_access::{MAX_INVITATION_DAYS, SessionMode};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::borrow::Cow;
use utoipa::ToSchema;

/// Changes of registration and sign-in; what is left out stays, null is the default again.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, description = "Registration and sign-in")]
pub struct AuthChanges {
    #[serde(default)]
    #[schema(value_type = Option<RegistrationChanges>)]
    pub(crate) registration: SettingChange<RegistrationChanges>,
    #[serde(default)]
    #[schemars(description = "Whether guessing passwords is limited; true by default")]
    #[schema(value_type = Option<bool>)]
    pub(crate) sign_in_rate_limit: SettingChange<bool>,
    #[serde(default)]
    #[schemars(description = "Smallest number of characters of new passwords; 6 by default")]
    #[schema(value_type = Option<u32>)]
    pub(crate) password_min_length: SettingChange<PasswordMinLength>,
    #[serde(default)]
    #[schema(value_type = Option<ContentSessions>)]
    pub(crate) sessions: SettingChange<ContentSessions>,
    #[serde(default)]
    #[schemars(
        description = "The page where users with a code choose a new password; the code is added to its query string"
    )]
    #[schema(value_type = Option<String>)]
    pub(crate) reset_password_url: SettingChange<PageUrl>,
    #[serde(default)]
    #[schemars(description = "The page that users are sent to after they confirm their address")]
    #[schema(value_type = Option<String>)]
    pub(crate) confirmed_url: SettingChange<PageUrl>,
    #[serde(default)]
    #[schemars(
        description = "The page where invited users choose their first password; the code is added to its query string"
    )]
    #[schema(value_type = Option<String>)]
    pub(crate) invitation_url: SettingChange<PageUrl>,
    #[serde(default)]
    #[schemars(description = "Days for which an invitation is valid; 7 by default")]
    #[schema(value_type = Option<u32>)]
    pub(crate) invitation_days: SettingChange<InvitationDays>,
}

/// Changes of the terms of registration.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, description = "Who can register")]
pub struct RegistrationChanges {
    #[serde(default)]
    #[schemars(description = "true by default")]
    #[schema(value_type = Option<bool>)]
    pub(crate) open: SettingChange<bool>,
    #[serde(default)]
    #[schemars(description = "Whether new users confirm their address before they can sign in; false by default")]
    #[schema(value_type = Option<bool>)]
    pub(crate) confirm_by_mail: SettingChange<bool>,
    #[serde(default)]
    #[schemars(description = "The type of the role of new users; authenticated by default")]
    #[schema(value_type = Option<String>)]
    pub(crate) default_role: SettingChange<RoleType>,
}

/// How long users of the content API stay signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContentSessions {
    /// Tokens live 30 days.
    Legacy,
    /// 10 minutes, with refresh tokens.
    Refresh,
}

impl From<ContentSessions> for SessionMode {
    fn from(sessions: ContentSessions) -> Self {
        match sessions {
            ContentSessions::Legacy => Self::Legacy,
            ContentSessions::Refresh => Self::Refresh,
        }
    }
}

impl From<SessionMode> for ContentSessions {
    fn from(mode: SessionMode) -> Self {
        match mode {
            SessionMode::Legacy => Self::Legacy,
            SessionMode::Refresh => Self::Refresh,
        }
    }
}

/// The smallest number of characters of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub(crate) struct PasswordMinLength(u32);

impl From<PasswordMinLength> for u32 {
    fn from(PasswordMinLength(chars): PasswordMinLength) -> Self {
        chars
    }
}

impl TryFrom<u32> for PasswordMinLength {
    type Error = String;

    fn try_from(chars: u32) -> Result<Self, String> {
        match (MIN_PASSWORD_CHARS..=MAX_REQUIRED_PASSWORD_CHARS).contains(&chars) {
            true => Ok(Self(chars)),
            false => Err(format!("must be {MIN_PASSWORD_CHARS} to {MAX_REQUIRED_PASSWORD_CHARS}")),
        }
    }
}

impl JsonSchema for PasswordMinLength {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PasswordMinLength".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN_PASSWORD_CHARS, "maximum": MAX_REQUIRED_PASSWORD_CHARS })
    }
}

/// How long an invitation is valid, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub(crate) struct InvitationDays(u32);

impl From<InvitationDays> for u32 {
    fn from(InvitationDays(days): InvitationDays) -> Self {
        days
    }
}

impl TryFrom<u32> for InvitationDays {
    type Error = String;

    fn try_from(days: u32) -> Result<Self, String> {
        match (1..=MAX_INVITATION_DAYS).contains(&days) {
            true => Ok(Self(days)),
            false => Err(format!("must be 1 to {MAX_INVITATION_DAYS}")),
        }
    }
}

impl JsonSchema for InvitationDays {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "InvitationDays".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX_INVITATION_DAYS })
    }
}

checked_text!(
    /// The address of a page, which is part of mails and of a response header.
    PageUrl,
    check_page_url,
    { "type": "string", "pattern": "^https?://" }
);
checked_text!(
    /// The type of a role of the content API.
    RoleType,
    check_role_type,
    { "type": "string" }
);

fn check_page_url(text: String) -> Result<String, String> {
    let rest = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    if rest.is_none_or(|r| r.is_empty() || r.starts_with('/')) || !plain || text.len() > 2048 || text.contains('#') {
        return Err("expected the address of a page: https://… or http://…, in ASCII, without #".to_owned());
    }
    Ok(text)
}

/// Checks the form of a role's type.
pub(super) fn check_role_type(text: String) -> Result<String, String> {
    if text.len() > 64 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err("expected the type of a role: letters, digits, - and _".to_owned());
    }
    Ok(text)
}

impl AuthChanges {
    /// Everything becomes the default.
    fn all_defaults() -> Self {
        Self {
            registration: SettingChange::Remove,
            sign_in_rate_limit: SettingChange::Remove,
            password_min_length: SettingChange::Remove,
            sessions: SettingChange::Remove,
            reset_password_url: SettingChange::Remove,
            confirmed_url: SettingChange::Remove,
            invitation_url: SettingChange::Remove,
            invitation_days: SettingChange::Remove,
        }
    }

    /// Returns the changes of the terms of registration; all of them are removed where the whole is.
    pub(super) fn registration_changes(&self) -> RegistrationChanges {
        match &self.registration {
            SettingChange::Keep => RegistrationChanges::default(),
            SettingChange::Remove => RegistrationChanges {
                open: SettingChange::Remove,
                confirm_by_mail: SettingChange::Remove,
                default_role: SettingChange::Remove,
            },
            SettingChange::Set(changes) => changes.clone(),
        }
    }
}

impl SettingsParser<'_> {
    pub(super) fn parse_auth(&mut self, json: &Json) -> AuthChanges {
        match json {
            Json::Null => AuthChanges::all_defaults(),
            json => read_input(self.problems, json, "auth").unwrap_or_default(),
        }
    }
}
