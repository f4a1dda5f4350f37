//! Lines of a member, one at a time.

use super::{Member, READ_BUFFER_BYTES};
use crate::error::ImportError;
use std::io::{BufRead, BufReader, Read};

/// Longest line, in bytes: a row with its components.
pub(crate) const MAX_LINE_BYTES: u64 = 64 << 20;

/// Receives a line, and a function that returns its place.
pub(crate) type VisitLine<'v> = dyn FnMut(&[u8], &dyn Fn() -> String) -> Result<(), ImportError> + 'v;

/// Calls `visit` with every line that is not empty, and its place.
pub(crate) fn visit_lines(member: Member<'_>, visit: &mut VisitLine<'_>) -> Result<(), ImportError> {
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
            return Err(ImportError::Archive(format!(
                "{} in the archive: the line is longer than {MAX_LINE_BYTES} bytes",
                place()
            )));
        }
        let text = line.trim_ascii();
        if !text.is_empty() {
            visit(text, &place)?;
        }
    }
}
