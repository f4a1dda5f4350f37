//! One value of the file.

use super::TomlSection;
use crate::problem::{KeyFact, ProblemReport, SourceLocation};
use crate::units;
use crate::words::{Word, list_alternatives, nearest_word, quote_input};
use serde_json::{Map, Number, Value as Json};
use std::ops::RangeInclusive;
use std::time::Duration;
use toml::Spanned;
use toml::de::DeValue;

/// Longest text of a value, in bytes.
const MAX_TEXT_BYTES: usize = 2_000;
/// Largest number of elements of a list.
const MAX_LIST_ITEMS: usize = 500;

/// A value, with its position and its name in messages. The readers return `None` for an invalid value, after reporting it.
#[derive(Clone)]
pub(crate) struct TomlItem<'r> {
    report: &'r ProblemReport<'r>,
    name: String,
    /// Position of the key, or of the value inside a list.
    pub(crate) at: SourceLocation,
    value: &'r Spanned<DeValue<'r>>,
}

impl<'r> TomlItem<'r> {
    pub(crate) fn new(
        report: &'r ProblemReport<'r>,
        name: String,
        key: Option<SourceLocation>,
        value: &'r Spanned<DeValue<'r>>,
    ) -> Self {
        let at = key.unwrap_or_else(|| report.location_at(value.span().start));
        Self { report, name, at, value }
    }

    /// Reports an error of the value: `message` follows its name.
    pub(crate) fn error(&self, message: impl AsRef<str>, hint: impl Into<String>) {
        let at = match self.value.span() {
            span if span.is_empty() => self.at,
            span => self.report.location_at(span.start),
        };
        self.report.push_error(at, format!("`{}` {}", self.name, message.as_ref()), hint);
    }

    /// Reports an error of the key.
    pub(crate) fn error_at_key(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.report.push_error(self.at, message, hint);
    }

