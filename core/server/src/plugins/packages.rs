//! Packages as files: their paths in the project, and the parts of them that are needed to run them.

use crate::wiring::Failure;
use cairn_plugin_host::Installed;
use cairn_plugin_host::lifecycle::Step;
use cairn_plugin_package::package::{self, Files, Package};
use cairn_plugin_package::settings::{SettingProblem, SettingsSchema};
use cairn_plugin_package::{Grants, Manifest, locales};
use cairn_store::plugins::{PluginRow, PluginState, PluginVersion};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// File extension of packages.
const ENDING: &str = ".cairnplugin";

/// The folder of a plugin in the project.
pub(crate) fn folder(project: &Path, id: &str) -> PathBuf {
    project.join("plugins").join(id)
}

/// The path of a plugin's package.
pub(crate) fn place(project: &Path, id: &str, version: &str) -> PathBuf {
    folder(project, id).join(format!("{id}-{version}{ENDING}"))
}

/// Whether a file name is that of a package.
pub(crate) fn is_package(name: &str) -> bool {
    name.ends_with(ENDING)
}

/// Reads a package.
pub(crate) fn read(file: &Path) -> Result<Package, Failure> {
    read_with_bytes(file).map(|(package, _)| package)
}

/// Reads a package, and returns its bytes too.
pub(crate) fn read_with_bytes(file: &Path) -> Result<(Package, Vec<u8>), Failure> {
    let at = |e: &dyn std::fmt::Display| Failure(format!("{}: {e}", file.display()));
    let limits = package::Limits::default();
    let size = std::fs::metadata(file).map_err(|e| at(&e))?.len();
    if size > limits.packed as u64 {
        return Err(at(&format!("has {size} bytes; a package can have at most {}", limits.packed)));
    }
    let bytes = std::fs::read(file).map_err(|e| at(&e))?;
    let package = Package::read(&bytes, &limits).map_err(|e| at(&e))?;
    Ok((package, bytes))
}

/// The package of an installed version, as it was installed.
///
/// # Errors
/// Where it is missing, or has been replaced by another.
pub(crate) fn of_version(project: &Path, id: &str, version: &PluginVersion) -> Result<Package, String> {
    let file = place(project, id, &version.version);
    let package = read(&file).map_err(|e| e.to_string())?;
    if package.digest().to_string() != version.digest {
        return Err(format!("{} is not the package that was installed: install it again", file.display()));
    }
    Ok(package)
}

/// What is needed to run an installed plugin.
///
/// # Errors
/// Why it cannot be run, for people.
pub(crate) fn of_row(project: &Path, row: &PluginRow) -> Result<Installed, String> {
    let package = of_version(project, &row.id, &row.current)?;
    let settings = effective(package.manifest(), package.files(), &row.settings).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        format!("invalid settings: {}", problems.join("; "))
    })?;
    Ok(Installed {
        component: package.component().into(),
        files: Arc::new(package.files().within(&["templates/", "locales/", "events/"])),
        grants: held(package.manifest(), row)?,
        settings,
        number: row.generation,
        manifest: Arc::new(package.manifest().clone()),
    })
}

/// The types that a plugin has read policies for, by the manifest in the project: even where its package cannot be read.
pub(crate) fn policies(project: &Path, id: &str) -> Vec<String> {
    manifest(project, id).and_then(|manifest| manifest.read_policy).map_or_else(Vec::new, |policy| policy.types)
}

/// The manifest in the project: even where the package cannot be read.
pub(crate) fn manifest(project: &Path, id: &str) -> Option<Manifest> {
    let text = std::fs::read_to_string(folder(project, id).join("plugin.toml"));
    text.ok().and_then(|text| Manifest::parse(&text).ok())
}

/// What is needed to call an installed plugin for a lifecycle step; `None`: it is not called, because it is past that step, or it cannot be
/// read and the step is taken all the same.
///
/// # Errors
/// Why it cannot be switched on.
pub(crate) fn to_step(project: &Path, row: &PluginRow, step: Step) -> Result<Option<Installed>, String> {
    use PluginState::{Disabled, Enabled, Installed as Waiting, Quarantined, Removed};
    match (step, row.state) {
        // Whoever runs it ends its installation.
        (Step::Enable, Enabled | Waiting) => Ok(None),
        (Step::Disable, Disabled | Quarantined | Waiting) | (Step::Uninstall(_), Removed | Waiting) => Ok(None),
        (Step::Install | Step::Enable, _) => of_row(project, row).map(Some),
        (Step::Disable | Step::Uninstall(_), _) => Ok(of_row(project, row).ok()),
    }
}

