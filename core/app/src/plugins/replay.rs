//! Repeating failed calls of plugins: one path for the command line and the admin.

use super::packages;
use super::record::emit_plugin_event;
use cairn_events::Engine;
use cairn_plugin_host::Plugins;
use cairn_plugin_host::replay::{ReplayError, ReplayOptions, ReplayReport, ReplayStatus};
use cairn_query::Access;
use cairn_store::Store;
use cairn_store::events::Actor;
use cairn_store::plugins::RecordedCall;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// Context of the replay of a call.
pub struct CallReplay<'a> {
    /// Plugins that run in the tenant.
    pub plugins: &'a Plugins,
    /// Delivers the event or runs the job once more.
    pub engine: &'a Arc<Engine>,
    /// Holds the failed call.
    pub store: &'a Store,
    /// The folder with the packages.
    pub project: &'a Path,
    /// True if all effects are rolled back.
    pub dry: bool,
    /// Permissions of the person who repeats the call.
    pub access: Arc<Access>,
    /// Actor that the audit log records.
    pub by: Actor,
    /// Current time in milliseconds since 1970.
    pub now: i64,
}

impl CallReplay<'_> {
    /// Repeats a call; one that succeeds, or had succeeded before, is deleted. The audit log records the actor. Returns an error if the
    /// call is not repeated.
    pub async fn run_replay(self, recorded_call: &RecordedCall) -> Result<ReplayReport, ReplayError> {
        let Self { plugins, engine, store, project, dry, access, by, now } = self;
        let standby = match store.read(|r| r.plugins().get(&recorded_call.call.plugin))? {
            // Reads a file, and only where it may be needed.
            Some(row) if dry => tokio::task::block_in_place(|| packages::load_installed(project, &row)).ok(),
            _ => None,
        };
        let report = plugins.replay_call(recorded_call, ReplayOptions { dry, engine, standby, access }).await?;
        let (call, outcome) = (recorded_call.call.clone(), report.end);
        store
            .write(move |tx| {
                if !dry && outcome != ReplayStatus::Failed {
                    tx.plugin_calls().discard(&call.plugin, Some(&call.id))?;
                }
                let data = json!({
                    "call": call.id, "export": call.export, "name": call.name, "dryRun": dry, "outcome": outcome.as_str(),
                });
                emit_plugin_event(tx, &by, "replayed", &call.plugin, data, now)
            })
            .await?;
        Ok(report)
    }
}
