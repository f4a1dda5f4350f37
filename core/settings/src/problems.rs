//! The problems that are found in a file, and the paths they are at.

use crate::change::SettingsProblem;
use std::collections::HashSet;

/// Most problems that are listed. The others of a hostile file would only take memory.
const MAX_PROBLEMS: usize = 1_000;
/// Most characters of a key that a path shows: paths grow with each level, and are made for each value.
const MAX_KEY_CHARS: usize = 100;

/// Collects problems. Each path is reported once, with the first problem there.
#[derive(Default)]
pub(crate) struct ProblemList {
    problems: Vec<SettingsProblem>,
    paths: HashSet<String>,
    /// True if there are more, which are not listed.
    has_more: bool,
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

    pub(crate) fn into_problems(mut self) -> Vec<SettingsProblem> {
        if self.has_more {
            let message = format!("there are more than {MAX_PROBLEMS} problems; the others are not listed");
            self.problems.push(SettingsProblem { path: String::new(), message });
        }
        self.problems
    }

    fn insert_problem(&mut self, position: usize, path: &str, message: String) {
        if self.problems.len() >= MAX_PROBLEMS {
            self.has_more |= !self.paths.contains(path);
        } else if self.paths.insert(path.to_owned()) {
            self.problems.insert(position, SettingsProblem { path: path.to_owned(), message });
        }
    }
}

/// The path of a key: `roles.public`, `permissions["api::book.book"]`.
pub(crate) fn join_key(path: &str, key: &str) -> String {
    let shortened = key.char_indices().nth(MAX_KEY_CHARS).map(|(end, _)| format!("{}…", &key[..end]));
    let key = shortened.as_deref().unwrap_or(key);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_keys_are_shortened_in_paths() {
        let path = join_key("roles", &"é".repeat(500_000));
        assert_eq!(path, format!("roles[\"{}…\"]", "é".repeat(MAX_KEY_CHARS)));
        let longest = "k".repeat(MAX_KEY_CHARS);
        assert_eq!(join_key("roles", &longest), format!("roles.{longest}"));
    }

    #[test]
    fn problems_beyond_the_limit_are_not_listed() {
        let mut list = ProblemList::default();
        for i in 0..100_000 {
            list.add_problem(&join_index("apiTokens", i), "is missing");
        }
        let problems = list.into_problems();
        assert_eq!(problems.len(), MAX_PROBLEMS + 1);
        assert_eq!(problems[MAX_PROBLEMS].message, "there are more than 1000 problems; the others are not listed");
    }
}
