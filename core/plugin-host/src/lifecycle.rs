//! The lifecycle of a plugin: installed, upgraded, switched on and off, removed. Each step is one transaction together with
//! what the plugin itself does in it, so that nothing remains of a step that fails. What a step changes is applied by every
//! process that follows the database.

mod call;
mod export;
mod migrate;

pub use call::{Removal, Step};
pub use export::ExportError;
pub(crate) use migrate::{Coming, handlers};
pub use migrate::{Target, Upgrade, migration_job};

use crate::error::LoadError;
use crate::generation::{Generation, Installed};
use crate::ground::Ground;
use crate::plugins::Plugins;
use crate::views::FieldProblem;
use cairn_store::events::Actor;
use cairn_store::plugins::{KvPut, PluginRow, PluginState};
use cairn_store::{StoreError, WriteTx};
use std::sync::Arc;

/// Key of the time of the last swap: stored beside a plugin's own entries, under a name that no plugin has.
const SWAPPED: &str = "swapped";

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
    /// Somebody else changed the plugin meanwhile.
    #[error("{0} was changed by another process: try again")]
    Changed(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether a stored plugin is to be run: one whose data are being migrated runs as the version before.
pub fn runs(row: &PluginRow) -> bool {
    match row.state {
        PluginState::Enabled => true,
        PluginState::Upgrading => Upgrade::of(row).is_some_and(|upgrade| upgrade.was == PluginState::Enabled),
        _ => false,
    }
}

impl Plugins {
    /// Completes the installation of a plugin whose state is [`PluginState::Installed`]: its `install` and `enable`, and the switch to
    /// enabled, in one transaction. If it is interrupted, the next process that sees the state does it. Where the plugin refuses or fails,
    /// everything is rolled back and the row says why. False where it is in another state by now.
    ///
    /// # Errors
    /// See [`LifecycleError`].
    pub async fn begin(&self, plugin: Installed, by: Actor) -> Result<bool, LifecycleError> {
        let (plugins, ground) = (self.own()?, self.working()?.clone());
        let (id, store, now) = (plugin.manifest.id().to_owned(), ground.content.store().clone(), ground.now());
        let begun = match self.load(plugin).await {
            Err(error) => Err(error),
            Ok(generation) => {
                let by = by.clone();
                store
                    .write_long(&id, true, move |tx: &mut WriteTx<'_>| {
                        let Some(row) = waiting(tx, generation.id())? else { return Ok(false) };
                        plugins.step(tx, &generation, Step::Install)?;
                        plugins.step(tx, &generation, Step::Enable)?;
                        let row =
                            PluginRow { state: PluginState::Enabled, reason: None, changed_by: by.clone(), ..row };
                        put(tx, row, now).map(|_| true)
                    })
                    .await
            }
        };
        let error = match begun {
            Err(error @ (LifecycleError::Load(_) | LifecycleError::Refused { .. } | LifecycleError::Failed { .. })) => {
                error
            }
            other => return other,
        };
        let reason = error.to_string();
        store
            .write(move |tx: &mut WriteTx<'_>| match waiting(tx, &id)? {
                Some(row) if row.reason.as_ref() != Some(&reason) => {
                    put(tx, PluginRow { reason: Some(reason.clone()), changed_by: by.clone(), ..row }, now).map(drop)
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
    pub async fn in_step<R, E>(
        &self,
        plugin: Option<Installed>,
        step: Step,
        then: impl FnOnce(&mut WriteTx<'_>) -> Result<R, E> + Clone + Send + 'static,
    ) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<StoreError> + From<LifecycleError> + Send + 'static,
    {
        let (plugins, ground) = (self.own()?, self.working()?.clone());
        let owner = plugin.as_ref().map_or_else(String::new, |plugin| plugin.manifest.id().to_owned());
        let generation = match plugin {
            None => None,
            Some(plugin) if step.is_needed() => Some(self.load(plugin).await?),
            Some(plugin) => {
                let id = plugin.manifest.id().to_owned();
                let loaded = self.load(plugin).await;
                loaded
                    .inspect_err(
                        |error| tracing::warn!(plugin = id, %error, "the plugin cannot be loaded and is not called"),
                    )
                    .ok()
            }
        };
        let taken = move |tx: &mut WriteTx<'_>| {
            if let Some(generation) = &generation {
                match step.is_needed() {
                    true => plugins.step(tx, generation, step)?,
                    false => plugins.step_noted(tx, generation, step)?,
                }
            }
            then(tx)
        };
        ground.content.store().write_long(&owner, true, taken).await
    }

    /// Asks a plugin whether it accepts settings that fit its schema. `plugin`: its installed package with these settings in it.
    ///
    /// # Errors
    /// [`LifecycleError::Refused`] with the fields that are wrong; see [`LifecycleError`].
    pub async fn check_settings(&self, plugin: Installed) -> Result<(), LifecycleError> {
        let generation = self.load(plugin).await?;
        self.settings_checked(&generation).await
    }

    /// What a running plugin reports about its own health: whether it can work, and a message. `None`: it does not run, or reports nothing.
    ///
    /// # Errors
    /// Where the call fails.
    pub async fn own_health(&self, id: &str) -> Result<Option<(bool, String)>, LifecycleError> {
        match self.generation(id) {
            Some(generation) => self.asked_health(&generation).await,
            None => Ok(None),
        }
    }

    /// The running plugins that do not work without another.
    pub fn needing(&self, id: &str) -> Vec<String> {
        let running = self.running();
        let needs =
            |g: &&Arc<Generation>| g.manifest.plugin.requires.plugins.get(id).is_some_and(|needed| !needed.optional);
        running.generations.iter().filter(needs).map(|g| g.id().to_owned()).collect()
    }

    /// The generation of a plugin that is not running here, or not yet; compiles it.
    pub(crate) async fn load(&self, plugin: Installed) -> Result<Arc<Generation>, LifecycleError> {
        let (host, ground) = (self.host().clone(), self.working()?.clone());
        // Rights of a version that is not stored yet are nobody else's: plans are kept by this number.
        let plugin = Installed { number: -i64::from(rand::random::<u32>()) - 1, ..plugin };
        let loaded = tokio::task::spawn_blocking(move || {
            let generation = Generation::load(&host, &ground, plugin)?;
            crate::hooks::check(ground.content.registry(), &generation).map(|()| generation)
        });
        Ok(loaded.await.map_err(|_| StoreError::Closed)??)
    }

    pub(crate) fn working(&self) -> Result<&Ground, LifecycleError> {
        self.ground().ok_or_else(|| LifecycleError::Load(LoadError::Engine("the content is not loaded yet".to_owned())))
    }
}

/// The row of a plugin whose installation is to be completed.
fn waiting(tx: &WriteTx<'_>, id: &str) -> Result<Option<PluginRow>, StoreError> {
    Ok(tx.reader().plugin(id)?.filter(|row| row.state == PluginState::Installed))
}

/// Stores a row, and the time at which its version took over. Returns the row as stored.
pub(crate) fn put(tx: &mut WriteTx<'_>, row: PluginRow, now: i64) -> Result<PluginRow, LifecycleError> {
    let before = tx.reader().plugin(&row.id)?.map(|before| before.current);
    if before.as_ref() != Some(&row.current) {
        note_swap(tx, &row.id, now)?;
    }
    let generation = tx.put_plugin(&row, now)?.ok_or_else(|| LifecycleError::Changed(row.id.clone()))?;
    Ok(PluginRow { generation, changed_at: now, ..row })
}

/// Notes that another version of a plugin takes over with this transaction, to tell a version that fails soon after
/// from one that has worked for long.
///
/// # Errors
/// Returned when the database fails.
pub fn note_swap(tx: &mut WriteTx<'_>, plugin: &str, now: i64) -> Result<(), StoreError> {
    let value = now.to_string().into_bytes();
    let put = KvPut { key: SWAPPED.to_owned(), value, expires_at: None, expect: None };
    tx.put_plugin_entries(&place(plugin), &[put], now).map(drop)
}

fn place(plugin: &str) -> String {
    format!("{plugin}/{SWAPPED}")
}

/// The time at which the present version of a plugin took over, in milliseconds.
pub(crate) fn swapped_at(r: &cairn_store::Reader<'_>, plugin: &str, now: i64) -> Result<Option<i64>, StoreError> {
    let kept = r.plugin_entries(&place(plugin), &[SWAPPED], now)?.into_iter().next().flatten();
    Ok(kept.and_then(|kept| String::from_utf8(kept.value).ok()?.parse().ok()))
}
