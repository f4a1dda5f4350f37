//! Migrating a plugin's data to another version, a slice at a time: a job that continues where it was, whatever is restarted. Its progress
//! is in the plugin's row and changes in the same commit as what the slice stored. The old version runs meanwhile; if a slice fails
//! repeatedly, it continues to run, and the row says why.

use super::{LifecycleError, save_plugin_row};
use crate::definition::plugin_definition::qualified_name;
use crate::runtime::generation::{Generation, InstalledPlugin};
use crate::tenant::pending_upgrade::PendingUpgrade;
use crate::tenant::plugins::Plugins;
use cairn_events::{JobHandler, JobOutcome, RetryPolicy};
use cairn_store::WriteTx;
use cairn_store::events::{Actor, DuplicatePolicy, JobRow, NewJob};
use cairn_store::plugins::{PluginRow, PluginState, PluginVersion, PreviousVersion};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// Name of the job: no job of a manifest begins with a dot.
const JOB_NAME: &str = ".migrate";
/// How often a slice is tried.
const MAX_ATTEMPTS: i64 = 3;
/// Largest number of slices of a migration, and longest time from the first of them in milliseconds: one that always
/// requests another is ended.
const MAX_SLICES: u64 = 10_000;
const MAX_MIGRATION_MS: i64 = 24 * 3_600_000;
/// How long to wait for the package of the new version.
const ABSENT_RETRY_AFTER: Duration = Duration::from_secs(5);

/// An upgrade in progress, as it is stored in the plugin's row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upgrade {
    /// Version that is upgraded to.
    pub to: PluginVersion,
    /// Public key that signed it; `None` for an unsigned package.
    pub publisher: Option<String>,
    /// Grants that were given to it.
    pub grants: Json,
    /// Values of its choices.
    #[serde(default)]
    pub choices: Json,
    /// State before the upgrade.
    pub was: PluginState,
    /// Number of finished slices.
    pub slices: u64,
    /// Checkpoint that the plugin returned with the last of them.
    pub checkpoint: Json,
    /// Time when the first of them finished, in milliseconds.
    #[serde(default)]
    pub began: Option<i64>,
}

/// Everything new in the row of a plugin once its upgrade has finished.
#[derive(Debug, Clone)]
pub struct UpgradeRecord {
    /// Version that is upgraded to.
    pub to: PluginVersion,
    /// Public key that signed it; `None` for an unsigned package.
    pub publisher: Option<String>,
    /// Grants that were given to it.
    pub grants: Json,
    /// Values of its choices.
    pub choices: Json,
}

impl Upgrade {
    /// The upgrade in progress of a plugin; `None` where there is none.
    pub fn from_row(row: &PluginRow) -> Option<Self> {
        let checkpoint = row.checkpoint.clone().filter(|_| row.state == PluginState::Upgrading)?;
        serde_json::from_value(checkpoint).ok()
    }

    /// The row of a plugin whose upgrade to `to` begins: the version before runs until its data are migrated. To be stored
    /// together with [`migration_job`].
    pub fn begin(row: PluginRow, target: UpgradeRecord, by: Actor) -> PluginRow {
        let UpgradeRecord { to, publisher, grants, choices } = target;
        let (was, checkpoint) = (row.state, Json::Null);
        let upgrade = Self { to, publisher, grants, choices, was, slices: 0, checkpoint, began: None };
        PluginRow {
            state: PluginState::Upgrading,
            checkpoint: Some(json!(upgrade)),
            reason: None,
            changed_by: by,
            ..row
        }
    }

    /// Why the migration is given up, if it has requested another slice for too long.
    fn exceeded_limit(&self, now: i64) -> Option<String> {
        if self.slices >= MAX_SLICES {
            return Some(format!("it still requests another slice; the limit is {MAX_SLICES}"));
        }
        let long = self.began.is_some_and(|began| now.saturating_sub(began) >= MAX_MIGRATION_MS);
        long.then(|| format!("it still requests another slice after {} hours", MAX_MIGRATION_MS / 3_600_000))
    }

    /// The row after the migration.
    fn finished_row(self, row: PluginRow, by: Actor) -> PluginRow {
        PluginRow {
            previous: Some(PreviousVersion::from_current(&row)),
            current: self.to,
            publisher: self.publisher,
            grants: self.grants,
            // An upgrade that began before there were choices has none.
            choices: if self.choices.is_null() { row.choices } else { self.choices },
            state: PluginState::Enabled,
            checkpoint: None,
            reason: None,
            changed_by: by,
            ..row
        }
    }

