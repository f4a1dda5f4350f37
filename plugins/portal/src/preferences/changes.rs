//! Customers read and change their preferences.

use super::delivery::reschedule_mails;
use super::model::{Digest, Preference, choose_language, of_account};
use super::quiet_hours::is_clock_time;
use crate::bodies::NamedFields;
use crate::model::Access;
use crate::refusals::wrong_field;
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::{run_transaction, zones};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

/// Longest name of a time zone.
const MAX_ZONE_CHARS: usize = 60;

/// The body that a customer sends; what is not named stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PreferenceRequest {
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    channels: Option<NamedFields<ChannelsRequest>>,
    #[serde(default)]
    topics: Option<NamedFields<TopicsRequest>>,
    #[serde(default)]
    digest: Option<String>,
    /// The outer `None` is a field that is not there, the inner one `null`: no quiet hours.
    #[serde(default, deserialize_with = "read_present")]
    quiet_hours: Option<Option<NamedFields<QuietHoursRequest>>>,
    #[serde(default)]
    time_zone: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelsRequest {
    #[serde(default)]
    email: Option<bool>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicsRequest {
    #[serde(default)]
    production: Option<bool>,
    #[serde(default)]
    documents: Option<bool>,
    #[serde(default)]
    payments: Option<bool>,
    #[serde(default)]
    service: Option<bool>,
    #[serde(default)]
    surveys: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuietHoursRequest {
    from: String,
    to: String,
}

fn read_present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The preferences of a user of the content API.
///
/// # Errors
/// What the host says.
pub(crate) fn describe_preferences(account: &str) -> Result<Value> {
    let preference = Preference::load(account)?;
    let language = match &preference.language {
        Some(language) => language.clone(),
        None => find_language(account)?,
    };
    Ok(preference.describe(&language))
}

/// The language of somebody who has chosen none.
fn find_language(account: &str) -> Result<String> {
    let own = data::find::<Access>().filter(of_account(account)).filter(json!({ "language": { "$notNull": true } }));
    let of_access = own.sort("createdAt:desc").first()?.and_then(|access| access.fields.language);
    Ok(choose_language(None, of_access.as_deref(), &Settings::load()?))
}

/// Stores what a customer changes. Mails that wait are due by the new preferences.
///
/// # Errors
/// `Invalid` with the field that is wrong.
pub(crate) fn change_preferences(account: &str, request: &PreferenceRequest, locale: &str) -> Result<Value> {
    check_request(request, locale)?;
    run_transaction(|| {
        let stored = data::find::<Preference>().filter(of_account(account)).lock().first()?;
        let before = stored.as_ref().map(|row| row.fields.clone()).unwrap_or_default();
        let fields = merge_request(&before, request);
        match &stored {
            Some(row) => drop(data::update::<Preference>(&row.document_id, &fields)?),
            None => {
                let mut fields = fields;
                fields.insert("account".to_owned(), json!(account));
                data::create::<Preference>(&fields)?;
            }
        }
        reschedule_mails(account, &Preference::load(account)?)
    })?;
    describe_preferences(account)
}

/// Checks what stands alone.
fn check_request(request: &PreferenceRequest, locale: &str) -> Result<()> {
    let wrong = |path: &str, code: &str| Err(wrong_field(path, code, locale, None));
    if request.language.as_deref().is_some_and(|language| !matches!(language, "nl" | "en")) {
        return wrong("language", "unknown-language");
    }
    if request.digest.as_deref().is_some_and(|digest| !matches!(digest, "off" | "daily")) {
        return wrong("digest", "unknown-digest");
    }
    if let Some(Some(quiet)) = &request.quiet_hours {
        if !is_clock_time(&quiet.from) {
            return wrong("quietHours.from", "clock-time");
        }
        if !is_clock_time(&quiet.to) {
            return wrong("quietHours.to", "clock-time");
        }
        if quiet.from == quiet.to {
            return wrong("quietHours.to", "quiet-same");
        }
    }
    if let Some(zone) = &request.time_zone
        && (zone.is_empty() || zone.chars().count() > MAX_ZONE_CHARS || zones::to_local(zone, &[time::now()]).is_err())
    {
        return wrong("timeZone", "unknown-zone");
    }
    Ok(())
}

/// The fields that are stored for a request.
fn merge_request(before: &Preference, request: &PreferenceRequest) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    if let Some(language) = &request.language {
        set("language", json!(language));
    }
    if let Some(email) = request.channels.as_ref().and_then(|channels| channels.email) {
        set("email", json!(email));
    }
    if let Some(wish) = &request.topics {
        let mut topics = before.topics;
        topics.production = wish.production.unwrap_or(topics.production);
        topics.documents = wish.documents.unwrap_or(topics.documents);
        topics.payments = wish.payments.unwrap_or(topics.payments);
        topics.service = wish.service.unwrap_or(topics.service);
        topics.surveys = wish.surveys.unwrap_or(topics.surveys);
        set("topics", json!(topics));
    }
    if let Some(digest) = request.digest.as_deref() {
        set("digest", json!(if digest == "daily" { Digest::Daily } else { Digest::Off }));
    }
    if let Some(quiet) = &request.quiet_hours {
        set("quietFrom", json!(quiet.as_ref().map(|quiet| quiet.from.as_str())));
        set("quietTo", json!(quiet.as_ref().map(|quiet| quiet.to.as_str())));
    }
    if let Some(zone) = &request.time_zone {
        set("timeZone", json!(zone));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merge(request: Value) -> Map<String, Value> {
        let before: Preference = serde_json::from_value(json!({ "topics": { "service": false } })).unwrap();
        merge_request(&before, &serde_json::from_value(request).unwrap())
    }

    #[test]
    fn only_what_is_named_changes() {
        assert!(merge(json!({})).is_empty());
        let topics = merge(json!({ "topics": { "surveys": false } }));
        assert_eq!((&topics["topics"]["surveys"], &topics["topics"]["service"]), (&json!(false), &json!(false)));
        assert_eq!(topics["topics"]["payments"], true);
        assert_eq!(topics.len(), 1);
    }

    #[test]
    fn no_quiet_hours_are_another_wish_than_none_named() {
        let none = merge(json!({ "quietHours": null }));
        assert_eq!((&none["quietFrom"], &none["quietTo"]), (&Value::Null, &Value::Null));
        let night = merge(json!({ "quietHours": { "from": "22:00", "to": "07:00" } }));
        assert_eq!((&night["quietFrom"], &night["quietTo"]), (&json!("22:00"), &json!("07:00")));
    }

    #[test]
    fn unknown_fields_and_lists_are_refused() {
        for wrong in [
            json!({ "channels": { "sms": true } }),
            json!({ "topics": { "weather": true } }),
            json!({ "topics": [true] }),
            json!({ "channels": [true] }),
            json!({ "quietHours": { "from": "22:00" } }),
            json!({ "quietHours": ["22:00", "07:00"] }),
            json!({ "topics": { "service": "yes" } }),
            json!({ "more": 1 }),
        ] {
            assert!(serde_json::from_value::<PreferenceRequest>(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
