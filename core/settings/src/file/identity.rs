//! `mail` and `theme` of the file.

use super::parser::SettingsParser;
use crate::calendars::ZoneName;
use crate::change::SettingChange;
use crate::identity::{MailIdentity, Theme, is_picture, parse_colour};
use crate::input::read_input;
use crate::text::{check_line, checked_text};
use cairn_model::fields::is_email;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

/// The problem of a text that is no address.
pub(super) const INVALID_EMAIL: &str = "expected an e-mail address";
/// Longest name of a sender, in characters.
const MAX_SENDER_NAME_CHARS: usize = 100;

/// Changes of the sender of mails; what is left out stays, null is the default again.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, description = "The sender of mails")]
pub struct MailChanges {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) from_name: SettingChange<SenderName>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) from: SettingChange<MailAddress>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) reply_to: SettingChange<MailAddress>,
    #[serde(default)]
    #[schemars(
        description = "Mails are stored instead of sent, except those that a person has requested and is waiting for"
    )]
    #[schema(value_type = Option<bool>)]
    pub(crate) held: SettingChange<bool>,
}

/// Changes of the appearance; what is left out stays, null is the default again.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema, ToSchema)]
#[schemars(deny_unknown_fields, description = "Appearance")]
pub struct ThemeChanges {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) accent: SettingChange<Colour>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) logo: SettingChange<PictureUrl>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) favicon: SettingChange<PictureUrl>,
    #[serde(default)]
    #[schemars(description = "Time zone of the site")]
    #[schema(value_type = Option<String>)]
    pub(crate) zone: SettingChange<ZoneName>,
}

checked_text!(
    /// The name of a sender: one line, since a header of a mail has no more.
    SenderName,
    |text| check_line(text, MAX_SENDER_NAME_CHARS),
    { "type": "string", "maxLength": MAX_SENDER_NAME_CHARS }
);
checked_text!(
    /// An e-mail address, by the rules of content.
    MailAddress,
    |text| match is_email(&text) {
        true => Ok(text),
        false => Err(INVALID_EMAIL.to_owned()),
    },
    { "type": "string", "format": "email" }
);
checked_text!(
    /// A colour in lower case.
    Colour,
    |text| parse_colour(&text).ok_or_else(|| "expected a colour such as #0b57a4".to_owned()),
    { "type": "string", "pattern": "^#[0-9a-fA-F]{6}$" }
);
checked_text!(
    /// The address of a picture.
    PictureUrl,
    |text| match is_picture(&text) {
        true => Ok(text),
        false => Err("expected the address of a picture: /uploads/… or https://…".to_owned()),
    },
    { "type": "string", "pattern": "^(/uploads/|https://)" }
);

impl MailChanges {
    /// The settings after the change.
    pub(crate) fn apply_to(&self, before: &MailIdentity) -> MailIdentity {
        MailIdentity {
            from_name: apply_text(&self.from_name, &before.from_name),
            from: apply_text(&self.from, &before.from),
            reply_to: apply_text(&self.reply_to, &before.reply_to),
            held: self.held.apply_to(before.held, false),
        }
    }

    fn all_defaults() -> Self {
        let (from, reply_to) = (SettingChange::Remove, SettingChange::Remove);
        Self { from_name: SettingChange::Remove, from, reply_to, held: SettingChange::Remove }
    }
}

impl ThemeChanges {
    /// The settings after the change.
    pub(crate) fn apply_to(&self, before: &Theme) -> Theme {
        Theme {
            accent: apply_text(&self.accent, &before.accent),
            logo: apply_text(&self.logo, &before.logo),
            favicon: apply_text(&self.favicon, &before.favicon),
            zone: apply_text(&self.zone, &before.zone),
        }
    }

    fn all_defaults() -> Self {
        let (accent, logo, favicon) = (SettingChange::Remove, SettingChange::Remove, SettingChange::Remove);
        Self { accent, logo, favicon, zone: SettingChange::Remove }
    }
}

fn apply_text<T: Clone + Into<String>>(change: &SettingChange<T>, before: &Option<String>) -> Option<String> {
    change.clone().map_value(|text| Some(text.into())).apply_to(before.clone(), None)
}

impl SettingsParser<'_> {
    /// `mail` and `theme` of the file, or of a tenant.
    pub(super) fn parse_identity(&mut self, map: &Map<String, Json>) -> (MailChanges, ThemeChanges) {
        let mail = match map.get("mail") {
            None => MailChanges::default(),
            Some(Json::Null) => MailChanges::all_defaults(),
            Some(json) => read_input(self.problems, json, "mail").unwrap_or_default(),
        };
        let theme = match map.get("theme") {
            None => ThemeChanges::default(),
            Some(Json::Null) => ThemeChanges::all_defaults(),
            Some(json) => read_input(self.problems, json, "theme").unwrap_or_default(),
        };
        (mail, theme)
    }
}
