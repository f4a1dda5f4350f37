//! Collecting problems while the files are read.

use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

/// A problem (or, as a warning, an oddity) in a schema file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SchemaProblem {
    /// The file, relative to the project, with `/` between folders.
    pub file: String,
    /// Path in the file, such as `attributes.title.type`; empty for the whole file.
    pub path: String,
    /// The problem and, where it helps, the remedy.
    pub message: String,
}

impl fmt::Display for SchemaProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => write!(f, "{}: {}", self.file, self.message),
            path => write!(f, "{}: {path}: {}", self.file, self.message),
        }
    }
}

/// Everything that was found so far.
#[derive(Default)]
pub(crate) struct LoadReport {
    problems: RefCell<Vec<SchemaProblem>>,
    warnings: RefCell<Vec<SchemaProblem>>,
    tolerated: RefCell<Vec<SchemaProblem>>,
    /// Uids of types and components whose files cannot be read.
    unreadable: RefCell<HashSet<String>>,
}

/// The findings of a report, each list by file.
pub(super) struct Findings {
    pub(super) problems: Vec<SchemaProblem>,
    /// Warnings, tolerated ones included.
    pub(super) warnings: Vec<SchemaProblem>,
    /// Findings that are accepted in existing files, because Strapi starts with them, and refused in new ones.
    pub(super) tolerated: Vec<SchemaProblem>,
}

impl LoadReport {
    /// Returns everything found, each finding once.
    pub(super) fn into_findings(self) -> Findings {
        let by_file = |list: RefCell<Vec<SchemaProblem>>| {
            let mut list = list.into_inner();
            let mut seen = HashSet::new();
            list.retain(|finding| seen.insert(finding.clone()));
            list.sort_by(|a, b| a.file.cmp(&b.file));
            list
        };
        Findings {
            problems: by_file(self.problems),
            warnings: by_file(self.warnings),
            tolerated: by_file(self.tolerated),
        }
    }

    /// Notes the uid of a file that cannot be read, so that attributes that refer to it are not reported as well.
    pub(super) fn note_unreadable(&self, uid: Option<String>) {
        self.unreadable.borrow_mut().extend(uid);
    }

    /// The root of a file, to report problems for.
    pub(crate) fn file_site<'a>(&'a self, file: &'a str) -> SchemaSite<'a> {
        SchemaSite { report: self, file, path: String::new() }
    }
}

/// A path in a file, to report problems for.
#[derive(Clone)]
pub(crate) struct SchemaSite<'a> {
    report: &'a LoadReport,
    file: &'a str,
    path: String,
}

impl<'a> SchemaSite<'a> {
    /// The path of a key below this one.
    pub(crate) fn at_key(&self, key: &str) -> SchemaSite<'a> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        SchemaSite { path, ..self.clone() }
    }

    /// Reports a type or component that is referred to and does not exist. Nothing if its own file was reported.
    pub(super) fn report_not_found(&self, what: &str, uid: &str) {
        if !self.report.unreadable.borrow().contains(uid) {
            self.report_problem(format!("{what} `{uid}` not found"));
        }
    }

    pub(crate) fn report_problem(&self, message: impl Into<String>) {
        self.report.problems.borrow_mut().push(self.build_problem(message.into()));
    }

    pub(crate) fn report_warning(&self, message: impl Into<String>) {
        self.report.warnings.borrow_mut().push(self.build_problem(message.into()));
    }

    /// Reports what Strapi starts with: a warning in existing files, a problem in what a change would introduce.
    pub(crate) fn report_tolerated(&self, message: impl Into<String>) {
        let problem = self.build_problem(message.into());
        self.report.tolerated.borrow_mut().push(problem.clone());
        self.report.warnings.borrow_mut().push(problem);
    }

    fn build_problem(&self, message: String) -> SchemaProblem {
        SchemaProblem { file: self.file.to_owned(), path: self.path.clone(), message }
    }

    /// Reads a boolean option; null counts as absent, and other values are converted as in JavaScript.
    pub(crate) fn bool_option(&self, map: &Map<String, Json>, key: &str) -> Option<bool> {
        let value = map.get(key).filter(|value| !value.is_null())?;
        Some(value.as_bool().unwrap_or_else(|| {
            let truthy = match value {
                Json::String(text) => !text.is_empty(),
                Json::Number(number) => number.as_f64() != Some(0.0),
                _ => true,
            };
            self.at_key(key).report_tolerated(format!("must be true or false; using {truthy}"));
            truthy
        }))
    }

    /// Reads a boolean option that is ignored unless it is a boolean.
    pub(crate) fn strict_bool_option(&self, map: &Map<String, Json>, key: &str) -> Option<bool> {
        self.lenient_option(map, key, "true or false", Json::as_bool)
    }

    /// Reads a boolean option that must be a boolean.
    pub(crate) fn checked_bool_option(&self, map: &Map<String, Json>, key: &str) -> Option<bool> {
        self.checked_option(map, key, "true or false", Json::as_bool)
    }

    /// Reads a required text option.
    pub(crate) fn text_option<'m>(&self, map: &'m Map<String, Json>, key: &str) -> Option<&'m str> {
        self.checked_option(map, key, "a string", Json::as_str)
    }

    /// Reads a text option that is ignored unless it is a text.
    pub(crate) fn optional_text<'m>(&self, map: &'m Map<String, Json>, key: &str) -> Option<&'m str> {
        self.lenient_option(map, key, "a string", Json::as_str)
    }

    /// Reads a whole number, not negative; ignored otherwise.
    pub(crate) fn size_option(&self, map: &Map<String, Json>, key: &str) -> Option<usize> {
        let parse_size = |value: &Json| value.as_u64().and_then(|n| usize::try_from(n).ok());
        self.lenient_option(map, key, "a whole number of at least 0", parse_size)
    }

    /// Reads a required object.
    pub(crate) fn object_option<'m>(&self, map: &'m Map<String, Json>, key: &str) -> Option<&'m Map<String, Json>> {
        self.checked_option(map, key, "an object", Json::as_object)
    }

    /// Reads an object that is ignored unless it is an object.
    pub(crate) fn optional_object<'m>(&self, map: &'m Map<String, Json>, key: &str) -> Option<&'m Map<String, Json>> {
        self.lenient_option(map, key, "an object", Json::as_object)
    }

    /// Reads a list of texts.
    pub(crate) fn text_list_option(&self, map: &Map<String, Json>, key: &str) -> Option<Vec<String>> {
        let all = |value: &Json| value.as_array()?.iter().map(|v| v.as_str().map(str::to_owned)).collect();
        self.checked_option(map, key, "a list of strings", all)
    }

    fn lenient_option<'m, T>(
        &self,
        map: &'m Map<String, Json>,
        key: &str,
        expected: &str,
        get: impl Fn(&'m Json) -> Option<T>,
    ) -> Option<T> {
        let value = map.get(key).filter(|value| !value.is_null())?;
        let read = get(value);
        if read.is_none() {
            self.at_key(key).report_tolerated(format!("must be {expected}; ignoring it"));
        }
        read
    }

    fn checked_option<'m, T>(
        &self,
        map: &'m Map<String, Json>,
        key: &str,
        expected: &str,
        get: impl Fn(&'m Json) -> Option<T>,
    ) -> Option<T> {
        let value = map.get(key).filter(|value| !value.is_null())?;
        let read = get(value);
        if read.is_none() {
            self.at_key(key).report_problem(format!("must be {expected}"));
        }
        read
    }
}
