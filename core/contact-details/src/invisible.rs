//! Characters that are there but not seen. Phones, PDFs and spreadsheets paste them around numbers and addresses.

use std::borrow::Cow;

/// True if a character has no width and no meaning of its own: marks of direction, joiners, fillers, a byte order mark.
///
/// Not among them are the two that [`overrides_direction`] has. Without those, a text would be another one than people saw.
pub const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202c}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// True if a character shows the text after it in another order than it has (U+202D, U+202E): `gnp.exe` for `exe.png`.
pub const fn overrides_direction(c: char) -> bool {
    matches!(c, '\u{202d}' | '\u{202e}')
}

/// True if a character changes the direction of the text around it: the embeddings, overrides and isolates of Unicode.
pub const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// True if a character begins another line, or is a control character.
pub fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// The text without characters that [`is_invisible`] has.
pub fn remove_invisible(text: &str) -> Cow<'_, str> {
    if text.contains(is_invisible) {
        Cow::Owned(text.chars().filter(|c| !is_invisible(*c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// True if people see something of the text.
pub fn has_visible(text: &str) -> bool {
    // An empty pattern of Braille is a letter, and shows nothing.
    text.chars()
        .any(|c| !is_invisible(c) && !is_break(c) && !turns_direction(c) && !c.is_whitespace() && c != '\u{2800}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_removed() {
        assert_eq!(remove_invisible("\u{202a}06\u{200b}12\u{feff}\u{202c}"), "0612");
        assert!(matches!(remove_invisible("Zoë 😀"), Cow::Borrowed(_)));
        assert_eq!(remove_invisible("\u{feff}"), "");
        for c in ['\u{202d}', '\u{202e}'] {
            assert!(overrides_direction(c) && turns_direction(c) && !is_invisible(c));
        }
    }

    #[test]
    fn something_that_is_seen_is_told_from_nothing() {
        for nothing in ["", " ", "\u{200b}", "\u{a0}\u{3164}\u{feff}", "\u{202e}", "\u{2800}", "\n\u{0}\u{2028}"] {
            assert!(!has_visible(nothing), "{nothing:?}");
        }
        for something in ["a", "\u{200b}.", "😀", "علي", "李"] {
            assert!(has_visible(something), "{something:?}");
        }
    }
}
