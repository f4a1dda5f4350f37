//! Search indexes of a tenant's plugins on this node. Their entries are in the database; a node builds an index of them when it is first
//! queried, and applies later changes before each search. See decision 0026.

mod copy_key;
mod index_copy;
mod index_folder;
mod query_error;
mod refresh;

use crate::contract::bindings::types::{Error, FieldError};
use crate::contract::guest_errors;
use cairn_plugin_package::manifest::{IndexField, ManifestIndex as Declared};
use cairn_search::{IndexDefinition, SearchError, SearchFieldKind, SearchRequest, SearchResults, Synonyms};
use cairn_store::Store;
use copy_key::{IndexCopyKey, RefreshState};
use index_copy::IndexCopy;
use index_folder::{IndexFolder, IndexRoot};
use parking_lot::Mutex;
use query_error::IndexQueryError;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Weak};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Largest number of searches of a tenant at the same time: each occupies a thread.
const MAX_CONCURRENT_SEARCHES: usize = 8;
/// Longest time to wait for a result, pending changes included.
const MAX_WAIT: Duration = Duration::from_secs(2);
/// When to try again if an index was not ready, in milliseconds.
const RETRY_AFTER_MS: u64 = 500;

/// The indexes of a tenant on this node. Cloning is cheap.
#[derive(Clone)]
pub struct PluginSearch(Arc<Inner>);

struct Inner {
    root: IndexRoot,
    open: Mutex<HashMap<IndexCopyKey, Arc<IndexCopy>>>,
    turns: Arc<Semaphore>,
    refreshing: Mutex<RefreshState>,
}

/// Folders that are open in this process: while a tenant's model changes, two values work on it and share its indexes.
static OPEN_FOLDERS: LazyLock<Mutex<HashMap<PathBuf, Weak<Inner>>>> = LazyLock::new(Mutex::default);

impl PluginSearch {
    /// Uses files in a folder of the tenant's. Where another process uses it, this one gets a subfolder for itself.
    pub fn in_folder(folder: PathBuf) -> Self {
        let mut open = OPEN_FOLDERS.lock();
        if let Some(inner) = open.get(&folder).and_then(Weak::upgrade) {
            return Self(inner);
        }
        open.retain(|_, inner| inner.strong_count() > 0);
        let search = Self::new(IndexRoot::Folder(IndexFolder::new(folder.clone())));
        open.insert(folder, Arc::downgrade(&search.0));
        search
    }

    /// Uses memory only; for tests.
    pub fn in_memory() -> Self {
        Self::new(IndexRoot::Memory)
    }

    fn new(root: IndexRoot) -> Self {
        Self(Arc::new(Inner {
            root,
            open: Mutex::default(),
            turns: Arc::new(Semaphore::new(MAX_CONCURRENT_SEARCHES)),
            refreshing: Mutex::default(),
        }))
    }

    /// Queries an index after applying what is committed. `until`: when the caller's time is up.
    pub(crate) async fn run_query(
        &self,
        store: &Store,
        plugin: &str,
        index: &Declared,
        request: SearchRequest,
        until: Instant,
    ) -> Result<SearchResults, Error> {
        let patience = MAX_WAIT.min(until.saturating_duration_since(Instant::now()));
        let (inner, store, plugin) = (self.0.clone(), store.clone(), plugin.to_owned());
        let (name, definition) = (index.name.clone(), index_definition(index));
        let search_future = async move {
            let Ok(turn) = inner.turns.clone().acquire_owned().await else { return Ok(Err(IndexQueryError::Busy)) };
            tokio::task::spawn_blocking(move || {
                // The caller may be gone before it is done; the next search uses what was indexed.
                let _turn = turn;
                inner.answer_request(&store, &plugin, &name, definition, &request)
            })
            .await
        };
        match tokio::time::timeout(patience, search_future).await {
            Err(_) | Ok(Ok(Err(IndexQueryError::Busy))) => Err(Error::Unavailable(Some(RETRY_AFTER_MS))),
            Ok(Ok(Ok(results))) => Ok(results),
            Ok(Ok(Err(IndexQueryError::Store(error)))) => Err(guest_errors::from_content_error(error.into())),
            Ok(Ok(Err(IndexQueryError::Search(SearchError::Invalid(problem))))) => {
                Err(Error::Invalid(vec![FieldError {
                    path: problem.path,
                    code: problem.code.to_owned(),
                    message: problem.message,
                }]))
            }
            Ok(Ok(Err(IndexQueryError::Search(error)))) => Err(guest_errors::internal_error(error)),
            Ok(Err(error)) => Err(guest_errors::internal_error(error)),
        }
    }
}

impl Inner {
    /// Applies pending changes to the current copy and queries it; an index without entries gives no hits. Blocks.
    fn answer_request(
        &self,
        store: &Store,
        plugin: &str,
        name: &str,
        definition: IndexDefinition,
        request: &SearchRequest,
    ) -> Result<SearchResults, IndexQueryError> {
        // If a rebuild replaces the copy meanwhile, the new one has to be searched.
        for _ in 0..3 {
            let Some(index) = store.read(|r| r.search_indexes().get(plugin, name))? else {
                // An empty index has no results, but reports problems of the request.
                let empty = cairn_search::FullTextIndex::open(&cairn_search::IndexLocation::Memory, definition)?;
                return Ok(empty.search(request, &Synonyms::default())?);
            };
            let copy = self.open_copy(plugin, name, index.live, &definition)?;
            if copy.catch_up(store, index.seq, MAX_WAIT)? {
                return Ok(copy.index.search(request, &copy.index.cached_synonyms(&index.synonyms))?);
            }
        }
        Err(IndexQueryError::Busy)
    }

    /// A copy of an index, opened if need be.
    fn open_copy(
        &self,
        plugin: &str,
        name: &str,
        copy: i64,
        definition: &IndexDefinition,
    ) -> Result<Arc<IndexCopy>, SearchError> {
        let (plugin, name) = (plugin.to_owned(), name.to_owned());
        let key = IndexCopyKey { plugin, name, copy, definition: definition.fingerprint() };
        let mut open = self.open.lock();
        if let Some(copy) = open.get(&key) {
            return Ok(copy.clone());
        }
        let index = cairn_search::FullTextIndex::open(&self.root.copy_location(&key)?, definition.clone())?;
        let copy = Arc::new(IndexCopy::new(key.clone(), index));
        open.insert(key, copy.clone());
        Ok(copy)
    }
}

/// The definition of an index that a manifest declares.
pub(crate) fn index_definition(index: &Declared) -> IndexDefinition {
    let kind = |kind: IndexField| match kind {
        IndexField::Text => SearchFieldKind::Text,
        IndexField::Facet => SearchFieldKind::Facet,
        IndexField::Keyword => SearchFieldKind::Keyword,
        IndexField::Number => SearchFieldKind::Number,
        IndexField::Date => SearchFieldKind::Date,
        IndexField::Boolean => SearchFieldKind::Boolean,
    };
    let fields = index.fields.iter().map(|(name, field)| (name.clone(), kind(*field))).collect();
    IndexDefinition::new(fields, index.important.clone())
}