    pub(crate) fn value_is_empty_list(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::Array(list) if list.is_empty())
    }

    /// Notes the kind of value that is expected.
    fn note_kind(&self, kind: impl FnOnce() -> String) {
        self.report.note_fact(|| (self.name.clone(), KeyFact::Value(kind())));
    }

    fn push_expected_error<T>(&self, expected: &str) -> Option<T> {
        self.error(format!("must be {expected}, but is {}", self.value_kind()), "");
        None
    }

    fn value_kind(&self) -> &'static str {
        match self.value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        }
    }

    fn raw_text(&self, expected: &str) -> Option<&'r str> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(text.as_ref()),
            _ => self.push_expected_error(expected),
        }
    }

    /// Reads a text on one line, neither empty nor too long.
    pub(crate) fn text(&self) -> Option<String> {
        self.note_kind(|| "text".to_owned());
        let text = self.raw_text("a text")?;
        if text.trim().is_empty() || text.len() > MAX_TEXT_BYTES || text.chars().any(char::is_control) {
            self.error(format!("must be one line of 1 to {MAX_TEXT_BYTES} characters"), "");
            return None;
        }
        Some(text.to_owned())
    }

    /// Reads a text that `fits`; `form` describes it for the message, with an example.
    pub(crate) fn text_of(&self, form: &str, fits: impl FnOnce(&str) -> bool) -> Option<String> {
        self.note_kind(|| form.to_owned());
        let text = self.raw_text(form)?;
        if !fits(text) {
            self.error(format!("is {}", quote_input(text)), format!("write {form}"));
            return None;
        }
        Some(text.to_owned())
    }

    /// Reads a text that `parse` accepts; its error follows the value in the message.
    pub(crate) fn parse_text<T>(&self, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        self.note_kind(|| "text".to_owned());
        let text = self.raw_text("a text")?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.error(format!("is {}, which {problem}", quote_input(text)), "");
                None
            }
        }
    }

    /// Reads one of a closed set of words.
    pub(crate) fn word<W: Word>(&self) -> Option<W> {
        let words = || W::ALL.iter().map(|word| word.word());
        self.note_kind(|| list_alternatives(words()));
        let text = self.raw_text(&list_alternatives(words()))?;
        let found = W::ALL.iter().copied().find(|word| word.word() == text);
        if found.is_none() {
            let hint = match nearest_word(text, words()) {
                Some(near) => format!("did you mean \"{near}\"? Supported here: {}", list_alternatives(words())),
                None => format!("write {}", list_alternatives(words())),
            };
            self.error(format!("is {}", quote_input(text)), hint);
        }
        found
    }

    /// Reads a duration within bounds.
    pub(crate) fn duration(&self, bounds: RangeInclusive<Duration>) -> Option<Duration> {
        self.note_kind(|| format!("duration, {}", format_bounds(&bounds, units::format_duration)));
        let text = self.raw_text(units::DURATION_FORM)?;
        let Some(duration) = units::parse_duration(text) else {
            self.error(
                format!("is {}, which is not a duration", quote_input(text)),
                format!("write {}", units::DURATION_FORM),
            );
            return None;
        };
        self.check_bounds(duration, &bounds, units::format_duration)
    }

    /// Reads a size within bounds, in bytes.
    pub(crate) fn size(&self, bounds: RangeInclusive<u64>) -> Option<u64> {
        self.note_kind(|| format!("size, {}", format_bounds(&bounds, units::format_size)));
        let text = self.raw_text(units::SIZE_FORM)?;
        let Some(size) = units::parse_size(text) else {
            self.error(format!("is {}, which is not a size", quote_input(text)), format!("write {}", units::SIZE_FORM));
            return None;
        };
        self.check_bounds(size, &bounds, units::format_size)
    }

    /// Reads a whole number within bounds.
    pub(crate) fn integer<N>(&self, bounds: RangeInclusive<N>) -> Option<N>
    where
        N: TryFrom<i64> + PartialOrd + Copy + std::fmt::Display,
    {
        self.note_kind(|| format!("whole number, {}", format_bounds(&bounds, |n: N| n.to_string())));
        let DeValue::Integer(digits) = self.value.get_ref() else { return self.push_expected_error("a whole number") };
        match i64::from_str_radix(digits.as_str(), digits.radix()).ok().and_then(|n| N::try_from(n).ok()) {
            Some(number) => self.check_bounds(number, &bounds, |n: N| n.to_string()),
            None => {
                let range = format!("write {} to {}", bounds.start(), bounds.end());
                self.error(format!("is {}", quote_input(&digits.to_string())), range);
                None
            }
        }
    }

    /// Reads a number within bounds.
    pub(crate) fn number(&self, bounds: RangeInclusive<f64>) -> Option<f64> {
        self.note_kind(|| format!("number, {}", format_bounds(&bounds, |n: f64| n.to_string())));
        match self.json_number() {
            Some(number) => self.check_bounds(number, &bounds, |n| n.to_string()),
            None => self.push_expected_error("a number"),
        }
    }

    /// Reads true or false.
    pub(crate) fn boolean(&self) -> Option<bool> {
        self.note_kind(|| "`true` or `false`".to_owned());
        match self.value.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            _ => self.push_expected_error("true or false (without quotes)"),
        }
    }

    /// Reads the elements of a list; invalid ones are left out.
    pub(crate) fn list<T>(&self, read: impl FnMut(&TomlItem<'r>) -> Option<T>) -> Vec<T> {
        self.note_kind(|| "list".to_owned());
        let list = match self.value.get_ref() {
            DeValue::Array(list) => list,
            DeValue::Table(_) => {
                self.error("must be a list", format!("write `[[{0}]]` instead of `[{0}]`", self.name));
                return Vec::new();
            }
            _ => {
                self.error(format!("must be a list, but is {}", self.value_kind()), "put it in [ and ]");
                return Vec::new();
            }
        };
        if list.len() > MAX_LIST_ITEMS {
            self.error(format!("has more than {MAX_LIST_ITEMS} elements"), "");
            return Vec::new();
        }
        let items = list.iter().map(|value| TomlItem::new(self.report, self.name.clone(), None, value));
        let items: Vec<TomlItem<'r>> = items.collect();
        items.iter().filter_map(read).collect()
    }

    /// Reads a table, whose keys are then requested one by one.
    pub(crate) fn section(&self) -> Option<TomlSection<'r>> {
        self.note_kind(|| "table".to_owned());
        match self.value.get_ref() {
            DeValue::Table(table) => Some(TomlSection::new(self.report, format!("[{}]", self.name), self.at, table)),
            DeValue::Array(_) => {
                self.error("must be a table", format!("write `[{0}]` instead of `[[{0}]]`", self.name));
                None
            }
            _ => self.push_expected_error("a table"),
        }
    }

    /// True if it is a text, for values that have a short form.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::String(_))
    }

    /// True if it is a table, for values that have a short form.
    pub(crate) fn is_table(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::Table(_))
    }

    /// Converts the value to JSON.
    pub(crate) fn json(&self) -> Option<Json> {
        Some(match self.value.get_ref() {
            DeValue::String(text) => Json::String(text.clone().into_owned()),
            DeValue::Boolean(value) => Json::Bool(*value),
            DeValue::Integer(digits) => {
                let Ok(number) = i64::from_str_radix(digits.as_str(), digits.radix()) else {
                    return self.push_expected_error("a number that fits in 64 bits");
                };
                Json::Number(number.into())
            }
            DeValue::Float(_) => match self.json_number().and_then(Number::from_f64) {
                Some(number) => Json::Number(number),
                None => return self.push_expected_error("a number that JSON can represent"),
            },
            DeValue::Datetime(_) => return self.push_expected_error("a date in quotes, as in the REST API"),
            DeValue::Array(_) => Json::Array(self.list(TomlItem::json)),
            DeValue::Table(_) => {
                let members = self.section()?.remaining_items();
                let members = members.iter().filter_map(|(key, item)| Some(((*key).to_owned(), item.json()?)));
                Json::Object(members.collect::<Map<_, _>>())
            }
        })
    }

    fn json_number(&self) -> Option<f64> {
        match self.value.get_ref() {
            DeValue::Float(digits) => digits.as_str().parse().ok(),
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).ok().map(|n| n as f64),
            _ => None,
        }
    }

    fn check_bounds<N: PartialOrd + Copy>(
        &self,
        value: N,
        bounds: &RangeInclusive<N>,
        show: impl Fn(N) -> String,
    ) -> Option<N> {
        if bounds.contains(&value) {
            return Some(value);
        }
        let range = format!("write {} to {}", show(*bounds.start()), show(*bounds.end()));
        self.error(format!("is {}", show(value)), range);
        None
    }
}

/// Shows bounds as `1 to 500`.
fn format_bounds<N: Copy>(bounds: &RangeInclusive<N>, show: impl Fn(N) -> String) -> String {
    format!("{} to {}", show(*bounds.start()), show(*bounds.end()))
}
