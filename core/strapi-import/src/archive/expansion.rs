//! A limit on what compressed data may expand to.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Number of expanded bytes up to which the proportion is not checked.
const UNCHECKED_BYTES: u64 = 64 << 20;
/// Largest number of bytes that one compressed byte may expand to. Lines of JSON reach some fifty.
const MAX_EXPANSION: u64 = 250;

/// Counts the bytes that are read.
pub(super) struct CountingReader<R> {
    pub(super) inner: R,
    pub(super) bytes_read: Arc<AtomicU64>,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.bytes_read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Ends a stream with an error if it becomes much larger than the file that it comes from.
pub(super) struct ExpansionGuard<R> {
    inner: R,
    compressed_bytes: Arc<AtomicU64>,
    plain_bytes: u64,
}

impl<R: Read> ExpansionGuard<R> {
    pub(super) fn new(inner: R, compressed_bytes: Arc<AtomicU64>) -> Self {
        Self { inner, compressed_bytes, plain_bytes: 0 }
    }
}

impl<R: Read> Read for ExpansionGuard<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.plain_bytes += n as u64;
        let limit = self.compressed_bytes.load(Ordering::Relaxed).saturating_mul(MAX_EXPANSION);
        if self.plain_bytes > UNCHECKED_BYTES && self.plain_bytes > limit {
            let message = format!(
                "it expands to more than {MAX_EXPANSION} times its size: this is not an archive of `strapi export`"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(n)
    }
}
