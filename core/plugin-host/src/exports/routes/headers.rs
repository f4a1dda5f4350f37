//! The headers of an answer: how many there may be, how they are written, and which of them are a plugin's to set.
//!
//! Which are is a list of those that are, not of those that are not: a header that browsers come to know later does nothing until it is
//! thought through.

use crate::call::error::CallError;
use crate::runtime::generation::Generation;
use cairn_store::plugins::{LogLevel, NewLog};
use serde_json::json;
use url::Url;

/// Most headers of an answer.
const MAX_HEADERS: usize = 100;
/// Most bytes of all names and values together.
const MAX_HEADER_BYTES: usize = 16 << 10;
/// Most names of headers left out that are remembered for a plugin that runs.
const MAX_REMEMBERED_NAMES: usize = 100;

/// Headers that are there once: of several the first counts.
const SINGLE_HEADERS: [&str; 12] = [
    "allow",
    "cache-control",
    "content-disposition",
    "content-language",
    "content-type",
    "etag",
    "expires",
    "last-modified",
    "location",
    "retry-after",
    "vary",
    "x-robots-tag",
];
/// Headers of which there may be several. A policy for content can only tighten what is said beside it.
const REPEATABLE_HEADERS: [&str; 2] = ["content-security-policy", "link"];

/// Checks that an answer with these headers can be sent at all. Returns an error if there are too many or they are too long, or one is
/// written so that it would be several, or none.
pub(super) fn check_headers(headers: &[(String, String)]) -> Result<(), CallError> {
    if headers.len() > MAX_HEADERS {
        return Err(CallError::invalid_output(format!(
            "its response has {} headers; the limit is {MAX_HEADERS}",
            headers.len()
        )));
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MAX_HEADER_BYTES {
        return Err(CallError::invalid_output(format!(
            "its response headers have {bytes} bytes; the limit is {MAX_HEADER_BYTES}"
        )));
    }
    for (name, value) in headers {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if name.is_empty() || !name.bytes().all(token) {
            return Err(CallError::invalid_output(format!("{:?} is not a valid header name", truncate_name(name))));
        }
        if value.chars().any(|c| c.is_control() && c != '\t') {
            return Err(CallError::invalid_output(format!(
                "the value of the header {name:?} contains a control character, such as a line break"
            )));
        }
    }
    Ok(())
}

/// Leaves those that are a plugin's to set, with names in small letters, and answers the names of the others.
pub(super) fn keep_allowed(plugin: &str, headers: &mut Vec<(String, String)>) -> Vec<String> {
    let (mut allowed, mut dropped): (Vec<(String, String)>, Vec<String>) =
        (Vec::with_capacity(headers.len()), Vec::new());
    let mut varies: Option<usize> = None;
    for (name, value) in std::mem::take(headers) {
        let name = name.to_ascii_lowercase();
        let is_duplicate = allowed.iter().any(|(known, _)| *known == name);
        let fits = match name.as_str() {
            "location" => !is_duplicate && leads_to_a_page(&value),
            // Said twice it is both.
            "vary" => match varies {
                Some(at) => {
                    let (_, all) = &mut allowed[at];
                    all.push_str(", ");
                    all.push_str(&value);
                    continue;
                }
                None => {
                    varies = Some(allowed.len());
                    true
                }
            },
            single if SINGLE_HEADERS.contains(&single) => !is_duplicate,
            other => REPEATABLE_HEADERS.contains(&other) || is_plugin_header(plugin, other),
        };
        match fits {
            true => allowed.push((name, value)),
            false if dropped.contains(&name) => {}
            false => dropped.push(name),
        }
    }
    *headers = allowed;
    dropped
}

/// `x-<plugin>` and `x-<plugin>-…`.
fn is_plugin_header(plugin: &str, name: &str) -> bool {
    let rest = name.strip_prefix("x-").and_then(|name| name.strip_prefix(plugin));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// True if a browser that goes there reads a page: of this site, or of another by HTTP. False for a script, and for a URL
/// with a name or a password.
fn leads_to_a_page(location: &str) -> bool {
    let Ok(base) = Url::parse("https://site.invalid/api/") else { return false };
    base.join(location).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.has_host()
    })
}

