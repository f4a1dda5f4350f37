//! The lifecycle of a plugin: installed, upgraded, switched on and off, removed. Each step is one transaction together with
//! what the plugin itself does in it, so that nothing remains of a step that fails. What a step changes is applied by every
//! process that follows the database.

mod call;
mod export;
mod migrate;

pub use call::{LifecycleStep, Removal};
pub use export::ExportError;
pub(crate) use migrate::migration_handlers;
pub use migrate::{Upgrade, UpgradeRecord, UpgradeTarget, migration_job};

use crate::definition::load_error::LoadError;
use crate::exports::views::FieldProblem;
use crate::runtime::generation::{Generation, InstalledPlugin};
use crate::services::host_context::HostContext;
use crate::tenant::plugins::Plugins;
use cairn_store::events::Actor;
use cairn_store::plugins::{KvPut, PluginRow, PluginState};
use cairn_store::{StoreError, WriteTx};
use std::sync::Arc;

/// Key of the time of the last swap: stored beside a plugin's own entries, under a name that no plugin has.
const SWAPPED_KEY: &str = "swapped";

/// Why a step was not taken. All of it was rolled back.
#[derive(Debug, thiserror::Error)]
pub enum LifecycleError {
    /// The plugin cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The plugin refuses the step.
    #[error("the plugin refused: {message}")]
    Refused {
        /// Message of the plugin.
        message: String,
        /// Settings that are wrong.
        fields: Vec<FieldProblem>,
    },
    /// The plugin failed. Its failed calls have the details.
    #[error("the plugin failed at `{step}`: {message}")]
    Failed {
        /// Function of its lifecycle that failed.
        step: &'static str,
        /// Description of the failure, for administrators.
        message: String,
    },
    /// The plugin was changed by another process meanwhile.
    #[error("{0} was changed by another process: try again")]
    Changed(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// True if a stored plugin is to be run: one whose data are being migrated runs as the version before.
pub fn should_run(row: &PluginRow) -> bool {
    match row.state {
        PluginState::Enabled => true,
        PluginState::Upgrading => Upgrade::from_row(row).is_some_and(|upgrade| upgrade.was == PluginState::Enabled),
        _ => false,
    }
}

impl Plugins {
    /// Completes the installation of a plugin whose state is [`PluginState::Installed`]: its `install` and `enable`, and the switch to
    /// enabled, in one transaction. If it is interrupted, the next process that sees the state does it. Where the plugin refuses or fails,
    /// everything is rolled back and the row says why. False where it is in another state by now. Returns [`LifecycleError`] on failure.
    pub async fn finish_installation(&self, plugin: InstalledPlugin, by: Actor) -> Result<bool, LifecycleError> {
        let (plugins, context) = (self.strong_self()?, self.require_host_context()?.clone());
        let (id, store, now) = (plugin.manifest.id().to_owned(), context.content.store().clone(), context.now());
        let result = match self.load_generation(plugin).await {
            Err(error) => Err(error),
            Ok(generation) => {
                let by = by.clone();
                store
                    .write_long(&id, true, move |tx: &mut WriteTx<'_>| {
                        let Some(row) = find_pending_installation(tx, generation.id())? else { return Ok(false) };
                        plugins.run_step(tx, &generation, LifecycleStep::Install)?;
                        plugins.run_step(tx, &generation, LifecycleStep::Enable)?;
                        let row =
                            PluginRow { state: PluginState::Enabled, reason: None, changed_by: by.clone(), ..row };
                        save_plugin_row(tx, row, now).map(|_| true)
                    })
                    .await
            }
        };
        let error = match result {
            Err(error @ (LifecycleError::Load(_) | LifecycleError::Refused { .. } | LifecycleError::Failed { .. })) => {
                error
            }
            other => return other,
        };
        let reason = error.to_string();
        store
            .write(move |tx: &mut WriteTx<'_>| match find_pending_installation(tx, &id)? {
                Some(row) if row.reason.as_ref() != Some(&reason) => {
                    save_plugin_row(tx, PluginRow { reason: Some(reason.clone()), changed_by: by.clone(), ..row }, now)
                        .map(drop)
                }
                _ => Ok(()),
            })
            .await?;
        Err(error)
    }

    /// Takes a lifecycle step and runs `then`, in one transaction: where either fails, both are rolled back. `plugin`: its installed
    /// package; `None` where that cannot be read, and the plugin is not called. A failure of a plugin that is switched off or removed is
    /// rolled back and noted: the step is taken all the same.
    ///
    /// # Errors
    /// See [`LifecycleError`]; the error of `then`.
    pub async fn run_step_with<R, E>(
        &self,
        plugin: Option<InstalledPlugin>,
        step: LifecycleStep,
        then: impl FnOnce(&mut WriteTx<'_>) -> Result<R, E> + Clone + Send + 'static,
    ) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<StoreError> + From<LifecycleError> + Send + 'static,
    {
        let (plugins, context) = (self.strong_self()?, self.require_host_context()?.clone());
        let owner = plugin.as_ref().map_or_else(String::new, |plugin| plugin.manifest.id().to_owned());
        let generation = match plugin {
            None => None,
            Some(plugin) if step.is_required() => Some(self.load_generation(plugin).await?),
            Some(plugin) => {
                let id = plugin.manifest.id().to_owned();
                let loaded = self.load_generation(plugin).await;
                loaded
                    .inspect_err(
                        |error| tracing::warn!(plugin = id, %error, "the plugin cannot be loaded and is not called"),
                    )
                    .ok()
            }
        };
        let apply_step = move |tx: &mut WriteTx<'_>| {
            if let Some(generation) = &generation {
                match step.is_required() {
                    true => plugins.run_step(tx, generation, step)?,
                    false => plugins.run_optional_step(tx, generation, step)?,
                }
            }
            then(tx)
        };
        context.content.store().write_long(&owner, true, apply_step).await
    }

