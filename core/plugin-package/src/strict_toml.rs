//! Strict reading of TOML files: every key is requested by name, and a key that was not requested is a problem.

mod item;
mod section;

pub(crate) use item::TomlItem;
pub(crate) use section::TomlSection;

use crate::problem::{ProblemReport, SourceLocation};
use toml::de::DeTable;

/// Largest file that is read, in bytes: a manifest of hundreds of sections stays far below.
pub(crate) const MAX_FILE_BYTES: usize = 256 * 1024;
/// Longest line, in bytes: columns are counted in its characters.
const MAX_LINE_BYTES: usize = 4_000;

/// Parses the file's tables, or reports its syntax errors. With those nothing else is checked, since most of what is missing
/// then is missing because of them.
pub(crate) fn parse_document<'t>(text: &'t str, report: &ProblemReport<'_>) -> Option<DeTable<'t>> {
    if text.len() > MAX_FILE_BYTES {
        report.push_error(SourceLocation::default(), format!("is larger than {} KiB", MAX_FILE_BYTES / 1024), "");
        return None;
    }
    if let Some(line) = report.long_line(MAX_LINE_BYTES) {
        let hint = "break it up: lists may span several lines";
        report.push_error(
            SourceLocation { line, column: 0 },
            format!("this line is longer than {MAX_LINE_BYTES} characters"),
            hint,
        );
        return None;
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(SourceLocation::default(), |span| report.location_at(span.start));
        report.push_error(at, format!("is not valid TOML here: {}", error.message()), "");
    }
    errors.is_empty().then(|| document.into_inner())
}
