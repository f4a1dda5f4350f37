//! A temporary file with what was read from a database or an archive of Strapi 4, in the form of an archive of `strapi export`.

use crate::archive::MAX_LINE_BYTES;
use crate::error::ImportError;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::fs::File;
use std::io::{self, BufWriter, Write};

/// Bytes after which a member of the archive ends.
const MEMBER_BYTES: usize = 4 << 20;

/// A line of `entities/`.
#[derive(Serialize)]
pub(crate) struct WrittenRow<'a> {
    #[serde(rename = "type")]
    pub(crate) uid: &'a str,
    pub(crate) id: i64,
    pub(crate) data: &'a Map<String, Json>,
}

/// Writes lines as members of the archive.
pub(crate) struct MemberWriter {
    builder: tar::Builder<BufWriter<File>>,
    folder: &'static str,
    number: usize,
    buffer: Vec<u8>,
}

impl MemberWriter {
    /// Creates the temporary file. No other process can open it, and it is gone when this one ends, however it ends.
    pub(crate) fn new() -> Result<Self, ImportError> {
        let file = tempfile::tempfile().map_err(|e| unwritable(&e))?;
        let builder = tar::Builder::new(BufWriter::new(file));
        Ok(Self { builder, folder: "", number: 0, buffer: Vec::new() })
    }

    /// Begins the lines of another folder of the archive.
    pub(crate) fn begin(&mut self, folder: &'static str) -> Result<(), ImportError> {
        self.end_member()?;
        self.folder = folder;
        self.number = 0;
        Ok(())
    }

    /// Writes a line; `place` is for the message if it is too long.
    pub(crate) fn write_line(&mut self, line: &impl Serialize, place: &dyn Fn() -> String) -> Result<(), ImportError> {
        let start = self.buffer.len();
        serde_json::to_writer(&mut self.buffer, line).map_err(|e| unwritable(&e))?;
        if (self.buffer.len() - start) as u64 > MAX_LINE_BYTES {
            return Err(ImportError::Database(format!(
                "{}: the row and its components are larger than {MAX_LINE_BYTES} bytes: shorten them in Strapi",
                place()
            )));
        }
        self.buffer.push(b'\n');
        if self.buffer.len() > MEMBER_BYTES { self.end_member() } else { Ok(()) }
    }

    fn end_member(&mut self) -> Result<(), ImportError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.number += 1;
        let path = format!("{0}/{0}_{1:05}.jsonl", self.folder, self.number);
        let bytes = std::mem::take(&mut self.buffer);
        self.append(&path, &bytes)
    }

    fn append(&mut self, path: &str, bytes: &[u8]) -> Result<(), ImportError> {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        self.builder.append_data(&mut header, path, bytes).map_err(|e| unwritable(&e))
    }

    /// Writes the last member. Returns the file.
    pub(crate) fn finish(mut self, metadata: &impl Serialize) -> Result<File, ImportError> {
        self.end_member()?;
        let bytes = serde_json::to_vec(metadata).map_err(|e| unwritable(&e))?;
        self.append("metadata.json", &bytes)?;
        let write = || -> io::Result<File> {
            let mut writer = self.builder.into_inner()?;
            writer.flush()?;
            writer.into_inner().map_err(io::IntoInnerError::into_error)
        };
        write().map_err(|e| unwritable(&e))
    }
}

fn unwritable(error: &dyn std::fmt::Display) -> ImportError {
    ImportError::Database(format!(
        "the temporary file for what was read cannot be written in {}: {error}. Set TMPDIR to a folder with more space",
        std::env::temp_dir().display()
    ))
}
