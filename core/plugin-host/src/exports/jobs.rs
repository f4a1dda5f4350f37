//! Jobs of plugins.

use crate::call::error::CallError;
use crate::call::limits::CallLimits;
use crate::call::state::{CallContext, CallState};
use crate::contract::bindings::job_handler::exports::cairn::plugin::job_handler as guest;
use crate::contract::bindings::types::{Actor as GuestActor, Call};
use crate::contract::plugin_export::PluginExport;
use crate::definition::plugin_definition::qualified_name;
use crate::runtime::generation::Generation;
use crate::runtime::invocation::{call_limits, call_outside_transaction, new_call_id};
use crate::tenant::plugins::{CallFailureRecord, Plugins};
use cairn_events::{BatchJobHandler, Concurrency, JobHandler, JobOutcome, RetryPolicy};
use cairn_plugin_package::manifest::ManifestJob;
use cairn_store::events::JobRow;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::sync::{Arc, Weak};
use std::time::Duration;
use wasmtime::Store;

/// Beside the guest's own deadline, for what the host does around it.
const HOST_OVERHEAD: Duration = Duration::from_secs(5);

/// A job of a plugin that runs. It is done by the generation that runs when it is begun.
pub(super) struct PluginJobHandler {
    pub(super) plugins: Weak<Plugins>,
    pub(super) plugin: String,
    pub(super) job: ManifestJob,
    name: String,
    /// Group of all jobs of the plugin, whose concurrency is limited together.
    group: String,
    at_once: usize,
}

/// Those of a plugin.
pub(crate) fn job_handlers(plugins: &Weak<Plugins>, generation: &Generation) -> Vec<Arc<dyn JobHandler>> {
    let one = |job: &ManifestJob| {
        Arc::new(PluginJobHandler {
            plugins: plugins.clone(),
            plugin: generation.id().to_owned(),
            name: qualified_name(generation.id(), &job.name),
            group: format!("plugin:{}", generation.id()),
            at_once: usize::from(generation.manifest.limits.concurrency),
            job: job.clone(),
        }) as Arc<dyn JobHandler>
    };
    generation.manifest.jobs.iter().map(one).collect()
}

impl JobHandler for PluginJobHandler {
    fn name(&self) -> &str {
        &self.name
    }

    fn concurrency(&self) -> Option<Concurrency<'_>> {
        Some(Concurrency { of: &self.group, at_once: self.at_once })
    }

    fn retry_policy(&self) -> RetryPolicy {
        let retry = &self.job.retry;
        RetryPolicy {
            first_pause: retry.first,
            factor: retry.factor,
            max_pause: retry.max,
            attempts: i64::from(retry.attempts),
        }
    }

    fn timeout(&self) -> Duration {
        self.job.timeout + HOST_OVERHEAD
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        self.run_job(job).boxed()
    }

    fn batches(&self) -> Option<&dyn BatchJobHandler> {
        self.job.batch.is_some().then_some(self as _)
    }
}

impl PluginJobHandler {
    async fn run_job(&self, job: &JobRow) -> JobOutcome {
        // The plugin may have stopped since the job was claimed: the job is retried.
        let not_running =
            || JobOutcome::Failed { error: "the plugin is not running".into(), retry_after: Some(HOST_OVERHEAD) };
        let Some(plugins) = self.plugins.upgrade() else { return not_running() };
        let Some(generation) = plugins.find_generation(&self.plugin) else { return not_running() };
        let _pass = match plugins.breaker.acquire_permit(&self.plugin, PluginExport::Job, &self.job.name) {
            Ok(pass) => pass,
            Err(pause) => {
                let error = "the plugin failed too often: its calls are paused".to_owned();
                return JobOutcome::Failed { error, retry_after: Some(pause) };
            }
        };
        let call_context = job_call_context(&generation, &self.job.name, job.id, job.attempt);
        let limits = job_limits(&generation, &self.job);
        let task = to_guest_task(&self.job.name, job);
        let call_outcome = call_outside_transaction(&generation, call_context.clone(), limits, async |store, call| {
            call_job_handler(&generation, store, call, &task).await
        })
        .await;
        plugins.queue_logs(call_outcome.logs);
        match call_outcome.result.and_then(to_job_outcome) {
            Ok(outcome) => {
                plugins.record_success(&self.plugin, PluginExport::Job, &self.job.name, call_outcome.took);
                outcome
            }
            Err(failure) => {
                let input = json!({
                    "job": job.id, "key": job.key, "payload": job.payload, "checkpoint": job.checkpoint, "due": job.due,
                });
                let error = format!("{}: {}", failure.kind.as_str(), failure.message);
                let took = call_outcome.took;
                plugins.record_failure(CallFailureRecord {
                    generation: &generation,
                    context: &call_context,
                    error: &failure,
                    took,
                    input,
                });
                JobOutcome::Failed { error, retry_after: failure.busy }
            }
        }
    }
}

/// Returns the context of a call for a job.
pub(crate) fn job_call_context(generation: &Generation, name: &str, job: i64, attempt: i64) -> CallContext {
    CallContext {
        export: PluginExport::Job,
        name: name.into(),
        id: new_call_id(PluginExport::Job),
        key: format!("job-{job}"),
        actor: GuestActor::System,
        access: None,
        locale: generation.access().locales().default.to_string(),
        attempt: u32::try_from(attempt).unwrap_or(u32::MAX),
    }
}

/// The limits of a job.
pub(crate) fn job_limits(generation: &Generation, job: &ManifestJob) -> CallLimits {
    CallLimits { deadline: job.timeout, ..call_limits(generation, PluginExport::Job) }
}

fn to_guest_task(name: &str, job: &JobRow) -> guest::Task {
    guest::Task {
        id: job.id.to_string(),
        name: name.to_owned(),
        key: job.key.clone(),
        payload: job.payload.to_string(),
        due: job.due,
        checkpoint: job.checkpoint.as_ref().map(Json::to_string),
    }
}

/// Has a plugin do a job.
pub(crate) async fn call_job_handler(
    generation: &Generation,
    store: &mut Store<CallState>,
    call: Call,
    task: &guest::Task,
) -> wasmtime::Result<guest::Outcome> {
    let exports = generation.exports.jobs.as_ref();
    let exports = exports.ok_or_else(|| wasmtime::Error::msg("it does not export a job handler"))?;
    exports.call(store, "run", &call, (task,)).await
}

fn to_job_outcome(outcome: guest::Outcome) -> Result<JobOutcome, CallError> {
    Ok(match outcome {
        guest::Outcome::Done(_) => JobOutcome::done(),
        guest::Outcome::Again((checkpoint, after)) => {
            let checkpoint = serde_json::from_str(&checkpoint).map_err(|e| invalid_checkpoint(&e))?;
            JobOutcome::Continue { checkpoint, after: Duration::from_millis(after), effect: None }
        }
        guest::Outcome::Retry((error, after)) => {
            JobOutcome::Failed { error, retry_after: after.map(Duration::from_millis) }
        }
        guest::Outcome::Dead(error) => JobOutcome::Dead(error),
    })
}

/// The failure of a guest that left a checkpoint that is no JSON.
pub(super) fn invalid_checkpoint(error: &serde_json::Error) -> CallError {
    CallError::invalid_output(format!("its checkpoint is not valid JSON: {error}"))
}
