//! Packages as files: their paths in the project, and the parts of them that are needed to run them.

use crate::operator_error::OperatorError;
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_host::lifecycle::LifecycleStep;
use cairn_plugin_package::content_texts::type_key;
use cairn_plugin_package::package::{self, Package, PackageFiles, RUNTIME_FOLDERS};
use cairn_plugin_package::settings::{SettingProblem, SettingsSchema};
use cairn_plugin_package::{Choices, Grants, Manifest, locales};
use cairn_store::plugins::{PluginRow, PluginState, PluginVersion};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// File extension of packages.
const PACKAGE_EXTENSION: &str = ".cairnplugin";

/// The folder of a plugin in the project.
pub fn plugin_folder(project: &Path, id: &str) -> PathBuf {
    project.join("plugins").join(id)
}

/// The path of a plugin's package.
pub fn package_path(project: &Path, id: &str, version: &str) -> PathBuf {
    plugin_folder(project, id).join(format!("{id}-{version}{PACKAGE_EXTENSION}"))
}

/// True if a file name is that of a package.
pub fn is_package(name: &str) -> bool {
    name.ends_with(PACKAGE_EXTENSION)
}

/// Reads a package.
pub fn read_package(file: &Path) -> Result<Package, OperatorError> {
    read_with_bytes(file).map(|(package, _)| package)
}

/// Reads a package, and returns its bytes too.
pub fn read_with_bytes(file: &Path) -> Result<(Package, Vec<u8>), OperatorError> {
    let at = |e: &dyn std::fmt::Display| OperatorError(format!("{}: {e}", file.display()));
    let limits = package::PackageLimits::default();
    let size = std::fs::metadata(file).map_err(|e| at(&e))?.len();
    if size > limits.packed as u64 {
        return Err(at(&format!("has {size} bytes; a package can have at most {}", limits.packed)));
    }
    let bytes = std::fs::read(file).map_err(|e| at(&e))?;
    let package = Package::read(&bytes, &limits).map_err(|e| at(&e))?;
    Ok((package, bytes))
}

/// The package of an installed version, as it was installed. Returns an error if it is missing, or has been replaced by another.
pub fn load_version(project: &Path, id: &str, version: &PluginVersion) -> Result<Package, String> {
    let file = package_path(project, id, &version.version);
    let package = read_package(&file).map_err(|e| e.to_string())?;
    if package.digest().to_string() != version.digest {
        return Err(format!("{} is not the package that was installed: install it again", file.display()));
    }
    Ok(package)
}

/// Loads everything that is needed to run an installed plugin. The error says why it cannot be run, for people.
pub fn load_installed(project: &Path, row: &PluginRow) -> Result<InstalledPlugin, String> {
    let package = load_version(project, &row.id, &row.current)?;
    let settings = effective_settings(package.manifest(), package.files(), &row.settings).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        format!("invalid settings: {}", problems.join("; "))
    })?;
    Ok(InstalledPlugin {
        component: package.component().into(),
        files: Arc::new(package.files().only_below(&RUNTIME_FOLDERS)),
        grants: effective_grants(package.manifest(), row)?,
        settings,
        choices: stored_choices(row),
        number: row.generation,
        manifest: Arc::new(package.manifest().clone()),
    })
}

/// The types that a plugin has read policies for, by the manifest in the project: even where its package cannot be read.
pub fn policy_types(project: &Path, row: &PluginRow) -> Vec<String> {
    project_manifest(project, row)
        .and_then(|manifest| manifest.read_policy)
        .map_or_else(Vec::new, |policy| policy.types)
}

/// The manifest in the project, with what was chosen in its places: even where the package cannot be read.
pub fn project_manifest(project: &Path, row: &PluginRow) -> Option<Manifest> {
    let text = std::fs::read_to_string(plugin_folder(project, &row.id).join("plugin.toml"));
    let manifest = text.ok().and_then(|text| Manifest::parse(&text).ok())?;
    Some(manifest.resolve(&stored_choices(row)))
}

/// The ids of the plugins whose packages are in the project, whichever tenant has them.
pub fn project_plugins(project: &Path) -> Vec<String> {
    let folders = std::fs::read_dir(project.join("plugins")).into_iter().flatten().flatten();
    let packages = folders.filter(|folder| folder.path().join("plugin.toml").is_file());
    packages.filter_map(|folder| folder.file_name().into_string().ok()).collect()
}

/// The stored choices of a plugin.
pub fn stored_choices(row: &PluginRow) -> Choices {
    serde_json::from_value(row.choices.clone()).unwrap_or_else(|error| {
        tracing::error!(plugin = row.id, %error, "the stored choices cannot be read: nothing is chosen");
        Choices::default()
    })
}

/// Loads everything that is needed to call an installed plugin for a lifecycle step; `None`: it is not called, because it is past that
/// step, or it cannot be read and the step is taken all the same. The error says why it cannot be switched on.
pub fn package_for_step(
    project: &Path,
    row: &PluginRow,
    step: LifecycleStep,
) -> Result<Option<InstalledPlugin>, String> {
    use PluginState::{Disabled, Enabled, Installed as Waiting, Quarantined, Removed};
    match (step, row.state) {
        // An installation that is still waiting enables the plugin itself when it ends.
        (LifecycleStep::Enable, Enabled | Waiting) => Ok(None),
        (LifecycleStep::Disable, Disabled | Quarantined | Waiting)
        | (LifecycleStep::Uninstall(_), Removed | Waiting) => Ok(None),
        (LifecycleStep::Install | LifecycleStep::Enable, _) => load_installed(project, row).map(Some),
        (LifecycleStep::Disable | LifecycleStep::Uninstall(_), _) => Ok(load_installed(project, row).ok()),
    }
}

