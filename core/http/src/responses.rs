//! Responses: JSON bodies, errors in the envelope, ETags.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, ETAG, HeaderValue};
use axum::http::{Response, StatusCode};
use xxhash_rust::xxh3::xxh3_64;

/// Content type of JSON responses.
pub const JSON_CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Milliseconds as the time that is shown.
pub fn format_time(ms: i64) -> serde_json::Value {
    chrono::DateTime::from_timestamp_millis(ms).map_or(serde_json::Value::Null, |t| cairn_access::format_iso(t).into())
}

/// A response with a body that is JSON text already.
pub fn json_response(status: StatusCode, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON_CONTENT_TYPE);
    response
}

/// A response with a value, written as JSON.
pub fn json_value_response(status: StatusCode, value: &serde_json::Value) -> Response<Body> {
    json_response(status, value.to_string())
}

/// A response without a body and without a content type.
pub fn empty_response(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// The plain-text response that the contract wants where a route does not have the method.
pub fn method_not_allowed() -> Response<Body> {
    let mut response = Response::new(Body::from("Method Not Allowed"));
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// As [`method_not_allowed`], with `Allow`: the methods that the route has, separated by commas.
pub fn method_not_allowed_with(methods: &'static str) -> Response<Body> {
    let mut response = method_not_allowed();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    response
}

/// The response to `OPTIONS`, as Strapi gives it: 200 without a body. `allowed`: the methods, from the router or of content.
fn options_response(allowed: Option<&HeaderValue>) -> Response<Body> {
    // The site's own files may be at any path, so reading is allowed at all of them.
    const READ_METHODS: [&str; 2] = ["HEAD", "GET"];
    let other_methods = allowed.and_then(|methods| methods.to_str().ok()).unwrap_or_default().split(',').map(str::trim);
    let other_methods = other_methods.filter(|method| !method.is_empty() && !READ_METHODS.contains(method));
    let methods = READ_METHODS.into_iter().chain(other_methods).collect::<Vec<_>>().join(", ");
    let mut response = Response::new(Body::empty());
    if let Ok(methods) = HeaderValue::from_str(&methods) {
        response.headers_mut().insert(ALLOW, methods);
    }
    response
}

/// Marks a 405 that answers `OPTIONS` of a path that lists its methods.
#[derive(Clone, Copy)]
struct ListsMethods;

/// Marks a 405 to `OPTIONS`, for paths that list their methods. The router adds `Allow` to it on the way out, so the list is made after
/// that, by [`list_marked_methods`].
pub fn mark_methods(mut response: Response<Body>) -> Response<Body> {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.extensions_mut().insert(ListsMethods);
    }
    response
}

/// The response to `OPTIONS` in place of a 405 that is marked.
pub fn list_marked_methods(response: Response<Body>) -> Response<Body> {
    match response.extensions().get::<ListsMethods>() {
        Some(ListsMethods) => options_response(response.headers().get(ALLOW)),
        None => response,
    }
}

/// The weak ETag of a body: compression may change its bytes on the way.
pub fn weak_etag(body: &[u8]) -> HeaderValue {
    // Hexadecimal digits and quotes are legal header text.
    HeaderValue::from_str(&format!("W/\"{:016x}\"", xxh3_64(body)))
        .unwrap_or_else(|_| HeaderValue::from_static("W/\"0\""))
}

/// True if `If-None-Match` names this ETag.
pub fn not_modified(if_none_match: Option<&HeaderValue>, etag: &HeaderValue) -> bool {
    let strip = |t: &[u8]| t.strip_prefix(b"W/").unwrap_or(t).to_vec();
    let own = strip(etag.as_bytes());
    if_none_match.is_some_and(|header| {
        header.as_bytes() == b"*" || header.as_bytes().split(|&b| b == b',').any(|t| strip(t.trim_ascii()) == own)
    })
}

/// The response to a read: 200 with its ETag, or 304.
pub fn conditional_response(body: Vec<u8>, if_none_match: Option<&HeaderValue>) -> Response<Body> {
    let tag = weak_etag(&body);
    let mut response = if not_modified(if_none_match, &tag) {
        empty_response(StatusCode::NOT_MODIFIED)
    } else {
        json_response(StatusCode::OK, body)
    };
    response.headers_mut().insert(ETAG, tag);
    response
}