/// The grants of a plugin. They may be narrower than its manifest asks for, and never wider.
///
/// # Errors
/// Where the stored grants cannot be parsed.
pub(crate) fn held(manifest: &Manifest, row: &PluginRow) -> Result<Grants, String> {
    let grants: Grants = serde_json::from_value(row.grants.clone()).map_err(|e| format!("invalid grants: {e}"))?;
    Ok(Grants::asked(manifest).intersect(&grants))
}

/// The effective settings: the operator's, with defaults for those that are missing.
///
/// # Errors
/// Every value that is invalid, or the problem of the schema.
pub(crate) fn effective(manifest: &Manifest, files: &Files, given: &Json) -> Result<Json, Vec<SettingProblem>> {
    let Some(schema) = schema(manifest, files)? else { return Ok(Json::Object(Map::new())) };
    let given = given.as_object().cloned().unwrap_or_default();
    schema.effective(&given).map(Json::Object)
}

/// The schema of a plugin's settings; `None` where it has none.
///
/// # Errors
/// The problems of the schema.
pub(crate) fn schema(manifest: &Manifest, files: &Files) -> Result<Option<SettingsSchema>, Vec<SettingProblem>> {
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
pub(crate) struct Face {
    pub(crate) manifest: Manifest,
    pub(crate) files: Files,
}

impl Face {
    /// The texts in a language.
    pub(crate) fn texts(&self, language: Option<&str>) -> Texts {
        Texts::of(&self.manifest, &self.files, language)
    }
}

/// Cached faces, by digest.
#[derive(Default)]
pub(crate) struct Faces(Mutex<HashMap<String, Arc<Face>>>);

/// Number of faces that are cached.
const FACES: usize = 100;

impl Faces {
    /// The face of an installed version. Blocks where it is not cached.
    ///
    /// # Errors
    /// Those of [`of_version`].
    pub(crate) fn of(&self, project: &Path, id: &str, version: &PluginVersion) -> Result<Arc<Face>, String> {
        if let Some(face) = self.0.lock().get(&version.digest) {
            return Ok(face.clone());
        }
        let package = of_version(project, id, version)?;
        let shown = ["locales/", "content-types/", "admin/", "settings.schema.json"];
        let face = Arc::new(Face { manifest: package.manifest().clone(), files: package.files().within(&shown) });
        let mut kept = self.0.lock();
        if kept.len() >= FACES {
            kept.clear();
        }
        kept.insert(version.digest.clone(), face.clone());
        Ok(face)
    }
}

/// A content type in a package.
pub(crate) struct OwnType {
    /// Uid, such as `plugin::crm.lead`.
    pub(crate) uid: String,
    /// Name for people.
    pub(crate) display_name: String,
    /// Path segment below `/api/<id>/`.
    pub(crate) plural: String,
}

/// The content types of a package, by uid.
pub(crate) fn own_types(id: &str, files: &Files) -> Vec<OwnType> {
    let types = files.below("content-types/").filter_map(|(path, content)| {
        let name = path.strip_suffix("/schema.json")?;
        let schema: Json = serde_json::from_slice(content).ok()?;
        let text = |key: &str| schema["info"][key].as_str().unwrap_or(name).to_owned();
        Some(OwnType {
            uid: format!("plugin::{id}.{name}"),
            display_name: text("displayName"),
            plural: text("pluralName"),
        })
    });
    types.collect()
}

/// A plugin's texts in a language.
pub(crate) struct Texts(Vec<BTreeMap<String, String>>);

impl Texts {
    /// The texts in that language (`nl`, `pt-BR`), or the nearest that the plugin has.
    pub(crate) fn of(manifest: &Manifest, files: &Files, language: Option<&str>) -> Self {
        let base = language.and_then(|l| l.split('-').next());
        let default = manifest.plugin.default_locale.as_str();
        let mut wanted: Vec<&str> = [language, base, Some(default)].into_iter().flatten().collect();
        wanted.dedup();
        let texts = wanted.iter().filter_map(|locale| {
            let file = files.get(&format!("locales/{locale}.json"))?;
            locales::read(file).ok()
        });
        Self(texts.collect())
    }

    /// A text for people: itself, or the text that its key (`t:…`) stands for.
    pub(crate) fn show(&self, text: &str) -> String {
        let Some(key) = text.strip_prefix("t:") else { return text.to_owned() };
        self.0.iter().find_map(|texts| texts.get(key)).map_or(key, String::as_str).to_owned()
    }
}