    /// The row as it was before, with the reason.
    fn aborted_row(&self, row: PluginRow, why: String) -> PluginRow {
        PluginRow { state: self.was, checkpoint: None, reason: Some(why), changed_by: Actor::system("plugins"), ..row }
    }
}

/// The job that migrates the data of a plugin whose upgrade begins.
pub fn migration_job(plugin: &str, now: i64) -> NewJob {
    NewJob {
        name: qualified_name(plugin, JOB_NAME),
        key: Some("migrate".to_owned()),
        duplicate: DuplicatePolicy::Replace,
        lane: None,
        payload: json!({}),
        due: now,
    }
}

/// The package that an upgrade leads to.
#[derive(Debug, Clone)]
pub struct UpgradeTarget {
    /// Its installed form. The `number` is ignored.
    pub plugin: InstalledPlugin,
    /// SHA-256 of the package, in hexadecimal.
    pub digest: String,
}

impl Plugins {
    /// Replaces the targets of upgrades in progress: the packages that [`Upgrade::from_row`] the rows name. The job of
    /// one that cannot be run gives up.
    pub async fn set_upgrade_targets(&self, targets: Vec<UpgradeTarget>) {
        let mut upgrades = Vec::with_capacity(targets.len());
        for UpgradeTarget { plugin, digest } in targets {
            let id = plugin.manifest.id().to_owned();
            let upgrade = self.pending_upgrades.load().iter().find(|c| c.digest == digest && c.plugin == id).cloned();
            if let Some(pending_upgrade) = upgrade {
                upgrades.push(pending_upgrade);
                continue;
            }
            let generation = self.load_generation(plugin).await.map_err(|error| error.to_string());
            upgrades.push(Arc::new(PendingUpgrade { plugin: id, digest, generation }));
        }
        self.pending_upgrades.store(Arc::new(upgrades));
    }
}

/// The handlers that migrate the data of plugins with an upgrade in progress.
pub(crate) fn migration_handlers(
    plugins: &Weak<Plugins>,
    upgrades: &[Arc<PendingUpgrade>],
) -> Vec<Arc<dyn JobHandler>> {
    let one = |pending_upgrade: &Arc<PendingUpgrade>| {
        let plugin = pending_upgrade.plugin.clone();
        Arc::new(MigrationJobHandler { plugins: plugins.clone(), name: qualified_name(&plugin, JOB_NAME), plugin })
            as Arc<dyn JobHandler>
    };
    upgrades.iter().map(one).collect()
}

struct MigrationJobHandler {
    plugins: Weak<Plugins>,
    plugin: String,
    name: String,
}

/// The result of a slice.
enum SliceOutcome {
    /// There is nothing left to do.
    Nothing,
    /// The new version took over.
    Swapped,
    More,
    /// It has used all slices, or all the time, that are permitted; says which.
    Endless(String),
}

impl JobHandler for MigrationJobHandler {
    fn name(&self) -> &str {
        &self.name
    }

    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy {
            first_pause: Duration::from_secs(2),
            factor: 4.0,
            max_pause: Duration::from_secs(60),
            attempts: MAX_ATTEMPTS,
        }
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        self.run_slice(job).boxed()
    }
}

impl Plugins {
    /// Migrates the data of plugins whose upgrade has just begun, for about as long as `most`; the job does the rest. Most upgrades have
    /// little to migrate and are finished by it. Whether a version took over.
    pub async fn run_quick_upgrades(&self, most: Duration) -> bool {
        let began = Instant::now();
        let mut swapped = false;
        for pending_upgrade in self.pending_upgrades.load_full().iter() {
            let (Ok(generation), Ok(context)) = (&pending_upgrade.generation, self.require_host_context()) else {
                continue;
            };
            let row = context.content.store().read(|r| r.plugins().get(&pending_upgrade.plugin));
            let begins = |row: &PluginRow| Upgrade::from_row(row).is_some_and(|upgrade| upgrade.slices == 0);
            if !row.is_ok_and(|row| row.as_ref().is_some_and(begins)) {
                continue;
            }
            while began.elapsed() < most {
                match self.run_next_slice(generation, &pending_upgrade.digest).await {
                    Ok(SliceOutcome::More) => {}
                    Ok(SliceOutcome::Swapped) => {
                        swapped = true;
                        break;
                    }
                    // The job retries a failure and reports it.
                    Ok(SliceOutcome::Nothing | SliceOutcome::Endless(_)) | Err(_) => break,
                }
            }
        }
        swapped
    }

