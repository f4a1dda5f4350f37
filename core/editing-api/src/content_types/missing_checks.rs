//! Checks of plugins that do not run: content of their types is not saved meanwhile.

use super::{ModelType, TypeCheck};
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_model::Registry;
use cairn_plugin_host::MissingCheck;
use std::collections::BTreeMap;

/// Adds to each type the plugins that do not run and check its changes.
pub(super) async fn add_missing_checks(
    tenant: &Tenant,
    language: &str,
    registry: &Registry,
    types: &mut [ModelType],
) -> Result<(), WireError> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for model_type in types {
        let Some(ct) = registry.by_uid(&model_type.uid) else { continue };
        for MissingCheck { plugin, cause } in tenant.plugins.plugins().missing_checks(ct.id) {
            if !names.contains_key(&plugin) {
                names.insert(plugin.clone(), plugin_name(tenant, &plugin, language).await?);
            }
            let name = names.get(&plugin).unwrap_or(&plugin).clone();
            model_type.missing_checks.push(TypeCheck { plugin, name, cause: cause.into() });
        }
    }
    Ok(())
}

/// The name of an installed plugin in a language; its id where the package is gone or changed.
async fn plugin_name(tenant: &Tenant, id: &str, language: &str) -> Result<String, WireError> {
    let Some(row) = tenant.content.store().read(|r| r.plugins().get(id))? else { return Ok(id.to_owned()) };
    Ok(match tenant.plugins.package_metadata(&row.id, &row.current).await {
        Ok(package) => package.texts_in(Some(language)).resolve_text(&package.manifest.plugin.name.value),
        Err(_) => row.id,
    })
}
