//! Every route, grouped by who calls it. Content types are routed by the fallback: their names come from the model.
//!
//! The router has no state: handlers reach only the tenant that the request was given.

use crate::admin_ui::AdminUi;
use crate::responses::method_not_allowed;
use crate::routes;
use axum::Router;
use axum::routing::{any, delete, get, post, put};
use std::sync::Arc;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

/// Path of the health check of the process, the same for every tenant.
pub(crate) const HEALTH_PATH: &str = "/_health";

pub(crate) fn build_router(admin_ui: Arc<AdminUi>) -> Router {
    use routes::upload::resumable;
    use routes::{auth, content, files, health, live, locales, plugins, root, upload, users};
    Router::new()
        // For people and probes.
        .route("/", get(root::serve_start_page))
        .route("/_health", get(health::serve_health))
        .route("/uploads/{file}", get(files::serve_upload))
        .route("/uploads/private/{file}", get(files::serve_upload))
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
        // i18n.
        .route("/api/i18n/locales", get(locales::serve_locales))
        // What happens, while it happens.
        .route("/api/live", get(live::open_stream))
        // The admin; and what is above once more, for whom a session's cookie says who they are: it is not sent there.
        .merge(routes::admin::routes())
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
        .merge(routes::plugin_frames::routes())
        .merge(routes::admin_ui::routes(admin_ui))
        // Everything else: the project's content types.
        .fallback(content::dispatch_content)
        .method_not_allowed_fallback(|| async { method_not_allowed() })
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
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
