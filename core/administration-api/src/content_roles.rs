//! `/admin/api/content-roles`: roles of the content API.

use crate::permission_schemas::{Permission, PermissionsOfType};
use cairn_access::action_types::SettingsContentRoles;
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{Data, List, NoContent};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list)).routes(routes!(one, save, remove))
}

/// A role of the content API.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ContentRole {
    /// `public`, `authenticated`, or another.
    code: String,
    name: String,
    description: String,
    /// May see drafts.
    read_drafts: bool,
    /// By the uid of a type and the name of an action, with `where` and `fields`.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Permission>>)]
    permissions: Value,
    /// It cannot be removed.
    built_in: bool,
}

/// Changes of a content role; what is left out stays. The permissions are replaced as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "read as the object that it is: null is told from what is left out")]
#[serde(rename_all = "camelCase")]
struct ContentRoleChanges {
    name: Option<String>,
    description: Option<String>,
    read_drafts: Option<bool>,
    #[schema(value_type = Option<BTreeMap<String, PermissionsOfType>>)]
    permissions: Option<Value>,
}

impl From<cairn_access::ContentRole> for ContentRole {
    fn from(role: cairn_access::ContentRole) -> Self {
        let cairn_access::ContentRole { code, name, description, read_drafts, permissions, built_in } = role;
        Self { code, name, description, read_drafts, permissions, built_in }
    }
}

fn find_role(tenant: &Tenant, code: &str) -> Result<ContentRole, WireError> {
    let role = tenant.access.content_roles().into_iter().find(|role| role.code == code);
    role.map(ContentRole::from).ok_or_else(WireError::not_found)
}

/// All roles of the content API.
#[utoipa::path(get, path = "/admin/api/content-roles")]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsContentRoles>,
) -> Result<List<ContentRole>, WireError> {
    Ok(List { data: tenant.access.content_roles().into_iter().map(ContentRole::from).collect() })
}

/// Gets a role of the content API.
#[utoipa::path(get, path = "/admin/api/content-roles/{code}", params(("code" = String, Path)))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsContentRoles>,
    Path(code): Path<String>,
) -> Result<Data<ContentRole>, WireError> {
    Ok(Data { data: find_role(&tenant, &code)? })
}

/// Changes a role, or makes it.
#[utoipa::path(put, path = "/admin/api/content-roles/{code}", params(("code" = String, Path)))]
async fn save(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsContentRoles>>,
    Path(code): Path<String>,
    body: Json<ContentRoleChanges>,
) -> Result<Data<ContentRole>, WireError> {
    let changes = body.read_object(&tenant).await?;
    cairn_settings::change_settings(&tenant.access, &json!({ "roles": { &code: changes } }), 2, admin.actor()).await?;
    Ok(Data { data: find_role(&tenant, &code)? })
}

/// Removes a role. Who had it may do nothing until they get another.
#[utoipa::path(delete, path = "/admin/api/content-roles/{code}", params(("code" = String, Path)))]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsContentRoles>>,
    Path(code): Path<String>,
) -> Result<NoContent, WireError> {
    find_role(&tenant, &code)?;
    cairn_settings::change_settings(&tenant.access, &json!({ "roles": { &code: null } }), 2, admin.actor()).await?;
    Ok(NoContent)
}
