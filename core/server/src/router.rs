//! Every route, grouped by who calls it. Content types are routed by the fallback: their names come from the model.
//!
//! The router has no state: handlers reach only the tenant that the request was given.

use crate::admin_ui::AdminUi;
use crate::answer::method_not_allowed;
use crate::routes;
use axum::Router;
use axum::routing::{any, delete, get, post, put};
use std::sync::Arc;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

/// Path of the health check of the process, the same for every tenant.
pub(crate) const HEALTH: &str = "/_health";

pub(crate) fn router(admin_ui: Arc<AdminUi>) -> Router {
    use routes::upload::resumable;
    use routes::{auth, content, files, health, live, locales, plugins, root, upload, users};
    Router::new()
        // For people and probes.
        .route("/", get(root::page))
        .route("/_health", get(health::health))
        .route("/uploads/{file}", get(files::serve))
        .route("/uploads/private/{file}", get(files::serve))
        // Files.
        .route("/api/upload", post(upload::upload))
        .route("/api/upload/resumable", post(resumable::begin).options(resumable::options))
        .route(
            "/api/upload/resumable/{id}",
            get(resumable::state)
                .patch(resumable::append)
                .delete(resumable::end)
                .head(resumable::offset)
                .options(resumable::options),
        )
        .route("/api/upload/files", get(upload::list))
        .route("/api/upload/files/{id}", get(upload::one).delete(upload::delete))
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
        .route("/api/users", get(users::list).post(users::create))
        .route("/api/users/me", get(users::me))
        .route("/api/users/count", get(users::count))
        .route("/api/users/{id}", get(users::one).merge(put(users::update)).merge(delete(users::delete)))
        .route("/api/users-permissions/roles", get(users::roles))
        .route("/api/users-permissions/roles/{id}", get(users::role))
        // i18n.
        .route("/api/i18n/locales", get(locales::list))
        // What happens, while it happens.
        .route("/api/live", get(live::open))
        // The admin; and what is above once more, for whom a session's cookie says who they are: it is not sent there.
        .merge(routes::admin::routes())
        .route("/admin/api/upload", post(upload::upload))
        .route("/admin/api/upload/resumable", post(resumable::begin))
        .route(
            "/admin/api/upload/resumable/{id}",
            get(resumable::state).patch(resumable::append).delete(resumable::end).head(resumable::offset),
        )
        .route("/admin/api/upload/files", get(upload::list))
        .route("/admin/api/upload/files/{id}", get(upload::one).delete(upload::delete))
        .route("/admin/api/live", get(live::open))
        .route("/admin/api/plugin-routes/{plugin}/{*path}", any(plugins::serve_admin))
        .merge(routes::plugin_frames::routes())
        .merge(routes::admin_ui::routes(admin_ui))
        // Everything else: the project's content types.
        .fallback(content::dispatch)
        .method_not_allowed_fallback(|| async { method_not_allowed() })
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
}

#[cfg(test)]
mod tests {
    use cairn_model::Registry;
    use cairn_plugin_package::RESERVED_IDS;

    /// The first segments of the paths below `/api/` that are served before plugins are considered.
    fn first_parts() -> Vec<&'static str> {
        let routes = include_str!("router.rs").split("#[cfg(test)]").next().unwrap_or_default();
        let paths = routes.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1)?.strip_prefix("/api/"));
        paths.filter_map(|path| path.split('/').next()).collect()
    }

    #[test]
    fn no_plugin_is_called_as_a_route_or_a_part_of_the_core_is() {
        let parts = first_parts();
        assert!(parts.contains(&"upload") && parts.contains(&"live") && parts.len() > 20, "{parts:?}");
        for part in parts {
            assert!(RESERVED_IDS.contains(&part), "/api/{part} is served by the core, and a plugin could be called so");
        }
        let empty = tempfile::tempdir().unwrap();
        let registry: Registry = cairn_model::load::load(empty.path()).unwrap().registry;
        for ct in registry.types() {
            let owner = ct.uid.strip_prefix("plugin::").and_then(|rest| rest.split('.').next()).unwrap_or_default();
            assert!(RESERVED_IDS.contains(&owner), "{} is the core's", ct.uid);
        }
    }
}
