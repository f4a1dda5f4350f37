//! Blobs that Cairn encrypts itself, in whatever store: AES-256-GCM, in chunks, so that a range needs only its own.
//!
//! A blob is a header of 72 bytes and its chunks, each of 64 KiB of content (the last of less) and a tag of 16 bytes; an
//! empty blob has one empty chunk. The header: `CRNE`, version 1, the length of the key's id, the id filled up with
//! zeros to 26 bytes, 32 random bytes, the length of the content as 8 bytes, big-endian.
//!
//! The chunks have a key of their own, HMAC-SHA-256 of a label, the header and the blob's name under the configured key:
//! who changes the header or gives a blob another's name changes the key, and nothing can be read. Under that key the
//! chunks are a STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015; the crate `aead`): number and whether it is the last
//! are authenticated with each.

use crate::{AssetError, Blob, BlobKey, BlobSource, BlobStore, ByteRange, ListedBlob};
use aes_gcm::aead::generic_array::GenericArray;
use aes_gcm::aead::stream::{NewStream, StreamBE32, StreamPrimitive};
use aes_gcm::{Aes256Gcm, KeyInit};
use base64::prelude::{BASE64_STANDARD, Engine};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::PathBuf;

const FILE_MAGIC: &[u8; 4] = b"CRNE";
const FORMAT_VERSION: u8 = 1;
const MAX_ID_BYTES: usize = 26;
const SALT_BYTES: usize = 32;
const HEADER_BYTES: usize = 4 + 1 + 1 + MAX_ID_BYTES + SALT_BYTES + 8;
const CHUNK_BYTES: usize = 64 * 1024;
const TAG_BYTES: usize = 16;
/// Tells this use of a key from every other.
const KEY_LABEL: &[u8] = b"cairn blob, version 1\0";

/// Keys by their ids: the first encrypts, all decrypt.
#[derive(Clone)]
pub struct EncryptionKeys(Vec<(String, [u8; 32])>);

/// Without the keys.
impl fmt::Debug for EncryptionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(id, _)| id)).finish()
    }
}

impl EncryptionKeys {
    /// Of `<id>:<base64 of 32 bytes>` each.
    ///
    /// # Errors
    /// A sentence with the place of the one that is wrong, counted from 0, without what stands there.
    pub fn parse(texts: &[String]) -> Result<EncryptionKeys, String> {
        let mut keys: Vec<(String, [u8; 32])> = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            let key_error = |why: &str| format!("keys[{at}]: {why}");
            let (id, key) = text.split_once(':').ok_or_else(|| key_error("expected <id>:<base64 of 32 bytes>"))?;
            let flat = id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
            if id.is_empty() || id.len() > MAX_ID_BYTES || !flat {
                return Err(key_error("an id must be 1 to 26 characters: a-z, 0-9, - and _"));
            }
            if keys.iter().any(|(other, _)| other == id) {
                return Err(key_error("another key already has this id"));
            }
            let key = BASE64_STANDARD.decode(key).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            keys.push((id.to_owned(), key.ok_or_else(|| key_error("the key must be 32 bytes in base64"))?));
        }
        if keys.is_empty() {
            return Err("keys: at least one is required".into());
        }
        Ok(EncryptionKeys(keys))
    }

    fn current_key(&self) -> &(String, [u8; 32]) {
        &self.0[0]
    }
}

/// A store in which nobody without a key can read or change anything unnoticed. Names, sizes and times are seen.
pub struct EncryptedStore<S> {
    store: S,
    keys: EncryptionKeys,
    scratch: PathBuf,
}

impl<S: BlobStore> EncryptedStore<S> {
    /// Encrypts what is written to `store`. Files are encrypted into the folder `scratch` on their way.
    pub fn new(store: S, keys: EncryptionKeys, scratch: PathBuf) -> EncryptedStore<S> {
        EncryptedStore { store, keys, scratch }
    }

