//! Passages and query strings in HTML.

use cairn_plugin_pages::escape_html;
use std::fmt::Write as _;

/// A value of a query string, percent-encoded.
#[must_use]
pub fn encode_query(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            // Writing to a text never fails.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// A whole text with the marks of a passage of it: the search leaves out what comes before the first word of a passage and after its last,
/// such as the question mark of a title. The passage alone, where the text does not contain it.
#[must_use]
pub fn complete_passage(text: &str, passage: &str) -> String {
    let plain = unescape(&passage.replace("<mark>", "").replace("</mark>", ""));
    match text.find(&plain) {
        Some(start) => format!("{}{passage}{}", escape_html(&text[..start]), escape_html(&text[start + plain.len()..])),
        None => passage.to_owned(),
    }
}

fn unescape(html: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")];
    entities.iter().fold(html.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escape_html("<a href=\"x\" b='y'>&\u{0}é"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;é");
    }

    #[test]
    fn passages_are_completed_to_the_whole_text() {
        for (text, passage, whole) in [
            (
                "Hoe werkt de aanbetaling?",
                "Hoe werkt de <mark>aanbetaling</mark>",
                "Hoe werkt de <mark>aanbetaling</mark>?",
            ),
            ("\"A\" & <b>", "A&quot; &amp; &lt;<mark>b</mark>", "&quot;A&quot; &amp; &lt;<mark>b</mark>&gt;"),
            ("&lt;a", "&amp;lt;<mark>a</mark>", "&amp;lt;<mark>a</mark>"),
            ("other", "<mark>x</mark>", "<mark>x</mark>"),
            ("", "", ""),
        ] {
            assert_eq!(complete_passage(text, passage), whole);
        }
    }

    #[test]
    fn query_values_are_encoded() {
        assert_eq!(encode_query("a b&c=é/"), "a%20b%26c%3D%C3%A9%2F");
    }
}
