//! Maintenance of indexes: applying changes before the next search has to wait for them, and removing indexes that no longer exist.

use super::{Inner, NotFound, Search};
use crate::plugins::Plugins;
use cairn_search::Definition;
use cairn_store::plugins::SearchIndex;
use cairn_store::{Store, StoreError};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Rows that are removed at a time.
const PURGED: i64 = 1_000;
/// Changes after which old removals are looked for again.
const OFTEN: i64 = 2_000;

/// Copies by plugin, index and number, with their current definition where that is known.
pub(super) type Kept = BTreeMap<(String, String, i64), Option<String>>;

/// The state at the last refresh.
#[derive(Default)]
pub(super) struct Known {
    /// Copies that have files; `None`: nobody has looked yet.
    kept: Option<Kept>,
    /// By plugin and index: the copies that there were, and the number, when old rows were last removed.
    purged: HashMap<(String, String), (i64, Option<i64>, i64)>,
}

impl Plugins {
    /// Applies changes to this node's search indexes in the background, unless that is in progress already.
    pub fn refresh_search(&self) {
        let Some(ground) = self.ground() else { return };
        let Some(search) = ground.search().cloned() else { return };
        let mut declared = BTreeMap::new();
        for generation in &self.running().generations {
            for index in &generation.manifest.indexes {
                let key = (generation.id().to_owned(), index.name.clone());
                declared.insert(key, super::definition(index));
            }
        }
        let store = ground.content.store().clone();
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || search.refresh(&store, &declared, &runtime));
    }
}

impl Search {
    /// Applies changes to all declared indexes, unless another refresh is running. Blocks.
    fn refresh(
        &self,
        store: &Store,
        declared: &BTreeMap<(String, String), Definition>,
        runtime: &tokio::runtime::Handle,
    ) {
        let inner = &*self.0;
        // Another one is at it.
        let Some(mut known) = inner.refreshing.try_lock() else { return };
        if declared.is_empty() && known.kept.as_ref().is_some_and(BTreeMap::is_empty) {
            return;
        }
        let rows = match store.read(|r| r.search_indexes()) {
            Ok(rows) => rows,
            Err(error) => return tracing::debug!(%error, "cannot read the search indexes"),
        };
        inner.take_up(store, &rows, declared);
        if let Err(error) = inner.tidy(&rows, declared, &mut known) {
            tracing::warn!(%error, "cannot remove old files of search indexes");
        }
        for row in &rows {
            if let Err(error) = purge(store, row, &mut known, runtime) {
                tracing::debug!(%error, plugin = row.plugin, index = row.name, "cannot remove old entries; trying again later");
            }
        }
    }
}

impl Inner {
    fn take_up(&self, store: &Store, rows: &[SearchIndex], declared: &BTreeMap<(String, String), Definition>) {
        for row in rows {
            let Some(definition) = declared.get(&(row.plugin.clone(), row.name.clone())) else { continue };
            for copy in [Some(row.live), row.shadow].into_iter().flatten() {
                let followed = self
                    .copy(&row.plugin, &row.name, copy, definition)
                    .map_err(NotFound::from)
                    .and_then(|copy| copy.follow(store, row.seq, Duration::ZERO).and_then(|_| copy.rest()));
                let why = match followed {
                    Ok(()) | Err(NotFound::Busy) => continue,
                    Err(NotFound::Store(error)) => error.to_string(),
                    Err(NotFound::Search(error)) => error.to_string(),
                };
                tracing::warn!(plugin = row.plugin, index = row.name, why, "cannot update a search index");
            }
        }
    }

    /// Closes copies that no longer exist, and removes their files.
    fn tidy(
        &self,
        rows: &[SearchIndex],
        declared: &BTreeMap<(String, String), Definition>,
        known: &mut Known,
    ) -> std::io::Result<()> {
        let mut kept = Kept::new();
        for row in rows {
            let place = (row.plugin.clone(), row.name.clone());
            let definition = declared.get(&place).map(Definition::fingerprint);
            for copy in [Some(row.live), row.shadow].into_iter().flatten() {
                kept.insert((place.0.clone(), place.1.clone(), copy), definition.clone());
            }
        }
        let mut gone = Vec::new();
        self.open.lock().retain(|key, _| {
            // A definition that took over has another folder.
            let definition = kept.get(&(key.plugin.clone(), key.name.clone(), key.copy));
            let is_kept = definition.is_some_and(|holds| holds.as_ref().is_none_or(|d| *d == key.definition));
            if !is_kept {
                gone.push(key.clone());
            }
            is_kept
        });
        for key in gone {
            self.root.remove(&key)?;
        }
        if known.kept.as_ref() != Some(&kept) {
            self.root.keep(&kept)?;
            known.kept = Some(kept);
        }
        Ok(())
    }
}

/// Removes rows that are no longer needed, where there may be any.
fn purge(
    store: &Store,
    row: &SearchIndex,
    known: &mut Known,
    runtime: &tokio::runtime::Handle,
) -> Result<(), StoreError> {
    let key = (row.plugin.clone(), row.name.clone());
    let is_done = known.purged.get(&key).is_some_and(|(live, shadow, seq)| {
        (*live, *shadow) == (row.live, row.shadow) && row.seq < seq.saturating_add(OFTEN)
    });
    if is_done {
        return Ok(());
    }
    let (plugin, name) = key.clone();
    let more = runtime.block_on(store.write_unsynced(move |tx| tx.purge_search(&plugin, &name, PURGED)))?;
    if !more {
        known.purged.insert(key, (row.live, row.shadow, row.seq));
    }
    Ok(())
}
