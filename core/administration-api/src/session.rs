//! Signing in to the admin, and out; and the one request that the admin UI starts with.

use crate::me::Me;
use crate::passkeys;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response};
use axum::response::IntoResponse;
use cairn_access::auth::{AdminSignIn, COOKIE_SECONDS, Factor};
use cairn_access::{AdminCaller, AdminSignedIn, Browser, ProfileChanges};
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::actor::with_request;
use cairn_http::extract::admin::{Admin, SESSION_COOKIE, SESSION_PATH, same_site, session_cookie};
use cairn_http::extract::body::Json;
use cairn_http::extract::client_address::{ClientAddress, ClientIp};
use cairn_http::extract::require::{AnyAdmin, AnyPerson, OpenToAll, RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::openapi::response_types::{Data, NoContent};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_notify::MailMode;
use cairn_settings::Theme;
use cairn_store::events::Actor;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::openapi::RefOr;
use utoipa::{IntoResponses, ToSchema};

/// A session, or nobody's.
pub(super) type SessionResult = Result<WithCookie<Session>, WireError>;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(session))
        .routes(routes!(set_up))
        .routes(routes!(sign_in))
        .routes(routes!(sign_in_second))
        .routes(routes!(sign_out))
        .routes(routes!(shown_lately))
        .merge(passkeys::sign_in_routes())
}

/// 200 `{"data": …}`, perhaps with cookies, such as that of a session; what is in it is somebody's own, and kept by no cache.
#[derive(Debug)]
pub(super) struct WithCookie<T> {
    pub(super) data: T,
    pub(super) cookies: Vec<HeaderValue>,
}

impl<T: Serialize> IntoResponse for WithCookie<T> {
    fn into_response(self) -> Response<Body> {
        let mut response = Data { data: self.data }.into_response();
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for cookie in self.cookies {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }
}

impl<T: ToSchema> IntoResponses for WithCookie<T> {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        Data::<T>::responses()
    }
}

/// Outcome of a sign-in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum SignedIn {
    /// They are signed in, by the cookie.
    Session(Box<Session>),
    /// A second factor is needed.
    SecondFactor(SecondFactorNeeded),
    /// They are signed in, by this token.
    Token(SessionToken),
}

/// A second factor is needed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecondFactorNeeded {
    /// How it may be given.
    #[schema(value_type = Vec<SecondFactorMethod>)]
    second_factor: Vec<&'static str>,
    /// To be sent with it, within five minutes.
    pending: String,
}

/// A way to give a second factor.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes what the access control names")]
enum SecondFactorMethod {
    /// A code of an application.
    Totp,
    /// One of the codes that were written down.
    Recovery,
    Passkey,
}

/// For the header `Authorization: Bearer …`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionToken {
    token: String,
}

/// A second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignInSecond {
    /// Of the answer to the password.
    pending: String,
    /// The code that the authenticator shows.
    totp: Option<String>,
    /// A recovery code.
    recovery: Option<String>,
    /// Credential that the browser made of the options for a passkey.
    #[schema(value_type = Option<Object>)]
    passkey: Option<Value>,
    /// Answer a token for scripts instead of setting a cookie.
    #[serde(default)]
    token: bool,
}

/// State with which the admin UI starts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    /// There is no admin user yet: `POST /admin/api/setup` makes the first.
    setup_needed: bool,
    /// True if somebody is signed in.
    signed_in: bool,
    /// For the header `X-CSRF-Token` of requests that change something.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    csrf: Option<String>,
    /// Caller that is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    me: Option<Me>,
    /// Permissions of the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    permissions: Option<Permissions>,
    /// Tenant whose content this is.
    tenant: TenantShown,
    /// Colour and pictures of the tenant's admin.
    theme: ThemeShown,
    /// The locales of its content.
    locales: LocalesShown,
    /// Version of Cairn.
    version: &'static str,
    /// The content types come with a deployment, and are not changed here.
    schema_locked: bool,
    /// True if mails are sent: only then can a password be reset by mail.
    mail: bool,
    /// True if browsers can have passkeys at the address that was asked.
    passkeys: bool,
}

/// Permissions of an admin user in the admin.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Permissions {
    /// True if they may do everything.
    is_super: bool,
    /// The actions of the admin that they may do.
    actions: Vec<String>,
}

/// The tenant of this address.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TenantShown {
    name: String,
    display_name: String,
}

/// The appearance of a tenant's admin.
#[derive(Debug, Serialize, ToSchema)]
struct ThemeShown {
    accent: Option<String>,
    logo: Option<String>,
    favicon: Option<String>,
}

impl From<&Theme> for ThemeShown {
    fn from(theme: &Theme) -> Self {
        Self { accent: theme.accent.clone(), logo: theme.logo.clone(), favicon: theme.favicon.clone() }
    }
}

