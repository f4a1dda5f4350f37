//! An index, in files or in memory.

use crate::analysis::tokenizer_manager;
use crate::definition::{IndexDefinition, Layout};
use crate::entry::EntryChange;
use crate::error::Result;
use crate::synonyms::Synonyms;
use parking_lot::{Mutex, MutexGuard};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tantivy::directory::MmapDirectory;
use tantivy::indexer::IndexWriterOptions;
use tantivy::schema::Value;
use tantivy::{DocAddress, IndexReader, IndexWriter, ReloadPolicy, Searcher, SegmentReader, TantivyDocument, Term};

/// Memory that entries may take before they are written to disk, in bytes.
const WRITER_MEMORY_BYTES: usize = 20_000_000;

/// The location of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexLocation {
    /// In memory, until the [`FullTextIndex`] is dropped.
    Memory,
    /// In a folder, which is created where it does not exist.
    Folder(PathBuf),
}

/// How current an index is, in numbers that have a meaning to its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IndexProgress {
    /// Last change that is in it.
    pub applied: i64,
    /// A second number that is stored with it.
    pub seen: i64,
}

impl IndexProgress {
    fn from_payload(text: &str) -> Option<Self> {
        let (applied, seen) = text.split_once(' ')?;
        Some(Self { applied: applied.parse().ok()?, seen: seen.parse().ok()? })
    }
}

/// An open index; see the module.
pub struct FullTextIndex {
    engine: tantivy::Index,
    reader: IndexReader,
    definition: IndexDefinition,
    layout: Layout,
    writer: Mutex<IndexWriterState>,
    /// Synonyms of the last search.
    synonyms: Mutex<Option<(Json, Arc<Synonyms>)>>,
}

#[derive(Default)]
struct IndexWriterState {
    /// Present, with its threads, from the first change until [`FullTextIndex::release_writer`].
    writer: Option<IndexWriter>,
    progress: IndexProgress,
}

/// An entry as it is stored.
pub(crate) struct StoredEntry {
    pub(crate) id: String,
    pub(crate) locale: Option<String>,
    pub(crate) document: Json,
}

impl FullTextIndex {
    /// Opens an index, or creates an empty one: where there is none, and in place of one that is damaged or has another definition. Fails
    /// for a folder that cannot be written to, or that another process uses.
    pub fn open(place: &IndexLocation, definition: IndexDefinition) -> Result<Self> {
        let layout = Layout::from_definition(&definition);
        let engine = match place {
            IndexLocation::Memory => tantivy::Index::create_in_ram(layout.schema.clone()),
            IndexLocation::Folder(folder) => {
                std::fs::create_dir_all(folder)?;
                match open_in_folder(folder, &layout) {
                    Ok(engine) => engine,
                    Err(error) => {
                        tracing::warn!(folder = %folder.display(), %error, "cannot read a search index; rebuilding it");
                        std::fs::remove_dir_all(folder)?;
                        std::fs::create_dir_all(folder)?;
                        open_in_folder(folder, &layout)?
                    }
                }
            }
        };
        let mut engine = engine;
        engine.set_tokenizers(tokenizer_manager());
        let mark = engine.load_metas()?.payload.and_then(|text| IndexProgress::from_payload(&text)).unwrap_or_default();
        let reader = engine.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let writing = Mutex::new(IndexWriterState { writer: None, progress: mark });
        Ok(Self { engine, reader, definition, layout, writer: writing, synonyms: Mutex::default() })
    }

    /// The definition it was opened with.
    pub fn definition(&self) -> &IndexDefinition {
        &self.definition
    }

    /// The number of entries in it.
    pub fn entry_count(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Begins a change. Waits until no other is in progress.
    pub fn begin_write(&self) -> IndexTransaction<'_> {
        IndexTransaction { index: self, state: self.writer.lock(), open: false }
    }

