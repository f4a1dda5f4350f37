//! Migrating a plugin's data to another version, a slice at a time: a job that continues where it was, whatever is restarted. Its progress
//! is in the plugin's row and changes in the same commit as what the slice stored. The version before runs meanwhile; where a slice keeps
//! failing it continues to run, and the row says why.

use super::{LifecycleError, put};
use crate::generation::{Generation, Installed};
use crate::jobs::name_of;
use crate::plugins::Plugins;
use cairn_events::{JobHandler, Outcome, Retry};
use cairn_store::WriteTx;
use cairn_store::events::{Actor, Duplicate, JobRow, NewJob};
use cairn_store::plugins::{PluginRow, PluginState, PluginVersion};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// Name of the job: no job of a manifest begins with a dot.
const NAME: &str = ".migrate";
/// How often a slice is tried.
const ATTEMPTS: i64 = 3;
/// Largest number of slices of a migration, and longest time from the first of them in milliseconds: one that always
/// asks for another comes to an end.
const SLICES: u64 = 10_000;
const LONGEST: i64 = 24 * 3_600_000;
/// How long to wait for the package of the new version.
const ABSENT: Duration = Duration::from_secs(5);

/// An upgrade in progress, as it is stored in the plugin's row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upgrade {
    /// Version that is upgraded to.
    pub to: PluginVersion,
    /// Public key that signed it; `None` for an unsigned package.
    pub publisher: Option<String>,
    /// Grants that were given to it.
    pub grants: Json,
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

impl Upgrade {
    /// The upgrade in progress of a plugin; `None` where there is none.
    pub fn of(row: &PluginRow) -> Option<Self> {
        let checkpoint = row.checkpoint.clone().filter(|_| row.state == PluginState::Upgrading)?;
        serde_json::from_value(checkpoint).ok()
    }

    /// The row of a plugin whose upgrade to `to` begins: the version before runs until its data are migrated. To be stored
    /// together with [`migration_job`].
    pub fn begin(row: PluginRow, to: PluginVersion, publisher: Option<String>, grants: Json, by: Actor) -> PluginRow {
        let upgrade = Self { to, publisher, grants, was: row.state, slices: 0, checkpoint: Json::Null, began: None };
        PluginRow {
            state: PluginState::Upgrading,
            checkpoint: Some(json!(upgrade)),
            reason: None,
            changed_by: by,
            ..row
        }
    }

    /// Why the migration is given up, where it has asked for another slice for too long.
    fn endless(&self, now: i64) -> Option<String> {
        if self.slices >= SLICES {
            return Some(format!("it still requests another slice; the limit is {SLICES}"));
        }
        let long = self.began.is_some_and(|began| now.saturating_sub(began) >= LONGEST);
        long.then(|| format!("it still requests another slice after {} hours", LONGEST / 3_600_000))
    }

    /// The row after the migration.
    fn swapped(self, row: PluginRow, by: Actor) -> PluginRow {
        PluginRow {
            previous: Some(row.current),
            current: self.to,
            publisher: self.publisher,
            grants: self.grants,
            state: PluginState::Enabled,
            checkpoint: None,
            reason: None,
            changed_by: by,
            ..row
        }
    }

    /// The row as it was before, with the reason.
    fn given_up(&self, row: PluginRow, why: String) -> PluginRow {
        PluginRow { state: self.was, checkpoint: None, reason: Some(why), changed_by: Actor::system("plugins"), ..row }
    }
}

/// The job that migrates the data of a plugin whose upgrade begins.
pub fn migration_job(plugin: &str, now: i64) -> NewJob {
    NewJob {
        name: name_of(plugin, NAME),
        key: Some("migrate".to_owned()),
        duplicate: Duplicate::Replace,
        lane: None,
        payload: json!({}),
        due: now,
    }
}

/// The package that an upgrade leads to.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its installed form. The `number` is ignored.
    pub plugin: Installed,
    /// SHA-256 of the package, in hexadecimal.
    pub digest: String,
}

/// A version that data are migrated to, by the digest of its package.
pub(crate) struct Coming {
    plugin: String,
    digest: String,
    /// The error where it cannot be run.
    generation: Result<Arc<Generation>, String>,
}

impl Plugins {
    /// Replaces the targets of upgrades in progress: the packages that [`Upgrade::of`] the rows name. The job of
    /// one that cannot be run gives up.
    pub async fn upgrade_to(&self, targets: Vec<Target>) {
        let mut coming = Vec::with_capacity(targets.len());
        for Target { plugin, digest } in targets {
            let id = plugin.manifest.id().to_owned();
            let held = self.coming.load().iter().find(|c| c.digest == digest && c.plugin == id).cloned();
            if let Some(held) = held {
                coming.push(held);
                continue;
            }
            let generation = self.load(plugin).await.map_err(|error| error.to_string());
            coming.push(Arc::new(Coming { plugin: id, digest, generation }));
        }
        self.coming.store(Arc::new(coming));
    }
}

/// The handlers that migrate the data of plugins with an upgrade in progress.
pub(crate) fn handlers(plugins: &Weak<Plugins>, coming: &[Arc<Coming>]) -> Vec<Arc<dyn JobHandler>> {
    let one = |coming: &Arc<Coming>| {
        let plugin = coming.plugin.clone();
        Arc::new(Moving { plugins: plugins.clone(), name: name_of(&plugin, NAME), plugin }) as Arc<dyn JobHandler>
    };
    coming.iter().map(one).collect()
}

struct Moving {
    plugins: Weak<Plugins>,
    plugin: String,
    name: String,
}

/// The result of a slice.
enum Slice {
    /// There is nothing left to do.
    Nothing,
    /// The new version took over.
    Swapped,
    More,
    /// It has used all slices, or all the time, that are permitted; says which.
    Endless(String),
}

