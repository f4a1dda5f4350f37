//! Directories of a TIFF, with 32 and with 64 bits.

use super::super::source::FileReader;
use super::super::walk::WalkError;
use super::tags;
use std::io;
use std::ops::Range;

/// Largest number of tags that are read in one file.
const MAX_ENTRIES: u64 = 1 << 17;

/// One tag of a directory.
pub(super) struct TagEntry {
    pub(super) tag: u16,
    kind: u16,
    /// Number of its values.
    pub(super) count: u64,
    /// First 12 or 20 bytes, as written in the file.
    raw: [u8; 20],
    /// Offset of its values.
    at: u64,
    /// Range of its values in the file, if they are not in the directory.
    pub(super) elsewhere: Option<Range<u64>>,
}

/// A directory, with its tags.
pub(super) struct Directory {
    pub(super) at: u64,
    pub(super) entries: Vec<TagEntry>,
    /// Offset of the next directory; 0: there is none.
    pub(super) next: u64,
    end: u64,
    /// True if it is complete and not empty.
    pub(super) is_whole: bool,
    changed: bool,
}

impl Directory {
    /// Range of the directory in the file.
    pub(super) fn table(&self) -> Range<u64> {
        self.at..self.end
    }

    pub(super) fn entry(&self, tag: u16) -> Option<&TagEntry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// Removes the link to the next directory.
    pub(super) fn unlink_next(&mut self) {
        self.next = 0;
        self.changed = true;
    }

    /// Removes a tag.
    pub(super) fn remove_tag(&mut self, tag: u16) {
        self.entries.retain(|entry| entry.tag != tag);
        self.changed = true;
    }

    pub(super) fn has_changed(&self) -> bool {
        self.changed
    }

    /// True if its pixels are raw data of a sensor.
    pub(super) fn is_raw(&self, reader: &TiffReader<'_>) -> bool {
        let is = |tag: u16, known: &[u64]| {
            let value = self.entry(tag).and_then(|entry| reader.short_value(entry));
            value.is_some_and(|value| known.contains(&value))
        };
        self.entry(tags::DNG_VERSION).is_some()
            || is(tags::COMPRESSION, &tags::RAW_COMPRESSIONS)
            || is(tags::PHOTOMETRIC, &tags::RAW_PHOTOMETRICS)
    }
}

/// Reads directories and the values of tags.
pub(super) struct TiffReader<'a> {
    file: &'a mut FileReader,
    little: bool,
    big: bool,
    canon_raw: bool,
    entries: u64,
}

impl<'a> TiffReader<'a> {
    /// Reads the header, and the offset of the first directory. `None` where the file is cut off before that.
    pub(super) fn open(file: &'a mut FileReader) -> io::Result<Option<(TiffReader<'a>, u64)>> {
        file.seek_to(0)?;
        let Some([order, _, a, b]) = file.read_array()? else { return Ok(None) };
        let big = a == 43 || b == 43;
        let mut reader = TiffReader { file, little: order == b'I', big, canon_raw: false, entries: 0 };
        if big {
            // The width of places, which is always the same.
            reader.file.seek_to(8)?;
        }
        let first = reader.read_offset()?;
        reader.canon_raw = !big && reader.file.read_array()? == Some(*b"CR");
        Ok(first.map(|first| (reader, first)))
    }

    /// True if it is a raw file of Canon's, with a header of its own.
    pub(super) fn is_canon_raw(&self) -> bool {
        self.canon_raw
    }

    /// Size of the header, in bytes.
    pub(super) fn header_bytes(&self) -> u64 {
        if self.big { 16 } else { 8 }
    }

    /// Size of the file, in bytes.
    pub(super) fn length(&self) -> u64 {
        self.file.length()
    }

    fn offset_bytes(&self) -> usize {
        if self.big { 8 } else { 4 }
    }

    fn to_number(&self, bytes: &[u8]) -> u64 {
        let next = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if self.little { bytes.iter().rev().fold(0, next) } else { bytes.iter().fold(0, next) }
    }

    fn to_bytes(&self, number: u64, bytes: usize) -> Vec<u8> {
        let mut encoded = number.to_le_bytes().into_iter().take(bytes).collect::<Vec<_>>();
        if !self.little {
            encoded.reverse();
        }
        encoded
    }

