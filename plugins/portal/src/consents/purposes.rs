//! Purposes that customers are asked to consent to, from the settings. It knows no host.

use super::model::Consent;
use serde::Deserialize;
use serde_json::{Value, json};

/// A purpose. Its version grows with its text: a consent is one to the text that somebody has read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Purpose {
    pub(crate) key: String,
    #[serde(default = "first_version")]
    pub(crate) version: u32,
    #[serde(default)]
    label_nl: String,
    #[serde(default)]
    label_en: String,
    #[serde(default)]
    text_nl: String,
    #[serde(default)]
    text_en: String,
}

const fn first_version() -> u32 {
    1
}

impl Purpose {
    /// The purpose with the last line of the ledger about it. A consent to an earlier text counts no longer.
    pub(crate) fn describe(&self, last: Option<&Consent>, locale: &str) -> Value {
        let current = last.filter(|line| line.text_version == self.version);
        json!({
            "key": self.key, "label": choose(&self.label_nl, &self.label_en, locale),
            "text": choose(&self.text_nl, &self.text_en, locale), "version": self.version,
            "isGiven": current.is_some_and(|line| line.is_given), "at": current.and_then(|line| line.at.as_deref()),
            "source": current.and_then(|line| line.source),
        })
    }

    /// The field that has no text in any language.
    pub(crate) fn find_empty(&self) -> Option<&'static str> {
        let is_empty = |nl: &str, en: &str| nl.trim().is_empty() && en.trim().is_empty();
        if is_empty(&self.label_nl, &self.label_en) {
            return Some("labelNl");
        }
        is_empty(&self.text_nl, &self.text_en).then_some("textNl")
    }
}

/// The text in a language, or in the other where there is none.
fn choose<'a>(nl: &'a str, en: &'a str, locale: &str) -> &'a str {
    let (first, second) = if locale.starts_with("nl") { (nl, en) } else { (en, nl) };
    if first.trim().is_empty() { second } else { first }
}

/// The position of the second purpose with a key that another has.
pub(crate) fn find_repeated(purposes: &[Purpose]) -> Option<usize> {
    (1..purposes.len()).find(|n| purposes[..*n].iter().any(|known| known.key == purposes[*n].key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purpose(version: u32) -> Purpose {
        let purpose = json!({ "key": "photos", "version": version, "labelNl": "Foto's", "labelEn": "Photos", "textNl": "Tekst", "textEn": "" });
        serde_json::from_value(purpose).unwrap()
    }

    fn line(version: u32, is_given: bool) -> Consent {
        let at = "2026-03-02T08:00:00.000Z";
        let line =
            json!({ "key": "photos", "textVersion": version, "isGiven": is_given, "at": at, "source": "portal" });
        serde_json::from_value(line).unwrap()
    }

    #[test]
    fn a_consent_is_one_to_the_text_of_now() {
        let given = purpose(2).describe(Some(&line(2, true)), "nl");
        assert_eq!(
            (&given["isGiven"], &given["source"], &given["label"]),
            (&json!(true), &json!("portal"), &json!("Foto's"))
        );
        let stale = purpose(3).describe(Some(&line(2, true)), "en");
        assert_eq!((&stale["isGiven"], &stale["at"], &stale["label"]), (&json!(false), &Value::Null, &json!("Photos")));
        let withdrawn = purpose(2).describe(Some(&line(2, false)), "en");
        assert_eq!((&withdrawn["isGiven"], &withdrawn["at"]), (&json!(false), &json!("2026-03-02T08:00:00.000Z")));
        assert_eq!(purpose(1).describe(None, "en")["text"], "Tekst");
    }

    #[test]
    fn keys_are_used_once_and_texts_are_there() {
        assert_eq!(find_repeated(&[purpose(1)]), None);
        assert_eq!(find_repeated(&[purpose(1), purpose(2)]), Some(1));
        assert_eq!(purpose(1).find_empty(), None);
        let empty: Purpose = serde_json::from_value(json!({ "key": "a", "labelEn": "A", "textEn": " " })).unwrap();
        assert_eq!((empty.find_empty(), empty.version), (Some("textNl"), 1));
    }
}
