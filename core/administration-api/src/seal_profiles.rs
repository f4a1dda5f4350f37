//! `/admin/api/seal-profiles`: keys and certificates that seal PDFs. A key goes in and never comes out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_access::action_types::SettingsSeals;
use cairn_access::format_iso;
use cairn_app::Tenant;
use cairn_app::seal_profiles::audit_profile_change;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{Data, List, NoContent};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_plugin_package::Grants;
use cairn_seals::{KeyMaterial, KeystoreError, MaterialError, StoredProfile};
use cairn_store::events::Actor;
use cairn_store::plugins::{PluginRow, PluginState};
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list)).routes(routes!(keep, remove))
}

/// A sealing profile.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SealProfile {
    name: String,
    /// Subject of the certificate.
    subject: String,
    /// Issuer of the certificate.
    issuer: String,
    serial: String,
    /// How the key signs: `RSA 3072`, `ECDSA P-256`; null: it was sealed by an installation with another secret key, and cannot be used.
    algorithm: Option<String>,
    not_before: String,
    not_after: String,
    /// SHA-256 of the certificate, in hex.
    fingerprint: String,
    /// How many certificates are kept: the key's own and those above it.
    certificates: usize,
    changed_at: String,
    /// Ids of plugins that may seal with it.
    used_by: Vec<String>,
}

/// A key with its certificates: `pkcs12` with its `password`, or `certificates` and `key`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSealProfile {
    /// A PKCS#12 file (.p12, .pfx), in base64.
    pkcs12: Option<String>,
    /// Of the file, or of a key that is encrypted.
    password: Option<String>,
    /// PEM; the key's own and those above it, in any order.
    certificates: Option<String>,
    /// PEM: PKCS#8, encrypted or not.
    key: Option<String>,
}

fn to_seal_profile(profile: StoredProfile, plugins: &[PluginRow]) -> SealProfile {
    let time = |millis: i64| DateTime::from_timestamp_millis(millis).map(format_iso).unwrap_or_default();
    let may = |row: &&PluginRow| {
        row.state != PluginState::Removed
            && serde_json::from_value::<Grants>(row.grants.clone()).is_ok_and(|grants| grants.may_seal(&profile.name))
    };
    SealProfile {
        used_by: plugins.iter().filter(may).map(|row| row.id.clone()).collect(),
        subject: profile.certificate.subject,
        issuer: profile.certificate.issuer,
        serial: profile.certificate.serial,
        algorithm: profile.algorithm.map(|algorithm| algorithm.to_string()),
        not_before: time(profile.certificate.not_before),
        not_after: time(profile.certificate.not_after),
        fingerprint: profile.certificate.fingerprint,
        certificates: profile.certificates,
        changed_at: time(profile.changed_at),
        name: profile.name,
    }
}

fn list_plugins(tenant: &Tenant) -> Result<Vec<PluginRow>, WireError> {
    Ok(tenant.access.store().read(|r| r.plugins().list())?)
}

fn custody_error(error: KeystoreError) -> WireError {
    match error {
        KeystoreError::Store(error) => error.into(),
        error => WireError::internal(error),
    }
}

/// All profiles, by name. No key is shown.
#[utoipa::path(get, path = "/admin/api/seal-profiles")]
async fn list(CurrentTenant(tenant): CurrentTenant, _: Require<SettingsSeals>) -> Result<List<SealProfile>, WireError> {
    let plugins = list_plugins(&tenant)?;
    let profiles = cairn_seals::list_profiles(&tenant.access).map_err(custody_error)?;
    Ok(List { data: profiles.into_iter().map(|one| to_seal_profile(one, &plugins)).collect() })
}

/// Keeps a key with its certificates under a name, in the place of what has it.
#[utoipa::path(
    put,
    path = "/admin/api/seal-profiles/{name}",
    params(("name" = String, Path, description = "Small letters, digits and dashes; plugins name it in their manifests")),
    request_body = NewSealProfile,
)]
async fn keep(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsSeals>>,
    Path(name): Path<String>,
    body: Json<NewSealProfile>,
) -> Result<Data<SealProfile>, WireError> {
    let new: NewSealProfile = body.read(&tenant).await?;
    if !cairn_seals::is_name(&name) {
        let message = "a name must begin with a letter and contain only lower-case letters, digits and hyphens, at \
            most 63, such as contracts";
        return Err(WireError::for_field("name", message));
    }
    let now = tenant.access.now().timestamp_millis();
    // Key derivation for encrypted key files is slow on purpose.
    let read = tokio::task::spawn_blocking(move || parse_material(new, now)).await.map_err(WireError::internal)?;
    let material = read.map_err(|error| WireError::for_field(error.field, error.message))?;
    let tell = audit_profile_change(Actor::clone(admin.actor()), "set", &name, Some(material.certificate()), now);
    let profile = cairn_seals::store_profile(&tenant.access, &name, &material, tell).await.map_err(custody_error)?;
    Ok(Data { data: to_seal_profile(profile, &list_plugins(&tenant)?) })
}

fn parse_material(new: NewSealProfile, now: i64) -> Result<KeyMaterial, MaterialError> {
    let NewSealProfile { pkcs12, password, certificates, key } = new;
    let material_error = |field, message: &str| MaterialError { field, message: message.to_owned() };
    match (pkcs12, certificates, key) {
        (Some(file), None, None) => {
            let file = STANDARD.decode(file).map_err(|_| material_error("pkcs12", "is not valid Base64"))?;
            KeyMaterial::from_pkcs12(&file, &password.unwrap_or_default(), now)
        }
        (None, Some(certificates), Some(key)) => KeyMaterial::from_pem(&certificates, &key, password.as_deref(), now),
        (None, Some(_), None) => Err(material_error("key", "is required")),
        (None, None, Some(_)) => Err(material_error("certificates", "are required")),
        (None, None, None) => {
            Err(material_error("pkcs12", "is required: provide a PKCS#12 file, or certificates and a key"))
        }
        (Some(_), ..) => {
            Err(material_error("pkcs12", "cannot be combined with certificates or a key: it contains both"))
        }
    }
}

/// Removes a profile and its key. What it sealed stays sealed.
#[utoipa::path(delete, path = "/admin/api/seal-profiles/{name}", params(("name" = String, Path)))]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsSeals>>,
    Path(name): Path<String>,
) -> Result<NoContent, WireError> {
    let tell = audit_profile_change(
        Actor::clone(admin.actor()),
        "removed",
        &name,
        None,
        tenant.access.now().timestamp_millis(),
    );
    match cairn_seals::delete_profile(&tenant.access, &name, tell).await? {
        true => Ok(NoContent),
        false => Err(WireError::not_found()),
    }
}
