//! The archive as a sequence of members, decrypted and decompressed: AES, gzip, tar. What was read from a database has the same form.

mod decryption;
mod expansion;
mod lines;
mod path;
mod shared_file;

pub(crate) use lines::{MAX_LINE_BYTES, visit_lines};
pub(crate) use path::MemberKind;

use crate::error::ImportError;
use crate::source::ImportSource;
use crate::uploads::Uploads;
use decryption::{ArchiveKey, DecryptingReader};
use expansion::{CountingReader, ExpansionGuard};
use flate2::read::MultiGzDecoder;
use shared_file::SharedFile;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tar::EntryType;

/// Bytes by which the form of an archive is detected: a header of tar.
const HEAD_BYTES: u64 = 512;
const READ_BUFFER_BYTES: usize = 64 << 10;
/// Largest number of members of an archive that is read.
const MAX_MEMBERS: usize = 4_000_000;
/// Largest extension header of a member, which has its path, in bytes.
const MAX_HEADER_BYTES: u64 = 16 << 10;

/// Opens the archive's file at its beginning.
pub type OpenArchive = dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync;

/// The content of a Strapi project: an archive of `strapi export` (tar, perhaps compressed, perhaps encrypted), or what was read from a database.
/// Cloning is cheap.
#[derive(Clone)]
pub struct Archive {
    source: Arc<OpenArchive>,
    key: Option<ArchiveKey>,
    /// Parts that a file written by this program does not have in it; `None` for an archive of `strapi export`.
    beside: Option<Arc<PartsBeside>>,
}

struct PartsBeside {
    source: ImportSource,
    assets: AssetSource,
    /// True if the content was of Strapi 4, and has the form of Strapi 5 now.
    is_upgraded: bool,
    /// Differences that were found while the source was read: places and messages.
    notes: Vec<(String, String)>,
}

/// The place that has the bytes of the media library.
enum AssetSource {
    Uploads(Uploads),
    Archive(Box<Archive>),
}

/// A member while it is read.
pub(crate) struct Member<'a> {
    pub(crate) path: &'a str,
    pub(crate) kind: MemberKind<'a>,
    pub(crate) source: ImportSource,
    pub(crate) body: &'a mut dyn Read,
}

impl Member<'_> {
    /// Reads the whole member; fails if it is larger than `limit` bytes.
    pub(crate) fn read_bytes(self, limit: u64) -> Result<Vec<u8>, ImportError> {
        let mut bytes = Vec::new();
        let read = self.body.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|e| ImportError::in_member(self.path, e))?;
        if bytes.len() as u64 > limit {
            return Err(ImportError::in_member(
                self.path,
                format_args!("it is larger than {limit} bytes: this is not an archive of `strapi export`"),
            ));
        }
        Ok(bytes)
    }
}

enum ArchiveForm {
    Gzip,
    Tar,
}

impl ArchiveForm {
    fn detect(head: &[u8]) -> Option<Self> {
        if head.starts_with(&[0x1f, 0x8b, 8]) {
            Some(Self::Gzip)
        } else if head.get(257..262) == Some(b"ustar") {
            Some(Self::Tar)
        } else {
            None
        }
    }
}

impl Archive {
    /// Creates an archive of a file; `passphrase` is the key that it was encrypted with (`strapi export --key`). Fails if no AES key can be derived
    /// from it.
    pub fn new(source: Arc<OpenArchive>, passphrase: Option<&str>) -> Result<Self, ImportError> {
        let key = passphrase.map(ArchiveKey::derive).transpose()?;
        Ok(Self { source, key, beside: None })
    }

    /// Creates an archive of a database: a tar file with everything but the files of its media library.
    pub(crate) fn of_database(file: File, uploads: Uploads, notes: Vec<(String, String)>) -> Self {
        let source = ImportSource::Database;
        Self::of_parts(file, PartsBeside { source, assets: AssetSource::Uploads(uploads), is_upgraded: false, notes })
    }

