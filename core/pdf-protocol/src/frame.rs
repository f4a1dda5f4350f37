//! Tasks and answers as bytes: the length of a head, the head as JSON, then bytes as they are.

use crate::{Answer, Task};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{self, Write};

/// Longest head, in bytes: templates and models are not in it.
const HEAD: usize = 16 << 20;

/// Error for bytes that are not a task, or not an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameError(String);

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FrameError {}

#[derive(Serialize)]
struct OutgoingHeader<'a> {
    task: &'a Task,
    lengths: Vec<u64>,
}

#[derive(Deserialize)]
struct IncomingHeader {
    task: Task,
    lengths: Vec<u64>,
}

/// Writes a task and the bytes that belong to it. Returns an error if it cannot be written.
pub fn write_task(to: &mut dyn Write, task: &Task, blobs: &[impl AsRef<[u8]>]) -> io::Result<()> {
    let lengths = blobs.iter().map(|blob| blob.as_ref().len() as u64).collect();
    head(to, &OutgoingHeader { task, lengths })?;
    blobs.iter().try_for_each(|blob| to.write_all(blob.as_ref()))
}

/// A task and the bytes that belong to it.
///
/// # Errors
/// What is no task.
pub fn read_task(bytes: &[u8]) -> Result<(Task, Vec<&[u8]>), FrameError> {
    let (IncomingHeader { task, lengths }, mut rest) = split(bytes)?;
    let mut blobs = Vec::with_capacity(lengths.len().min(1_024));
    for length in lengths {
        let length = usize::try_from(length).map_err(|_| broken("a length is too large"))?;
        let (blob, left) = rest.split_at_checked(length).ok_or_else(|| broken("unexpected end of data"))?;
        blobs.push(blob);
        rest = left;
    }
    match rest.is_empty() {
        true => Ok((task, blobs)),
        false => Err(broken("unexpected data after the last blob")),
    }
}

/// Writes an answer, and the PDF that is one. Returns an error if it cannot be written.
pub fn write_answer(to: &mut dyn Write, answer: &Answer, pdf: &[u8]) -> io::Result<()> {
    head(to, answer)?;
    to.write_all(pdf)?;
    to.flush()
}

/// An answer, and the PDF that is one.
///
/// # Errors
/// What is no answer.
pub fn read_answer(bytes: &[u8]) -> Result<(Answer, &[u8]), FrameError> {
    split(bytes)
}

fn head(to: &mut dyn Write, head: &impl Serialize) -> io::Result<()> {
    let head = serde_json::to_vec(head)?;
    if head.len() > HEAD {
        return Err(io::Error::other("the header is too long"));
    }
    to.write_all(&(head.len() as u32).to_le_bytes())?;
    to.write_all(&head)
}

fn split<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), FrameError> {
    let (length, rest) = bytes.split_first_chunk().ok_or_else(|| broken("the length is missing"))?;
    let length = u32::from_le_bytes(*length) as usize;
    let (head, rest) = match length <= HEAD {
        true => rest.split_at_checked(length).ok_or_else(|| broken("unexpected end of data"))?,
        false => return Err(broken("the header is too long")),
    };
    Ok((serde_json::from_slice(head).map_err(|e| FrameError(e.to_string()))?, rest))
}

fn broken(why: &str) -> FrameError {
    FrameError(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Filled, Problem, Value};

    fn fill_task() -> Task {
        Task::Fill { fields: vec![Filled { name: "é".into(), value: Value::Image(1) }] }
    }

    #[test]
    fn tasks_round_trip_and_damaged_ones_are_refused() {
        let mut bytes = Vec::new();
        write_task(&mut bytes, &fill_task(), &[b"pdf".as_slice(), b""]).unwrap();
        assert_eq!(read_task(&bytes).unwrap(), (fill_task(), vec![b"pdf".as_slice(), b""]));
        for broken in [&bytes[..bytes.len() - 1], &bytes[..7], &[][..], &[0, 0, 0, 255], &[2, 0, 0, 0, b'{', b'}']] {
            assert!(read_task(broken).is_err(), "{broken:?}");
        }
        bytes.push(0);
        assert!(read_task(&bytes).is_err());
    }

    #[test]
    fn answers_round_trip_and_damaged_ones_are_refused() {
        let refused = Answer::Refused { problems: vec![Problem { at: Some((1, 2)), ..Problem::of("no") }] };
        for (answer, pdf) in [(Answer::Pdf { pages: 3 }, b"%PDF".as_slice()), (refused, b"")] {
            let mut bytes = Vec::new();
            write_answer(&mut bytes, &answer, pdf).unwrap();
            assert_eq!(read_answer(&bytes).unwrap(), (answer, pdf));
        }
        assert!(read_answer(b"\x01\0\0\0x").is_err());
    }

    #[test]
    fn impossible_lengths_are_refused() {
        let head = br#"{"task":{"do":"merge"},"lengths":[18446744073709551615]}"#;
        let bytes = [&(head.len() as u32).to_le_bytes()[..], head].concat();
        assert_eq!(read_task(&bytes).unwrap_err().to_string(), "unexpected end of data");
    }
}
