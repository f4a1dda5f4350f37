//! Maintenance of indexes: applying changes before the next search has to wait for them, and removing indexes that no longer exist.

use super::copy_key::{RefreshState, RetainedCopies};
use super::query_error::IndexQueryError;
use super::{Inner, PluginSearch};
use cairn_search::IndexDefinition;
use cairn_store::plugins::SearchIndex;
use cairn_store::{Store, StoreError};
use std::collections::BTreeMap;
use std::time::Duration;

/// Rows that are removed at a time.
const PURGE_BATCH_ROWS: i64 = 1_000;
/// Changes after which old removals are looked for again.
const PURGE_AFTER_CHANGES: i64 = 2_000;

impl PluginSearch {
    /// Applies changes to all declared indexes, unless another refresh is running. Blocks.
    pub(crate) fn refresh_indexes(
        &self,
        store: &Store,
        declared: &BTreeMap<(String, String), IndexDefinition>,
        runtime: &tokio::runtime::Handle,
    ) {
        let inner = &*self.0;
        let Some(mut state) = inner.refreshing.try_lock() else { return };
        if declared.is_empty() && state.kept.as_ref().is_some_and(BTreeMap::is_empty) {
            return;
        }
        let rows = match store.read(|r| r.search_indexes().list()) {
            Ok(rows) => rows,
            Err(error) => return tracing::debug!(%error, "cannot read the search indexes"),
        };
        inner.catch_up_copies(store, &rows, declared);
        if let Err(error) = inner.close_removed_copies(&rows, declared, &mut state) {
            tracing::warn!(%error, "cannot remove old files of search indexes");
        }
        for row in &rows {
            if let Err(error) = purge_rows(store, row, &mut state, runtime) {
                tracing::debug!(%error, plugin = row.plugin, index = row.name, "cannot remove old entries; trying again later");
            }
        }
    }
}

impl Inner {
    fn catch_up_copies(
        &self,
        store: &Store,
        rows: &[SearchIndex],
        declared: &BTreeMap<(String, String), IndexDefinition>,
    ) {
        for row in rows {
            let Some(definition) = declared.get(&(row.plugin.clone(), row.name.clone())) else { continue };
            for copy in [Some(row.live), row.shadow].into_iter().flatten() {
                let followed = self
                    .open_copy(&row.plugin, &row.name, copy, definition)
                    .map_err(IndexQueryError::from)
                    .and_then(|copy| copy.catch_up(store, row.seq, Duration::ZERO).and_then(|_| copy.release_writer()));
                let why = match followed {
                    Ok(()) | Err(IndexQueryError::Busy) => continue,
                    Err(IndexQueryError::Store(error)) => error.to_string(),
                    Err(IndexQueryError::Search(error)) => error.to_string(),
                };
                tracing::warn!(plugin = row.plugin, index = row.name, why, "cannot update a search index");
            }
        }
    }

    /// Closes copies that no longer exist, and removes their files.
    fn close_removed_copies(
        &self,
        rows: &[SearchIndex],
        declared: &BTreeMap<(String, String), IndexDefinition>,
        known: &mut RefreshState,
    ) -> std::io::Result<()> {
        let mut retained = RetainedCopies::new();
        for row in rows {
            let place = (row.plugin.clone(), row.name.clone());
            let definition = declared.get(&place).map(IndexDefinition::fingerprint);
            for copy in [Some(row.live), row.shadow].into_iter().flatten() {
                retained.insert((place.0.clone(), place.1.clone(), copy), definition.clone());
            }
        }
        let mut keys = Vec::new();
        self.open.lock().retain(|key, _| {
            // A definition that took over has another folder.
            let definition = retained.get(&(key.plugin.clone(), key.name.clone(), key.copy));
            let is_kept = definition.is_some_and(|holds| holds.as_ref().is_none_or(|d| *d == key.definition));
            if !is_kept {
                keys.push(key.clone());
            }
            is_kept
        });
        for key in keys {
            self.root.remove_copy(&key)?;
        }
        if known.kept.as_ref() != Some(&retained) {
            self.root.remove_others(&retained)?;
            known.kept = Some(retained);
        }
        Ok(())
    }
}

/// Removes rows that are no longer needed, where there may be any.
fn purge_rows(
    store: &Store,
    row: &SearchIndex,
    state: &mut RefreshState,
    runtime: &tokio::runtime::Handle,
) -> Result<(), StoreError> {
    let key = (row.plugin.clone(), row.name.clone());
    let is_done = state.purged.get(&key).is_some_and(|(live, shadow, seq)| {
        (*live, *shadow) == (row.live, row.shadow) && row.seq < seq.saturating_add(PURGE_AFTER_CHANGES)
    });
    if is_done {
        return Ok(());
    }
    let (plugin, name) = key.clone();
    let has_more = runtime
        .block_on(store.write_unsynced(move |tx| tx.search_indexes().purge(&plugin, &name, PURGE_BATCH_ROWS)))?;
    if !has_more {
        state.purged.insert(key, (row.live, row.shadow, row.seq));
    }
    Ok(())
}
