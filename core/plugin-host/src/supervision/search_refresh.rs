//! Applies changes to search indexes before the next search has to wait for them.

use crate::services::search::index_definition;
use crate::tenant::plugins::Plugins;
use std::collections::BTreeMap;

impl Plugins {
    /// Applies changes to this node's search indexes in the background, unless that is in progress already.
    pub fn refresh_search(&self) {
        let Some(context) = self.host_context() else { return };
        let Some(search) = context.search().cloned() else { return };
        let mut declared = BTreeMap::new();
        for generation in &self.running().generations {
            for index in &generation.manifest.indexes {
                let key = (generation.id().to_owned(), index.name.clone());
                declared.insert(key, index_definition(index));
            }
        }
        let store = context.content.store().clone();
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || search.refresh_indexes(&store, &declared, &runtime));
    }
}
