//! Plugins that run beside the one under test.

use super::Scenario;
use crate::harness::NeighbourPlugin;
use crate::{TestError, TestPlugin};
use cairn_plugin_package::Choices;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::path::Path;

/// A plugin beside the one under test, as the file of a test declares it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected the folder of a built plugin, or { folder, settings, choices, secrets }")]
pub enum ScenarioPlugin {
    /// Folder of the plugin, from the folder of the one under test: `../crm`.
    Folder(String),
    /// The same, with what an operator sets.
    Set(PluginSet),
}

/// A plugin, with what an operator sets.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginSet {
    /// Folder of the plugin, from the folder of the one under test.
    pub folder: String,
    /// Settings that differ from the defaults.
    #[serde(default)]
    pub settings: Map<String, Json>,
    /// Choices of its manifest.
    #[serde(default)]
    pub choices: Choices,
    /// Values of its secrets, by name.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
}

impl ScenarioPlugin {
    fn to_set(&self) -> PluginSet {
        match self {
            Self::Folder(folder) => PluginSet { folder: folder.clone(), ..PluginSet::default() },
            Self::Set(set) => set.clone(),
        }
    }
}

impl Scenario {
    /// Reads the plugins that run beside this one. `components`: folder of their components, where these are not in the plugins' folders.
    ///
    /// # Errors
    /// A folder without a built plugin; two plugins with the same id.
    pub(super) fn read_neighbours(
        &self,
        plugin: &TestPlugin,
        components: Option<&Path>,
    ) -> Result<Vec<NeighbourPlugin>, TestError> {
        let mut all: Vec<NeighbourPlugin> = Vec::new();
        for declared in &self.plugins {
            let PluginSet { folder, settings, choices, secrets } = declared.to_set();
            let at = |e: TestError| TestError(format!("plugins: {folder}: {e}"));
            let place = plugin.folder.join(&folder);
            let place = place.canonicalize().map_err(|e| at(TestError(format!("{}: {e}", place.display()))))?;
            let read = match (components, place.file_name()) {
                (Some(components), Some(name)) => {
                    TestPlugin::with_component(&place, &components.join(name).with_extension("wasm"))
                }
                _ => TestPlugin::from_folder(&place),
            };
            let read = read.map_err(at)?;
            if read.id() == plugin.id() || all.iter().any(|other| other.plugin.id() == read.id()) {
                return Err(at(TestError(format!("the plugin {} already runs in this test", read.id()))));
            }
            all.push(NeighbourPlugin { plugin: read, settings, choices, secrets });
        }
        Ok(all)
    }
}
