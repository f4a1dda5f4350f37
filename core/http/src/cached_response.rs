//! Responses to public reads that are sent from the cache.

use crate::extract::version::with_version_header;
use crate::responses;
use crate::v4_format::VARY_BY_V4_FORMAT;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH, VARY};
use axum::http::{Response, StatusCode};
use cairn_app::Tenant;

/// The cached response for a raw path and query, if it is still valid; 304 where `If-None-Match` names its ETag.
pub fn find_cached_response(tenant: &Tenant, key: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let cached = tenant.cache.find_valid(key, tenant.content.store().counters())?;
    let if_none_match = headers.get(IF_NONE_MATCH);
    let mut response = if if_none_match.is_some() && responses::not_modified(if_none_match, &cached.etag) {
        responses::empty_response(StatusCode::NOT_MODIFIED)
    } else {
        let mut response = Response::new(Body::from(cached.body.clone()));
        response.headers_mut().insert(CONTENT_TYPE, responses::JSON_CONTENT_TYPE);
        response
    };
    response.headers_mut().insert(ETAG, cached.etag.clone());
    response.headers_mut().append(VARY, VARY_BY_V4_FORMAT);
    Some(with_version_header(response, cached.version))
}
