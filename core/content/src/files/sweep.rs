//! Deletes blobs that no file refers to: left by a crash, or by files that were deleted for good.

use super::blocking_work::run_blocking;
use super::objects;
use crate::{Content, Result};
use cairn_assets::{BlobKey, BlobStore};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Age below which no blob counts as an orphan: an upload or a backup may be running.
const MIN_ORPHAN_AGE: Duration = Duration::from_secs(24 * 3_600);
/// Number of blobs checked at a time.
const BLOBS_PER_BATCH: usize = 500;
/// Number of blobs listed at a time: a folder is read completely for each part of its list.
const OBJECTS_PER_LISTING: usize = 10_000;

/// The result of a part of a sweep.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SweepOutcome {
    /// Number of deleted blobs.
    pub removed: usize,
    /// Where the next part continues; `None`: the sweep is complete.
    pub next: Option<String>,
}

impl Content {
    /// Deletes orphans that have a row in the database. `after`: where the last part ended, empty at first.
    pub async fn sweep_files(&self, blobs: Arc<dyn BlobStore>, after: &str) -> Result<SweepOutcome> {
        let now = self.access.now().timestamp_millis();
        let (before, removing) = (now - MIN_ORPHAN_AGE.as_millis() as i64, now - objects::REMOVAL_TIMEOUT_MS);
        let found = self.store().read(|r| r.blobs().list_orphaned(before, removing, after, BLOBS_PER_BATCH as i64))?;
        let next = if found.len() == BLOBS_PER_BATCH { found.last().cloned() } else { None };
        let condemned = self.store().write(move |tx| tx.blobs().condemn(&found, before, removing, now)).await?;
        Ok(SweepOutcome { removed: objects::remove_objects(self.store(), blobs, condemned).await?, next })
    }

    /// Deletes old blobs that have no row at all. `after`: where the last part ended, empty at first.
    pub async fn sweep_unknown_files(&self, blobs: Arc<dyn BlobStore>, after: &str) -> Result<SweepOutcome> {
        let now = self.access.now();
        let oldest = SystemTime::from(now) - MIN_ORPHAN_AGE;
        let (listing, from) = (blobs.clone(), after.to_owned());
        let listed = run_blocking(move || {
            let from = if from.is_empty() { None } else { Some(BlobKey::parse(&from)?) };
            listing.list(from.as_ref(), OBJECTS_PER_LISTING)
        })
        .await??;
        let next = if listed.len() == OBJECTS_PER_LISTING { listed.last().map(|l| l.key.to_string()) } else { None };
        let old = listed.iter().filter(|l| l.modified.is_some_and(|at| at < oldest)).map(|l| l.key.as_str());
        let old: Vec<&str> = old.collect();
        let unknown = self.store().read(|r| r.blobs().find_unknown(&old))?;
        let unknown: Vec<String> = unknown.into_iter().map(str::to_owned).collect();
        let at = now.timestamp_millis();
        let condemned = self.store().write(move |tx| tx.blobs().condemn_unknown(&unknown, at)).await?;
        Ok(SweepOutcome { removed: objects::remove_objects(self.store(), blobs, condemned).await?, next })
    }
}
