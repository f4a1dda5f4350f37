//! Settings that the operator has made.

use cairn_plugin::{Result, site};
use serde::Deserialize;

/// The plugin's settings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// Address of the customers' portal, for links in mails; empty: no link.
    pub(crate) portal_url: String,
    /// Last line of mails; empty: the name of the site.
    pub(crate) sender: String,
    /// Where answers to mails go; empty: to the sender of the server.
    pub(crate) reply_to: String,
    /// Of mails to customers for whom no language is set.
    pub(crate) language: String,
    /// Person notified about overdue phases and missed slots whose phase names nobody: the id of an admin user, or `role:` and a role.
    pub(crate) staff: String,
    /// Minutes in which a move can be undone, and its mails wait; none: moves cannot be undone.
    #[serde(default)]
    pub(crate) undo_minutes: u32,
    /// Days before a slot is due from which the team hears that it has no content; none: it is told only when the slot is due.
    #[serde(default)]
    pub(crate) content_days: u32,
    /// Days that events and effects are kept after they are done with.
    pub(crate) retention_days: u32,
    /// Key of the definition of journeys that begin with a deal of the CRM that is won; empty: none begin so.
    pub(crate) deal_definition: String,
}

impl Settings {
    /// The settings now.
    ///
    /// # Errors
    /// Where they do not fit.
    pub(crate) fn load() -> Result<Self> {
        cairn_plugin::settings()
    }

    /// How long a move can be undone, in milliseconds.
    pub(crate) fn undo_millis(&self) -> i64 {
        i64::from(self.undo_minutes) * 60_000
    }

    /// How mails are signed.
    pub(crate) fn signature(&self) -> String {
        match self.sender.trim() {
            "" => site().map(|site| site.name).unwrap_or_default(),
            sender => sender.to_owned(),
        }
    }
}

/// True if a text names somebody in the admin: the id of a user, or `role:` and the name of a role.
pub(crate) fn is_recipient(text: &str) -> bool {
    text.parse::<u32>().is_ok() || text.strip_prefix("role:").is_some_and(|role| !role.trim().is_empty())
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
        assert_eq!((settings.language.as_str(), settings.staff.as_str(), settings.retention_days), ("nl", "", 365));
        assert_eq!(settings.undo_millis(), 600_000);
    }

    #[test]
    fn recipients_are_people_and_roles() {
        assert!(is_recipient("7") && is_recipient("role:Production"));
        for other in ["", "role:", "role: ", "Marketing", "-1"] {
            assert!(!is_recipient(other), "{other}");
        }
    }
}
