//! Every route, grouped by who calls it. Content types are routed by the fallback: their names come from the model.
//!
//! The router has no state: handlers reach only the tenant that the request was given.

use crate::{admin_ui, api_reference, favicon, health, openapi_route, preview_script, root, typeface};
use axum::Router;
use axum::extract::{Extension, Request};
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use cairn_app::admin_ui::AdminUi;
use cairn_content_api::{admin_copies, content_api_routes};
use cairn_http::compression::compress_responses;
use cairn_http::error::WireError;
use cairn_http::extract::tenant::{open_tenant, open_tenant_exclusively};
use cairn_http::openapi::router::ApiRouter;
use cairn_http::responses::method_not_allowed;
use std::any::Any;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

/// Builds the router. Each group of routes has the layers that its handlers need.
pub(crate) fn build_router(admin_ui: Arc<AdminUi>) -> Router {
    let tenant = from_fn(open_tenant);
    let refuse_options = from_fn(refuse_options);
    let admin = admin_api().into_router().merge(openapi_route::routes());
    // The process is well whoever is asked for: probes come by address, not by a tenant's name.
    let health = Router::new().route("/_health", get(health::serve_health));
    let health = compress_responses(answer_other_methods(health)).layer(refuse_options.clone());
    let content_api = compress_responses(content_api_routes()).layer(tenant.clone());
    let pages = answer_other_methods(pages(admin_ui).merge(admin.shared).merge(admin_copies()));
    let pages = compress_responses(pages).layer(tenant).layer(refuse_options);
    let exclusive = compress_responses(admin.exclusive).layer(from_fn(open_tenant_exclusively));
    content_api.merge(pages).merge(exclusive).merge(health).layer(CatchPanicLayer::custom(answer_panic))
}

fn answer_other_methods(routes: Router) -> Router {
    routes.method_not_allowed_fallback(|| async { method_not_allowed() })
}

/// Only the content API says which methods a path takes.
async fn refuse_options(request: Request, next: Next) -> Response {
    if *request.method() == Method::OPTIONS { method_not_allowed() } else { next.run(request).await }
}

fn answer_panic(_: Box<dyn Any + Send>) -> Response {
    WireError::internal("a handler panicked").into_http_response()
}

/// Pages for people, and files.
fn pages(admin_ui: Arc<AdminUi>) -> Router {
    Router::new()
        .route("/", get(root::serve_start_page))
        .route("/favicon.ico", get(favicon::serve_favicon))
        .route("/cairn/preview.js", get(preview_script::serve_preview_script))
        .route("/cairn/typeface/{file}", get(typeface::serve_file).layer(Extension(admin_ui.clone())))
        .route("/api/openapi.html", get(api_reference::serve_page).layer(Extension(admin_ui.clone())))
        .merge(cairn_content_api::page_routes())
        .merge(admin_ui::routes(admin_ui))
}

/// The areas of the admin API.
pub(crate) fn admin_api() -> ApiRouter {
    cairn_administration_api::add_areas(cairn_editing_api::add_areas(ApiRouter::default()))
}
