//! Texts in `locales/` that name the plugin's content types, their attributes and the values of enumerations: the form of their keys, and
//! checks that they fit the schemas.
//!
//! Of a type `plugin::crm.deal`: `content.deal`, `content.deal.plural` and `content.deal.description`; of its attribute `status`
//! `content.deal.field.status` and `content.deal.field.status.hint`; of a value of it `content.deal.field.status.value.won`.

use crate::locales::parse_texts;
use crate::manifest::{Manifest, ViewKind};
use crate::package::PackageFiles;
use crate::problem::{PluginProblem, SourceLocation};
use crate::words::{nearest_word, quote_input};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// Prefix of all these keys.
const PREFIX: &str = "content.";
/// Problems of one file that are reported; a hostile file must not make a long list.
const MAX_REPORTED: usize = 20;
/// Kinds of attributes that a page for one document does not show.
const UNSHOWN_KINDS: [&str; 2] = ["json", "password"];

/// Key of a type's name; `name` is the last part of its uid.
pub fn type_key(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// Key of the name of several documents of a type.
pub fn plural_key(name: &str) -> String {
    format!("{PREFIX}{name}.plural")
}

/// Key of a type's description.
pub fn description_key(name: &str) -> String {
    format!("{PREFIX}{name}.description")
}

/// Key of an attribute's label.
pub fn label_key(name: &str, attribute: &str) -> String {
    format!("{PREFIX}{name}.field.{attribute}")
}

/// Key of an attribute's help text.
pub fn hint_key(name: &str, attribute: &str) -> String {
    format!("{PREFIX}{name}.field.{attribute}.hint")
}

/// Key of the name of an enumeration's value.
pub fn value_key(name: &str, attribute: &str, value: &str) -> String {
    format!("{PREFIX}{name}.field.{attribute}.value.{value}")
}

/// The attributes of a type that texts can name: by name, with the values of an enumeration.
type NamedAttributes = BTreeMap<String, NamedAttribute>;

struct NamedAttribute {
    /// Of an enumeration; empty for other kinds.
    values: BTreeSet<String>,
    /// True if a page for one document can show it.
    shown: bool,
}

/// The plugin's own types, by name. Schemas that cannot be read are reported by others.
fn read_types(files: &PackageFiles) -> BTreeMap<String, NamedAttributes> {
    let named = files.iter_below("content-types/").filter_map(|(path, content)| {
        let name = path.strip_suffix("/schema.json")?;
        let schema: Map<String, Json> = serde_json::from_slice(content).ok()?;
        let attributes = schema.get("attributes").and_then(Json::as_object).into_iter().flatten();
        Some((name.to_owned(), attributes.map(|(name, raw)| (name.clone(), read_attribute(raw))).collect()))
    });
    named.collect()
}

fn read_attribute(raw: &Json) -> NamedAttribute {
    let kind = raw["type"].as_str().unwrap_or_default();
    let values = raw["enum"].as_array().filter(|_| kind == "enumeration");
    NamedAttribute {
        values: values.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect(),
        shown: raw["private"] != true && !UNSHOWN_KINDS.contains(&kind),
    }
}

/// Warns of the texts that name no type, attribute or value of the plugin: nobody will ever see them.
pub(crate) fn check_content_texts(files: &PackageFiles) -> Vec<PluginProblem> {
    let types = read_types(files);
    let mut problems = Vec::new();
    for (file, content) in files.iter_below("locales/") {
        // A file that is not valid is reported by the check of all texts.
        let Ok(texts) = parse_texts(content) else { continue };
        let file = format!("locales/{file}");
        let unknown = texts.keys().filter_map(|key| {
            let (message, hint) = unknown_part(key.strip_prefix(PREFIX)?, &types)?;
            let message = format!("the text {} {message}", quote_input(key));
            Some(PluginProblem::warning(SourceLocation::default(), message, hint).in_file(file.clone()))
        });
        problems.extend(unknown.take(MAX_REPORTED));
    }
    problems
}

/// The part of a key that names something that is not there, with what may have been meant; `None`: it fits.
fn unknown_part(rest: &str, types: &BTreeMap<String, NamedAttributes>) -> Option<(String, String)> {
    let (name, part) = rest.split_once('.').unwrap_or((rest, ""));
    let Some(attributes) = types.get(name) else {
        let message = format!("names the content type {}, which is not in the package", quote_input(name));
        return Some((message, meant(name, types.keys())));
    };
    if matches!(part, "plural" | "description") || rest == name {
        return None;
    }
    let Some(field) = part.strip_prefix("field.") else {
        let message = "is of no known form".to_owned();
        return Some((message, format!("write content.{name}.plural, .description, or .field.<attribute>")));
    };
    let (attribute, part) = field.split_once('.').unwrap_or((field, ""));
    let Some(known) = attributes.get(attribute) else {
        let message = format!("names the field {}, which {name} does not have", quote_input(attribute));
        return Some((message, meant(attribute, attributes.keys())));
    };
    if part == "hint" || field == attribute {
        return None;
    }
    let Some(value) = part.strip_prefix("value.") else {
        let message = "is of no known form".to_owned();
        return Some((message, format!("write content.{name}.field.{attribute}.hint, or .value.<value>")));
    };
    if known.values.contains(value) {
        return None;
    }
    let message = format!("names the value {}, which {attribute} of {name} does not have", quote_input(value));
    Some((message, meant(value, known.values.iter())))
}

/// A hint at what may have been meant; empty if nothing is near.
fn meant<'k>(word: &str, known: impl Iterator<Item = &'k String>) -> String {
    nearest_word(word, known.map(String::as_str)).map_or_else(String::new, |near| format!("did you mean \"{near}\"?"))
}