/// The locales of content.
#[derive(Debug, Serialize, ToSchema)]
struct LocalesShown {
    /// The code of the one that is meant where none is named.
    default: String,
    available: Vec<LocaleShown>,
}

/// A locale of content.
#[derive(Debug, Serialize, ToSchema)]
struct LocaleShown {
    code: String,
    name: String,
}

/// The first administrator, to be created.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SetUp {
    email: String,
    password: String,
    first_name: Option<String>,
    last_name: Option<String>,
    language: Option<String>,
}

/// The credentials of an admin user.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct SignIn {
    email: String,
    password: String,
    /// Answer a token for scripts instead of setting a cookie.
    token: bool,
}

/// Returns who is signed in, or that nobody is. For everybody.
#[utoipa::path(get, path = "/admin/api/session")]
async fn session(CurrentTenant(tenant): CurrentTenant, _: OpenToAll, head: Parts) -> SessionResult {
    let admin = match Admin::authenticate_request::<AnyAdmin>(&tenant, &head).await {
        Ok(admin) => Some(admin),
        Err(e) if e.is_authorization_error() => None,
        Err(e) => return Err(e),
    };
    Ok(WithCookie { data: session_view(&tenant, &head, admin.as_deref())?, cookies: Vec::new() })
}

/// Makes the first administrator, and signs them in.
#[utoipa::path(post, path = "/admin/api/setup")]
async fn set_up(
    CurrentTenant(tenant): CurrentTenant,
    _: OpenToAll,
    Extension(client): ClientAddress,
    head: Parts,
    body: Json<SetUp>,
) -> SessionResult {
    same_site(&head)?;
    let SetUp { email, password, first_name, last_name, language } = body.read(&tenant).await?;
    let profile = ProfileChanges { first_name: Some(first_name), last_name: Some(last_name), language: Some(language) };
    let actor = with_request(Actor::public(), &head);
    let new_session = tenant.access.set_up(&email, &password, profile, client.0, browser_info(&head), actor).await?;
    with_cookie(&tenant, &head, &new_session)
}

/// Signs in by password: sets the cookie of a session; with `"token": true` answers a token for scripts instead.
#[utoipa::path(post, path = "/admin/api/login")]
async fn sign_in(
    CurrentTenant(tenant): CurrentTenant,
    _: OpenToAll,
    Extension(client): ClientAddress,
    head: Parts,
    body: Json<SignIn>,
) -> Result<WithCookie<SignedIn>, WireError> {
    same_site(&head)?;
    let SignIn { email, password, token } = body.read(&tenant).await?;
    let actor = with_request(Actor::public(), &head);
    match tenant.access.admin_sign_in(&email, &password, client.0, browser_info(&head), actor).await? {
        AdminSignIn::In(new_session) => signed_in(&tenant, &head, &new_session, token).await,
        AdminSignIn::Second(second) => {
            let needed = SecondFactorNeeded { second_factor: second.methods, pending: second.pending };
            Ok(WithCookie { data: SignedIn::SecondFactor(needed), cookies: Vec::new() })
        }
    }
}

/// Signs in by a second factor whoever has shown their password.
#[utoipa::path(post, path = "/admin/api/login/second")]
async fn sign_in_second(
    CurrentTenant(tenant): CurrentTenant,
    _: OpenToAll,
    Extension(client): ClientAddress,
    head: Parts,
    body: Json<SignInSecond>,
) -> Result<WithCookie<SignedIn>, WireError> {
    same_site(&head)?;
    let SignInSecond { pending, totp, recovery, passkey, token } = body.read(&tenant).await?;
    let factor = match (totp, recovery, passkey) {
        (Some(code), None, None) => Factor::Totp(code),
        (None, Some(code), None) => Factor::Recovery(code),
        (None, None, Some(credential)) => {
            let site = passkeys::require_passkey_site(&tenant, &head)?;
            Factor::Passkey(Arc::new(site), passkeys::passkey_answer(&head, credential))
        }
        _ => return Err(WireError::validation("Provide exactly one of totp, recovery and passkey")),
    };
    let actor = with_request(Actor::public(), &head);
    let new_session = tenant.access.second_sign_in(&pending, factor, client.0, browser_info(&head), actor).await?;
    signed_in(&tenant, &head, &new_session, token).await
}

/// Checks that they have shown lately who they are: if not, 401 with the code `step_up_required`. For browsers about to fetch a file.
#[utoipa::path(get, path = "/admin/api/session/lately")]
async fn shown_lately(_: CurrentTenant, _: Require<RecentSignIn<AnyPerson>>) -> NoContent {
    NoContent
}

