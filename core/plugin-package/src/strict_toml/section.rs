//! One table of the file.

use super::TomlItem;
use crate::problem::{KeyFact, ProblemReport, SourceLocation};
use crate::words::{nearest_word, quote_input};
use std::cell::RefCell;
use std::fmt::Debug;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table, and which of its keys were asked for.
pub(crate) struct TomlSection<'r> {
    pub(crate) report: &'r ProblemReport<'r>,
    /// As messages call it: `[[hook]]`; empty for the file itself.
    pub(crate) name: String,
    /// Where it begins.
    pub(crate) at: SourceLocation,
    table: &'r DeTable<'r>,
    known: RefCell<Vec<&'static str>>,
}

impl<'r> TomlSection<'r> {
    pub(crate) fn new(report: &'r ProblemReport<'r>, name: String, at: SourceLocation, table: &'r DeTable<'r>) -> Self {
        Self { report, name, at, table, known: RefCell::default() }
    }

    /// An error at the section's beginning.
    pub(crate) fn error(&self, message: impl AsRef<str>, hint: impl Into<String>) {
        self.report.push_error(self.at, format!("{} {}", self.name, message.as_ref()), hint);
    }

    /// The value of a key, which counts as known from now on.
    pub(crate) fn get(&self, key: &'static str) -> Option<TomlItem<'r>> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&key) {
            known.push(key);
        }
        drop(known);
        self.note_fact(key, || KeyFact::Known);
        let (spanned, value) = self.table.get_key_value(key)?;
        Some(self.new_item(spanned.span().start, key, value))
    }

    /// Reads a key's value with `read`; `None` when it is absent, or wrong and reported.
    pub(crate) fn optional<T>(&self, key: &'static str, read: impl FnOnce(&TomlItem<'r>) -> Option<T>) -> Option<T> {
        read(&self.get(key)?)
    }

    /// The same, with a value for what is absent. One that is wrong was told of, so what stands for it does not matter.
    pub(crate) fn optional_or<T: Debug>(
        &self,
        key: &'static str,
        default: T,
        read: impl FnOnce(&TomlItem<'r>) -> Option<T>,
    ) -> T {
        self.note_fact(key, || KeyFact::Default(format!("{default:?}")));
        self.optional(key, read).unwrap_or(default)
    }

    /// The same, of a key that must be there. `example`: the line to add.
    pub(crate) fn required<T>(
        &self,
        key: &'static str,
        example: &str,
        read: impl FnOnce(&TomlItem<'r>) -> Option<T>,
    ) -> Option<T> {
        self.note_fact(key, || KeyFact::Required(example.to_owned()));
        let item = self.get(key);
        if item.is_none() {
            self.error(format!("has no `{key}`"), format!("add {example}"));
        }
        read(&item?)
    }

    /// A list; empty when it is absent.
    pub(crate) fn list<T>(&self, key: &'static str, read: impl FnMut(&TomlItem<'r>) -> Option<T>) -> Vec<T> {
        self.get(key).map_or_else(Vec::new, |item| item.list(read))
    }

    /// A list that must be there and hold something.
    pub(crate) fn filled_list<T>(
        &self,
        key: &'static str,
        example: &str,
        read: impl FnMut(&TomlItem<'r>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let item = self.required(key, example, |item| Some(item.clone()))?;
        if item.value_is_empty_list() {
            item.error("is empty", format!("write {example}"));
        }
        Some(item.list(read))
    }

    /// A table within; its keys are checked when the one who asked calls [`finish`](Self::finish).
    pub(crate) fn section(&self, key: &'static str) -> Option<TomlSection<'r>> {
        self.optional(key, TomlItem::section)
    }

    /// `[[key]]` of the file, or `[key.inner]` where `key` is within: all the tables of a list.
    pub(crate) fn sections(&self, key: &'static str) -> Vec<TomlSection<'r>> {
        self.list(key, |item| {
            let section = item.section()?;
            Some(TomlSection { name: format!("[[{}]]", join_path(self.name_path(), key)), ..section })
        })
    }

    /// Every key not asked for so far, with its value: for tables whose keys are names.
    pub(crate) fn remaining_items(&self) -> Vec<(&'r str, TomlItem<'r>)> {
        let known = self.known.borrow();
        let others = self.table.iter().filter(|(key, _)| !known.contains(&key.get_ref().as_ref()));
        others
            .map(|(key, value)| (key.get_ref().as_ref(), self.new_item(key.span().start, key.get_ref(), value)))
            .collect()
    }

    /// Tells of the keys that nobody asked for. `elsewhere` may say where such a key belongs.
    pub(crate) fn finish_with(&self, elsewhere: impl Fn(&str) -> Option<String>) {
        let known = self.known.borrow();
        for (key, item) in self.remaining_items() {
            let hint = elsewhere(key).unwrap_or_else(|| match nearest_word(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("supported here: {}", known.join(", ")),
            });
            let owner = if self.name.is_empty() { "the file" } else { self.name.as_str() };
            item.error_at_key(format!("{owner} has no key {}", quote_input(key)), hint);
        }
    }

    /// Tells of the keys that nobody asked for.
    pub(crate) fn finish(&self) {
        self.finish_with(|_| None);
    }

    fn note_fact(&self, key: &str, fact: impl FnOnce() -> KeyFact) {
        self.report.note_fact(|| (join_path(self.name_path(), key), fact()));
    }

    /// The name without brackets.
    fn name_path(&self) -> &str {
        self.name.trim_matches(|c| matches!(c, '[' | ']'))
    }

    fn new_item(&self, key_at: usize, key: &str, value: &'r Spanned<DeValue<'r>>) -> TomlItem<'r> {
        let name = join_path(self.name_path(), key);
        TomlItem::new(self.report, name, Some(self.report.location_at(key_at)), value)
    }
}

fn join_path(path: &str, key: &str) -> String {
    // A key is the author's own text, so it may be long or have line breaks.
    let key: String = key.chars().take(60).flat_map(char::escape_debug).collect();
    if path.is_empty() { key } else { format!("{path}.{key}") }
}
