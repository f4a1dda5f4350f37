//! Synonym groups: the words that an editor wrote, as the search takes them.

use crate::text::{count_words, split_list};

/// Most words of a group.
const MAX_TERMS: usize = 20;
/// Most parts of a word: `elektrische auto` has two.
const MAX_PARTS: usize = 5;
/// Longest word, in bytes.
const MAX_TERM_BYTES: usize = 100;

/// Problem of a group of synonyms, as a key of `locales/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermsProblem {
    /// Fewer than two different words.
    TooFew,
    /// More than 20.
    TooMany,
    /// A word of more than five parts, or without a letter or digit.
    BadTerm,
}

impl TermsProblem {
    /// The code in errors, and the end of the key of its text.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooFew => "terms-too-few",
            Self::TooMany => "terms-too-many",
            Self::BadTerm => "terms-bad",
        }
    }
}

/// The different words of a group.
///
/// # Errors
/// The first problem that the search would refuse it for.
pub fn parse_terms(list: &str) -> Result<Vec<String>, TermsProblem> {
    let mut terms: Vec<String> = Vec::new();
    for term in split_list(list) {
        if !(1..=MAX_PARTS).contains(&count_words(term)) || term.len() > MAX_TERM_BYTES {
            return Err(TermsProblem::BadTerm);
        }
        let term = term.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        if !terms.contains(&term) {
            terms.push(term);
        }
        if terms.len() > MAX_TERMS {
            return Err(TermsProblem::TooMany);
        }
    }
    if terms.len() < 2 { Err(TermsProblem::TooFew) } else { Ok(terms) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_parsed() {
        assert_eq!(
            parse_terms("Auto,  wagen \n elektrische   AUTO, auto").unwrap(),
            ["auto", "wagen", "elektrische auto"]
        );
    }

    #[test]
    fn groups_that_the_search_refuses_are_refused() {
        let many: String = (0..21).map(|n| format!("w{n},")).collect();
        let long = format!("{},b", "a".repeat(101));
        for (list, problem) in [
            ("", TermsProblem::TooFew),
            ("auto, Auto", TermsProblem::TooFew),
            ("auto, ---", TermsProblem::BadTerm),
            ("a b c d e f, g", TermsProblem::BadTerm),
            (long.as_str(), TermsProblem::BadTerm),
            (many.as_str(), TermsProblem::TooMany),
        ] {
            assert_eq!(parse_terms(list), Err(problem), "{list}");
        }
    }
}
