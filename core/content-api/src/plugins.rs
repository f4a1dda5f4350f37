//! `/api/<plugin>/…`, and for admins `/admin/api/plugin-routes/<plugin>/…`: routes of plugins. The caller, the size and the form of a
//! request are checked here; the rest by the plugin.

mod page_policy;
mod public_files;
mod refusal_page;
mod response;
mod see_as;

use crate::files;
use crate::policed_request::authenticate_headers;
use crate::upload::staging_folder;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, AUTHORIZATION,
    CONTENT_TYPE, COOKIE, ORIGIN, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request as HttpRequest, Response, StatusCode};
use axum::routing::get;
use cairn_access::{AccessControl, Caller, CallerKind};
use cairn_app::Tenant;
use cairn_http::cors::HasOwnCorsRules;
use cairn_http::error::WireError;
use cairn_http::extract;
use cairn_http::extract::actor::RequestActor;
use cairn_http::extract::admin::{Admin, for_people};
use cairn_http::extract::body_file::{BodyFile, receive_body as receive_body_file};
use cairn_http::extract::client_address::ClientIp;
use cairn_http::extract::locale::{request_locale, requested_locale};
use cairn_http::extract::require::AnyAdmin;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::responses::method_not_allowed;
use cairn_model::ErrorKind;
use cairn_plugin_host::policies::CallerAccess;
use cairn_plugin_host::routes::{RequestFile, RouteError, RouteMatch, RouteRequest, RouteResponse};
use cairn_plugin_package::manifest::{Auth, BodyForm, Cors, ManifestRoute};
use cairn_store::events::Actor;
use refusal_page::{ReturnedByHost, SentForm};
use std::sync::Arc;
use std::time::Duration;

/// When a client should try again while a plugin is switched off.
const SWITCHED_OFF_RETRY: Duration = Duration::from_secs(60);

/// How long browsers remember what a plugin's page may send to a route without `cors`.
const PAGE_PREFLIGHT_AGE: Duration = Duration::from_secs(600);

/// Prefix of plugins' routes for admins: a plugin's name and path follow. Below `/api/` the cookie of their session is ignored.
pub(crate) const ADMIN_PREFIX: &str = "/admin/api/plugin-routes/";

/// The address at which a route is called, which decides whose credentials count.
#[derive(Clone, Copy)]
enum Address<'a> {
    ContentApi,
    Admin(&'a Admin),
}

/// Routes of the files in packages that every visitor may load.
pub(crate) fn public_file_routes() -> Router {
    Router::new().route("/plugins/{id}/{version}/{*path}", get(public_files::serve_public_file))
}

/// Answers a request below `/api/` that no content type is at; `None`: no plugin has that path either.
pub(super) async fn answer_route(tenant: &Tenant, head: &Parts, body: Body) -> Option<Response<Body>> {
    let (form, body) = match SentForm::receive(head, body).await {
        Ok(received) => received,
        Err(refused) => return Some(refused.into_http_response()),
    };
    let answer =
        answer_by(tenant, head, |route_match| call_route(tenant, head, body, route_match, Address::ContentApi)).await?;
    match form {
        Some(form) => Some(form.show_refusal(tenant, head, answer).await),
        None => Some(answer),
    }
}

/// Answers a read with a see-as token where [`answer_route`] answers others; `None` as there.
pub(super) async fn answer_see_as(tenant: &Arc<Tenant>, head: &Parts, token: &str) -> Option<Response<Body>> {
    answer_by(tenant, head, |route_match| see_as::read_route(tenant, head, route_match, token)).await
}

