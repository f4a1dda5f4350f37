//! Components of plugins, compiled before the tenant that runs them is opened.

use super::{packages, upgrade_targets};
use crate::wiring::ProcessContext;
use cairn_plugin_host::CompiledComponent;
use cairn_plugin_host::lifecycle::should_run;
use cairn_store::plugins::{PluginRow, PluginState};

/// The components of the plugins that are to run, compiled: until the result is dropped, a tenant that is opened starts them at once. What
/// cannot be compiled is left out, which its start reports. Blocks.
pub(crate) fn compile_components(context: &ProcessContext, rows: &[PluginRow]) -> Vec<CompiledComponent> {
    let project = &context.config.project;
    let starting = rows.iter().filter(|row| should_run(row) || row.state == PluginState::Installed);
    let current = starting.filter_map(|row| packages::load_installed(project, row).ok());
    let targets = upgrade_targets(project, rows).into_iter().map(|target| target.plugin);
    current.chain(targets).filter_map(|plugin| context.compile_component(&plugin.component)).collect()
}
