//! What a plugin says to people: texts of `locales/`, in the language of who reads, or the nearest there is.

use cairn_plugin_package::locales;
use cairn_plugin_package::package::Files;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

/// What a text begins with that is looked up.
const LOOKED_UP: &str = "t:";

/// The texts of a generation, read when the first is asked for.
pub(crate) struct Texts {
    default: String,
    read: OnceLock<HashMap<String, BTreeMap<String, String>>>,
}

impl Texts {
    pub(crate) fn new(default: &str) -> Self {
        Self { default: default.to_owned(), read: OnceLock::new() }
    }

    /// A text as people see it: one that begins with `t:` is looked up for `locale`, then for its language, then for the plugin's own
    /// default; where nothing has it the key is shown.
    pub(crate) fn show<'t>(&'t self, files: &Files, text: &'t str, locale: &str) -> &'t str {
        let Some(key) = text.strip_prefix(LOOKED_UP) else { return text };
        let all = self.read.get_or_init(|| read(files));
        let language = locale.split('-').next().unwrap_or(locale);
        let found = [locale, language, &self.default].iter().find_map(|name| all.get(*name)?.get(key));
        found.map_or(key, String::as_str)
    }

    /// Replaces what is looked up, wherever it stands.
    pub(crate) fn fill(&self, files: &Files, json: &mut Json, locale: &str) {
        match json {
            Json::String(text) if text.starts_with(LOOKED_UP) => *text = self.show(files, text, locale).to_owned(),
            Json::Array(list) => list.iter_mut().for_each(|inner| self.fill(files, inner, locale)),
            Json::Object(object) => object.values_mut().for_each(|inner| self.fill(files, inner, locale)),
            _ => {}
        }
    }
}

fn read(files: &Files) -> HashMap<String, BTreeMap<String, String>> {
    let one = |(name, content): (&str, &[u8])| {
        let locale = name.strip_suffix(".json")?;
        // It was checked when it was packed; what is broken all the same is shown by its keys.
        Some((locale.to_owned(), locales::read(content).ok()?))
    };
    files.below("locales/").filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_come_in_the_nearest_language() {
        let mut files = Files::new();
        files.add("locales/en.json", br#"{"title":"Board","only":"English"}"#.to_vec()).unwrap();
        files.add("locales/nl.json", br#"{"title":"Bord"}"#.to_vec()).unwrap();
        let texts = Texts::new("en");
        for (text, locale, shown) in [
            ("t:title", "nl", "Bord"),
            ("t:title", "nl-BE", "Bord"),
            ("t:title", "fr", "Board"),
            ("t:only", "nl", "English"),
            ("t:nothing", "nl", "nothing"),
            ("title", "nl", "title"),
        ] {
            assert_eq!(texts.show(&files, text, locale), shown, "{text} {locale}");
        }
        let mut view = json!({ "kind": "stack", "show": [{ "title": "t:title", "n": 1 }] });
        texts.fill(&files, &mut view, "nl");
        assert_eq!(view, json!({ "kind": "stack", "show": [{ "title": "Bord", "n": 1 }] }));
    }
}
