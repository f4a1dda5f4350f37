//! Every route, grouped by who calls it. Content types are routed by the fallback: their names come from the model.
//!
//! The router has no state: handlers reach only the tenant that the request was given.

use crate::compression::compress_responses;
use crate::error::WireError;
use crate::extract::tenant::{open_tenant, open_tenant_exclusively};
use crate::responses::{mark_methods, method_not_allowed};
use crate::routes;
use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{any, delete, get, post, put};
use cairn_app::admin_ui::AdminUi;
use std::any::Any;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

/// Builds the router. Each group of routes has the layers that its handlers need.
pub(crate) fn build_router(admin_ui: Arc<AdminUi>) -> Router {
    let tenant = from_fn(open_tenant);
    let refuse_options = from_fn(refuse_options);
    let admin = routes::admin::routes().merge(routes::openapi::routes());
    // The process is well whoever is asked for: probes come by address, not by a tenant's name.
    let health = Router::new().route("/_health", get(routes::health::serve_health));
    let health = compress_responses(answer_other_methods(health)).layer(refuse_options.clone());
    let content_api = content_api_routes()
        .route_layer(from_fn(routes::see_as::answer_core_routes))
        .method_not_allowed_fallback(answer_other_method_of_api)
        // Everything else: the project's content types.
        .fallback(routes::content::dispatch_content);
    let content_api = compress_responses(content_api).layer(tenant.clone());
    let pages = answer_other_methods(page_routes(admin_ui).merge(admin.shared).merge(admin_copies()));
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

/// Lists the methods of a route that has no answer of its own to `OPTIONS`.
async fn answer_other_method_of_api(method: Method) -> Response {
    let refused = method_not_allowed();
    if method == Method::OPTIONS { mark_methods(refused) } else { refused }
}

fn answer_panic(_: Box<dyn Any + Send>) -> Response {
    WireError::internal("a handler panicked").into_http_response()
}

/// Routes for people, and files.
fn page_routes(admin_ui: Arc<AdminUi>) -> Router {
    use routes::{files, invitation_page, root};
    Router::new()
        .route("/", get(root::serve_start_page))
        .route("/invitation", get(invitation_page::show_page).post(invitation_page::submit_page))
        .route("/uploads/{file}", get(files::serve_upload))
        .route("/uploads/private/{file}", get(files::serve_upload))
        .merge(routes::plugin_frames::routes())
        .merge(routes::plugins::public_file_routes())
        .merge(routes::admin_ui::routes(admin_ui))
}

/// The content API besides what the content types bring.
fn content_api_routes() -> Router {
    use routes::upload::resumable;
    use routes::{auth, connect, content_type_builder, live, locales, upload, users};
    Router::new()
        // Files.
        .route("/api/upload", post(upload::handle_upload))
        .route("/api/upload/resumable", post(resumable::begin_upload).options(resumable::describe_protocol))
        .route(
            "/api/upload/resumable/{id}",
            get(resumable::upload_state)
                .patch(resumable::append_piece)
                .delete(resumable::cancel_upload)
                .head(resumable::report_offset)
                .options(resumable::describe_protocol),
        )
        .route("/api/upload/files", get(upload::list_files))
        .route("/api/upload/files/{id}", get(upload::find_file).delete(upload::delete_file))
        // Users & permissions.
        .route("/api/auth/local", post(auth::sign_in))
        .route("/api/auth/local/register", post(auth::register))
        .route("/api/auth/forgot-password", post(auth::forgot_password))
        .route("/api/auth/reset-password", post(auth::reset_password))
        .route("/api/auth/accept-invitation", post(auth::accept_invitation))
        .route("/api/auth/request-invitation", post(auth::request_invitation))
        .route("/api/auth/change-password", post(auth::change_password))
        .route("/api/auth/email-confirmation", get(auth::email_confirmation))
        .route("/api/auth/send-email-confirmation", post(auth::send_email_confirmation))
        .route("/api/auth/refresh", post(auth::refresh))
        .route("/api/auth/logout", post(auth::logout))
        .route("/api/users", get(users::list_users).post(users::create_user))
        .route("/api/users/me", get(users::current_user))
        .route("/api/users/count", get(users::count_users))
        .route(
            "/api/users/{id}",
            get(users::find_user).merge(put(users::update_user)).merge(delete(users::delete_user)),
        )
        .route("/api/users-permissions/roles", get(users::list_roles))
        .route("/api/users-permissions/roles/{id}", get(users::find_role))
        .route("/api/users-permissions/permissions", get(users::list_permissions))
        .route("/api/connect/{provider}", get(connect::refuse_provider))
        // The content types and components themselves, for generators of types and pages.
        .route("/api/content-type-builder/content-types", get(content_type_builder::list_content_types))
        .route("/api/content-type-builder/content-types/{uid}", get(content_type_builder::find_content_type))
        .route("/api/content-type-builder/components", get(content_type_builder::list_components))
        .route("/api/content-type-builder/components/{uid}", get(content_type_builder::find_component))
        // i18n.
        .route("/api/i18n/locales", get(locales::serve_locales))
        // What happens, while it happens.
        .route("/api/live", get(live::open_stream))
}

/// Routes of the content API at a second address, for admins: there the cookie of their session says who they are. Their handlers tell the two
/// apart by the path, and require a signed-in admin here (`extract::admin::authenticate_caller`).
fn admin_copies() -> Router {
    use routes::upload::resumable;
    use routes::{live, plugins, upload};
    Router::new()
        .route("/admin/api/upload", post(upload::handle_upload))
        .route("/admin/api/upload/resumable", post(resumable::begin_upload))
        .route(
            "/admin/api/upload/resumable/{id}",
            get(resumable::upload_state)
                .patch(resumable::append_piece)
                .delete(resumable::cancel_upload)
                .head(resumable::report_offset),
        )
        .route("/admin/api/upload/files", get(upload::list_files))
        .route("/admin/api/upload/files/{id}", get(upload::find_file).delete(upload::delete_file))
        .route("/admin/api/live", get(live::open_stream))
        .route("/admin/api/plugin-routes/{plugin}/{*path}", any(plugins::serve_admin))
}

#[cfg(test)]
mod tests {
    use cairn_model::Registry;
    use cairn_plugin_package::RESERVED_IDS;

    /// The first segments of the paths below `/api/` that are served before plugins are considered.
    fn first_path_segments() -> Vec<&'static str> {
        let routes = include_str!("router.rs").split("#[cfg(test)]").next().unwrap_or_default();
        let paths = routes.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1)?.strip_prefix("/api/"));
        paths.filter_map(|path| path.split('/').next()).collect()
    }

    #[test]
    fn plugin_ids_used_by_core_routes_and_types_are_reserved() {
        let parts = first_path_segments();
        assert!(parts.contains(&"upload") && parts.contains(&"live") && parts.len() > 20, "{parts:?}");
        for part in parts {
            assert!(RESERVED_IDS.contains(&part), "/api/{part} is served by the core, and a plugin could be called so");
        }
        let empty = tempfile::tempdir().unwrap();
        let registry: Registry = cairn_model::load::load_project(empty.path()).unwrap().registry;
        for ct in registry.types() {
            let owner = ct.uid.strip_prefix("plugin::").and_then(|rest| rest.split('.').next()).unwrap_or_default();
            assert!(RESERVED_IDS.contains(&owner), "{} is the core's", ct.uid);
        }
    }
}
