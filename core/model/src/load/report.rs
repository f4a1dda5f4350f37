//! Collecting problems while the files are read.

use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::fmt;

/// Something wrong (or, as a warning, odd) in a schema file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the project, with `/` between folders.
    pub file: String,
    /// Where in the file, such as `attributes.title.type`; empty for the whole file.
    pub path: String,
    /// What is wrong and, where it helps, what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => write!(f, "{}: {}", self.file, self.message),
            path => write!(f, "{}: {path}: {}", self.file, self.message),
        }
    }
}

/// All that was found so far.
#[derive(Default)]
pub(crate) struct Report {
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
}

impl Report {
    /// The problems and the warnings, by file.
    pub(super) fn finish(self) -> (Vec<Problem>, Vec<Problem>) {
        let by_file = |mut list: Vec<Problem>| {
            list.sort_by(|a, b| a.file.cmp(&b.file));
            list
        };
        (by_file(self.problems.into_inner()), by_file(self.warnings.into_inner()))
    }

    /// A place in a file.
    pub(crate) fn file<'a>(&'a self, file: &'a str) -> Site<'a> {
        Site { report: self, file, path: String::new() }
    }
}

/// A place in a file, to report problems of.
#[derive(Clone)]
pub(crate) struct Site<'a> {
    report: &'a Report,
    file: &'a str,
    path: String,
}

impl<'a> Site<'a> {
    /// One key further in.
    pub(crate) fn at(&self, key: &str) -> Site<'a> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Site { path, ..self.clone() }
    }

    pub(crate) fn problem(&self, message: impl Into<String>) {
        self.report.problems.borrow_mut().push(self.say(message.into()));
    }

    pub(crate) fn warning(&self, message: impl Into<String>) {
        self.report.warnings.borrow_mut().push(self.say(message.into()));
    }

    fn say(&self, message: String) -> Problem {
        Problem { file: self.file.to_owned(), path: self.path.clone(), message }
    }

    /// A boolean option; null counts as absent.
    pub(crate) fn bool(&self, map: &Map<String, Json>, key: &str) -> Option<bool> {
        self.read(map, key, "true or false", Json::as_bool)
    }

    /// A text option.
    pub(crate) fn text<'m>(&self, map: &'m Map<String, Json>, key: &str) -> Option<&'m str> {
        self.read(map, key, "a string", Json::as_str)
    }

    /// A whole number, not negative.
    pub(crate) fn size(&self, map: &Map<String, Json>, key: &str) -> Option<usize> {
        let whole = |value: &Json| value.as_u64().and_then(|n| usize::try_from(n).ok());
        self.read(map, key, "a whole number, not negative", whole)
    }

    /// An object.
    pub(crate) fn object<'m>(&self, map: &'m Map<String, Json>, key: &str) -> Option<&'m Map<String, Json>> {
        self.read(map, key, "an object", Json::as_object)
    }

    /// A list of texts.
    pub(crate) fn texts(&self, map: &Map<String, Json>, key: &str) -> Option<Vec<String>> {
        let all = |value: &Json| value.as_array()?.iter().map(|v| v.as_str().map(str::to_owned)).collect();
        self.read(map, key, "a list of strings", all)
    }

    fn read<'m, T>(
        &self,
        map: &'m Map<String, Json>,
        key: &str,
        expected: &str,
        get: impl Fn(&'m Json) -> Option<T>,
    ) -> Option<T> {
        let value = map.get(key).filter(|value| !value.is_null())?;
        let read = get(value);
        if read.is_none() {
            self.at(key).problem(format!("must be {expected}"));
        }
        read
    }
}
