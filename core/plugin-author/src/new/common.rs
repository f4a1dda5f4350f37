//! The files that a new plugin has in every language: its manifest, its content type, its texts, the schema of its response, what
//! `cairn plugin test` takes it through.

use super::parts::StarterParts;
use crate::Language;
use serde_json::{Map, Value as Json, json};

macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("../../templates/common/", $name))
    };
}

/// A file: its name, and its content.
pub(super) type StarterFile = (&'static str, String);

/// The same text with the plugin's id in it.
pub(super) fn fill_placeholders(text: &str, id: &str) -> String {
    text.replace("__id__", id).replace("__table__", &id.replace('-', "_"))
}

/// Name and content of each.
pub(super) fn common_files(id: &str, language: Language, parts: StarterParts) -> Vec<StarterFile> {
    let mut files = vec![
        ("plugin.toml", fill_placeholders(&manifest_text(language, parts), id)),
        ("content-types/note/schema.json", fill_placeholders(template!("note.json"), id)),
        ("locales/en.json", locale_texts(id, parts)),
    ];
    for (is_included, name, text) in [
        (parts.hooks, "tests/hook.toml", template!("tests/hook.toml")),
        (parts.jobs, "tests/jobs.toml", template!("tests/jobs.toml")),
        (parts.routes, "responses/latest.json", template!("latest.json")),
        (parts.routes, "tests/route.toml", template!("tests/route.toml")),
    ] {
        if is_included {
            files.push((name, fill_placeholders(text, id)));
        }
    }
    files
}

fn manifest_text(language: Language, parts: StarterParts) -> String {
    let mut text = template!("base.toml").to_owned();
    for (is_included, part) in [
        (parts.hooks, template!("hook.toml")),
        (parts.jobs, template!("jobs.toml")),
        (parts.routes, template!("route.toml")),
        (language == Language::Python, template!("python.toml")),
    ] {
        if is_included {
            text.push_str(part);
        }
    }
    text
}

fn locale_texts(id: &str, parts: StarterParts) -> String {
    let mut texts = Map::new();
    let name: String = id.split('-').map(capitalize_word).collect::<Vec<_>>().join(" ");
    texts.insert("plugin.name".to_owned(), json!(name));
    if parts.jobs {
        texts.insert("grant.jobs".to_owned(), json!("Counts the words of notes in the background."));
    }
    format!("{:#}\n", Json::Object(texts))
}

fn capitalize_word(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}