/// A line of the plugin's log about headers that were left out: once for each name while this version of it runs.
pub(super) fn log_dropped(generation: &Generation, call: &str, dropped: Vec<String>) -> Vec<NewLog> {
    let mut known = generation.dropped_headers.lock();
    let news: Vec<String> =
        dropped.into_iter().filter(|name| known.len() < MAX_REMEMBERED_NAMES && known.insert(name.clone())).collect();
    if news.is_empty() {
        return Vec::new();
    }
    vec![NewLog {
        plugin: generation.id().to_owned(),
        at: generation.now(),
        level: LogLevel::Warn,
        message: "response headers were removed: plugins cannot set them, or they were set twice".to_owned(),
        fields: json!({ "headers": news.join(", ") }),
        call: Some(call.to_owned()),
    }]
}

fn truncate_name(name: &str) -> String {
    name.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter_headers(headers: &[(&str, &str)]) -> (Vec<(String, String)>, Vec<String>) {
        let mut headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let dropped = keep_allowed("crm", &mut headers);
        (headers, dropped)
    }

    #[test]
    fn only_permitted_response_headers_pass() {
        for name in SINGLE_HEADERS.iter().chain(&REPEATABLE_HEADERS).chain(&["X-Crm", "x-crm-total"]) {
            let value = if *name == "location" { "/thanks" } else { "x" };
            assert_eq!(
                filter_headers(&[(name, value)]),
                (vec![(name.to_ascii_lowercase(), value.to_owned())], vec![]),
                "{name}"
            );
        }
        for name in [
            "Set-Cookie",
            "set-cookie2",
            "Clear-Site-Data",
            "WWW-Authenticate",
            "Service-Worker-Allowed",
            "Access-Control-Allow-Origin",
            "Content-Length",
            "Transfer-Encoding",
            "Connection",
            "Refresh",
            "Strict-Transport-Security",
            "Alt-Svc",
            "NEL",
            "Report-To",
            "SourceMap",
            "X-Accel-Redirect",
            "X-Sendfile",
            "X-Frame-Options",
            "X-Crmx",
            "x-request-id",
            "cairn-version",
        ] {
            assert_eq!(filter_headers(&[(name, "x")]), (vec![], vec![name.to_ascii_lowercase()]), "{name}");
        }
    }

    #[test]
    fn duplicate_headers_are_dropped_and_vary_is_joined() {
        let (all, dropped) = filter_headers(&[
            ("content-type", "application/json"),
            ("Vary", "Accept"),
            ("Content-Type", "text/html"),
            ("vary", "Cookie"),
            ("link", "<a>"),
            ("link", "<b>"),
        ]);
        let pairs: Vec<_> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(
            pairs,
            [("content-type", "application/json"), ("vary", "Accept, Cookie"), ("link", "<a>"), ("link", "<b>")]
        );
        assert_eq!(dropped, ["content-type"]);
    }

    #[test]
    fn redirects_lead_only_to_web_pages() {
        for good in
            ["/thanks", "thanks", "?a=1", "https://example.com/x?y#z", "http://example.com", "//example.com/x", ""]
        {
            assert!(leads_to_a_page(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "blob:https://example.com/x",
            "file:///etc/passwd",
            "ftp://example.com",
            "mailto:a@example.com",
            "https://admin:secret@example.com/",
            "https://",
        ] {
            assert!(!leads_to_a_page(bad), "{bad}");
        }
    }

    #[test]
    fn headers_are_limited_in_number_size_and_characters() {
        let one = |name: &str, value: &str| check_headers(&[(name.to_owned(), value.to_owned())]);
        assert!(one("X-Crm", "a\tb é").is_ok());
        for (name, value) in
            [("", "x"), ("x a:\n", "x"), ("x-é", "x"), ("x", "a\r\nset-cookie: b"), ("x", "a\0"), ("x", "\u{7f}")]
        {
            assert!(one(name, value).is_err(), "{name:?} {value:?}");
        }
        assert!(check_headers(&vec![("x".to_owned(), "y".to_owned()); MAX_HEADERS]).is_ok());
        assert!(check_headers(&vec![("x".to_owned(), "y".to_owned()); MAX_HEADERS + 1]).is_err());
        assert!(one("x", &"y".repeat(MAX_HEADER_BYTES - 1)).is_ok());
        assert!(one("x", &"y".repeat(MAX_HEADER_BYTES)).is_err());
    }
}
