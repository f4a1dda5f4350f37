//! Lines of a member, one at a time.

use super::{Member, READ_BUFFER_BYTES};
use crate::error::ImportError;
use std::io::{BufRead, BufReader, Read};

/// Longest line, in bytes: a row with its components.
const MAX_LINE_BYTES: u64 = 64 << 20;

/// Receives a line, and a function that says its place.
pub(crate) type VisitLine<'v> = dyn FnMut(&[u8], &dyn Fn() -> String) -> Result<(), ImportError> + 'v;

/// Calls `each` with every line that is not empty, and its place.
pub(crate) fn each_line(member: Member<'_>, each: &mut VisitLine<'_>) -> Result<(), ImportError> {
    let path = member.path;
    let mut reader = BufReader::with_capacity(READ_BUFFER_BYTES, member.body);
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        let read = (&mut reader).take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut line);
        if read.map_err(|e| ImportError::in_member(path, e))? == 0 {
            return Ok(());
        }
        number += 1;
        let place = || format!("{path}, line {number}");
        if line.len() as u64 > MAX_LINE_BYTES {
            return Err(ImportError::Archive(format!("{}: it is longer than {MAX_LINE_BYTES} bytes", place())));
        }
        let text = line.trim_ascii();
        if !text.is_empty() {
            each(text, &place)?;
        }
    }
}
