//! Problems in a plugin's files: what is wrong, where, and what to write instead.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

/// File name of the manifest in the package.
pub const MANIFEST: &str = "plugin.toml";

/// Largest number of reported problems: nobody reads more, and a hostile file must not make a long list.
const MAX_PROBLEMS: usize = 200;

/// Severity of a [`PluginProblem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The plugin is refused.
    Error,
    /// The plugin works, but the author should know.
    Warning,
}

/// A position in the manifest, for problems that are only found later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceLocation {
    /// Line, from 1; 0 for the file as a whole.
    pub line: u32,
    /// Column in characters, from 1; 0 for the line as a whole.
    pub column: u32,
}

/// A problem of a plugin, for its author. Shown as `plugin.toml:12: what is wrong; what to write`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginProblem {
    /// Path relative to the plugin's folder.
    pub file: Cow<'static, str>,
    /// Line, from 1; 0 for the file as a whole.
    pub line: u32,
    /// Column in characters, from 1; 0 for the line as a whole.
    pub column: u32,
    /// Severity: whether the plugin is refused because of it.
    pub severity: Severity,
    /// Description of the problem.
    pub message: String,
    /// Text to write instead; may have several lines: `add:`, then what to add to the file. Empty where there is no advice.
    pub hint: String,
}

impl PluginProblem {
    /// An error at a position of the manifest.
    pub fn error(at: SourceLocation, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            file: Cow::Borrowed(MANIFEST),
            line: at.line,
            column: at.column,
            severity: Severity::Error,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// A warning at a position of the manifest.
    pub fn warning(at: SourceLocation, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(at, message, hint) }
    }

    /// The same problem, in another file of the plugin.
    #[must_use]
    pub fn in_file(self, file: impl Into<Cow<'static, str>>) -> Self {
        Self { file: file.into(), ..self }
    }
}

impl fmt::Display for PluginProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        f.write_str(": ")?;
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        f.write_str(&self.message)?;
        match self.hint.as_str() {
            "" => Ok(()),
            hint => write!(f, "; {hint}"),
        }
    }
}

/// True if one of the problems refuses the plugin.
pub fn has_errors(problems: &[PluginProblem]) -> bool {
    problems.iter().any(|p| p.severity == Severity::Error)
}

/// Collects the problems of one manifest and converts offsets to lines.
pub(crate) struct ProblemReport<'t> {
    text: &'t str,
    /// Offset at which each line begins, in bytes.
    lines: Vec<usize>,
    problems: RefCell<Vec<PluginProblem>>,
    /// Facts about each key that was read, for the reference page that a test writes.
    #[cfg(test)]
    pub(crate) facts: RefCell<Vec<(String, KeyFact)>>,
}

/// A fact about a key that the reader of a manifest knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyFact {
    /// The key exists.
    Known,
    /// It is required, and written as in this example.
    Required(String),
    /// Its default, as Rust shows it.
    Default(String),
    /// The kind of value that it takes.
    Value(String),
}

impl<'t> ProblemReport<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self {
            text,
            lines,
            problems: RefCell::default(),
            #[cfg(test)]
            facts: RefCell::default(),
        }
    }

    /// Notes a fact about a key; does nothing outside tests.
    pub(crate) fn note_fact(&self, fact: impl FnOnce() -> (String, KeyFact)) {
        #[cfg(test)]
        self.facts.borrow_mut().push(fact());
        #[cfg(not(test))]
        let _ = (self, fact);
    }

    /// Line and column of a byte of the text.
    pub(crate) fn location_at(&self, offset: usize) -> SourceLocation {
        let offset = offset.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|i| self.lines.get(i)).copied().unwrap_or(0);
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1;
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        SourceLocation { line: small(line), column: small(column) }
    }

    /// The first line that is longer than so many bytes.
    pub(crate) fn long_line(&self, limit: usize) -> Option<u32> {
        let long = self.text.split('\n').position(|line| line.len() > limit)?;
        u32::try_from(long + 1).ok()
    }

    pub(crate) fn push_error(&self, at: SourceLocation, message: impl Into<String>, hint: impl Into<String>) {
        self.push(PluginProblem::error(at, message, hint));
    }

    pub(crate) fn push(&self, problem: PluginProblem) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MAX_PROBLEMS {
            problems.push(problem);
        }
    }

    /// All problems, in the order of their lines.
    pub(crate) fn finish(self) -> Vec<PluginProblem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|p| (p.line, p.column));
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_count_lines_and_characters() {
        let report = ProblemReport::new("ab\né=1\n");
        assert_eq!(report.location_at(0), SourceLocation { line: 1, column: 1 });
        assert_eq!(report.location_at(3), SourceLocation { line: 2, column: 1 });
        assert_eq!(report.location_at(5), SourceLocation { line: 2, column: 2 });
        assert_eq!(report.location_at(900), SourceLocation { line: 3, column: 1 });
    }

    #[test]
    fn problems_are_formatted_with_line_and_hint() {
        let at = SourceLocation { line: 12, column: 3 };
        assert_eq!(PluginProblem::error(at, "is bad", "write x").to_string(), "plugin.toml:12: is bad; write x");
        assert_eq!(PluginProblem::error(SourceLocation::default(), "is bad", "").to_string(), "plugin.toml: is bad");
        let warning = PluginProblem::warning(at, "is odd", "add:\n[[grant]]\nuse = \"kv\"").in_file("a.json");
        assert_eq!(warning.to_string(), "a.json:12: warning: is odd; add:\n[[grant]]\nuse = \"kv\"");
    }
}
