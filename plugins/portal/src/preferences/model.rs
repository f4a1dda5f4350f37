//! Preferences and mails that wait, as they are stored, and what counts where nothing is.

use super::quiet_hours::{QuietHours, find_end, list_next};
use crate::model::{Link, Vehicle, content_type};
use crate::settings::Settings;
use cairn_plugin::data::or_default;
use cairn_plugin::prelude::*;
use cairn_plugin::{look, zones};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// When the mail of a day is sent to those who want one a day.
const DIGEST_TIME: &str = "08:00";

/// A subject of mails to customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Topic {
    Production,
    Documents,
    Payments,
    Service,
    Surveys,
}

impl Topic {
    /// The template of mails about the topic.
    pub(crate) const fn template(self) -> &'static str {
        match self {
            Self::Production => "step",
            Self::Documents => "document",
            Self::Payments => "payment",
            Self::Service => "service",
            Self::Surveys => "survey",
        }
    }
}

/// Topics that somebody gets mails about; those that are not named are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Topics {
    pub(crate) production: bool,
    pub(crate) documents: bool,
    pub(crate) payments: bool,
    pub(crate) service: bool,
    pub(crate) surveys: bool,
}

impl Default for Topics {
    fn default() -> Self {
        Self { production: true, documents: true, payments: true, service: true, surveys: true }
    }
}

impl Topics {
    const fn contain(self, topic: Topic) -> bool {
        match topic {
            Topic::Production => self.production,
            Topic::Documents => self.documents,
            Topic::Payments => self.payments,
            Topic::Service => self.service,
            Topic::Surveys => self.surveys,
        }
    }
}

/// Collection of mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Digest {
    /// Each is sent by itself.
    #[default]
    Off,
    /// One mail a day has them all.
    Daily,
}

/// Preferences as somebody has chosen them; what is missing is as by default.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Preference {
    #[serde(default)]
    pub(crate) language: Option<String>,
    #[serde(default)]
    pub(crate) email: Option<bool>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) topics: Topics,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) digest: Digest,
    #[serde(default)]
    pub(crate) quiet_from: Option<String>,
    #[serde(default)]
    pub(crate) quiet_to: Option<String>,
    #[serde(default)]
    pub(crate) time_zone: Option<String>,
}
content_type!(Preference, "plugin::portal.preference");

impl Preference {
    /// Loads the preferences of an account: the defaults for somebody who has chosen nothing.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn load(account: &str) -> Result<Self> {
        let stored = data::find::<Self>().filter(of_account(account)).first()?;
        Ok(stored.map(|row| row.fields).unwrap_or_default())
    }

    /// True if mails about a topic are wanted.
    pub(crate) fn wants(&self, topic: Topic) -> bool {
        self.email != Some(false) && self.topics.contain(topic)
    }

    /// The time zone of the customer's clock.
    pub(crate) fn zone(&self) -> String {
        self.time_zone.clone().unwrap_or_else(|| look().zone)
    }

    /// The hours in which nothing is sent.
    pub(crate) fn quiet_hours(&self) -> Option<QuietHours> {
        let (from, to) = self.quiet_from.clone().zip(self.quiet_to.clone())?;
        Some(QuietHours { from, to })
    }

    /// When the quiet hours end that contain a moment; none for a moment outside.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn find_quiet_end(&self, at: Instant) -> Result<Option<Instant>> {
        let Some(quiet) = self.quiet_hours() else { return Ok(None) };
        let zone = self.zone();
        let Some(bounds) = quiet.list_bounds(&local_day(&zone, at)?) else { return Ok(None) };
        Ok(find_end(&zones::to_instants(&zone, &bounds)?, at))
    }

    /// When a mail of a moment may be sent: at once, with the mail of the day, or when the quiet hours end.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn find_due(&self, at: Instant) -> Result<Instant> {
        let at = match self.digest {
            Digest::Off => at,
            Digest::Daily => {
                let zone = self.zone();
                let next = list_next(&local_day(&zone, at)?, DIGEST_TIME).unwrap_or_default();
                let next = zones::to_instants(&zone, &next)?.into_iter().find(|next| *next > at);
                next.unwrap_or(at)
            }
        };
        Ok(self.find_quiet_end(at)?.unwrap_or(at))
    }

    /// The preferences as customers see them. `language`: that of somebody who has chosen none.
    pub(crate) fn describe(&self, language: &str) -> Value {
        json!({
            "language": self.language.as_deref().unwrap_or(language), "channels": { "email": self.email.unwrap_or(true) },
            "topics": self.topics, "digest": self.digest,
            "quietHours": self.quiet_hours().map(|quiet| json!({ "from": quiet.from, "to": quiet.to })),
            "timeZone": self.zone(),
        })
    }
}

fn local_day(zone: &str, at: Instant) -> Result<String> {
    let local = zones::to_local(zone, &[at])?.pop().unwrap_or_default();
    Ok(local.get(..10).unwrap_or_default().to_owned())
}

/// The filter of what belongs to an account.
pub(crate) fn of_account(account: &str) -> Value {
    json!({ "account": { "documentId": { "$eq": account } } })
}

/// The language of mails to somebody: their choice, that of their access, or that of the settings.
pub(crate) fn choose_language(chosen: Option<&str>, of_access: Option<&str>, settings: &Settings) -> String {
    chosen.or(of_access).unwrap_or(&settings.language).to_owned()
}

/// A mail that waits.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PendingMail {
    #[serde(default)]
    pub(crate) account: Option<Link>,
    #[serde(default)]
    pub(crate) vehicle: Option<Row<Vehicle>>,
    pub(crate) topic: Topic,
    pub(crate) mail_key: String,
    /// The document that it is about: a survey that was answered meanwhile needs no mail.
    #[serde(default)]
    pub(crate) about: Option<String>,
    #[serde(default)]
    pub(crate) model: Value,
    pub(crate) due_at: String,
}
content_type!(PendingMail, "plugin::portal.pending-mail");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_wanted() {
        let of = |stored: Value| -> Preference { serde_json::from_value(stored).unwrap() };
        let nothing = of(json!({ "topics": null, "email": null }));
        assert!(nothing.wants(Topic::Service) && nothing.wants(Topic::Surveys));
        let one = of(json!({ "topics": { "surveys": false } }));
        assert!(one.wants(Topic::Service) && !one.wants(Topic::Surveys));
        let none = of(json!({ "email": false }));
        assert!(!none.wants(Topic::Service));
    }

    #[test]
    fn a_language_is_chosen_or_that_of_the_access() {
        let schema: Value = serde_json::from_str(include_str!("../../settings.schema.json")).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        let defaults: serde_json::Map<_, _> =
            properties.iter().map(|(name, property)| (name.clone(), property["default"].clone())).collect();
        let settings: Settings = serde_json::from_value(defaults.into()).unwrap();
        let choose = |chosen, of_access| choose_language(chosen, of_access, &settings);
        assert_eq!((choose(Some("en"), Some("nl")), choose(None, Some("en"))), ("en".to_owned(), "en".to_owned()));
        assert_eq!(choose(None, None), "nl");
    }
}
