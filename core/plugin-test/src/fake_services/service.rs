//! The answers of a fake service, as a test declares them.

use bytes::Bytes;
use cairn_plugin_package::{AddressPattern, parse_duration};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::time::Duration;
use url::Url;

/// An answer to all requests of a kind, however often they come.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Method and address, `POST https://api.example.com/v1/*`. `*` in place of the method is every method.
    pub on: String,
    /// Answer; by default 200 without a body.
    #[serde(default)]
    pub answer: Option<ServiceAnswer>,
    /// Delay in real time: `2s`.
    #[serde(default)]
    pub delay: Option<String>,
    /// Fault in place of an answer.
    #[serde(default)]
    pub fail: Option<ServiceFailure>,
}

/// A response with status, headers and body.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceAnswer {
    /// Status; default 200.
    pub status: Option<u16>,
    /// Names and values of headers.
    pub headers: Map<String, Json>,
    /// Body: JSON, or a text as it is.
    pub body: Option<Json>,
}

/// How an answer fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceFailure {
    /// The connection is closed without an answer.
    Close,
    /// The answer ends in the middle of its body.
    Cut,
}

/// Method and address.
#[derive(Debug, Clone)]
pub(crate) struct RequestLine {
    /// Method; `None`: every one.
    method: Option<String>,
    address: AddressPattern,
    host: String,
}

impl RequestLine {
    /// Parses `POST https://api.example.com/v1/*`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let describe_error = |why: &str| format!("{text:?}: {why}");
        let Some((method, address)) = text.trim().split_once(' ') else {
            return Err(describe_error(
                "expected a method and an address, such as \"GET https://api.example.com/v1/*\"",
            ));
        };
        let address = address.trim();
        let known = matches!(method, "*" | "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS");
        if !known {
            return Err(describe_error(
                "the method must be GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, or * for all",
            ));
        }
        let url = address.parse::<Url>().map_err(|e| describe_error(&e.to_string()))?;
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let address = address.parse::<AddressPattern>().map_err(|why| describe_error(&format!("the address {why}")))?;
        Ok(Self { method: (method != "*").then(|| method.to_owned()), address, host })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// True if a request fits the line.
    pub(crate) fn matches_request(&self, method: &str, url: &Url) -> bool {
        self.method.as_ref().is_none_or(|own| own == method) && self.address.matches_url(url)
    }
}

/// An answer that is ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct PreparedService {
    pub(crate) line: RequestLine,
    pub(crate) status: http::StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) delay: Duration,
    pub(crate) fail: Option<ServiceFailure>,
}

impl PreparedService {
    pub(crate) fn from_service(service: &Service) -> Result<Self, String> {
        let Service { on, answer, delay, fail } = service;
        let describe_error = |why: String| format!("{on:?}: {why}");
        let line = RequestLine::parse(on)?;
        let answer = answer.clone().unwrap_or_default();
        let status = answer.status.unwrap_or(200);
        let status = http::StatusCode::from_u16(status)
            .ok()
            .filter(|s| s.as_u16() >= 200)
            .ok_or_else(|| describe_error(format!("{status} is not a valid status: use 200 to 599")))?;
        let mut headers = http::HeaderMap::new();
        for (name, value) in &answer.headers {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let pair = (name.parse::<http::HeaderName>(), text.parse::<http::HeaderValue>());
            let (Ok(name), Ok(value)) = pair else {
                return Err(describe_error(format!("{name:?} is not a valid header")));
            };
            headers.append(name, value);
        }
        let body = match &answer.body {
            None => Bytes::new(),
            Some(Json::String(text)) => Bytes::from(text.clone().into_bytes()),
            Some(json) => {
                let json_type = http::HeaderValue::from_static("application/json");
                headers.entry(http::header::CONTENT_TYPE).or_insert(json_type);
                Bytes::from(json.to_string().into_bytes())
            }
        };
        let delay = match delay {
            None => Duration::ZERO,
            Some(text) => parse_duration(text).ok_or_else(|| {
                describe_error(format!("{text:?} is not a duration: write a whole number and a unit, such as \"2s\""))
            })?,
        };
        Ok(Self { line, status, headers, body, delay, fail: *fail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn request_lines_match_method_scheme_host_and_path() {
        let line = RequestLine::parse("POST https://api.example.com/v1/*").unwrap();
        assert_eq!(line.host(), "api.example.com");
        let fits = |line: &RequestLine, method: &str, url: &str| line.matches_request(method, &url.parse().unwrap());
        assert!(fits(&line, "POST", "https://api.example.com/v1/texts?x=1"));
        for (method, url) in [
            ("GET", "https://api.example.com/v1/texts"),
            ("POST", "http://api.example.com/v1/texts"),
            ("POST", "https://api.example.com/v2"),
            ("POST", "https://example.com/v1/texts"),
        ] {
            assert!(!fits(&line, method, url), "{method} {url}");
        }
        let all = RequestLine::parse("* http://api.example.com:8080/*").unwrap();
        assert!(
            fits(&all, "DELETE", "http://api.example.com:8080/x") && !fits(&all, "DELETE", "http://api.example.com/x")
        );
    }

    #[test]
    fn invalid_services_are_reported() {
        let service = |json: Json| PreparedService::from_service(&serde_json::from_value(json).unwrap()).unwrap_err();
        for (json, message) in [
            (json!({ "on": "https://a.test/" }), "expected a method and an address"),
            (json!({ "on": "FETCH https://a.test/" }), "the method must be GET"),
            (json!({ "on": "GET a.test/" }), "a.test"),
            (json!({ "on": "GET https://a.test" }), "path"),
            (json!({ "on": "GET https://a.test/", "answer": { "status": 100 } }), "100 is not a valid status"),
            (json!({ "on": "GET https://a.test/", "answer": { "status": 9000 } }), "9000 is not a valid status"),
            (json!({ "on": "GET https://a.test/", "answer": { "headers": { "a b": "c" } } }), "is not a valid header"),
            (json!({ "on": "GET https://a.test/", "answer": { "headers": { "a": "c\nd" } } }), "is not a valid header"),
            (json!({ "on": "GET https://a.test/", "delay": "soon" }), "is not a duration"),
        ] {
            let error = service(json.clone());
            assert!(error.contains(message), "{json}: {error}");
        }
    }
}
