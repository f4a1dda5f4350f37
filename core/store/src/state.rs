//! The state of an open store, as its reads and writes know it: without the database behind it.

use crate::ChangeCounters;
use crate::dialect::Dialect;
use crate::instance_numbers::InstanceNumbers;
use crate::schema::WriteSchema;
use cairn_model::Registry;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Signs the addresses of private files.
pub trait FileUrlSigner: Send + Sync {
    /// The query that is appended to the address of the named file, from its `?` on: ASCII that needs no escaping in JSON.
    fn signature_query(&self, name: &str) -> String;
}

/// The state that the module describes.
pub(crate) struct StoreState {
    /// The SQL dialect of the database.
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) registry: Arc<Registry>,
    pub(crate) schema: WriteSchema,
    pub(crate) counters: ChangeCounters,
    pub(crate) instances: InstanceNumbers,
    /// Generation of the schema when the store was opened.
    pub(crate) generation: i64,
    outdated: AtomicBool,
    /// Notified after commits that wrote events or jobs.
    pub(crate) work: Arc<tokio::sync::Notify>,
    /// Signs the addresses of private files; if not set, addresses are returned unsigned and give no access.
    pub(crate) file_links: OnceLock<Arc<dyn FileUrlSigner>>,
}

impl StoreState {
    pub(crate) fn new(
        dialect: &'static dyn Dialect,
        registry: Arc<Registry>,
        schema: WriteSchema,
        counters: ChangeCounters,
        instances: InstanceNumbers,
        generation: i64,
    ) -> Self {
        Self {
            dialect,
            registry,
            schema,
            counters,
            instances,
            generation,
            outdated: AtomicBool::new(false),
            work: Arc::default(),
            file_links: OnceLock::new(),
        }
    }

    /// True if another process has changed the schema.
    pub(crate) fn is_outdated(&self) -> bool {
        self.outdated.load(Ordering::Acquire)
    }

    /// Records that another process has changed the schema, and reports it once. Writes are refused from then on.
    pub(crate) fn note_outdated(&self) {
        if !self.outdated.swap(true, Ordering::AcqRel) {
            tracing::info!("the content types in the database have changed; writes wait until they are loaded");
        }
    }
}
