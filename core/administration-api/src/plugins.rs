//! `/admin/api/plugins`: which there are and how they do; packages that come, what is granted, switched and removed.

mod change;
mod choices;
mod export;
mod health;
mod install;
mod logs_and_calls;
mod replay;
mod set_up;
mod shapes;
mod signing_keys;
mod views;

use cairn_access::action_types::{PluginsManage, PluginsRead};
use cairn_app::Tenant;
use cairn_app::plugins::consent::find_dependants;
use cairn_app::plugins::{record, remove};
use cairn_app::tenants::PluginsHandle;
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::{CurrentTenant, ExclusiveTenant, Handle};
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{Data, List, NoContent};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_plugin_host::lifecycle::{LifecycleStep, Removal};
use cairn_plugin_package::manifest::{Auth, ManifestRoute};
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use cairn_store::plugins::{PluginRow, PluginState};
use change::{apply_change, apply_step, find_plugin};
use serde::Deserialize;
use serde_json::json;
use shapes::{PluginDetail, PluginSummary, detail_response};
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list, install::install))
        .routes(routes!(install::stage))
        .routes(routes!(install::preview))
        .routes(routes!(install::forget))
        .routes(routes!(one, uninstall))
        .routes(routes!(enable))
        .routes(routes!(disable))
        .routes(routes!(rollback))
        .routes(routes!(set_up::settings, set_up::change_settings))
        .routes(routes!(set_up::set_secret, set_up::remove_secret))
        .routes(routes!(signing_keys::set_signing_key, signing_keys::remove_signing_key))
        .routes(routes!(set_up::grant))
        .routes(routes!(choices::change_choices))
        .routes(routes!(logs_and_calls::logs))
        .routes(routes!(logs_and_calls::calls, logs_and_calls::forget_calls))
        .routes(routes!(logs_and_calls::call, logs_and_calls::forget_call))
        .routes(routes!(replay::replay))
        .routes(routes!(export::export))
        .routes(routes!(health::health_report))
        .routes(routes!(views::views))
        .routes(routes!(views::show))
        .routes(routes!(views::act))
}

/// A plugin that is there, with the permissions that it declares.
pub(super) struct DeclaredPermissions {
    pub(super) plugin: String,
    /// Name of the plugin, in the caller's language.
    pub(super) name: String,
    pub(super) permissions: Vec<DeclaredPermission>,
}

/// A permission that a plugin declares.
pub(super) struct DeclaredPermission {
    pub(super) name: String,
    /// Description of what it allows, in the caller's language.
    pub(super) title: String,
    /// True if a route needs it of users or API tokens.
    pub(super) in_content_api: bool,
}

/// Returns the permissions that plugins declare for the roles of the admin: the name as roles have it, and a title in the caller's language.
/// Returns an error if the database fails.
pub(super) async fn plugin_permissions(tenant: &Tenant, admin: &Admin) -> Result<Vec<(String, String)>, WireError> {
    let declared = list_declared_permissions(tenant, admin).await?;
    let of_plugin = |DeclaredPermissions { plugin, name, permissions }: DeclaredPermissions| {
        let one = |p: DeclaredPermission| (format!("plugin::{plugin}.{}", p.name), format!("{name}: {}", p.title));
        permissions.into_iter().map(one).collect::<Vec<_>>()
    };
    Ok(declared.into_iter().flat_map(of_plugin).collect())
}

/// Returns what the plugins that are there declare, or an error if the database fails.
pub(super) async fn list_declared_permissions(
    tenant: &Tenant,
    admin: &Admin,
) -> Result<Vec<DeclaredPermissions>, WireError> {
    let language = admin.language(tenant);
    let mut all = Vec::new();
    for row in tenant.content.store().read(|r| r.plugins().list())? {
        if row.state == PluginState::Removed {
            continue;
        }
        let Ok(face) = tenant.plugins.package_metadata(&row.id, &row.current).await else { continue };
        let (texts, manifest) = (face.texts_in(Some(&language)), &face.manifest);
        let is_needed = |name: &str, route: &ManifestRoute| {
            let in_content_api = route.admits(Auth::User) || route.admits(Auth::Token);
            in_content_api && route.permission.as_deref() == Some(name)
        };
        let permissions = manifest.permissions.iter().map(|p| DeclaredPermission {
            name: p.name.clone(),
            title: p.title.as_ref().map_or_else(|| p.name.clone(), |title| texts.resolve_text(&title.value)),
            in_content_api: manifest.routes.iter().any(|route| is_needed(&p.name, route)),
        });
        let (name, permissions) = (texts.resolve_text(&manifest.plugin.name.value), permissions.collect());
        all.push(DeclaredPermissions { plugin: row.id.clone(), name, permissions });
    }
    Ok(all)
}