/// Answers a request by calling its route; `None`: no plugin has that path.
async fn answer_by<F>(tenant: &Tenant, head: &Parts, call: impl FnOnce(RouteMatch) -> F) -> Option<Response<Body>>
where
    F: Future<Output = Result<Response<Body>, WireError>>,
{
    let path = head.uri.path().strip_prefix("/api/")?;
    let route_match = match find_route(tenant, head, path) {
        Ok(found) => found,
        Err(answer) => return answer.map(|answer| mark_host_response(*answer)),
    };
    let (cors, pages) = (route_match.route.cors.clone(), route_match.route.pages);
    let mut answer = call(route_match).await.unwrap_or_else(|refused| mark_host_response(refused.into_http_response()));
    allow_origin(cors.as_ref(), pages, &head.headers, answer.headers_mut());
    answer.extensions_mut().insert(HasOwnCorsRules);
    Some(answer)
}

fn mark_host_response(mut response: Response<Body>) -> Response<Body> {
    response.extensions_mut().insert(ReturnedByHost);
    response
}

/// Answers a request below [`ADMIN_PREFIX`]: to admins, and to no page of another origin, whatever the route permits to those.
pub(crate) async fn serve_admin(CurrentTenant(tenant): CurrentTenant, request: HttpRequest<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let admin = match Admin::authenticate_request::<AnyAdmin>(&tenant, &head).await {
        Ok(admin) => admin,
        Err(refused) => return refused.into_http_response(),
    };
    let route_match = match find_route(&tenant, &head, head.uri.path().strip_prefix(ADMIN_PREFIX).unwrap_or_default()) {
        Ok(found) => found,
        Err(answer) => return answer.map_or_else(|| WireError::not_found().into_http_response(), |answer| *answer),
    };
    call_route(&tenant, &head, body, route_match, Address::Admin(&admin))
        .await
        .unwrap_or_else(WireError::into_http_response)
}

/// The route that a request is for, by its path from the plugin's name on.
///
/// # Errors
/// The response to send instead; `None` where no plugin has that name.
fn find_route(tenant: &Tenant, head: &Parts, path: &str) -> Result<RouteMatch, Option<Box<Response<Body>>>> {
    let segments: Vec<&str> = path.split('/').collect();
    let method = if head.method == Method::HEAD { "GET" } else { head.method.as_str() };
    let route_match = match tenant.plugins.plugins().find_route(method, &segments) {
        Ok(found) => found,
        Err(others) if others.is_empty() => {
            return Err(segments.first().and_then(|plugin| absent_response(tenant, plugin)).map(Box::new));
        }
        Err(others) => {
            let mut answer = method_not_allowed();
            if let Ok(allow) = HeaderValue::from_str(&others.join(", ")) {
                answer.headers_mut().insert(ALLOW, allow);
            }
            return Err(Some(Box::new(answer)));
        }
    };
    response::refuse_workers(&head.headers).map_err(|refused| Some(Box::new(refused.into_http_response())))?;
    Ok(route_match)
}

/// The response for a path that a plugin does not have, whatever the method: it runs without such a route, or is not running at the moment.
/// `None` where no such plugin exists.
fn absent_response(tenant: &Tenant, plugin: &str) -> Option<Response<Body>> {
    if tenant.plugins.plugins().is_running(plugin) {
        return Some(WireError::not_found().into_http_response());
    }
    let away = WireError::new(ErrorKind::Unavailable, "This part of the site is currently switched off");
    tenant.plugins.is_installed(plugin).then(|| away.with_retry_after(SWITCHED_OFF_RETRY).into_http_response())
}

/// True if a plugin's route for other callers than admins can be at a path.
pub fn is_below_content_api(path: &str) -> bool {
    path.starts_with("/api/")
}

