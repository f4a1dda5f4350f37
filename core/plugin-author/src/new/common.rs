//! The files that a new plugin has in every language: its manifest, its content type, its texts, what `cairn plugin test` takes it
//! through.

use super::Parts;
use crate::Language;
use serde_json::{Map, Value as Json, json};

macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("../../templates/common/", $name))
    };
}

/// A file: its name, and its content.
pub(super) type File = (&'static str, String);

/// The same text with the plugin's id in it.
pub(super) fn named(text: &str, id: &str) -> String {
    text.replace("__id__", id).replace("__table__", &id.replace('-', "_"))
}

/// Name and content of each.
pub(super) fn files(id: &str, language: Language, parts: Parts) -> Vec<File> {
    let mut files = vec![
        ("plugin.toml", named(&manifest(language, parts), id)),
        ("content-types/note/schema.json", named(template!("note.json"), id)),
        ("locales/en.json", texts(id, parts)),
    ];
    for (there, name, text) in [
        (parts.hooks, "tests/hook.toml", template!("tests/hook.toml")),
        (parts.jobs, "tests/jobs.toml", template!("tests/jobs.toml")),
        (parts.routes, "tests/route.toml", template!("tests/route.toml")),
    ] {
        if there {
            files.push((name, named(text, id)));
        }
    }
    files
}

fn manifest(language: Language, parts: Parts) -> String {
    let mut text = template!("base.toml").to_owned();
    for (there, part) in [
        (parts.hooks, template!("hook.toml")),
        (parts.jobs, template!("jobs.toml")),
        (parts.routes, template!("route.toml")),
        (language == Language::Python, template!("python.toml")),
    ] {
        if there {
            text.push_str(part);
        }
    }
    text
}

fn texts(id: &str, parts: Parts) -> String {
    let mut texts = Map::new();
    let name: String = id.split('-').map(capital).collect::<Vec<_>>().join(" ");
    texts.insert("plugin.name".to_owned(), json!(name));
    if parts.jobs {
        texts.insert("grant.jobs".to_owned(), json!("Counts the words of notes in the background."));
    }
    format!("{:#}\n", Json::Object(texts))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}
