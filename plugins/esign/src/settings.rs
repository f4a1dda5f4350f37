//! Settings that the operator has made.

use crate::account_links::SigningWay;
use crate::approval_rules::ApprovalRule;
use cairn_plugin::pdf::Pades;
use cairn_plugin::{Result, site};
use serde::Deserialize;

/// The settings of the plugin.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// Name of the company that asks for signatures, in mails and on pages; empty for the site's name.
    pub(crate) company_name: String,
    /// Address of the site on which signers have an account, to which pages lead back; empty for none.
    #[serde(default)]
    pub(crate) site_url: String,
    /// Where answers to mails go; empty for the operator's own address.
    pub(crate) reply_to: String,
    /// The language of who has none of their own: `nl` or `en`.
    pub(crate) language: String,
    pub(crate) timezone: String,
    /// Level of the seal.
    pub(crate) level: SealLevel,
    /// Days to sign.
    pub(crate) expiry_days: u32,
    /// Days between reminders of an envelope that says nothing else; 0 for none.
    pub(crate) remind_days: i64,
    /// True if signers of later groups get a link at once, which opens the document when it is their turn.
    pub(crate) announce: bool,
    /// How signers come to the document who are signed in on the site.
    #[serde(default)]
    pub(crate) signed_in_signing: SigningWay,
    /// Rules on who has to approve which envelopes.
    #[serde(default)]
    pub(crate) approval_rules: Vec<ApprovalRule>,
}

/// Level of a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum SealLevel {
    #[serde(rename = "b-b")]
    Basic,
    /// With a time stamp of an authority.
    #[serde(rename = "b-t")]
    TimeStamped,
}

impl SealLevel {
    /// The level as the host knows it.
    pub(crate) const fn to_pades(self) -> Pades {
        match self {
            Self::Basic => Pades::BB,
            Self::TimeStamped => Pades::BT,
        }
    }
}

impl Settings {
    /// The settings now.
    ///
    /// # Errors
    /// Where they do not fit.
    pub(crate) fn load() -> Result<Self> {
        cairn_plugin::settings()
    }

    /// Returns the name of the company that asks for signatures.
    pub(crate) fn company(&self) -> String {
        match self.company_name.trim() {
            "" => site().map(|site| site.name).unwrap_or_default(),
            name => name.to_owned(),
        }
    }
}

/// The languages of recipients.
pub(crate) const LANGUAGES: [&str; 2] = ["nl", "en"];

/// The first of these that recipients can be written to in; English where none is.
pub(crate) fn pick_language<'a>(wishes: &[Option<&'a str>]) -> &'a str {
    wishes.iter().flatten().copied().find(|wish| LANGUAGES.contains(wish)).unwrap_or("en")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_the_schema_are_settings() {
        let schema: serde_json::Value = serde_json::from_str(include_str!("../settings.schema.json")).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        let defaults: serde_json::Map<_, _> =
            properties.iter().map(|(name, property)| (name.clone(), property["default"].clone())).collect();
        let settings: Settings = serde_json::from_value(defaults.into()).unwrap();
        assert_eq!((settings.level, settings.expiry_days, settings.announce), (SealLevel::Basic, 14, false));
    }

    #[test]
    fn the_first_language_that_there_are_texts_in_counts() {
        assert_eq!(pick_language(&[None, Some("de"), Some("nl")]), "nl");
        assert_eq!(pick_language(&[Some("en"), Some("nl")]), "en");
        assert_eq!(pick_language(&[Some("fr"), None]), "en");
    }
}
