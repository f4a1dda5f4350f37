//! Responses with bytes that a client may know already, or of which it may want a part: files, pictures made of them, files of plugins.

mod byte_range;

use crate::compression::{is_compressible_type, weaken_etag};
use crate::responses::{empty_response, not_modified};
use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, Response, StatusCode};
use byte_range::RequestedRange;
use cairn_assets::ByteRange;

/// Some bytes as they can be sent, in their own form or compressed on the way.
pub struct ServedBytes<'a> {
    /// The strong ETag of the bytes as they are.
    pub etag: HeaderValue,
    /// Their number.
    pub length: u64,
    /// Their type.
    pub content_type: &'a str,
}

/// Part of the bytes that a request gets.
pub enum SelectedBytes {
    /// None: the response is complete.
    Nothing(Box<Response<Body>>),
    /// All, or this part.
    Send(Option<ByteRange>),
}

impl ServedBytes<'_> {
    /// The response 304 where a request with these headers has the bytes already.
    pub fn unchanged(&self, headers: &HeaderMap) -> Option<Response<Body>> {
        let if_none_match = headers.get(IF_NONE_MATCH);
        if !not_modified(if_none_match, &self.etag) {
            return None;
        }
        let mut response = empty_response(StatusCode::NOT_MODIFIED);
        response.headers_mut().insert(ETAG, self.known_etag(if_none_match));
        self.add_vary(&mut response);
        Some(response)
    }

    /// Selects what a request with these headers gets: nothing where it has the bytes already or asks for a part behind their end.
    pub fn select(&self, headers: &HeaderMap) -> SelectedBytes {
        if let Some(response) = self.unchanged(headers) {
            return SelectedBytes::Nothing(Box::new(response));
        }
        let range = byte_range::parse_range(headers, &self.etag);
        match byte_range::resolve_range(range.as_ref(), self.length) {
            RequestedRange::Whole => SelectedBytes::Send(None),
            RequestedRange::Part(range) => SelectedBytes::Send(Some(range)),
            RequestedRange::Beyond => {
                let mut response = empty_response(StatusCode::RANGE_NOT_SATISFIABLE);
                Self::set_content_range(&mut response, format!("bytes */{}", self.length));
                self.add_vary(&mut response);
                SelectedBytes::Nothing(Box::new(response))
            }
        }
    }

    /// The response with all the bytes or a part of them, which `body` has.
    pub fn respond(&self, range: Option<ByteRange>, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        let mut length = self.length;
        if let Some(ByteRange { start, end }) = range {
            length = end - start + 1;
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            Self::set_content_range(&mut response, format!("bytes {start}-{end}/{}", self.length));
        }
        if let Ok(content_type) = HeaderValue::from_str(self.content_type) {
            response.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        response.headers_mut().extend([
            (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
            (CONTENT_LENGTH, HeaderValue::from(length)),
            (ETAG, self.etag.clone()),
        ]);
        self.add_vary(&mut response);
        response
    }

    /// The ETag of the form that the client has: the weak one where it named only that, as for a compressed form.
    fn known_etag(&self, if_none_match: Option<&HeaderValue>) -> HeaderValue {
        let names = |etag: &HeaderValue| {
            let named = if_none_match.map(HeaderValue::as_bytes).unwrap_or_default();
            named.split(|&b| b == b',').any(|name| name.trim_ascii() == etag.as_bytes())
        };
        let weak = weaken_etag(&self.etag);
        if names(&weak) && !names(&self.etag) { weak } else { self.etag.clone() }
    }

    fn set_content_range(response: &mut Response<Body>, content_range: String) {
        if let Ok(value) = HeaderValue::try_from(content_range) {
            response.headers_mut().insert(CONTENT_RANGE, value);
        }
    }

    /// Says that the response depends on the encodings that a client accepts, if it does.
    fn add_vary(&self, response: &mut Response<Body>) {
        if is_compressible_type(self.content_type) {
            response.headers_mut().append(VARY, HeaderValue::from_name(ACCEPT_ENCODING));
        }
    }
}

/// The part of some bytes in memory.
pub fn slice_bytes(bytes: &axum::body::Bytes, range: Option<ByteRange>) -> axum::body::Bytes {
    match range {
        None => bytes.clone(),
        // The range ends within the bytes: it was made for their length.
        Some(ByteRange { start, end }) => bytes.slice(start as usize..end as usize + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use axum::http::header::{IF_RANGE, RANGE};

    const FILM: &str = "video/mp4";
    const TABLE: &str = "text/csv";

    fn served(content_type: &str) -> ServedBytes<'_> {
        ServedBytes { etag: HeaderValue::from_static("\"v\""), length: 10, content_type }
    }

    fn answer(content_type: &str, headers: &[(axum::http::HeaderName, &'static str)]) -> Response<Body> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        match served(content_type).select(&headers) {
            SelectedBytes::Nothing(response) => *response,
            SelectedBytes::Send(range) => {
                served(content_type).respond(range, Body::from(slice_bytes(&Bytes::from_static(b"0123456789"), range)))
            }
        }
    }

    #[test]
    fn parts_and_whole_bodies_have_lengths_and_strong_etags() {
        for (headers, status, length, range) in [
            (vec![], 200, "10", None),
            (vec![(RANGE, "bytes=2-4")], 206, "3", Some("bytes 2-4/10")),
            (vec![(RANGE, "bytes=2-4"), (IF_RANGE, "\"v\"")], 206, "3", Some("bytes 2-4/10")),
            (vec![(RANGE, "bytes=2-4"), (IF_RANGE, "W/\"v\"")], 200, "10", None),
            (vec![(RANGE, "bytes=2-4,6-7")], 200, "10", None),
        ] {
            for content_type in [FILM, TABLE] {
                let response = answer(content_type, &headers);
                assert_eq!(response.status(), status, "{headers:?}");
                assert_eq!(response.headers()[CONTENT_LENGTH], length, "{headers:?}");
                assert_eq!(response.headers()[ETAG], "\"v\"", "{headers:?}");
                assert_eq!(response.headers().get(CONTENT_RANGE).map(|v| v.to_str().unwrap()), range);
                assert_eq!(response.headers().contains_key(VARY), content_type == TABLE);
            }
        }
        let beyond = answer(FILM, &[(RANGE, "bytes=10-")]);
        assert_eq!(beyond.status(), 416);
        assert_eq!(beyond.headers()[CONTENT_RANGE], "bytes */10");
    }

    #[test]
    fn clients_are_told_the_etag_of_the_form_that_they_have() {
        for (named, etag) in [
            ("\"v\"", "\"v\""),
            ("W/\"v\"", "W/\"v\""),
            ("\"x\", W/\"v\"", "W/\"v\""),
            ("W/\"v\", \"v\"", "\"v\""),
            ("*", "\"v\""),
        ] {
            let response = answer(TABLE, &[(IF_NONE_MATCH, named)]);
            assert_eq!(response.status(), 304, "{named}");
            assert_eq!(response.headers()[ETAG], etag, "{named}");
            assert_eq!(response.headers()[VARY], "accept-encoding");
        }
    }
}
