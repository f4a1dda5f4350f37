//! What each route of the admin API requires of its caller: one list, checked before any handler. A route that is not in it is for super
//! admins only. What is for people is open to no admin token. Permissions on content itself (which type, which entries, which attributes)
//! are checked where the entry is known.

use axum::http::Method;
use cairn_access::AdminAction::{self, *};

/// What a route requires of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RouteRequirement {
    /// A signed-in person or an admin token; the handler checks the rest.
    SignedIn,
    /// A signed-in person: the route is about themselves, or what everybody in the admin may see of others. No admin token.
    Person,
    /// A signed-in person, or an admin token with that permission.
    PersonOr(AdminAction),
    /// A person or an admin token with that permission.
    May(AdminAction),
    /// Permission to read the document that the path names.
    Read,
    /// Permission to read the document that the path names, and that action.
    ReadAnd(AdminAction),
}

/// Whether a route requires a recent sign-in: it grants permissions, hands out what a tenant has as a whole, or changes the content types.
/// Nobody can do that in somebody else's open browser. An admin token cannot sign in again: the person who created it did, for the
/// permissions they chose, and no token grants permissions to others ([`AdminAction::is_for_people`]).
pub(crate) fn requires_recent_proof(method: &Method, pattern: &str) -> bool {
    let read = matches!(*method, Method::GET | Method::HEAD);
    match pattern.strip_prefix("/admin/api/").unwrap_or_default() {
        // Asked before a browser fetches one of the files below.
        "session/lately" => true,
        "content/{uid}/export" | "plugins/{id}/export" | "backups/{name}" => read,
        "backups/{name}/restore" | "content-types/apply" => true,
        // Installs one.
        "plugins" => !read,
        path => {
            let area = path.split('/').next().unwrap_or_default();
            // Removing an admin token only takes rights away: nothing stands in the way of that.
            let gives = area == "admin-tokens" && *method == Method::POST;
            gives || !read && matches!(area, "api-tokens" | "roles" | "content-roles" | "users" | "seal-profiles")
        }
    }
}

/// The requirement of a route, by its pattern; `None`: it is not in the list.
pub(crate) fn requirement_of(method: &Method, pattern: &str) -> Option<RouteRequirement> {
    let path = pattern.strip_prefix("/admin/api/")?;
    let read = matches!(*method, Method::GET | Method::HEAD);
    let either = |one, other| May(if read { one } else { other });
    use RouteRequirement::{May, Person, PersonOr, Read, ReadAnd, SignedIn};
    let area = path.split('/').next().unwrap_or_default();
    Some(match (area, path) {
        // Who they are, also as programs ask.
        ("session", "session") | ("me", "me") if read => SignedIn,
        ("openapi.json", _) => SignedIn,
        ("session" | "setup" | "login" | "logout" | "me" | "people", _) => Person,
        // Whose own they are.
        ("notifications" | "views" | "presence" | "overview", _) => Person,
        ("search" | "preview", _) => SignedIn,
        ("content", "content/{uid}/{document}/comments") if read => Read,
        ("content", "content/{uid}/{document}/comments") => ReadAnd(ReviewComment),
        ("content", _) => SignedIn,
        ("content-types", _) if read => SignedIn,
        ("content-types", _) => May(ContentTypesChange),
        ("comments", _) => May(ReviewComment),
        ("reviews", _) => SignedIn,
        ("review", _) if read => Read,
        ("review", _) => ReadAnd(ReviewAct),
        ("history", "history") if !read => May(HistoryErase),
        ("history", _) => SignedIn,
        ("releases" | "schedules", _) if read => May(ReleasesRead),
        // Publishing one asks for more, and about each of its items.
        ("releases", path) if path.contains("/actions/") => May(ReleasesRead),
        ("releases", _) => May(ReleasesManage),
        // Whoever may publish an entry may say when.
        ("schedules", _) => May(ReleasesRead),
        ("calendar", _) => either(CalendarRead, CalendarManage),
        ("workflows", _) if read => PersonOr(SettingsWorkflows),
        ("workflows", _) => May(SettingsWorkflows),
        ("owners" | "escalations", _) if read => PersonOr(SettingsOwners),
        ("owners", _) => May(SettingsOwners),
        ("assets", "assets/check/{uid}/{document}") => Read,
        ("assets", "assets/{document_id}/trash" | "assets/{document_id}/purge") => May(MediaDelete),
        ("assets", _) if read => May(MediaRead),
        ("assets", "assets/{document_id}/links") => May(MediaRead),
        ("assets", "assets/bulk/link-rights" | "assets/policy" | "assets/{document_id}/rights") => May(MediaRights),
        ("assets", path) if path.starts_with("assets/rights") || path.starts_with("assets/consents") => {
            May(MediaRights)
        }
        ("assets", _) => May(MediaUpdate),
        // Rights to files and to what is listened to are asked where they are known; a plugin says who may call its routes.
        ("upload" | "live" | "plugin-routes", _) => SignedIn,
        // What a view asks for is its plugin's to say.
        ("plugin-views", _) => Person,
        ("plugins", path) if path.starts_with("plugins/{id}/views/") => Person,
        // All that it has, whoever may read which of it.
        ("plugins", "plugins/{id}/export") => May(PluginsManage),
        ("plugins", _) => either(PluginsRead, PluginsManage),
        ("audit", _) => May(AuditRead),
        ("backups", _) => May(BackupsManage),
        ("events" | "consumers", _) => either(EventsRead, EventsManage),
        ("jobs", _) => either(JobsRead, JobsManage),
        ("webhooks", _) => May(SettingsWebhooks),
        ("mail" | "mails", _) => May(SettingsMail),
        ("users", _) => May(SettingsUsers),
        ("roles", _) => May(SettingsRoles),
        ("content-roles", _) => May(SettingsContentRoles),
        ("api-tokens" | "admin-tokens", _) => May(SettingsApiTokens),
        ("seal-profiles", _) => May(SettingsSeals),
        ("locales", _) if read => SignedIn,
        ("locales", _) => May(SettingsLocales),
        ("settings", "settings/auth") => May(SettingsAuth),
        ("settings", "settings/mail") => May(SettingsMail),
        ("settings", "settings/theme") => May(SettingsTheme),
        ("settings", "settings/calendars") if read => PersonOr(SettingsCalendars),
        ("settings", "settings/calendars") => May(SettingsCalendars),
        ("health" | "tenants" | "metrics", _) => May(SystemRead),
        _ => return None,
    })
}