    /// Runs the next slice of a migration, where it is not finished yet.
    async fn run_next_slice(&self, generation: &Arc<Generation>, digest: &str) -> Result<SliceOutcome, LifecycleError> {
        let (plugins, context) = (self.strong_self()?, self.require_host_context()?.clone());
        let (generation, digest, now) = (generation.clone(), digest.to_owned(), context.now());
        let plugin = generation.id().to_owned();
        let slice = move |tx: &mut WriteTx<'_>| {
            let id = generation.id();
            let Some(row) = tx.reader().plugins().get(id)? else { return Ok(SliceOutcome::Nothing) };
            let Some(upgrade) = Upgrade::from_row(&row).filter(|u| u.to.digest == digest) else {
                return Ok(SliceOutcome::Nothing);
            };
            if let Some(why) = upgrade.exceeded_limit(now) {
                return Ok(SliceOutcome::Endless(why));
            }
            let checkpoint = Some(&upgrade.checkpoint).filter(|_| upgrade.slices > 0);
            match plugins.migrate_slice(tx, &generation, &row.current.version, checkpoint)? {
                None => save_plugin_row(tx, upgrade.finished_row(row, Actor::system("plugins")), now)
                    .map(|_| SliceOutcome::Swapped),
                Some(checkpoint) => {
                    let began = upgrade.began.or(Some(now));
                    let upgrade = Upgrade { slices: upgrade.slices + 1, checkpoint, began, ..upgrade };
                    match tx.plugins().set_checkpoint(id, &json!(upgrade), row.generation)? {
                        true => Ok(SliceOutcome::More),
                        false => Err(LifecycleError::Changed(id.to_owned())),
                    }
                }
            }
        };
        context.content.store().write_long(&plugin, true, slice).await
    }
}

impl MigrationJobHandler {
    async fn run_slice(&self, job: &JobRow) -> JobOutcome {
        let not_available = || JobOutcome::Failed {
            error: "the new version is not available here".into(),
            retry_after: Some(ABSENT_RETRY_AFTER),
        };
        let Some(plugins) = self.plugins.upgrade() else { return not_available() };
        let upgrades = plugins.pending_upgrades.load_full();
        let Some(pending_upgrade) = upgrades.iter().find(|c| c.plugin == self.plugin).cloned() else {
            return not_available();
        };
        let generation = match &pending_upgrade.generation {
            Ok(generation) => generation,
            Err(error) => return self.abort_migration(&plugins, &pending_upgrade.digest, error.clone()).await,
        };
        match plugins.run_next_slice(generation, &pending_upgrade.digest).await {
            Ok(SliceOutcome::Nothing | SliceOutcome::Swapped) => JobOutcome::done(),
            Ok(SliceOutcome::Endless(why)) => self.abort_migration(&plugins, &pending_upgrade.digest, why).await,
            Ok(SliceOutcome::More) => {
                JobOutcome::Continue { checkpoint: Json::Null, after: Duration::ZERO, effect: None }
            }
            Err(LifecycleError::Store(error)) => JobOutcome::failed(error),
            Err(LifecycleError::Changed(subject)) => {
                JobOutcome::Failed { error: subject, retry_after: Some(Duration::ZERO) }
            }
            Err(error) if job.attempt < MAX_ATTEMPTS => JobOutcome::failed(error),
            Err(error) => self.abort_migration(&plugins, &pending_upgrade.digest, error.to_string()).await,
        }
    }

    async fn abort_migration(&self, plugins: &Plugins, digest: &str, why: String) -> JobOutcome {
        match self.store_abort(plugins, digest, why.clone()).await {
            Ok(()) => JobOutcome::Dead(why),
            // The job is retried until its attempts are used up.
            Err(unwritten) => {
                JobOutcome::Failed { error: unwritten.to_string(), retry_after: Some(ABSENT_RETRY_AFTER) }
            }
        }
    }

    async fn store_abort(&self, plugins: &Plugins, digest: &str, why: String) -> Result<(), LifecycleError> {
        let context = plugins.require_host_context()?.clone();
        let (id, digest, now) = (self.plugin.clone(), digest.to_owned(), context.now());
        context
            .content
            .store()
            .write(move |tx: &mut WriteTx<'_>| {
                let Some(row) = tx.reader().plugins().get(&id)? else { return Ok(()) };
                let Some(upgrade) = Upgrade::from_row(&row).filter(|u| u.to.digest == digest) else { return Ok(()) };
                let why =
                    format!("the upgrade to {} failed after {} slices: {why}", upgrade.to.version, upgrade.slices);
                tracing::error!(plugin = id, why, "an upgrade failed: the plugin stays at its previous version");
                save_plugin_row(tx, upgrade.aborted_row(row, why), now).map(drop)
            })
            .await
    }
}
