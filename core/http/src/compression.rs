//! Compression of responses. Text is compressed for clients that accept it. What is compressed already (films, sounds, pictures, archives,
//! documents, fonts) goes out as it is, with its length and in the parts that a client asks for: compressing it again saves nothing, and
//! players could no longer jump within it.

use axum::Router;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG};
use axum::http::{Extensions, HeaderMap, HeaderValue, Response, StatusCode, Version};
use tower::util::MapResponseLayer;
use tower_http::CompressionLevel;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::compression::{CompressionBody, CompressionLayer};

/// Smallest body that is compressed, in bytes.
const MIN_BYTES: u16 = 32;

/// Types that are compressed besides `text/…`, `…+json` and `…+xml`.
const TEXT_TYPES: [&str; 10] = [
    "application/graphql",
    "application/javascript",
    "application/json",
    "application/jsonl",
    "application/ndjson",
    "application/toml",
    "application/wasm",
    "application/x-ndjson",
    "application/xml",
    "application/yaml",
];
/// Events have to arrive one by one.
const EVENT_STREAM: &str = "text/event-stream";

/// Adds compression to all of these routes.
pub fn compress_responses(routes: Router) -> Router {
    let compressible = SizeAbove::new(MIN_BYTES).and(is_compressible);
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(compressible);
    // The first is around the second.
    routes.layer((MapResponseLayer::new(weaken_etag_of_encoded::<CompressionBody<Body>>), compression))
}

/// True if responses of that type are compressed.
pub fn is_compressible_type(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = essence.starts_with("text/") && essence != EVENT_STREAM;
    is_text || essence.ends_with("+json") || essence.ends_with("+xml") || TEXT_TYPES.contains(&essence.as_str())
}

/// The weak form of an ETag, which the bytes have in every encoding.
pub fn weaken_etag(etag: &HeaderValue) -> HeaderValue {
    let is_weak = etag.as_bytes().starts_with(b"W/");
    let weak = if is_weak { None } else { HeaderValue::from_bytes(&[b"W/", etag.as_bytes()].concat()).ok() };
    weak.unwrap_or_else(|| etag.clone())
}

fn is_compressible(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_ascii_lowercase();
    let forbids = headers.get_all(CACHE_CONTROL).iter().any(|value| text(value).contains("no-transform"));
    !forbids && headers.get(CONTENT_TYPE).is_some_and(|value| is_compressible_type(&text(value)))
}

/// Makes the ETag of an encoded response a weak one. A strong one names the bytes as they are: parts of the encoded form must not be joined
/// with parts of those.
fn weaken_etag_of_encoded<B>(mut response: Response<B>) -> Response<B> {
    let headers = response.headers_mut();
    if headers.contains_key(CONTENT_ENCODING)
        && let Some(etag) = headers.get(ETAG).map(weaken_etag)
    {
        headers.insert(ETAG, etag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_compressed_and_compressed_formats_and_unknown_ones_are_not() {
        for text in [
            "text/html; charset=utf-8",
            "text/csv",
            "TEXT/Plain",
            "application/json",
            "application/problem+json; charset=utf-8",
            "image/svg+xml",
            "application/rss+xml",
            "application/x-ndjson",
        ] {
            assert!(is_compressible_type(text), "{text}");
        }
        for other in [
            "video/mp4",
            "audio/mpeg",
            "image/png",
            "image/jpeg",
            "application/zip",
            "application/gzip",
            "application/pdf",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "model/vnd.usdz+zip",
            "font/woff2",
            "application/octet-stream",
            "text/event-stream",
            "",
        ] {
            assert!(!is_compressible_type(other), "{other}");
        }
    }

    #[test]
    fn only_etags_of_encoded_responses_are_weakened() {
        let etag_of = |encoded: bool, etag: &'static str| {
            let mut response = Response::new(());
            response.headers_mut().insert(ETAG, HeaderValue::from_static(etag));
            if encoded {
                response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            weaken_etag_of_encoded(response).headers()[ETAG].clone()
        };
        assert_eq!(etag_of(false, "\"a\""), "\"a\"");
        assert_eq!(etag_of(true, "\"a\""), "W/\"a\"");
        assert_eq!(etag_of(true, "W/\"a\""), "W/\"a\"");
        assert!(!is_compressible(
            StatusCode::OK,
            Version::HTTP_11,
            &HeaderMap::from_iter([
                (CONTENT_TYPE, HeaderValue::from_static("text/csv")),
                (CACHE_CONTROL, HeaderValue::from_static("private, No-Transform")),
            ]),
            &Extensions::new(),
        ));
    }
}