/// Hints for the author: types with a page for one document whose fields have no label in a language of the plugin. People then see the
/// names of attributes. An operator can do nothing about it, so it is no problem of the package.
pub(crate) fn missing_labels(manifest: &Manifest, files: &PackageFiles) -> Vec<PluginProblem> {
    let types = read_types(files);
    let prefix = format!("plugin::{}.", manifest.id());
    let mut hints = Vec::new();
    for (file, content) in files.iter_below("locales/") {
        let Ok(texts) = parse_texts(content) else { continue };
        let views = manifest.views.iter().filter(|view| view.kind == ViewKind::Document);
        for name in views.flat_map(|view| &view.types).filter_map(|uid| uid.strip_prefix(&prefix)) {
            let attributes = types.get(name).into_iter().flatten().filter(|(_, attribute)| attribute.shown);
            let unnamed: Vec<&str> = attributes
                .map(|(attribute, _)| attribute.as_str())
                .filter(|attribute| !texts.contains_key(&label_key(name, attribute)))
                .collect();
            if let Some(first) = unnamed.first() {
                let message =
                    format!("fields of {name}, which has a page of its own, have no label: {}", unnamed.join(", "));
                let hint = format!("add a text such as \"{}\"", label_key(name, first));
                hints.push(
                    PluginProblem::warning(SourceLocation::default(), message, hint).in_file(format!("locales/{file}")),
                );
            }
        }
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEAL: &str = r#"{"attributes":{"amount":{"type":"decimal"},"status":{"type":"enumeration","enum":["won","lost","on.hold"]},
        "history":{"type":"json"},"token":{"type":"string","private":true}}}"#;

    fn files(texts: &[(&str, &str)]) -> PackageFiles {
        let mut files = PackageFiles::new();
        files.add("content-types/deal/schema.json", DEAL.into()).unwrap();
        for (locale, json) in texts {
            files.add(&format!("locales/{locale}.json"), json.as_bytes().to_vec()).unwrap();
        }
        files
    }

    #[test]
    fn keys_that_fit_the_schemas_are_accepted() {
        let keys = [
            type_key("deal"),
            plural_key("deal"),
            description_key("deal"),
            label_key("deal", "amount"),
            hint_key("deal", "amount"),
            value_key("deal", "status", "won"),
            value_key("deal", "status", "on.hold"),
            "contents".to_owned(),
        ];
        let texts: Map<String, Json> = keys.into_iter().map(|key| (key, Json::String("x".into()))).collect();
        let json = serde_json::to_string(&texts).unwrap();
        assert_eq!(check_content_texts(&files(&[("en", &json)])), []);
        let nested = r#"{"content":{"deal":{"plural":"Deals","field":{"amount":"Amount"}}}}"#;
        assert_eq!(check_content_texts(&files(&[("en", nested), ("nl", "[")])), []);
    }

    #[test]
    fn keys_that_fit_nothing_are_warned_of() {
        for (key, message, hint) in [
            ("content.dael", "names the content type \"dael\", which is not in the package", "did you mean \"deal\"?"),
            ("content.dael.field.amount", "names the content type \"dael\"", "did you mean \"deal\"?"),
            ("content.deal.amount", "is of no known form", "write content.deal.plural, .description, or .field."),
            ("content.deal.field.amuont", "names the field \"amuont\", which deal does not have", "\"amount\"?"),
            ("content.deal.field.amount.help", "is of no known form", "write content.deal.field.amount.hint"),
            ("content.deal.field.status.value.wom", "names the value \"wom\", which status of deal", "\"won\"?"),
            ("content.deal.field.amount.value.1", "names the value \"1\", which amount of deal", ""),
            ("content.deal.field.createdAt", "names the field \"createdAt\"", ""),
            ("content.", "names the content type \"\"", ""),
            ("content.deal.", "is of no known form", ""),
            ("content.deal.field.", "names the field \"\"", ""),
            ("content.deal.field.amount.", "is of no known form", ""),
        ] {
            let found = check_content_texts(&files(&[("nl", &format!("{{\"{key}\":\"x\"}}"))]));
            let [problem] = &found[..] else { panic!("{key}: {found:?}") };
            assert_eq!((problem.file.as_ref(), problem.severity), ("locales/nl.json", crate::Severity::Warning));
            assert!(problem.message.contains(message) && problem.message.contains(key), "{key}: {problem}");
            assert!(problem.hint.contains(hint), "{key}: {problem}");
        }
        let many: Map<String, Json> = (0..100).map(|n| (format!("content.x{n}"), Json::String("x".into()))).collect();
        let many = serde_json::to_string(&many).unwrap();
        assert_eq!(check_content_texts(&files(&[("en", &many)])).len(), MAX_REPORTED);
    }

    #[test]
    fn fields_of_pages_without_labels_are_hinted_at() {
        let manifest = |kind: &str| {
            let view = format!("name = \"deal\"\nkind = \"{kind}\"\ntypes = [\"plugin::crm.deal\"]");
            let toml = format!(
                "[plugin]\nid = \"crm\"\nversion = \"1.0.0\"\napi = \"0.1\"\nname = \"CRM\"\nlicense = \"MIT\"\n\
                 [content-types]\n[[admin.view]]\n{view}\nsource = \"declarative\"\n"
            );
            Manifest::parse(&toml).unwrap()
        };
        let en = r#"{"content.deal.field.amount":"Amount","content.deal.field.status":"Status"}"#;
        let all = files(&[("en", en), ("nl", r#"{"content.deal.field.amount":"Bedrag"}"#)]);
        let hints: Vec<String> = missing_labels(&manifest("document"), &all).iter().map(ToString::to_string).collect();
        let expected = "locales/nl.json: warning: fields of deal, which has a page of its own, have no label: status; \
                        add a text such as \"content.deal.field.status\"";
        assert_eq!(hints, [expected]);
        assert_eq!(missing_labels(&manifest("panel"), &all), []);
    }
}
