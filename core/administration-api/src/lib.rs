//! `/admin/api`, the part that administrators work with: people and roles, sign-in, settings, plugins, and how the server is. Each file
//! is one area.

mod admin_tokens;
mod api_tokens;
mod audit;
mod backups;
mod content_roles;
mod content_users;
mod events;
mod glossary;
mod invitations;
mod jobs;
mod mail;
mod me;
mod metrics;
mod notifications;
mod passkeys;
mod permission_schemas;
mod personal_data;
mod plugin_permissions;
mod plugins;
mod roles;
mod seal_profiles;
mod session;
mod settings;
mod strapi_import;
mod system;
mod users;
mod webhooks;

pub use audit::entry_json as audit_entry_json;

use cairn_http::openapi::router::ApiRouter;

/// Adds the routes of this crate's areas, with what describes them.
#[must_use]
pub fn add_areas(api: ApiRouter) -> ApiRouter {
    let areas = [
        ("notifications", notifications::routes()),
        ("audit", audit::routes()),
        ("backups", backups::routes()),
        ("mail", mail::routes()),
        ("events", events::routes()),
        ("consumers", events::consumer_routes()),
        ("webhooks", webhooks::routes()),
        ("jobs", jobs::routes()),
        ("system", system::routes()),
        ("system", metrics::routes()),
        ("system", strapi_import::routes()),
        ("session", session::routes()),
        ("me", me::routes()),
        ("account", invitations::routes()),
        ("people", users::people_routes()),
        ("users", users::routes()),
        ("roles", roles::routes()),
        ("contentRoles", content_roles::routes()),
        ("contentUsers", content_users::routes()),
        ("apiTokens", api_tokens::routes()),
        ("adminTokens", admin_tokens::routes()),
        ("personalData", personal_data::routes()),
        ("plugins", plugins::routes()),
        ("pluginPermissions", plugin_permissions::routes()),
        ("sealProfiles", seal_profiles::routes()),
        ("settings", settings::routes()),
        ("settings", glossary::routes()),
    ];
    areas.into_iter().fold(api, |all, (name, routes)| all.add_area(name, routes))
}
