//! Changes to a file in which everything stays where it is, because places of it are written in it.

use super::output::RewriteOutput;
use super::ranges::{Ranges, TooManyRanges};
use super::source::FileReader;
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

/// Most bytes of memory for what is written in place of others, beside zeros.
const MAX_PATCH_BYTES: usize = 8 << 20;

/// Memory that one patch takes beside its bytes.
const PATCH_OVERHEAD: usize = 96;

/// Changes to the bytes of a file.
#[derive(Default)]
pub(super) struct Edits {
    /// Bytes to write, by their offset.
    patches: BTreeMap<u64, Vec<u8>>,
    patch_bytes: usize,
    /// Ranges that become zeros, as far as they are not needed.
    blank: Ranges,
}

impl Edits {
    /// These bytes go there.
    pub(super) fn patch(&mut self, at: u64, bytes: Vec<u8>) -> Result<(), TooManyRanges> {
        self.patch_bytes += bytes.len() + PATCH_OVERHEAD;
        self.patches.insert(at, bytes);
        if self.patch_bytes > MAX_PATCH_BYTES { Err(TooManyRanges) } else { Ok(()) }
    }

    /// Blanks a range with zeros, where nothing else needs it.
    pub(super) fn blank(&mut self, range: Range<u64>) -> Result<(), TooManyRanges> {
        self.blank.add(range)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.patches.is_empty() && self.blank.iter().next().is_none()
    }

    /// Where bytes are written in place of others.
    pub(super) fn patch_ranges(&self) -> impl Iterator<Item = Range<u64>> {
        self.patches.iter().map(|(at, bytes)| *at..*at + bytes.len() as u64)
    }

    /// True if two of the writes meet.
    pub(super) fn has_overlapping_patches(&self) -> bool {
        let mut end = 0;
        self.patch_ranges().any(|range| {
            let meets = range.start < end;
            end = range.end;
            meets
        })
    }

    /// Makes the new file; `needed` stays, unless it is written. The writes do not meet.
    pub(super) fn write(&self, file: &mut FileReader, out: &mut dyn RewriteOutput, needed: &Ranges) -> io::Result<()> {
        let mut patches = self.patches.iter().peekable();
        let mut patched = Ranges::default();
        for range in self.patch_ranges() {
            // The limit of ranges cannot be exceeded: each patch has a table or box, and these were counted.
            let _ = patched.add(range);
        }
        let blank = self.blank.iter().flat_map(|range| needed.outside(range)).flat_map(|range| patched.outside(range));
        let mut at = 0;
        for range in blank {
            while let Some((start, bytes)) = patches.next_if(|(start, _)| **start < range.start) {
                at = write_patch(file, out, at, *start, bytes)?;
            }
            at = write_zeros(file, out, at, range)?;
        }
        for (start, bytes) in patches {
            at = write_patch(file, out, at, *start, bytes)?;
        }
        out.copy(at, file.length())
    }
}

/// Copies from `at`, and writes bytes at a place where they are not there already; answers what is to be copied next.
fn write_patch(
    file: &mut FileReader,
    out: &mut dyn RewriteOutput,
    at: u64,
    start: u64,
    bytes: &[u8],
) -> io::Result<u64> {
    file.seek_to(start)?;
    if file.read_up_to(bytes.len())? == bytes {
        return Ok(at);
    }
    out.copy(at, start)?;
    out.put(bytes)?;
    Ok(start + bytes.len() as u64)
}

/// As [`write_patch`], with zeros.
fn write_zeros(file: &mut FileReader, out: &mut dyn RewriteOutput, at: u64, range: Range<u64>) -> io::Result<u64> {
    const PIECE: u64 = 64 << 10;
    file.seek_to(range.start)?;
    let end = range.end.min(file.length());
    let mut blank = true;
    while blank && file.position() < end {
        let piece = file.read_up_to((end - file.position()).min(PIECE) as usize)?;
        blank = piece.iter().all(|byte| *byte == 0);
    }
    if blank {
        return Ok(at);
    }
    out.copy(at, range.start)?;
    out.fill(0, end - range.start)?;
    Ok(end)
}
