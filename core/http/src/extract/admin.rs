//! The caller of the admin API, authenticated by a session's cookie or by a token in a header.

use crate::content_caller::ContentCaller;
use crate::error::WireError;
use crate::extract::actor::with_request;
use crate::extract::authorization;
use crate::extract::locale::accepted_language;
use crate::extract::require::{AnyAdmin, Requirement, RouteRequirement};
use axum::extract::MatchedPath;
use axum::http::header::{COOKIE, HOST, HeaderName, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use cairn_access::{AccessControl, AdminAction, AdminCaller, AuthError, Caller};
use cairn_app::Tenant;
use cairn_store::events::Actor;
use serde_json::json;
use std::pin::Pin;
use std::sync::Arc;

/// The cookie of a session.
pub const SESSION_COOKIE: &str = "cairn_admin";
/// Path of the session's cookie: browsers send it, and it authenticates, only below it; never below `/api`.
pub const SESSION_PATH: &str = "/admin";
/// Header that requests with a change carry beside the cookie: another site can have the cookie sent, but not this header.
const CSRF_HEADER: HeaderName = HeaderName::from_static("x-csrf-token");
/// Header that names a role whose view a super admin wants to see.
const VIEW_AS_HEADER: HeaderName = HeaderName::from_static("cairn-view-as");
/// Header that several requests share when they are one action to the person who sends them.
const BATCH_HEADER: HeaderName = HeaderName::from_static("cairn-batch");
/// Longest value of that header, in characters.
const MAX_BATCH_CHARS: usize = 64;
/// Header that names the plugins without whose checks a change is stored while they do not run: ids, separated by commas.
const WITHOUT_CHECKS_HEADER: HeaderName = HeaderName::from_static("cairn-without-checks");
/// Largest number of plugins in that header.
const MAX_UNCHECKED_PLUGINS: usize = 10;
/// Header in which browsers state where a request comes from; scripts cannot set it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A signed-in admin user, or an admin token.
pub struct Admin {
    who: AdminCaller,
    actor: Arc<Actor>,
    /// Language that `Accept-Language` prefers: the admin UI sends the one that it shows.
    accepted_language: Option<String>,
}

/// The sender of a request, once authenticated. Boxed: some sixty requirements of routes share its code.
pub type AuthenticatedAdmin<'a> = Pin<Box<dyn Future<Output = Result<Admin, WireError>> + Send + 'a>>;

impl Admin {
    /// Authenticates the sender of a request, and checks that they meet the requirement `R`. Handlers take [`Require`] instead.
    ///
    /// # Errors
    /// 401 where nobody is authenticated; 403 for callers who do not meet the requirement, and for a request with a cookie that another
    /// site may have sent; 401 with its own name where a recent sign-in is required.
    ///
    /// [`Require`]: crate::extract::require::Require
    pub fn authenticate_request<'a, R: Requirement>(tenant: &'a Tenant, head: &'a Parts) -> AuthenticatedAdmin<'a> {
        Self::authenticate_for(R::REQUIREMENT, R::RECENT_SIGN_IN, tenant, head)
    }

    fn authenticate_for<'a>(
        requirement: RouteRequirement,
        recent_sign_in: bool,
        tenant: &'a Tenant,
        head: &'a Parts,
    ) -> AuthenticatedAdmin<'a> {
        Box::pin(async move {
            let header = authorization::authorization_header(&head.headers)?;
            let cookie = if header.is_none() { session_cookie(head) } else { None };
            let caller = tenant.access.authenticate_admin(header, cookie).await?;
            if let (Some(_), Some(session)) = (cookie, caller.session())
                && !is_safe(&head.method)
            {
                same_site(head)?;
                let token = head.headers.get(&CSRF_HEADER).map(|v| v.as_bytes()).unwrap_or_default();
                if !tenant.access.is_csrf_token(&session.hash, token) {
                    return Err(forged_request_error(
                        "The X-CSRF-Token header is missing or does not match this session",
                    ));
                }
            }
            let mut actor = with_request(caller.actor.clone(), head);
            actor.batch = batch_header(&actor, &head.headers)?;
            actor.unchecked_plugins = unchecked_plugins_header(&head.headers)?;
            let actor = Arc::new(actor);
            let accepted_language = accepted_language(&head.headers).map(str::to_owned);
            let mut admin = Self { who: caller, actor, accepted_language };
            if let Some(role) = head.headers.get(&VIEW_AS_HEADER) {
                admin.view_as(tenant, head, role.to_str().unwrap_or_default())?;
            }
            if !admin.actor.unchecked_plugins.is_empty() {
                admin.require(tenant, AdminAction::PluginsBypass)?;
                // A plugin that runs checks the change as always, and the audit log says so.
                Arc::make_mut(&mut admin.actor).unchecked_plugins.retain(|id| tenant.plugins.plugins().is_missing(id));
            }
            admin.check_requirement(requirement, tenant, head)?;
            if recent_sign_in && !tenant.access.has_recent_proof(&admin) {
                return Err(WireError::step_up());
            }
            Ok(admin)
        })
    }

    /// Takes over the permissions of that role: for super admins, and for reading only.
    fn view_as(&mut self, tenant: &Tenant, head: &Parts, role: &str) -> Result<(), WireError> {
        if !self.is_super() || !is_safe(&head.method) {
            return Err(forbidden_error("Only super admins can use Cairn-View-As, and only for reading"));
        }
        if !tenant.access.admin_roles().iter().any(|known| known.code == role) {
            return Err(WireError::validation("Cairn-View-As: role not found"));
        }
        self.who.roles = vec![role.to_owned()];
        self.who.permissions = tenant.access.admin_rights(&self.who.roles, self.who.id, &self.who.name);
        Ok(())
    }

    /// Checks whether the caller may use a route with that requirement.
    fn check_requirement(&self, requirement: RouteRequirement, tenant: &Tenant, head: &Parts) -> Result<(), WireError> {
        if self.is_super() {
            return Ok(());
        }
        let (action, reads) = match requirement {
            RouteRequirement::AnyAdmin => (None, false),
            RouteRequirement::AnyPerson | RouteRequirement::PersonOr(_) if self.id.is_some() => (None, false),
            RouteRequirement::AnyPerson => return Err(for_people()),
            RouteRequirement::PersonOr(action) | RouteRequirement::May(action) => (Some(action), false),
            RouteRequirement::ReadDocument => (None, true),
            RouteRequirement::ReadDocumentAnd(action) => (Some(action), true),
        };
        if let Some(action) = action {
            self.require(tenant, action)?;
        }
        if reads {
            let variable = |i: usize| path_variable(matched_route(head), head.uri.path(), i);
            let (Some(uid), Some(document)) = (variable(0), variable(1)) else { return Err(WireError::not_found()) };
            // An unknown content type is reported by the handler.
            if let Some(ct) = tenant.content.registry().by_uid(&uid) {
                ContentCaller::for_admin(tenant, self).require_read(tenant, ct, &document)?;
            }
        }
        Ok(())
    }

    /// Returns 403 to callers without that permission, with its name and the roles that have it.
    pub fn require(&self, tenant: &Tenant, action: AdminAction) -> Result<(), WireError> {
        if self.permissions.allows_action(action) {
            return Ok(());
        }
        let roles = tenant.access.roles_with(action);
        Err(AuthError::Lacks { action: action.as_str().to_owned(), content_type: None, roles }.into())
    }

    /// Returns 403 to callers without a plugin's permission (`deals.read`), with its name and the roles that have it.
    pub fn require_plugin_permission(&self, tenant: &Tenant, plugin: &str, permission: &str) -> Result<(), WireError> {
        if self.permissions.allows_plugin_permission(plugin, permission) {
            return Ok(());
        }
        let action = format!("plugin::{plugin}.{permission}");
        let roles = tenant.access.roles_with_plugin(&action);
        Err(AuthError::Lacks { action, content_type: None, roles }.into())
    }

    /// Records what follows as one action, where it is more than one thing and the request does not belong to a larger one.
    pub fn with_batch(mut self, things: usize) -> Self {
        if things > 1 && self.actor.batch.is_none() {
            let batch = scope_batch_id(&self.actor, &format!("{:032x}", rand::random::<u128>()));
            Arc::make_mut(&mut self.actor).batch = Some(batch);
        }
        self
    }

    /// The language of texts for this caller: the one that they chose for themselves, else the one that the request accepts, else the
    /// tenant's default. Every text that the server words for a request to the admin is in it; mails and notifications follow the
    /// recipient's own settings.
    pub fn language(&self, tenant: &Tenant) -> String {
        let language = self.who.language.as_ref().or(self.accepted_language.as_ref());
        language.cloned().unwrap_or_else(|| tenant.access.locales().default.clone())
    }

    /// The recorded actor, with the address and the id of the request.
    pub fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }
}

