//! Storage of bytes: the trait that a folder and an object store share, and the only kind of name they accept.
//!
//! The methods block on purpose. Each call comes from a blocking pool anyway, since pictures are decoded between reading
//! and writing; a store that speaks over the network waits for its own requests there. That keeps the trait object safe.

use crate::AssetError;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tempfile::TempPath;

/// Longest key in bytes: what common file systems allow for one name.
const MAX_KEY_BYTES: usize = 255;

/// The name of a blob: flat, made of `[a-z0-9_.-]`, neither beginning nor ending with a dot, 1 to 255 bytes.
///
/// There is no other way to name a blob, so `..`, separators, NUL and encoded forms of them never reach a file system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey(String);

impl BlobKey {
    /// Parses a name as it is, without decoding or repairing anything. Fails with [`AssetError::BadName`] for every name that is not a key.
    pub fn parse(name: &str) -> Result<BlobKey, AssetError> {
        let flat = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-'));
        let dotted = name.starts_with('.') || name.ends_with('.');
        if name.is_empty() || name.len() > MAX_KEY_BYTES || !flat || dotted {
            return Err(AssetError::BadName { name: name.to_owned() });
        }
        Ok(BlobKey(name.to_owned()))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The source of a new blob's bytes.
#[derive(Debug, Clone, Copy)]
pub enum BlobSource<'a> {
    /// A file on this machine, which is copied and left unchanged.
    File(&'a Path),
    /// Bytes in memory.
    Bytes(&'a [u8]),
}

/// A range of a blob's bytes, both ends included: `start <= end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// First byte, from 0.
    pub start: u64,
    /// Last byte; beyond the end of the blob it stands for the last one that exists.
    pub end: u64,
}

/// A blob that was opened for reading.
pub struct Blob {
    /// The bytes of the blob, or of the range that was requested.
    pub body: Box<dyn Read + Send>,
    /// Size of the whole blob, in bytes.
    pub length: u64,
    /// Time of its last write, where the store knows it.
    pub modified: Option<SystemTime>,
}

/// A blob in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBlob {
    /// Name of the blob.
    pub key: BlobKey,
    /// Size in bytes.
    pub length: u64,
    /// Time of its last write, where the store knows it.
    pub modified: Option<SystemTime>,
}

/// A store of blobs: a folder, or an object store.
///
/// Every method may block.
pub trait BlobStore: Send + Sync {
    /// Writes a blob, replacing the one with that key, and checks that what arrived is what was sent. When it returns, the whole blob is
    /// durable; when it fails, or the machine does, nobody sees a part of it. Fails with [`AssetError::Io`].
    fn put(&self, key: &BlobKey, source: BlobSource<'_>) -> Result<(), AssetError>;

    /// As [`Self::put`], for a file that nobody else needs: on the same disk it need not be copied. Returns the same
    /// errors as [`Self::put`].
    fn put_temp_file(&self, key: &BlobKey, temp: TempPath) -> Result<(), AssetError> {
        self.put(key, BlobSource::File(&temp))
    }

    /// The file on this machine that contains exactly the blob, where there is one. Nobody writes to it. Fails with [`AssetError::Io`].
    fn local_path(&self, _: &BlobKey) -> Result<Option<PathBuf>, AssetError> {
        Ok(None)
    }

    /// A folder on the same disk as the blobs, for temporary files that [`Self::put_temp_file`] gets later. `None`: any folder.
    fn staging_folder(&self) -> Option<PathBuf> {
        None
    }

    /// Opens a blob, or a range of it; `None` when it does not exist. A range that begins beyond the end has no bytes. Fails
    /// with [`AssetError::Io`].
    fn open(&self, key: &BlobKey, range: Option<ByteRange>) -> Result<Option<Blob>, AssetError>;

    /// At most `limit` blobs in the order of their keys, those after `after` (`None`: from the first). Objects whose name
    /// is not a [`BlobKey`] are left out. Fails with [`AssetError::Io`].
    fn list(&self, after: Option<&BlobKey>, limit: usize) -> Result<Vec<ListedBlob>, AssetError>;

    /// Deletes a blob, and returns whether it existed. Fails with [`AssetError::Io`].
    fn delete(&self, key: &BlobKey) -> Result<bool, AssetError>;

    /// True if a blob exists. Fails with [`AssetError::Io`].
    fn exists(&self, key: &BlobKey) -> Result<bool, AssetError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::Component;

    #[test]
    fn unsafe_blob_names_are_rejected() {
        let long = "a".repeat(256);
        for name in [
            "",
            ".",
            "..",
            "../a",
            "a/../b",
            "/etc/passwd",
            "a/b",
            "a\\b",
            "..\\a",
            "a\0",
            "a\0.png",
            "%2e%2e%2fa",
            "a%00",
            ".hidden",
            "a.",
            "a.png.",
            "C:a",
            "a:b",
            "A.png",
            "é.png",
            "a\u{2024}\u{2024}",
            "a b",
            "a\n",
            "~",
            &long,
        ] {
            assert!(matches!(BlobKey::parse(name), Err(AssetError::BadName { .. })), "{name:?}");
        }
    }

    #[test]
    fn flat_blob_names_are_accepted() {
        for name in ["a", "big_0a1b2c3d4e.png", "thumbnail_big_0a1b2c3d4e.png", "-", "a..b", &"a".repeat(255)] {
            assert_eq!(BlobKey::parse(name).unwrap().as_str(), name);
        }
    }

    proptest! {
        #[test]
        fn valid_keys_are_one_plain_path_component(name in "\\PC{0,40}|[./\\\\a%\0]{1,8}|[a-z0-9_.-]{1,300}") {
            if let Ok(key) = BlobKey::parse(&name) {
                let parts: Vec<_> = Path::new(key.as_str()).components().collect();
                prop_assert_eq!(parts, vec![Component::Normal(name.as_ref())]);
            }
        }
    }
}
