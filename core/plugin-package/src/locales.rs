//! Texts of a plugin: `locales/<locale>.json`, objects of texts, one within another or with dotted keys.

use crate::manifest::{Manifest, ManifestText};
use crate::package::PackageFiles;
use crate::problem::{PluginProblem, SourceLocation};
use crate::words::{nearest_word, quote_input};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// Most texts of one locale.
const MAX_TEXTS: usize = 20_000;
/// Deepest nesting.
const MAX_DEPTH: usize = 8;

/// The texts of one locale by key, as they are looked up.
///
/// # Errors
/// What is no object of texts, in a sentence.
pub fn parse_texts(json: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let object: Map<String, Json> = serde_json::from_slice(json).map_err(|e| format!("is not a JSON object: {e}"))?;
    let mut texts = BTreeMap::new();
    flatten_texts("", &object, MAX_DEPTH, &mut texts)?;
    Ok(texts)
}

fn flatten_texts(
    prefix: &str,
    object: &Map<String, Json>,
    depth: usize,
    texts: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    for (key, value) in object {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            Json::Object(_) if depth == 0 => return Err(format!("is nested too deeply at {}", quote_input(&path))),
            Json::Object(inner) => flatten_texts(&path, inner, depth - 1, texts)?,
            Json::String(text) => {
                if texts.insert(path.clone(), text.clone()).is_some() {
                    return Err(format!("has the key {} twice", quote_input(&path)));
                }
            }
            _ => return Err(format!("has a value at {} that is not a text", quote_input(&path))),
        }
        if texts.len() > MAX_TEXTS {
            return Err(format!("has more than {MAX_TEXTS} texts"));
        }
    }
    Ok(())
}

/// Keys of texts (`t:…`) anywhere in the values of a JSON file, without the `t:`. Nothing for what is no JSON.
fn keys_in(json: &[u8]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut pending: Vec<Json> = serde_json::from_slice(json).into_iter().collect();
    while let Some(value) = pending.pop() {
        match value {
            Json::String(text) => keys.extend(text.strip_prefix("t:").map(str::to_owned)),
            Json::Array(list) => pending.extend(list),
            Json::Object(object) => pending.extend(object.into_values()),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }
    keys
}

/// Checks that every `t:` key of the manifest, of views in `admin/` and of the settings' schema is in the default locale's file, and that
/// every file has the right form. `in_settings`: the keys of the schema. Returns the problems.
pub(crate) fn check_texts(
    manifest: &Manifest,
    in_settings: &BTreeSet<String>,
    files: &PackageFiles,
) -> Vec<PluginProblem> {
    let mut problems = Vec::new();
    let mut known: Option<BTreeMap<String, String>> = None;
    let default = format!("{}.json", manifest.plugin.default_locale);
    for (name, content) in files.iter_below("locales/") {
        match parse_texts(content) {
            Ok(texts) if name == default => known = Some(texts),
            Ok(_) => {}
            Err(problem) => {
                problems.push(
                    PluginProblem::error(SourceLocation::default(), problem, "").in_file(format!("locales/{name}")),
                );
                if name == default {
                    return problems;
                }
            }
        }
    }
    let views = files.iter_below("admin/").filter(|(name, _)| name.ends_with(".json"));
    let mut elsewhere: Vec<(String, BTreeSet<String>)> =
        views.map(|(name, content)| (format!("admin/{name}"), keys_in(content))).collect();
    elsewhere.push((crate::manifest::SETTINGS_SCHEMA.to_owned(), in_settings.clone()));
    let of_manifest: Vec<&ManifestText> =
        manifest.displayed_texts().filter(|text| text.locale_key().is_some()).collect();
    if known.is_none() && (!of_manifest.is_empty() || elsewhere.iter().any(|(_, keys)| !keys.is_empty())) {
        let at = of_manifest.first().map_or(SourceLocation::default(), |text| text.at);
        let message = format!("texts are referenced by key (\"t:…\"), but locales/{default} does not exist");
        problems.push(PluginProblem::error(at, message, "add the file, or write the texts directly in plugin.toml"));
        return problems;
    }
    let known = known.unwrap_or_default();
    let missing = |key: &str| {
        let hint = match nearest_word(key, known.keys().map(String::as_str)) {
            Some(near) => format!("did you mean \"t:{near}\"?"),
            None => format!("add it: \"{key}\": \"…\""),
        };
        (format!("the text {} is not in locales/{default}", quote_input(key)), hint)
    };
    for text in of_manifest {
        if let Some(key) = text.locale_key().filter(|key| !known.contains_key(*key)) {
            let (message, hint) = missing(key);
            problems.push(PluginProblem::error(text.at, message, hint));
        }
    }
    for (file, keys) in elsewhere {
        for key in keys.iter().filter(|key| !known.contains_key(*key)) {
            let (message, hint) = missing(key);
            problems.push(PluginProblem::error(SourceLocation::default(), message, hint).in_file(file.clone()));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_and_dotted_keys_are_equivalent() {
        let texts = parse_texts(br#"{"plugin":{"name":"CRM"},"grant.customer":"why"}"#).unwrap();
        assert_eq!(texts["plugin.name"], "CRM");
        assert_eq!(texts["grant.customer"], "why");
        let deep = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
        let bottomless = "[".repeat(100_000);
        for bad in ["", "[]", "{\"a\":1}", "{\"a\":{\"b\":\"x\"},\"a.b\":\"y\"}", "{\"a\":null}", &deep, &bottomless] {
            assert!(parse_texts(bad.as_bytes()).is_err(), "{}", &bad[..bad.len().min(40)]);
        }
    }
}
