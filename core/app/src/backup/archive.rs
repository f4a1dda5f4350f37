//! Members of a backup, written and read one after the other.

use super::{
    BackupMember, FILES_PREFIX, MANIFEST_PATH, MAX_MEMBER_BYTES, MAX_MEMBERS, MODEL_PATH, TABLES_PREFIX,
    checksum_trailer, hex_string,
};
use cairn_assets::BlobKey;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use tar::{Archive, EntryType};

/// Bytes copied at a time.
const COPY_CHUNK_BYTES: usize = 64 << 10;
/// Longest path of a member, in bytes.
const MAX_MEMBER_PATH_BYTES: u64 = 300;

/// Hashes what goes through.
struct HashingStream<T> {
    inner: T,
    hash: Sha256,
}

impl<W: Write> Write for HashingStream<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hash.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for HashingStream<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(bytes)?;
        self.hash.update(&bytes[..n]);
        Ok(n)
    }
}

/// Writes a backup.
pub(super) struct ArchiveWriter<W: Write> {
    gz: GzEncoder<HashingStream<W>>,
    members: Vec<BackupMember>,
}

impl<W: Write> ArchiveWriter<W> {
    pub(super) fn new(out: W) -> Self {
        let out = HashingStream { inner: out, hash: Sha256::new() };
        // Most of it is text, which even little work makes small, or pictures, which no work does.
        let gz = GzBuilder::new().write(out, Compression::new(3));
        Self { gz, members: Vec::new() }
    }

    /// Adds a member.
    pub(super) fn add_member(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.add_from(path, bytes.len() as u64, bytes)
    }

    /// Adds a member of that size from a stream, which must have that many bytes.
    pub(super) fn add_from(&mut self, path: &str, size: u64, from: impl Read) -> io::Result<()> {
        if path.len() > 100 {
            // GNU tar stores a long path in a member of its own before the file.
            self.write_header("././@LongLink", path.len() as u64 + 1, Some(EntryType::GNULongName))?;
            self.gz.write_all(path.as_bytes())?;
            self.gz.write_all(&[0])?;
            self.write_padding(path.len() as u64 + 1)?;
        }
        self.write_header(path.get(..100).unwrap_or(path), size, None)?;
        let mut from = HashingStream { inner: from.take(size), hash: Sha256::new() };
        let copied = io::copy(&mut from, &mut self.gz)?;
        if copied != size {
            return Err(io::Error::other(format!("{path} became shorter while it was being read")));
        }
        self.write_padding(size)?;
        self.members.push(BackupMember { path: path.to_owned(), size, sha256: hex_string(&from.hash.finalize()) });
        Ok(())
    }

    fn write_header(&mut self, path: &str, size: u64, kind: Option<EntryType>) -> io::Result<()> {
        let mut header = checksum_trailer::tar_header(path, size);
        if let Some(kind) = kind {
            header.set_entry_type(kind);
            header.set_cksum();
        }
        self.gz.write_all(header.as_bytes())
    }

    fn write_padding(&mut self, size: u64) -> io::Result<()> {
        let rest = (512 - size % 512) % 512;
        self.gz.write_all(&[0; 512][..rest as usize])
    }

    /// The members so far.
    pub(super) fn members(&self) -> &[BackupMember] {
        &self.members
    }

    /// Ends the backup; answers what was written into.
    pub(super) fn finish(self) -> io::Result<W> {
        let mut out = self.gz.finish()?;
        out.inner.write_all(&checksum_trailer::encode_trailer(&out.hash))?;
        out.inner.flush()?;
        Ok(out.inner)
    }
}

/// Why a backup cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A member, or what is around it, is not as it was written.
    #[error("{0}")]
    Damaged(String),
    /// The work on a member failed.
    #[error("{0}")]
    Stopped(String),
}

/// A member while it is read.
pub(super) struct OpenMember<'a> {
    pub(super) path: &'a str,
    pub(super) size: u64,
    from: &'a mut dyn Read,
}

impl OpenMember<'_> {
    /// All of it. Never more than [`MAX_MEMBER_BYTES`] bytes.
    pub(super) fn read_bytes(self) -> Result<Vec<u8>, BackupError> {
        if self.size > MAX_MEMBER_BYTES {
            return Err(damaged_error(
                self.path,
                format_args!("its declared size is {} bytes, which is too large", self.size),
            ));
        }
        let mut bytes = Vec::with_capacity((self.size as usize).min(INITIAL_BUFFER_BYTES));
        self.copy_to(&mut bytes)?;
        Ok(bytes)
    }

    /// Copies it; answers its SHA-256.
    pub(super) fn copy_to(self, out: &mut impl Write) -> Result<String, BackupError> {
        let mut hash = Sha256::new();
        let mut chunk = vec![0; COPY_CHUNK_BYTES];
        loop {
            let n = self.from.read(&mut chunk).map_err(|e| damaged_error(self.path, e))?;
            if n == 0 {
                return Ok(hex_string(&hash.finalize()));
            }
            hash.update(&chunk[..n]);
            out.write_all(&chunk[..n]).map_err(|e| BackupError::Stopped(format!("{}: {e}", self.path)))?;
        }
    }
}

const INITIAL_BUFFER_BYTES: usize = 2 * super::TABLE_PART_BYTES;

