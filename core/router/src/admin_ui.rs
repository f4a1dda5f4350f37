//! `/admin`: the admin UI. Files with a hash of their content in the name are cached for good; every other address below it gets the page,
//! and the application reads the address. Clients that want JSON, such as tools for Strapi's admin API, get none.

use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap,
    HeaderName, HeaderValue, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Response, StatusCode};
use axum::routing::{any, get};
use bytes::Bytes;
use cairn_app::admin_ui::{AdminUi, AdminUiFile, NONCE_PLACEHOLDER};
use cairn_http::error::WireError;
use cairn_http::extract::url_params::Path;
use std::io;
use std::sync::Arc;

/// Folder of the files that Vite writes with a hash in each name.
const HASHED_FILES_PREFIX: &str = "assets/";

/// Page for a binary that was built without the admin UI.
const NOT_BUILT_PAGE: &str = include_str!("admin_ui/not_built.html");

pub(crate) fn routes(ui: Arc<AdminUi>) -> Router {
    Router::new()
        .route("/admin", get(serve_page))
        // Tools that write to Strapi's admin API read JSON, too.
        .route("/admin/{*path}", get(file_or_page).fallback(not_found))
        // Unknown addresses of the API return JSON, which its callers expect, not the page.
        .route("/admin/api", any(not_found))
        .route("/admin/api/{*path}", any(not_found))
        .layer(Extension(ui))
}

async fn not_found() -> WireError {
    WireError::not_found()
}

/// Answers `GET /admin` with the page.
async fn serve_page(Extension(ui): Extension<Arc<AdminUi>>) -> Response<Body> {
    page_response(&ui)
}

/// `GET /admin/{path}`: a file by that name, else the page.
async fn file_or_page(
    Extension(ui): Extension<Arc<AdminUi>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response<Body>, WireError> {
    match ui.find_file(&path) {
        Some(file) => file_response(&path, file, &headers),
        // A chunk of an older version: the page in its place would be read as a script, and fail in a way nobody understands.
        None if path.starts_with(HASHED_FILES_PREFIX) || wants_json(&headers) => Err(WireError::not_found()),
        None => Ok(page_response(&ui)),
    }
}

/// True if a client asks for JSON and not for a page, as no browser does that opens an address.
fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let accepted: Vec<&str> = accepted.flat_map(|value| value.split(',')).map(str::trim).collect();
    let names = |media_type: &str| accepted.iter().any(|accepted| accepted.starts_with(media_type));
    names("application/json") && !names("text/html")
}

fn page_response(ui: &AdminUi) -> Response<Body> {
    let nonce = format!("{:032x}", rand::random::<u128>());
    let (status, html) = match ui.page_with_nonce(&nonce) {
        Some(html) => (StatusCode::OK, html),
        None => (StatusCode::NOT_FOUND, NOT_BUILT_PAGE.replace(NONCE_PLACEHOLDER, &nonce)),
    };
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let fixed = HeaderValue::from_static;
    response.headers_mut().extend([
        (CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        (VARY, fixed("Accept")),
        // The page names the newest files, and its nonce is used once.
        (CACHE_CONTROL, fixed("no-cache, private")),
        // Hexadecimal digits are legal header text.
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::try_from(content_security_policy(&nonce)).unwrap_or(fixed("default-src 'none'")),
        ),
        (X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (REFERRER_POLICY, fixed("same-origin")),
        (HeaderName::from_static("x-frame-options"), fixed("DENY")),
        (HeaderName::from_static("cross-origin-opener-policy"), fixed("same-origin")),
        (HeaderName::from_static("permissions-policy"), fixed("camera=(), microphone=(), geolocation=()")),
    ]);
    response
}

/// The content security policy. Scripts are files of ours alone; a style element needs the nonce. Pictures and films may come from an
/// object store or a CDN, and a preview is a page of the site that is being edited.
fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; font-src 'self'; connect-src 'self'; \
         img-src 'self' data: blob: https: http:; media-src 'self' blob: https: http:; frame-src 'self' https: http:; \
         worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
         object-src 'none'"
    )
}

/// A file of the admin UI, in the smallest form that the client accepts. Returns an error if the file is broken.
pub(crate) fn file_response(name: &str, file: &AdminUiFile, headers: &HeaderMap) -> Result<Response<Body>, WireError> {
    let (bytes, encoding) = choose_encoding(file, headers).map_err(WireError::internal)?;
    let fixed = HeaderValue::from_static;
    let mut response = Response::new(Body::from(bytes));
    let cache_control =
        if name.starts_with(HASHED_FILES_PREFIX) { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().extend([
        (CONTENT_TYPE, fixed(content_type(name))),
        (CACHE_CONTROL, fixed(cache_control)),
        (VARY, fixed("Accept-Encoding")),
        (X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
    ]);
    if let Some(encoding) = encoding {
        response.headers_mut().insert(CONTENT_ENCODING, fixed(encoding));
    }
    Ok(response)
}

/// The smallest form of a file that the client accepts. Returns the errors of [`AdminUiFile::plain`].
fn choose_encoding(file: &AdminUiFile, headers: &HeaderMap) -> io::Result<(Bytes, Option<&'static str>)> {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let takes = |coding: &str| {
        accepted.split(',').any(|offer| {
            let mut parts = offer.split(';').map(str::trim);
            let is_match = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
            // `q=0` is a refusal.
            let refused =
                parts.any(|p| p.strip_prefix("q=").and_then(|q| q.parse().ok()).is_some_and(|q: f32| q <= 0.0));
            is_match && !refused
        })
    };
    if let Some(bytes) = file.brotli().filter(|_| takes("br")) {
        return Ok((bytes, Some("br")));
    }
    if takes("gzip")
        && let Some(bytes) = file.gzip()?
    {
        return Ok((bytes, Some("gzip")));
    }
    Ok((file.plain()?, None))
}

/// The content type by the ending of a name, for everything that Vite writes.
fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
