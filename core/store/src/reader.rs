//! A read as the rest of the crate sees it, on either database.

use crate::connection::Connection;
use crate::state::StoreState;
use cairn_model::Registry;
use std::sync::Arc;

/// One snapshot of the database. What it can read is in its [namespaces](crate::namespaces).
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub(crate) conn: &'a Connection,
    pub(crate) store: &'a StoreState,
    /// True inside a write transaction: what is only known after a commit, such as the stored counts, does not know its rows.
    pub(crate) in_transaction: bool,
}

impl Reader<'_> {
    /// The model that the store serves.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.store.registry
    }
}
