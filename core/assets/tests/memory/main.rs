//! Memory of an upload beside its picture, in bytes that are allocated: files that unfold, repeat or lie.
//!
//! A program of its own: its allocator counts.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod counting;
mod pictures;
mod sound;

use cairn_assets::{
    AssetError, FolderStore, IncomingFile, MediaTools, MetadataPolicy, StoredFile, UploadLimits, prepare_file,
};
use std::io::Write;

/// Most bytes beside the picture.
const MOST: usize = 64 << 20;

/// Stores a file, of which the picture has so many decoded bytes, and fails where that took more memory than it may.
#[track_caller]
fn upload_within_memory(why: &str, bytes: &[u8], picture: usize) -> Result<StoredFile, AssetError> {
    let folder = tempfile::tempdir().unwrap();
    let mut temp = tempfile::NamedTempFile::new().unwrap();
    temp.write_all(bytes).unwrap();
    let incoming = IncomingFile {
        file_name: "a".into(),
        given_name: None,
        declared_mime: None,
        temp: temp.into_temp_path(),
        sha256: None,
        replaces: None,
    };
    let store = FolderStore::open(folder.path()).unwrap();
    let (result, peak) = counting::measure_peak(|| {
        let prepared = prepare_file(
            incoming,
            &UploadLimits { max_bytes: 1 << 30 },
            &MediaTools::default(),
            MetadataPolicy::Strip,
        )?;
        for object in prepared.objects {
            object.store_in(&store)?;
        }
        Ok(prepared.file)
    });
    let beside = peak.saturating_sub(picture);
    assert!(beside <= MOST, "{why}: {} MiB beside the picture", beside >> 20);
    result
}