/// Answers a browser's preflight for a script of another origin; `None` where it is for no route of a plugin. A route without rules for other
/// origins permits none.
pub fn plugin_preflight(tenant: &Tenant, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let segments: Vec<&str> = path.strip_prefix("/api/")?.split('/').collect();
    let method = headers.get(ACCESS_CONTROL_REQUEST_METHOD)?.to_str().ok()?;
    let mut response = cairn_http::responses::empty_response(StatusCode::NO_CONTENT);
    response.extensions_mut().insert(HasOwnCorsRules);
    let route = match tenant.plugins.plugins().find_route(method, &segments) {
        Ok(found) => found.route,
        Err(other_methods) if other_methods.is_empty() => return None,
        Err(_) => return Some(response),
    };
    let out = response.headers_mut();
    if allow_origin(route.cors.as_ref(), route.pages, headers, out) {
        let own = route.idempotency.as_ref().and_then(|idempotency| idempotency.header.clone());
        let declared = route.cors.iter().flat_map(|cors| cors.headers.iter().cloned());
        let mut allowed_headers: Vec<String> = declared.chain(own).collect();
        let max_age = route.cors.as_ref().map_or(PAGE_PREFLIGHT_AGE, |cors| cors.max_age);
        allowed_headers.push(CONTENT_TYPE.as_str().to_owned());
        let text = |text: &str| HeaderValue::from_str(text).ok();
        let cors_headers = [
            (ACCESS_CONTROL_ALLOW_METHODS, text(route.method.as_str())),
            (ACCESS_CONTROL_ALLOW_HEADERS, text(&allowed_headers.join(", "))),
            (ACCESS_CONTROL_MAX_AGE, Some(HeaderValue::from(max_age.as_secs()))),
        ];
        out.extend(cors_headers.into_iter().filter_map(|(name, value)| Some((name, value?))));
    }
    Some(response)
}

/// Adds the headers that name the origins whose scripts may read the response: those of `cors`, and with `pages` the plugin's own pages,
/// which have none. Whether the request's origin is one of them.
fn allow_origin(cors: Option<&Cors>, pages: bool, map: &HeaderMap, out: &mut HeaderMap) -> bool {
    if cors.is_none() && !pages {
        return false;
    }
    out.append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = map.get(ORIGIN) else { return false };
    if pages && origin == page_policy::NO_ORIGIN {
        out.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        return true;
    }
    let Some(cors) = cors else { return false };
    if !cors.origins.iter().any(|known| known.as_bytes() == origin.as_bytes()) {
        return false;
    }
    out.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    if cors.credentials {
        out.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    true
}

async fn call_route(
    tenant: &Tenant,
    head: &Parts,
    body: Body,
    route_match: RouteMatch,
    address: Address<'_>,
) -> Result<Response<Body>, WireError> {
    let route = &route_match.route;
    let (actor, access, locale) = match address {
        Address::Admin(admin) if route.admits(Auth::Admin) => authorize_admin(tenant, head, &route_match, admin)?,
        // Admins are nobody to a site's own routes, which others call as well.
        Address::Admin(_) if route.admits(Auth::None) => {
            authorize_caller(tenant, head, &route_match, tenant.access.public_caller())?
        }
        Address::Admin(_) => return Err(WireError::forbidden()),
        Address::ContentApi => authorize_credentials(tenant, head, &route_match).await?,
    };
    let (name, outside_images) = (route_match.plugin.clone(), route.outside_images);
    let plugins = tenant.plugins.plugins();
    let admitted = plugins.admit_request(route_match, request_without_body(head, actor, access, locale));
    let admitted = admitted.map_err(|error| route_error(&name, error))?;
    let (body, file) = receive_body(tenant, admitted.route(), &head.headers, body).await?;
    let answer = plugins.answer_request(admitted.with_body(body, file)).await;
    to_http_response(tenant, head, &name, outside_images, answer).await
}

/// A request as a plugin gets it, without its body.
fn request_without_body(head: &Parts, actor: Arc<Actor>, access: CallerAccess, locale: String) -> RouteRequest {
    // A plugin knows its routes by one path, wherever they are asked.
    let path = head.uri.path();
    let path = path.strip_prefix(ADMIN_PREFIX).map_or_else(|| path.to_owned(), |rest| format!("/api/{rest}"));
    let query = head.uri.query().unwrap_or_default();
    let query =
        url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect();
    let text =
        |(name, value): (&HeaderName, &HeaderValue)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()));
    // Credentials are for the host; the plugin is told who it is.
    let is_forwarded = |(name, _): &(&HeaderName, &HeaderValue)| *name != AUTHORIZATION && *name != COOKIE;
    RouteRequest {
        method: head.method.as_str().to_owned(),
        path,
        query,
        headers: head.headers.iter().filter(is_forwarded).filter_map(text).collect(),
        body: Vec::new(),
        file: None,
        client: head.extensions.get::<ClientIp>().map(|client| client.0.to_string()),
        actor,
        access,
        locale,
    }
}