    /// Creates an archive of one of Strapi 4: a tar file with its content in the form of Strapi 5. The files of the media library are still in
    /// `original`.
    pub(crate) fn of_upgraded(file: File, original: &Self, notes: Vec<(String, String)>) -> Self {
        let (source, notes) = (original.source(), [original.notes(), &notes[..]].concat());
        let assets = AssetSource::Archive(Box::new(original.clone()));
        Self::of_parts(file, PartsBeside { source, assets, is_upgraded: true, notes })
    }

    fn of_parts(file: File, beside: PartsBeside) -> Self {
        let file = SharedFile::new(file);
        let source = move || Ok(Box::new(file.reader()) as Box<dyn Read + Send>);
        Self { source: Arc::new(source), key: None, beside: Some(Arc::new(beside)) }
    }

    /// The source of the content.
    pub fn source(&self) -> ImportSource {
        self.beside.as_ref().map_or(ImportSource::Archive, |beside| beside.source)
    }

    /// True if the content was of Strapi 4, and has the form of Strapi 5 now.
    pub(crate) fn is_upgraded(&self) -> bool {
        self.beside.as_ref().is_some_and(|beside| beside.is_upgraded)
    }

    /// Differences that were found while the source was read: places and messages.
    pub(crate) fn notes(&self) -> &[(String, String)] {
        self.beside.as_ref().map_or(&[][..], |beside| &beside.notes)
    }

