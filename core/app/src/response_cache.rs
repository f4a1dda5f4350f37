//! The response cache: whole responses to public reads, by raw path and query. A response is valid while the change stamp of every type it
//! was read from is the same, so a change invalidates exactly what it touches. Changed settings move every stamp.

use bytes::Bytes;
use cairn_content::ReadResponse;
use cairn_model::TypeId;
use cairn_store::ChangeCounters;
use http::HeaderValue;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Largest body that is cached, in bytes.
const MAX_CACHED_BODY_BYTES: usize = 1 << 20;

/// The responses of one tenant, up to a size.
pub struct ResponseCache {
    entries: Option<moka::sync::Cache<String, CacheEntry>>,
}

/// The value that is found by a key.
#[derive(Clone)]
enum CacheEntry {
    Response(Arc<CachedResponse>),
    /// The response depends on these variables of the caller's permissions: it is under the key that has their values.
    Varies(Arc<BTreeSet<String>>),
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
                .weigher(|key: &String, entry: &CacheEntry| {
                    let size = match entry {
                        CacheEntry::Response(response) => response.body.len(),
                        CacheEntry::Varies(variables) => variables.iter().map(|name| name.len() + 64).sum(),
                    };
                    u32::try_from(key.len() + size + 256).unwrap_or(u32::MAX)
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
        match self.entries.as_ref()?.get(key)? {
            CacheEntry::Response(cached) => (counters.stamp(&cached.touched) == cached.stamp).then_some(cached),
            CacheEntry::Varies(_) => None,
        }
    }

    /// The variables that the responses under a key depend on, if any were cached.
    pub fn find_variables(&self, key: &str) -> Option<Arc<BTreeSet<String>>> {
        match self.entries.as_ref()?.get(key)? {
            CacheEntry::Response(_) => None,
            CacheEntry::Varies(variables) => Some(variables),
        }
    }

    /// Remembers the variables that the responses under a key depend on, which is the same for all callers with it.
    pub fn insert_variables(&self, key: &str, variables: &BTreeSet<String>) {
        if let Some(cache) = &self.entries
            && self.find_variables(key).is_none_or(|known| *known != *variables)
        {
            cache.insert(key.to_owned(), CacheEntry::Varies(Arc::new(variables.clone())));
        }
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

    /// Caches a response, unless it is for this caller alone, is too large or links to private files.
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
            cache.insert(key.to_owned(), CacheEntry::Response(Arc::new(entry)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn keys_lead_to_responses_or_to_their_variables() {
        let cache = ResponseCache::new(1);
        let answer = ReadResponse {
            body: Vec::new(),
            touched: Vec::new(),
            stamp: 0,
            version: None,
            per_caller: false,
            variables: names(&["user.team"]),
        };
        cache.insert_variables("list", &answer.variables);
        cache.insert_response("list red", &answer, HeaderValue::from_static("tag"), &Bytes::from_static(b"[]"));
        assert_eq!(cache.find_variables("list").as_deref(), Some(&answer.variables));
        assert_eq!((cache.find_variables("list red"), cache.find_variables("other")), (None, None));
        assert!(cache.contains_key("list red"));
        // Permissions have changed.
        cache.insert_variables("list", &names(&["user.groups"]));
        assert_eq!(cache.find_variables("list").as_deref(), Some(&names(&["user.groups"])));
        let alone = ReadResponse { per_caller: true, ..answer };
        cache.insert_response("alone", &alone, HeaderValue::from_static("tag"), &Bytes::from_static(b"[]"));
        assert!(!cache.contains_key("alone"));
    }
}
