//! Finds plugins and changes them.

use cairn_app::Tenant;
use cairn_app::plugins::packages::{self, PackageMetadata};
use cairn_app::plugins::record::ChangeError;
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_plugin_host::lifecycle::LifecycleStep;
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use cairn_store::plugins::{PluginRow, PluginState};
use std::sync::Arc;

/// The row of a plugin that is there.
pub(super) fn find_plugin(tenant: &Tenant, id: &str) -> Result<PluginRow, WireError> {
    let row = tenant.content.store().read(|r| r.plugins().get(id))?;
    row.filter(|row| row.state != PluginState::Removed).ok_or_else(WireError::not_found)
}

pub(super) async fn package_metadata(tenant: &Tenant, row: &PluginRow) -> Result<Arc<PackageMetadata>, WireError> {
    tenant.plugins.package_metadata(&row.id, &row.current).await.map_err(WireError::conflict)
}

/// Changes something of a plugin in one transaction, and has it taken up at once.
pub(super) async fn apply_change<F>(tenant: &Tenant, admin: &Admin, id: &str, f: F) -> Result<(), WireError>
where
    F: FnOnce(&mut WriteTx<'_>, &str, &Actor, i64) -> Result<PluginRow, ChangeError> + Clone + Send + 'static,
{
    let (id, actor, now) = (id.to_owned(), admin.actor().clone(), tenant.access.now().timestamp_millis());
    tenant.content.store().write(move |tx| f(tx, &id, &actor, now)).await?;
    Ok(tenant.follow_plugins().await?)
}

/// As [`apply_change`], together with what the plugin itself has to do about it.
pub(super) async fn apply_step<F>(
    tenant: &Tenant,
    admin: &Admin,
    row: &PluginRow,
    step: LifecycleStep,
    f: F,
) -> Result<(), WireError>
where
    F: FnOnce(&mut WriteTx<'_>, &str, &Actor, i64) -> Result<(), ChangeError> + Clone + Send + 'static,
{
    let (id, actor, now) = (row.id.clone(), admin.actor().clone(), tenant.access.now().timestamp_millis());
    let plugin = tokio::task::block_in_place(|| packages::package_for_step(&tenant.config.project, row, step))
        .map_err(WireError::conflict)?;
    tenant.plugins.plugins().run_step_with(plugin, step, move |tx| f(tx, &id, &actor, now)).await?;
    Ok(tenant.follow_plugins().await?)
}