    /// As [`Self::begin_write`], for that long at most; `None`: another change is still in progress.
    pub fn begin_write_within(&self, time: Duration) -> Option<IndexTransaction<'_>> {
        self.writer.try_lock_for(time).map(|state| IndexTransaction { index: self, state, open: false })
    }

    /// How current it is; `None` while it is being changed.
    pub fn current_progress(&self) -> Option<IndexProgress> {
        self.writer.try_lock().map(|writer| writer.progress)
    }

    /// Ends the threads of its writer after their current work, and blocks until then. Returns an error if merging fails.
    pub fn release_writer(&self) -> Result<()> {
        // Held meanwhile: there is one writer at a time.
        let mut state = self.writer.lock();
        Ok(state.writer.take().map_or(Ok(()), IndexWriter::wait_merging_threads)?)
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// True if a word, or a form of one, is in a text of the index: of any entry, so that no result may depend on it alone.
    pub(crate) fn is_indexed(&self, searcher: &Searcher, word: &str) -> bool {
        let fields = self.layout.words.iter().flat_map(|words| [words.plain, words.forms]);
        fields.into_iter().any(|field| {
            let term = Term::from_field_text(field, word);
            let has_term = |segment: &SegmentReader| {
                let found = segment.inverted_index(field).map(|index| index.terms().get(term.serialized_value_bytes()));
                found.is_ok_and(|known| known.is_ok_and(|known| known.is_some()))
            };
            searcher.segment_readers().iter().any(has_term)
        })
    }

    /// The synonyms of a search, parsed again only where they changed: see [`Synonyms::from_json`].
    pub fn cached_synonyms(&self, json: &Json) -> Arc<Synonyms> {
        let mut cached = self.synonyms.lock();
        match &*cached {
            Some((known, synonyms)) if known == json => synonyms.clone(),
            _ => cached.insert((json.clone(), Arc::new(Synonyms::from_json(json)))).1.clone(),
        }
    }

    pub(crate) fn load_entry(&self, searcher: &Searcher, at: DocAddress) -> Result<StoredEntry> {
        let document: TantivyDocument = searcher.doc(at)?;
        let text = |field| document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let locale = text(self.layout.locale);
        let source = document.get_first(self.layout.source).and_then(|value| value.as_bytes()).unwrap_or_default();
        Ok(StoredEntry {
            id: text(self.layout.id),
            locale: (locale != Layout::NO_LOCALE).then_some(locale),
            document: serde_json::from_slice(source).unwrap_or_default(),
        })
    }
}

fn open_in_folder(folder: &Path, layout: &Layout) -> tantivy::Result<tantivy::Index> {
    let index = tantivy::Index::open_or_create(MmapDirectory::open(folder)?, layout.schema.clone())?;
    // Files that a killed process left half-written cause an error here rather than at the first search.
    index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map(|_: IndexReader| index)
}

/// A change of an index, visible to searches after [`IndexTransaction::commit`]; without a commit it is discarded.
pub struct IndexTransaction<'i> {
    index: &'i FullTextIndex,
    state: MutexGuard<'i, IndexWriterState>,
    /// True if there are changes that were not committed.
    open: bool,
}

impl IndexTransaction<'_> {
    /// How current the index is.
    pub fn current_progress(&self) -> IndexProgress {
        self.state.progress
    }

    /// Removes all entries, with the next commit. Returns an error if the engine fails.
    pub fn clear(&mut self) -> Result<()> {
        self.open_writer()?.delete_all_documents()?;
        Ok(())
    }

    /// Applies changes, in order. Returns an error if the engine fails.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = EntryChange>) -> Result<()> {
        let index = self.index;
        let writer = self.open_writer()?;
        for change in changes {
            let id = match &change {
                EntryChange::Put(entry) => &entry.id,
                EntryChange::Remove(id) => id,
            };
            writer.delete_term(Term::from_field_text(index.layout.id, id));
            if let EntryChange::Put(entry) = &change {
                writer.add_document(entry.to_document(&index.definition, &index.layout))?;
            }
        }
        Ok(())
    }

    /// Writes the changes to disk, with a mark. Searches that begin later see them.
    ///
    /// # Errors
    /// Returned when the engine fails; no change is then stored.
    pub fn commit(&mut self, mark: IndexProgress) -> Result<()> {
        let writer = self.open_writer()?;
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(&format!("{} {}", mark.applied, mark.seen));
        prepared.commit()?;
        self.open = false;
        self.state.progress = mark;
        self.index.reader.reload()?;
        Ok(())
    }

    /// Sets the mark, where there was nothing to change up to it.
    pub fn set_progress(&mut self, mark: IndexProgress) {
        self.state.progress = mark;
    }

    fn open_writer(&mut self) -> Result<&mut IndexWriter> {
        self.open = true;
        let engine = &self.index.engine;
        let writer = match self.state.writer.take() {
            Some(writer) => writer,
            None => {
                let options = IndexWriterOptions::builder()
                    .num_worker_threads(1)
                    .num_merge_threads(1)
                    .memory_budget_per_thread(WRITER_MEMORY_BYTES)
                    .build();
                engine.writer_with_options(options)?
            }
        };
        Ok(self.state.writer.insert(writer))
    }
}

impl Drop for IndexTransaction<'_> {
    fn drop(&mut self) {
        if self.open {
            // Dropping the writer discards the changes that were not committed.
            self.state.writer = None;
        }
    }
}
