//! Repeats failed calls: for real, or as a dry run that stores nothing.
//!
//! For real, an event or job takes its usual path, so its effects happen once even if another process runs it; a request has the
//! key that it had. In a dry run, everything is in one transaction that is rolled back, and nothing is sent: the answer and the log
//! show what the plugin would do.

mod changes;
mod deliveries;
mod report;
mod requests;
mod tasks;

pub use report::{ReplayError, ReplayReport, ReplayStatus};

use crate::runtime::generation::InstalledPlugin;
use crate::tenant::plugins::Plugins;
use cairn_events::Engine;
use cairn_query::Access;
use cairn_store::plugins::RecordedCall;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// How a call is repeated.
pub struct ReplayOptions<'a> {
    /// True if all effects are rolled back.
    pub dry: bool,
    /// Engine of the tenant's events and jobs.
    pub engine: &'a Arc<Engine>,
    /// Installed package, for dry runs of a plugin that does not run.
    pub standby: Option<InstalledPlugin>,
    /// Permissions of the person who repeats the call. They replace those of the original caller; a call without a caller has the public's.
    pub access: Arc<Access>,
}

impl Plugins {
    /// Repeats a failed call. Boxed, so that its callers share its code. A new failure is recorded like any other, except in a dry run. Returns [`ReplayError`] on failure.
    pub fn replay_call<'a>(
        &'a self,
        recorded_call: &'a RecordedCall,
        options: ReplayOptions<'a>,
    ) -> BoxFuture<'a, Result<ReplayReport, ReplayError>> {
        Box::pin(async move {
            let ReplayOptions { dry, engine, standby, access } = options;
            let call = &recorded_call.call;
            let input = recorded_call.input.as_ref().ok_or_else(|| ReplayError::not_stored("the input of the call"))?;
            let hint = match call.export.as_str() {
                "job-batch" => Some("Cairn ran its jobs one by one afterwards: repeat those that failed"),
                "policy" => Some("Cairn asks a read policy again with the next read"),
                "lifecycle" => Some("install, switch on or uninstall the plugin again to repeat this step"),
                "migrate" => Some("a migration continues on its own; if it failed, install the new version again"),
                "check" => Some("Cairn checks the plugin again when its settings are saved or its health is checked"),
                "report" => Some("export the data of that person again"),
                "erase" => Some("start the erasure again: it continues where it was"),
                _ => None,
            };
            if let Some(hint) = hint {
                return Err(ReplayError::refused(format!("calls of `{}` cannot be repeated: {hint}", call.export)));
            }
            let generation = match (self.find_generation(&call.plugin), dry, standby) {
                (Some(generation), ..) => generation,
                (None, true, Some(installed)) => self.load_generation(installed).await?,
                (None, true, None) => {
                    return Err(ReplayError::refused("the plugin's package is missing: install it again"));
                }
                (None, false, _) => {
                    let why = "the plugin is not running: switch it on first, or use a dry run";
                    return Err(ReplayError::refused(why));
                }
            };
            match call.export.as_str() {
                "event" if dry => deliveries::dry_run_events(&generation, &call.name, input).await,
                "event" => deliveries::replay_events(&generation, &call.name, input, engine).await,
                "job" if dry => tasks::dry_run_job(&generation, &call.name, input).await,
                "job" => tasks::replay_job(input, engine).await,
                "prepare" | "before" if dry => {
                    changes::dry_run_hook(&generation, &call.export, &call.name, input, access).await
                }
                "prepare" | "before" => Err(ReplayError::refused(
                    "the change for which this hook was called is over: you can only repeat the call in a dry run",
                )),
                "route" => requests::replay_route(self, &generation, &call.name, input, access, dry).await,
                "view" | "act" => requests::replay_view(self, &generation, &call.export, input, access, dry).await,
                other => Err(ReplayError::refused(format!("this version of Cairn has no calls of {other:?}"))),
            }
        })
    }
}
