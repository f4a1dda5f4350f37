//! Reads a file of measurements, piece by piece: what is retained does not grow with the file. It knows no host.

use super::cells::{Cell, Moment, read_cell, read_moment, split_row};
use super::header::Header;
use super::points::{Points, Spread};
use super::problem::Problem;
use serde::{Deserialize, Serialize};

/// Longest row, in bytes.
const MAX_ROW: usize = 64 << 10;
/// Most points of a channel, and of one in a run with many channels: together they fit into one value that a job may store.
const MAX_POINTS: usize = 500;
const MAX_POINTS_OF_MANY: usize = 250;
/// More channels than these are many.
const MANY_CHANNELS: usize = 20;
/// The mark with which some programs begin a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// State of a file that is read up to here.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct RunReader {
    /// Rows of the file that were read, the header and empty ones among them.
    lines: u64,
    content: Option<Content>,
}

/// Contents of the header, and of the rows after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Content {
    header: Header,
    rows: u64,
    clock: Option<Clock>,
    totals: Vec<Spread>,
    points: Points,
}

/// The first and the last time, of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Clock {
    Seconds { first: f64, last: f64 },
    Moments { first: i64, last: i64 },
}

/// A run as its file tells it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measurements {
    pub(crate) rows: u64,
    /// From the first row to the last.
    pub(crate) seconds: f64,
    /// When it began, in milliseconds since 1970, where its rows say so.
    pub(crate) began_at: Option<i64>,
    pub(crate) header: Header,
    pub(crate) totals: Vec<Spread>,
    pub(crate) points: Points,
}

impl RunReader {
    /// Reads the whole rows of a piece, and returns how many bytes these have: the next piece begins after them. Of the last piece the end counts
    /// as a row, too.
    ///
    /// # Errors
    /// The first problem.
    pub(crate) fn read_piece(&mut self, piece: &[u8], is_last: bool) -> Result<usize, Problem> {
        let mut taken = 0;
        while taken < piece.len() {
            let rest = &piece[taken..];
            let (line, used) = match rest.iter().position(|byte| *byte == b'\n') {
                Some(end) => (&rest[..end], end + 1),
                None if is_last => (rest, rest.len()),
                None if rest.len() > MAX_ROW => return Err(Problem::of_row("long-row", self.lines + 1)),
                None => break,
            };
            self.read_line(line)?;
            taken += used;
        }
        Ok(taken)
    }

    fn read_line(&mut self, line: &[u8]) -> Result<(), Problem> {
        self.lines += 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = if self.lines == 1 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
        if line.contains(&0) {
            return Err(Problem::of_file("no-text"));
        }
        if line.len() > MAX_ROW {
            return Err(Problem::of_row("long-row", self.lines));
        }
        let Some(content) = &mut self.content else {
            self.content = Some(Content::new(Header::read(line)?));
            return Ok(());
        };
        // Programs end files with empty rows.
        if line.trim_ascii().is_empty() { Ok(()) } else { content.read_row(line, self.lines) }
    }

    /// The run, at the end of its file.
    ///
    /// # Errors
    /// The problem of a file without rows.
    pub(crate) fn finish(self) -> Result<Measurements, Problem> {
        let content = self.content.ok_or_else(|| Problem::of_file("empty"))?;
        let Some(clock) = content.clock else { return Err(Problem::of_file("no-rows")) };
        let (seconds, began_at) = match clock {
            Clock::Seconds { first, last } => (last - first, None),
            Clock::Moments { first, last } => (to_seconds(last - first), Some(first.div_euclid(1_000))),
        };
        let Content { header, rows, totals, points, .. } = content;
        Ok(Measurements { rows, seconds, began_at, header, totals, points })
    }
}

impl Content {
    fn new(header: Header) -> Self {
        let channels = header.channels.len();
        let most = if channels > MANY_CHANNELS { MAX_POINTS_OF_MANY } else { MAX_POINTS };
        Self { header, rows: 0, clock: None, totals: vec![Spread::default(); channels], points: Points::new(most) }
    }

    fn read_row(&mut self, line: &[u8], number: u64) -> Result<(), Problem> {
        let delimiter = self.header.delimiter;
        let cells = split_row(line, delimiter).ok_or_else(|| Problem::of_row("quotes", number))?;
        if cells.len() != self.header.columns {
            return Err(Problem::of_row("ragged", number));
        }
        let moment = cells.get(self.header.time).and_then(|cell| read_moment(cell, delimiter));
        let moment = moment.ok_or_else(|| Problem::of_row("no-time", number))?;
        let time = self.advance(moment).map_err(|code| Problem::of_row(code, number))?;
        let mut values = Vec::with_capacity(self.header.channels.len());
        for (channel, total) in self.header.channels.iter().zip(&mut self.totals) {
            let cell = cells.get(channel.column).map_or(Cell::Missing, |cell| read_cell(cell, delimiter));
            let value = match cell {
                Cell::Value(value) => Some(value * channel.factor + channel.offset),
                Cell::Missing => None,
                Cell::Text => return Err(Problem::of_row("no-number", number).in_column(&channel.name)),
            };
            if let Some(value) = value {
                total.add(value);
            }
            values.push(value);
        }
        self.points.add(time, &values);
        self.rows += 1;
        Ok(())
    }