/// Lists the plugins of the tenant, except uninstalled ones.
#[utoipa::path(get, path = "/admin/api/plugins")]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsRead>,
) -> Result<List<PluginSummary>, WireError> {
    let (rows, failures) = tenant
        .content
        .store()
        .read(|r| Ok::<_, WireError>((r.plugins().list()?, r.plugin_calls().count_by_plugin()?)))?;
    let language = admin.language(&tenant);
    let mut data = Vec::with_capacity(rows.len());
    for row in rows.iter().filter(|row| row.state != PluginState::Removed) {
        let failed = failures.get(&row.id).copied().unwrap_or(0);
        data.push(shapes::plugin_summary(&tenant, row, failed, &language).await);
    }
    Ok(List { data })
}

/// A plugin with all that there is to see of it.
#[utoipa::path(get, path = "/admin/api/plugins/{id}", params(("id" = String, Path)))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsRead>,
    Path(id): Path<String>,
) -> Result<Data<PluginDetail>, WireError> {
    detail_response(&tenant, &admin, &id).await
}

/// Switches a plugin on.
#[utoipa::path(post, path = "/admin/api/plugins/{id}/enable", params(("id" = String, Path)))]
async fn enable(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsManage>,
    Path(id): Path<String>,
) -> Result<Data<PluginDetail>, WireError> {
    let row = find_plugin(&tenant, &id)?;
    let on = |tx: &mut WriteTx<'_>, id: &str, by: &Actor, now| record::set_enabled(tx, id, true, by, now).map(drop);
    apply_step(&tenant, &admin, &row, LifecycleStep::Enable, on).await?;
    detail_response(&tenant, &admin, &id).await
}

/// Switches a plugin off: its hooks are gone, its events and jobs wait, its content stays.
#[utoipa::path(post, path = "/admin/api/plugins/{id}/disable", params(("id" = String, Path)))]
async fn disable(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsManage>,
    Path(id): Path<String>,
) -> Result<Data<PluginDetail>, WireError> {
    let row = find_plugin(&tenant, &id)?;
    not_needed(&tenant, &row, "switched off")?;
    let off = |tx: &mut WriteTx<'_>, id: &str, by: &Actor, now| record::set_enabled(tx, id, false, by, now).map(drop);
    apply_step(&tenant, &admin, &row, LifecycleStep::Disable, off).await?;
    detail_response(&tenant, &admin, &id).await
}

/// Goes back to the version before; content types stay as they are.
#[utoipa::path(post, path = "/admin/api/plugins/{id}/rollback", params(("id" = String, Path)))]
async fn rollback(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsManage>,
    Path(id): Path<String>,
) -> Result<Data<PluginDetail>, WireError> {
    let row = find_plugin(&tenant, &id)?;
    let back = tokio::task::block_in_place(|| record::plan_rollback(&tenant.config.project, &row))?;
    apply_change(&tenant, &admin, &id, |tx, _, by, now| back.write_rollback(tx, by, now)).await?;
    detail_response(&tenant, &admin, &id).await
}

/// 409 where others do not work without it.
fn not_needed(tenant: &Tenant, row: &PluginRow, subject: &str) -> Result<(), WireError> {
    let rows = tenant.content.store().read(|r| r.plugins().list())?;
    let others = tokio::task::block_in_place(|| find_dependants(&tenant.config.project, &row.id, &rows));
    if others.is_empty() {
        return Ok(());
    }
    let message = format!("{} is required by {}: these must be {subject} first", row.id, others.join(", "));
    Err(WireError::conflict(message).with_details(json!({ "plugins": others })))
}

/// Fate of a plugin's data when it is uninstalled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum PluginData {
    /// It stays, to be read only; a package of the same publisher takes it up again.
    #[default]
    Keep,
    /// It is deleted; documents and files stay in the trash for thirty days.
    Delete,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct UninstallParams {
    /// Fate of its data; `keep` by default.
    #[param(inline)]
    data: PluginData,
}

/// Takes a plugin out of service. Names those that do not work without it.
#[utoipa::path(delete, path = "/admin/api/plugins/{id}", params(("id" = String, Path), UninstallParams))]
async fn uninstall(
    ExclusiveTenant(tenant): ExclusiveTenant,
    admin: Require<PluginsManage>,
    handle: Option<Handle<PluginsHandle>>,
    Path(id): Path<String>,
    Query(how): Query<UninstallParams>,
) -> Result<NoContent, WireError> {
    let row = tenant.content.store().read(|r| r.plugins().get(&id))?.ok_or_else(WireError::not_found)?;
    not_needed(&tenant, &row, "removed")?;
    match (how.data, handle) {
        (PluginData::Keep, _) => {
            let keep_data =
                |tx: &mut WriteTx<'_>, id: &str, by: &Actor, now| remove::remove_keeping_data(tx, id, by, now);
            apply_step(&tenant, &admin, &row, LifecycleStep::Uninstall(Removal::Keep), keep_data).await?;
        }
        (PluginData::Delete, Some(Handle(handle))) => {
            handle.delete(id, (**admin.actor()).clone()).await?;
        }
        (PluginData::Delete, None) => {
            return Err(WireError::conflict(
                "plugins' content types are shared by all tenants of this server: keep the content, or ask an \
                 operator to delete it with `cairn plugin uninstall --delete`",
            ));
        }
    }
    Ok(NoContent)
}