/// The grants of a plugin. They may be narrower than its manifest asks for, and never wider. Returns an error if the stored
/// grants cannot be parsed.
pub fn effective_grants(manifest: &Manifest, row: &PluginRow) -> Result<Grants, String> {
    let grants: Grants = serde_json::from_value(row.grants.clone()).map_err(|e| format!("invalid grants: {e}"))?;
    Ok(Grants::from_manifest(&manifest.resolve(&stored_choices(row))).intersect(&grants))
}

/// The effective settings: the operator's, with defaults for those that are missing. The error lists every value that is invalid, or the
/// problem of the schema.
pub fn effective_settings(
    manifest: &Manifest,
    files: &PackageFiles,
    input: &Json,
) -> Result<Json, Vec<SettingProblem>> {
    let Some(schema) = settings_schema(manifest, files)? else { return Ok(Json::Object(Map::new())) };
    let values = input.as_object().cloned().unwrap_or_default();
    schema.effective_values(&values).map(Json::Object)
}

/// The schema of a plugin's settings; `None` where it has none.
///
/// # Errors
/// The problems of the schema.
pub fn settings_schema(
    manifest: &Manifest,
    files: &PackageFiles,
) -> Result<Option<SettingsSchema>, Vec<SettingProblem>> {
    let Some(settings) = &manifest.settings else { return Ok(None) };
    let Some(file) = &settings.schema else { return Ok(None) };
    let missing = || SettingProblem {
        path: String::new(),
        code: "schema".into(),
        message: format!("{file} is not in the package"),
    };
    let json = files.get(file).ok_or_else(|| vec![missing()])?;
    SettingsSchema::parse(json, &settings.secrets).map(Some)
}

/// The displayed parts of a package: all but the component.
pub struct PackageMetadata {
    /// Its `plugin.toml`.
    pub manifest: Manifest,
    /// Texts, schemas and frames.
    pub files: PackageFiles,
}

impl PackageMetadata {
    /// The texts in a language.
    pub fn texts_in(&self, language: Option<&str>) -> PluginTexts {
        PluginTexts::for_language(&self.manifest, &self.files, language)
    }
}

/// Cached faces, by digest.
#[derive(Default)]
pub struct PackageMetadataCache(Mutex<HashMap<String, Arc<PackageMetadata>>>);

/// Number of faces that are cached.
const METADATA_CACHE_CAPACITY: usize = 100;

impl PackageMetadataCache {
    /// The face of an installed version. Blocks where it is not cached. Returns the same errors as [`load_version`].
    pub fn get_or_load(
        &self,
        project: &Path,
        id: &str,
        version: &PluginVersion,
    ) -> Result<Arc<PackageMetadata>, String> {
        if let Some(face) = self.0.lock().get(&version.digest) {
            return Ok(face.clone());
        }
        let package = load_version(project, id, version)?;
        let metadata_paths = ["locales/", "content-types/", "admin/", "settings.schema.json"];
        let face = Arc::new(PackageMetadata {
            manifest: package.manifest().clone(),
            files: package.files().only_below(&metadata_paths),
        });
        let mut cache = self.0.lock();
        if cache.len() >= METADATA_CACHE_CAPACITY {
            cache.clear();
        }
        cache.insert(version.digest.clone(), face.clone());
        Ok(face)
    }
}

/// A content type in a package.
pub struct PackageContentType {
    /// Uid, such as `plugin::crm.lead`.
    pub uid: String,
    /// Name for people.
    pub display_name: String,
    /// Path segment below `/api/<id>/`.
    pub plural: String,
}

/// The content types of a package, by uid, with their names in the language of the texts.
pub fn package_content_types(id: &str, files: &PackageFiles, texts: &PluginTexts) -> Vec<PackageContentType> {
    let types = files.iter_below("content-types/").filter_map(|(path, content)| {
        let name = path.strip_suffix("/schema.json")?;
        let schema: Json = serde_json::from_slice(content).ok()?;
        let text = |key: &str| schema["info"][key].as_str().unwrap_or(name).to_owned();
        Some(PackageContentType {
            uid: format!("plugin::{id}.{name}"),
            display_name: texts.find_text(&type_key(name)).map_or_else(|| text("displayName"), str::to_owned),
            plural: text("pluralName"),
        })
    });
    types.collect()
}

/// A plugin's texts in a language.
pub struct PluginTexts(Vec<BTreeMap<String, String>>);

impl PluginTexts {
    /// The texts in that language (`nl`, `pt-BR`), or the nearest that the plugin has.
    pub fn for_language(manifest: &Manifest, files: &PackageFiles, language: Option<&str>) -> Self {
        let base = language.and_then(|l| l.split('-').next());
        let default = manifest.plugin.default_locale.as_str();
        let mut requested: Vec<&str> = [language, base, Some(default)].into_iter().flatten().collect();
        requested.dedup();
        let texts = requested.iter().filter_map(|locale| {
            let file = files.get(&format!("locales/{locale}.json"))?;
            locales::parse_texts(file).ok()
        });
        Self(texts.collect())
    }

    /// A text for people: itself, or the text that its key (`t:…`) stands for.
    pub fn resolve_text(&self, text: &str) -> String {
        let Some(key) = text.strip_prefix("t:") else { return text.to_owned() };
        self.find_text(key).unwrap_or(key).to_owned()
    }

    /// The text with a key, in the nearest language that has it.
    pub fn find_text(&self, key: &str) -> Option<&str> {
        self.0.iter().find_map(|texts| texts.get(key)).map(String::as_str)
    }
}
