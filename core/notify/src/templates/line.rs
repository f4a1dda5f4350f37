//! Texts that are one line of a mail.

/// Longest subject that is sent, in characters.
const MAX_SUBJECT_CHARS: usize = 200;

/// Joins a text to one line of bounded length: a header has no more.
pub(super) fn single_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
    let words: Vec<&str> = clean.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() > MAX_SUBJECT_CHARS {
        let cut: String = line.chars().take(MAX_SUBJECT_CHARS - 1).collect();
        return cut + "…";
    }
    line
}

/// True if a character must not occur in a header's line.
pub(crate) fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}
