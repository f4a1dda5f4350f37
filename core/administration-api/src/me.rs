//! `/admin/api/me`: who is signed in, and what they say of themselves.

use axum::extract::Extension;
use cairn_access::{AdminCaller, ProfileChanges};
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::client_address::ClientAddress;
use cairn_http::extract::require::{AnyAdmin, AnyPerson, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{Data, EmptyData, List};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_store::system::AdminUserRow;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(show, change))
        .routes(routes!(change_password))
        .routes(routes!(preferences, change_preferences))
        .routes(routes!(sessions, end_other_sessions))
        .routes(routes!(end_session))
        .routes(routes!(begin_totp, confirm_totp, remove_totp))
        .merge(crate::passkeys::own_routes())
}

/// Somebody who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Me {
    /// Their number; null for an API token.
    id: Option<i64>,
    /// Their address; null for an API token.
    email: Option<String>,
    /// How they are called: their names, else their address; the name of an API token.
    name: String,
    first_name: Option<String>,
    last_name: Option<String>,
    /// In which they want the admin UI.
    language: Option<String>,
    roles: Vec<RoleShown>,
    /// True if they sign in with a second factor.
    two_factor: bool,
}

/// A role of somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoleShown {
    code: String,
    name: String,
}

/// Changes of one's own names and language. What is left out stays, null removes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Profile {
    #[serde(default, deserialize_with = "given")]
    first_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    last_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    language: Option<Option<String>>,
}

/// A new password, by who knows the one before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewPassword {
    current_password: String,
    password: String,
}

/// A session of who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OwnSession {
    id: String,
    /// The one that asks.
    current: bool,
    created_at: String,
    /// When it was last used, about.
    seen_at: Option<String>,
    expires_at: String,
    ip: Option<String>,
    /// User agent that the browser sent.
    agent: Option<String>,
}

/// How many were ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ended)]
struct EndedSessions {
    ended: usize,
}

/// Deserializes a member that is present, null included, as `Some`; serde's default makes a missing one `None`.
pub(super) fn given<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(d).map(Some)
}

impl Me {
    pub(super) fn from_caller(tenant: &Tenant, caller: &AdminCaller) -> Result<Self, WireError> {
        if caller.id.is_none() {
            return Ok(Self {
                id: None,
                email: None,
                name: caller.name.clone(),
                first_name: None,
                last_name: None,
                language: None,
                roles: role_views(tenant, &caller.roles),
                two_factor: false,
            });
        }
        Ok(Self::from_row(tenant, tenant.access.own_admin_user(caller)?))
    }

    fn from_row(tenant: &Tenant, user: AdminUserRow) -> Self {
        Self {
            id: Some(user.id),
            name: user.display_name(),
            two_factor: user.authenticator().is_some(),
            email: Some(user.email),
            first_name: user.first_name,
            last_name: user.last_name,
            language: user.language,
            roles: role_views(tenant, &user.roles),
        }
    }
}

/// Roles with their names.
pub(super) fn role_views(tenant: &Tenant, codes: &[String]) -> Vec<RoleShown> {
    codes.iter().map(|code| RoleShown { name: tenant.access.admin_role_name(code), code: code.clone() }).collect()
}

/// A password that is asked for again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OwnPassword {
    password: String,
}

/// A code that an authenticator shows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TotpCode {
    code: String,
}

/// A secret for an authenticator. It counts when a code of it was given.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TotpOffer {
    /// For typing, in base32.
    secret: String,
    /// For the authenticator.
    otpauth_url: String,
    /// The same as a picture, for scanning.
    qr_svg: String,
}

/// For who has lost their authenticator; each is good once. They are shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// Preferences that the admin UI keeps for somebody: any keys, 64 KiB at most.
#[derive(Debug, Serialize, ToSchema)]
struct OwnPreferences {
    #[serde(flatten)]
    all: Map<String, Value>,
}

/// Returns the caller that is signed in.
#[utoipa::path(get, path = "/admin/api/me")]
async fn show(CurrentTenant(tenant): CurrentTenant, admin: Require<AnyAdmin>) -> Result<Data<Me>, WireError> {
    Ok(Data { data: Me::from_caller(&tenant, &admin)? })
}

/// Changes one's own names and language.
#[utoipa::path(put, path = "/admin/api/me")]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    body: Json<Profile>,
) -> Result<Data<Me>, WireError> {
    let Profile { first_name, last_name, language } = body.read(&tenant).await?;
    let changes = ProfileChanges { first_name, last_name, language };
    let user = tenant.access.change_profile(&admin, admin.actor(), changes).await?;
    Ok(Data { data: Me::from_row(&tenant, user) })
}

