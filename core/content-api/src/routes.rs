//! The routes of the content API: its own, and those that serve the files and pages beside it.

use crate::{
    auth, connect, content, content_type_builder, files, graphql, invitation_page, live, locales, openapi,
    plugin_frames, plugins,
};
use crate::{see_as, upload, users};
use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::{any, delete, get, post, put};
use cairn_http::responses::{mark_methods, method_not_allowed};
use upload::resumable;

/// Routes of files, and of pages for people that belong to them.
pub fn page_routes() -> Router {
    Router::new()
        .route("/invitation", get(invitation_page::show_page).post(invitation_page::submit_page))
        .route("/uploads/{file}", get(files::serve_upload))
        .route("/uploads/private/{file}", get(files::serve_upload))
        .merge(plugin_frames::routes())
        .merge(plugins::public_file_routes())
}

/// The whole content API. Its fallback serves the content types, whose names come from the model, and routes of plugins.
pub fn content_api_routes() -> Router {
    core_routes()
        .route_layer(from_fn(see_as::refuse_preview))
        .merge(previewed_routes())
        .method_not_allowed_fallback(answer_other_method)
        // The project's content types are served at the remaining paths.
        .fallback(content::dispatch_content)
}

/// Lists the methods of a route that has no answer of its own to `OPTIONS`.
async fn answer_other_method(method: Method) -> Response {
    let refused = method_not_allowed();
    if method == Method::OPTIONS { mark_methods(refused) } else { refused }
}

/// Those of the content API's own routes that a see-as preview shows as well.
fn previewed_routes() -> Router {
    let users = |route| see_as::add_preview(route, users::read_users_as);
    let files = |route| see_as::add_preview(route, upload::read_files_as);
    Router::new()
        .route("/api/upload/files", files(get(upload::list_files)))
        .route("/api/upload/files/{id}", files(get(upload::find_file).delete(upload::delete_file)))
        .route("/api/users", users(get(users::list_users).post(users::create_user)))
        .route("/api/users/me", users(get(users::current_user)))
        .route("/api/users/count", users(get(users::count_users)))
        .route(
            "/api/users/{id}",
            users(get(users::find_user).merge(put(users::update_user)).merge(delete(users::delete_user))),
        )
        .route("/api/i18n/locales", see_as::add_preview(get(locales::serve_locales), locales::list_locales_as))
}

/// The content API's own routes that a see-as preview does not show.
fn core_routes() -> Router {
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
        // Users & permissions.
        .route("/api/auth/local", post(auth::sign_in))
        .route("/api/auth/local/register", post(auth::register))
        .route("/api/auth/forgot-password", post(auth::forgot_password))
        .route("/api/auth/reset-password", post(auth::reset_password))
        .route("/api/auth/check-invitation", post(auth::check_invitation))
        .route("/api/auth/accept-invitation", post(auth::accept_invitation))
        .route("/api/auth/request-invitation", post(auth::request_invitation))
        .route("/api/auth/change-password", post(auth::change_password))
        .route("/api/auth/email-confirmation", get(auth::email_confirmation))
        .route("/api/auth/send-email-confirmation", post(auth::send_email_confirmation))
        .route("/api/auth/refresh", post(auth::refresh))
        .route("/api/auth/logout", post(auth::logout))
        .route("/api/users-permissions/roles", get(users::list_roles))
        .route("/api/users-permissions/roles/{id}", get(users::find_role))
        .route("/api/users-permissions/permissions", get(users::list_permissions))
        .route("/api/connect/{provider}", get(connect::refuse_provider))
        // The content types and components themselves, for generators of types and pages.
        .route("/api/content-type-builder/content-types", get(content_type_builder::list_content_types))
        .route("/api/content-type-builder/content-types/{uid}", get(content_type_builder::find_content_type))
        .route("/api/content-type-builder/components", get(content_type_builder::list_components))
        .route("/api/content-type-builder/components/{uid}", get(content_type_builder::find_component))
        .route("/api/openapi.json", get(openapi::describe_api))
        .route("/graphql", get(graphql::answer_get).post(graphql::answer_post))
        // The stream of events.
        .route("/api/live", get(live::open_stream))
}

/// Routes of the content API at a second address, for admins: there the cookie of their session says who they are. Their handlers tell the two
/// apart by the path, and require a signed-in admin here ([`authenticate_caller`](cairn_http::extract::admin::authenticate_caller)).
pub fn admin_copies() -> Router {
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
        let routes = include_str!("routes.rs").split("#[cfg(test)]").next().unwrap_or_default();
        let paths = routes.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1)?.strip_prefix("/api/"));
        paths.filter_map(|path| path.split('/').next()).collect()
    }

    #[test]
    fn plugin_ids_used_by_core_routes_and_types_are_reserved() {
        let parts = first_path_segments();
        assert!(parts.contains(&"upload") && parts.contains(&"live") && parts.len() > 20, "{parts:?}");
        // Ids of plugins have no dot.
        for part in parts.into_iter().filter(|part| !part.contains('.')) {
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
