//! The response cache: whole responses to public reads, by raw path and query. A response is valid while the change stamp of every type it
//! was read from is the same, so a change invalidates exactly what it touches. Changed settings move every stamp.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderValue, VARY};
use axum::http::{Response, StatusCode};
use cairn_content::ReadResponse;
use cairn_model::TypeId;
use cairn_store::ChangeCounters;
use std::sync::Arc;

/// Largest body that is cached, in bytes.
const MAX_CACHED_BODY_BYTES: usize = 1 << 20;

pub(crate) struct ResponseCache {
    entries: Option<moka::sync::Cache<String, Arc<CachedResponse>>>,
}

struct CachedResponse {
    body: Bytes,
    etag: HeaderValue,
    touched: Vec<TypeId>,
    stamp: u64,
    version: Option<i64>,
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

    pub(crate) fn is_on(&self) -> bool {
        self.entries.is_some()
    }

    /// Whether there is a response for a raw path and query, valid or not.
    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.entries.as_ref().is_some_and(|kept| kept.contains_key(key))
    }

    /// The cached response for a raw path and query, if it is still valid; 304 where `if_none_match` names its ETag.
    pub(crate) fn get(
        &self,
        key: &str,
        counters: &ChangeCounters,
        if_none_match: Option<&HeaderValue>,
    ) -> Option<Response<Body>> {
        let cached_response = self.entries.as_ref()?.get(key)?;
        if counters.stamp(&cached_response.touched) != cached_response.stamp {
            return None;
        }
        let mut response =
            if if_none_match.is_some() && crate::responses::not_modified(if_none_match, &cached_response.etag) {
                crate::responses::empty_response(StatusCode::NOT_MODIFIED)
            } else {
                let mut response = Response::new(Body::from(cached_response.body.clone()));
                response.headers_mut().insert(CONTENT_TYPE, crate::responses::JSON_CONTENT_TYPE);
                response
            };
        response.headers_mut().insert(ETAG, cached_response.etag.clone());
        response.headers_mut().append(VARY, crate::v4_format::VARY_BY_V4_FORMAT);
        Some(crate::extract::version::with_version_header(response, cached_response.version))
    }

    /// Drops all cached responses.
    pub(crate) fn clear(&self) {
        if let Some(cache) = &self.entries {
            cache.invalidate_all();
        }
    }

    /// Removes the response for a raw path and query.
    pub(crate) fn remove_entry(&self, key: &str) {
        if let Some(cache) = &self.entries {
            cache.invalidate(key);
        }
    }

    /// Caches a response to the public, unless it depends on the caller, is too large or links to private files.
    pub(crate) fn insert_response(&self, key: &str, answer: &ReadResponse, etag: HeaderValue, body: &Bytes) {
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