    /// True if a blob is to be written again: `Some(true)` where it is encrypted, but not with the first key; `Some(false)` where it is
    /// not encrypted. `None`: it need not be, or there is none. What a blob says of its key is not authenticated. Returns the same errors
    /// as [`BlobStore::open`].
    pub fn rotation_state(&self, key: &BlobKey) -> Result<Option<bool>, AssetError> {
        let Some(mut blob) = self.store.open(key, Some(ByteRange { start: 0, end: HEADER_BYTES as u64 - 1 }))? else {
            return Ok(None);
        };
        let mut start = Vec::new();
        blob.body.read_to_end(&mut start).map_err(AssetError::io("read a file"))?;
        let header = <[u8; HEADER_BYTES]>::try_from(start).ok().map(BlobHeader);
        Ok(match header.as_ref().and_then(BlobHeader::key_id) {
            None => Some(false),
            Some(id) => (id != self.keys.current_key().0.as_bytes()).then_some(true),
        })
    }

    /// Reads a header and gets ready to decrypt what it heads. `stored`: bytes in the store.
    fn begin_decryption(
        &self,
        key: &BlobKey,
        stored: u64,
        body: &mut dyn Read,
    ) -> io::Result<(BlobHeader, ChunkCipher)> {
        let mut header = [0; HEADER_BYTES];
        if stored < (HEADER_BYTES + TAG_BYTES) as u64 {
            return Err(decryption_error("it is not encrypted, or is truncated"));
        }
        body.read_exact(&mut header)?;
        let header = BlobHeader(header);
        let Some(id) = header.key_id() else {
            return Err(decryption_error("it is not encrypted, or was encrypted by a newer version of Cairn"));
        };
        let Some((_, secret)) = self.keys.0.iter().find(|(known, _)| known.as_bytes() == id) else {
            let id = String::from_utf8_lossy(id);
            return Err(decryption_error(&format!("it is encrypted with the key {id:?}, which is not configured")));
        };
        if stored_length(header.content_length()) != Some(stored) {
            return Err(decryption_error("it is truncated or has extra bytes"));
        }
        Ok((header, chunk_cipher(secret, &header, key)?))
    }
}

impl<S: BlobStore> BlobStore for EncryptedStore<S> {
    fn put(&self, key: &BlobKey, source: BlobSource<'_>) -> Result<(), AssetError> {
        let failed = AssetError::io("encrypt a file");
        match source {
            BlobSource::Bytes(bytes) => {
                let length = bytes.len() as u64;
                let mut out = Vec::with_capacity(bytes.len() + HEADER_BYTES + TAG_BYTES);
                encrypt_blob(&self.keys, key, bytes, length, &mut out).map_err(failed)?;
                self.store.put(key, BlobSource::Bytes(&out))
            }
            BlobSource::File(path) => {
                let encrypted = || -> io::Result<_> {
                    let file = File::open(path)?;
                    let length = file.metadata()?.len();
                    let out = tempfile::Builder::new().prefix(".encrypting-").tempfile_in(&self.scratch)?;
                    let mut writer = BufWriter::new(out.as_file());
                    encrypt_blob(&self.keys, key, file, length, &mut writer)?;
                    writer.flush()?;
                    drop(writer);
                    Ok(out)
                };
                let out = encrypted().map_err(failed)?;
                self.store.put(key, BlobSource::File(out.path()))
            }
        }
    }

    fn open(&self, key: &BlobKey, range: Option<ByteRange>) -> Result<Option<Blob>, AssetError> {
        let failed = "open a file";
        let chunk = |byte: u64| byte / CHUNK_BYTES as u64;
        let place =
            |chunk: u64| (HEADER_BYTES as u64).saturating_add(chunk.saturating_mul((CHUNK_BYTES + TAG_BYTES) as u64));
        let first = range.map_or(0, |range| chunk(range.start));
        // A range that begins in the first chunk needs one read, which includes the header.
        let start = range.map(|range| ByteRange {
            start: 0,
            end: if first == 0 { place(chunk(range.end) + 1) - 1 } else { HEADER_BYTES as u64 - 1 },
        });
        let Some(mut blob) = self.store.open(key, start)? else { return Ok(None) };
        let decryption = self.begin_decryption(key, blob.length, &mut blob.body);
        let (header, stream) = decryption.map_err(AssetError::io(failed))?;
        let length = header.content_length();
        // The first byte, and the one behind the last.
        let (from, to) = range.map_or((0, length), |range| (range.start, range.end.saturating_add(1).min(length)));
        let modified = blob.modified;
        if from >= to && range.is_some() {
            return Ok(Some(Blob { body: Box::new(io::empty()), length, modified }));
        }
        let last_chunk = chunk(to.saturating_sub(1));
        let body = if first == 0 {
            blob.body
        } else {
            let rest = ByteRange { start: place(first), end: place(last_chunk + 1) - 1 };
            let Some(rest) = self.store.open(key, Some(rest))? else { return Ok(None) };
            rest.body
        };
        let skip = (from - first * CHUNK_BYTES as u64) as usize;
        let chunks = chunk_count(length);
        let (remaining, here) = (to - from, Vec::new());
        let body = DecryptingReader {
            body,
            stream,
            length,
            chunks,
            next: first,
            last: last_chunk,
            skip,
            remaining,
            here,
            given: 0,
        };
        Ok(Some(Blob { body: Box::new(body), length, modified }))
    }

