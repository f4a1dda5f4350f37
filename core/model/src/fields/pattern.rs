//! `regex`: JavaScript's expressions, run by a linear-time engine.

use crate::content_type::Pattern;
use regex::Regex;

/// Compiles an expression written for JavaScript; the error says what to change.
pub(crate) fn compile(source: &str) -> Result<Pattern, String> {
    match Regex::new(&translate(source)) {
        Ok(regex) => Ok(Pattern { source: source.to_owned(), regex }),
        Err(error) => Err(explain(&error.to_string())),
    }
}

fn explain(error: &str) -> String {
    let linear = "expressions run in linear time, so that no input can stall the server";
    if error.contains("look-around") {
        format!("look-ahead and look-behind are not supported: {linear}")
    } else if error.contains("backreference") {
        format!("back-references are not supported: {linear}")
    } else {
        let reason = error.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or(error);
        format!("is no regular expression: {reason}")
    }
}

/// Where the two dialects read the same text differently: `\d` and `\w` are ASCII in JavaScript, and `[` and `&` in a
/// class are plain characters.
fn translate(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut in_class = false;
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match (chars.next(), in_class) {
                (Some('d'), false) => out.push_str("[0-9]"),
                (Some('d'), true) => out.push_str("0-9"),
                (Some('D'), false) => out.push_str("[^0-9]"),
                (Some('w'), false) => out.push_str("[0-9A-Za-z_]"),
                (Some('w'), true) => out.push_str("0-9A-Za-z_"),
                (Some('W'), false) => out.push_str("[^0-9A-Za-z_]"),
                (Some(other), _) => out.extend(['\\', other]),
                (None, _) => out.push('\\'),
            },
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
            }
            '[' | '&' | '~' if in_class => out.extend(['\\', c]),
            ']' => {
                in_class = false;
                out.push(']');
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::compile;

    #[test]
    fn javascript_expressions_mean_the_same() {
        for (source, yes, no) in [
            ("^[0-9-]{5,20}$", "978-11", "letters"),
            ("[^,]+", "a", ","),
            (r"^\d+$", "12", "١٢"),
            (r"^[\w.]+$", "a_1.b", "é"),
            (r"^[[&~]+$", "[&~", "a"),
            (r"^https?:\/\/", "https://x", "ftp://x"),
            (r"^\W$", "é", "e"),
        ] {
            let pattern = compile(source).unwrap();
            assert!(pattern.regex.is_match(yes), "{source} {yes}");
            assert!(!pattern.regex.is_match(no), "{source} {no}");
        }
    }

    #[test]
    fn what_cannot_run_in_linear_time_is_refused_with_the_reason() {
        assert!(compile("^(?=a)").unwrap_err().contains("look-ahead"));
        assert!(compile(r"(a)\1").unwrap_err().contains("back-references"));
        assert!(compile("(").unwrap_err().contains("is no regular expression"));
    }
}
