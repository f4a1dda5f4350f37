//! Removes objects that no file refers to: what a crash left behind, and what was removed for good.

use super::{blocking, objects};
use crate::{Content, Result};
use cairn_assets::{BlobStore, Key};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Nothing younger is an orphan: an upload may be under way, a backup be taken.
const AGE: Duration = Duration::from_secs(24 * 3_600);
/// Objects looked at, at a time.
const BATCH: usize = 500;
/// Objects listed at a time: a folder is read whole for each part of its list.
const LISTED: usize = 10_000;

/// What a part of a sweep did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Swept {
    /// Objects removed.
    pub removed: usize,
    /// Where the next part goes on; `None`: that was all.
    pub next: Option<String>,
}

impl Content {
    /// Removes orphans of which there is a row in the database. `after`: where the last part ended, empty at first.
    pub async fn sweep_files(&self, blobs: Arc<dyn BlobStore>, after: &str) -> Result<Swept> {
        let now = self.access.now().timestamp_millis();
        let (before, removing) = (now - AGE.as_millis() as i64, now - objects::REMOVAL);
        let found = self.store().read(|r| r.orphaned_blobs(before, removing, after, BATCH as i64))?;
        let next = if found.len() == BATCH { found.last().cloned() } else { None };
        let condemned = self.store().write(move |tx| tx.condemn_blobs(&found, before, removing, now)).await?;
        Ok(Swept { removed: objects::remove(self.store(), blobs, condemned).await?, next })
    }

    /// Removes old objects of which there is no row at all. `after` as before.
    pub async fn sweep_unknown_files(&self, blobs: Arc<dyn BlobStore>, after: &str) -> Result<Swept> {
        let now = self.access.now();
        let oldest = SystemTime::from(now) - AGE;
        let (listing, from) = (blobs.clone(), after.to_owned());
        let listed = blocking(move || {
            let from = if from.is_empty() { None } else { Some(Key::parse(&from)?) };
            listing.list(from.as_ref(), LISTED)
        })
        .await??;
        let next = if listed.len() == LISTED { listed.last().map(|l| l.key.to_string()) } else { None };
        let old = listed.iter().filter(|l| l.modified.is_some_and(|at| at < oldest)).map(|l| l.key.as_str());
        let old: Vec<&str> = old.collect();
        let unknown = self.store().read(|r| r.unknown_blobs(&old))?;
        let unknown: Vec<String> = unknown.into_iter().map(str::to_owned).collect();
        let at = now.timestamp_millis();
        let condemned = self.store().write(move |tx| tx.condemn_unknown_blobs(&unknown, at)).await?;
        Ok(Swept { removed: objects::remove(self.store(), blobs, condemned).await?, next })
    }
}
