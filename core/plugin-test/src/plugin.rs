//! Reads a plugin's folder for a test.

use crate::Broken;
use cairn_plugin_author::folder::files_without_component;
use cairn_plugin_host::Installed;
use cairn_plugin_package::component::COMPONENT;
use cairn_plugin_package::package::Files;
use cairn_plugin_package::settings::SettingsSchema;
use cairn_plugin_package::{Grants, Manifest};
use serde_json::{Map, Value as Json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A plugin with its component, and everything that it asks for.
#[derive(Clone)]
pub struct Plugin {
    pub(crate) folder: PathBuf,
    pub(crate) manifest: Arc<Manifest>,
    component: Arc<[u8]>,
    files: Files,
}

impl Plugin {
    /// Reads a folder with `plugin.toml` and `plugin.wasm`.
    ///
    /// # Errors
    /// What cannot be read, with its path; a manifest with problems.
    pub fn read(folder: &Path) -> Result<Self, Broken> {
        Self::with_component(folder, &folder.join(COMPONENT))
    }

    /// Reads a folder, with a component in another place.
    ///
    /// # Errors
    /// Those of [`Self::read`].
    pub fn with_component(folder: &Path, component: &Path) -> Result<Self, Broken> {
        let at = |path: &Path, e: &dyn std::fmt::Display| Broken(format!("{}: {e}", path.display()));
        let place = folder.join("plugin.toml");
        let manifest = std::fs::read_to_string(&place).map_err(|e| at(&place, &e))?;
        let manifest = Manifest::parse(&manifest)
            .map_err(|problems| Broken(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
        let component = std::fs::read(component)
            .map_err(|e| Broken(format!("{}: {e}; run `cairn plugin build` to create it", component.display())))?;
        let files = files_without_component(folder).map_err(|e| Broken(e.to_string()))?;
        Ok(Self { folder: folder.to_owned(), manifest: Arc::new(manifest), component: component.into(), files })
    }

    /// Id in its manifest.
    pub fn id(&self) -> &str {
        self.manifest.id()
    }

    /// The plugin as it runs, with these settings over the defaults of its schema.
    pub(crate) fn installed(&self, given: &Map<String, Json>) -> Result<Installed, Broken> {
        Ok(Installed {
            grants: Grants::asked(&self.manifest),
            manifest: self.manifest.clone(),
            component: self.component.clone(),
            files: Arc::new(self.files.within(&["templates/", "locales/"])),
            settings: self.settings(given)?,
            number: 1,
        })
    }

    fn settings(&self, given: &Map<String, Json>) -> Result<Json, Broken> {
        let settings = self.manifest.settings.as_ref();
        let Some((settings, file)) = settings.and_then(|s| Some((s, s.schema.as_ref()?))) else {
            return Ok(Json::Object(Map::new()));
        };
        let json = self.files.get(file).ok_or_else(|| Broken(format!("{file} not found")))?;
        let told = |problems: Vec<String>| Broken(format!("{file}: {}", problems.join("; ")));
        let schema = SettingsSchema::parse(json, &settings.secrets)
            .map_err(|problems| told(problems.iter().map(ToString::to_string).collect()))?;
        let effective = schema.effective(given);
        effective.map(Json::Object).map_err(|problems| told(problems.iter().map(ToString::to_string).collect()))
    }
}
