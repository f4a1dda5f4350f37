//! The plugins of a tenant: their packages, in the project's `plugins/`, and the decisions about them, in the tenant's database.
//!
//! `plugins/<id>/` holds the package as it was installed, and beside it its manifest and content types, from which the model is read. What
//! runs follows the database: when another node, or a command, installs or switches off a plugin, this process does the same.

pub mod choices;
pub mod consent;
pub mod folder;
pub mod install;
mod operator_templates;
pub mod packages;
pub(crate) mod precompile;
pub mod record;
pub mod remove;
pub mod replay;
pub mod staged_packages;

use crate::config::Config;
use cairn_events::Engine;
use cairn_plugin_host::lifecycle::{LifecycleError, Upgrade, UpgradeTarget, should_run};
use cairn_plugin_host::{InstalledPlugin, MissingCause, MissingPlugin, Plugins};
use cairn_store::events::Actor;
use cairn_store::plugins::{PluginRow, PluginState, PluginVersion};
use cairn_store::{Store, StoreError};
use futures_util::future::BoxFuture;
use packages::{PackageMetadata, PackageMetadataCache};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Owner under which the engine knows the consumers and jobs of plugins.
const SUBSCRIPTION_OWNER: &str = "plugins";

/// How many times the rows are read again because following them changed them.
const MAX_FOLLOW_ROUNDS: usize = 4;
/// How long the data of an upgrade are migrated at once, before a job continues.
const INLINE_UPGRADE_TIME: Duration = Duration::from_millis(500);

/// The plugins of a tenant in this process, which follow the database.
pub struct PluginManager {
    plugins: Arc<Plugins>,
    project: PathBuf,
    /// Name of the tenant.
    tenant: String,
    /// Generations that run, or that could not be started.
    seen: Mutex<Option<Vec<(String, i64)>>>,
    /// Why enabled plugins do not run, by id.
    problems: Mutex<BTreeMap<String, String>>,
    /// Ids of the installed plugins, running or not.
    installed: Mutex<BTreeSet<String>>,
    package_cache: PackageMetadataCache,
    /// Held while changes are applied. A request that made one of them waits until it is applied.
    following: tokio::sync::Mutex<()>,
}

impl PluginManager {
    /// The plugins of a tenant, with where their packages are.
    pub fn new(plugins: Arc<Plugins>, config: &Config, tenant: &str) -> Self {
        Self {
            plugins,
            project: config.project.clone(),
            tenant: tenant.to_owned(),
            seen: Mutex::default(),
            problems: Mutex::default(),
            installed: Mutex::default(),
            package_cache: PackageMetadataCache::default(),
            following: tokio::sync::Mutex::default(),
        }
    }

    /// The running plugins.
    pub fn plugins(&self) -> &Plugins {
        &self.plugins
    }

    /// The displayed parts of an installed version. Returns an error if its package is missing, or has been replaced by another.
    pub async fn package_metadata(&self, id: &str, version: &PluginVersion) -> Result<Arc<PackageMetadata>, String> {
        // A package that is read for the first time may be large.
        tokio::task::block_in_place(|| self.package_cache.get_or_load(&self.project, id, version))
    }

    /// Why an enabled plugin does not run in this process; `None` where it does.
    pub fn start_problem(&self, id: &str) -> Option<String> {
        self.problems.lock().get(id).cloned()
    }

    /// True if a plugin is installed, enabled or not.
    pub fn is_installed(&self, id: &str) -> bool {
        self.installed.lock().contains(id)
    }

