//! `/admin/api/plugin-permissions`: permissions of plugins that roles of the content API and API tokens can have.

use crate::plugins::{DeclaredPermissions, list_declared_permissions};
use cairn_access::AdminAction;
use cairn_http::error::WireError;
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::openapi::response_types::List;
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use serde::Serialize;
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list))
}

/// A plugin with permissions for users and API tokens.
#[derive(Debug, Serialize, ToSchema)]
struct PermissionsOfPlugin {
    /// Id of the plugin. In roles and tokens its permissions are those of `plugin::<id>`.
    plugin: String,
    /// Name of the plugin, in the caller's language.
    name: String,
    permissions: Vec<RoutePermission>,
}

/// A permission that routes for users or API tokens need.
#[derive(Debug, Serialize, ToSchema)]
struct RoutePermission {
    name: String,
    /// Description of what it allows, in the caller's language.
    title: String,
}

/// The permissions that routes of plugins need of users or API tokens, for those who edit their roles or the tokens.
#[utoipa::path(get, path = "/admin/api/plugin-permissions")]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
) -> Result<List<PermissionsOfPlugin>, WireError> {
    if !admin.permissions.allows_action(AdminAction::SettingsApiTokens) {
        admin.require(&tenant, AdminAction::SettingsContentRoles)?;
    }
    let declared = list_declared_permissions(&tenant, &admin).await?;
    let data = declared.into_iter().filter_map(|DeclaredPermissions { plugin, name, permissions }| {
        let for_routes = permissions.into_iter().filter(|permission| permission.in_content_api);
        let permissions: Vec<RoutePermission> =
            for_routes.map(|permission| RoutePermission { name: permission.name, title: permission.title }).collect();
        (!permissions.is_empty()).then_some(PermissionsOfPlugin { plugin, name, permissions })
    });
    Ok(List { data: data.collect() })
}
