//! `/admin/api/content-roles`: roles of the content API.

use crate::permission_schemas::{Permission, PermissionsOfType};
use cairn_access::action_types::SettingsContentRoles;
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{Data, List, NoContent};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

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
    /// Number of users with the role.
    users: i64,
}

/// How a role is removed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct RemoveContentRoleParams {
    /// Code of the role that its users get; required where it has any.
    move_to: Option<String>,
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

fn list_roles(tenant: &Tenant) -> Result<Vec<ContentRole>, WireError> {
    let counted = tenant.access.store().read(|r| r.roles().list_with_user_counts())?;
    let to_view = |role: cairn_access::ContentRole| {
        let users = counted.iter().find(|(row, _)| row.kind == role.code).map_or(0, |(_, users)| *users);
        let cairn_access::ContentRole { code, name, description, read_drafts, permissions, built_in } = role;
        ContentRole { code, name, description, read_drafts, permissions, built_in, users }
    };
    Ok(tenant.access.content_roles().into_iter().map(to_view).collect())
}

fn find_role(tenant: &Tenant, code: &str) -> Result<ContentRole, WireError> {
    list_roles(tenant)?.into_iter().find(|role| role.code == code).ok_or_else(WireError::not_found)
}

/// All roles of the content API.
#[utoipa::path(get, path = "/admin/api/content-roles")]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsContentRoles>,
) -> Result<List<ContentRole>, WireError> {
    Ok(List { data: list_roles(&tenant)? })
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

/// Removes a role. Its users get the role that `moveTo` names; 409 where it has users and none is named.
#[utoipa::path(delete, path = "/admin/api/content-roles/{code}", params(("code" = String, Path), RemoveContentRoleParams))]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsContentRoles>>,
    Path(code): Path<String>,
    Query(params): Query<RemoveContentRoleParams>,
) -> Result<NoContent, WireError> {
    let role = find_role(&tenant, &code)?;
    let move_to = params.move_to.filter(|other| !other.is_empty());
    match move_to.as_deref() {
        Some(other) if other == code => {
            return Err(WireError::for_field("moveTo", "must be a role that is not removed"));
        }
        Some(cairn_access::PUBLIC_ROLE) => {
            return Err(WireError::for_field("moveTo", "the public role is that of visitors without an account"));
        }
        None if role.users > 0 && !role.built_in => {
            let message = "There are users with this role: name in moveTo the role that they get";
            return Err(WireError::conflict(message).with_details(json!({ "users": role.users })));
        }
        _ => {}
    }
    cairn_settings::remove_content_role(&tenant.access, &code, move_to, admin.actor()).await?;
    Ok(NoContent)
}