/// Chooses another password. All other sessions end.
#[utoipa::path(post, path = "/admin/api/me/password")]
async fn change_password(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Extension(client): ClientAddress,
    body: Json<NewPassword>,
) -> Result<EmptyData, WireError> {
    let NewPassword { current_password, password } = body.read(&tenant).await?;
    let access = &tenant.access;
    access.change_admin_password(&admin, &current_password, &password, client.0, admin.actor()).await?;
    Ok(EmptyData)
}

/// Returns the preferences that the admin UI keeps.
#[utoipa::path(get, path = "/admin/api/me/preferences")]
async fn preferences(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
) -> Result<Data<OwnPreferences>, WireError> {
    Ok(Data { data: OwnPreferences { all: tenant.access.admin_preferences(&admin)? } })
}

/// Merges into what the admin UI keeps, by the keys of the object; null removes. 64 KiB at most.
#[utoipa::path(put, path = "/admin/api/me/preferences")]
async fn change_preferences(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    body: Json<OwnPreferences>,
) -> Result<Data<OwnPreferences>, WireError> {
    let changes = body.read_object(&tenant).await?;
    Ok(Data { data: OwnPreferences { all: tenant.access.change_admin_preferences(&admin, changes).await? } })
}

/// Where one is signed in, the latest first.
#[utoipa::path(get, path = "/admin/api/me/sessions")]
async fn sessions(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
) -> Result<List<OwnSession>, WireError> {
    let sessions = tenant.access.admin_sessions(&admin)?.into_iter().map(|s| OwnSession {
        id: s.id,
        current: s.current,
        created_at: s.row.created_at,
        seen_at: s.row.seen_at,
        expires_at: s.row.expires_at,
        ip: s.row.ip,
        agent: s.row.agent,
    });
    Ok(List { data: sessions.collect() })
}

/// Ends all one's sessions but the one that asks.
#[utoipa::path(delete, path = "/admin/api/me/sessions")]
async fn end_other_sessions(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
) -> Result<Data<EndedSessions>, WireError> {
    let ended = tenant.access.end_admin_sessions(&admin, admin.actor(), None).await?;
    Ok(Data { data: EndedSessions { ended } })
}

/// Ends one of one's sessions.
#[utoipa::path(delete, path = "/admin/api/me/sessions/{id}", params(("id" = String, Path)))]
async fn end_session(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Path(id): Path<String>,
) -> Result<Data<EndedSessions>, WireError> {
    let ended = tenant.access.end_admin_sessions(&admin, admin.actor(), Some(&id)).await?;
    Ok(Data { data: EndedSessions { ended } })
}

/// A secret for one's authenticator, for who knows their password.
#[utoipa::path(post, path = "/admin/api/me/totp")]
async fn begin_totp(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Extension(client): ClientAddress,
    body: Json<OwnPassword>,
) -> Result<Data<TotpOffer>, WireError> {
    let OwnPassword { password } = body.read(&tenant).await?;
    let offer = tenant.access.begin_totp(&admin, &password, &tenant.notifier.site().name, client.0).await?;
    let qr = QrCode::new(&offer.url).map_err(WireError::internal)?;
    let qr_svg = qr.render::<svg::Color<'_>>().min_dimensions(200, 200).quiet_zone(true).build();
    Ok(Data { data: TotpOffer { secret: offer.secret, otpauth_url: offer.url, qr_svg } })
}

/// Takes the secret up, by a code of it. Signing in needs a code from now on.
#[utoipa::path(put, path = "/admin/api/me/totp")]
async fn confirm_totp(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Extension(client): ClientAddress,
    body: Json<TotpCode>,
) -> Result<Data<RecoveryCodes>, WireError> {
    let TotpCode { code } = body.read(&tenant).await?;
    let recovery_codes = tenant.access.confirm_totp(&admin, admin.actor(), &code, client.0).await?;
    Ok(Data { data: RecoveryCodes { recovery_codes } })
}

/// Takes one's authenticator away, for who knows their password.
#[utoipa::path(delete, path = "/admin/api/me/totp")]
async fn remove_totp(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Extension(client): ClientAddress,
    body: Json<OwnPassword>,
) -> Result<EmptyData, WireError> {
    let OwnPassword { password } = body.read(&tenant).await?;
    tenant.access.remove_totp(&admin, admin.actor(), &password, client.0).await?;
    Ok(EmptyData)
}
