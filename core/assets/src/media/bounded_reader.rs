//! A file of which only so much is read, in so many steps, whatever stands in it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Most bytes that are read of one file: less than a second's work.
const MAX_READ_BYTES: u64 = 64 << 20;

/// Most reads and jumps in one file.
const MAX_READS: u32 = 2_000_000;

/// How many bytes tell what container a file is.
const HEAD_BYTES: usize = 4096;

/// A file being read. Every method fails once the limits are reached.
pub(super) struct BoundedReader {
    file: BufReader<CountingReader>,
    length: u64,
    steps: u32,
}

/// Counts what is read of a file, not what is taken of the buffer before it.
struct CountingReader {
    file: File,
    left: u64,
}

impl Read for CountingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(too_much)?;
        Ok(read)
    }
}

impl Seek for CountingReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

fn too_much() -> io::Error {
    io::Error::other("too much of the file would have to be read")
}

impl BoundedReader {
    pub(super) fn open(path: &Path) -> io::Result<BoundedReader> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(BoundedReader {
            file: BufReader::new(CountingReader { file, left: MAX_READ_BYTES }),
            length,
            steps: MAX_READS,
        })
    }

    /// Reads no more than so many bytes from here on: for readers that keep what they read.
    pub(super) fn at_most(mut self, bytes: u64) -> BoundedReader {
        let counted = self.file.get_mut();
        counted.left = counted.left.min(bytes);
        self
    }

    /// How many bytes the file has.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The first bytes, after which reading begins at the first again.
    pub(super) fn read_head(&mut self) -> io::Result<Vec<u8>> {
        let head = self.up_to(0, HEAD_BYTES)?;
        self.seek(SeekFrom::Start(0))?;
        Ok(head)
    }

    /// The bytes at a place, fewer where the file ends.
    pub(super) fn up_to(&mut self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        self.seek_to(at)?;
        let mut bytes = Vec::new();
        self.take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// So many bytes at a place; `None` where the file ends before.
    pub(super) fn read_at<const N: usize>(&mut self, at: u64) -> Option<[u8; N]> {
        self.seek_to(at).ok()?;
        let mut bytes = [0; N];
        self.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Goes to a place, within the buffer where possible: seeking would throw the buffer away.
    fn seek_to(&mut self, at: u64) -> io::Result<()> {
        self.count_step()?;
        let position = self.file.stream_position()?;
        match i64::try_from(i128::from(at) - i128::from(position)) {
            Ok(distance) => self.file.seek_relative(distance),
            Err(_) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn count_step(&mut self) -> io::Result<()> {
        self.steps = self.steps.checked_sub(1).ok_or_else(too_much)?;
        Ok(())
    }
}

impl Read for BoundedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.count_step()?;
        self.file.read(buffer)
    }
}

impl Seek for BoundedReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.count_step()?;
        self.file.seek(to)
    }
}
