//! ICU messages: `{name}`, `{n, number}`, `{n, plural, =0 {none} one {# place} other {# places}}`, `{n, selectordinal, …}` and `{kind,
//! select, a {…} other {…}}`. An apostrophe before a brace makes the text up to the next one literal; two are one.

use crate::locale;
use fixed_decimal::Decimal;
use icu_decimal::DecimalFormatter;
use icu_plurals::{PluralCategory, PluralOperands, PluralRuleType, PluralRules, PluralRulesOptions};
use serde_json::{Map, Value as Json};

/// Deepest nesting.
const MAX_DEPTH: usize = 8;
/// Longest message, and longest result, in bytes.
const MAX_MESSAGE_BYTES: usize = 64 << 10;

/// A problem of a message, with its position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at}: {problem}")]
pub struct MessageProblem {
    /// Offset in bytes from the beginning.
    pub at: usize,
    /// Description of the problem, and what is expected.
    pub problem: String,
}

/// Formats a message in a language. A placeholder without an argument stays as it is (`{name}`).
///
/// # Errors
/// The problem of the message, or that the result is longer than 64 KiB.
pub fn format_message(source: &str, code: &str, arguments: &Map<String, Json>) -> Result<String, MessageProblem> {
    if source.len() > MAX_MESSAGE_BYTES {
        return Err(MessageProblem {
            at: MAX_MESSAGE_BYTES,
            problem: "a message must not be longer than 64 KiB".to_owned(),
        });
    }
    let mut reader = MessageFormatter { source, at: 0, arguments, code, out: String::new() };
    reader.format_text(None, 0, true)?;
    Ok(reader.out)
}

struct MessageFormatter<'a> {
    source: &'a str,
    at: usize,
    arguments: &'a Map<String, Json>,
    code: &'a str,
    out: String,
}

