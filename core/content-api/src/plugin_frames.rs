//! `/admin/plugins/{id}/frame/…`: pages that plugins bring for the admin, shown in frames that can do nothing but draw and send messages to
//! the page around them. They are files of the package, the same for everybody: no cookie is looked at and none is set.

use axum::Router;
use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Response, StatusCode};
use axum::routing::get;
use cairn_http::error::WireError;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_plugin_package::package::frame_media_type;
use cairn_store::plugins::PluginState;

/// Content security policy of such a page: scripts and styles of its own package, nothing of the network, and no origin of its own.
const FRAME_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self'; connect-src 'none'; frame-ancestors 'self'; sandbox allow-scripts";

pub(crate) fn routes() -> Router {
    Router::new().route("/admin/plugins/{id}/frame/{*path}", get(serve_frame_file))
}

/// A file below `admin/` of the package of a plugin that is switched on.
async fn serve_frame_file(
    CurrentTenant(tenant): CurrentTenant,
    Path((id, path)): Path<(String, String)>,
) -> Result<Response<Body>, WireError> {
    let kind = frame_media_type(&path).ok_or_else(WireError::not_found)?;
    let row = tenant.content.store().read(|r| r.plugins().get(&id))?;
    let row = row.filter(|row| row.state == PluginState::Enabled).ok_or_else(WireError::not_found)?;
    let face = tenant.plugins.package_metadata(&row.id, &row.current).await.map_err(|_| WireError::not_found())?;
    let content = face.files.get(&format!("admin/{path}")).ok_or_else(WireError::not_found)?;
    let mut response = Response::new(Body::from(content.to_vec()));
    *response.status_mut() = StatusCode::OK;
    let fixed = HeaderValue::from_static;
    response.headers_mut().extend([
        (CONTENT_TYPE, fixed(kind)),
        (CONTENT_SECURITY_POLICY, fixed(FRAME_POLICY)),
        (X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (REFERRER_POLICY, fixed("no-referrer")),
        // An upgrade brings others under the same names.
        (CACHE_CONTROL, fixed("no-cache")),
        // The frame is of no origin: its module scripts and fonts are those of a stranger.
        (ACCESS_CONTROL_ALLOW_ORIGIN, fixed("*")),
    ]);
    Ok(response)
}
