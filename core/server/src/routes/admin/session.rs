//! Signing in to the admin, and out; and the one request that the admin UI starts with.

use super::body;
use super::me::Person;
use crate::Tenant;
use crate::answer;
use crate::error::WireError;
use crate::extract::actor::of_request;
use crate::extract::admin::{Admin, SESSION_COOKIE, same_site};
use crate::extract::tenant::CurrentTenant;
use crate::front::{Client, ClientAddress};
use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::routing::{get, post};
use cairn_access::auth::COOKIE_SECONDS;
use cairn_access::{AdminCaller, AdminSignedIn, Browser, ProfileChanges, Theme};
use cairn_notify::MailMode;
use cairn_store::events::Actor;
use serde::{Deserialize, Serialize};
use serde_json::json;

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/session", get(session))
        .route("/admin/api/setup", post(set_up))
        .route("/admin/api/login", post(sign_in))
        .route("/admin/api/logout", post(sign_out))
}

/// What the admin UI starts with.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    /// There is no admin user yet: `POST /admin/api/setup` makes the first.
    setup_needed: bool,
    /// Whether somebody is signed in.
    signed_in: bool,
    /// For the header `X-CSRF-Token` of requests that change something.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf: Option<String>,
    /// Who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    me: Option<Person>,
    /// What they may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Permissions>,
    /// Whose content this is.
    tenant: TenantShown,
    /// How it looks.
    theme: Theme,
    /// The locales of its content.
    locales: LocalesShown,
    /// Of Cairn.
    version: &'static str,
    /// Whether mails are sent: only then can a password be reset by mail.
    mail: bool,
}

/// What somebody may do in the admin.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Permissions {
    /// Everything.
    is_super: bool,
    /// The actions of the admin that they may do.
    actions: Vec<String>,
}

/// A tenant.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TenantShown {
    name: String,
    display_name: String,
}

/// The locales of content.
#[derive(Debug, Serialize)]
struct LocalesShown {
    /// The code of the one that is meant where none is named.
    default: String,
    available: Vec<LocaleShown>,
}

/// A locale.
#[derive(Debug, Serialize)]
struct LocaleShown {
    code: String,
    name: String,
}

/// Who makes the first administrator.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SetUp {
    email: String,
    password: String,
    first_name: Option<String>,
    last_name: Option<String>,
    language: Option<String>,
}

/// Who signs in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SignIn {
    email: String,
    password: String,
    /// Answer a token for scripts instead of setting a cookie.
    token: bool,
}

/// `GET /admin/api/session`: who is signed in, or that nobody is. For everybody.
async fn session(CurrentTenant(tenant): CurrentTenant, head: Parts) -> Answered {
    let admin = match Admin::of(&tenant, &head).await {
        Ok(admin) => Some(admin),
        Err(e) if e.is_about_who_asks() => None,
        Err(e) => return Err(e),
    };
    answered(&of(&tenant, admin.as_deref())?)
}

/// `POST /admin/api/setup`: makes the first administrator, and signs them in.
async fn set_up(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> Answered {
    same_site(&head)?;
    let SetUp { email, password, first_name, last_name, language } = body::typed(&tenant, &head, body).await?;
    let profile = ProfileChanges { first_name: Some(first_name), last_name: Some(last_name), language: Some(language) };
    let actor = of_request(Actor::public(), &head);
    let begun = tenant.access.set_up(&email, &password, profile, client.0, browser(&head), actor).await?;
    with_cookie(&tenant, &head, &begun)
}

/// `POST /admin/api/login`: sets the cookie of a session and answers what [`session`] does; with `"token": true` answers a token
/// for the header `Authorization` instead.
async fn sign_in(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> Answered {
    same_site(&head)?;
    let SignIn { email, password, token } = body::typed(&tenant, &head, body).await?;
    let actor = of_request(Actor::public(), &head);
    let begun = tenant.access.admin_sign_in(&email, &password, client.0, browser(&head), actor).await?;
    if token {
        return Ok(super::data(json!({ "token": begun.token })));
    }
    with_cookie(&tenant, &head, &begun)
}

/// `POST /admin/api/logout`.
async fn sign_out(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts) -> Answered {
    tenant.access.admin_sign_out(&admin, admin.actor()).await?;
    let mut response = super::data(json!({}));
    response.headers_mut().append(SET_COOKIE, cookie(&tenant, &head, "", 0)?);
    Ok(response)
}

/// What the admin UI starts with, for who asks.
pub(super) fn of(tenant: &Tenant, who: Option<&AdminCaller>) -> Result<Session, WireError> {
    let access = &tenant.access;
    let locales = access.locales();
    let me = who.map(|who| Person::of(tenant, who)).transpose()?;
    Ok(Session {
        setup_needed: who.is_none() && access.needs_setup()?,
        signed_in: who.is_some(),
        csrf: who.and_then(|who| who.session.as_ref()).map(|session| access.csrf_token(&session.hash)),
        me,
        permissions: who.map(|who| Permissions { is_super: who.is_super(), actions: who.rights.actions().names() }),
        tenant: TenantShown { name: tenant.name.to_string(), display_name: tenant.notifier.site().name },
        theme: (*access.theme()).clone(),
        locales: LocalesShown {
            default: locales.default.clone(),
            available: locales
                .available
                .iter()
                .map(|l| LocaleShown { code: l.code.clone(), name: l.name.clone() })
                .collect(),
        },
        version: env!("CARGO_PKG_VERSION"),
        mail: tenant.notifier.mode() == MailMode::Smtp,
    })
}

fn answered(session: &Session) -> Answered {
    let mut response = answer::typed(StatusCode::OK, session)?;
    // What is in it is somebody's own.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The answer to somebody who just signed in.
pub(super) fn with_cookie(tenant: &Tenant, head: &Parts, begun: &AdminSignedIn) -> Answered {
    let mut response = answered(&of(tenant, Some(&begun.who))?)?;
    response.headers_mut().append(SET_COOKIE, cookie(tenant, head, &begun.token, COOKIE_SECONDS)?);
    Ok(response)
}

/// The cookie of a session: out of reach of scripts and of requests that other sites cause, and of connections that are not
/// encrypted where this one is.
fn cookie(tenant: &Tenant, head: &Parts, token: &str, seconds: i64) -> Result<HeaderValue, WireError> {
    let forwarded = head.headers.get("x-forwarded-proto").is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"https"));
    let public = tenant.address().public_url.is_some_and(|url| url.starts_with("https://"));
    let secure = if forwarded || public { "; Secure" } else { "" };
    let text = format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).map_err(WireError::internal)
}

/// Where a request is from.
pub(super) fn browser(head: &Parts) -> Browser {
    Browser {
        ip: head.extensions.get::<Client>().map(|client| client.0.to_string()),
        agent: head.headers.get(USER_AGENT).and_then(|v| v.to_str().ok()).map(str::to_owned),
    }
}
