//! Names of people and companies, as they go into mails, pages and contracts.

mod web_address;

use crate::invisible::{has_visible, is_break, is_invisible, overrides_direction};
pub use web_address::has_link;

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameProblem {
    /// Nothing of it is seen.
    Empty,
    /// It has more than one line, or control characters.
    LineBreak,
    /// It shows in another order than it has.
    Direction,
    /// A part of it is a web address: whoever has one for a name wants our mails to carry it.
    Link,
}

/// A name as it is stored: trimmed, and without characters that nobody sees. Joiners within it stay, as Persian and Indic names and emoji are
/// written with them.
pub fn clean_name(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut joiners = String::new();
    for c in text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c)).chars() {
        match c {
            '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' => joiners.push(c),
            c if is_invisible(c) => {}
            c => {
                // Between letters they have a meaning; beside spaces and signs of ASCII they only make two names differ that look the same.
                if !joiners.is_empty() && !c.is_ascii() && cleaned.ends_with(|last: char| !last.is_ascii()) {
                    cleaned.push_str(&joiners);
                }
                joiners.clear();
                cleaned.push(c);
            }
        }
    }
    cleaned
}

/// Checks a name. Its length is the caller's to check.
///
/// # Errors
/// [`NameProblem`]: the first one.
pub fn check_name(text: &str) -> Result<(), NameProblem> {
    if text.trim().chars().any(is_break) {
        Err(NameProblem::LineBreak)
    } else if text.contains(overrides_direction) {
        Err(NameProblem::Direction)
    } else if !has_visible(text) {
        Err(NameProblem::Empty)
    } else if has_link(text) {
        Err(NameProblem::Link)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stored_without_what_nobody_sees() {
        for (typed, stored) in [
            (" Sanne de Vries ", "Sanne de Vries"),
            ("\u{feff}Sanne\u{200b} de Vries\u{202c}", "Sanne de Vries"),
            ("San\u{200d}ne", "Sanne"),
            ("San\u{ad}ne", "Sanne"),
            // A Persian name and a family, which are written with joiners.
            ("علی\u{200c}رضا", "علی\u{200c}رضا"),
            ("👨\u{200d}👩\u{200d}👧", "👨\u{200d}👩\u{200d}👧"),
            ("\u{200b}\u{feff}", ""),
            ("", ""),
        ] {
            assert_eq!(clean_name(typed), stored, "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_name_is_told_by_its_reason() {
        for (text, problem) in [
            ("", NameProblem::Empty),
            (" \u{a0}", NameProblem::Empty),
            ("\u{200b}\u{2060}", NameProblem::Empty),
            ("a\r\nBcc: b@c.nl", NameProblem::LineBreak),
            ("a\u{2028}b", NameProblem::LineBreak),
            ("a\0b", NameProblem::LineBreak),
            ("\u{202e}gnp.exe", NameProblem::Direction),
            ("a\u{202d}b", NameProblem::Direction),
            ("Win at prijs.ai", NameProblem::Link),
        ] {
            assert_eq!(check_name(text), Err(problem), "{text:?}");
        }
        for name in ["李", "O'Neil", "Zoë", "X Æ A-12", "Jan & Piet B.V.", "\u{202a}علي\u{202c}", "7"] {
            assert_eq!(check_name(name), Ok(()), "{name:?}");
        }
    }
}
