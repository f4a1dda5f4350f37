//! Slugs: names of articles and spaces in addresses.

use crate::text::{fold, truncate};

/// Longest slug, in bytes.
pub const MAX_SLUG_BYTES: usize = 80;

/// A slug for a title: `Hoe werkt de aanbetaling?` becomes `hoe-werkt-de-aanbetaling`. Empty where the title has no letter or digit
/// that a slug can have.
#[must_use]
pub fn from_title(title: &str) -> String {
    let mut slug = String::with_capacity(title.len());
    for c in fold(title).chars() {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            'ß' => slug.push_str("ss"),
            'æ' => slug.push_str("ae"),
            'ø' => slug.push('o'),
            'œ' => slug.push_str("oe"),
            // `auto's` is one word.
            '\'' | '’' => {}
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    let cut = match truncate(&slug, MAX_SLUG_BYTES) {
        cut if cut.len() < slug.len() => cut.rsplit_once('-').map_or(cut, |(whole, _)| whole),
        whole => whole,
    };
    cut.trim_end_matches('-').to_owned()
}

/// A slug with a number after it, `deposit-2`, cut so that it stays a slug; the slug itself for the number 1.
#[must_use]
pub fn with_number(slug: &str, number: u32) -> String {
    if number <= 1 {
        return slug.to_owned();
    }
    let end = format!("-{number}");
    let cut = truncate(slug, MAX_SLUG_BYTES.saturating_sub(end.len()));
    format!("{}{end}", cut.trim_end_matches('-'))
}

/// True if a text can be a slug: small letters and digits in parts joined by single hyphens.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= MAX_SLUG_BYTES && text.split('-').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_slugs() {
        for (title, slug) in [
            ("Hoe werkt de aanbetaling?", "hoe-werkt-de-aanbetaling"),
            ("  Technologieën & auto’s  ", "technologieen-autos"),
            ("Øl — Straße Œuvre", "ol-strasse-oeuvre"),
            ("F22 / JD70", "f22-jd70"),
            ("../../etc", "etc"),
            ("日本", ""),
            ("---", ""),
            ("", ""),
        ] {
            assert_eq!(from_title(title), slug, "{title}");
            assert!(slug.is_empty() || is_slug(slug));
        }
    }

    #[test]
    fn long_titles_are_cut_between_words() {
        let slug = from_title(&"woord ".repeat(40));
        assert!(slug.len() <= MAX_SLUG_BYTES && slug.ends_with("woord") && is_slug(&slug));
        assert_eq!(from_title(&"x".repeat(300)).len(), MAX_SLUG_BYTES);
    }

    #[test]
    fn numbers_come_after_slugs_and_leave_them_slugs() {
        assert_eq!((with_number("deposit", 1).as_str(), with_number("deposit", 2).as_str()), ("deposit", "deposit-2"));
        let long = "x".repeat(MAX_SLUG_BYTES);
        let words = format!("{}-y", "x".repeat(MAX_SLUG_BYTES - 2));
        for slug in [long.as_str(), words.as_str()] {
            for number in [1, 2, 50, 1_000] {
                let numbered = with_number(slug, number);
                assert!(is_slug(&numbered), "{numbered}");
            }
        }
        assert_ne!(with_number(&long, 2), with_number(&long, 3));
    }

    #[test]
    fn what_is_no_slug_is_refused() {
        for text in ["", "-", "a-", "-a", "a--b", "A", "é", "a/b", "..", "a b", "a_b", &"x".repeat(81)] {
            assert!(!is_slug(text), "{text}");
        }
    }
}