/// The pattern of the route that a request was matched to.
fn matched_route(head: &Parts) -> &str {
    head.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default()
}

impl std::ops::Deref for Admin {
    type Target = AdminCaller;
    fn deref(&self) -> &AdminCaller {
        &self.who
    }
}

/// True if a request is below `/admin/api`. Some routes have two addresses: below `/api` for callers of the content API,
/// below `/admin/api` for admins.
pub fn is_admin_path(head: &Parts) -> bool {
    head.uri.path().strip_prefix(SESSION_PATH).is_some_and(|rest| rest.starts_with('/'))
}

/// Authenticates the caller of a route that has two addresses: below `/admin/api` an admin with their permissions; elsewhere a caller of
/// the content API, or an admin by a token in the header.
///
/// # Errors
/// Those of [`Admin::authenticate_request`] below `/admin/api`; elsewhere those of [`AccessControl::caller_or_admin`].
pub async fn authenticate_caller(tenant: &Tenant, head: &Parts) -> Result<Caller, WireError> {
    if is_admin_path(head) {
        let admin = Admin::authenticate_request::<AnyAdmin>(tenant, head).await?;
        return Ok(AccessControl::as_caller(&admin));
    }
    Ok(tenant.access.caller_or_admin(authorization::authorization_header(&head.headers)?).await?)
}

