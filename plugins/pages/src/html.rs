//! Texts as HTML.

/// Appends a text with the characters escaped that mean something in HTML, in elements and in quoted attributes.
pub fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Control characters are dropped: browsers may not show them, and XML may not contain them.
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
}

/// A text with the characters escaped that mean something in HTML.
#[must_use]
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_becomes_a_tag() {
        assert_eq!(escape_html("<b a='1' c=\"2\">&\u{0}\n"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;\n");
    }
}