    /// Lengths are what the sizes say, of blobs that are not encrypted as well.
    fn list(&self, after: Option<&BlobKey>, limit: usize) -> Result<Vec<ListedBlob>, AssetError> {
        let mut listed = self.store.list(after, limit)?;
        for blob in &mut listed {
            let rest = blob.length.saturating_sub(HEADER_BYTES as u64);
            blob.length = rest.saturating_sub(rest.div_ceil((CHUNK_BYTES + TAG_BYTES) as u64) * TAG_BYTES as u64);
        }
        Ok(listed)
    }

    fn delete(&self, key: &BlobKey) -> Result<bool, AssetError> {
        self.store.delete(key)
    }

    fn exists(&self, key: &BlobKey) -> Result<bool, AssetError> {
        self.store.exists(key)
    }
}

type ChunkCipher = StreamBE32<Aes256Gcm>;

/// See the top of the file.
#[derive(Clone, Copy)]
struct BlobHeader([u8; HEADER_BYTES]);

impl BlobHeader {
    fn new(id: &str, salt: [u8; SALT_BYTES], length: u64) -> BlobHeader {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(FILE_MAGIC);
        bytes.extend_from_slice(&[FORMAT_VERSION, id.len() as u8]);
        bytes.extend_from_slice(id.as_bytes());
        bytes.resize(HEADER_BYTES - SALT_BYTES - 8, 0);
        bytes.extend_from_slice(&salt);
        bytes.extend_from_slice(&length.to_be_bytes());
        let mut header = [0; HEADER_BYTES];
        header.copy_from_slice(&bytes);
        BlobHeader(header)
    }

    /// The key's id; `None` where this is no header.
    fn key_id(&self) -> Option<&[u8]> {
        let (magic, rest) = self.0.split_at(FILE_MAGIC.len());
        let ids = &rest[2..2 + MAX_ID_BYTES];
        (magic == FILE_MAGIC && rest[0] == FORMAT_VERSION).then(|| ids.get(..usize::from(rest[1]))).flatten()
    }

    /// Of the content.
    fn content_length(&self) -> u64 {
        self.0[HEADER_BYTES - 8..].iter().fold(0, |n, byte| n << 8 | u64::from(*byte))
    }
}

fn chunk_count(length: u64) -> u64 {
    length.div_ceil(CHUNK_BYTES as u64).max(1)
}

/// Bytes in the store of a blob with that much content; `None` where there can be no such blob.
fn stored_length(length: u64) -> Option<u64> {
    u32::try_from(chunk_count(length)).ok()?;
    length.checked_add(HEADER_BYTES as u64)?.checked_add(chunk_count(length) * TAG_BYTES as u64)
}

/// Derives the cipher for the chunks of one blob from the secret, its header and its key.
fn chunk_cipher(secret: &[u8; 32], header: &BlobHeader, key: &BlobKey) -> io::Result<ChunkCipher> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret).map_err(io::Error::other)?;
    mac.update(KEY_LABEL);
    mac.update(&header.0);
    mac.update(key.as_str().as_bytes());
    // Every blob has a key of its own, so every stream may begin alike.
    Ok(ChunkCipher::from_aead(Aes256Gcm::new(&mac.finalize().into_bytes()), &GenericArray::default()))
}

