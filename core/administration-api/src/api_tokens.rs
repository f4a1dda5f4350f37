//! `/admin/api/api-tokens`: tokens for programs. A token's text is told once, when it is made.

use crate::permission_schemas::{Permission, PermissionsOfType};
use cairn_access::action_types::SettingsApiTokens;
use cairn_access::{ApiToken as Stored, AuthError};
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{CreatedData, Data, List, NoContent};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_store::StoreError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use utoipa::ToSchema;

/// Kind of the tokens that may do everything.
const FULL_ACCESS: &str = "full-access";

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, create)).routes(routes!(one, change, remove)).routes(routes!(regenerate))
}

/// Kind of a token: how its permissions are determined.
#[derive(ToSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "it describes a text of the settings")]
enum ApiTokenKind {
    /// All actions on all content types.
    FullAccess,
    /// Reading what is published.
    ReadOnly,
    /// Exactly its permissions.
    Custom,
}

/// A token for programs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ApiToken {
    id: i64,
    name: String,
    description: String,
    #[schema(value_type = ApiTokenKind)]
    r#type: String,
    /// Of a custom one: by the uid of a type and the name of an action, with `where` and `fields`.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Permission>>)]
    permissions: Value,
    /// Of a custom one: may see drafts.
    read_drafts: bool,
    expires_at: Option<String>,
    created_at: String,
    /// To the minute.
    last_used_at: Option<String>,
}

/// A token whose text is told, this once.
#[derive(Debug, Serialize, ToSchema)]
struct ApiTokenText {
    #[serde(flatten)]
    token: ApiToken,
    /// For the header `Authorization: Bearer …`.
    text: String,
}

/// A token that is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewApiToken {
    name: String,
    description: Option<String>,
    #[schema(value_type = ApiTokenKind)]
    r#type: String,
    #[schema(value_type = Option<BTreeMap<String, PermissionsOfType>>)]
    permissions: Option<Value>,
    read_drafts: Option<bool>,
    /// A time; for ever without it.
    expires_at: Option<String>,
}

/// Changes of an API token; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "read as the object that it is: null is told from what is left out")]
#[serde(rename_all = "camelCase")]
struct ApiTokenChanges {
    name: Option<String>,
    description: Option<String>,
    #[schema(value_type = Option<ApiTokenKind>)]
    r#type: Option<String>,
    #[schema(value_type = Option<BTreeMap<String, PermissionsOfType>>)]
    permissions: Option<Value>,
    read_drafts: Option<bool>,
    /// Null: for ever.
    expires_at: Option<String>,
}

fn to_api_token(token: Stored, uses: &HashMap<i64, String>) -> ApiToken {
    ApiToken {
        last_used_at: uses.get(&token.id).cloned(),
        id: token.id,
        name: token.name,
        description: token.description,
        r#type: token.kind,
        permissions: token.permissions,
        read_drafts: token.read_drafts,
        expires_at: token.expires_at,
        created_at: token.created_at,
    }
}

fn load_last_uses(tenant: &Tenant) -> Result<HashMap<i64, String>, WireError> {
    Ok(tenant.access.store().read(|r| r.api_tokens().list_uses())?.into_iter().collect())
}

fn find_token(tenant: &Tenant, is: impl Fn(&Stored) -> bool) -> Result<Stored, WireError> {
    tenant.access.api_tokens().into_iter().find(is).ok_or_else(WireError::not_found)
}

fn by_id(tenant: &Tenant, id: i64) -> Result<Stored, WireError> {
    find_token(tenant, |token| token.id == id)
}

/// 403 for whom may not make what may do everything.
fn check_token_kind(admin: &Admin, kind: Option<&str>) -> Result<(), WireError> {
    if kind == Some(FULL_ACCESS) && !admin.is_super() {
        let roles = vec![cairn_access::SUPER_ADMIN_ROLE.to_owned()];
        return Err(AuthError::Lacks { action: FULL_ACCESS.to_owned(), content_type: None, roles }.into());
    }
    Ok(())
}

fn new_text() -> Result<String, WireError> {
    let mut bytes = [0_u8; 32];
    rand::TryRngCore::try_fill_bytes(&mut rand::rngs::OsRng, &mut bytes).map_err(WireError::internal)?;
    Ok(format!("cairn_api_{}", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()))
}

/// All tokens, in the order they were made.
#[utoipa::path(get, path = "/admin/api/api-tokens")]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsApiTokens>,
) -> Result<List<ApiToken>, WireError> {
    let uses = load_last_uses(&tenant)?;
    Ok(List { data: tenant.access.api_tokens().into_iter().map(|token| to_api_token(token, &uses)).collect() })
}