pub(super) fn damaged_error(path: &str, why: impl std::fmt::Display) -> BackupError {
    BackupError::Damaged(format!("{path} is damaged: {why}"))
}

/// Decision of a visitor on how a walk goes on.
pub(super) enum WalkControl {
    Continue,
    /// The rest is of no interest.
    Stop,
}

/// Calls `visit` with every member of a backup, in order. What a member leaves unread is skipped. Memory does not grow
/// with what the archive says of itself. At its end the whole file is known to be as it was written.
pub(super) fn walk_members(
    file: &File,
    mut visit: impl FnMut(OpenMember<'_>) -> Result<WalkControl, BackupError>,
) -> Result<(), BackupError> {
    let unreadable = |e: io::Error| BackupError::Stopped(format!("the backup cannot be read: {e}"));
    let mut file = file;
    let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let Some(body) = length.checked_sub(checksum_trailer::TRAILER_BYTES as u64).filter(|body| *body > 0) else {
        return Err(BackupError::Damaged("this is not a Cairn backup, or it is incomplete".into()));
    };
    let mut end = Vec::with_capacity(checksum_trailer::TRAILER_BYTES);
    file.seek(SeekFrom::Start(body)).map_err(unreadable)?;
    file.take(checksum_trailer::TRAILER_BYTES as u64).read_to_end(&mut end).map_err(unreadable)?;
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let hashed = HashingStream { inner: file.take(body), hash: Sha256::new() };
    let mut archive = Archive::new(GzDecoder::new(BufReader::with_capacity(COPY_CHUNK_BYTES, hashed)));
    let mut last_member = String::new();
    if let WalkControl::Stop = visit_members(&mut archive, &mut last_member, &mut visit)? {
        return Ok(());
    }
    let mut gz = archive.into_inner();
    // gzip's own sum is looked at when its stream has been read to the end.
    let mut rest = [0; 1];
    let has_extra_data = gz.read(&mut rest).map_err(|e| damaged_after(&last_member, e))? > 0;
    let mut raw = gz.into_inner();
    if has_extra_data || !raw.fill_buf().map_err(unreadable)?.is_empty() {
        return Err(damaged_after(&last_member, "there is extra data at the end"));
    }
    if checksum_trailer::encode_trailer(&raw.into_inner().hash) != end {
        return Err(BackupError::Damaged(
            "every member is intact, but the archive around them is not: the file was changed after it was written"
                .into(),
        ));
    }
    Ok(())
}

fn visit_members(
    archive: &mut Archive<impl Read>,
    last_member: &mut String,
    visit: &mut impl FnMut(OpenMember<'_>) -> Result<WalkControl, BackupError>,
) -> Result<WalkControl, BackupError> {
    let (mut member_count, mut long) = (0, None);
    for entry in archive.entries().map_err(|e| damaged_after(last_member, e))?.raw(true) {
        let mut entry = entry.map_err(|e| damaged_after(last_member, e))?;
        let size = entry.header().entry_size().map_err(|e| damaged_after(last_member, e))?;
        let kind = entry.header().entry_type();
        if kind == EntryType::GNULongName && size <= MAX_MEMBER_PATH_BYTES && long.is_none() {
            let mut name = Vec::new();
            entry.read_to_end(&mut name).map_err(|e| damaged_after(last_member, e))?;
            name.pop();
            long = Some(name);
            continue;
        }
        let name = long.take().unwrap_or_else(|| entry.path_bytes().into_owned());
        let path = String::from_utf8_lossy(&name).into_owned();
        if kind != EntryType::Regular || !is_member_path(&path) {
            let text: String = path.chars().take(100).collect();
            return Err(BackupError::Damaged(format!(
                "{text:?} ({kind:?}) does not belong in a backup: nothing was restored"
            )));
        }
        member_count += 1;
        if member_count > MAX_MEMBERS {
            return Err(BackupError::Damaged(format!("the backup has more than {MAX_MEMBERS} members")));
        }
        *last_member = path;
        if let WalkControl::Stop = visit(OpenMember { path: last_member, size, from: &mut entry })? {
            return Ok(WalkControl::Stop);
        }
        // The part of the member that was not read must be readable too.
        io::copy(&mut entry, &mut io::sink()).map_err(|e| damaged_error(last_member, e))?;
    }
    Ok(WalkControl::Continue)
}

fn damaged_after(last_member: &str, why: impl std::fmt::Display) -> BackupError {
    match last_member {
        "" => BackupError::Damaged(format!("this is not a Cairn backup, or its beginning is damaged: {why}")),
        last_member => BackupError::Damaged(format!("the backup is damaged after {last_member}: {why}")),
    }
}

/// True if a member of that path may be in a backup at all. No such path leads out of a folder.
fn is_member_path(path: &str) -> bool {
    if let Some(name) = path.strip_prefix(FILES_PREFIX) {
        return BlobKey::parse(name).is_ok();
    }
    if let Some(rest) = path.strip_prefix(TABLES_PREFIX) {
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let name = rest.split_once('/').and_then(|(folder, file)| Some((folder, file.strip_suffix(".jsonl")?)));
        return name.is_some_and(|(folder, file)| plain(folder) && plain(file) && !file.is_empty());
    }
    path == MODEL_PATH || path == MANIFEST_PATH
}
