//! Rows and cells of a file of measurements. It knows no host.

use chrono::{DateTime, NaiveDateTime};
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// The largest number that is a value; sums of greater ones have none.
const LARGEST: f64 = 1e150;
/// Longest text of a number, in bytes.
const MAX_NUMBER: usize = 64;
/// Moments of the years 1 to 9999, in microseconds since 1970: others cannot be stored, and the time between two of them has no number.
const MOMENTS: RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;
/// Texts that stand for a value that is missing.
const MISSING: [&[u8]; 9] = [b"nan", b"na", b"n/a", b"#n/a", b"null", b"none", b"-", b"inf", b"infinity"];

/// Splits a row at its delimiters. Cells in quotes may have them, and double quotes for one; none for quotes that do not end.
pub(crate) fn split_row(line: &[u8], delimiter: u8) -> Option<Vec<Cow<'_, [u8]>>> {
    if !line.contains(&b'"') {
        return Some(line.split(|byte| *byte == delimiter).map(Cow::Borrowed).collect());
    }
    let mut cells = Vec::new();
    let mut cell = Vec::new();
    let mut is_quoted = false;
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if is_quoted && bytes.peek() == Some(&b'"') => {
                bytes.next();
                cell.push(b'"');
            }
            b'"' => is_quoted = !is_quoted,
            _ if byte == delimiter && !is_quoted => cells.push(Cow::Owned(std::mem::take(&mut cell))),
            _ => cell.push(byte),
        }
    }
    cells.push(Cow::Owned(cell));
    (!is_quoted).then_some(cells)
}

/// A cell with a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell {
    Value(f64),
    /// Empty, no number by its name, or not finite.
    Missing,
    /// A text that is no number.
    Text,
}

/// Reads a cell. Where columns are not divided by commas, numbers may have one.
pub(crate) fn read_cell(cell: &[u8], delimiter: u8) -> Cell {
    let cell = cell.trim_ascii();
    if cell.is_empty() {
        return Cell::Missing;
    }
    match parse_number(cell, delimiter) {
        Some(value) if value.is_finite() && value.abs() <= LARGEST => Cell::Value(value),
        Some(_) => Cell::Missing,
        None if is_missing(cell) => Cell::Missing,
        None => Cell::Text,
    }
}

fn is_missing(cell: &[u8]) -> bool {
    MISSING.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

fn parse_number(cell: &[u8], delimiter: u8) -> Option<f64> {
    if cell.len() > MAX_NUMBER {
        return None;
    }
    let text = std::str::from_utf8(cell).ok()?;
    if delimiter != b',' && text.contains(',') {
        return text.replacen(',', ".", 1).parse().ok();
    }
    text.parse().ok()
}

/// True for the text of a number, or of one that is missing.
pub(crate) fn is_number(text: &str) -> bool {
    read_cell(text.as_bytes(), b';') != Cell::Text
}

/// When a row was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Moment {
    Seconds(f64),
    /// Microseconds since 1970.
    At(i64),
}

/// Reads the time of a row: a number, or a date with a time by ISO 8601, in UTC where it names no zone.
pub(crate) fn read_moment(cell: &[u8], delimiter: u8) -> Option<Moment> {
    let cell = cell.trim_ascii();
    match read_cell(cell, delimiter) {
        Cell::Value(seconds) => return Some(Moment::Seconds(seconds)),
        Cell::Missing => return None,
        Cell::Text => {}
    }
    let text = std::str::from_utf8(cell).ok().filter(|text| text.len() <= MAX_NUMBER)?;
    let at = match DateTime::parse_from_rfc3339(text) {
        Ok(at) => at.timestamp_micros(),
        Err(_) => {
            let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
            let local = local.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
            local.and_utc().timestamp_micros()
        }
    };
    MOMENTS.contains(&at).then_some(Moment::At(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_value_is_missing_and_a_text_is_neither() {
        for (text, value) in [("1.5", 1.5), (" -2 ", -2.0), ("1e3", 1000.0), (".5", 0.5), ("+7", 7.0)] {
            assert_eq!(read_cell(text.as_bytes(), b','), Cell::Value(value), "{text}");
        }
        for text in ["", "  ", "NaN", "nan", "-inf", "Infinity", "n/a", "null", "-", "1e400", "1e200", "-nan"] {
            assert_eq!(read_cell(text.as_bytes(), b','), Cell::Missing, "{text}");
        }
        for text in ["fast", "1,5", "1 2", "0x10", "1_000", "--1"] {
            assert_eq!(read_cell(text.as_bytes(), b','), Cell::Text, "{text}");
        }
        assert_eq!(read_cell(&[0xff, 0xfe], b','), Cell::Text);
        assert_eq!(read_cell("1".repeat(65).as_bytes(), b','), Cell::Text);
    }

    #[test]
    fn numbers_have_commas_where_columns_have_none() {
        assert_eq!(read_cell(b"1,5", b';'), Cell::Value(1.5));
        assert_eq!(read_cell(b"1.5", b';'), Cell::Value(1.5));
        assert_eq!(read_cell(b"1.234,5", b';'), Cell::Text);
    }

    #[test]
    fn cells_in_quotes_have_delimiters_and_quotes() {
        let split = |line: &str| {
            let cells = split_row(line.as_bytes(), b',')?;
            Some(cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect::<Vec<_>>())
        };
        assert_eq!(split("a,\"b,c\",\"d\"\"e\"").unwrap(), ["a", "b,c", "d\"e"]);
        assert_eq!(split("a,,").unwrap(), ["a", "", ""]);
        assert_eq!(split("a,\"b"), None);
    }

    #[test]
    fn times_are_seconds_or_dates() {
        assert_eq!(read_moment(b"12.5", b','), Some(Moment::Seconds(12.5)));
        let at = |text: &str| read_moment(text.as_bytes(), b',');
        assert_eq!(at("1970-01-01T00:00:01.5Z"), Some(Moment::At(1_500_000)));
        assert_eq!(at("1970-01-01T01:00:00+01:00"), Some(Moment::At(0)));
        assert_eq!(at("1970-01-01 00:00:01"), Some(Moment::At(1_000_000)));
        for wrong in ["", "NaN", "noon", "2026-13-01T00:00:00Z", "inf", "12:30"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
        for beyond in ["+10000-01-01T00:00:00", "-262000-01-01 00:00:00", "0000-12-31T23:59:59Z"] {
            assert_eq!(at(beyond), None, "{beyond}");
        }
        assert_eq!(at("0001-01-01T00:00:00Z"), Some(Moment::At(*MOMENTS.start())));
        assert_eq!(at("9999-12-31T23:59:59.999999Z"), Some(Moment::At(*MOMENTS.end())));
    }
}
