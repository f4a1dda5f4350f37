//! Parses JSON to [`WebhookChanges`], and reports every problem at once.

use super::{EVENTS, KEYS, WebhookChanges, check_url, headers, secrets};
use crate::settings::walk::{Walk, index, join};
use crate::settings::{Secret, SettingsProblem};
use cairn_model::Registry;
use serde_json::{Map, Value as Json};

/// Longest name, in characters.
const NAME: usize = 100;

/// Checks one webhook (a body of the admin API).
///
/// # Errors
/// Returns every problem with its path.
pub fn parse(registry: &Registry, json: &Json) -> Result<WebhookChanges, Vec<SettingsProblem>> {
    let mut walk = Walk::default();
    let changes = change(&mut walk, registry, json, "");
    match (walk.into_problems(), changes) {
        (problems, Some(changes)) if problems.is_empty() => Ok(changes),
        (problems, _) => Err(problems),
    }
}

/// Parses one webhook at a path of a file.
pub(crate) fn change(walk: &mut Walk, registry: &Registry, json: &Json, path: &str) -> Option<WebhookChanges> {
    let map = walk.object(json, path, KEYS)?;
    Some(WebhookChanges {
        path: path.to_owned(),
        name: map.get("name").and_then(|json| name(walk, json, &join(path, "name"))),
        url: walk.change(map, path, "url", |walk, json, path| {
            let text = walk.text(json, path)?;
            match check_url(&text) {
                Ok(url) => Some(url.into()),
                Err(message) => {
                    walk.problem(path, message);
                    None
                }
            }
        }),
        events: walk.change(map, path, "events", |walk, json, path| {
            let known = |walk: &mut Walk, json: &Json, path: &str| walk.one_of(json, path, EVENTS).map(str::to_owned);
            let events = list(walk, json, path, known)?;
            if events.is_empty() {
                walk.problem(path, "must name at least one event");
            }
            Some(events)
        }),
        types: walk.change(map, path, "types", |walk, json, path| {
            let types = list(walk, json, path, |walk, json, path| content_type(walk, registry, json, path))?;
            if types.is_empty() {
                walk.problem(path, "must name at least one content type; leave it out for all");
            }
            Some(types)
        }),
        condition: walk.change(map, path, "condition", |walk, json, path| {
            walk.map(json, path)?;
            Some(json.clone())
        }),
        headers: walk.change(map, path, "headers", given_headers),
        secret: walk.change(map, path, "secret", |walk, json, path| {
            let text = walk.text(json, path)?;
            if let Err(message) = secrets::check(&text) {
                walk.problem(path, message);
                return None;
            }
            Some(Secret(text))
        }),
        enabled: walk.change(map, path, "enabled", Walk::bool),
    })
}

fn name(walk: &mut Walk, json: &Json, path: &str) -> Option<String> {
    let text = walk.text(json, path)?;
    if text.chars().count() > NAME || text.chars().any(char::is_control) {
        walk.problem(path, format!("must be one line of at most {NAME} characters"));
        return None;
    }
    Some(text)
}

/// Parses a list, sorted and without duplicates.
fn list(
    walk: &mut Walk,
    json: &Json,
    path: &str,
    read: impl Fn(&mut Walk, &Json, &str) -> Option<String>,
) -> Option<Vec<String>> {
    let items = walk.list(json, path)?;
    let mut texts: Vec<String> =
        items.iter().enumerate().filter_map(|(i, json)| read(walk, json, &index(path, i))).collect();
    texts.sort();
    texts.dedup();
    Some(texts)
}

fn content_type(walk: &mut Walk, registry: &Registry, json: &Json, path: &str) -> Option<String> {
    let uid = walk.text(json, path)?;
    match registry.by_uid(&uid) {
        Some(ct) if ct.is_api() => Some(uid),
        _ => {
            walk.problem(path, format!("{uid} is not a content type of this project"));
            None
        }
    }
}

fn given_headers(walk: &mut Walk, json: &Json, path: &str) -> Option<Vec<(String, Option<Secret>)>> {
    let map: &Map<String, Json> = walk.map(json, path)?;
    if map.len() > headers::MANY {
        walk.problem(path, format!("must have at most {} headers", headers::MANY));
    }
    let mut given: Vec<(String, Option<Secret>)> = Vec::new();
    for (name, json) in map {
        let path = join(path, name);
        if let Err(message) = headers::check_name(name) {
            walk.problem(&path, message);
            continue;
        }
        if given.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            walk.problem(&path, "occurs twice");
            continue;
        }
        match json {
            // As it is shown: its value stays.
            Json::Bool(true) => given.push((name.clone(), None)),
            Json::String(value) => match headers::check_value(value) {
                Ok(()) => given.push((name.clone(), Some(Secret(value.clone())))),
                Err(message) => walk.problem(&path, message),
            },
            _ => walk.problem(&path, "expected a text, or true to keep the value that is stored"),
        }
    }
    Some(given)
}

/// Checks a webhook's condition against its content types.
///
/// # Errors
/// Describes the problem.
pub fn check(registry: &Registry, types: Option<&[String]>, condition: &Json) -> Result<(), String> {
    let Some(types) = types else {
        return Err("a condition refers to attributes of content types: name the content types in types".to_owned());
    };
    for name in cairn_query::variables(condition) {
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