/// Ends the session.
#[utoipa::path(post, path = "/admin/api/logout")]
async fn sign_out(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    head: Parts,
) -> Result<WithCookie<SignedOut>, WireError> {
    tenant.access.admin_sign_out(&admin, admin.actor()).await?;
    Ok(WithCookie { data: SignedOut {}, cookies: session_cookies(&tenant, &head, "", 0)? })
}

/// Nothing more is to be said.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignedOut {}

/// The answer to whoever just signed in. Who was signed in in that browser already stays so by the session that they had.
pub(super) async fn signed_in(
    tenant: &Tenant,
    head: &Parts,
    new_session: &AdminSignedIn,
    token: bool,
) -> Result<WithCookie<SignedIn>, WireError> {
    if token {
        let token = SessionToken { token: new_session.token.clone() };
        return Ok(WithCookie { data: SignedIn::Token(token), cookies: Vec::new() });
    }
    let current_token = session_cookie(head);
    if let Some(current_token) = current_token
        && let Some(caller) = tenant.access.carry_on(new_session, current_token).await?
    {
        let cookies = session_cookies(tenant, head, current_token, COOKIE_SECONDS)?;
        return Ok(WithCookie {
            data: SignedIn::Session(Box::new(session_view(tenant, head, Some(&caller))?)),
            cookies,
        });
    }
    let WithCookie { data, cookies } = with_cookie(tenant, head, new_session)?;
    Ok(WithCookie { data: SignedIn::Session(Box::new(data)), cookies })
}

/// Builds the session that the admin UI starts with, for a caller or nobody.
pub(super) fn session_view(tenant: &Tenant, head: &Parts, caller: Option<&AdminCaller>) -> Result<Session, WireError> {
    let access = &tenant.access;
    let locales = access.locales();
    let me = caller.map(|admin| Me::from_caller(tenant, admin)).transpose()?;
    Ok(Session {
        setup_needed: caller.is_none() && access.needs_setup()?,
        signed_in: caller.is_some(),
        csrf: caller.and_then(AdminCaller::session).map(|session| access.csrf_token(&session.hash)),
        me,
        permissions: caller
            .map(|admin| Permissions { is_super: admin.is_super(), actions: admin.permissions.action_names() }),
        tenant: TenantShown { name: tenant.name.to_string(), display_name: tenant.notifier.site().name },
        theme: ThemeShown::from(&*cairn_settings::theme(access)),
        locales: LocalesShown {
            default: locales.default.clone(),
            available: locales
                .available
                .iter()
                .map(|l| LocaleShown { code: l.code.clone(), name: l.name.clone() })
                .collect(),
        },
        version: env!("CARGO_PKG_VERSION"),
        schema_locked: tenant.config.schema.locked,
        mail: tenant.notifier.mode() == MailMode::Smtp,
        passkeys: passkeys::passkey_site(tenant, head).is_some(),
    })
}

/// The answer to somebody who just signed in.
pub(super) fn with_cookie(tenant: &Tenant, head: &Parts, new_session: &AdminSignedIn) -> SessionResult {
    let cookies = session_cookies(tenant, head, &new_session.token, COOKIE_SECONDS)?;
    Ok(WithCookie { data: session_view(tenant, head, Some(&new_session.who))?, cookies })
}

/// The cookie of a session: out of reach of scripts, of requests that other sites cause and of everything outside of `/admin`, and of
/// connections that are not encrypted where this one is. With it the one that earlier versions set for the whole host is taken back.
fn session_cookies(tenant: &Tenant, head: &Parts, token: &str, seconds: i64) -> Result<Vec<HeaderValue>, WireError> {
    let secure = if is_secure_connection(tenant, head) { "; Secure" } else { "" };
    let cookie = |token: &str, path: &str, seconds: i64| {
        let text =
            format!("{SESSION_COOKIE}={token}; Path={path}; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
        HeaderValue::from_str(&text).map_err(WireError::internal)
    };
    Ok(vec![cookie(token, SESSION_PATH, seconds)?, cookie("", "/", 0)?])
}

/// True if the browser's connection is encrypted, as far as proxies and the configuration tell.
pub(super) fn is_secure_connection(tenant: &Tenant, head: &Parts) -> bool {
    let forwarded = head.headers.get("x-forwarded-proto").is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"https"));
    forwarded || tenant.address().public_url.is_some_and(|url| url.starts_with("https://"))
}

/// Where a request is from.
pub(super) fn browser_info(head: &Parts) -> Browser {
    Browser {
        ip: head.extensions.get::<ClientIp>().map(|client| client.0.to_string()),
        agent: head.headers.get(USER_AGENT).and_then(|v| v.to_str().ok()).map(str::to_owned),
    }
}