impl MessageFormatter<'_> {
    fn error_here<T>(&self, problem: impl Into<String>) -> Result<T, MessageProblem> {
        Err(MessageProblem { at: self.at, problem: problem.into() })
    }

    fn peek(&self) -> Option<char> {
        self.source[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn push_text(&mut self, is_selected: bool, text: &str) -> Result<(), MessageProblem> {
        if is_selected {
            self.out.push_str(text);
        }
        if self.out.len() > MAX_MESSAGE_BYTES {
            return self.error_here("the result is longer than 64 KiB");
        }
        Ok(())
    }

    /// Parses a text up to its end, or the brace that ends it. `number`: the value of `#`. `is_selected`: whether it is the selected branch.
    fn format_text(&mut self, number: Option<&str>, depth: usize, is_selected: bool) -> Result<(), MessageProblem> {
        if depth > MAX_DEPTH {
            return self.error_here(format!("the message is nested more than {MAX_DEPTH} levels deep"));
        }
        while let Some(c) = self.peek() {
            match c {
                '}' if depth > 0 => return Ok(()),
                '}' => return self.error_here("unexpected } without a matching {; write '}' for a literal brace"),
                '{' => {
                    self.next();
                    self.format_argument(depth, is_selected)?;
                }
                '#' if number.is_some() => {
                    self.next();
                    self.push_text(is_selected, number.unwrap_or_default())?;
                }
                '\'' => {
                    self.next();
                    self.format_quoted(number.is_some(), is_selected)?;
                }
                c => {
                    self.next();
                    self.push_text(is_selected, c.encode_utf8(&mut [0; 4]))?;
                }
            }
        }
        if depth > 0 { self.error_here("missing } at the end") } else { Ok(()) }
    }

    fn format_quoted(&mut self, in_plural: bool, is_selected: bool) -> Result<(), MessageProblem> {
        match self.peek() {
            Some('\'') => {
                self.next();
                self.push_text(is_selected, "'")
            }
            Some(c) if matches!(c, '{' | '}') || (in_plural && c == '#') => {
                while let Some(c) = self.next() {
                    if c != '\'' {
                        self.push_text(is_selected, c.encode_utf8(&mut [0; 4]))?;
                    } else if self.peek() == Some('\'') {
                        self.next();
                        self.push_text(is_selected, "'")?;
                    } else {
                        break;
                    }
                }
                Ok(())
            }
            _ => self.push_text(is_selected, "'"),
        }
    }

    fn skip_whitespace(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next();
        }
    }

    /// Parses a name or a keyword.
    fn read_word(&mut self) -> Result<String, MessageProblem> {
        self.skip_whitespace();
        let from = self.at;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '=')) {
            self.next();
        }
        if self.at == from {
            return self.error_here("missing name");
        }
        let word = self.source[from..self.at].to_owned();
        self.skip_whitespace();
        Ok(word)
    }

    fn expect_comma(&mut self) -> Result<(), MessageProblem> {
        self.skip_whitespace();
        match self.next() {
            Some(',') => Ok(()),
            _ => self.error_here("missing comma"),
        }
    }

    /// Parses the content of braces, after the first.
    fn format_argument(&mut self, depth: usize, is_selected: bool) -> Result<(), MessageProblem> {
        let name = self.read_word()?;
        let value = self.arguments.get(&name).cloned();
        if self.peek() == Some('}') {
            self.next();
            let text = match value {
                Some(value) => self.value_text(&value),
                None => format!("{{{name}}}"),
            };
            return self.push_text(is_selected, &text);
        }
        self.expect_comma()?;
        let kind = self.read_word()?;
        match kind.as_str() {
            "number" => {
                if self.next() != Some('}') {
                    return self.error_here("missing } after number");
                }
                let text = value.map_or_else(|| format!("{{{name}}}"), |value| self.value_text(&value));
                self.push_text(is_selected, &text)
            }
            "plural" | "selectordinal" => {
                let text = value.as_ref().map(decimal_text).unwrap_or_default();
                let number = text.parse::<Decimal>().ok();
                let rules = if kind == "plural" { PluralRuleType::Cardinal } else { PluralRuleType::Ordinal };
                let category = number.as_ref().map_or("other", |number| self.plural_category(number, rules));
                let figure = number.as_ref().map_or_else(|| format!("{{{name}}}"), |number| self.format_number(number));
                self.format_branches(&[format!("={text}").as_str(), category], Some(&figure), depth, is_selected)
            }
            "select" => {
                let chosen = value.as_ref().map(decimal_text).unwrap_or_default();
                self.format_branches(&[chosen.as_str()], None, depth, is_selected)
            }
            other => self.error_here(format!("unknown type {other}; expected number, plural, selectordinal or select")),
        }
    }

    /// Parses `, a {…} other {…} }`, and formats the first branch of `keywords` that exists, or `other`.
    fn format_branches(
        &mut self,
        keywords: &[&str],
        number: Option<&str>,
        depth: usize,
        is_selected: bool,
    ) -> Result<(), MessageProblem> {
        self.expect_comma()?;
        // The branch to use is known only after the last one: all are checked first, then the chosen one is formatted.
        let mut found: Vec<(String, usize)> = Vec::new();
        loop {
            self.skip_whitespace();
            if self.peek() == Some('}') {
                break;
            }
            let keyword = self.read_word()?;
            if self.next() != Some('{') {
                return self.error_here(format!("missing {{ after {keyword}"));
            }
            found.push((keyword, self.at));
            self.format_text(number, depth + 1, false)?;
            // The text ends before its closing brace.
            self.next();
        }
        self.next();
        let end = self.at;
        let find_branch = |keyword: &str| found.iter().find(|(known, _)| known == keyword).map(|(_, at)| *at);
        let Some(other) = find_branch("other") else {
            return self.error_here("missing other {…}: it is used when no other case matches");
        };
        if is_selected {
            self.at = keywords.iter().find_map(|keyword| find_branch(keyword)).unwrap_or(other);
            self.format_text(number, depth + 1, true)?;
            self.at = end;
        }
        Ok(())
    }

    fn value_text(&self, value: &Json) -> String {
        match value {
            Json::Number(_) => decimal_text(value)
                .parse::<Decimal>()
                .map_or_else(|_| value.to_string(), |number| self.format_number(&number)),
            other => decimal_text(other),
        }
    }

    fn format_number(&self, number: &Decimal) -> String {
        let formatter =
            DecimalFormatter::try_new(locale::parse_locale_or_unknown(self.code).into(), Default::default());
        formatter.map_or_else(|_| number.to_string(), |formatter| formatter.format(number).to_string())
    }

    fn plural_category(&self, number: &Decimal, rules: PluralRuleType) -> &'static str {
        let options = PluralRulesOptions::default().with_type(rules);
        let rules = PluralRules::try_new(locale::parse_locale_or_unknown(self.code).into(), options);
        let category = rules.map(|rules| rules.category_for(PluralOperands::from(number)));
        match category {
            Ok(PluralCategory::Zero) => "zero",
            Ok(PluralCategory::One) => "one",
            Ok(PluralCategory::Two) => "two",
            Ok(PluralCategory::Few) => "few",
            Ok(PluralCategory::Many) => "many",
            Ok(PluralCategory::Other) | Err(_) => "other",
        }
    }
}

