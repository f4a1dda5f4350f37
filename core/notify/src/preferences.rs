//! How a user wants to be notified: of each kind, on each channel.

mod view;

pub use view::{ChannelName, KindPreferenceView, NotificationChannelView, PreferencesView};

use crate::channel::{self, NotificationLevel};
use crate::digest;
use crate::error::{InvalidFields, NotifyError};
use crate::kind::Kind;
use cairn_events::zone;
use cairn_store::notify::PreferenceRow;
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Longest name of a locale, in characters.
const MAX_LOCALE_CHARS: usize = 20;

/// A validated change of preferences.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PreferenceChanges {
    zone: Option<Option<String>>,
    locale: Option<Option<String>>,
    levels: Vec<PreferenceRow>,
}

/// Parses a change: `{"zone": …, "locale": …, "kinds": {"mention": {"mail": "off"}}}`. What it does not contain
/// stays; null sets the default. The error lists every problem.
pub fn parse_changes(body: &Json) -> Result<PreferenceChanges, InvalidFields> {
    let mut problems: Vec<(String, String)> = Vec::new();
    let mut changes = PreferenceChanges::default();
    let Some(body) = body.as_object() else { return Err(InvalidFields::for_field("", "expected an object")) };
    for (key, value) in body {
        match key.as_str() {
            "zone" => match value {
                Json::Null => changes.zone = Some(None),
                Json::String(name) => match zone::parse_zone(name) {
                    Ok(_) => changes.zone = Some(Some(name.clone())),
                    Err(e) => problems.push(("zone".into(), e.to_string())),
                },
                _ => problems.push(("zone".into(), "expected a name such as \"Europe/Amsterdam\", or null".into())),
            },
            "locale" => match value {
                Json::Null => changes.locale = Some(None),
                Json::String(code) if is_locale(code) => changes.locale = Some(Some(code.clone())),
                _ => problems.push(("locale".into(), "expected a locale code, such as nl or nl-BE, or null".into())),
            },
            "kinds" => match value.as_object() {
                Some(kinds) => parse_levels(kinds, &mut changes.levels, &mut problems),
                None => problems.push(("kinds".into(), "expected an object keyed by kind".into())),
            },
            _ => problems.push((key.clone(), "unknown key; use zone, locale or kinds".into())),
        }
    }
    if problems.is_empty() { Ok(changes) } else { Err(InvalidFields(problems)) }
}

