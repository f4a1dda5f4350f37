//! The response cache: whole responses to public reads, by raw path and query. A response is valid while the change stamp of every type it
//! was read from is the same, so a change invalidates exactly what it touches. Changed settings move every stamp.

use bytes::Bytes;
use cairn_content::ReadResponse;
use cairn_model::TypeId;
use cairn_store::ChangeCounters;
use http::HeaderValue;
use std::sync::Arc;

/// Largest body that is cached, in bytes.
const MAX_CACHED_BODY_BYTES: usize = 1 << 20;

/// The responses of one tenant, up to a size.
pub struct ResponseCache {
    entries: Option<moka::sync::Cache<String, Arc<CachedResponse>>>,
}

/// A response as it was sent.
pub struct CachedResponse {
    /// JSON text.
    pub body: Bytes,
    /// The `ETag` it was sent with.
    pub etag: HeaderValue,
    /// Version token of the document, where the response has one document.
    pub version: Option<i64>,
    touched: Vec<TypeId>,
    stamp: u64,
}

impl ResponseCache {
    /// Creates a cache of at most that many MiB; 0 switches it off.
    pub(crate) fn new(mib: u64) -> Self {
        let cache = (mib > 0).then(|| {
            moka::sync::Cache::builder()
                .weigher(|key: &String, response: &Arc<CachedResponse>| {
                    u32::try_from(key.len() + response.body.len() + 256).unwrap_or(u32::MAX)
                })
                .max_capacity(mib << 20)
                .build()
        });
        Self { entries: cache }
    }

    /// True if responses are cached at all.
    pub fn is_on(&self) -> bool {
        self.entries.is_some()
    }

    /// True if there is a response for a raw path and query, valid or not.
    pub fn contains_key(&self, key: &str) -> bool {
        self.entries.as_ref().is_some_and(|entries| entries.contains_key(key))
    }

    /// The cached response for a raw path and query, if it is still valid.
    pub fn find_valid(&self, key: &str, counters: &ChangeCounters) -> Option<Arc<CachedResponse>> {
        self.entries.as_ref()?.get(key).filter(|cached| counters.stamp(&cached.touched) == cached.stamp)
    }

    /// Drops all cached responses.
    pub fn clear(&self) {
        if let Some(cache) = &self.entries {
            cache.invalidate_all();
        }
    }

    /// Removes the response for a raw path and query.
    pub fn remove_entry(&self, key: &str) {
        if let Some(cache) = &self.entries {
            cache.invalidate(key);
        }
    }

    /// Caches a response to the public, unless it depends on the caller, is too large or links to private files.
    pub fn insert_response(&self, key: &str, answer: &ReadResponse, etag: HeaderValue, body: &Bytes) {
        if let Some(cache) = &self.entries
            && !answer.per_caller
            && body.len() <= MAX_CACHED_BODY_BYTES
            // Addresses of private files are good for a while only.
            && memchr::memmem::find(body, b"/uploads/private/").is_none()
        {
            let entry = CachedResponse {
                body: body.clone(),
                etag,
                touched: answer.touched.clone(),
                stamp: answer.stamp,
                version: answer.version,
            };
            cache.insert(key.to_owned(), Arc::new(entry));
        }
    }
}
