//! `regex`: expressions in JavaScript's dialect.
//!
//! Nearly all of them run on an engine whose time is linear in the text. Look-around and back-references need a backtracking engine, which
//! a hostile text can occupy for ever: its steps and the length of its texts are limited, and a match that needs more is refused as if the
//! text did not match (`docs/decisions/0034-what-strapi-starts.md`).

use regex::Regex;
use std::fmt::Write as _;

/// Largest number of backtracking steps in one match.
const MAX_BACKTRACKS: usize = 100_000;
/// Longest text, in bytes, for the backtracking engine: a step may read all of it.
const MAX_BACKTRACKED_BYTES: usize = 32_768;

/// A compiled `regex` with its source.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As in the schema file.
    pub source: String,
    engine: RegexEngine,
}

#[derive(Debug, Clone)]
enum RegexEngine {
    /// Linear in the text.
    Linear(Regex),
    /// Look-around or back-references: bounded by [`MAX_BACKTRACKS`] and [`MAX_BACKTRACKED_BYTES`].
    Backtracking(Box<fancy_regex::Regex>),
    /// The error that the engine reported.
    Broken(String),
}

/// The result of matching a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternMatch {
    /// The text matches.
    Yes,
    /// The text does not match.
    No,
    /// The match needs more steps than the limit.
    Unknown,
}

impl Pattern {
    /// Compiles a JavaScript expression. An invalid one is stored with its error: [`Self::syntax_error`].
    pub(crate) fn new(source: &str) -> Self {
        let translated = translate_pattern(source);
        let engine = match Regex::new(&translated) {
            Ok(regex) => RegexEngine::Linear(regex),
            Err(error) => {
                let mut options = fancy_regex::RegexBuilder::new(&translated);
                match options.backtrack_limit(MAX_BACKTRACKS).build() {
                    Ok(regex) => RegexEngine::Backtracking(Box::new(regex)),
                    Err(_) => RegexEngine::Broken(error_reason(&error.to_string())),
                }
            }
        };
        Self { source: source.to_owned(), engine }
    }

    /// The error of an invalid expression: then no text can be checked.
    pub fn syntax_error(&self) -> Option<&str> {
        match &self.engine {
            RegexEngine::Broken(why) => Some(why),
            RegexEngine::Linear(_) | RegexEngine::Backtracking(_) => None,
        }
    }

    /// Matches the text, or some part of it. An invalid expression matches nothing.
    pub fn matches(&self, text: &str) -> PatternMatch {
        let fits = match &self.engine {
            RegexEngine::Linear(regex) => regex.is_match(text),
            RegexEngine::Backtracking(_) if text.len() > MAX_BACKTRACKED_BYTES => return PatternMatch::Unknown,
            RegexEngine::Backtracking(regex) => match regex.is_match(text) {
                Ok(fits) => fits,
                Err(_) => return PatternMatch::Unknown,
            },
            RegexEngine::Broken(_) => false,
        };
        if fits { PatternMatch::Yes } else { PatternMatch::No }
    }

    /// The expression as JavaScript prints it: between slashes, those inside escaped.
    pub fn to_javascript(&self) -> String {
        print_javascript(&self.source)
    }
}

fn print_javascript(source: &str) -> String {
    if source.is_empty() {
        return "/(?:)/".to_owned();
    }
    let mut out = String::with_capacity(source.len() + 2);
    out.push('/');
    let (mut escaped, mut in_class) = (false, false);
    for c in source.chars() {
        match c {
            '/' if !escaped && !in_class => out.push_str("\\/"),
            '\n' => out.push_str(if escaped { "n" } else { "\\n" }),
            '\r' => out.push_str(if escaped { "r" } else { "\\r" }),
            other => out.push(other),
        }
        in_class = match c {
            '[' if !escaped => true,
            ']' if !escaped => false,
            _ => in_class,
        };
        escaped = c == '\\' && !escaped;
    }
    out.push('/');
    out
}

/// The message of the compiler, without the expression and the arrow below it.
fn error_reason(error: &str) -> String {
    error.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or(error).to_owned()
}

/// Translates what the dialects read differently: `\d` and `\w` are ASCII in JavaScript, `[`, `&` and `~` in a class are plain
/// characters, `[^]` is any character and `[]` none, a brace that begins no repetition is a brace, and a letter that means nothing after
/// a backslash is that letter.
fn translate_pattern(source: &str) -> String {
    // A character outside the basic plane, as JavaScript has to write it without its flag `u`.
    let source = source.replace(r"[\uD800-\uDBFF][\uDC00-\uDFFF]", r"[\x{10000}-\x{10FFFF}]");
    let mut out = String::with_capacity(source.len());
    let mut in_class = false;
    let mut rest = source.as_str();
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => rest = translate_escape(rest, in_class, &mut out),
            '[' if !in_class => {
                let negated = rest.starts_with('^');
                rest = if negated { &rest[1..] } else { rest };
                if let Some(after) = rest.strip_prefix(']') {
                    out.push_str(if negated { r"(?s:.)" } else { r"[^\s\S]" });
                    rest = after;
                } else {
                    in_class = true;
                    out.push_str(if negated { "[^" } else { "[" });
                }
            }
            '[' | '&' | '~' if in_class => out.extend(['\\', c]),
            ']' => {
                in_class = false;
                out.push(']');
            }
            '{' if !in_class && !begins_repetition(rest, &out) => out.push_str("\\{"),
            other => out.push(other),
        }
    }
    out
}