    /// Applies what was installed, upgraded, switched on or off since the last call. Without changes it costs one read. Boxed, so that its
    /// callers share its code. Returns an error if the database fails.
    pub fn follow_changes<'a>(&'a self, store: &'a Store, engine: &'a Engine) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let _alone = self.following.lock().await;
            // An installation or upgrade changes the plugin's row once more when it ends: that takes another round.
            for _ in 0..MAX_FOLLOW_ROUNDS {
                if !self.follow_once(store, engine).await? {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Applies changes once; returns whether there were any.
    async fn follow_once(&self, store: &Store, engine: &Engine) -> Result<bool, StoreError> {
        let generations = store.read(|r| r.plugins().list_generations())?;
        if self.seen.lock().as_ref().is_some_and(|seen_generations| *seen_generations == generations) {
            return Ok(false);
        }
        // Plugins come with content types: once these are loaded, another tenant takes this one's place.
        if store.is_outdated() {
            return Ok(false);
        }
        let rows = store.read(|r| r.plugins().list())?;
        let installed = rows.iter().filter(|row| row.state != PluginState::Removed).map(|row| row.id.clone()).collect();
        let (plugins, project, tenant) = (self.plugins.clone(), self.project.clone(), self.tenant.clone());
        // Compiling takes long.
        let run = tokio::task::spawn_blocking(move || {
            let targets = upgrade_targets(&project, &rows);
            let pending = pending_installations(&project, &rows);
            (run_enabled(&plugins, &project, &tenant, rows), targets, pending)
        });
        let (problems, targets, pending) = run.await.map_err(|_| StoreError::Closed)?;
        *self.problems.lock() = problems;
        *self.installed.lock() = installed;
        self.plugins.set_upgrade_targets(targets).await;
        self.plugins.declare_schedules().await?;
        engine.set_subscribers(SUBSCRIPTION_OWNER, self.plugins.subscribers());
        engine.register_subscribers().await?;
        engine.set_handlers(SUBSCRIPTION_OWNER, self.plugins.job_handlers());
        *self.seen.lock() = Some(generations);
        let mut changed = self.plugins.run_quick_upgrades(INLINE_UPGRADE_TIME).await;
        for plugin in pending {
            let id = plugin.manifest.id().to_owned();
            match self.plugins.finish_installation(plugin, Actor::system("plugins")).await {
                Ok(finished) => changed |= finished,
                Err(LifecycleError::Store(error)) => return Err(error),
                // The admin shows the reason, which is in the plugin's row.
                Err(error) => tracing::error!(plugin = id, %error, "a plugin is not switched on"),
            }
        }
        Ok(changed)
    }

    /// Switches off plugins that keep failing, or rolls them back, and notifies the people who look after plugins.
    ///
    /// # Errors
    /// Returned when the database fails; the next call tries again.
    pub async fn settle_failing(&self) -> Result<(), StoreError> {
        let project = self.project.clone();
        let back = move |row: &PluginRow| {
            let mut row = row.clone();
            record::plan_rollback(&project, &row).ok()?.apply_to_row(&mut row).ok()?.map(|_| row)
        };
        self.plugins.settle_tripped(Arc::new(back), Arc::new(record::emit_settled)).await.map(drop)
    }

    /// Writes what calls have logged.
    ///
    /// # Errors
    /// Returned when the database fails; nothing is lost.
    pub async fn write_logs(&self) -> Result<(), StoreError> {
        self.plugins.write_logs().await.map(drop)
    }
}

/// Migrates the data of an upgrade that has just begun, as far as that is done at once. Whether the new version took over; if
/// not, a running server continues.
pub async fn upgrade_inline(plugins: &Plugins, project: &Path, row: &PluginRow) -> bool {
    let targets = tokio::task::block_in_place(|| upgrade_targets(project, std::slice::from_ref(row)));
    plugins.set_upgrade_targets(targets).await;
    plugins.run_quick_upgrades(INLINE_UPGRADE_TIME).await
}

/// The packages that upgrades in progress lead to.
fn upgrade_targets(project: &Path, rows: &[PluginRow]) -> Vec<UpgradeTarget> {
    let target = |row: &PluginRow| {
        let upgrade = Upgrade::from_row(row)?;
        let digest = upgrade.to.digest.clone();
        let choices = if upgrade.choices.is_null() { row.choices.clone() } else { upgrade.choices };
        let upgraded_row = PluginRow { current: upgrade.to, grants: upgrade.grants, choices, ..row.clone() };
        match packages::load_installed(project, &upgraded_row) {
            Ok(plugin) => Some(UpgradeTarget { plugin, digest }),
            Err(problem) => {
                tracing::error!(plugin = row.id, problem, "a plugin cannot be upgraded");
                None
            }
        }
    };
    rows.iter().filter_map(target).collect()
}

/// The plugins whose installation is to be completed.
fn pending_installations(project: &Path, rows: &[PluginRow]) -> Vec<InstalledPlugin> {
    let installed = rows.iter().filter(|row| row.state == PluginState::Installed);
    let read = |row: &PluginRow| {
        packages::load_installed(project, row)
            .inspect_err(|problem| tracing::error!(plugin = row.id, problem, "a plugin is not switched on"))
            .ok()
    };
    installed.filter_map(read).collect()
}

/// An installed plugin that does not run.
fn missing_plugin(project: &Path, row: &PluginRow, cause: MissingCause) -> MissingPlugin {
    let manifest = packages::project_manifest(project, row).map(Arc::new);
    MissingPlugin { id: row.id.clone(), manifest, cause }
}

/// A plugin that has never run for the tenant.
fn never_enabled(id: String) -> MissingPlugin {
    MissingPlugin { id, manifest: None, cause: MissingCause::NotEnabled }
}

/// Runs the plugins that are enabled and whose package is the one that was consented to. Returns why the others do not run, by id.
fn run_enabled(plugins: &Plugins, project: &Path, tenant: &str, rows: Vec<PluginRow>) -> BTreeMap<String, String> {
    let (mut installed, mut problems) = (Vec::new(), BTreeMap::new());
    // Content that a plugin's read policies hide stays hidden while the plugin does not run.
    let mut closed: Vec<String> = Vec::new();
    // Writes that a plugin's hooks must check are refused while it does not run.
    let mut missing = Vec::new();
    for row in &rows {
        match row.state {
            PluginState::Quarantined => {
                closed.extend(packages::policy_types(project, row));
                missing.push(missing_plugin(project, row, MissingCause::Quarantined));
            }
            PluginState::Disabled | PluginState::Upgrading if !should_run(row) => {
                let was_quarantined =
                    Upgrade::from_row(row).is_some_and(|upgrade| upgrade.was == PluginState::Quarantined);
                let cause = if was_quarantined { MissingCause::Quarantined } else { MissingCause::Disabled };
                closed.extend(packages::policy_types(project, row));
                missing.push(missing_plugin(project, row, cause));
            }
            // A removed plugin's own content is retained, but its read policies are gone: no caller may read it.
            PluginState::Removed => {
                let own = format!("plugin::{}.", row.id);
                closed.extend(packages::policy_types(project, row).into_iter().filter(|uid| uid.starts_with(&own)));
            }
            // The hooks of a plugin that is still being installed do not run yet: its content cannot be written until they do.
            PluginState::Installed => missing.push(never_enabled(row.id.clone())),
            PluginState::Disabled | PluginState::Enabled | PluginState::Upgrading => {}
        }
    }
    // Content types of all packages exist in every tenant, even where the plugin was never enabled.
    let known: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let others = packages::project_plugins(project).into_iter().filter(|id| !known.contains(id.as_str()));
    missing.extend(others.map(never_enabled));
    let removed = rows.iter().filter(|row| row.state == PluginState::Removed).map(|row| row.id.clone()).collect();
    for row in rows.into_iter().filter(should_run) {
        match packages::load_installed(project, &row) {
            Ok(plugin) => {
                let files = Arc::new(operator_templates::with_operators(&plugin.files, project, tenant, &row.id));
                installed.push(InstalledPlugin { files, ..plugin });
            }
            Err(problem) => {
                tracing::error!(plugin = row.id, problem, "a plugin is not run");
                closed.extend(packages::policy_types(project, &row));
                missing.push(missing_plugin(project, &row, MissingCause::Broken));
                problems.insert(row.id, problem);
            }
        }
    }
    plugins.close_types(closed);
    plugins.set_missing_plugins(missing);
    plugins.set_read_only_plugins(removed);
    let ids: Vec<String> = installed.iter().map(|plugin| plugin.manifest.id().to_owned()).collect();
    for (id, answer) in ids.into_iter().zip(plugins.replace_running(installed)) {
        match answer {
            Ok(()) => tracing::info!(plugin = id, "runs"),
            Err(error) => {
                tracing::error!(plugin = id, %error, "a plugin is not run");
                problems.insert(id, error.to_string());
            }
        }
    }
    problems
}
