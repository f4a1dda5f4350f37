//! Pages of other origins: which responses their scripts may read, and what they may send (`docs/decisions/0065-pages-of-other-origins.md`).

use crate::responses::empty_response;
use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue, ORIGIN,
    VARY,
};
use axum::http::{HeaderMap, Response, StatusCode};
use cairn_app::config::ServerConfig;

/// Headers that pages of a configured origin may read. For pages of any origin `*` stands for all.
const EXPOSED_HEADERS: &str = "Cairn-Version, ETag, X-Request-Id, Location, Upload-Offset, Upload-Length, Upload-Expires, Tus-Resumable, Tus-Version, \
                       Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, Cairn-File";
/// Methods that such pages may use.
const ALLOWED_METHODS: &str = "GET, HEAD, POST, PUT, DELETE, PATCH";
/// Where pages of any origin may read: what everybody may request, and what is requested with a token in a header.
const OPEN_PREFIXES: [&str; 2] = ["/api/", "/uploads/"];
/// The address of GraphQL, where they may read as well.
const GRAPHQL_PATH: &str = "/graphql";

/// Marks the response of a plugin's route: the route itself says whose scripts may read it.
#[derive(Debug, Clone, Copy)]
pub struct HasOwnCorsRules;

/// The pages of other origins that may read the response to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigin {
    /// None.
    None,
    /// Those of every origin. Browsers send no cookies then.
    Any,
    /// Those of this origin, which is in the configuration.
    Configured(HeaderValue),
}

impl AllowedOrigin {
    /// Finds it for a request, by its path inside Cairn.
    pub fn for_request(config: &ServerConfig, path: &str, headers: &HeaderMap) -> Self {
        if config.allows_any_origin() {
            let open = OPEN_PREFIXES.iter().any(|prefix| path.starts_with(prefix))
                || path.trim_end_matches('/') == GRAPHQL_PATH;
            return if open { Self::Any } else { Self::None };
        }
        let origin = headers
            .get(ORIGIN)
            .filter(|origin| config.cors_origins.iter().any(|configured| configured.as_bytes() == origin.as_bytes()));
        origin.map_or(Self::None, |origin| Self::Configured(origin.clone()))
    }

    /// Adds what browsers need to know to a response.
    pub fn add_headers(self, config: &ServerConfig, response: &mut Response<Body>) {
        let has_own_rules = response.extensions().get::<HasOwnCorsRules>().is_some();
        let headers = response.headers_mut();
        // The same for every origin where all are allowed or none is.
        if !config.allows_any_origin() && !config.cors_origins.is_empty() {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        match self {
            Self::None => {}
            Self::Any if has_own_rules => {}
            Self::Any => {
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
                headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
            }
            Self::Configured(origin) => {
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
                headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
            }
        }
    }
}

/// The response to a preflight: what a page may send, where it may send anything.
pub fn preflight_response(headers: &HeaderMap, allowed: &AllowedOrigin) -> Response<Body> {
    let mut response = empty_response(StatusCode::NO_CONTENT);
    if *allowed != AllowedOrigin::None {
        let out = response.headers_mut();
        out.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(ALLOWED_METHODS));
        // By name: `*` does not stand for `Authorization`.
        if let Some(names) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            out.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(origins: &[&str], path: &str, origin: &'static str) -> AllowedOrigin {
        let cors_origins = origins.iter().map(|&origin| origin.to_owned()).collect();
        let config = ServerConfig { cors_origins, ..ServerConfig::default() };
        let headers = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))]);
        AllowedOrigin::for_request(&config, path, &headers)
    }

    #[test]
    fn any_origin_is_allowed_where_no_cookie_counts() {
        for path in ["/api/articles", "/api/nothing", "/uploads/a.png", "/graphql", "/graphql/"] {
            assert_eq!(allowed(&["*"], path, "https://example.com"), AllowedOrigin::Any, "{path}");
        }
        for path in ["/admin/api/me", "/admin", "/", "/api", "/_health", "/apis/x", "/graphql/x", "/graphqls"] {
            assert_eq!(allowed(&["*"], path, "https://example.com"), AllowedOrigin::None, "{path}");
        }
    }

    #[test]
    fn configured_origins_are_compared_in_full() {
        let configured = AllowedOrigin::Configured(HeaderValue::from_static("https://example.com"));
        assert_eq!(allowed(&["https://example.com"], "/admin/api/me", "https://example.com"), configured);
        for other in ["https://example.com.evil.example", "http://example.com", "null", "*", ""] {
            assert_eq!(allowed(&["https://example.com"], "/api/articles", other), AllowedOrigin::None, "{other}");
        }
        assert_eq!(allowed(&[], "/api/articles", "https://example.com"), AllowedOrigin::None);
    }
}