/// The response to what a plugin answered.
async fn to_http_response(
    tenant: &Tenant,
    head: &Parts,
    name: &str,
    outside_images: bool,
    answer: Result<RouteResponse, RouteError>,
) -> Result<Response<Body>, WireError> {
    match answer {
        Ok(mut answer) => match answer.file.take() {
            None => {
                // Most answers are neither a redirect nor a page.
                let site = || page_policy::PluginSite::new(tenant, &head.headers, name);
                if page_policy::is_redirect(&answer) && !site().permits_redirect(head, &answer) {
                    let message = "Scripts of pages are redirected only to the plugin's own addresses";
                    return Err(WireError::forbidden_because(message));
                }
                let policy = || site().page_policy(outside_images);
                response::to_response(answer, policy).ok_or_else(|| WireError::plugin_failed(name))
            }
            Some(file) => {
                // Parts of it, and that it is unchanged, are answers to a success alone.
                let none = HeaderMap::new();
                let asked = if answer.status == StatusCode::OK.as_u16() { &head.headers } else { &none };
                let served = files::serve_original(tenant, &file.name, asked).await?;
                response::to_file_response(answer, served).ok_or_else(|| WireError::plugin_failed(name))
            }
        },
        Err(error) => Err(route_error(name, error)),
    }
}

/// The error response of a route without an answer.
fn route_error(plugin: &str, error: RouteError) -> WireError {
    match error {
        RouteError::Refused(refusal) => refusal.into(),
        RouteError::Busy(pause) => WireError::plugin_busy(plugin, pause),
        RouteError::Paused(pause) => WireError::plugin_paused(pause),
        RouteError::TooMany(pause) => WireError::new(ErrorKind::TooMany, "Too many requests").with_retry_after(pause),
        RouteError::Failed | RouteError::Gone => WireError::plugin_failed(plugin),
    }
}

/// The actor, the access and the locale with which a route is called by the sender of a request below `/api/`: an admin if the credentials
/// have the form of an admin's and the route admits admins, else a caller of the content API. Cookies do not count there.
async fn authorize_credentials(
    tenant: &Tenant,
    head: &Parts,
    route_match: &RouteMatch,
) -> Result<(Arc<Actor>, CallerAccess, String), WireError> {
    let route = &route_match.route;
    let credential = extract::authorization::authorization_header(&head.headers)?;
    let is_for_admin =
        route.admits_only(Auth::Admin) || (route.admits(Auth::Admin) && AccessControl::is_admin_credential(credential));
    if is_for_admin {
        let admin = Admin::authenticate_request::<AnyAdmin>(tenant, head).await?;
        return authorize_admin(tenant, head, route_match, &admin);
    }
    let caller = authenticate_headers(tenant, &head.headers).await?;
    authorize_caller(tenant, head, route_match, caller)
}

/// The same for a caller of the content API.
fn authorize_caller(
    tenant: &Tenant,
    head: &Parts,
    route_match: &RouteMatch,
    caller: Caller,
) -> Result<(Arc<Actor>, CallerAccess, String), WireError> {
    let locale = request_locale(&tenant.access.locales(), head);
    require_caller(tenant, route_match, &caller, &locale)?;
    let actor = Arc::new(caller.request_actor(head));
    let access = tenant.plugins.plugins().access_as(caller.permissions, actor.clone(), &locale);
    Ok((actor, access, locale))
}

