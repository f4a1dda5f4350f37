//! A folder to keep pictures in, and pictures to make others of.

use cairn_assets::{AssetError, BlobKey, Rendition, RenditionCache, SourceFile, Transform};
use image::{ImageFormat, Rgb, RgbImage};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A folder with a source in it and a folder for a cache, and how often the source was fetched.
pub(crate) struct RenditionFixture {
    base: tempfile::TempDir,
    pub(crate) fetched: Arc<AtomicUsize>,
    pub(crate) content_type: &'static str,
}

impl RenditionFixture {
    pub(crate) fn new() -> RenditionFixture {
        RenditionFixture::with_source_size(200, 150)
    }

    /// With a source of this size, of noise: no format makes much less of it.
    pub(crate) fn with_source_size(width: u32, height: u32) -> RenditionFixture {
        let mut state = 1_u32;
        let picture = RgbImage::from_fn(width, height, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
        });
        let base = tempfile::tempdir().unwrap();
        picture.save_with_format(base.path().join("source"), ImageFormat::Png).unwrap();
        RenditionFixture { base, fetched: Arc::default(), content_type: "image/png" }
    }

    pub(crate) fn cache_folder(&self) -> PathBuf {
        self.base.path().join("derived")
    }

    pub(crate) fn source(&self) -> PathBuf {
        self.base.path().join("source")
    }

    pub(crate) fn open(&self, max_bytes: u64) -> RenditionCache {
        RenditionCache::open(&self.cache_folder(), max_bytes, 2, 10_000).unwrap()
    }

    pub(crate) fn fetch(&self) -> impl FnOnce() -> Result<Option<SourceFile>, AssetError> + Send + use<> {
        let (fetched, source, content_type) = (Arc::clone(&self.fetched), self.source(), self.content_type);
        move || {
            fetched.fetch_add(1, Ordering::SeqCst);
            Ok(Some(SourceFile::permanent(source, content_type.to_owned())))
        }
    }

    pub(crate) fn fetch_count(&self) -> usize {
        self.fetched.load(Ordering::SeqCst)
    }

    pub(crate) async fn request_rendition(
        &self,
        derived: &RenditionCache,
        query: &str,
    ) -> Result<Option<Rendition>, AssetError> {
        derived.get_or_make("a", &key(), &parse_transform(query), self.fetch()).await
    }

    pub(crate) async fn rendition(&self, derived: &RenditionCache, query: &str) -> Rendition {
        self.request_rendition(derived, query).await.unwrap().unwrap()
    }

    /// The files in the cache's folder.
    pub(crate) fn cached_files(&self) -> Vec<PathBuf> {
        fs::read_dir(self.cache_folder()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

pub(crate) fn key() -> BlobKey {
    BlobKey::parse("source_0a1b2c3d4e.png").unwrap()
}

pub(crate) fn parse_transform(query: &str) -> Transform {
    Transform::parse(query).unwrap()
}

/// Bytes that the files of a folder take on disk; those that are deleted meanwhile take nothing.
pub(crate) fn disk_usage(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().filter_map(|entry| entry.unwrap().metadata().ok());
    entries.map(|metadata| metadata.blocks() * 512).sum()
}

/// At most what the files take while others add and delete some: one look alone would count files that have gone as well as those that came
/// in their place, but what two looks find was there all the time between them.
pub(crate) fn disk_usage_while_changing(folder: &Path) -> u64 {
    let sizes = || -> HashMap<OsString, u64> {
        let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
        entries.filter_map(|entry| Some((entry.file_name(), entry.metadata().ok()?.blocks() * 512))).collect()
    };
    let (before, after) = (sizes(), sizes());
    before.iter().filter(|(name, _)| after.contains_key(*name)).map(|(_, size)| size).sum()
}

/// Waits until something holds; fails after some seconds.
pub(crate) async fn wait_until(holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never happened");
}