    /// Calls a plugin to check settings that fit its schema. `plugin`: its installed package with these settings in it.
    ///
    /// # Errors
    /// [`LifecycleError::Refused`] with the fields that are wrong; see [`LifecycleError`].
    pub async fn check_settings(&self, plugin: InstalledPlugin) -> Result<(), LifecycleError> {
        let generation = self.load_generation(plugin).await?;
        self.check_guest_settings(&generation).await
    }

    /// Returns the health that a running plugin reports of itself: whether it can work, and a message in that language. `None`: it does not run,
    /// or reports nothing. Returns an error if the call fails.
    pub async fn own_health(&self, id: &str, language: &str) -> Result<Option<(bool, String)>, LifecycleError> {
        match self.find_generation(id) {
            Some(generation) => self.call_guest_health(&generation, language).await,
            None => Ok(None),
        }
    }

    /// The running plugins that do not work without another.
    pub fn dependent_plugins(&self, id: &str) -> Vec<String> {
        let running = self.running();
        let needs =
            |g: &&Arc<Generation>| g.manifest.plugin.requires.plugins.get(id).is_some_and(|needed| !needed.optional);
        running.generations.iter().filter(needs).map(|g| g.id().to_owned()).collect()
    }

    /// The generation of a plugin that is not running here, or not yet; compiles it.
    pub(crate) async fn load_generation(&self, plugin: InstalledPlugin) -> Result<Arc<Generation>, LifecycleError> {
        let (host, context) = (self.host().clone(), self.require_host_context()?.clone());
        // A version that is not stored yet needs a number of its own: plans are cached by it.
        let plugin = InstalledPlugin { number: -i64::from(rand::random::<u32>()) - 1, ..plugin };
        let loaded = tokio::task::spawn_blocking(move || {
            let generation = Generation::load(&host, &context, plugin)?;
            crate::exports::hooks::check_hooks(context.content.registry(), &generation).map(|()| generation)
        });
        Ok(loaded.await.map_err(|_| StoreError::Closed)??)
    }

    pub(crate) fn require_host_context(&self) -> Result<&HostContext, LifecycleError> {
        self.host_context()
            .ok_or_else(|| LifecycleError::Load(LoadError::Engine("the content is not loaded yet".to_owned())))
    }
}

/// The row of a plugin whose installation is to be completed.
fn find_pending_installation(tx: &WriteTx<'_>, id: &str) -> Result<Option<PluginRow>, StoreError> {
    Ok(tx.reader().plugins().get(id)?.filter(|row| row.state == PluginState::Installed))
}

/// Stores a row, and the time at which its version took over. Returns the row as stored.
pub(crate) fn save_plugin_row(tx: &mut WriteTx<'_>, row: PluginRow, now: i64) -> Result<PluginRow, LifecycleError> {
    let before = tx.reader().plugins().get(&row.id)?.map(|before| before.current);
    if before.as_ref() != Some(&row.current) {
        record_swap(tx, &row.id, now)?;
    }
    let generation = tx.plugins().save(&row, now)?.ok_or_else(|| LifecycleError::Changed(row.id.clone()))?;
    Ok(PluginRow { generation, changed_at: now, ..row })
}

/// Notes that another version of a plugin takes over with this transaction, to tell a version that fails soon after
/// from one that has worked for long. Returns an error if the database fails.
pub fn record_swap(tx: &mut WriteTx<'_>, plugin: &str, now: i64) -> Result<(), StoreError> {
    let value = now.to_string().into_bytes();
    let kv_put = KvPut { key: SWAPPED_KEY.to_owned(), value, expires_at: None, expect: None };
    tx.plugin_kv().put(&swap_namespace(plugin), &[kv_put], now).map(drop)
}

fn swap_namespace(plugin: &str) -> String {
    format!("{plugin}/{SWAPPED_KEY}")
}

/// The time at which the present version of a plugin took over, in milliseconds.
pub(crate) fn swapped_at(r: &cairn_store::Reader<'_>, plugin: &str, now: i64) -> Result<Option<i64>, StoreError> {
    let entry = r.plugin_kv().get_entries(&swap_namespace(plugin), &[SWAPPED_KEY], now)?.into_iter().next().flatten();
    Ok(entry.and_then(|stored| String::from_utf8(stored.value).ok()?.parse().ok()))
}
