//! Responses from plugins. What a browser would show or run of them has an opaque origin, not that of the admin, whose pages are on the
//! same host, and so cannot reach anything of the admin's.

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LAST_MODIFIED, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_DNS_PREFETCH_CONTROL, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use cairn_http::error::WireError;
use cairn_plugin_host::routes::RouteResponse as Answer;

/// Type of a response that has none, or an invalid one.
const DEFAULT_CONTENT_TYPE: &str = "application/octet-stream";

/// Types of which browsers run nothing, and which a sandbox would prevent from being shown (PDF) or used.
const INERT_TYPES: [&str; 8] = [
    "application/gzip",
    "application/json",
    "application/octet-stream",
    "application/pdf",
    "application/zip",
    "text/calendar",
    "text/csv",
    "text/plain",
];
/// Groups of such types; SVG is the one picture that runs.
const INERT_GROUPS: [&str; 4] = ["audio/", "font/", "image/", "video/"];

/// Header in which browsers state the purpose of a request; scripts cannot set it.
pub(super) const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Converts an answer to a response; `None` where it is not a valid one. A policy from the plugin is sent beside `page_policy`: browsers
/// enforce both.
pub(super) fn to_response(answer: Answer, page_policy: impl FnOnce() -> HeaderValue) -> Option<Response<Body>> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(answer.status).ok()?;
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        headers.try_append(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?).ok()?;
    }
    if !answer.body.is_empty() && !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(DEFAULT_CONTENT_TYPE));
    }
    // Browsers show a plugin's response as the type that it declares, or not at all.
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.get(CONTENT_TYPE).is_none_or(is_inert) {
        seal_off(headers, page_policy());
    }
    *response.body_mut() = Body::from(answer.body);
    Some(response)
}

/// Adds the headers of content that browsers may run.
pub(super) fn seal_off(headers: &mut HeaderMap, page_policy: HeaderValue) {
    headers.append(CONTENT_SECURITY_POLICY, page_policy);
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_DNS_PREFETCH_CONTROL, HeaderValue::from_static("off"));
}

/// Headers of a file's bytes, which a plugin that answers with the file cannot set.
const FILE_HEADERS: [HeaderName; 7] =
    [ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, LAST_MODIFIED];

/// Converts an answer that is a file: `response` is that file, as everybody gets it who may see it. Its type, its length and what browsers may
/// do with it are the file's; a name for a download may be the plugin's. `None` where it is not a valid answer.
pub(super) fn to_file_response(answer: Answer, mut response: Response<Body>) -> Option<Response<Body>> {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    for (name, value) in answer.headers {
        let (name, value) = (HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
        if FILE_HEADERS.contains(&name) || (name == CONTENT_DISPOSITION && !is_download(&value)) {
            continue;
        }
        if name == CONTENT_DISPOSITION || name == CACHE_CONTROL {
            headers.insert(name, value);
        } else {
            headers.try_append(name, value).ok()?;
        }
    }
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::from_u16(answer.status).ok()?;
    }
    Some(response)
}

fn is_download(disposition: &HeaderValue) -> bool {
    let kind = disposition.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("attachment")
}

/// True if browsers run nothing of that type. Of a list of types they use the last: such a value is not a single type, and not inert.
fn is_inert(value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return false };
    let kind = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    let single =
        !text.contains(',') && kind.split_once('/').is_some_and(|(top_level, name)| part(top_level) && part(name));
    single
        && !kind.ends_with("+xml")
        && (INERT_TYPES.contains(&kind.as_str())
            || kind.ends_with("+json")
            || INERT_GROUPS.iter().any(|group| kind.starts_with(group)))
}