/// Writes a blob.
fn encrypt_blob(
    keys: &EncryptionKeys,
    key: &BlobKey,
    mut from: impl Read,
    length: u64,
    out: &mut impl Write,
) -> io::Result<()> {
    if stored_length(length).is_none() {
        return Err(io::Error::from(ErrorKind::FileTooLarge));
    }
    let (id, secret) = keys.current_key();
    let header = BlobHeader::new(id, rand::random(), length);
    let stream = chunk_cipher(secret, &header, key)?;
    out.write_all(&header.0)?;
    let (mut left, chunks) = (length, chunk_count(length));
    let mut chunk = Vec::with_capacity(CHUNK_BYTES + TAG_BYTES);
    for number in 0..chunks {
        chunk.resize(left.min(CHUNK_BYTES as u64) as usize, 0);
        from.read_exact(&mut chunk)?;
        left -= chunk.len() as u64;
        let sealed = stream.encrypt_in_place(number as u32, number + 1 == chunks, b"", &mut chunk);
        sealed.map_err(|_| io::Error::other("encryption failed"))?;
        out.write_all(&chunk)?;
    }
    if from.read(&mut [0])? > 0 {
        return Err(io::Error::new(ErrorKind::InvalidData, "the file changed while it was being read"));
    }
    Ok(())
}

/// The content of a blob, or of a range of it. Gives no byte that is not authenticated.
struct DecryptingReader {
    body: Box<dyn Read + Send>,
    stream: ChunkCipher,
    /// Of the whole content, and how many chunks that are.
    length: u64,
    chunks: u64,
    /// The next chunk of the body, and the last that is wanted.
    next: u64,
    last: u64,
    /// Bytes at the beginning that are not wanted, and how many are from there on.
    skip: usize,
    remaining: u64,
    /// The chunk that is decrypted, and how much of it was given.
    here: Vec<u8>,
    given: usize,
}

impl DecryptingReader {
    fn read_chunk(&mut self) -> io::Result<()> {
        let is_last = self.next + 1 == self.chunks;
        let size = if is_last { self.length - self.next * CHUNK_BYTES as u64 } else { CHUNK_BYTES as u64 } as usize;
        self.given = 0;
        self.here.clear();
        self.here.resize(size + TAG_BYTES, 0);
        if let Err(e) = self.body.read_exact(&mut self.here) {
            self.here.clear();
            return Err(if e.kind() == ErrorKind::UnexpectedEof { decryption_error("it is truncated") } else { e });
        }
        if self.stream.decrypt_in_place(self.next as u32, is_last, b"", &mut self.here).is_err() {
            self.here.clear();
            return Err(decryption_error("it was changed, or was encrypted with a different key of the same id"));
        }
        if is_last && self.body.read(&mut [0])? > 0 {
            self.here.clear();
            return Err(decryption_error("it has extra bytes"));
        }
        self.next += 1;
        self.given = std::mem::take(&mut self.skip);
        // Of the last that is wanted, the end may not be.
        self.here.truncate((self.given as u64).saturating_add(self.remaining).min(self.here.len() as u64) as usize);
        Ok(())
    }
}

impl Read for DecryptingReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        // The one chunk of an empty blob has to be looked at too.
        if self.given == self.here.len() && self.next <= self.last {
            self.read_chunk()?;
        }
        let n = out.len().min(self.here.len() - self.given);
        out[..n].copy_from_slice(&self.here[self.given..self.given + n]);
        self.given += n;
        self.remaining -= n as u64;
        Ok(n)
    }
}

