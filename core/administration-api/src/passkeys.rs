//! Passkeys: signing in with one, and a person's own passkeys.

use crate::session::{SignedIn, WithCookie, browser_info, is_secure_connection, signed_in};
use axum::Extension;
use axum::http::header::{COOKIE, HOST, HeaderValue};
use axum::http::request::Parts;
use cairn_access::{CEREMONY_SECONDS, Ceremony, PasskeyAnswer, PasskeySite};
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::actor::with_request;
use cairn_http::extract::admin::same_site;
use cairn_http::extract::body::Json;
use cairn_http::extract::client_address::ClientAddress;
use cairn_http::extract::require::{AnyPerson, OpenToAll, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{EmptyData, List, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_store::events::Actor;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;
use utoipa::ToSchema;

/// Cookie with the encrypted state of a ceremony, until its answer comes.
const CEREMONY_COOKIE: &str = "cairn_passkey";

/// The routes for signing in.
pub(super) fn sign_in_routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(begin_sign_in)).routes(routes!(finish_sign_in))
}

/// The routes for a person's own passkeys.
pub(super) fn own_routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list))
        .routes(routes!(begin))
        .routes(routes!(finish))
        .routes(routes!(rename, remove))
}

/// The site of passkeys, as the browser knows it: the public address where there is one, else the host of the request.
pub(super) fn passkey_site(tenant: &Tenant, head: &Parts) -> Option<PasskeySite> {
    let address = tenant.address().public_url.or_else(|| {
        let host = head.headers.get(HOST)?.to_str().ok()?;
        Some(format!("{}://{host}", if is_secure_connection(tenant, head) { "https" } else { "http" }))
    })?;
    PasskeySite::new(&Url::parse(&address).ok()?, &tenant.notifier.site().name)
}

/// The site of passkeys; see [`passkey_site`]. Fails with 400 if browsers do not allow passkeys at that address.
pub(super) fn require_passkey_site(tenant: &Tenant, head: &Parts) -> Result<PasskeySite, WireError> {
    passkey_site(tenant, head).ok_or_else(|| {
        WireError::validation(
            "Passkeys require an https address with a host name: set server.public_url, or use localhost",
        )
    })
}

/// The browser's answer, with the state of its ceremony.
pub(super) fn passkey_answer(head: &Parts, credential: Value) -> PasskeyAnswer {
    let cookies = head.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let state = pairs.find(|(name, _)| *name == CEREMONY_COOKIE).map(|(_, value)| value.to_owned());
    PasskeyAnswer { state: state.unwrap_or_default(), credential }
}

/// Options that the browser takes for a ceremony.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PasskeyOptions {
    /// `publicKey` of `navigator.credentials`.
    #[serde(flatten)]
    options: Map<String, Value>,
}

fn begin_ceremony(tenant: &Tenant, head: &Parts, ceremony: Ceremony) -> Result<WithCookie<PasskeyOptions>, WireError> {
    let Value::Object(options) = ceremony.options else { return Err(WireError::internal("options are no object")) };
    let secure = if is_secure_connection(tenant, head) { "; Secure" } else { "" };
    let text = format!(
        "{CEREMONY_COOKIE}={}; Path=/admin/api; HttpOnly; SameSite=Strict; Max-Age={CEREMONY_SECONDS}{secure}",
        ceremony.state
    );
    let cookie = HeaderValue::from_str(&text).map_err(WireError::internal)?;
    Ok(WithCookie { data: PasskeyOptions { options }, cookies: vec![cookie] })
}

/// Sign-in by a passkey, as the first or the second factor.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct BeginPasskeySignIn {
    /// Of the answer to the password, where the passkey is the second factor.
    pending: Option<String>,
}

/// Begins to sign in by a passkey. Five minutes are left to end it.
#[utoipa::path(post, path = "/admin/api/login/passkey/begin")]
async fn begin_sign_in(
    CurrentTenant(tenant): CurrentTenant,
    _: OpenToAll,
    Extension(client): ClientAddress,
    head: Parts,
    body: Json<BeginPasskeySignIn>,
) -> Result<WithCookie<PasskeyOptions>, WireError> {
    same_site(&head)?;
    let site = require_passkey_site(&tenant, &head)?;
    let BeginPasskeySignIn { pending } = body.read(&tenant).await?;
    let ceremony = tenant.access.begin_passkey_sign_in(&site, pending.as_deref(), client.0)?;
    begin_ceremony(&tenant, &head, ceremony)
}

