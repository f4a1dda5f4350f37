//! Reads a plugin's folder for a test.

use crate::TestError;
use cairn_model::Registry;
use cairn_plugin_author::folder::read_files_without_component;
use cairn_plugin_host::{InstalledPlugin, attributes_of};
use cairn_plugin_package::component::COMPONENT;
use cairn_plugin_package::package::{PackageFiles, RUNTIME_FOLDERS};
use cairn_plugin_package::settings::SettingsSchema;
use cairn_plugin_package::{Choices, Grants, Manifest};
use serde_json::{Map, Value as Json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A plugin with its component, and everything that it asks for.
#[derive(Clone)]
pub struct TestPlugin {
    pub(crate) folder: PathBuf,
    pub(crate) manifest: Arc<Manifest>,
    component: Arc<[u8]>,
    files: PackageFiles,
}

impl std::fmt::Debug for TestPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestPlugin").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl TestPlugin {
    /// Reads a folder with `plugin.toml` and `plugin.wasm`.
    ///
    /// # Errors
    /// What cannot be read, with its path; a manifest with problems.
    pub fn from_folder(folder: &Path) -> Result<Self, TestError> {
        Self::with_component(folder, &folder.join(COMPONENT))
    }

    /// Reads a folder, with a component in another place. Returns the same errors as [`Self::from_folder`].
    pub fn with_component(folder: &Path, component: &Path) -> Result<Self, TestError> {
        let at = |path: &Path, e: &dyn std::fmt::Display| TestError(format!("{}: {e}", path.display()));
        let place = folder.join("plugin.toml");
        let manifest = std::fs::read_to_string(&place).map_err(|e| at(&place, &e))?;
        let manifest = Manifest::parse(&manifest)
            .map_err(|problems| TestError(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
        let component = std::fs::read(component)
            .map_err(|e| TestError(format!("{}: {e}; run `cairn plugin build` to create it", component.display())))?;
        let files = read_files_without_component(folder).map_err(|e| TestError(e.to_string()))?;
        Ok(Self { folder: folder.to_owned(), manifest: Arc::new(manifest), component: component.into(), files })
    }

    /// Id in its manifest.
    pub fn id(&self) -> &str {
        self.manifest.id()
    }

    /// The plugin as it runs, with these settings over the defaults of its schema, and these choices.
    pub(crate) fn to_installed(
        &self,
        input: &Map<String, Json>,
        choices: &Choices,
        registry: &Registry,
    ) -> Result<InstalledPlugin, TestError> {
        self.check_choices(choices, registry)?;
        Ok(InstalledPlugin {
            grants: Grants::from_manifest(&self.manifest.resolve(choices)).without_empty(),
            choices: choices.clone(),
            manifest: self.manifest.clone(),
            component: self.component.clone(),
            files: Arc::new(self.files.only_below(&RUNTIME_FOLDERS)),
            settings: self.effective_settings(input)?,
            number: 1,
        })
    }

    /// A test must not pass because what it chose was left out.
    fn check_choices(&self, choices: &Choices, registry: &Registry) -> Result<(), TestError> {
        choices.check(&self.manifest).map_err(|problems| {
            let lines: Vec<String> = problems.into_iter().map(|(path, message)| format!("{path}: {message}")).collect();
            TestError(lines.join("\n"))
        })?;
        match choices.split_unfit(&self.manifest, &|uid| attributes_of(registry, uid)).1.first() {
            Some(unfit) => {
                Err(TestError(format!("choices.{}: {} {}", unfit.choice, unfit.uid, unfit.reason.english())))
            }
            None => Ok(()),
        }
    }

    fn effective_settings(&self, input: &Map<String, Json>) -> Result<Json, TestError> {
        let settings = self.manifest.settings.as_ref();
        let Some((settings, file)) = settings.and_then(|s| Some((s, s.schema.as_ref()?))) else {
            return Ok(Json::Object(Map::new()));
        };
        let json = self.files.get(file).ok_or_else(|| TestError(format!("{file} not found")))?;
        let to_error = |problems: Vec<String>| TestError(format!("{file}: {}", problems.join("; ")));
        let schema = SettingsSchema::parse(json, &settings.secrets)
            .map_err(|problems| to_error(problems.iter().map(ToString::to_string).collect()))?;
        let effective = schema.effective_values(input);
        effective.map(Json::Object).map_err(|problems| to_error(problems.iter().map(ToString::to_string).collect()))
    }
}
