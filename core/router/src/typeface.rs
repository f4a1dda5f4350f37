//! `/cairn/typeface/…`: the typeface of the admin for all other pages of this server, such as those of plugins. The files are those of the admin
//! UI, the same for everybody; a binary without it has none, and pages then have the typeface of the reader's machine.

use crate::admin_ui::file_response;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::Response;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};
use cairn_app::admin_ui::AdminUi;
use cairn_http::error::WireError;
use cairn_http::extract::url_params::Path;
use std::sync::Arc;

/// Name of the style sheet. It names the files with the letters, which have a hash of their content in their names.
const STYLE_SHEET: &str = "inter.css";

/// Answers `GET /cairn/typeface/{file}`.
pub(crate) async fn serve_file(
    Extension(ui): Extension<Arc<AdminUi>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response<Body>, WireError> {
    let stored = find_stored_name(&name).ok_or_else(WireError::not_found)?;
    let file = ui.find_file(&stored).ok_or_else(WireError::not_found)?;
    let mut response = file_response(&stored, file, &headers)?;
    let fixed = HeaderValue::from_static;
    let out = response.headers_mut();
    if name == STYLE_SHEET {
        // An upgrade of the server may bring other files.
        out.insert(CACHE_CONTROL, fixed("public, max-age=3600"));
    }
    // Pages of plugins have no origin: for their fonts they are strangers.
    out.insert(ACCESS_CONTROL_ALLOW_ORIGIN, fixed("*"));
    out.insert(HeaderName::from_static("cross-origin-resource-policy"), fixed("cross-origin"));
    Ok(response)
}

/// The name of a file of the typeface among those of the admin UI.
fn find_stored_name(name: &str) -> Option<String> {
    if name == STYLE_SHEET {
        return Some(format!("typeface/{name}"));
    }
    (name.starts_with("inter-") && name.ends_with(".woff2")).then(|| format!("assets/{name}"))
}
