//! Pictures as files: a header of 40 bytes, which tells whether what follows is what was written, and the picture.
//!
//! Nothing is synced to disk: what a crash leaves short or empty is noticed when it is read, and made anew.

use super::Rendition;
use super::name::RenditionName;
use crate::{AssetError, Format};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use xxhash_rust::xxh3::Xxh3;

/// Of the second version: in the first one, animations stood still.
const FILE_MAGIC: &[u8; 8] = b"cairnpi2";
const HEADER_BYTES: usize = 40;

/// Longest file that is read. No encoder makes more of [`crate::MAX_SIDE`] squared pixels.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Size of a block on disk in bytes; every file takes a multiple of it.
const BLOCK_BYTES: u64 = 4096;

/// How temporary names begin; a process's own are told by what follows.
const TEMPORARY_PREFIX: &str = ".making-";

const FORMAT_CODES: [Format; 5] = [Format::Jpeg, Format::Png, Format::WebP, Format::Avif, Format::Gif];

/// A folder of pictures.
pub(super) struct RenditionFiles {
    folder: PathBuf,
    temporary: String,
}

impl RenditionFiles {
    pub(super) fn open(folder: &Path) -> Result<RenditionFiles, AssetError> {
        let failed = "open the folder of renditions";
        fs::create_dir_all(folder).map_err(AssetError::io(failed))?;
        let folder = folder.canonicalize().map_err(AssetError::io(failed))?;
        Ok(RenditionFiles { folder, temporary: format!("{TEMPORARY_PREFIX}{:016x}-", rand::random::<u64>()) })
    }

    /// Size of a picture on disk, in bytes.
    pub(super) fn disk_size(&self, rendition: &Rendition) -> u64 {
        on_disk((HEADER_BYTES + rendition.bytes.len()) as u64)
    }

    /// Reads a picture; `None` where there is none, or none that is whole.
    pub(super) fn read(&self, name: &RenditionName) -> Option<Rendition> {
        let mut file = fs::File::open(self.path(name)).ok()?;
        let length = file.metadata().ok().filter(fs::Metadata::is_file)?.len();
        if length > MAX_FILE_BYTES {
            return None;
        }
        let mut header = [0; HEADER_BYTES];
        file.read_exact(&mut header).ok()?;
        let mut bytes = Vec::with_capacity(usize::try_from(length).ok()?.saturating_sub(HEADER_BYTES));
        file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).ok()?;

        let number = |at: usize| Some(u32::from_le_bytes(*header.get(at..)?.first_chunk()?));
        let (width, height, format) = (number(8)?, number(12)?, number(16)?);
        let format = FORMAT_CODES.get(usize::try_from(format).ok()?)?;
        let rendition = Rendition { bytes: bytes.into(), content_type: format.content_type(), width, height };
        (self::file_header(name, &rendition)? == header).then_some(rendition)
    }

    /// Writes a picture; nobody sees a part of it.
    pub(super) fn write(&self, name: &RenditionName, rendition: &Rendition) -> io::Result<()> {
        let header = file_header(name, rendition).ok_or(io::ErrorKind::InvalidInput)?;
        let mut file = tempfile::Builder::new().prefix(&self.temporary).tempfile_in(&self.folder)?;
        file.write_all(&header)?;
        file.write_all(&rendition.bytes)?;
        file.persist(self.path(name)).map(drop).map_err(|refused| refused.error)
    }

    /// Removes a picture, if it is there.
    pub(super) fn remove(&self, name: &RenditionName) {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "cannot delete a rendition");
            }
            _ => {}
        }
    }

    /// All pictures that are there and what they take, the oldest first. What other processes left half written is
    /// removed; files with names of another kind are left alone.
    pub(super) fn scan(&self) -> io::Result<Vec<(RenditionName, u64)>> {
        let mut found: Vec<(SystemTime, RenditionName, u64)> = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let file_name = entry.file_name();
            let Some(text) = file_name.to_str() else { continue };
            if text.starts_with(TEMPORARY_PREFIX) && !text.starts_with(&self.temporary) {
                // Should its owner be alive after all, it merely cannot keep this one picture.
                let _ = fs::remove_file(entry.path());
            } else if let Some(name) = RenditionName::parse(text)
                && let Ok(metadata) = entry.metadata()
                && metadata.is_file()
            {
                let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                found.push((modified, name, on_disk(metadata.len())));
            }
        }
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, name, bytes)| (name, bytes)).collect())
    }

    fn path(&self, name: &RenditionName) -> PathBuf {
        self.folder.join(name.to_string())
    }
}

fn on_disk(bytes: u64) -> u64 {
    bytes.next_multiple_of(BLOCK_BYTES)
}

/// Magic, width, height, format, four bytes for later, length, and a checksum of these, the name and the picture.
fn file_header(name: &RenditionName, rendition: &Rendition) -> Option<[u8; HEADER_BYTES]> {
    let format = FORMAT_CODES.iter().position(|format| format.content_type() == rendition.content_type)?;
    let length = (rendition.bytes.len() as u64).to_le_bytes();
    let numbers = [rendition.width, rendition.height, u32::try_from(format).ok()?, 0].map(u32::to_le_bytes);
    let facts = [FILE_MAGIC.as_slice(), numbers.as_flattened(), &length].concat();
    let mut hasher = Xxh3::new();
    for part in [&facts, name.bytes(), &rendition.bytes] {
        hasher.update(part);
    }
    [facts.as_slice(), &hasher.digest().to_le_bytes()].concat().try_into().ok()
}
