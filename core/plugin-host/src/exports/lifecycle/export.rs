//! Data of a plugin, exported for people and other programs.

use super::LifecycleError;
use crate::definition::permissions::is_own;
use crate::tenant::plugins::Plugins;
use cairn_model::TypeId;
use cairn_store::StoreError;
use serde_json::{Value as Json, json};
use std::io::Write;

/// Entries of a plugin that are read at a time.
const ENTRIES_PER_READ: i64 = 500;

impl Plugins {
    /// Writes what a plugin has, one object of JSON on each line: first what it is, then its documents with all their versions as
    /// `cairn export` has them, then which files it has (not their bytes), then its entries by key. Secrets are not in it. How many documents there are. Blocks.
    ///
    /// # Errors
    /// Where there is no such plugin; what cannot be read or written.
    pub fn export_plugin(&self, id: &str, to: &mut dyn Write) -> Result<u64, ExportError> {
        let context = self.require_host_context()?;
        let now = context.now();
        let types = self.plugin_types(id);
        context.content.store().read(|r| {
            let row = r.plugins().get(id)?.ok_or(ExportError::NotFound)?;
            let mut line = |json: &Json| writeln!(to, "{json}").map_err(ExportError::from);
            line(
                &json!({ "plugin": id, "version": row.current.version, "settings": row.settings, "exportedAt": now }),
            )?;
            let mut documents = 0;
            for ct in types {
                documents += r.transfer().export_documents(ct, |document| line(document))?;
            }
            for asset in r.assets().find_by_plugin(id)? {
                line(&json!({ "file": {
                    "documentId": asset.document_id, "sha256": asset.sha256, "bytes": asset.bytes, "kind": asset.kind,
                    "addedAt": asset.added_at,
                } }))?;
            }
            let mut last_key: Option<String> = None;
            loop {
                let keys = r.plugin_kv().list_keys(id, "", last_key.as_deref(), ENTRIES_PER_READ, now)?;
                let names: Vec<&str> = keys.iter().map(String::as_str).collect();
                for entry in r.plugin_kv().get_entries(id, &names, now)?.into_iter().flatten() {
                    let value = match String::from_utf8(entry.value) {
                        Ok(text) => json!({ "key": entry.key, "text": text }),
                        Err(bytes) => json!({ "key": entry.key, "bytes": bytes.into_bytes() }),
                    };
                    line(&value)?;
                }
                last_key = keys.last().cloned();
                if i64::try_from(keys.len()).unwrap_or(i64::MAX) < ENTRIES_PER_READ {
                    return Ok(documents);
                }
            }
        })
    }

    fn plugin_types(&self, id: &str) -> Vec<TypeId> {
        let types = self.host_context().map(|context| context.content.registry().clone());
        types.iter().flat_map(|all| all.types()).filter(|ct| is_own(id, &ct.uid)).map(|ct| ct.id).collect()
    }
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no such plugin.
    #[error("plugin not found")]
    NotFound,
    /// There is no content yet.
    #[error(transparent)]
    Plugin(#[from] LifecycleError),
    /// It cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] std::io::Error),
}