    /// The seconds from the first row to this one, which is not before the one that came last.
    fn advance(&mut self, moment: Moment) -> Result<f64, &'static str> {
        let (clock, time) = match (self.clock, moment) {
            (None, Moment::Seconds(value)) => {
                let first = value * self.header.time_factor;
                (Clock::Seconds { first, last: first }, 0.0)
            }
            (None, Moment::At(first)) => (Clock::Moments { first, last: first }, 0.0),
            (Some(Clock::Seconds { first, last }), Moment::Seconds(value)) => {
                let now = value * self.header.time_factor;
                if now < last {
                    return Err("time-back");
                }
                (Clock::Seconds { first, last: now }, now - first)
            }
            (Some(Clock::Moments { first, last }), Moment::At(now)) => {
                if now < last {
                    return Err("time-back");
                }
                (Clock::Moments { first, last: now }, to_seconds(now - first))
            }
            _ => return Err("mixed-times"),
        };
        self.clock = Some(clock);
        Ok(time)
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact for the 285 years that a float counts in microseconds")]
fn to_seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    /// Reads a file in pieces of that size, as the job does.
    fn read_in(text: &[u8], piece: usize) -> Result<Measurements, Problem> {
        let mut reader = RunReader::default();
        let mut offset = 0;
        while offset < text.len() {
            let mut end = (offset + piece).min(text.len());
            let mut taken = reader.read_piece(&text[offset..end], end == text.len())?;
            // A row that is longer than a piece; the job's pieces are longer than any row.
            while taken == 0 && end < text.len() {
                end = (end + piece).min(text.len());
                taken = reader.read_piece(&text[offset..end], end == text.len())?;
            }
            offset += taken;
            // The job serialises the reader between two slices.
            let kept = serde_json::to_string(&reader).unwrap();
            reader = serde_json::from_str(&kept).unwrap();
        }
        reader.finish()
    }

    fn read(text: &str) -> Result<Measurements, Problem> {
        read_in(text.as_bytes(), 1 << 20)
    }

    fn refused(text: &str) -> (&'static str, u64, String) {
        let problem = read(text).unwrap_err();
        (problem.code, problem.row, problem.column)
    }

    #[test]
    fn a_million_rows_become_five_hundred_points() {
        let mut text = "time,speed [mph],oil temperature [K],gear\n".to_owned();
        for row in 0..1_000_000_u32 {
            let speed = f64::from(row % 200);
            let temperature = if row % 10 == 0 { "NaN".to_owned() } else { format!("{}", 300.0 + f64::from(row % 7)) };
            writeln!(text, "{}.{:02},{speed},{temperature},{}", row / 100, row % 100, row % 6).unwrap();
        }
        let mut reader = RunReader::default();
        let (bytes, mut offset) = (text.as_bytes(), 0);
        while offset < bytes.len() {
            let end = (offset + (512 << 10)).min(bytes.len());
            offset += reader.read_piece(&bytes[offset..end], end == bytes.len()).unwrap();
        }
        let kept = serde_json::to_string(&reader).unwrap();
        assert!(kept.len() < 200 << 10, "{}", kept.len());
        let run = reader.finish().unwrap();
        assert_eq!((run.rows, run.began_at), (1_000_000, None));
        assert!((run.seconds - 9_999.99).abs() < 1e-6);
        let [min, max, mean] = run.totals[0].figures().unwrap();
        assert_eq!((min, max, mean), (0.0, 320.259, 160.13));
        assert_eq!((run.totals[0].count, run.totals[1].count), (1_000_000, 900_000));
        let [min, max, _] = run.totals[1].figures().unwrap();
        assert_eq!((min, max), (26.85, 32.85));
        let times = run.points.times();
        assert!(times.len() > 250 && times.len() <= 500 && times.windows(2).all(|two| two[0] < two[1]));
        for channel in 0..3 {
            let spreads: Vec<&Spread> = run.points.of_channel(channel).collect();
            assert_eq!(spreads.len(), times.len());
            assert_eq!(spreads.iter().map(|spread| spread.count).sum::<u64>(), run.totals[channel].count);
            let (low, high) = (run.totals[channel].min, run.totals[channel].max);
            for spread in spreads {
                let [min, max, mean] = spread.figures().unwrap();
                assert!(min <= mean && mean <= max && spread.min >= low && spread.max <= high);
            }
        }
    }

