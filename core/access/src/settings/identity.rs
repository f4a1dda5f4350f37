//! `mail` and `theme` of the file.

use super::SettingChange;
use super::parse::SettingsParser;
use super::walk::SettingsWalk;
use crate::identity::{MailIdentity, Theme, is_picture, parse_colour};
use serde_json::{Map, Value as Json};

/// Longest name of a sender, in characters.
const MAX_SENDER_NAME_CHARS: usize = 100;

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct MailChanges {
    pub(crate) from_name: SettingChange<String>,
    pub(crate) from: SettingChange<String>,
    pub(crate) reply_to: SettingChange<String>,
    pub(crate) held: SettingChange<bool>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ThemeChanges {
    pub(crate) accent: SettingChange<String>,
    pub(crate) logo: SettingChange<String>,
    pub(crate) favicon: SettingChange<String>,
}

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
}

impl ThemeChanges {
    /// The settings after the change.
    pub(crate) fn apply_to(&self, before: &Theme) -> Theme {
        Theme {
            accent: apply_text(&self.accent, &before.accent),
            logo: apply_text(&self.logo, &before.logo),
            favicon: apply_text(&self.favicon, &before.favicon),
        }
    }
}

fn apply_text(change: &SettingChange<String>, before: &Option<String>) -> Option<String> {
    match change {
        SettingChange::Keep => before.clone(),
        SettingChange::Remove => None,
        SettingChange::Set(value) => Some(value.clone()),
    }
}

impl SettingsParser<'_> {
    /// `mail` and `theme` of the file, or of a tenant.
    pub(super) fn parse_identity(&mut self, map: &Map<String, Json>) -> (MailChanges, ThemeChanges) {
        let mut mail = MailChanges::default();
        let mut theme = ThemeChanges::default();
        match map.get("mail") {
            None => {}
            Some(Json::Null) => {
                let (from_name, from, reply_to) = (SettingChange::Remove, SettingChange::Remove, SettingChange::Remove);
                mail = MailChanges { from_name, from, reply_to, held: SettingChange::Remove };
            }
            Some(json) => {
                let registry = self.registry;
                let address = |walk: &mut SettingsWalk, json: &Json, path: &str| {
                    let text = walk.read_text(json, path)?;
                    let good = crate::auth::is_email(registry, &text);
                    if !good {
                        walk.add_problem(path, "expected an e-mail address");
                    }
                    good.then_some(text)
                };
                if let Some(map) = self.walk.read_object(json, "mail", &["fromName", "from", "replyTo", "held"]) {
                    mail = MailChanges {
                        from_name: self.walk.read_change(map, "mail", "fromName", parse_sender),
                        from: self.walk.read_change(map, "mail", "from", address),
                        reply_to: self.walk.read_change(map, "mail", "replyTo", address),
                        held: self.walk.read_change(map, "mail", "held", SettingsWalk::read_bool),
                    };
                }
            }
        }
        match map.get("theme") {
            None => {}
            Some(Json::Null) => {
                theme = ThemeChanges {
                    accent: SettingChange::Remove,
                    logo: SettingChange::Remove,
                    favicon: SettingChange::Remove,
                };
            }
            Some(json) => {
                if let Some(map) = self.walk.read_object(json, "theme", &["accent", "logo", "favicon"]) {
                    theme = ThemeChanges {
                        accent: self.walk.read_change(map, "theme", "accent", parse_accent),
                        logo: self.walk.read_change(map, "theme", "logo", parse_picture_url),
                        favicon: self.walk.read_change(map, "theme", "favicon", parse_picture_url),
                    };
                }
            }
        }
        (mail, theme)
    }
}

/// Parses one line of text: a header of a mail has no more.
fn parse_sender(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<String> {
    let text = walk.read_text(json, path)?;
    if text.chars().count() > MAX_SENDER_NAME_CHARS || text.chars().any(char::is_control) {
        walk.add_problem(path, format!("must be one line of at most {MAX_SENDER_NAME_CHARS} characters"));
        return None;
    }
    Some(text)
}

fn parse_accent(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<String> {
    let found = parse_colour(&walk.read_text(json, path)?);
    if found.is_none() {
        walk.add_problem(path, "expected a colour such as #0b57a4");
    }
    found
}

fn parse_picture_url(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<String> {
    let text = walk.read_text(json, path)?;
    if !is_picture(&text) {
        walk.add_problem(path, "expected the address of a picture: /uploads/… or https://…");
        return None;
    }
    Some(text)
}
