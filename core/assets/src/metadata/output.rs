//! Output of a walk through a file: pieces of the old one and bytes in place of others, from the first to the last.

use crate::{Arrival, AssetError};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use tempfile::TempPath;

/// How much is copied at a time.
const BUFFER: usize = 256 << 10;

/// Takes the pieces. A file is walked twice: once to see whether anything changes, and again to write it.
pub(super) trait RewriteOutput {
    /// The bytes of the old file between two places.
    fn copy(&mut self, from: u64, to: u64) -> io::Result<()>;

    /// Bytes that the old file does not have there.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// One byte that the old file does not have there, so many times.
    fn fill(&mut self, byte: u8, times: u64) -> io::Result<()>;
}

/// Output that only detects whether the new file differs from the old one.
#[derive(Default)]
pub(super) struct ChangeDetector {
    next: u64,
    changed: bool,
}

impl ChangeDetector {
    /// True if anything of an old file of this length is not in the new one.
    pub(super) fn has_changes(&self, length: u64) -> bool {
        self.changed || self.next != length
    }
}

impl RewriteOutput for ChangeDetector {
    fn copy(&mut self, from: u64, to: u64) -> io::Result<()> {
        if from < to {
            self.changed |= from != self.next;
            self.next = to;
        }
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.changed |= !bytes.is_empty();
        Ok(())
    }

    fn fill(&mut self, _: u8, times: u64) -> io::Result<()> {
        self.changed |= times > 0;
        Ok(())
    }
}

/// A file without its metadata.
#[derive(Debug)]
pub(crate) struct StrippedFile {
    pub(crate) temp: TempPath,
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

/// Writes the new file.
pub(super) struct FileWriter {
    old: File,
    new: Arrival,
    length: u64,
    /// To be copied with what follows it.
    pending: (u64, u64),
    buffer: Vec<u8>,
}

impl FileWriter {
    /// Beside the old file, from where the store can take it.
    pub(super) fn new(path: &Path) -> io::Result<FileWriter> {
        let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
        let (old, new) = (File::open(path)?, Arrival::new(folder)?);
        Ok(FileWriter { old, new, length: 0, pending: (0, 0), buffer: vec![0; BUFFER] })
    }

    /// All has been walked.
    pub(super) fn finish(mut self) -> Result<StrippedFile, AssetError> {
        self.flush_pending().map_err(AssetError::io("write an uploaded file without its metadata"))?;
        let bytes = self.length;
        let (temp, sha256) = self.new.finish();
        Ok(StrippedFile { temp, sha256, bytes })
    }

    /// Copies what waits.
    fn flush_pending(&mut self) -> io::Result<()> {
        let (mut at, to) = std::mem::take(&mut self.pending);
        if at < to {
            self.old.seek(SeekFrom::Start(at))?;
        }
        while at < to {
            let limit = usize::try_from(to - at).unwrap_or(BUFFER).min(BUFFER);
            let piece = self.buffer.get_mut(..limit).unwrap_or_default();
            self.old.read_exact(piece)?;
            self.new.write(piece)?;
            at += piece.len() as u64;
            self.length += piece.len() as u64;
        }
        Ok(())
    }
}

impl RewriteOutput for FileWriter {
    fn copy(&mut self, from: u64, to: u64) -> io::Result<()> {
        if from >= to {
            return Ok(());
        }
        if self.pending.1 != from || self.pending.0 == self.pending.1 {
            self.flush_pending()?;
            self.pending.0 = from;
        }
        self.pending.1 = to;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.flush_pending()?;
        self.new.write(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn fill(&mut self, byte: u8, times: u64) -> io::Result<()> {
        self.flush_pending()?;
        let mut remaining = times;
        while remaining > 0 {
            let limit = usize::try_from(remaining).unwrap_or(BUFFER).min(BUFFER);
            let piece = self.buffer.get_mut(..limit).unwrap_or_default();
            piece.fill(byte);
            self.new.write(piece)?;
            remaining -= piece.len() as u64;
        }
        self.length += times;
        Ok(())
    }
}
