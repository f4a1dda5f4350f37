//! The cache of a tenant's files in memory: what is served under which name, and the bytes of small objects.

use cairn_assets::Key;
use cairn_rights::Standing;
use cairn_store::assets::Served;
use cairn_store::{Store, StoreError};
use std::sync::Arc;

/// Number of names that are cached.
const NAMES: u64 = 50_000;
/// Memory that the cached objects may take together, in bytes.
const MEMORY: u64 = 32 << 20;
/// Largest object that is cached, in bytes.
pub(crate) const LARGEST: u64 = 256 << 10;

/// The cached files of a tenant. An object never changes: its key determines its bytes.
pub(crate) struct Shelf {
    names: moka::sync::Cache<String, Named>,
    objects: moka::sync::Cache<String, axum::body::Bytes>,
}

/// What is served under a name, and whether it may be.
pub(crate) struct Found {
    pub(crate) served: Served,
    pub(crate) standing: Standing,
}

#[derive(Clone)]
struct Named {
    found: Arc<Found>,
    /// Change stamp of files at the time of the look-up.
    stamp: u64,
}

impl Default for Shelf {
    fn default() -> Self {
        let weight =
            |key: &String, bytes: &axum::body::Bytes| u32::try_from(key.len() + bytes.len() + 128).unwrap_or(u32::MAX);
        Self {
            names: moka::sync::Cache::new(NAMES),
            objects: moka::sync::Cache::builder().weigher(weight).max_capacity(MEMORY).build(),
        }
    }
}

impl Shelf {
    /// What is served under a name now. Its licensing state is known for any instant until something changes.
    pub(crate) fn find(&self, store: &Store, name: &str) -> Result<Option<Arc<Found>>, StoreError> {
        let stamp = store.counters().stamp(&[store.registry().file().id]);
        if let Some(named) = self.names.get(name).filter(|named| named.stamp == stamp) {
            return Ok(Some(named.found));
        }
        let found = store.read(|r| {
            let Some(served) = r.served(name)? else { return Ok(None) };
            let standing = cairn_rights::standing(r, &served.document_id)?;
            Ok::<_, StoreError>(Some(Found { served, standing }))
        })?;
        let Some(found) = found.map(Arc::new) else { return Ok(None) };
        self.names.insert(name.to_owned(), Named { found: found.clone(), stamp });
        Ok(Some(found))
    }

    /// The bytes of an object, where they are cached.
    pub(crate) fn object(&self, key: &Key) -> Option<axum::body::Bytes> {
        self.objects.get(key.as_str())
    }

    /// Caches the bytes of an object.
    pub(crate) fn keep(&self, key: &Key, bytes: axum::body::Bytes) {
        if bytes.len() as u64 <= LARGEST {
            self.objects.insert(key.to_string(), bytes);
        }
    }
}
