//! `/admin/api`: what the admin works with. Each file is one area.

mod admin_tokens;
mod api_tokens;
mod assets;
pub(crate) mod audit;
pub(crate) mod backups;
mod calendar;
mod comments;
mod content;
pub(crate) mod content_caller;
mod content_roles;
pub(crate) mod content_types;
mod content_users;
mod events;
mod files;
mod history;
mod invitations;
mod jobs;
mod licensing;
mod locales;
mod mail;
mod me;
mod metrics;
mod notifications;
mod overview;
mod owners;
mod passkeys;
mod permission_schemas;
mod personal_data;
pub(crate) mod plugin_permissions;
mod plugins;
mod presence;
mod preview;
mod publishing;
mod releases;
mod review;
mod roles;
mod schedules;
mod seal_profiles;
mod search;
mod session;
mod settings;
mod system;
mod users;
mod views;
mod webhooks;

use crate::openapi::router::{AdminRoutes, ApiRouter};
pub(crate) use files::UploadFile;
use utoipa::IntoParams;

/// Entries of a page, where none is asked for, and at most.
const DEFAULT_PAGE_SIZE: i64 = 50;
const MAX_PAGE_SIZE: i64 = 100;

/// The routes of the admin API.
pub(crate) fn routes() -> AdminRoutes {
    documented_routes().into_router()
}

/// The same, with what describes them.
pub(crate) fn documented_routes() -> ApiRouter {
    let areas = [
        ("contentTypes", content_types::routes()),
        ("content", content::routes()),
        ("content", publishing::routes()),
        ("views", views::routes()),
        ("search", search::routes()),
        ("schedules", schedules::routes()),
        ("releases", releases::routes()),
        ("workflows", review::workflow_routes()),
        ("review", review::routes()),
        ("comments", comments::routes()),
        ("calendar", calendar::routes()),
        ("owners", owners::routes()),
        ("assets", assets::routes()),
        ("assets", files::routes()),
        ("rights", licensing::routes()),
        ("notifications", notifications::routes()),
        ("history", history::routes()),
        ("presence", presence::routes()),
        ("preview", preview::routes()),
        ("audit", audit::routes()),
        ("backups", backups::routes()),
        ("mail", mail::routes()),
        ("events", events::routes()),
        ("consumers", events::consumer_routes()),
        ("webhooks", webhooks::routes()),
        ("jobs", jobs::routes()),
        ("system", system::routes()),
        ("system", metrics::routes()),
        ("overview", overview::routes()),
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
        ("locales", locales::routes()),
        ("personalData", personal_data::routes()),
        ("plugins", plugins::routes()),
        ("pluginPermissions", plugin_permissions::routes()),
        ("sealProfiles", seal_profiles::routes()),
        ("settings", settings::routes()),
    ];
    areas.into_iter().fold(ApiRouter::default(), |all, (name, routes)| all.add_area(name, routes))
}

/// Part of a list that is requested.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// Entries with smaller numbers only.
    pub(crate) before: Option<i64>,
    /// Entries at most: 1 to 100, 50 where it is left out.
    limit: Option<i64>,
}

impl PageParams {
    pub(crate) fn limit(self) -> i64 {
        self.limit.unwrap_or(DEFAULT_PAGE_SIZE).clamp(1, MAX_PAGE_SIZE)
    }

    /// How to go on after these rows: where there may be more, before the number of the last.
    pub(crate) fn next_before<T>(self, rows: &[T], number: impl Fn(&T) -> i64) -> Option<i64> {
        (rows.len() as i64 == self.limit()).then(|| rows.last().map(number)).flatten()
    }
}