fn is_locale(code: &str) -> bool {
    (2..=MAX_LOCALE_CHARS).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn parse_levels(kinds: &Map<String, Json>, levels: &mut Vec<PreferenceRow>, problems: &mut Vec<(String, String)>) {
    for (name, channels) in kinds {
        let path = format!("kinds.{name}");
        let Some(kind) = Kind::parse(name) else {
            let known: Vec<&str> = Kind::ALL.iter().map(|k| k.as_str()).collect();
            problems.push((path, format!("unknown kind; use one of {}", known.join(", "))));
            continue;
        };
        let Some(channels) = channels.as_object() else {
            problems.push((path, "expected an object keyed by channel".into()));
            continue;
        };
        for (name, value) in channels {
            let path = format!("{path}.{name}");
            let Some(channel) = channel::find_channel(name) else {
                let known: Vec<&str> = channel::ALL_CHANNELS.iter().map(|c| c.name()).collect();
                problems.push((path, format!("unknown channel; use one of {}", known.join(", "))));
                continue;
            };
            let level = match value {
                Json::Null => Some(channel.default_level(kind)),
                other => other.as_str().and_then(NotificationLevel::parse),
            };
            match level.filter(|l| channel.offered_levels().contains(l)) {
                Some(level) => levels.push(PreferenceRow {
                    kind: kind.as_str().to_owned(),
                    channel: channel.name().to_owned(),
                    level: level.as_str().to_owned(),
                }),
                None => {
                    let known: Vec<&str> = channel.offered_levels().iter().map(|l| l.as_str()).collect();
                    problems.push((path, format!("expected one of {}, or null", known.join(", "))));
                }
            }
        }
    }
}

/// Changes the preferences of a user. `now` is in milliseconds.
///
/// # Errors
/// [`NotifyError::NotFound`] if the user does not exist; else errors of the store.
pub fn apply_changes(
    tx: &mut WriteTx<'_>,
    admin_user: i64,
    changes: &PreferenceChanges,
    now: i64,
) -> Result<(), NotifyError> {
    let person = tx.reader().notification_preferences().get_recipient(admin_user)?.ok_or(NotifyError::NotFound)?;
    if changes.zone.is_some() || changes.locale.is_some() {
        let zone = changes.zone.clone().unwrap_or(person.zone);
        let locale = changes.locale.clone().unwrap_or(person.locale);
        tx.notification_preferences().set_recipient(admin_user, zone.as_deref(), locale.as_deref())?;
        if !tx.reader().digests().list_entries(admin_user, 1)?.is_empty() {
            digest::ensure_recurring(tx, zone.as_deref(), now)?;
        }
    }
    for level in &changes.levels {
        tx.notification_preferences().set(admin_user, level)?;
    }
    Ok(())
}

/// The preferences of a user, every kind and channel; `None` if the user does not exist. Returns an error if the store fails.
pub fn load_preferences(reader: &Reader<'_>, admin_user: i64) -> Result<Option<PreferencesView>, StoreError> {
    let Some(person) = reader.notification_preferences().get_recipient(admin_user)? else { return Ok(None) };
    let rows = reader.notification_preferences().list(admin_user)?;
    let kind_preference = |kind: &Kind| {
        let (mut levels, mut defaults) = (BTreeMap::new(), BTreeMap::new());
        for channel in channel::ALL_CHANNELS {
            let own = rows.iter().find(|p| p.kind == kind.as_str() && p.channel == channel.name());
            let default = channel.default_level(*kind);
            let level = own.and_then(|p| NotificationLevel::parse(&p.level)).unwrap_or(default);
            levels.insert(channel.name().to_owned(), level);
            defaults.insert(channel.name().to_owned(), default);
        }
        KindPreferenceView { kind: *kind, levels, defaults }
    };
    Ok(Some(PreferencesView {
        zone: person.zone,
        default_zone: digest::DEFAULT_ZONE.to_owned(),
        locale: person.locale,
        kinds: Kind::ALL.iter().map(kind_preference).collect(),
        channels: channel::ALL_CHANNELS.iter().map(|channel| NotificationChannelView::from(*channel)).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn invalid_preferences_are_reported_with_their_field() {
        for (body, field, part) in [
            (json!([]), "", "object"),
            (json!({ "zone": "Mars/Olympus" }), "zone", "not a time zone"),
            (json!({ "zone": 3 }), "zone", "Europe/Amsterdam"),
            (json!({ "locale": "<b>" }), "locale", "nl-BE"),
            (json!({ "colour": "red" }), "colour", "unknown key"),
            (json!({ "kinds": [] }), "kinds", "object"),
            (json!({ "kinds": { "gossip": { "mail": "off" } } }), "kinds.gossip", "use one of review-requested"),
            (json!({ "kinds": { "mention": "off" } }), "kinds.mention", "object"),
            (json!({ "kinds": { "mention": { "pigeon": "off" } } }), "kinds.mention.pigeon", "inApp, mail"),
            (json!({ "kinds": { "mention": { "mail": "often" } } }), "kinds.mention.mail", "off, now, digest"),
            (json!({ "kinds": { "mention": { "inApp": "digest" } } }), "kinds.mention.inApp", "off, now"),
        ] {
            let InvalidFields(problems) = parse_changes(&body).unwrap_err();
            assert!(
                problems.len() == 1 && problems[0].0 == field && problems[0].1.contains(part),
                "{body}: {problems:?}"
            );
        }
        let both = parse_changes(&json!({ "zone": 1, "locale": 1 })).unwrap_err();
        assert_eq!(both.0.len(), 2);
        let good =
            parse_changes(&json!({ "zone": null, "kinds": { "due": { "mail": "now", "inApp": null } } })).unwrap();
        assert_eq!((good.zone, good.levels.len()), (Some(None), 2));
    }
}