/// True if a route is for a caller of the content API, who has its permission where it names one.
pub(crate) fn admits_caller(plugin: &str, route: &ManifestRoute, caller: &Caller) -> bool {
    let is_admitted = match &caller.kind {
        _ if route.admits(Auth::None) => true,
        CallerKind::User(_) => route.admits(Auth::User),
        CallerKind::Token { .. } => route.admits(Auth::Token),
        CallerKind::Public | CallerKind::Admin { .. } => false,
    };
    let permission = route.permission.as_deref();
    is_admitted && permission.is_none_or(|permission| caller.allows_plugin_permission(plugin, permission))
}

/// Requires that a route is for a caller of the content API, who has its permission where it names one.
fn require_caller(tenant: &Tenant, route_match: &RouteMatch, caller: &Caller, locale: &str) -> Result<(), WireError> {
    let RouteMatch { plugin, route, .. } = route_match;
    match &caller.kind {
        _ if route.admits(Auth::None) => {}
        CallerKind::User(_) if route.admits(Auth::User) => {}
        CallerKind::Token { .. } if route.admits(Auth::Token) => {}
        CallerKind::Public => return Err(WireError::new(ErrorKind::Unauthorized, "Unauthorized")),
        _ => return Err(WireError::forbidden()),
    }
    let has_permission = |permission: &str| caller.allows_plugin_permission(plugin, permission);
    tenant.plugins.plugins().check_route_permission(route_match, locale, has_permission)?;
    Ok(())
}

/// The same for an admin, whom a route for admins is called by.
fn authorize_admin(
    tenant: &Tenant,
    head: &Parts,
    route_match: &RouteMatch,
    admin: &Admin,
) -> Result<(Arc<Actor>, CallerAccess, String), WireError> {
    match &route_match.route.permission {
        Some(permission) => admin.require_plugin_permission(tenant, &route_match.plugin, permission)?,
        // A route without a permission is for people: no token can have been granted it.
        None if admin.token().is_some() => return Err(for_people()),
        None => {}
    }
    let locales = tenant.access.locales();
    let locale = requested_locale(&locales, head).map_or_else(|| admin.language(tenant), str::to_owned);
    Ok((admin.actor().clone(), admin.permissions.access().clone().into(), locale))
}

/// The body of a request, as the route receives it: as bytes or as a file. Without a body there is no file either.
async fn receive_body(
    tenant: &Tenant,
    route: &ManifestRoute,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Vec<u8>, Option<RequestFile>), WireError> {
    match route.body.form {
        BodyForm::Bytes => {
            let limit = usize::try_from(route.body.max).unwrap_or(usize::MAX).min(tenant.config.server.max_body_bytes);
            let body = extract::body::read_bytes(body, limit).await?;
            check_type(route, headers, body.is_empty())?;
            Ok((body.to_vec(), None))
        }
        BodyForm::File => {
            // Of a type that is not taken, nothing is received.
            check_type(route, headers, body.is_end_stream())?;
            let limit = route.body.max.min(tenant.config.assets.max_bytes);
            let received = receive_body_file(headers, body, limit, &staging_folder(tenant)).await?;
            let BodyFile { temp, bytes, sha256 } = received;
            let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let file = RequestFile { temp, bytes, sha256, media_type: media_type.to_owned() };
            Ok((Vec::new(), (bytes > 0).then_some(file)))
        }
    }
}

/// Returns 415 where the route takes bodies of other types.
fn check_type(route: &ManifestRoute, headers: &HeaderMap, empty: bool) -> Result<(), WireError> {
    if empty || route.body.types.is_empty() {
        return Ok(());
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if route.body.types.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
        return Ok(());
    }
    let known: Vec<&str> = route.body.types.iter().map(String::as_str).collect();
    let message = format!("Content-Type must be {}", known.join(" or "));
    Err(WireError::new(ErrorKind::UnsupportedMediaType, message))
}