/// The action that the request says it belongs to.
fn batch_header(actor: &Actor, headers: &HeaderMap) -> Result<Option<String>, WireError> {
    let Some(value) = headers.get(&BATCH_HEADER) else { return Ok(None) };
    let plain = |text: &&str| {
        (1..=MAX_BATCH_CHARS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    match value.to_str().ok().filter(plain) {
        Some(input) => Ok(Some(scope_batch_id(actor, input))),
        None => Err(WireError::validation(format!(
            "Cairn-Batch: expected 1 to {MAX_BATCH_CHARS} letters, digits and hyphens; omit it for a single request"
        ))),
    }
}

/// The plugins without whose checks the request wants its change stored.
fn unchecked_plugins_header(headers: &HeaderMap) -> Result<Vec<String>, WireError> {
    let Some(value) = headers.get(&WITHOUT_CHECKS_HEADER) else { return Ok(Vec::new()) };
    let text = value.to_str().unwrap_or_default();
    let ids: Vec<String> = text.split(',').map(|id| id.trim().to_owned()).collect();
    let plain =
        |id: &String| !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if ids.len() > MAX_UNCHECKED_PLUGINS || !ids.iter().all(plain) {
        return Err(WireError::validation(format!(
            "Cairn-Without-Checks: expected 1 to {MAX_UNCHECKED_PLUGINS} ids of plugins, separated by commas; omit it to have changes checked"
        )));
    }
    Ok(ids)
}

/// Prefixes the batch with its actor, so that nobody's is taken for somebody else's.
fn scope_batch_id(actor: &Actor, input: &str) -> String {
    format!("{}-{input}", actor.key())
}

/// The token in the session's cookie, at an address of the admin. With two different cookies there is none, since one may be planted. An
/// empty cookie is none either: that is how it is taken back.
pub fn session_cookie(head: &Parts) -> Option<&str> {
    if !is_admin_path(head) {
        return None;
    }
    let mut found = None;
    for pair in head.headers.get_all(COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';')) {
        let Some((name, value)) = pair.trim().split_once('=') else { continue };
        if name == SESSION_COOKIE && !value.is_empty() {
            if found.is_some_and(|before| before != value) {
                return None;
            }
            found = Some(value);
        }
    }
    found
}

/// Returns 403 for a request that a browser sends for a page of another site. Other clients do not send the header, and pass.
pub fn same_site(head: &Parts) -> Result<(), WireError> {
    let other = || forged_request_error("Requests from other sites are not allowed");
    if let Some(site) = head.headers.get(&SEC_FETCH_SITE) {
        // The value `none` stands for a typed address or a bookmark.
        return if matches!(site.as_bytes(), b"same-origin" | b"none") { Ok(()) } else { Err(other()) };
    }
    // Browsers without it: the host that the page was read from is the one that is asked.
    let Some(origin) = head.headers.get(ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().ok().and_then(|o| o.split_once("://")).map(|(_, host)| host);
    let map = ["x-forwarded-host", HOST.as_str()].into_iter().filter_map(|name| head.headers.get(name)?.to_str().ok());
    match origin {
        Some(origin) if map.into_iter().any(|host| host.eq_ignore_ascii_case(origin)) => Ok(()),
        _ => Err(other()),
    }
}

/// The variable part number `number` of a path, decoded.
fn path_variable(pattern: &str, path: &str, number: usize) -> Option<String> {
    let variable = pattern.split('/').zip(path.split('/')).filter(|(name, _)| name.starts_with('{')).nth(number)?.1;
    percent_encoding::percent_decode_str(variable).decode_utf8().ok().map(|text| text.into_owned())
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn forbidden_error(message: &str) -> WireError {
    WireError::forbidden_because(message)
}

/// The 403 for an admin token where a person has to be signed in.
pub fn for_people() -> WireError {
    forbidden_error("Admin tokens cannot use this: sign in as an admin user instead")
        .with_details(json!({ "code": "person_required" }))
}

fn forged_request_error(message: &str) -> WireError {
    forbidden_error(message).with_details(json!({ "reason": "csrf" }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, Request};

    fn head(path: &str, all: &[(&'static str, &'static str)]) -> Parts {
        let mut request = Request::builder().uri(path).body(()).unwrap();
        for (name, value) in all {
            request.headers_mut().append(*name, HeaderValue::from_static(value));
        }
        request.into_parts().0
    }

    #[test]
    fn conflicting_session_cookies_are_ignored() {
        let cookie =
            |all: &[(&'static str, &'static str)]| session_cookie(&head("/admin/api/me", all)).map(str::to_owned);
        assert_eq!(cookie(&[("cookie", "a=b; cairn_admin=x; c=d")]).as_deref(), Some("x"));
        assert_eq!(cookie(&[("cookie", "cairn_admin=x"), ("cookie", "cairn_admin=x")]).as_deref(), Some("x"));
        assert_eq!(cookie(&[("cookie", "cairn_admin=x; cairn_admin=y")]), None);
        assert_eq!(cookie(&[("cookie", "cairn_admin=x"), ("cookie", "cairn_admin=y")]), None);
        assert_eq!(cookie(&[("cookie", "xcairn_admin=x; cairn_admin")]), None);
        assert_eq!(cookie(&[("cookie", "cairn_admin=; cairn_admin=x")]).as_deref(), Some("x"));
        assert_eq!(cookie(&[("cookie", "cairn_admin=")]), None);
        assert_eq!(cookie(&[]), None);
    }

    #[test]
    fn session_cookie_is_read_only_below_admin() {
        for (path, counts) in [
            ("/admin/api/me", true),
            ("/admin/api/upload?id=1", true),
            ("/admin/x", true),
            ("/api/upload", false),
            ("/api/admin/x", false),
            ("/administrator/x", false),
            ("/ADMIN/api/me", false),
            ("/%61dmin/api/me", false),
            ("//admin/api/me", false),
            ("/uploads/x", false),
            ("/", false),
        ] {
            let head = head(path, &[("cookie", "cairn_admin=x")]);
            assert_eq!(session_cookie(&head).is_some(), counts, "{path}");
        }
    }

    #[test]
    fn cross_site_requests_are_rejected() {
        for (all, good) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "http://vite:1")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://cms.example"), ("host", "cms.example")], false),
            (&[("origin", "https://cms.example"), ("host", "cms.example")], true),
            (&[("origin", "https://cms.example:8443"), ("host", "cms.example")], false),
            (&[("origin", "https://cms.example"), ("host", "inner"), ("x-forwarded-host", "cms.example")], true),
            (&[("origin", "https://evil.example"), ("host", "cms.example")], false),
            (&[("origin", "null"), ("host", "cms.example")], false),
        ] {
            assert_eq!(same_site(&head("/admin/api/login", all)).is_ok(), good, "{all:?}");
        }
    }
}