/// Gets an API token, without its text.
#[utoipa::path(get, path = "/admin/api/api-tokens/{id}", params(("id" = i64, Path)))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsApiTokens>,
    Path(id): Path<i64>,
) -> Result<Data<ApiToken>, WireError> {
    Ok(Data { data: to_api_token(by_id(&tenant, id)?, &load_last_uses(&tenant)?) })
}

/// Makes a token. Its text is in this answer and nowhere else.
#[utoipa::path(post, path = "/admin/api/api-tokens")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsApiTokens>>,
    body: Json<NewApiToken>,
) -> Result<CreatedData<ApiTokenText>, WireError> {
    let new = body.read(&tenant).await?;
    check_token_kind(&admin, Some(&new.r#type))?;
    let text = new_text()?;
    let mut token = json!({ "name": new.name, "type": new.r#type, "token": text });
    for (key, value) in [
        ("description", new.description.map(Value::from)),
        ("permissions", new.permissions),
        ("readDrafts", new.read_drafts.map(Value::from)),
        ("expiresAt", new.expires_at.map(Value::from)),
    ] {
        if let Some(value) = value {
            token[key] = value;
        }
    }
    cairn_settings::add_api_tokens(&tenant.access, &json!({ "apiTokens": [token] }), 2, admin.actor()).await?;
    let token = find_token(&tenant, |token| token.name == new.name)?;
    Ok(CreatedData { data: ApiTokenText { token: to_api_token(token, &HashMap::new()), text } })
}

/// Changes a token; its text stays.
#[utoipa::path(put, path = "/admin/api/api-tokens/{id}", params(("id" = i64, Path)))]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsApiTokens>>,
    Path(id): Path<i64>,
    body: Json<ApiTokenChanges>,
) -> Result<Data<ApiToken>, WireError> {
    let mut changes: Map<String, Value> = body.read_object(&tenant).await?;
    let stored = by_id(&tenant, id)?;
    check_token_kind(&admin, Some(&stored.kind))?;
    check_token_kind(&admin, changes.get("type").and_then(Value::as_str))?;
    if changes.contains_key("token") {
        return Err(WireError::validation("token: unknown key; use POST …/regenerate to replace the token"));
    }
    let name = match changes.remove("name") {
        None => None,
        Some(Value::String(name)) if !name.is_empty() && !name.contains('\0') => Some(name),
        Some(_) => return Err(WireError::validation("name: must be a non-empty string")),
    };
    changes.insert("name".to_owned(), stored.name.clone().into());
    cairn_settings::change_settings(&tenant.access, &json!({ "apiTokens": [changes] }), 2, admin.actor()).await?;
    if let Some(name) = name.filter(|name| *name != stored.name) {
        match tenant.access.store().write(move |tx| tx.api_tokens().rename(id, &name)).await {
            Err(StoreError::Unique) => {
                return Err(WireError::validation("name: another API token already has this name"));
            }
            other => other?,
        }
        tenant.access.reload()?;
    }
    Ok(Data { data: to_api_token(by_id(&tenant, id)?, &load_last_uses(&tenant)?) })
}

/// Gives a token another text; the one before opens nothing any more.
#[utoipa::path(post, path = "/admin/api/api-tokens/{id}/regenerate", params(("id" = i64, Path)))]
async fn regenerate(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsApiTokens>>,
    Path(id): Path<i64>,
) -> Result<Data<ApiTokenText>, WireError> {
    let stored = by_id(&tenant, id)?;
    check_token_kind(&admin, Some(&stored.kind))?;
    let text = new_text()?;
    let file = json!({ "apiTokens": [{ "name": stored.name, "token": text }] });
    cairn_settings::change_settings(&tenant.access, &file, 2, admin.actor()).await?;
    Ok(Data { data: ApiTokenText { token: to_api_token(by_id(&tenant, id)?, &load_last_uses(&tenant)?), text } })
}

/// Removes a token.
#[utoipa::path(delete, path = "/admin/api/api-tokens/{id}", params(("id" = i64, Path)))]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsApiTokens>>,
    Path(id): Path<i64>,
) -> Result<NoContent, WireError> {
    let stored = by_id(&tenant, id)?;
    check_token_kind(&admin, Some(&stored.kind))?;
    let file = json!({ "apiTokens": [{ "name": stored.name, "token": null }] });
    cairn_settings::change_settings(&tenant.access, &file, 2, admin.actor()).await?;
    Ok(NoContent)
}
