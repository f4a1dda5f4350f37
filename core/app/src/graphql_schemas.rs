//! The schemas of GraphQL, one for each set of permissions.

use cairn_graphql::ApiSchema;
use moka::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes of the schemas that a tenant keeps, roughly.
const MAX_BYTES: u64 = 64 << 20;
/// Bytes of a field with its arguments, roughly.
const BYTES_OF_FIELD: usize = 2 << 10;

/// The schemas of one tenant.
pub struct GraphqlSchemas {
    entries: Cache<String, Option<Arc<ApiSchema>>>,
    are_notes_logged: AtomicBool,
}

impl Default for GraphqlSchemas {
    fn default() -> Self {
        let weigh = |key: &String, schema: &Option<Arc<ApiSchema>>| {
            let fields = schema.as_ref().map_or(0, |schema| schema.field_count);
            u32::try_from(key.len() + (fields + 100) * BYTES_OF_FIELD).unwrap_or(u32::MAX)
        };
        let entries = Cache::builder().weigher(weigh).max_capacity(MAX_BYTES).build();
        Self { entries, are_notes_logged: AtomicBool::new(false) }
    }
}

impl GraphqlSchemas {
    /// Returns the schema for a set of permissions if it is kept; that may be that there is none.
    pub fn find(&self, permissions: &str) -> Option<Option<Arc<ApiSchema>>> {
        self.entries.get(permissions)
    }

    /// Returns the schema for a set of permissions, made with `make` if it is not kept; `None` for callers who may do nothing. Of all who ask
    /// for it at a time one makes it, and the others wait. Blocks.
    pub fn get_or_make(&self, permissions: &str, make: impl FnOnce() -> Option<ApiSchema>) -> Option<Arc<ApiSchema>> {
        self.entries.get_with_by_ref(permissions, || {
            let schema = make()?;
            // The names are the same for everybody.
            if !self.are_notes_logged.swap(true, Ordering::Relaxed) {
                for note in &schema.notes {
                    tracing::warn!(note, "a name of the content types is another one in GraphQL");
                }
            }
            Some(Arc::new(schema))
        })
    }
}
