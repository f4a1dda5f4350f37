//! Search indexes of a tenant's plugins on this node. Their entries are in the database; a node builds an index of them when it is first
//! queried, and applies later changes before each search. See decision 0026.

mod copy;
mod place;
mod refresh;

use crate::bindings::types::{Error, FieldError};
use crate::faults;
use cairn_plugin_package::manifest::{Index as Declared, IndexField};
use cairn_search::{Definition, FieldKind, Request, Results, SearchError, Synonyms};
use cairn_store::{Store, StoreError};
use copy::Copy;
use parking_lot::Mutex;
use place::{Files, Root};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Weak};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Largest number of searches of a tenant at the same time: each occupies a thread.
const AT_ONCE: usize = 8;
/// Longest time to wait for a result, pending changes included.
const PATIENCE: Duration = Duration::from_secs(2);
/// When to try again if an index was not ready, in milliseconds.
const AGAIN: u64 = 500;

/// The indexes of a tenant on this node. Cloning is cheap.
#[derive(Clone)]
pub struct Search(Arc<Inner>);

struct Inner {
    root: Root,
    open: Mutex<HashMap<Key, Arc<Copy>>>,
    turns: Arc<Semaphore>,
    refreshing: Mutex<refresh::Known>,
}

/// One copy of an index under one definition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    plugin: String,
    name: String,
    copy: i64,
    /// Fingerprint of the definition.
    definition: String,
}

/// Folders that are open in this process: while a tenant's model changes, two values work on it and share its indexes.
static OPEN: LazyLock<Mutex<HashMap<PathBuf, Weak<Inner>>>> = LazyLock::new(Mutex::default);

impl Search {
    /// Uses files in a folder of the tenant's. Where another process uses it, this one gets a subfolder for itself.
    pub fn in_folder(folder: PathBuf) -> Self {
        let mut open = OPEN.lock();
        if let Some(inner) = open.get(&folder).and_then(Weak::upgrade) {
            return Self(inner);
        }
        open.retain(|_, inner| inner.strong_count() > 0);
        let search = Self::new(Root::Folder(Files::new(folder.clone())));
        open.insert(folder, Arc::downgrade(&search.0));
        search
    }

    /// Uses memory only; for tests.
    pub fn in_memory() -> Self {
        Self::new(Root::Memory)
    }

    fn new(root: Root) -> Self {
        Self(Arc::new(Inner {
            root,
            open: Mutex::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            refreshing: Mutex::default(),
        }))
    }

    /// Queries an index after applying what is committed. `until`: when the caller's time is up.
    pub(crate) async fn query(
        &self,
        store: &Store,
        plugin: &str,
        index: &Declared,
        request: Request,
        until: Instant,
    ) -> Result<Results, Error> {
        let patience = PATIENCE.min(until.saturating_duration_since(Instant::now()));
        let (inner, store, plugin) = (self.0.clone(), store.clone(), plugin.to_owned());
        let (name, definition) = (index.name.clone(), definition(index));
        let answered = async move {
            let Ok(turn) = inner.turns.clone().acquire_owned().await else { return Ok(Err(NotFound::Busy)) };
            tokio::task::spawn_blocking(move || {
                // Whoever asked may be gone before it is done: what was taken up is there for the next one.
                let _turn = turn;
                inner.answer(&store, &plugin, &name, definition, &request)
            })
            .await
        };
        match tokio::time::timeout(patience, answered).await {
            Err(_) | Ok(Ok(Err(NotFound::Busy))) => Err(Error::Unavailable(Some(AGAIN))),
            Ok(Ok(Ok(results))) => Ok(results),
            Ok(Ok(Err(NotFound::Store(error)))) => Err(faults::of_content(error.into())),
            Ok(Ok(Err(NotFound::Search(SearchError::Invalid(problem))))) => Err(Error::Invalid(vec![FieldError {
                path: problem.path,
                code: problem.code.to_owned(),
                message: problem.message,
            }])),
            Ok(Ok(Err(NotFound::Search(error)))) => Err(faults::internal(error)),
            Ok(Err(error)) => Err(faults::internal(error)),
        }
    }
}

/// Why a query has no result.
enum NotFound {
    Busy,
    Store(StoreError),
    Search(SearchError),
}

impl From<StoreError> for NotFound {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<SearchError> for NotFound {
    fn from(error: SearchError) -> Self {
        Self::Search(error)
    }
}

impl Inner {
    /// Applies pending changes to the current copy and queries it; an index without entries gives no hits. Blocks.
    fn answer(
        &self,
        store: &Store,
        plugin: &str,
        name: &str,
        definition: Definition,
        request: &Request,
    ) -> Result<Results, NotFound> {
        // Put into its place by a rebuild that ends meanwhile, another copy is to be looked into.
        for _ in 0..3 {
            let Some(index) = store.read(|r| r.search_index(plugin, name))? else {
                // Nothing was put into it yet; what is wrong with the request is told all the same.
                let empty = cairn_search::Index::open(&cairn_search::Place::Memory, definition)?;
                return Ok(empty.search(request, &Synonyms::default())?);
            };
            let copy = self.copy(plugin, name, index.live, &definition)?;
            if copy.follow(store, index.seq, PATIENCE)? {
                return Ok(copy.index.search(request, &Synonyms::read(&index.synonyms))?);
            }
        }
        Err(NotFound::Busy)
    }

    /// A copy of an index, opened if need be.
    fn copy(&self, plugin: &str, name: &str, copy: i64, definition: &Definition) -> Result<Arc<Copy>, SearchError> {
        let (plugin, name) = (plugin.to_owned(), name.to_owned());
        let key = Key { plugin, name, copy, definition: definition.fingerprint() };
        let mut open = self.open.lock();
        if let Some(copy) = open.get(&key) {
            return Ok(copy.clone());
        }
        let index = cairn_search::Index::open(&self.root.place(&key)?, definition.clone())?;
        let copy = Arc::new(Copy::new(key.clone(), index));
        open.insert(key, copy.clone());
        Ok(copy)
    }
}

/// The definition of an index that a manifest declares.
pub(crate) fn definition(index: &Declared) -> Definition {
    let kind = |kind: IndexField| match kind {
        IndexField::Text => FieldKind::Text,
        IndexField::Facet => FieldKind::Facet,
        IndexField::Keyword => FieldKind::Keyword,
        IndexField::Number => FieldKind::Number,
        IndexField::Date => FieldKind::Date,
        IndexField::Boolean => FieldKind::Boolean,
    };
    let fields = index.fields.iter().map(|(name, field)| (name.clone(), kind(*field))).collect();
    Definition::new(fields, index.important.clone())
}
