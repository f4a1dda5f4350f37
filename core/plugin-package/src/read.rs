//! Reading a TOML file strictly: every key is asked for by name, and what was not asked for is a problem.

mod item;
mod section;

pub(crate) use item::Item;
pub(crate) use section::Section;

use crate::problem::{Place, Report};
use toml::de::DeTable;

/// The largest file that is read: a manifest of hundreds of sections stays far below.
pub(crate) const MAX_FILE: usize = 256 * 1024;
/// The longest line, in bytes: places are counted in characters of it.
const MAX_LINE: usize = 4_000;

/// The file's tables, or its problems of form. With those nothing else is looked at: what is missing then is mostly missing because
/// of them.
pub(crate) fn document<'t>(text: &'t str, report: &Report<'_>) -> Option<DeTable<'t>> {
    if text.len() > MAX_FILE {
        report.error(Place::default(), format!("is larger than {} KiB", MAX_FILE / 1024), "");
        return None;
    }
    if let Some(line) = report.long_line(MAX_LINE) {
        let hint = "break it up: lists may go over several lines";
        report.error(Place { line, column: 0 }, format!("this line is longer than {MAX_LINE} characters"), hint);
        return None;
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(Place::default(), |span| report.place(span.start));
        report.error(at, format!("is no TOML here: {}", error.message()), "");
    }
    errors.is_empty().then(|| document.into_inner())
}
