//! The first row of a file of measurements: which column is what. It knows no host.

use super::cells::{is_number, split_row};
use super::problem::Problem;
use super::units::{find_unit, quantities_of};
use serde::{Deserialize, Serialize};

/// Most channels of a run.
pub(crate) const MAX_CHANNELS: usize = 40;
/// Most characters of a channel's name.
const MAX_NAME_CHARS: usize = 80;
/// Name of the column with the time of each row.
const TIME: &str = "time";
/// Row of the header.
const ROW: u64 = 1;

/// Meaning of the columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) delimiter: u8,
    pub(crate) columns: usize,
    /// Column of the time.
    pub(crate) time: usize,
    /// Seconds that 1 is in that column.
    pub(crate) time_factor: f64,
    pub(crate) channels: Vec<Channel>,
}

/// A column with values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Channel {
    pub(crate) column: usize,
    pub(crate) name: String,
    /// The unit that values are converted to.
    pub(crate) unit: Option<String>,
    pub(crate) factor: f64,
    pub(crate) offset: f64,
}

impl Header {
    /// Reads the first row.
    ///
    /// # Errors
    /// The problem, with the column that is meant.
    pub(crate) fn read(line: &[u8]) -> Result<Self, Problem> {
        let text = std::str::from_utf8(line).map_err(|_| Problem::of_file("no-text"))?;
        let delimiter = find_delimiter(text);
        let cells = split_row(line, delimiter).ok_or_else(|| Problem::of_row("quotes", ROW))?;
        let cells: Vec<String> = cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        if cells.iter().all(|cell| cell.is_empty() || is_number(cell)) {
            return Err(Problem::of_file("no-header"));
        }
        // The time column does not count as a channel.
        if cells.len() > MAX_CHANNELS + 1 {
            return Err(Problem::of_file("too-many-channels"));
        }
        let mut time = None;
        let mut channels: Vec<Channel> = Vec::with_capacity(cells.len());
        for (column, cell) in cells.iter().enumerate() {
            let (name, unit) = split_unit(cell);
            let problem = |code| Problem::of_row(code, ROW).in_column(&format!("{} ({cell})", column + 1));
            if name.is_empty() {
                return Err(problem("no-name"));
            }
            if name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
                return Err(problem("long-name"));
            }
            let named = |code| Problem::of_row(code, ROW).in_column(cell);
            if name.eq_ignore_ascii_case(TIME) {
                let factor = match unit.unwrap_or("s") {
                    "s" | "sec" => 1.0,
                    "ms" => 0.001,
                    _ => return Err(named("wrong-unit")),
                };
                if time.replace((column, factor)).is_some() {
                    return Err(named("repeated-name"));
                }
                continue;
            }
            if channels.iter().any(|known| known.name == name) {
                return Err(named("repeated-name"));
            }
            channels.push(read_channel(column, name, unit).map_err(named)?);
        }
        let (time, time_factor) = time.ok_or_else(|| Problem::of_file("no-time-column"))?;
        if channels.is_empty() {
            return Err(Problem::of_file("no-channels"));
        }
        Ok(Self { delimiter, columns: cells.len(), time, time_factor, channels })
    }
}

fn read_channel(column: usize, name: &str, unit: Option<&str>) -> Result<Channel, &'static str> {
    let quantities = quantities_of(name);
    let Some(unit) = unit else {
        // 90 of what?
        return match quantities {
            Some(_) => Err("no-unit"),
            None => Ok(Channel { column, name: name.to_owned(), unit: None, factor: 1.0, offset: 0.0 }),
        };
    };
    let unit = find_unit(unit).ok_or("unknown-unit")?;
    if quantities.is_some_and(|quantities| !quantities.contains(&unit.quantity)) {
        return Err("wrong-unit");
    }
    let target = Some(unit.target).filter(|target| !target.is_empty()).map(str::to_owned);
    Ok(Channel { column, name: name.to_owned(), unit: target, factor: unit.factor, offset: unit.offset })
}

/// The character between columns. A spreadsheet in Dutch writes semicolons, as numbers have commas there.
fn find_delimiter(header: &str) -> u8 {
    [b';', b'\t'].into_iter().find(|delimiter| header.contains(char::from(*delimiter))).unwrap_or(b',')
}

/// The name and the unit of `name [unit]`.
fn split_unit(cell: &str) -> (&str, Option<&str>) {
    match cell.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((name, unit)) => (name.trim(), Some(unit.trim())),
        None => (cell, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: &str) -> (&'static str, String) {
        let problem = Header::read(line.as_bytes()).unwrap_err();
        (problem.code, problem.column)
    }

    #[test]
    fn columns_have_names_and_units() {
        let header = Header::read("time,speed [mph],\"oil temp [°F]\",gear,slip [-]".as_bytes()).unwrap();
        let channels: Vec<_> =
            header.channels.iter().map(|one| (one.column, one.name.as_str(), one.unit.as_deref())).collect();
        assert_eq!(
            channels,
            [(1, "speed", Some("km/h")), (2, "oil temp", Some("°C")), (3, "gear", None), (4, "slip", None)]
        );
        assert_eq!((header.delimiter, header.columns, header.time), (b',', 5, 0));
        let header = Header::read("snelheid [km/h];Time [ms]".as_bytes()).unwrap();
        assert_eq!((header.delimiter, header.time, header.time_factor), (b';', 1, 0.001));
        assert_eq!(Header::read(b"time\tgear").unwrap().delimiter, b'\t');
    }

    #[test]
    fn units_that_are_wrong_are_told_by_the_column() {
        for (line, code, column) in [
            ("time,speed [°C]", "wrong-unit", "speed [°C]"),
            ("time,oil temperature [kW]", "wrong-unit", "oil temperature [kW]"),
            ("time,speed [furlong]", "unknown-unit", "speed [furlong]"),
            ("time,speed []", "unknown-unit", "speed []"),
            ("time,speed", "no-unit", "speed"),
            ("time [K],gear", "wrong-unit", "time [K]"),
            ("time,gear,gear", "repeated-name", "gear"),
            ("time,time,gear", "repeated-name", "time"),
            ("time,,gear", "no-name", "2 ()"),
            ("time,[km/h]", "no-name", "2 ([km/h])"),
        ] {
            assert_eq!(problem(line), (code, column.to_owned()), "{line}");
        }
    }

    #[test]
    fn a_first_row_that_is_no_header_is_told() {
        for (line, code) in [
            ("0,12.5,NaN", "no-header"),
            ("", "no-header"),
            ("t,gear", "no-time-column"),
            ("time", "no-channels"),
            ("time,\"gear", "quotes"),
        ] {
            assert_eq!(problem(line).0, code, "{line}");
        }
        let many = |count: usize| (0..count).fold("time".to_owned(), |line, n| format!("{line},c{n}"));
        assert_eq!(Header::read(many(40).as_bytes()).unwrap().channels.len(), 40);
        assert_eq!(problem(&many(41)).0, "too-many-channels");
        assert_eq!(problem(&format!("time,{}", "a".repeat(81))).0, "long-name");
        assert_eq!(Header::read(&[b't', 0xb0]).unwrap_err().code, "no-text");
    }
}
