//! One copy of an index on this node, and how it comes to have what the database has.

use super::copy_key::IndexCopyKey;
use super::query_error::IndexQueryError;
use cairn_search::{EntryChange, FullTextIndex, IndexEntry, IndexProgress};
use cairn_store::plugins::SearchRow;
use cairn_store::{Store, StoreError};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Rows that are read at a time.
const BATCH_ROWS: i64 = 250;
/// Changes after which they are put on disk: few large parts are searched faster than many small ones.
const COMMIT_AFTER_CHANGES: usize = 5_000;
/// After so long without changes it lets go of the threads that make them.
const IDLE_AFTER: Duration = Duration::from_secs(15);

pub(super) struct IndexCopy {
    pub(super) key: IndexCopyKey,
    pub(super) index: FullTextIndex,
    /// True if it was compared with the database since it was opened: a database may have been restored meanwhile.
    compared: AtomicBool,
    changed: Mutex<Option<Instant>>,
}

impl IndexCopy {
    pub(super) fn new(key: IndexCopyKey, index: FullTextIndex) -> Self {
        Self { key, index, compared: AtomicBool::new(false), changed: Mutex::default() }
    }

    /// Indexes what is committed, at least up to the change with number `seq`; waits that long if another call is doing so. False if the
    /// database no longer has this copy. Blocks.
    pub(super) fn catch_up(&self, store: &Store, seq: i64, patience: Duration) -> Result<bool, IndexQueryError> {
        if self.compared.load(Ordering::Acquire)
            && self.index.current_progress().is_some_and(|mark| mark.applied >= seq)
        {
            return Ok(true);
        }
        let IndexCopyKey { plugin, name, copy, .. } = &self.key;
        let mut writing = self.index.begin_write_within(patience).ok_or(IndexQueryError::Busy)?;
        let mut mark = writing.current_progress();
        let mut uncommitted = 0;
        loop {
            let read = store.read(|r| {
                let Some(index) = r.search_indexes().get(plugin, name)? else { return Ok::<_, StoreError>(None) };
                Ok(Some((r.search_indexes().list_changes(plugin, name, *copy, mark.applied, BATCH_ROWS)?, index)))
            });
            let Some((rows, index)) = read? else { return Ok(false) };
            if index.live != *copy && index.shadow != Some(*copy) {
                return Ok(false);
            }
            if mark == IndexProgress::default() {
                mark.seen = index.purged;
            }
            // A copy is rebuilt if the database was restored from an older backup, or if removals were purged that the copy has not applied.
            let restored = !self.compared.load(Ordering::Acquire) && mark.applied > index.seq;
            if restored || (index.purged > mark.seen && mark.applied < index.purged && mark.applied > 0) {
                tracing::info!(plugin, index = name, "rebuilding a search index");
                writing.clear()?;
                // Also where nothing comes after it, this is to last.
                (mark, uncommitted) = (IndexProgress::default(), 1);
                continue;
            }
            mark.seen = index.purged;
            let is_all = i64::try_from(rows.len()).is_ok_and(|n| n < BATCH_ROWS);
            let last_seq = rows.last().map_or(mark.applied, |row| row.seq);
            mark.applied = if is_all { last_seq.max(index.seq).max(mark.applied) } else { last_seq };
            uncommitted += rows.len();
            if !rows.is_empty() {
                writing.apply(rows.into_iter().map(to_entry_change))?;
            }
            if uncommitted >= COMMIT_AFTER_CHANGES || (is_all && uncommitted > 0) {
                writing.commit(mark)?;
                uncommitted = 0;
                *self.changed.lock() = Some(Instant::now());
            }
            if is_all {
                writing.set_progress(mark);
                self.compared.store(true, Ordering::Release);
                return Ok(true);
            }
        }
    }

    /// Lets go of what only changes need, where there were none for a while. Blocks.
    pub(super) fn release_writer(&self) -> Result<(), IndexQueryError> {
        let idle = {
            let mut changed = self.changed.lock();
            changed.is_some_and(|at| at.elapsed() >= IDLE_AFTER).then(|| changed.take())
        };
        if idle.is_some() {
            self.index.release_writer()?;
        }
        Ok(())
    }
}

fn to_entry_change(row: SearchRow) -> EntryChange {
    match row.entry {
        None => EntryChange::Remove(row.id),
        Some(entry) => {
            let (locale, document, audience) = (entry.locale, entry.document, entry.audience);
            EntryChange::Put(IndexEntry { id: row.id, locale, document, audience })
        }
    }
}