impl JobHandler for Moving {
    fn name(&self) -> &str {
        &self.name
    }

    fn retry(&self) -> Retry {
        Retry { first: Duration::from_secs(2), factor: 4.0, longest: Duration::from_secs(60), attempts: ATTEMPTS }
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, Outcome> {
        self.slice(job).boxed()
    }
}

impl Plugins {
    /// Migrates the data of plugins whose upgrade has just begun, for about as long as `most`; the job does the rest. Most upgrades have
    /// little to migrate and are finished by it. Whether a version took over.
    pub async fn hurry_upgrades(&self, most: Duration) -> bool {
        let began = Instant::now();
        let mut swapped = false;
        for coming in self.coming.load_full().iter() {
            let (Ok(generation), Ok(ground)) = (&coming.generation, self.working()) else { continue };
            let row = ground.content.store().read(|r| r.plugin(&coming.plugin));
            let begins = |row: &PluginRow| Upgrade::of(row).is_some_and(|upgrade| upgrade.slices == 0);
            if !row.is_ok_and(|row| row.as_ref().is_some_and(begins)) {
                continue;
            }
            while began.elapsed() < most {
                match self.next_slice(generation, &coming.digest).await {
                    Ok(Slice::More) => {}
                    Ok(Slice::Swapped) => {
                        swapped = true;
                        break;
                    }
                    // What failed is tried again by the job, and told by it.
                    Ok(Slice::Nothing | Slice::Endless(_)) | Err(_) => break,
                }
            }
        }
        swapped
    }

    /// Runs the next slice of a migration, where it is not finished yet.
    async fn next_slice(&self, generation: &Arc<Generation>, digest: &str) -> Result<Slice, LifecycleError> {
        let (plugins, ground) = (self.own()?, self.working()?.clone());
        let (generation, digest, now) = (generation.clone(), digest.to_owned(), ground.now());
        let plugin = generation.id().to_owned();
        let slice = move |tx: &mut WriteTx<'_>| {
            let id = generation.id();
            let Some(row) = tx.reader().plugin(id)? else { return Ok(Slice::Nothing) };
            let Some(upgrade) = Upgrade::of(&row).filter(|u| u.to.digest == digest) else { return Ok(Slice::Nothing) };
            if let Some(why) = upgrade.endless(now) {
                return Ok(Slice::Endless(why));
            }
            let checkpoint = Some(&upgrade.checkpoint).filter(|_| upgrade.slices > 0);
            match plugins.slice(tx, &generation, &row.current.version, checkpoint)? {
                None => put(tx, upgrade.swapped(row, Actor::system("plugins")), now).map(|_| Slice::Swapped),
                Some(checkpoint) => {
                    let began = upgrade.began.or(Some(now));
                    let upgrade = Upgrade { slices: upgrade.slices + 1, checkpoint, began, ..upgrade };
                    match tx.set_plugin_checkpoint(id, &json!(upgrade), row.generation)? {
                        true => Ok(Slice::More),
                        false => Err(LifecycleError::Changed(id.to_owned())),
                    }
                }
            }
        };
        ground.content.store().write_long(&plugin, true, slice).await
    }
}

impl Moving {
    async fn slice(&self, job: &JobRow) -> Outcome {
        let gone =
            || Outcome::Failed { error: "the new version is not available here".into(), retry_after: Some(ABSENT) };
        let Some(plugins) = self.plugins.upgrade() else { return gone() };
        let coming = plugins.coming.load_full();
        let Some(coming) = coming.iter().find(|c| c.plugin == self.plugin).cloned() else { return gone() };
        let generation = match &coming.generation {
            Ok(generation) => generation,
            Err(error) => return self.given_up(&plugins, &coming.digest, error.clone()).await,
        };
        match plugins.next_slice(generation, &coming.digest).await {
            Ok(Slice::Nothing | Slice::Swapped) => Outcome::done(),
            Ok(Slice::Endless(why)) => self.given_up(&plugins, &coming.digest, why).await,
            Ok(Slice::More) => Outcome::Again { checkpoint: Json::Null, after: Duration::ZERO, effect: None },
            Err(LifecycleError::Store(error)) => Outcome::failed(error),
            Err(LifecycleError::Changed(what)) => Outcome::Failed { error: what, retry_after: Some(Duration::ZERO) },
            Err(error) if job.attempt < ATTEMPTS => Outcome::failed(error),
            Err(error) => self.given_up(&plugins, &coming.digest, error.to_string()).await,
        }
    }

    async fn given_up(&self, plugins: &Plugins, digest: &str, why: String) -> Outcome {
        match self.give_up(plugins, digest, why.clone()).await {
            Ok(()) => Outcome::Dead(why),
            // It is tried again, and then given up.
            Err(unwritten) => Outcome::Failed { error: unwritten.to_string(), retry_after: Some(ABSENT) },
        }
    }

    async fn give_up(&self, plugins: &Plugins, digest: &str, why: String) -> Result<(), LifecycleError> {
        let ground = plugins.working()?.clone();
        let (id, digest, now) = (self.plugin.clone(), digest.to_owned(), ground.now());
        ground
            .content
            .store()
            .write(move |tx: &mut WriteTx<'_>| {
                let Some(row) = tx.reader().plugin(&id)? else { return Ok(()) };
                let Some(upgrade) = Upgrade::of(&row).filter(|u| u.to.digest == digest) else { return Ok(()) };
                let why =
                    format!("the upgrade to {} failed after {} slices: {why}", upgrade.to.version, upgrade.slices);
                tracing::error!(plugin = id, why, "an upgrade failed: the plugin stays at its previous version");
                put(tx, upgrade.given_up(row, why), now).map(drop)
            })
            .await
    }
}
