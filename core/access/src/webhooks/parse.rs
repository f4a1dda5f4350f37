//! Parses JSON to [`WebhookChanges`], and reports every problem at once.

use super::{EVENT_NAMES, WEBHOOK_KEYS, WebhookChanges, check_url, headers, secrets};
use crate::settings::walk::{SettingsWalk, join_index, join_key};
use crate::settings::{SecretText, SettingsProblem};
use cairn_model::Registry;
use serde_json::{Map, Value as Json};

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Checks one webhook (a body of the admin API). The error lists every problem with its path.
pub fn parse_webhook(registry: &Registry, json: &Json) -> Result<WebhookChanges, Vec<SettingsProblem>> {
    let mut walk = SettingsWalk::default();
    let changes = parse_changes(&mut walk, registry, json, "");
    match (walk.into_problems(), changes) {
        (problems, Some(changes)) if problems.is_empty() => Ok(changes),
        (problems, _) => Err(problems),
    }
}

/// Parses one webhook at a path of a file.
pub(crate) fn parse_changes(
    walk: &mut SettingsWalk,
    registry: &Registry,
    json: &Json,
    path: &str,
) -> Option<WebhookChanges> {
    let map = walk.read_object(json, path, WEBHOOK_KEYS)?;
    Some(WebhookChanges {
        path: path.to_owned(),
        name: map.get("name").and_then(|json| parse_name(walk, json, &join_key(path, "name"))),
        url: walk.read_change(map, path, "url", |walk, json, path| {
            let text = walk.read_text(json, path)?;
            match check_url(&text) {
                Ok(url) => Some(url.into()),
                Err(message) => {
                    walk.add_problem(path, message);
                    None
                }
            }
        }),
        events: walk.read_change(map, path, "events", |walk, json, path| {
            let known = |walk: &mut SettingsWalk, json: &Json, path: &str| {
                walk.one_of(json, path, EVENT_NAMES).map(str::to_owned)
            };
            let events = parse_list(walk, json, path, known)?;
            if events.is_empty() {
                walk.add_problem(path, "must name at least one event");
            }
            Some(events)
        }),
        types: walk.read_change(map, path, "types", |walk, json, path| {
            let types = parse_list(walk, json, path, |walk, json, path| content_type(walk, registry, json, path))?;
            if types.is_empty() {
                walk.add_problem(path, "must name at least one content type; leave it out for all");
            }
            Some(types)
        }),
        condition: walk.read_change(map, path, "condition", |walk, json, path| {
            walk.read_map(json, path)?;
            Some(json.clone())
        }),
        headers: walk.read_change(map, path, "headers", given_headers),
        secret: walk.read_change(map, path, "secret", |walk, json, path| {
            let text = walk.read_text(json, path)?;
            if let Err(message) = secrets::check_secret(&text) {
                walk.add_problem(path, message);
                return None;
            }
            Some(SecretText(text))
        }),
        enabled: walk.read_change(map, path, "enabled", SettingsWalk::read_bool),
    })
}

fn parse_name(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<String> {
    let text = walk.read_text(json, path)?;
    if text.chars().count() > MAX_NAME_CHARS || text.chars().any(char::is_control) {
        walk.add_problem(path, format!("must be one line of at most {MAX_NAME_CHARS} characters"));
        return None;
    }
    Some(text)
}

/// Parses a list, sorted and without duplicates.
fn parse_list(
    walk: &mut SettingsWalk,
    json: &Json,
    path: &str,
    read: impl Fn(&mut SettingsWalk, &Json, &str) -> Option<String>,
) -> Option<Vec<String>> {
    let items = walk.read_list(json, path)?;
    let mut texts: Vec<String> =
        items.iter().enumerate().filter_map(|(i, json)| read(walk, json, &join_index(path, i))).collect();
    texts.sort();
    texts.dedup();
    Some(texts)
}

fn content_type(walk: &mut SettingsWalk, registry: &Registry, json: &Json, path: &str) -> Option<String> {
    let uid = walk.read_text(json, path)?;
    match registry.by_uid(&uid) {
        Some(ct) if ct.is_api() => Some(uid),
        _ => {
            walk.add_problem(path, format!("{uid} is not a content type of this project"));
            None
        }
    }
}

fn given_headers(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<Vec<(String, Option<SecretText>)>> {
    let map: &Map<String, Json> = walk.read_map(json, path)?;
    if map.len() > headers::MAX_HEADERS {
        walk.add_problem(path, format!("must have at most {} headers", headers::MAX_HEADERS));
    }
    let mut given: Vec<(String, Option<SecretText>)> = Vec::new();
    for (name, json) in map {
        let path = join_key(path, name);
        if let Err(message) = headers::check_name(name) {
            walk.add_problem(&path, message);
            continue;
        }
        if given.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            walk.add_problem(&path, "occurs twice");
            continue;
        }
        match json {
            // As it is shown: its value stays.
            Json::Bool(true) => given.push((name.clone(), None)),
            Json::String(value) => match headers::check_value(value) {
                Ok(()) => given.push((name.clone(), Some(SecretText(value.clone())))),
                Err(message) => walk.add_problem(&path, message),
            },
            _ => walk.add_problem(&path, "expected a text, or true to keep the value that is stored"),
        }
    }
    Some(given)
}

/// Checks a webhook's condition against its content types. The error describes the problem.
pub fn check_condition(registry: &Registry, types: Option<&[String]>, condition: &Json) -> Result<(), String> {
    let Some(types) = types else {
        return Err("a condition refers to attributes of content types: name the content types in types".to_owned());
    };
    for name in cairn_query::condition_variables(condition) {
        if name != "now" {
            return Err(format!("${name} cannot be used here: a webhook has no caller, only $now"));
        }
    }
    for uid in types {
        let Some(ct) = registry.by_uid(uid) else { continue };
        cairn_query::check_condition(registry, ct.id, condition).map_err(|message| format!("{uid}: {message}"))?;
    }
    Ok(())
}