/// Refuses requests that would run a response on this host without a page around it, as a worker of the admin's pages above all. Fails with
/// 403 for a request that loads a worker or a worklet.
pub(super) fn refuse_workers(headers: &HeaderMap) -> Result<(), WireError> {
    let destination = headers.get(&SEC_FETCH_DEST).map(HeaderValue::as_bytes).unwrap_or_default();
    let worker = [&b"worker"[..], b"sharedworker", b"serviceworker", b"audioworklet", b"paintworklet"];
    match worker.contains(&destination) {
        true => Err(WireError::forbidden_because("Responses of plugins cannot be used as workers")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE_POLICY: HeaderValue = HeaderValue::from_static("sandbox");

    fn response_headers(kind: Option<&str>, extra_headers: &[(&str, &str)]) -> HeaderMap {
        let headers = kind.map(|kind| ("content-type", kind)).into_iter().chain(extra_headers.iter().copied());
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        to_response(Answer { status: 200, headers, body: b"x".to_vec(), file: None }, || PAGE_POLICY)
            .unwrap()
            .headers()
            .clone()
    }

    #[test]
    fn executable_content_types_are_sandboxed() {
        for kind in [
            "text/html",
            "TEXT/HTML; charset=utf-8",
            "application/xhtml+xml",
            "image/svg+xml",
            "image/SVG+XML;x=y",
            "text/xml",
            "application/xml",
            "application/rss+xml",
            "text/javascript",
            "application/javascript",
            "text/css",
            "multipart/x-mixed-replace; boundary=x",
            "application/json, text/html",
            "text/plain;x=\"a\",text/html",
            "application/json text/html",
            "text",
            "",
            "/",
            "application/x-shockwave-flash",
            "message/rfc822",
            "*/*",
        ] {
            let headers = response_headers(Some(kind), &[]);
            assert_eq!(headers[CONTENT_SECURITY_POLICY], PAGE_POLICY, "{kind}");
            assert_eq!(headers[REFERRER_POLICY], "no-referrer", "{kind}");
            assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff", "{kind}");
            assert_eq!(headers[X_FRAME_OPTIONS], "DENY", "{kind}");
        }
        for kind in
            ["application/json", "application/problem+json; charset=utf-8", "image/png", "application/pdf", "text/csv"]
        {
            let headers = response_headers(Some(kind), &[]);
            assert!(!headers.contains_key(CONTENT_SECURITY_POLICY), "{kind}");
            assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff", "{kind}");
        }
        assert_eq!(response_headers(None, &[])[CONTENT_TYPE], DEFAULT_CONTENT_TYPE);
    }

    #[test]
    fn plugin_csp_does_not_replace_the_sandbox_policy() {
        let headers = response_headers(
            Some("text/html"),
            &[("content-security-policy", "sandbox allow-same-origin allow-scripts")],
        );
        let all: Vec<_> = headers.get_all(CONTENT_SECURITY_POLICY).iter().collect();
        assert_eq!((all.len(), all[1]), (2, &PAGE_POLICY));
    }

    #[test]
    fn responses_with_too_many_headers_are_rejected() {
        let headers = (0..100_000).map(|n| (format!("x-{n}"), "y".to_owned())).collect();
        assert!(to_response(Answer { status: 200, headers, body: Vec::new(), file: None }, || PAGE_POLICY).is_none());
    }

    #[test]
    fn plugins_do_not_decide_how_their_files_are_shown() {
        let answer = |headers: &[(&str, &str)]| {
            let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let mut file = Response::new(Body::from("<script>"));
            file.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            file.headers_mut().insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"a.html\""));
            to_file_response(Answer { status: 200, headers, body: Vec::new(), file: None }, file).unwrap()
        };
        let shown = answer(&[
            ("content-type", "text/plain"),
            ("content-disposition", "inline"),
            ("etag", "\"x\""),
            ("content-encoding", "gzip"),
            ("content-length", "1"),
        ]);
        assert!(![CONTENT_ENCODING, CONTENT_LENGTH].iter().any(|name| shown.headers().contains_key(name)));
        assert_eq!(shown.headers()[CONTENT_TYPE], "text/html");
        assert_eq!(shown.headers()[CONTENT_DISPOSITION], "attachment; filename=\"a.html\"");
        assert_eq!(shown.headers().get(ETAG), None);
        assert_eq!(shown.headers()[CACHE_CONTROL], "private, no-cache");
        let named =
            answer(&[("content-disposition", "attachment; filename=\"b.html\""), ("cache-control", "no-store")]);
        assert_eq!(named.headers()[CONTENT_DISPOSITION], "attachment; filename=\"b.html\"");
        assert_eq!(named.headers()[CACHE_CONTROL], "no-store");
    }

    #[test]
    fn worker_requests_are_rejected() {
        let asks = |dest: &'static str| {
            refuse_workers(&HeaderMap::from_iter([(SEC_FETCH_DEST, HeaderValue::from_static(dest))])).is_err()
        };
        assert!(["worker", "sharedworker", "serviceworker", "audioworklet"].iter().all(|dest| asks(dest)));
        assert!(!["document", "empty", "image", "script"].iter().any(|dest| asks(dest)));
    }
}
