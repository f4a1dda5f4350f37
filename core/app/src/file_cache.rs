//! The cache of a tenant's files in memory: what is served under which name, and the bytes of small objects.

use cairn_assets::BlobKey;
use cairn_licensing::UsageTimeline;
use cairn_store::assets::ServedBlob;
use cairn_store::{Store, StoreError};
use std::sync::Arc;

/// Number of names that are cached.
const MAX_CACHED_NAMES: u64 = 50_000;
/// Memory that the cached objects may take together, in bytes.
const OBJECT_CACHE_BYTES: u64 = 32 << 20;
/// Largest object that is cached, in bytes.
pub const MAX_OBJECT_BYTES: u64 = 256 << 10;

/// The cached files of a tenant. An object never changes: its key determines its bytes.
pub struct FileCache {
    names: moka::sync::Cache<String, CachedName>,
    objects: moka::sync::Cache<String, bytes::Bytes>,
}

/// File that is served under a name, and whether it may be.
pub struct ServedFile {
    /// The object, with its type and size.
    pub served: ServedBlob,
    /// Its licensing state over time, which decides whether it is served.
    pub standing: UsageTimeline,
    /// True if the file is an animated picture; `None` where nobody has looked.
    pub animated: Option<bool>,
}

#[derive(Clone)]
struct CachedName {
    found: Arc<ServedFile>,
    /// Change stamp of files at the time of the look-up.
    stamp: u64,
}

impl Default for FileCache {
    fn default() -> Self {
        let weight =
            |key: &String, bytes: &bytes::Bytes| u32::try_from(key.len() + bytes.len() + 128).unwrap_or(u32::MAX);
        Self {
            names: moka::sync::Cache::new(MAX_CACHED_NAMES),
            objects: moka::sync::Cache::builder().weigher(weight).max_capacity(OBJECT_CACHE_BYTES).build(),
        }
    }
}

impl FileCache {
    /// Finds the file that is served under a name now. Its licensing state is known for any instant until something changes.
    pub fn find_served(&self, store: &Store, name: &str) -> Result<Option<Arc<ServedFile>>, StoreError> {
        let stamp = store.counters().stamp(&[store.registry().file_type().id]);
        if let Some(cached) = self.names.get(name).filter(|cached| cached.stamp == stamp) {
            return Ok(Some(cached.found));
        }
        let file = store.read(|r| {
            let Some(served) = r.blobs().get_served(name)? else { return Ok(None) };
            let timeline = cairn_licensing::load_timeline(r, &served.document_id)?;
            let is_picture = served.mime.starts_with("image/");
            let asset = if is_picture { r.assets().get(&served.document_id)? } else { None };
            let animated = asset.and_then(|asset| asset.appearance.animated);
            Ok::<_, StoreError>(Some(ServedFile { served, standing: timeline, animated }))
        })?;
        let Some(served_file) = file.map(Arc::new) else { return Ok(None) };
        self.names.insert(name.to_owned(), CachedName { found: served_file.clone(), stamp });
        Ok(Some(served_file))
    }

    /// The bytes of an object, where they are cached.
    pub fn cached_object(&self, key: &BlobKey) -> Option<bytes::Bytes> {
        self.objects.get(key.as_str())
    }

    /// Caches the bytes of an object.
    pub fn insert_object(&self, key: &BlobKey, bytes: bytes::Bytes) {
        if bytes.len() as u64 <= MAX_OBJECT_BYTES {
            self.objects.insert(key.to_string(), bytes);
        }
    }
}
