//! Collecting problems while the files are read.

use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::fmt;

/// A problem (or, as a warning, an oddity) in a schema file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the project, with `/` between folders.
    pub file: String,
    /// Path in the file, such as `attributes.title.type`; empty for the whole file.
    pub path: String,
    /// The problem and, where it helps, the remedy.
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

/// Everything that was found so far.
#[derive(Default)]
pub(crate) struct Report {
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
    tolerated: RefCell<Vec<Problem>>,
}

/// The findings of a report, each list by file.
pub(super) struct Findings {
    pub(super) problems: Vec<Problem>,
    /// Warnings, tolerated ones included.
    pub(super) warnings: Vec<Problem>,
    /// Findings that are accepted in existing files, because Strapi starts with them, and refused in new ones.
    pub(super) tolerated: Vec<Problem>,
}

impl Report {
    /// Returns everything found.
    pub(super) fn finish(self) -> Findings {
        let by_file = |list: RefCell<Vec<Problem>>| {
            let mut list = list.into_inner();
            list.sort_by(|a, b| a.file.cmp(&b.file));
            list
        };
        Findings {
            problems: by_file(self.problems),
            warnings: by_file(self.warnings),
            tolerated: by_file(self.tolerated),
        }
    }

    /// The root of a file, to report problems for.
    pub(crate) fn file<'a>(&'a self, file: &'a str) -> Site<'a> {
        Site { report: self, file, path: String::new() }
    }
}

/// A path in a file, to report problems for.
#[derive(Clone)]
pub(crate) struct Site<'a> {
    report: &'a Report,
    file: &'a str,
    path: String,
}

impl<'a> Site<'a> {
    /// The path of a key below this one.
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

    /// Reports what Strapi starts with: a warning in existing files, a problem in what a change would introduce.
    pub(crate) fn tolerate(&self, message: impl Into<String>) {
        let told = self.say(message.into());
        self.report.tolerated.borrow_mut().push(told.clone());
        self.report.warnings.borrow_mut().push(told);
    }

    fn say(&self, message: String) -> Problem {
        Problem { file: self.file.to_owned(), path: self.path.clone(), message }
    }

    /// Reads a boolean option; null counts as absent, and other values are converted as in JavaScript.
    pub(crate) fn bool(&self, map: &Map<String, Json>, key: &str) -> Option<bool> {
        let value = map.get(key).filter(|value| !value.is_null())?;
        Some(value.as_bool().unwrap_or_else(|| {
            let truthy = match value {
                Json::String(text) => !text.is_empty(),
                Json::Number(number) => number.as_f64() != Some(0.0),
                _ => true,
            };
            self.at(key).tolerate(format!("must be true or false; using {truthy}"));
            truthy
        }))
    }

    /// Reads a boolean option that is ignored unless it is a boolean.
    pub(crate) fn strict_bool(&self, map: &Map<String, Json>, key: &str) -> Option<bool> {
        self.option(map, key, "true or false", Json::as_bool)
    }

    /// Reads a required text option.
    pub(crate) fn text<'m>(&self, map: &'m Map<String, Json>, key: &str) -> Option<&'m str> {
        self.read(map, key, "a string", Json::as_str)
    }

    /// Reads a text option that is ignored unless it is a text.
    pub(crate) fn optional_text<'m>(&self, map: &'m Map<String, Json>, key: &str) -> Option<&'m str> {
        self.option(map, key, "a string", Json::as_str)
    }

    /// Reads a whole number, not negative; ignored otherwise.
    pub(crate) fn size(&self, map: &Map<String, Json>, key: &str) -> Option<usize> {
        let whole = |value: &Json| value.as_u64().and_then(|n| usize::try_from(n).ok());
        self.option(map, key, "a whole number of at least 0", whole)
    }

    /// Reads a required object.
    pub(crate) fn object<'m>(&self, map: &'m Map<String, Json>, key: &str) -> Option<&'m Map<String, Json>> {
        self.read(map, key, "an object", Json::as_object)
    }

    /// Reads an object that is ignored unless it is an object.
    pub(crate) fn optional_object<'m>(&self, map: &'m Map<String, Json>, key: &str) -> Option<&'m Map<String, Json>> {
        self.option(map, key, "an object", Json::as_object)
    }

    /// Reads a list of texts.
    pub(crate) fn texts(&self, map: &Map<String, Json>, key: &str) -> Option<Vec<String>> {
        let all = |value: &Json| value.as_array()?.iter().map(|v| v.as_str().map(str::to_owned)).collect();
        self.read(map, key, "a list of strings", all)
    }

    fn option<'m, T>(
        &self,
        map: &'m Map<String, Json>,
        key: &str,
        expected: &str,
        get: impl Fn(&'m Json) -> Option<T>,
    ) -> Option<T> {
        let value = map.get(key).filter(|value| !value.is_null())?;
        let read = get(value);
        if read.is_none() {
            self.at(key).tolerate(format!("must be {expected}; ignoring it"));
        }
        read
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
