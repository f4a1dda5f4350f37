//! A file that is walked: read from place to place, never whole.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// How much is read at a time.
const BUFFER: usize = 64 << 10;

/// A file, and the place in it that is read next.
pub(super) struct FileReader {
    file: BufReader<File>,
    at: u64,
    length: u64,
}

impl FileReader {
    pub(super) fn open(path: &Path) -> io::Result<FileReader> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(FileReader { file: BufReader::with_capacity(BUFFER, file), at: 0, length })
    }

    /// The place that is read next.
    pub(super) fn position(&self) -> u64 {
        self.at
    }

    /// How many bytes the file has.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The place so many bytes behind the next one, or the end of the file.
    pub(super) fn offset_after(&self, bytes: u64) -> u64 {
        self.at.saturating_add(bytes).min(self.length)
    }

    /// Goes to a place, or to the end of the file. What is in the buffer stays of use.
    pub(super) fn seek_to(&mut self, to: u64) -> io::Result<()> {
        let to = to.min(self.length);
        let distance = i64::try_from(i128::from(to) - i128::from(self.at)).map_err(io::Error::other)?;
        self.file.seek_relative(distance)?;
        self.at = to;
        Ok(())
    }

    /// So many bytes; `None`, and nothing is read, where the file ends before.
    pub(super) fn read_array<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        if self.length.saturating_sub(self.at) < N as u64 {
            return Ok(None);
        }
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(Some(bytes))
    }

    /// So many bytes, fewer where the file ends before.
    pub(super) fn read_up_to(&mut self, limit: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.by_ref().take(limit as u64).read_to_end(&mut bytes)?;
        self.at += bytes.len() as u64;
        Ok(bytes)
    }

    /// The next byte that is another one than this; `None`, and to the end, where there is none.
    pub(super) fn read_past_run(&mut self, byte: u8) -> io::Result<Option<u8>> {
        loop {
            let buffer = self.file.fill_buf()?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let other = buffer.iter().position(|next| *next != byte);
            let found = other.and_then(|at| buffer.get(at)).copied();
            let read = other.map_or(buffer.len(), |at| at + 1);
            self.file.consume(read);
            self.at += read as u64;
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Goes behind the next such byte; false, and to the end, where there is none.
    pub(super) fn skip_past(&mut self, byte: u8) -> io::Result<bool> {
        let before = self.at;
        self.at += self.file.skip_until(byte)? as u64;
        if self.at == before {
            return Ok(false);
        }
        if self.at < self.length {
            return Ok(true);
        }
        // The last byte may be the one, or just the last.
        self.seek_to(self.length - 1)?;
        Ok(self.read_array()? == Some([byte]))
    }
}
