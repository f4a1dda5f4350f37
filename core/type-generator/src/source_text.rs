//! Texts of schemas as source code.

use serde_json::json;

/// Returns a text that is fit for a comment of one line, whatever somebody has written.
pub fn comment_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'")
}

/// Does the same as [`comment_line`], for comments that end with `*/`.
pub fn block_comment_line(text: &str) -> String {
    comment_line(text).replace("*/", "* /")
}

/// Returns a name as a key of a TypeScript interface: as it is, or in quotes.
pub fn property_key(name: &str) -> String {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
    let is_plain = name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit());
    if is_plain { name.to_owned() } else { json!(name).to_string() }
}
