//! The plugins of a tenant: their packages, in the project's `plugins/`, and what was decided about them, in the tenant's database.
//!
//! `plugins/<id>/` holds the package as it was installed, and beside it its manifest and content types, which the model is read from.
//! What runs follows the database: another node, or a command, installs or switches off, and this process takes it up.

use crate::config::Config;
use crate::wiring::Failure;
use cairn_events::Engine;
use cairn_plugin_host::{Installed, Plugins};
use cairn_plugin_package::package::{self, Package};
use cairn_plugin_package::settings::SettingsSchema;
use cairn_plugin_package::{Grants, Manifest};
use cairn_store::plugins::{PluginRow, PluginState};
use cairn_store::{Store, StoreError};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Under which the engine knows what plugins bring.
const OWNER: &str = "plugins";

/// What follows the database.
pub(crate) struct Shelf {
    plugins: Arc<Plugins>,
    project: PathBuf,
    /// The generations that run, or that could not.
    seen: Mutex<Option<Vec<(String, i64)>>>,
}

impl Shelf {
    pub(crate) fn new(plugins: Arc<Plugins>, config: &Config) -> Self {
        Self { plugins, project: config.project.clone(), seen: Mutex::default() }
    }

    /// Those that run.
    pub(crate) fn plugins(&self) -> &Plugins {
        &self.plugins
    }

    /// Takes up what was installed, upgraded, switched on or off since. A look where nothing was costs one read.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn follow(&self, store: &Store, engine: &Engine) -> Result<(), StoreError> {
        let there = store.read(|r| r.plugin_generations())?;
        if self.seen.lock().as_ref().is_some_and(|seen| *seen == there) {
            return Ok(());
        }
        let rows = store.read(|r| r.plugins())?;
        let (plugins, project) = (self.plugins.clone(), self.project.clone());
        // Compiling takes long.
        let run = tokio::task::spawn_blocking(move || run(&plugins, &project, rows));
        run.await.map_err(|_| StoreError::Closed)?;
        engine.set_subscribers(OWNER, self.plugins.subscribers());
        engine.set_handlers(OWNER, self.plugins.handlers());
        *self.seen.lock() = Some(there);
        Ok(())
    }

    /// Writes what calls have logged.
    ///
    /// # Errors
    /// The database's; nothing is lost by it.
    pub(crate) async fn write_logs(&self) -> Result<(), StoreError> {
        self.plugins.write_logs().await.map(drop)
    }
}

/// Has those run that are enabled and whose package is the one that was consented to.
fn run(plugins: &Plugins, project: &Path, rows: Vec<PluginRow>) {
    let mut installed = Vec::new();
    for row in rows.into_iter().filter(|row| row.state == PluginState::Enabled) {
        match of_row(project, &row) {
            Ok(plugin) => installed.push(plugin),
            Err(problem) => tracing::error!(plugin = row.id, problem, "a plugin is not run"),
        }
    }
    let ids: Vec<String> = installed.iter().map(|plugin| plugin.manifest.id().to_owned()).collect();
    for (id, answer) in ids.iter().zip(plugins.run(installed)) {
        match answer {
            Ok(()) => tracing::info!(plugin = id, "runs"),
            Err(error) => tracing::error!(plugin = id, %error, "a plugin is not run"),
        }
    }
}

/// Where the package of a plugin is.
pub(crate) fn place(project: &Path, id: &str, version: &str) -> PathBuf {
    project.join("plugins").join(id).join(format!("{id}-{version}.cairnplugin"))
}

/// Reads a package.
pub(crate) fn read(file: &Path) -> Result<Package, Failure> {
    let at = |e: &dyn std::fmt::Display| Failure(format!("{}: {e}", file.display()));
    let limits = package::Limits::default();
    let size = std::fs::metadata(file).map_err(|e| at(&e))?.len();
    if size > limits.packed as u64 {
        return Err(at(&format!("has {size} bytes; a package has at most {}", limits.packed)));
    }
    let bytes = std::fs::read(file).map_err(|e| at(&e))?;
    Package::read(&bytes, &limits).map_err(|e| at(&e))
}

fn of_row(project: &Path, row: &PluginRow) -> Result<Installed, String> {
    let file = place(project, &row.id, &row.current.version);
    let package = read(&file).map_err(|e| e.to_string())?;
    if package.digest().to_string() != row.current.digest {
        return Err(format!("{} is not the package that was installed: install it again", file.display()));
    }
    let grants: Grants = serde_json::from_value(row.grants.clone()).map_err(|e| format!("its grants: {e}"))?;
    // What it asks for may have been narrowed; more than it asks for it never gets.
    let grants = Grants::asked(package.manifest()).intersect(&grants);
    let settings = settings(&package, &row.settings)?;
    Ok(Installed {
        component: package.component().into(),
        files: Arc::new(package.files().within(&["templates/", "locales/"])),
        grants,
        settings,
        number: row.generation,
        manifest: Arc::new(package.manifest().clone()),
    })
}

/// The effective settings: the operator's, and defaults for what they left out.
fn settings(package: &Package, given: &Json) -> Result<Json, String> {
    let Some(schema) = schema(package)? else { return Ok(Json::Object(Map::new())) };
    let given = given.as_object().cloned().unwrap_or_default();
    let told = |problems: &[cairn_plugin_package::settings::SettingProblem]| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        format!("its settings: {}", problems.join("; "))
    };
    schema.effective(&given).map(Json::Object).map_err(|problems| told(&problems))
}

fn schema(package: &Package) -> Result<Option<SettingsSchema>, String> {
    let manifest: &Manifest = package.manifest();
    let Some(settings) = &manifest.settings else { return Ok(None) };
    let Some(file) = &settings.schema else { return Ok(None) };
    let json = package.files().get(file).ok_or_else(|| format!("{file} is not in the package"))?;
    SettingsSchema::parse(json, &settings.secrets).map(Some).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        format!("{file}: {}", problems.join("; "))
    })
}
