//! A file without a name, read more than once.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// A file that several readers read, each from its beginning.
pub(super) struct SharedFile(Arc<Mutex<File>>);

impl SharedFile {
    pub(super) fn new(file: File) -> Self {
        Self(Arc::new(Mutex::new(file)))
    }

    pub(super) fn reader(&self) -> SharedFileReader {
        SharedFileReader { file: self.0.clone(), position: 0 }
    }
}

pub(super) struct SharedFileReader {
    file: Arc<Mutex<File>>,
    position: u64,
}

impl Read for SharedFileReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.position))?;
        let n = file.read(out)?;
        self.position += n as u64;
        Ok(n)
    }
}