    #[test]
    fn pieces_of_any_size_say_the_same() {
        let mut text = "\u{feff}time;snelheid [km/h];leeg\r\n".to_owned();
        for row in 0..700 {
            write!(text, "{row},5;{},25;\r\n", row % 13).unwrap();
        }
        text.push_str("\r\n\r\n");
        let whole = read(&text).unwrap();
        assert_eq!((whole.rows, whole.totals[1].count), (700, 0));
        for piece in [1, 7, 100, 4096] {
            assert_eq!(read_in(text.as_bytes(), piece).unwrap(), whole, "{piece}");
        }
        // The last row may lack its line break.
        assert_eq!(read(text.trim_end()).unwrap().rows, 700);
    }

    #[test]
    fn values_that_are_missing_never_break_a_run() {
        let run = read("time,a,b\n0,1,\n1,NaN,\n2,inf,\n2,-Infinity,NaN\n3,1e999,\n4,3,n/a\n").unwrap();
        assert_eq!(run.totals[0].figures(), Some([1.0, 3.0, 2.0]));
        assert_eq!((run.rows, run.totals[0].count, run.totals[1].figures()), (6, 2, None));
    }

    #[test]
    fn dates_say_when_a_run_began() {
        let run = read("time,a\n2026-03-01T10:00:00.250Z,1\n2026-03-01T11:00:01.500+01:00,2\n").unwrap();
        assert_eq!((run.seconds, run.began_at), (1.25, Some(1_772_359_200_250)));
        assert_eq!(run.points.times(), [0.0, 1.25]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_row_and_column() {
        for (text, code, row, column) in [
            ("time,a,b\n0,1,2\n1,2\n", "ragged", 3, ""),
            ("time,a\n0,1,2\n", "ragged", 2, ""),
            ("time,a\n1,1\n0.5,1\n", "time-back", 3, ""),
            ("time,a\n2026-03-01T10:00:00Z,1\n2026-03-01T09:59:59Z,1\n", "time-back", 3, ""),
            ("time,a\n1,1\n2026-03-01T10:00:00Z,1\n", "mixed-times", 3, ""),
            ("time,a\n,1\n", "no-time", 2, ""),
            ("time,a\nNaN,1\n", "no-time", 2, ""),
            ("time,a,b\n0,1,2\n\n1,2,fast\n", "no-number", 4, "b"),
            ("time,a\n0,\"1\n", "quotes", 2, ""),
            ("time,a\n0,\u{0}\n", "no-text", 0, ""),
            ("time,a\n", "no-rows", 0, ""),
            ("", "empty", 0, ""),
            ("1,2\n3,4\n", "no-header", 0, ""),
            ("time,speed [kg]\n", "wrong-unit", 1, "speed [kg]"),
        ] {
            assert_eq!(refused(text), (code, row, column.to_owned()), "{text}");
        }
    }

    #[test]
    fn files_that_are_no_tables_are_refused_in_bounded_memory() {
        let binary: Vec<u8> = (0..=u8::MAX).cycle().take(300_000).collect();
        assert!(read_in(&binary, 64 << 10).is_err());
        let mut reader = RunReader::default();
        let endless = vec![b'a'; MAX_ROW + 1];
        assert_eq!(reader.read_piece(&endless, false).unwrap_err().code, "long-row");
        assert_eq!(reader.read_piece(&endless, true).unwrap_err().code, "long-row");
        let mut seed = 1_u32;
        for _ in 0..500 {
            let mut noise = b"time,a\n".to_vec();
            for _ in 0..40 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                noise.push(b"0123456789.,-\"\n\r\tNaT:Z \xff\0"[(seed >> 16) as usize % 25]);
            }
            // Noise gives a valid run or an error.
            if let Ok(run) = read_in(&noise, 9) {
                assert!(run.rows > 0 && run.seconds >= 0.0);
            }
        }
    }

    #[test]
    fn what_is_kept_fits_into_a_checkpoint() {
        for channels in [20, 40] {
            let mut text = (0..channels).fold("time".to_owned(), |line, n| format!("{line},channel {n}"));
            for row in 0..1_999 {
                write!(text, "\n{row}.123456").unwrap();
                (0..channels).for_each(|n| write!(text, ",{}", -1.0 / f64::from(row + n + 3)).unwrap());
            }
            let mut reader = RunReader::default();
            reader.read_piece(text.as_bytes(), true).unwrap();
            let kept = serde_json::to_string(&reader).unwrap();
            assert!(kept.len() < 1 << 20, "{channels}: {}", kept.len());
        }
    }
}