    /// Reads an offset or a number of items.
    fn read_offset(&mut self) -> io::Result<Option<u64>> {
        let bytes = self.file.read_up_to(self.offset_bytes())?;
        Ok((bytes.len() == self.offset_bytes()).then(|| self.to_number(&bytes)))
    }

    /// The directory at an offset, as far as the file has it. `None` where there is not even a number of tags.
    pub(super) fn read_directory(&mut self, at: u64) -> Result<Option<Directory>, WalkError> {
        self.file.seek_to(at)?;
        if self.file.position() != at {
            return Ok(None);
        }
        let width = if self.big { 8 } else { 2 };
        let number = self.file.read_up_to(width)?;
        if number.len() < width {
            return Ok(None);
        }
        let number = self.to_number(&number);
        let size = if self.big { 20 } else { 12 };
        let mut entries = Vec::new();
        while (entries.len() as u64) < number {
            let start = self.file.position();
            let read = self.file.read_up_to(size)?;
            let mut raw = [0; 20];
            let Some(bytes) = raw.get_mut(..read.len()).filter(|bytes| bytes.len() == size) else { break };
            bytes.copy_from_slice(&read);
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(WalkError::Inseparable);
            }
            entries.push(self.parse_entry(start, raw));
        }
        let next = self.read_offset()?;
        let is_whole = !entries.is_empty() && entries.len() as u64 == number && next.is_some();
        let (next, end) = (next.unwrap_or_default(), self.file.position());
        Ok(Some(Directory { at, entries, next, end, is_whole, changed: false }))
    }

    fn parse_entry(&self, start: u64, raw: [u8; 20]) -> TagEntry {
        let wide = self.offset_bytes();
        let tag = self.to_number(&raw[..2]) as u16;
        let kind = self.to_number(&raw[2..4]) as u16;
        let count = self.to_number(&raw[4..4 + wide]);
        let length = count.saturating_mul(value_bytes(kind));
        let inside = start + 4 + wide as u64;
        if length <= wide as u64 {
            return TagEntry { tag, kind, count, raw, at: inside, elsewhere: None };
        }
        let at = self.to_number(&raw[4 + wide..4 + 2 * wide]);
        let end = at.saturating_add(length).min(self.length());
        TagEntry { tag, kind, count, raw, at, elsewhere: (at < end).then_some(at..end) }
    }

    /// At most `most` values of a tag from number `first` on; those that are whole numbers.
    pub(super) fn read_values(&mut self, entry: &TagEntry, first: u64, limit: u64) -> io::Result<Vec<u64>> {
        let size = match entry.kind {
            1 | 3 | 4 | 13 | 16 | 18 => value_bytes(entry.kind),
            _ => return Ok(Vec::new()),
        };
        let number = entry.count.saturating_sub(first).min(limit);
        let start = entry.at.saturating_add(first.saturating_mul(size));
        self.file.seek_to(start)?;
        if self.file.position() != start {
            return Ok(Vec::new());
        }
        let bytes = self.file.read_up_to((number * size) as usize)?;
        Ok(bytes.chunks_exact(size as usize).map(|value| self.to_number(value)).collect())
    }

    /// The value of a tag with one short value.
    fn short_value(&self, entry: &TagEntry) -> Option<u64> {
        let at = 4 + self.offset_bytes();
        (entry.kind == 3 && entry.count > 0 && entry.elsewhere.is_none())
            .then(|| self.to_number(&entry.raw[at..at + 2]))
    }

    /// The bytes of a directory with only some of its tags: as long as before.
    pub(super) fn encode_table(&self, directory: &Directory, entries: &[&TagEntry]) -> Vec<u8> {
        let size = if self.big { 20 } else { 12 };
        let mut table = self.to_bytes(entries.len() as u64, if self.big { 8 } else { 2 });
        for entry in entries {
            table.extend_from_slice(&entry.raw[..size]);
        }
        table.extend(self.to_bytes(directory.next, self.offset_bytes()));
        table.resize((directory.end - directory.at) as usize, 0);
        table
    }
}

/// The size of one value, in bytes.
fn value_bytes(kind: u16) -> u64 {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        // Bytes, texts, what has no kind, and what nobody knows.
        _ => 1,
    }
}