fn decryption_error(why: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("it cannot be decrypted: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FolderStore;
    use proptest::prelude::*;
    use std::fs;
    use tempfile::TempDir;

    fn keys(texts: &[(&str, u8)]) -> EncryptionKeys {
        let text = |(id, byte): &(&str, u8)| format!("{id}:{}", BASE64_STANDARD.encode([*byte; 32]));
        EncryptionKeys::parse(&texts.iter().map(text).collect::<Vec<_>>()).unwrap()
    }

    fn key(name: &str) -> BlobKey {
        BlobKey::parse(name).unwrap()
    }

    struct EncryptedFixture(TempDir);

    impl EncryptedFixture {
        fn new() -> EncryptedFixture {
            EncryptedFixture(tempfile::tempdir().unwrap())
        }

        fn open_with_keys(&self, texts: &[(&str, u8)]) -> EncryptedStore<FolderStore> {
            let store = FolderStore::open(&self.0.path().join("files")).unwrap();
            EncryptedStore::new(store, keys(texts), self.0.path().to_owned())
        }

        fn raw_path(&self, name: &str) -> PathBuf {
            self.0.path().join("files").join(name)
        }
    }

    fn read(store: &dyn BlobStore, name: &str, range: Option<ByteRange>) -> io::Result<Vec<u8>> {
        let mut blob = match store.open(&key(name), range) {
            Ok(blob) => blob.expect("a blob"),
            Err(AssetError::Io { source, .. }) => return Err(source),
            Err(other) => panic!("{other}"),
        };
        let mut bytes = Vec::new();
        blob.body.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn content(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n * 31 % 251) as u8).collect()
    }

    const LENGTHS: [usize; 8] = [
        0,
        1,
        CHUNK_BYTES - 1,
        CHUNK_BYTES,
        CHUNK_BYTES + 1,
        2 * CHUNK_BYTES,
        2 * CHUNK_BYTES + 5,
        3 * CHUNK_BYTES + 100,
    ];

    #[test]
    fn blobs_are_stored_encrypted_and_read_back() {
        let place = EncryptedFixture::new();
        let store = place.open_with_keys(&[("a", 1)]);
        for length in LENGTHS {
            let plain = content(length);
            store.put(&key("x"), BlobSource::Bytes(&plain)).unwrap();
            assert_eq!(read(&store, "x", None).unwrap(), plain);
            let file = place.0.path().join("source");
            fs::write(&file, &plain).unwrap();
            store.put(&key("y"), BlobSource::File(&file)).unwrap();
            assert_eq!(read(&store, "y", None).unwrap(), plain);
            let raw = fs::read(place.raw_path("x")).unwrap();
            assert_eq!(Some(raw.len() as u64), stored_length(length as u64));
            assert!(length < 16 || !raw.windows(16).any(|part| part == &plain[..16]));
            let listed = store.list(None, 9).unwrap();
            assert_eq!(listed.iter().map(|l| l.length).collect::<Vec<_>>(), [length as u64; 2]);
        }
        assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 2, "nothing is left in the scratch folder");
    }

    #[test]
    fn rotated_keys_decrypt_old_and_new_blobs() {
        let place = EncryptedFixture::new();
        place.open_with_keys(&[("old", 1)]).put(&key("x"), BlobSource::Bytes(b"text")).unwrap();
        let both = place.open_with_keys(&[("new", 2), ("old", 1)]);
        assert_eq!(read(&both, "x", None).unwrap(), b"text");
        assert_eq!(both.rotation_state(&key("x")).unwrap(), Some(true));
        both.put(&key("x"), BlobSource::Bytes(b"text")).unwrap();
        assert_eq!(both.rotation_state(&key("x")).unwrap(), None);
        assert_eq!(read(&place.open_with_keys(&[("new", 2)]), "x", None).unwrap(), b"text");
        assert_eq!(both.rotation_state(&key("absent")).unwrap(), None);
        fs::write(place.raw_path("plain"), b"plain").unwrap();
        assert_eq!(both.rotation_state(&key("plain")).unwrap(), Some(false));
    }

    #[test]
    fn decryption_errors_name_their_cause() {
        let place = EncryptedFixture::new();
        let store = place.open_with_keys(&[("a", 1)]);
        store.put(&key("x"), BlobSource::Bytes(&content(CHUNK_BYTES + 7))).unwrap();
        let read_error =
            |store: &EncryptedStore<FolderStore>, name: &str| read(store, name, None).unwrap_err().to_string();
        assert!(read_error(&place.open_with_keys(&[("a", 2)]), "x").contains("a different key of the same id"));
        assert!(read_error(&place.open_with_keys(&[("b", 1)]), "x").contains("\"a\", which is not configured"));
        fs::write(place.raw_path("plain"), content(500)).unwrap();
        assert!(read_error(&store, "plain").contains("not encrypted"));
        fs::write(place.raw_path("short"), b"CRNE").unwrap();
        assert!(read_error(&store, "short").contains("not encrypted"));
        fs::copy(place.raw_path("x"), place.raw_path("y")).unwrap();
        assert!(read_error(&store, "y").contains("changed"), "another blob put in its place");
    }

    #[test]
    fn moved_or_missing_chunks_fail_to_decrypt() {
        let place = EncryptedFixture::new();
        let store = place.open_with_keys(&[("a", 1)]);
        store.put(&key("x"), BlobSource::Bytes(&content(3 * CHUNK_BYTES))).unwrap();
        store.put(&key("z"), BlobSource::Bytes(&content(3 * CHUNK_BYTES))).unwrap();
        let raw = fs::read(place.raw_path("x")).unwrap();
        let other = fs::read(place.raw_path("z")).unwrap();
        let (head, sealed) = raw.split_at(HEADER_BYTES);
        let chunk = |n: usize| &sealed[n * (CHUNK_BYTES + TAG_BYTES)..(n + 1) * (CHUNK_BYTES + TAG_BYTES)];
        let foreign = &other[HEADER_BYTES..HEADER_BYTES + CHUNK_BYTES + TAG_BYTES];
        let mut shorter = head.to_vec();
        shorter[HEADER_BYTES - 8..].copy_from_slice(&(2 * CHUNK_BYTES as u64).to_be_bytes());
        for (subject, bytes) in [
            ("swapped", [head, chunk(1), chunk(0), chunk(2)].concat()),
            ("doubled", [head, chunk(0), chunk(0), chunk(2)].concat()),
            ("of another blob", [head, foreign, chunk(1), chunk(2)].concat()),
            ("cut off between chunks", [head, chunk(0), chunk(1)].concat()),
            ("cut off with another length", [&shorter[..], chunk(0), chunk(1)].concat()),
            ("added to", [head, chunk(0), chunk(1), chunk(2), chunk(2)].concat()),
            ("added a byte to", [&raw[..], b"x"].concat()),
        ] {
            fs::write(place.raw_path("x"), bytes).unwrap();
            let failed = read(&store, "x", None).expect_err(subject);
            assert_eq!(failed.kind(), ErrorKind::InvalidData, "{subject}: {failed}");
        }
    }

    #[test]
    fn invalid_keys_are_rejected_and_hidden_in_debug_output() {
        let good = format!("a:{}", BASE64_STANDARD.encode([7; 32]));
        for (texts, part) in [
            (vec![], "at least one"),
            (vec!["hidden".to_owned()], "keys[0]: expected"),
            (vec![good.clone(), "b:hidden".to_owned()], "keys[1]: the key must be"),
            (vec![good.clone(), format!("b:{}", BASE64_STANDARD.encode([7; 16]))], "32 bytes"),
            (vec![good.clone(), good.clone()], "another key"),
            (vec![good.replace("a:", "A b:")], "an id must be"),
            (vec![good.replace("a:", &format!("{}:", "a".repeat(27)))], "an id must be"),
        ] {
            let message = EncryptionKeys::parse(&texts).unwrap_err();
            assert!(message.contains(part) && !message.contains("hidden"), "{message}");
        }
        let text = format!("{:?}", EncryptionKeys::parse(&[good]).unwrap());
        assert_eq!(text, "[\"a\"]");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn ranges_return_that_part_of_the_content(
            length in prop_oneof![0..4 * CHUNK_BYTES, proptest::sample::select(&LENGTHS[..])],
            start in 0..4 * CHUNK_BYTES as u64 + 9,
            distance in prop_oneof![0..3 * CHUNK_BYTES as u64, Just(u64::MAX)],
        ) {
            let place = EncryptedFixture::new();
            let store = place.open_with_keys(&[("a", 1)]);
            let plain = content(length);
            store.put(&key("x"), BlobSource::Bytes(&plain)).unwrap();
            let end = start.saturating_add(distance);
            let part = plain.iter().skip(start as usize).take((end - start).saturating_add(1) as usize).copied();
            prop_assert_eq!(read(&store, "x", Some(ByteRange { start, end })).unwrap(), part.collect::<Vec<_>>());
        }

        #[test]
        fn changed_or_truncated_bytes_are_detected(
            length in proptest::sample::select(&LENGTHS[..]),
            at in any::<proptest::sample::Index>(),
            flip in 1_u8..,
            cut in any::<bool>(),
        ) {
            let place = EncryptedFixture::new();
            let store = place.open_with_keys(&[("a", 1)]);
            let plain = content(length);
            store.put(&key("x"), BlobSource::Bytes(&plain)).unwrap();
            let mut raw = fs::read(place.raw_path("x")).unwrap();
            let at = at.index(raw.len());
            if cut { raw.truncate(at) } else { raw[at] ^= flip }
            fs::write(place.raw_path("x"), raw).unwrap();
            prop_assert!(read(&store, "x", None).is_err());
        }
    }
}
