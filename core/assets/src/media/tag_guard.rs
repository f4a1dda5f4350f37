//! A file that is read by somebody who must not read an ID3v2 tag.

use super::bounded_reader::BoundedReader;
use super::id3;
use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

/// The name of a tag.
const NAME: &[u8; 3] = b"ID3";

/// Reads a file, or the part of it behind a place, up to the first tag: from that on everything fails.
///
/// Whoever reads a tag reads its name first. It is seen here however the reader came to it: at the beginning, behind other tags, in
/// chunks, in between. Looking at a file beforehand would have to find each of those places, and miss the next one.
pub(super) struct TagGuard {
    file: BoundedReader,
    /// The same file, to look at.
    inspector: BoundedReader,
    start: u64,
    at: u64,
    /// How much of a name has been read.
    matched: usize,
    /// True if the reader steps over tags, and so may see where they are.
    steps_over: bool,
    sighting: TagSighting,
}

/// Where a tag was seen.
#[derive(Clone, Default)]
pub(super) struct TagSighting(Rc<Cell<Option<u64>>>);

impl TagSighting {
    pub(super) fn position(&self) -> Option<u64> {
        self.0.get()
    }
}

impl TagGuard {
    /// Nothing fails where the reader says that it steps over tags.
    pub(super) fn new(
        mut file: BoundedReader,
        inspector: BoundedReader,
        start: u64,
        steps_over: bool,
    ) -> io::Result<(TagGuard, TagSighting)> {
        file.seek(SeekFrom::Start(start))?;
        let sighting = TagSighting::default();
        Ok((
            TagGuard { file, inspector, start, at: start, matched: 0, steps_over, sighting: sighting.clone() },
            sighting,
        ))
    }

    fn check_untagged(&self) -> io::Result<()> {
        match self.sighting.position() {
            Some(_) => Err(io::Error::other("unexpected tag, which another parser reads")),
            None => Ok(()),
        }
    }

    /// Looks at what has been read.
    fn scan(&mut self, read: &[u8]) -> io::Result<()> {
        for byte in read {
            self.at += 1;
            self.matched = match (self.matched, byte) {
                (_, b'I') => 1,
                (1, b'D') => 2,
                (2, b'3') => 3,
                _ => 0,
            };
            if self.matched == NAME.len() {
                self.matched = 0;
                let tag = self.at - NAME.len() as u64;
                // A header that cannot be read may be a tag; one that the end of the file cuts off is none.
                let cut_off = tag + 10 > self.inspector.length();
                if !cut_off && self.inspector.read_at::<10>(tag).is_none_or(|header| id3::is_tag_header(&header)) {
                    self.sighting.0.set(Some(tag));
                    return self.check_untagged();
                }
            }
        }
        Ok(())
    }
}

impl Read for TagGuard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check_untagged()?;
        let read = self.file.read(buffer)?;
        if !self.steps_over {
            self.scan(&buffer[..read])?;
        }
        Ok(read)
    }
}

impl Seek for TagGuard {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.check_untagged()?;
        let to = match to {
            SeekFrom::Start(at) => SeekFrom::Start(at.saturating_add(self.start)),
            other => other,
        };
        let before = self.at;
        self.at = self.file.seek(to)?;
        // A name goes on only where it was left.
        if self.at != before {
            self.matched = 0;
        }
        self.at.checked_sub(self.start).ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}