/// Translates what follows a backslash; returns the text after it.
fn translate_escape<'t>(text: &'t str, in_class: bool, out: &mut String) -> &'t str {
    let Some(c) = text.chars().next() else {
        out.push('\\');
        return text;
    };
    let after = &text[c.len_utf8()..];
    match (c, in_class) {
        ('d', false) => out.push_str("[0-9]"),
        ('d', true) => out.push_str("0-9"),
        ('D', false) => out.push_str("[^0-9]"),
        ('w', false) => out.push_str("[0-9A-Za-z_]"),
        ('w', true) => out.push_str("0-9A-Za-z_"),
        ('W', false) => out.push_str("[^0-9A-Za-z_]"),
        ('0', _) => out.push_str("\\x00"),
        ('b', true) => out.push_str("\\x08"),
        ('u', _) => {
            if let Some(code) = text.get(1..5).and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
                let low = text.get(5..11).and_then(|low| u32::from_str_radix(low.strip_prefix("\\u")?, 16).ok());
                let (code, consumed) = match low {
                    Some(low) if (0xD800..0xDC00).contains(&code) && (0xDC00..0xE000).contains(&low) => {
                        (0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), 11)
                    }
                    _ => (code, 5),
                };
                // Writing into a string cannot fail.
                let _ = write!(out, "\\x{{{code:X}}}");
                return &text[consumed..];
            }
            out.push('u');
        }
        // Letters that mean something in both; the others stand for themselves in JavaScript.
        ('s' | 'S' | 'W' | 'D' | 'n' | 'r' | 't' | 'f' | 'v' | 'x' | 'b' | 'B' | 'k' | 'p' | 'P' | '1'..='9', _) => {
            out.extend(['\\', c]);
        }
        (c, _) if c.is_ascii_alphabetic() || !c.is_ascii() => out.push(c),
        ('<' | '>', _) => out.push(c),
        (c, _) => out.extend(['\\', c]),
    }
    after
}

/// True if a brace begins a repetition: digits, perhaps a comma and digits, a brace; and something before it.
fn begins_repetition(rest: &str, before: &str) -> bool {
    let Some((inside, _)) = rest.split_once('}') else { return false };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    !before.is_empty() && !least.is_empty() && digits(least) && digits(most)
}

#[cfg(test)]
mod tests {
    use super::{Pattern, PatternMatch};

    fn fits(pattern: &Pattern, text: &str) -> bool {
        pattern.matches(text) == PatternMatch::Yes
    }

    #[test]
    fn patterns_match_like_javascript() {
        for (source, yes, no) in [
            ("^[0-9-]{5,20}$", "978-11", "letters"),
            ("[^,]+", "a", ","),
            (r"^\d+$", "12", "١٢"),
            (r"^[\w.]+$", "a_1.b", "é"),
            (r"^[[&~]+$", "[&~", "a"),
            (r"^https?:\/\/", "https://x", "ftp://x"),
            (r"^\W$", "é", "e"),
            (r"^{.*}$", "{x}", "x"),
            (r"^a{2}$", "aa", "a"),
            (r"^[^]+$", "a\nb", ""),
            (r"^\@\_\-$", "@_-", "x"),
            (r"^\u00e9\uD83D\uDE00$", "é😀", "e"),
            (r"^(?!.*[%+&]).+$", "plain", "a&b"),
            (r"^(?=.*\d)(?=.*[a-z]).{4,}$", "abc1", "abcd"),
            (r"^(a|b)\1$", "aa", "ab"),
            (r"(?<!-)\bcat$", "a cat", "a-cat"),
            (r"^(?<year>\d{4})-\k<year>$", "2026-2026", "2026-2025"),
        ] {
            let pattern = Pattern::new(source);
            assert_eq!(pattern.syntax_error(), None, "{source}");
            assert!(fits(&pattern, yes), "{source} {yes}");
            assert!(!fits(&pattern, no), "{source} {no}");
        }
    }

    #[test]
    fn invalid_patterns_match_nothing_and_report_the_error() {
        for source in ["(", "[", "*", "(?<"] {
            let pattern = Pattern::new(source);
            assert!(pattern.syntax_error().is_some(), "{source}");
            assert_eq!(pattern.matches("("), PatternMatch::No, "{source}");
        }
    }

    /// Checks expressions each of which would run for longer than the age of the universe.
    #[test]
    fn pathological_patterns_finish_without_a_match() {
        for (source, text) in [
            (r"^(?=((a+)+)$)\1b", "a".repeat(5_000)),
            (r"^(a+)+\1$b", "a".repeat(200)),
            (r"^(?:(?=a)a|aa)+$c(?!x)", "a".repeat(2_000)),
            (r"(x+x+)+y(?!z)", "x".repeat(3_000)),
            (r"(?!.*b)(?=.*c)a", "a".repeat(32_000)),
        ] {
            assert_ne!(Pattern::new(source).matches(&text), PatternMatch::Yes, "{source}");
        }
        assert_eq!(Pattern::new("(?=a)a").matches(&"a".repeat(40_000)), PatternMatch::Unknown);
        assert_eq!(Pattern::new("^a+$").matches(&"a".repeat(4_000_000)), PatternMatch::Yes);
    }

    #[test]
    fn patterns_are_printed_like_javascript() {
        for (source, expected) in [
            ("^[0-9]+$", "/^[0-9]+$/"),
            ("^/[a-z]+$", r"/^\/[a-z]+$/"),
            (r"^\/x[/]y/$", r"/^\/x[/]y\/$/"),
            ("", "/(?:)/"),
            ("a\nb", r"/a\nb/"),
        ] {
            assert_eq!(Pattern::new(source).to_javascript(), expected);
        }
    }
}
