//! Keys that a plugin signs with: made or imported by an administrator, and shown without their private halves.

use super::change::{find_plugin, package_metadata};
use cairn_access::action_types::PluginsManage;
use cairn_app::Tenant;
use cairn_app::plugins::packages::PluginTexts;
use cairn_app::plugins::record::audit_signing_key_event;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{NoContent, Time};
use cairn_plugin_host::signing_keys::{self, PublicSigningKey, SigningKeyError, SigningKeyState};
use cairn_plugin_package::Manifest;
use cairn_store::events::Actor;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A key that a plugin signs with, without its private half.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PluginSigningKey {
    name: String,
    /// Purpose of the key.
    title: String,
    /// `es256` or `rs256`.
    algorithm: String,
    /// The plugin can sign with it.
    usable: bool,
    /// The key that signs; null: there is none.
    current: Option<PluginPublicKey>,
    /// Keys before it, the last one first: what they signed is still verified.
    earlier: Vec<PluginPublicKey>,
}

/// The public half of a key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PluginPublicKey {
    /// Id of the key: its thumbprint.
    kid: String,
    /// JSON Web Key.
    #[schema(value_type = Object)]
    jwk: Value,
    /// The same in PEM.
    pem: String,
    created_at: Time,
    /// When another one took its place.
    retired_at: Option<Time>,
}

impl From<PublicSigningKey> for PluginPublicKey {
    fn from(key: PublicSigningKey) -> Self {
        let PublicSigningKey { kid, jwk, pem, created_at, retired_at } = key;
        Self { kid, jwk, pem, created_at: Time(created_at), retired_at: retired_at.map(Time) }
    }
}

/// A private key to import.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSigningKey {
    /// PEM: PKCS#8, not encrypted. Without it a key is made. It is kept sealed, and never shown.
    pem: Option<String>,
}

/// The signing keys that a plugin declares, in the order of its manifest. Returns an error if the database fails.
pub(super) fn list_signing_keys(
    tenant: &Tenant,
    manifest: &Manifest,
    texts: &PluginTexts,
) -> Result<Vec<PluginSigningKey>, WireError> {
    let states = signing_keys::list_keys(&tenant.access, manifest)?;
    let declared = states.into_iter().filter_map(|state| {
        let SigningKeyState { name, algorithm, current, usable, earlier } = state;
        let title = manifest.signing_key(&name)?.title.as_ref();
        Some(PluginSigningKey {
            title: title.map_or_else(|| name.clone(), |title| texts.resolve_text(&title.value)),
            algorithm: algorithm?.to_string(),
            usable,
            current: current.map(PluginPublicKey::from),
            earlier: earlier.into_iter().map(PluginPublicKey::from).collect(),
            name,
        })
    });
    Ok(declared.collect())
}

/// Makes or imports a key that a plugin signs with, in place of the one that is there.
#[utoipa::path(
    put,
    path = "/admin/api/plugins/{id}/signing-keys/{name}",
    params(("id" = String, Path), ("name" = String, Path, description = "As its manifest names it")),
    request_body = NewSigningKey,
)]
pub(super) async fn set_signing_key(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsManage>,
    Path((id, name)): Path<(String, String)>,
    body: Json<NewSigningKey>,
) -> Result<NoContent, WireError> {
    let NewSigningKey { pem } = body.read(&tenant).await?;
    let row = find_plugin(&tenant, &id)?;
    let face = package_metadata(&tenant, &row).await?;
    let (actor, now) = (admin.actor(), tenant.access.now().timestamp_millis());
    let tell = audit_signing_key_event(Actor::clone(actor), "signing-key-set", &id, &name, now);
    let set = match pem {
        Some(pem) => signing_keys::import_key(&tenant.access, &face.manifest, &name, &pem, tell).await,
        None => signing_keys::generate_key(&tenant.access, &face.manifest, &name, tell).await,
    };
    match set {
        Ok(_) => Ok(NoContent),
        Err(SigningKeyError::Undeclared { .. }) => Err(WireError::not_found()),
        Err(error @ SigningKeyError::Unusable(_)) => {
            Err(WireError::for_fields(&[("pem".to_owned(), error.to_string())]))
        }
        Err(SigningKeyError::Store(error)) => Err(error.into()),
        Err(error) => Err(WireError::internal(error)),
    }
}

/// Removes a key that a plugin signs with, and the public halves of those before it.
#[utoipa::path(
    delete,
    path = "/admin/api/plugins/{id}/signing-keys/{name}",
    params(("id" = String, Path), ("name" = String, Path, description = "As its manifest names it")),
)]
pub(super) async fn remove_signing_key(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsManage>,
    Path((id, name)): Path<(String, String)>,
) -> Result<NoContent, WireError> {
    find_plugin(&tenant, &id)?;
    let (actor, now) = (admin.actor(), tenant.access.now().timestamp_millis());
    let tell = audit_signing_key_event(Actor::clone(actor), "signing-key-removed", &id, &name, now);
    match signing_keys::remove_key(&tenant.access, &id, &name, tell).await? {
        true => Ok(NoContent),
        false => Err(WireError::not_found()),
    }
}
