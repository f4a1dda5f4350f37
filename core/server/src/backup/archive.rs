//! Members of a backup, written and read one after the other.

use super::{FILES, LARGEST, MANIFEST, MEMBERS, MODEL, Member, TABLES, hex, seal};
use cairn_assets::Key;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use tar::{Archive, EntryType};

/// Bytes copied at a time.
const CHUNK: usize = 64 << 10;
/// Longest path of a member, in bytes.
const LONGEST: u64 = 300;

/// Hashes what goes through.
struct Hashed<T> {
    inner: T,
    hash: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hash.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(bytes)?;
        self.hash.update(&bytes[..n]);
        Ok(n)
    }
}

/// Writes a backup.
pub(super) struct Writer<W: Write> {
    gz: GzEncoder<Hashed<W>>,
    members: Vec<Member>,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W) -> Self {
        let out = Hashed { inner: out, hash: Sha256::new() };
        // Most of it is text, which even little work makes small, or pictures, which no work does.
        let gz = GzBuilder::new().write(out, Compression::new(3));
        Self { gz, members: Vec::new() }
    }

    /// Adds a member.
    pub(super) fn add(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.add_from(path, bytes.len() as u64, bytes)
    }

    /// Adds a member of that size from a stream, which must have that many bytes.
    pub(super) fn add_from(&mut self, path: &str, size: u64, from: impl Read) -> io::Result<()> {
        if path.len() > 100 {
            // As GNU tar does: the path in a member of its own before.
            self.block("././@LongLink", path.len() as u64 + 1, Some(EntryType::GNULongName))?;
            self.gz.write_all(path.as_bytes())?;
            self.gz.write_all(&[0])?;
            self.pad(path.len() as u64 + 1)?;
        }
        self.block(path.get(..100).unwrap_or(path), size, None)?;
        let mut from = Hashed { inner: from.take(size), hash: Sha256::new() };
        let copied = io::copy(&mut from, &mut self.gz)?;
        if copied != size {
            return Err(io::Error::other(format!("{path} became shorter while it was being read")));
        }
        self.pad(size)?;
        self.members.push(Member { path: path.to_owned(), size, sha256: hex(&from.hash.finalize()) });
        Ok(())
    }

    fn block(&mut self, path: &str, size: u64, kind: Option<EntryType>) -> io::Result<()> {
        let mut header = seal::header(path, size);
        if let Some(kind) = kind {
            header.set_entry_type(kind);
            header.set_cksum();
        }
        self.gz.write_all(header.as_bytes())
    }

    fn pad(&mut self, size: u64) -> io::Result<()> {
        let rest = (512 - size % 512) % 512;
        self.gz.write_all(&[0; 512][..rest as usize])
    }

    /// The members so far.
    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Ends the backup; answers what was written into.
    pub(super) fn finish(self) -> io::Result<W> {
        let mut out = self.gz.finish()?;
        out.inner.write_all(&seal::of(&out.hash))?;
        out.inner.flush()?;
        Ok(out.inner)
    }
}

/// Why a backup cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    /// A member, or what is around it, is not as it was written.
    #[error("{0}")]
    Damaged(String),
    /// What was done with a member went wrong.
    #[error("{0}")]
    Stopped(String),
}

/// A member while it is read.
pub(super) struct Open<'a> {
    pub(super) path: &'a str,
    pub(super) size: u64,
    from: &'a mut dyn Read,
}

impl Open<'_> {
    /// All of it. Never more than [`LARGEST`] bytes.
    pub(super) fn bytes(self) -> Result<Vec<u8>, Unusable> {
        if self.size > LARGEST {
            return Err(damaged(
                self.path,
                format_args!("its declared size is {} bytes, which is too large", self.size),
            ));
        }
        let mut bytes = Vec::with_capacity((self.size as usize).min(PART_GUESS));
        self.copy(&mut bytes)?;
        Ok(bytes)
    }

    /// Copies it; answers its SHA-256.
    pub(super) fn copy(self, out: &mut impl Write) -> Result<String, Unusable> {
        let mut hash = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            let n = self.from.read(&mut chunk).map_err(|e| damaged(self.path, e))?;
            if n == 0 {
                return Ok(hex(&hash.finalize()));
            }
            hash.update(&chunk[..n]);
            out.write_all(&chunk[..n]).map_err(|e| Unusable::Stopped(format!("{}: {e}", self.path)))?;
        }
    }
}

const PART_GUESS: usize = 2 * super::PART;

pub(super) fn damaged(path: &str, why: impl std::fmt::Display) -> Unusable {
    Unusable::Damaged(format!("{path} is damaged: {why}"))
}