/// Credential that the browser made of the options.
#[derive(Debug, Deserialize, ToSchema)]
struct PasskeyCredential {
    #[serde(flatten)]
    credential: Map<String, Value>,
}

/// Signs in by a passkey.
#[utoipa::path(post, path = "/admin/api/login/passkey/finish")]
async fn finish_sign_in(
    CurrentTenant(tenant): CurrentTenant,
    _: OpenToAll,
    Extension(client): ClientAddress,
    head: Parts,
    body: Json<PasskeyCredential>,
) -> Result<WithCookie<SignedIn>, WireError> {
    same_site(&head)?;
    let site = require_passkey_site(&tenant, &head)?;
    let PasskeyCredential { credential } = body.read(&tenant).await?;
    let answer = passkey_answer(&head, Value::Object(credential));
    let actor = with_request(Actor::public(), &head);
    let new_session = tenant.access.passkey_sign_in(&site, answer, client.0, browser_info(&head), actor).await?;
    signed_in(&tenant, &head, &new_session, false).await
}

/// A passkey of the caller.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OwnPasskey {
    id: i64,
    /// Name that its owner gave it.
    name: String,
    #[schema(value_type = Time)]
    created_at: String,
    /// When one last signed in by it.
    #[schema(value_type = Option<Time>)]
    last_used_at: Option<String>,
}

/// One's passkeys, the oldest first.
#[utoipa::path(get, path = "/admin/api/me/passkeys")]
async fn list(CurrentTenant(tenant): CurrentTenant, admin: Require<AnyPerson>) -> Result<List<OwnPasskey>, WireError> {
    let rows = tenant.access.list_passkeys(&admin)?;
    Ok(List {
        data: rows
            .into_iter()
            .map(|row| OwnPasskey { id: row.id, name: row.name, created_at: row.created_at, last_used_at: row.used_at })
            .collect(),
    })
}

/// Begins to register a passkey. Five minutes are left to end it.
#[utoipa::path(post, path = "/admin/api/me/passkeys/register/begin")]
async fn begin(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Extension(client): ClientAddress,
    head: Parts,
) -> Result<WithCookie<PasskeyOptions>, WireError> {
    let site = require_passkey_site(&tenant, &head)?;
    begin_ceremony(&tenant, &head, tenant.access.begin_passkey(&admin, &site, client.0)?)
}

/// A new passkey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPasskey {
    /// Name that its owner gives it: 1 to 64 characters.
    name: String,
    /// Credential that the browser made of the options.
    #[schema(value_type = Object)]
    credential: Value,
}

/// Registers a passkey.
#[utoipa::path(post, path = "/admin/api/me/passkeys/register/finish")]
async fn finish(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    head: Parts,
    body: Json<NewPasskey>,
) -> Result<EmptyData, WireError> {
    let site = require_passkey_site(&tenant, &head)?;
    let NewPasskey { name, credential } = body.read(&tenant).await?;
    tenant.access.add_passkey(&admin, &site, admin.actor(), &name, passkey_answer(&head, credential)).await?;
    Ok(EmptyData)
}

/// A new name for a passkey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasskeyName {
    name: String,
}

/// Calls a passkey otherwise.
#[utoipa::path(put, path = "/admin/api/me/passkeys/{id}")]
async fn rename(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Path(id): Path<i64>,
    body: Json<PasskeyName>,
) -> Result<EmptyData, WireError> {
    let PasskeyName { name } = body.read(&tenant).await?;
    tenant.access.rename_passkey(&admin, id, &name).await?;
    Ok(EmptyData)
}

/// Removes a passkey.
#[utoipa::path(delete, path = "/admin/api/me/passkeys/{id}")]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Path(id): Path<i64>,
) -> Result<EmptyData, WireError> {
    tenant.access.remove_passkey(&admin, admin.actor(), id).await?;
    Ok(EmptyData)
}
