//! Calls of plugins that failed, made again: one path for the command line and the admin.

use super::packages;
use super::record::tell;
use cairn_events::Engine;
use cairn_plugin_host::Plugins;
use cairn_plugin_host::replay::{End, NotReplayed, Replay, Replayed};
use cairn_query::Access;
use cairn_store::Store;
use cairn_store::events::Actor;
use cairn_store::plugins::KeptCall;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// What it takes.
pub(crate) struct Again<'a> {
    pub(crate) plugins: &'a Plugins,
    pub(crate) engine: &'a Arc<Engine>,
    pub(crate) store: &'a Store,
    pub(crate) project: &'a Path,
    /// Nothing of it is to stay.
    pub(crate) dry: bool,
    /// The rights of whoever makes it again.
    pub(crate) access: Arc<Access>,
    /// Who that is.
    pub(crate) by: Actor,
    /// In milliseconds.
    pub(crate) now: i64,
}

impl Again<'_> {
    /// Makes a call again; one that goes well, or had gone well before, is forgotten. The audit log has who did it.
    ///
    /// # Errors
    /// Where it is not made again.
    pub(crate) async fn make(self, kept: &KeptCall) -> Result<Replayed, NotReplayed> {
        let Self { plugins, engine, store, project, dry, access, by, now } = self;
        let standby = match store.read(|r| r.plugin(&kept.call.plugin))? {
            // Reads a file, and only where it may be needed.
            Some(row) if dry => tokio::task::block_in_place(|| packages::of_row(project, &row)).ok(),
            _ => None,
        };
        let done = plugins.replay(kept, Replay { dry, engine, standby, access }).await?;
        let (call, outcome) = (kept.call.clone(), done.end);
        store
            .write(move |tx| {
                if !dry && outcome != End::Failed {
                    tx.discard_plugin_calls(&call.plugin, Some(&call.id))?;
                }
                let told = json!({
                    "call": call.id, "export": call.export, "name": call.name, "dryRun": dry, "outcome": outcome.as_str(),
                });
                tell(tx, &by, "replayed", &call.plugin, told, now)
            })
            .await?;
        Ok(done)
    }
}
