//! `mail` and `theme` of the file.

use super::Change;
use super::parse::Parser;
use super::walk::Walk;
use crate::identity::{MailIdentity, Theme, colour, is_picture};
use serde_json::{Map, Value as Json};

/// Longest name of a sender, in characters.
const NAME: usize = 100;

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct MailChanges {
    pub(crate) from_name: Change<String>,
    pub(crate) from: Change<String>,
    pub(crate) reply_to: Change<String>,
    pub(crate) held: Change<bool>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ThemeChanges {
    pub(crate) accent: Change<String>,
    pub(crate) logo: Change<String>,
    pub(crate) favicon: Change<String>,
}

impl MailChanges {
    /// The settings after the change.
    pub(crate) fn over(&self, before: &MailIdentity) -> MailIdentity {
        MailIdentity {
            from_name: over(&self.from_name, &before.from_name),
            from: over(&self.from, &before.from),
            reply_to: over(&self.reply_to, &before.reply_to),
            held: self.held.over(before.held, false),
        }
    }
}

impl ThemeChanges {
    /// The settings after the change.
    pub(crate) fn over(&self, before: &Theme) -> Theme {
        Theme {
            accent: over(&self.accent, &before.accent),
            logo: over(&self.logo, &before.logo),
            favicon: over(&self.favicon, &before.favicon),
        }
    }
}

fn over(change: &Change<String>, before: &Option<String>) -> Option<String> {
    match change {
        Change::Keep => before.clone(),
        Change::Remove => None,
        Change::Set(value) => Some(value.clone()),
    }
}

impl Parser<'_> {
    /// `mail` and `theme` of the file, or of a tenant.
    pub(super) fn identity(&mut self, map: &Map<String, Json>) -> (MailChanges, ThemeChanges) {
        let mut mail = MailChanges::default();
        let mut theme = ThemeChanges::default();
        match map.get("mail") {
            None => {}
            Some(Json::Null) => {
                let (from_name, from, reply_to) = (Change::Remove, Change::Remove, Change::Remove);
                mail = MailChanges { from_name, from, reply_to, held: Change::Remove };
            }
            Some(json) => {
                let registry = self.registry;
                let address = |walk: &mut Walk, json: &Json, path: &str| {
                    let text = walk.text(json, path)?;
                    let good = crate::auth::is_email(registry, &text);
                    if !good {
                        walk.problem(path, "expected an e-mail address");
                    }
                    good.then_some(text)
                };
                if let Some(map) = self.walk.object(json, "mail", &["fromName", "from", "replyTo", "held"]) {
                    mail = MailChanges {
                        from_name: self.walk.change(map, "mail", "fromName", sender),
                        from: self.walk.change(map, "mail", "from", address),
                        reply_to: self.walk.change(map, "mail", "replyTo", address),
                        held: self.walk.change(map, "mail", "held", Walk::bool),
                    };
                }
            }
        }
        match map.get("theme") {
            None => {}
            Some(Json::Null) => {
                theme = ThemeChanges { accent: Change::Remove, logo: Change::Remove, favicon: Change::Remove };
            }
            Some(json) => {
                if let Some(map) = self.walk.object(json, "theme", &["accent", "logo", "favicon"]) {
                    theme = ThemeChanges {
                        accent: self.walk.change(map, "theme", "accent", accent),
                        logo: self.walk.change(map, "theme", "logo", picture),
                        favicon: self.walk.change(map, "theme", "favicon", picture),
                    };
                }
            }
        }
        (mail, theme)
    }
}

/// Parses one line of text: a header of a mail has no more.
fn sender(walk: &mut Walk, json: &Json, path: &str) -> Option<String> {
    let text = walk.text(json, path)?;
    if text.chars().count() > NAME || text.chars().any(char::is_control) {
        walk.problem(path, format!("must be one line of at most {NAME} characters"));
        return None;
    }
    Some(text)
}

fn accent(walk: &mut Walk, json: &Json, path: &str) -> Option<String> {
    let found = colour(&walk.text(json, path)?);
    if found.is_none() {
        walk.problem(path, "expected a colour such as #0b57a4");
    }
    found
}

fn picture(walk: &mut Walk, json: &Json, path: &str) -> Option<String> {
    let text = walk.text(json, path)?;
    if !is_picture(&text) {
        walk.problem(path, "expected the address of a picture: /uploads/… or https://…");
        return None;
    }
    Some(text)
}