    /// Calls `visit` with every member, in order, and skips what it leaves unread. Reads the file to its end, so that damage anywhere is found.
    pub(crate) fn walk(&self, visit: &mut dyn FnMut(Member<'_>) -> Result<(), ImportError>) -> Result<(), ImportError> {
        self.walk_file(visit)?;
        self.beside.as_ref().map_or(Ok(()), |beside| beside.assets.walk(visit))
    }

    /// Calls `visit` with the files of the media library alone.
    fn walk_assets(&self, visit: &mut dyn FnMut(Member<'_>) -> Result<(), ImportError>) -> Result<(), ImportError> {
        match &self.beside {
            Some(beside) => beside.assets.walk(visit),
            None => self.walk_file(&mut |member| match member.kind {
                MemberKind::Asset(_) => visit(member),
                _ => Ok(()),
            }),
        }
    }

    fn walk_file(&self, visit: &mut dyn FnMut(Member<'_>) -> Result<(), ImportError>) -> Result<(), ImportError> {
        let mut archive = tar::Archive::new(self.open_tar()?);
        let mut last_member = String::new();
        visit_members(&mut archive, &mut last_member, visit)?;
        // The checksum of gzip and the padding of the encryption are behind the last member.
        let mut rest = archive.into_inner();
        io::copy(&mut rest, &mut io::sink()).map_err(|e| damaged_after(&last_member, e))?;
        Ok(())
    }

    fn open_tar(&self) -> Result<Box<dyn Read + Send>, ImportError> {
        let bytes_read = Arc::new(AtomicU64::new(0));
        let file = CountingReader { inner: (self.source)()?, bytes_read: bytes_read.clone() };
        let (mut head, mut reader) = peek(Box::new(file))?;
        if head.is_empty() {
            return Err(ImportError::Archive("the archive is empty: export it again".into()));
        }
        let form = match (ArchiveForm::detect(&head), &self.key) {
            (Some(form), _) => form,
            (None, None) => {
                return Err(ImportError::Archive(
                    "this is not an archive of `strapi export`: it is neither tar nor gzip. If it is encrypted (its name ends in .enc), give its key with --key".into(),
                ));
            }
            (None, Some(key)) => {
                (head, reader) = peek(Box::new(DecryptingReader::new(reader, key)))?;
                ArchiveForm::detect(&head).ok_or_else(|| {
                    ImportError::Archive(
                        "the key is wrong, or this is not an archive of `strapi export`: check --key".into(),
                    )
                })?
            }
        };
        Ok(match form {
            ArchiveForm::Tar => reader,
            ArchiveForm::Gzip => {
                let plain = MultiGzDecoder::new(BufReader::with_capacity(READ_BUFFER_BYTES, reader));
                Box::new(ExpansionGuard::new(plain, bytes_read))
            }
        })
    }
}

impl AssetSource {
    fn walk(&self, visit: &mut dyn FnMut(Member<'_>) -> Result<(), ImportError>) -> Result<(), ImportError> {
        match self {
            Self::Uploads(uploads) => uploads.visit(visit),
            Self::Archive(archive) => archive.walk_assets(visit),
        }
    }
}

/// Returns the first bytes of a stream, and the stream from its beginning.
fn peek(mut reader: Box<dyn Read + Send>) -> Result<(Vec<u8>, Box<dyn Read + Send>), ImportError> {
    let mut head = Vec::new();
    (&mut reader).take(HEAD_BYTES).read_to_end(&mut head)?;
    let whole = Box::new(Cursor::new(head.clone()).chain(reader));
    Ok((head, whole))
}

fn visit_members(
    archive: &mut tar::Archive<Box<dyn Read + Send>>,
    last_member: &mut String,
    visit: &mut dyn FnMut(Member<'_>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let (mut count, mut long_path) = (0, None);
    for entry in archive.entries().map_err(|e| damaged_after(last_member, e))?.raw(true) {
        let mut entry = entry.map_err(|e| damaged_after(last_member, e))?;
        let size = entry.header().entry_size().map_err(|e| damaged_after(last_member, e))?;
        let kind = entry.header().entry_type();
        if matches!(kind, EntryType::GNULongName | EntryType::XHeader) {
            if size > MAX_HEADER_BYTES {
                return Err(damaged_after(last_member, format_args!("a header of {size} bytes is too large")));
            }
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(|e| damaged_after(last_member, e))?;
            let path = if kind == EntryType::XHeader {
                read_extended_path(&bytes)
            } else {
                bytes.strip_suffix(b"\0").map(<[u8]>::to_vec)
            };
            long_path = path.or(long_path);
            continue;
        }
        let bytes = long_path.take().unwrap_or_else(|| entry.path_bytes().into_owned());
        let path = String::from_utf8_lossy(&bytes).into_owned();
        count += 1;
        if count > MAX_MEMBERS {
            return Err(ImportError::Archive(format!("the archive has more than {MAX_MEMBERS} members")));
        }
        if matches!(kind, EntryType::Directory | EntryType::XGlobalHeader) {
            continue;
        }
        let member_kind = MemberKind::from_path(&path).filter(|_| kind == EntryType::Regular);
        let Some(member_kind) = member_kind else {
            let text: String = path.chars().take(100).collect();
            return Err(ImportError::Archive(format!(
                "{text:?} ({kind:?}) does not belong in an archive of `strapi export`: export it again"
            )));
        };
        visit(Member { path: &path, kind: member_kind, source: ImportSource::Archive, body: &mut entry })?;
        // Damage in what was left unread is found as well.
        io::copy(&mut entry, &mut io::sink()).map_err(|e| ImportError::in_member(&path, e))?;
        *last_member = path;
    }
    Ok(())
}

fn read_extended_path(bytes: &[u8]) -> Option<Vec<u8>> {
    let extensions = tar::PaxExtensions::new(bytes).flatten();
    extensions.filter(|e| e.key_bytes() == b"path").map(|e| e.value_bytes().to_vec()).last()
}

fn damaged_after(last_member: &str, why: impl std::fmt::Display) -> ImportError {
    ImportError::Archive(match last_member {
        "" => format!("this is not an archive of `strapi export`, or its beginning is damaged: {why}"),
        last_member => {
            format!("the archive is incomplete or damaged after {last_member}: {why}. Copy or export it again")
        }
    })
}

#[cfg(test)]
mod tests;
