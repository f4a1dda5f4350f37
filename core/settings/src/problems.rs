//! The problems that are found in a file, and the paths they are at.

use crate::change::SettingsProblem;
use std::collections::HashSet;

/// Collects problems. Each path is reported once, with the first problem there.
#[derive(Default)]
pub(crate) struct ProblemList {
    problems: Vec<SettingsProblem>,
    paths: HashSet<String>,
}

impl ProblemList {
    pub(crate) fn add_problem(&mut self, path: &str, message: impl Into<String>) {
        self.insert_problem(self.problems.len(), path, message.into());
    }

    /// Adds the problem of a value as a whole behind those of its parts, before problems of values that were read later.
    pub(crate) fn add_problem_after_parts(&mut self, path: &str, message: impl Into<String>) {
        if self.paths.contains(path) {
            return;
        }
        let is_part = |p: &SettingsProblem| p.path.strip_prefix(path).is_some_and(|rest| rest.starts_with(['.', '[']));
        let position = self.problems.iter().rposition(is_part).map_or(self.problems.len(), |i| i + 1);
        self.insert_problem(position, path, message.into());
    }

    /// Adds problems of a value that was read by itself, whose paths begin in that value.
    pub(crate) fn add_problems_below(&mut self, path: &str, problems: impl IntoIterator<Item = SettingsProblem>) {
        for problem in problems {
            let dot = if problem.path.is_empty() || problem.path.starts_with('[') { "" } else { "." };
            self.add_problem(&format!("{path}{dot}{}", problem.path), problem.message);
        }
    }

    pub(crate) fn into_problems(self) -> Vec<SettingsProblem> {
        self.problems
    }

    fn insert_problem(&mut self, position: usize, path: &str, message: String) {
        if self.paths.insert(path.to_owned()) {
            self.problems.insert(position, SettingsProblem { path: path.to_owned(), message });
        }
    }
}

/// The path of a key: `roles.public`, `permissions["api::book.book"]`.
pub(crate) fn join_key(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    match (path.is_empty(), plain) {
        (true, true) => key.to_owned(),
        (false, true) => format!("{path}.{key}"),
        (_, false) => format!("{path}[{key:?}]"),
    }
}

/// The path of an element.
pub(crate) fn join_index(path: &str, i: usize) -> String {
    format!("{path}[{i}]")
}