/// Converts a value to text: a text itself, everything else as JSON, nothing for null.
fn decimal_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn format_or_error(source: &str, locale: &str, arguments: Json) -> String {
        format_message(source, locale, arguments.as_object().unwrap()).unwrap_or_else(|e| format!("wrong {e}"))
    }

    #[test]
    fn placeholders_are_replaced_by_arguments() {
        for (source, arguments, text) in [
            ("Hello {name}!", json!({ "name": "Ann {x}" }), "Hello Ann {x}!"),
            ("Hello { name }!", json!({}), "Hello {name}!"),
            ("{a}{b}{c}", json!({ "a": 1234.5, "b": true, "c": null }), "1,234.5true"),
            ("it's {n, number}", json!({ "n": 1234567 }), "it's 1,234,567"),
            ("'{name}' is ''quoted'' '{'", json!({ "name": "x" }), "{name} is 'quoted' {"),
            ("{s, select, a {A} other {? {s}}}", json!({ "s": "b" }), "? b"),
            ("{s, select, a {A} other {?}}", json!({ "s": "a" }), "A"),
            ("{s, select, a {A} other {?}}", json!({}), "?"),
        ] {
            assert_eq!(format_or_error(source, "en", arguments), text, "{source}");
        }
    }

    #[test]
    fn plural_forms_follow_the_language() {
        let places = "{n, plural, =0 {geen plaatsen} one {# plaats} other {# plaatsen}}";
        for (n, text) in [(0, "geen plaatsen"), (1, "1 plaats"), (2, "2 plaatsen"), (12_000, "12.000 plaatsen")] {
            assert_eq!(format_or_error(places, "nl", json!({ "n": n })), text);
        }
        let polish = "{n, plural, one {# plik} few {# pliki} many {# plików} other {# pliku}}";
        for (n, text) in
            [(json!(1), "1 plik"), (json!(3), "3 pliki"), (json!(5), "5 plików"), (json!("1.5"), "1,5 pliku")]
        {
            assert_eq!(format_or_error(polish, "pl", json!({ "n": n })), text);
        }
        let ordinal = "{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}";
        for (n, text) in [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd")] {
            assert_eq!(format_or_error(ordinal, "en", json!({ "n": n })), text);
        }
        let within = "{n, plural, one {{who} has one} other {{who, select, you {you have {n}} other {{who} has {n}}}}}";
        assert_eq!(format_or_error(within, "en", json!({ "n": 3, "who": "you" })), "you have 3");
    }

    #[test]
    fn malformed_messages_report_the_problem() {
        for (source, message) in [
            ("{", "missing name"),
            ("{name", "comma"),
            ("}", "without a matching"),
            ("{n, plural}", "comma"),
            ("{n, plural, one {x}}", "other"),
            ("{n, plural, one x other {y}}", "missing {"),
            ("{n, plural, other {x}", "missing name"),
            ("{n, plural, other {x", "missing }"),
            ("{n, date}", "unknown type date"),
            ("{n, number", "missing }"),
        ] {
            let error = format_message(source, "en", &Map::new()).unwrap_err();
            assert!(error.problem.contains(message), "{source}: {error}");
        }
        let deep = "{a, select, other {".repeat(1_000);
        assert!(format_message(&deep, "en", &Map::new()).unwrap_err().problem.contains("nested more than"));
        let many = json!({ "a": "x".repeat(10_000) });
        assert!(
            format_message(&"{a}".repeat(10), "en", many.as_object().unwrap()).unwrap_err().problem.contains("longer")
        );
    }
}