/// What a walk goes on to do.
pub(super) enum Go {
    On,
    /// The rest is of no interest.
    Stop,
}

/// Calls `visit` with every member of a backup, in order. What a member leaves unread is skipped. Memory does not grow
/// with what the archive says of itself. At its end the whole file is known to be as it was written.
pub(super) fn walk(file: &File, mut visit: impl FnMut(Open<'_>) -> Result<Go, Unusable>) -> Result<(), Unusable> {
    let unreadable = |e: io::Error| Unusable::Stopped(format!("the backup cannot be read: {e}"));
    let mut file = file;
    let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let Some(body) = length.checked_sub(seal::LENGTH as u64).filter(|body| *body > 0) else {
        return Err(Unusable::Damaged("this is not a Cairn backup, or it is incomplete".into()));
    };
    let mut end = Vec::with_capacity(seal::LENGTH);
    file.seek(SeekFrom::Start(body)).map_err(unreadable)?;
    file.take(seal::LENGTH as u64).read_to_end(&mut end).map_err(unreadable)?;
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let hashed = Hashed { inner: file.take(body), hash: Sha256::new() };
    let mut archive = Archive::new(GzDecoder::new(BufReader::with_capacity(CHUNK, hashed)));
    let mut last = String::new();
    if let Go::Stop = members(&mut archive, &mut last, &mut visit)? {
        return Ok(());
    }
    let mut gz = archive.into_inner();
    // gzip's own sum is looked at when its stream has been read to the end.
    let mut rest = [0; 1];
    let more = gz.read(&mut rest).map_err(|e| after(&last, e))? > 0;
    let mut raw = gz.into_inner();
    if more || !raw.fill_buf().map_err(unreadable)?.is_empty() {
        return Err(after(&last, "there is extra data at the end"));
    }
    if seal::of(&raw.into_inner().hash) != end {
        return Err(Unusable::Damaged(
            "every member is intact, but the archive around them is not: the file was changed after it was written"
                .into(),
        ));
    }
    Ok(())
}

fn members(
    archive: &mut Archive<impl Read>,
    last: &mut String,
    visit: &mut impl FnMut(Open<'_>) -> Result<Go, Unusable>,
) -> Result<Go, Unusable> {
    let (mut seen, mut long) = (0, None);
    for entry in archive.entries().map_err(|e| after(last, e))?.raw(true) {
        let mut entry = entry.map_err(|e| after(last, e))?;
        let size = entry.header().entry_size().map_err(|e| after(last, e))?;
        let kind = entry.header().entry_type();
        if kind == EntryType::GNULongName && size <= LONGEST && long.is_none() {
            let mut name = Vec::new();
            entry.read_to_end(&mut name).map_err(|e| after(last, e))?;
            name.pop();
            long = Some(name);
            continue;
        }
        let name = long.take().unwrap_or_else(|| entry.path_bytes().into_owned());
        let path = String::from_utf8_lossy(&name).into_owned();
        if kind != EntryType::Regular || !belongs(&path) {
            let shown: String = path.chars().take(100).collect();
            return Err(Unusable::Damaged(format!(
                "{shown:?} ({kind:?}) does not belong in a backup: nothing was restored"
            )));
        }
        seen += 1;
        if seen > MEMBERS {
            return Err(Unusable::Damaged(format!("the backup has more than {MEMBERS} members")));
        }
        *last = path;
        if let Go::Stop = visit(Open { path: last, size, from: &mut entry })? {
            return Ok(Go::Stop);
        }
        // What is left of it must be readable as well.
        io::copy(&mut entry, &mut io::sink()).map_err(|e| damaged(last, e))?;
    }
    Ok(Go::On)
}

fn after(last: &str, why: impl std::fmt::Display) -> Unusable {
    match last {
        "" => Unusable::Damaged(format!("this is not a Cairn backup, or its beginning is damaged: {why}")),
        last => Unusable::Damaged(format!("the backup is damaged after {last}: {why}")),
    }
}

/// Whether a member of that path may be in a backup at all. No such path leads out of a folder.
fn belongs(path: &str) -> bool {
    if let Some(name) = path.strip_prefix(FILES) {
        return Key::parse(name).is_ok();
    }
    if let Some(rest) = path.strip_prefix(TABLES) {
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let name = rest.split_once('/').and_then(|(folder, file)| Some((folder, file.strip_suffix(".jsonl")?)));
        return name.is_some_and(|(folder, file)| plain(folder) && plain(file) && !file.is_empty());
    }
    path == MODEL || path == MANIFEST
}
