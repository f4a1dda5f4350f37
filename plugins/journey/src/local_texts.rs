//! Texts in several languages: a plain text is the same for everybody, an object has one for each language. It needs no host.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Languages in which customers are written to.
pub(crate) const LANGUAGES: [&str; 2] = ["nl", "en"];

/// A text that is the same for everybody, or one for each language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum LocalText {
    Plain(String),
    ByLanguage(BTreeMap<String, String>),
}

impl LocalText {
    /// The text of a language, or else another one.
    pub(crate) fn pick(&self, language: &str) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::ByLanguage(texts) => texts
                .get(primary(language))
                .or_else(|| LANGUAGES.iter().find_map(|other| texts.get(*other)))
                .map_or("", String::as_str),
        }
    }

    /// All its texts.
    pub(crate) fn texts(&self) -> Vec<&str> {
        match self {
            Self::Plain(text) => vec![text],
            Self::ByLanguage(texts) => texts.values().map(String::as_str).collect(),
        }
    }

    /// True if each of its languages is one that customers are written to in, and there is at least one.
    pub(crate) fn has_known_languages(&self) -> bool {
        match self {
            Self::Plain(_) => true,
            Self::ByLanguage(texts) => {
                !texts.is_empty() && texts.keys().all(|language| LANGUAGES.contains(&language.as_str()))
            }
        }
    }
}

/// The title of a language among those of an object; `None` where it has none.
pub(crate) fn pick_title<'a>(titles: &'a Value, language: &str) -> Option<&'a str> {
    titles.get(primary(language))?.as_str().map(str::trim).filter(|title| !title.is_empty())
}

/// True for an object that has titles of at most so many characters, by languages that are known; and for none.
pub(crate) fn are_titles(titles: &Value, most: usize) -> bool {
    let is_title = |(language, title): (&String, &Value)| {
        LANGUAGES.contains(&language.as_str()) && title.as_str().is_some_and(|title| title.chars().count() <= most)
    };
    titles.is_null() || titles.as_object().is_some_and(|titles| titles.iter().all(is_title))
}

/// The language of a locale: `nl` of `nl-BE`.
fn primary(locale: &str) -> &str {
    locale.split(['-', '_']).next().unwrap_or(locale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_is_that_of_the_reader_or_another_one() {
        let text = |value: Value| serde_json::from_value::<LocalText>(value).unwrap();
        let both = text(json!({ "nl": "Klaar", "en": "Ready" }));
        assert_eq!((both.pick("nl-BE"), both.pick("en_GB"), both.pick("de")), ("Klaar", "Ready", "Klaar"));
        assert_eq!(text(json!("Ready")).pick("nl"), "Ready");
        assert_eq!(text(json!({ "en": "Ready" })).pick("nl"), "Ready");
        assert!(both.has_known_languages());
        assert!(!text(json!({})).has_known_languages() && !text(json!({ "xx": "?" })).has_known_languages());
    }

    #[test]
    fn titles_are_objects_by_language() {
        let titles = json!({ "en": "Assembly", "nl": " " });
        assert_eq!((pick_title(&titles, "en"), pick_title(&titles, "nl")), (Some("Assembly"), None));
        assert_eq!(pick_title(&Value::Null, "en"), None);
        assert!(are_titles(&titles, 8) && are_titles(&Value::Null, 8) && are_titles(&json!({}), 8));
        for wrong in
            [json!("Assembly"), json!({ "en": 1 }), json!({ "xx": "A" }), json!({ "en": "123456789" }), json!([])]
        {
            assert!(!are_titles(&wrong, 8), "{wrong}");
        }
    }
}
