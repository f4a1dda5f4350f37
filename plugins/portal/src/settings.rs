//! Settings that the operator has made.

use crate::consents::purposes::Purpose;
use cairn_plugin::Result;
use cairn_plugin::bindings::templates::{self, Template};
use serde::Deserialize;

/// A template of the name of the site where somebody has given it one: what a site is called otherwise is a word of the software.
const SITE_NAME: &str = r#"{"subject":"{{site.signature}}"}"#;

/// The plugin's settings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// Address of the customers' portal, for links in mails; empty: no link.
    pub(crate) portal_url: String,
    /// Name of the portal in its theme; empty: the name of the site, if it has one.
    pub(crate) portal_name: String,
    /// Colour as `#rrggbb`; empty: that of the site.
    pub(crate) accent: String,
    /// Ids of pictures in the media library; empty: the logo of the site, and no picture.
    pub(crate) logo: String,
    pub(crate) picture: String,
    /// Last line of mails; empty: the name of the site, if it has one.
    pub(crate) sender: String,
    /// Where answers to mails go; empty: to the sender of the server.
    pub(crate) reply_to: String,
    /// Of mails to customers for whom no language is set, and of notifications.
    pub(crate) language: String,
    /// Person notified of what needs attention: the id of an admin user, or `role:` and a role; empty: nobody.
    pub(crate) staff: String,
    /// True if a deal of the CRM that is won becomes a vehicle.
    pub(crate) deals: bool,
    /// The pipeline whose deals become vehicles; empty: those of all.
    pub(crate) deal_pipeline: String,
    /// True if owners who have no account are invited.
    pub(crate) invite_customers: bool,
    /// True if delegates who have no account are invited.
    pub(crate) invite_delegates: bool,
    /// Days after a step is done in which it can be rated.
    pub(crate) rating_days: u32,
    /// Days before a service is due on which its reminder is sent.
    pub(crate) service_days: u32,
    /// Kilometres before a service is due at which its reminder is sent.
    pub(crate) service_kilometres: i64,
    /// Days in which a cancelled order can still be read.
    pub(crate) cancelled_days: u32,
    /// True if owners are mailed about steps that are done, new documents and payments that are overdue.
    pub(crate) news_mails: bool,
    /// Purposes that customers are asked to consent to.
    #[serde(default)]
    pub(crate) purposes: Vec<Purpose>,
}

impl Settings {
    /// The settings now.
    ///
    /// # Errors
    /// Where they do not fit.
    pub(crate) fn load() -> Result<Self> {
        cairn_plugin::settings()
    }

    /// How mails are signed.
    pub(crate) fn signature(&self) -> String {
        match self.sender.trim() {
            "" => site_name().unwrap_or_default(),
            sender => sender.to_owned(),
        }
    }
}

/// The name that somebody has given the site; none where nobody has.
pub(crate) fn site_name() -> Option<String> {
    let rendered = templates::render(&Template::Inline(SITE_NAME.to_owned()), "{}", "en").ok()?;
    rendered.subject.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
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
        assert_eq!((settings.language.as_str(), settings.staff.as_str(), settings.rating_days), ("nl", "", 30));
        assert!(settings.deals && settings.deal_pipeline.is_empty());
        assert!(settings.invite_customers && settings.invite_delegates && settings.accent.is_empty());
    }
}
