//! `/cairn/preview.js`: the script by which pages of a site, in the preview of the admin, tell which field a text is from. The same for everybody;
//! its address tells it whom to talk to.

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, IF_NONE_MATCH,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Response};
use cairn_http::responses::conditional_response;

/// The script, which is a package for sites as well.
const SCRIPT: &str = include_str!("../../../clients/preview/preview.js");

/// Answers `GET /cairn/preview.js`. Pages of every origin may load it, those as well that allow only what allows them.
pub(crate) async fn serve_preview_script(headers: HeaderMap) -> Response<Body> {
    let mut response = conditional_response(SCRIPT.into(), headers.get(IF_NONE_MATCH));
    let fixed = HeaderValue::from_static;
    let headers = [
        (CONTENT_TYPE, fixed("text/javascript; charset=utf-8")),
        // An upgrade of the server brings another one under the same address.
        (CACHE_CONTROL, fixed("public, max-age=300")),
        (ACCESS_CONTROL_ALLOW_ORIGIN, fixed("*")),
        (HeaderName::from_static("cross-origin-resource-policy"), fixed("cross-origin")),
        (X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}
