//! Names of schemas as names of Rust, TypeScript and Python.

use cairn_model::content_type::ContentType;
use std::collections::HashSet;

/// Words that are no names; the last four cannot even be written with `r#`.
const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "crate", "self", "super", "Self",
];
const NEVER_RAW: [&str; 4] = ["crate", "self", "super", "Self"];

/// Words of a name: `startsAt`, `starts_at` and `starts-at` have the same. What is no letter or digit of ASCII parts them.
fn split_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    let mut before: Option<char> = None;
    let letters: Vec<char> = name.chars().collect();
    for (i, &letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            open = false;
            before = None;
            continue;
        }
        let after_small = before.is_some_and(|b| !b.is_ascii_uppercase());
        let before_small = letters.get(i + 1).is_some_and(char::is_ascii_lowercase);
        let begins = letter.is_ascii_uppercase() && (after_small || before_small && before.is_some());
        if !open || begins {
            words.push(String::new());
            open = true;
        }
        if let Some(word) = words.last_mut() {
            word.push(letter.to_ascii_lowercase());
        }
        before = Some(letter);
    }
    words
}

/// As a field: `starts_at`, `r#type`.
pub fn field_name(name: &str) -> String {
    let mut text = split_words(name).join("_");
    if text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit()) {
        text = format!("field_{text}");
    }
    match text.as_str() {
        word if NEVER_RAW.contains(&word) => format!("{word}_"),
        word if KEYWORDS.contains(&word) => format!("r#{word}"),
        _ => text,
    }
}

/// As a type or a variant: `StartsAt`.
pub fn type_name(name: &str) -> String {
    let text: String = split_words(name)
        .into_iter()
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
        })
        .collect();
    match text.as_str() {
        "" => "Value".to_owned(),
        "Self" => "Self_".to_owned(),
        text if text.starts_with(|c: char| c.is_ascii_digit()) => format!("Value{text}"),
        _ => text,
    }
}

/// Returns the names that a content type may have, the shortest first.
pub fn type_name_candidates(content_type: &ContentType) -> Vec<String> {
    let owner =
        content_type.uid.split_once("::").and_then(|(_, rest)| rest.split_once('.')).map_or("", |(owner, _)| owner);
    vec![type_name(&content_type.singular), type_name(&format!("{owner} {}", content_type.singular))]
}

/// As a constant, of the name of a type: `STARTS_AT`.
pub fn constant_name(name: &str) -> String {
    split_words(name).join("_").to_ascii_uppercase()
}

/// Names that are given once each.
#[derive(Default)]
pub struct UniqueNames(HashSet<String>);

impl UniqueNames {
    /// With some that are taken.
    pub fn with_reserved(names: &[&str]) -> Self {
        Self(names.iter().map(|&name| name.to_owned()).collect())
    }

    /// The first of these that nobody has, else the last with a number.
    pub fn take_first_free(&mut self, candidates: &[String]) -> String {
        for name in candidates {
            if self.0.insert(name.clone()) {
                return name.clone();
            }
        }
        let last_candidate = candidates.last().cloned().unwrap_or_default();
        let mut number = 2_u32;
        loop {
            let name = format!("{last_candidate}{number}");
            if self.0.insert(name.clone()) {
                return name;
            }
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_valid_rust_identifiers() {
        for (name, snake, camel) in [
            ("startsAt", "starts_at", "StartsAt"),
            ("seo_title", "seo_title", "SeoTitle"),
            ("media-item", "media_item", "MediaItem"),
            ("URLOfPage2", "url_of_page2", "UrlOfPage2"),
            ("type", "r#type", "Type"),
            ("self", "self_", "Self_"),
            ("2fa", "field_2fa", "Value2fa"),
            ("ü", "field_", "Value"),
            ("", "field_", "Value"),
        ] {
            assert_eq!((field_name(name).as_str(), type_name(name).as_str()), (snake, camel), "{name}");
        }
    }

    #[test]
    fn constant_names_are_upper_snake_case() {
        assert_eq!(
            (constant_name("ShopOrder").as_str(), constant_name("Value2fa").as_str()),
            ("SHOP_ORDER", "VALUE2FA")
        );
    }

    #[test]
    fn unique_names_never_repeat() {
        let mut unique_names = UniqueNames::with_reserved(&["Related"]);
        let mut one =
            |names: &[&str]| unique_names.take_first_free(&names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>());
        assert_eq!(one(&["Note"]), "Note");
        assert_eq!(one(&["Note", "ShopNote"]), "ShopNote");
        assert_eq!(one(&["Note", "ShopNote"]), "ShopNote2");
        assert_eq!(one(&["Related"]), "Related2");
    }
}
