//! A file while it arrives: its bytes are hashed as they are written, so that nobody has to read them again for it.

use crate::folder::STAGED_PREFIX;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use tempfile::TempPath;

/// A temporary file that grows, and is gone when this is dropped.
#[derive(Debug)]
pub struct Arrival {
    file: File,
    temp: TempPath,
    hash: Sha256,
}

impl Arrival {
    /// An empty one in that folder, see [`crate::BlobStore::staging_folder`]. Blocks.
    ///
    /// # Errors
    /// What the disk says.
    pub fn new(folder: &Path) -> io::Result<Arrival> {
        let (file, temp) = tempfile::Builder::new().prefix(STAGED_PREFIX).tempfile_in(folder)?.into_parts();
        Ok(Arrival { file, temp, hash: Sha256::new() })
    }

    /// Takes the next bytes. Blocks.
    ///
    /// # Errors
    /// What the disk says; what has come is of no use then.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        Ok(())
    }

    /// All have come: where they are, and their SHA-256 in hexadecimal.
    #[must_use]
    pub fn finish(self) -> (TempPath, String) {
        (self.temp, hex_string(&self.hash.finalize()))
    }
}

pub(crate) fn hex_string(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
