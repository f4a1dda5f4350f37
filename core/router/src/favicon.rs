//! `/favicon.ico`: the icon that browsers ask of every server. The tenant's own where its appearance has one, else Cairn's mark.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Response, StatusCode};
use cairn_http::extract::tenant::CurrentTenant;

/// Cairn's mark, three stones; light in a dark browser.
const MARK: &str = include_str!("favicon.svg");

/// Answers `GET /favicon.ico` with the mark, or leads to the icon of the tenant.
pub(crate) async fn serve_favicon(CurrentTenant(tenant): CurrentTenant) -> Response<Body> {
    let theme = cairn_settings::theme(&tenant.access);
    // Saved icons are addresses that `PictureUrl` has checked; one that is no header text falls back to the mark.
    let own = theme.favicon.as_deref().and_then(|url| HeaderValue::try_from(url).ok());
    let mut response = match own {
        Some(url) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::FOUND;
            response.headers_mut().insert(LOCATION, url);
            response
        }
        None => {
            let mut response = Response::new(Body::from(MARK));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
            response
        }
    };
    let fixed = HeaderValue::from_static;
    response.headers_mut().extend([
        // Browsers ask once per visit; a new icon is seen within five minutes.
        (CACHE_CONTROL, fixed("public, max-age=300")),
        (CONTENT_SECURITY_POLICY, fixed("default-src 'none'; style-src 'unsafe-inline'")),
        (X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
    ]);
    response
}
