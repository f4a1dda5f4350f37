//! Checks of a plugin's translations: as many as there are texts, of a size that fits, without markup and addresses that the texts do not
//! have. The service behind the plugin is somebody else's, and its texts become content.

use serde::Deserialize;

/// Largest response, in bytes.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// Most characters of a translation for each of its text; languages differ in length.
const MAX_GROWTH: usize = 4;
/// Characters that a translation may have beyond that: a word may become a sentence.
const ALLOWED_EXCESS: usize = 100;

#[derive(Deserialize)]
struct TranslationAnswer {
    texts: Vec<String>,
}

/// Reads the response of a plugin to these texts. The error says what it is that makes it unusable.
pub(super) fn read_answer(sources: &[String], body: &[u8]) -> Result<Vec<String>, String> {
    if body.len() > MAX_ANSWER_BYTES {
        return Err(format!("has more than {MAX_ANSWER_BYTES} bytes"));
    }
    let answer: TranslationAnswer =
        serde_json::from_slice(body).map_err(|_| "is no object with a list of `texts`".to_owned())?;
    if answer.texts.len() != sources.len() {
        return Err(format!("has {} texts for {}", answer.texts.len(), sources.len()));
    }
    for (i, (source, text)) in sources.iter().zip(&answer.texts).enumerate() {
        check_text(source, text).map_err(|problem| format!("{problem} (text {})", i + 1))?;
    }
    Ok(answer.texts)
}

fn check_text(source: &str, text: &str) -> Result<(), &'static str> {
    if text.trim().is_empty() {
        return Err("is empty");
    }
    if text.chars().count() > source.chars().count() * MAX_GROWTH + ALLOWED_EXCESS {
        return Err("is much longer than its text");
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err("has control characters");
    }
    if text.contains('\n') && !source.contains('\n') {
        return Err("has line breaks that its text does not have");
    }
    let is_new = |part: &&str| !source.contains(part);
    if find_tags(text).any(|tag| is_new(&tag)) || find_link_targets(text).any(|target| is_new(&target)) {
        return Err("has markup that its text does not have");
    }
    if find_addresses(text).any(|address| is_new(&address)) {
        return Err("has addresses that its text does not have");
    }
    Ok(())
}

/// Tags of HTML and comments, each from `<` to its end.
fn find_tags(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('<').filter_map(move |(start, _)| {
        let rest = &text[start..];
        let begins = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        begins.then(|| rest.find('>').map_or(rest, |end| &rest[..=end]))
    })
}

/// Targets of Markdown's links and pictures: from `](` to the end of the parentheses.
fn find_link_targets(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("](").map(move |(start, _)| {
        let rest = &text[start..];
        rest.find(')').map_or(rest, |end| &rest[..=end])
    })
}

/// Addresses with a scheme, which Markdown makes links of without being told.
fn find_addresses(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '[' | ']' | '"' | '\'' | ',' | ';');
    let parts = text.split(ends).filter(|part| part.contains("://") || part.starts_with("www."));
    parts.map(|part| part.trim_end_matches(['.', '!', '?', ':', '…', '。']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(sources: &[&str], answer: &serde_json::Value) -> Result<Vec<String>, String> {
        let sources: Vec<String> = sources.iter().map(|text| (*text).to_owned()).collect();
        read_answer(&sources, answer.to_string().as_bytes())
    }

    fn check(source: &str, text: &str) -> Result<(), String> {
        read(&[source], &json!({ "texts": [text] })).map(drop)
    }

    #[test]
    fn answers_have_as_many_texts_as_the_request() {
        assert_eq!(read(&["a", "b"], &json!({ "texts": ["x", "y"], "engine": 1 })).unwrap(), ["x", "y"]);
        assert_eq!(read(&["a", "b"], &json!({ "texts": ["x"] })).unwrap_err(), "has 1 texts for 2");
        assert_eq!(read(&["a"], &json!({ "texts": ["x", "y"] })).unwrap_err(), "has 2 texts for 1");
        for bad in [json!([]), json!({}), json!({ "texts": "x" }), json!({ "texts": [1] }), json!(null)] {
            assert!(read(&["a"], &bad).unwrap_err().starts_with("is no object"), "{bad}");
        }
        assert!(read_answer(&["a".to_owned()], b"<html>").is_err());
    }

    #[test]
    fn answers_are_limited_in_size() {
        let long = "x".repeat(MAX_GROWTH + ALLOWED_EXCESS);
        assert!(check("a", &long).is_ok());
        assert_eq!(check("a", &format!("{long}x")).unwrap_err(), "is much longer than its text (text 1)");
        let huge = json!({ "texts": ["x".repeat(MAX_ANSWER_BYTES)] });
        assert!(read(&[&"a".repeat(MAX_ANSWER_BYTES)], &huge).unwrap_err().starts_with("has more than"));
        assert!(check("The gate", " ").unwrap_err().starts_with("is empty"));
    }

    #[test]
    fn markup_and_addresses_of_the_text_stay_and_others_are_refused() {
        for (source, text) in [
            ("a <b>gate</b>", "een <b>hek</b>"),
            ("[hours](/hours) and ![x](/x.png)", "[uren](/hours) en ![x](/x.png)"),
            ("See https://example.com/a.", "Zie https://example.com/a!"),
            ("1 < 2 and 3 > 2", "1 < 2 en 3 > 2"),
            ("**bold**", "**vet**"),
            ("two\nlines", "twee\nregels"),
        ] {
            assert_eq!(check(source, text), Ok(()), "{text}");
        }
        for (source, text) in [
            ("a gate", "een <b>hek</b>"),
            ("a <b>gate</b>", "een <b onclick=\"x()\">hek</b>"),
            ("a gate", "een hek<script"),
            ("a gate", "een hek<!-- x"),
            ("[hours](/hours)", "[uren](javascript:x)"),
            ("a gate", "een [hek](//evil.example)"),
            ("a gate", "een hek, zie https://evil.example"),
            ("a gate", "een hek, zie www.evil.example"),
            ("a gate", "een hek\nen meer"),
            ("a gate", "een\u{0}hek"),
        ] {
            assert!(check(source, text).is_err(), "{text}");
        }
    }
}
