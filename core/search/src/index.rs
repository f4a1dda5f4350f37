//! An index, in files or in memory.

use crate::analysis::analysers;
use crate::definition::{Definition, Layout};
use crate::entry::Change;
use crate::error::Result;
use parking_lot::{Mutex, MutexGuard};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tantivy::directory::MmapDirectory;
use tantivy::indexer::IndexWriterOptions;
use tantivy::schema::Value;
use tantivy::{DocAddress, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term};

/// Memory that entries may take before they are written to disk, in bytes.
const MEMORY: usize = 20_000_000;

/// The location of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In memory, until the [`Index`] is dropped.
    Memory,
    /// In a folder, which is created where it does not exist.
    Folder(PathBuf),
}

/// How current an index is, in numbers that have a meaning to its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// Last change that is in it.
    pub applied: i64,
    /// A second number that is stored with it.
    pub seen: i64,
}

impl Mark {
    fn read(text: &str) -> Option<Self> {
        let (applied, seen) = text.split_once(' ')?;
        Some(Self { applied: applied.parse().ok()?, seen: seen.parse().ok()? })
    }
}

/// An open index; see the module.
pub struct Index {
    engine: tantivy::Index,
    reader: IndexReader,
    definition: Definition,
    layout: Layout,
    writing: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// Present, with its threads, from the first change until [`Index::rest`].
    writer: Option<IndexWriter>,
    mark: Mark,
}

/// An entry as it is stored.
pub(crate) struct Kept {
    pub(crate) id: String,
    pub(crate) locale: Option<String>,
    pub(crate) document: Json,
}

impl Index {
    /// Opens an index, or creates an empty one: where there is none, and in place of one that is damaged or has another definition.
    ///
    /// # Errors
    /// A folder that cannot be written to, or that another process uses.
    pub fn open(place: &Place, definition: Definition) -> Result<Self> {
        let layout = Layout::of(&definition);
        let engine = match place {
            Place::Memory => tantivy::Index::create_in_ram(layout.schema.clone()),
            Place::Folder(folder) => {
                std::fs::create_dir_all(folder)?;
                match in_folder(folder, &layout) {
                    Ok(engine) => engine,
                    Err(error) => {
                        tracing::warn!(folder = %folder.display(), %error, "cannot read a search index; rebuilding it");
                        std::fs::remove_dir_all(folder)?;
                        std::fs::create_dir_all(folder)?;
                        in_folder(folder, &layout)?
                    }
                }
            }
        };
        let mut engine = engine;
        engine.set_tokenizers(analysers());
        let mark = engine.load_metas()?.payload.and_then(|text| Mark::read(&text)).unwrap_or_default();
        let reader = engine.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let writing = Mutex::new(Held { writer: None, mark });
        Ok(Self { engine, reader, definition, layout, writing })
    }

    /// The definition it was opened with.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// The number of entries in it.
    pub fn entries(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Begins a change. Waits until no other is in progress.
    pub fn writing(&self) -> Writing<'_> {
        Writing { index: self, held: self.writing.lock(), open: false }
    }

    /// As [`Self::writing`], for that long at most; `None`: another change is still in progress.
    pub fn writing_within(&self, time: Duration) -> Option<Writing<'_>> {
        self.writing.try_lock_for(time).map(|held| Writing { index: self, held, open: false })
    }

    /// How current it is; `None` while it is being changed.
    pub fn mark(&self) -> Option<Mark> {
        self.writing.try_lock().map(|held| held.mark)
    }

    /// Ends the threads of its writer after their current work, and blocks until then.
    ///
    /// # Errors
    /// Returned when merging fails.
    pub fn rest(&self) -> Result<()> {
        // Held meanwhile: there is one writer at a time.
        let mut held = self.writing.lock();
        Ok(held.writer.take().map_or(Ok(()), IndexWriter::wait_merging_threads)?)
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    pub(crate) fn kept(&self, searcher: &Searcher, at: DocAddress) -> Result<Kept> {
        let document: TantivyDocument = searcher.doc(at)?;
        let text = |field| document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let locale = text(self.layout.locale);
        let source = document.get_first(self.layout.source).and_then(|value| value.as_bytes()).unwrap_or_default();
        Ok(Kept {
            id: text(self.layout.id),
            locale: (locale != Layout::NO_LOCALE).then_some(locale),
            document: serde_json::from_slice(source).unwrap_or_default(),
        })
    }
}

fn in_folder(folder: &Path, layout: &Layout) -> tantivy::Result<tantivy::Index> {
    let index = tantivy::Index::open_or_create(MmapDirectory::open(folder)?, layout.schema.clone())?;
    // What a killed process left half-written shows here, and not when somebody searches.
    index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map(|_: IndexReader| index)
}

/// A change of an index, visible to searches after [`Writing::commit`]; without a commit it is discarded.
pub struct Writing<'i> {
    index: &'i Index,
    held: MutexGuard<'i, Held>,
    /// Whether there are changes that were not committed.
    open: bool,
}

impl Writing<'_> {
    /// How current the index is.
    pub fn mark(&self) -> Mark {
        self.held.mark
    }

    /// Removes all entries, with the next commit.
    ///
    /// # Errors
    /// Returned when the engine fails.
    pub fn clear(&mut self) -> Result<()> {
        self.writer()?.delete_all_documents()?;
        Ok(())
    }

    /// Applies changes, in order.
    ///
    /// # Errors
    /// Returned when the engine fails.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = Change>) -> Result<()> {
        let index = self.index;
        let writer = self.writer()?;
        for change in changes {
            let id = match &change {
                Change::Put(entry) => &entry.id,
                Change::Remove(id) => id,
            };
            writer.delete_term(Term::from_field_text(index.layout.id, id));
            if let Change::Put(entry) = &change {
                writer.add_document(entry.document(&index.definition, &index.layout))?;
            }
        }
        Ok(())
    }

    /// Writes the changes to disk, with a mark. Searches that begin later see them.
    ///
    /// # Errors
    /// Returned when the engine fails; no change is then stored.
    pub fn commit(&mut self, mark: Mark) -> Result<()> {
        let writer = self.writer()?;
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(&format!("{} {}", mark.applied, mark.seen));
        prepared.commit()?;
        self.open = false;
        self.held.mark = mark;
        self.index.reader.reload()?;
        Ok(())
    }

    /// Sets the mark, where there was nothing to change up to it.
    pub fn note(&mut self, mark: Mark) {
        self.held.mark = mark;
    }

    fn writer(&mut self) -> Result<&mut IndexWriter> {
        self.open = true;
        let engine = &self.index.engine;
        let writer = match self.held.writer.take() {
            Some(writer) => writer,
            None => {
                let options = IndexWriterOptions::builder()
                    .num_worker_threads(1)
                    .num_merge_threads(1)
                    .memory_budget_per_thread(MEMORY)
                    .build();
                engine.writer_with_options(options)?
            }
        };
        Ok(self.held.writer.insert(writer))
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if self.open {
            // With the writer go the changes that were not committed.
            self.held.writer = None;
        }
    }
}
