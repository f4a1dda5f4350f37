//! Faults of a file of measurements, with their places.

use serde_json::{Value, json};

/// Most characters of a column's name in a message.
const MAX_NAME_CHARS: usize = 80;

/// Why a file is refused. Its text is `telemetry.<code>` of `locales/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    /// The line of the file, the header being the first; 0 where it is about the whole file.
    pub(crate) row: u64,
    /// The name of a column; empty where it is about none.
    pub(crate) column: String,
}

impl Problem {
    /// About the file, or its header.
    pub(crate) fn of_file(code: &'static str) -> Self {
        Self { code, row: 0, column: String::new() }
    }

    /// About a row.
    pub(crate) fn of_row(code: &'static str, row: u64) -> Self {
        Self { row, ..Self::of_file(code) }
    }

    /// The same about a column.
    pub(crate) fn in_column(mut self, column: &str) -> Self {
        let is_shown = |c: &char| !c.is_control();
        self.column = column.chars().filter(is_shown).take(MAX_NAME_CHARS).collect();
        self
    }

    /// Values that its text names.
    pub(crate) fn arguments(&self) -> Value {
        json!({ "row": self.row, "column": self.column, "most": super::header::MAX_CHANNELS })
    }
}
