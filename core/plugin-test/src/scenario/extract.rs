//! Extracts a part of a text for later steps: the link in a mail, a code in a log.

use super::names::StepNames;
use crate::TestError;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use serde_json::Value as Json;

/// Largest compiled pattern, in bytes.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// The part of a text to extract.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum TextExtraction {
    /// The link that begins with this.
    Link {
        /// Beginning of the link: `https://site.test/api/newsletter/confirm/`
        link: String,
    },
    /// The match of a pattern: its first group, or all of it where it has none.
    Pattern {
        /// Regular expression to search for.
        pattern: String,
    },
}

impl TextExtraction {
    /// Checks its form, independent of any text; returns what is wrong with it.
    pub(super) fn check_form(&self, name: &str) -> Result<(), String> {
        match self {
            Self::Link { link } if link.trim().is_empty() => Err(format!(
                "`take.{name}` has an empty link: write how the link begins, such as \"https://site.test/api/…\""
            )),
            Self::Link { .. } => Ok(()),
            Self::Pattern { pattern } => {
                compile_pattern(pattern).map(drop).map_err(|why| format!("`take.{name}`: {why}"))
            }
        }
    }

    /// Replaces names by their values; braces of a pattern are left as they are.
    pub(super) fn with_names(&self, names: &StepNames) -> Result<Self, TestError> {
        match self {
            Self::Link { link } => Ok(Self::Link { link: names.fill_text(link)? }),
            pattern => Ok(pattern.clone()),
        }
    }

    /// Extracts the part from the texts of a result; of several matches the last, which is the newest.
    pub(super) fn extract_from(&self, name: &str, answer: &Json) -> Result<String, TestError> {
        let mut all = Vec::new();
        collect_texts("", answer, &mut all);
        let found = match self {
            Self::Link { link } => all.iter().rev().find_map(|text| link_in(text, link)),
            Self::Pattern { pattern } => {
                let regex = compile_pattern(pattern).map_err(TestError)?;
                all.iter().rev().find_map(|text| {
                    let captures = regex.captures_iter(text).last()?;
                    captures.get(1).or(captures.get(0)).map(|part| part.as_str().to_owned())
                })
            }
        };
        found.ok_or_else(|| {
            let subject = match self {
                Self::Link { link } => format!("no link that begins with {link:?}"),
                Self::Pattern { pattern } => format!("no match for {pattern:?}"),
            };
            let most = |text: &String| text.chars().take(400).collect::<String>();
            TestError(format!("`take.{name}`: there is {subject} in {:?}", all.iter().map(most).collect::<Vec<_>>()))
        })
    }
}

fn compile_pattern(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .map_err(|why| format!("{pattern:?} is not a valid pattern: {why}"))
}

/// Collects the texts of a result. HTML comes first, so that a mail's plain text is preferred, and is unescaped.
fn collect_texts(key: &str, value: &Json, found: &mut Vec<String>) {
    match value {
        Json::String(text) if key == "html" => found.insert(0, unescape_html(text)),
        Json::String(text) => found.push(text.clone()),
        Json::Array(list) => list.iter().for_each(|one| {
            // The texts of one document or mail stay together.
            let mut own = Vec::new();
            collect_texts(key, one, &mut own);
            found.append(&mut own);
        }),
        Json::Object(map) => map.iter().for_each(|(key, one)| collect_texts(key, one, found)),
        _ => {}
    }
}

/// The last link in a text with that beginning, to its end.
fn link_in(text: &str, start: &str) -> Option<String> {
    let (at, _) = text.rmatch_indices(start).next()?;
    let from = &text[at..];
    let outside =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '>' | '`' | ')' | ']');
    let link = from.find(outside).map_or(from, |end| &from[..end]);
    // The end of a sentence is none of it.
    Some(link.trim_end_matches(['.', ',', ';', ':', '!', '?']).to_owned())
}

/// Decodes the entities that addresses in HTML have.
fn unescape_html(html: &str) -> String {
    let known = [
        ("&#x2F;", "/"),
        ("&#x3D;", "="),
        ("&#61;", "="),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x60;", "`"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    known.into_iter().fold(html.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn extract_text(take: &TextExtraction, answer: &Json) -> Result<String, String> {
        take.extract_from("x", answer).map_err(|e| e.0)
    }

    fn link_extraction(start: &str) -> TextExtraction {
        TextExtraction::Link { link: start.to_owned() }
    }

    #[test]
    fn extracted_links_exclude_trailing_punctuation() {
        for (text, expected) in [
            ("Go to https://site.test/c/abc-1_2~3?x=1&y=2#z.", "https://site.test/c/abc-1_2~3?x=1&y=2#z"),
            ("(https://site.test/c/abc)", "https://site.test/c/abc"),
            ("<https://site.test/c/abc>, soon", "https://site.test/c/abc"),
            ("https://site.test/c/old\nhttps://site.test/c/new", "https://site.test/c/new"),
            ("é https://site.test/c/é!", "https://site.test/c/é"),
        ] {
            assert_eq!(
                extract_text(&link_extraction("https://site.test/c/"), &json!([{ "text": text }])).as_deref(),
                Ok(expected)
            );
        }
        let html = json!([{ "text": "no link", "html": "<a href=\"https:&#x2F;&#x2F;site.test&#x2F;c?a&#x3D;1&amp;b=2\">go</a>" }]);
        assert_eq!(
            extract_text(&link_extraction("https://site.test/c"), &html).as_deref(),
            Ok("https://site.test/c?a=1&b=2")
        );
    }

    #[test]
    fn patterns_extract_from_the_last_mail() {
        let mails = json!([{ "text": "code 111", "html": "code 112" }, { "text": "code 222", "html": "code 223" }]);
        let code = TextExtraction::Pattern { pattern: r"code (\d+)".into() };
        assert_eq!(extract_text(&code, &mails).as_deref(), Ok("222"));
        let extraction = TextExtraction::Pattern { pattern: r"\d{3}".into() };
        assert_eq!(extract_text(&extraction, &json!({ "body": { "token": "a123b" } })).as_deref(), Ok("123"));
    }

    #[test]
    fn missing_matches_and_invalid_patterns_are_reported() {
        let message =
            extract_text(&link_extraction("https://site.test/x"), &json!([{ "text": "Hello Ann" }])).unwrap_err();
        assert!(
            message.contains("take.x") && message.contains("no link that begins with") && message.contains("Hello Ann"),
            "{message}"
        );
        assert!(
            extract_text(&TextExtraction::Pattern { pattern: "x".into() }, &json!([]))
                .unwrap_err()
                .contains("no match for")
        );
        assert!(extract_text(&link_extraction("a"), &json!(null)).is_err());
        assert!(
            TextExtraction::Pattern { pattern: "(".into() }
                .check_form("x")
                .unwrap_err()
                .contains("is not a valid pattern")
        );
        assert!(TextExtraction::Pattern { pattern: "((a{900}){900}){900}".into() }.check_form("x").is_err());
        assert!(link_extraction(" ").check_form("x").is_err());
    }
}
