//! Jobs of plugins in batches: many of one name in one call and one transaction.

use super::jobs::{PluginJobHandler, invalid_checkpoint};
use crate::call::error::CallError;
use crate::call::state::CallContext;
use crate::contract::bindings::batch_job_handler::exports::cairn::plugin::batch_job_handler as guest;
use crate::contract::plugin_export::PluginExport;
use crate::exports::jobs::job_call_context;
use crate::runtime::generation::Generation;
use crate::runtime::invocation::{CallOutcome, call_in_transaction, call_limits, new_call_id};
use crate::tenant::plugins::CallFailureRecord;
use cairn_events::{BatchJobHandler, BatchedOutcome, JobBatchError, JobBatchRun};
use cairn_store::WriteTx;
use cairn_store::events::JobRow;
use cairn_store::plugins::CallFailure;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

impl BatchJobHandler for PluginJobHandler {
    fn max_batch_size(&self) -> usize {
        self.job.batch.map_or(1, |size| usize::try_from(size).unwrap_or(usize::MAX))
    }

    fn transaction_owner(&self) -> &str {
        &self.plugin
    }

    fn run_batch(&self, tx: &mut WriteTx<'_>, jobs: &[JobRow]) -> Result<JobBatchRun, JobBatchError> {
        // Jobs of a failed batch are run one by one: each waits for the plugin under its own retry policy.
        let undone = |reason: &str| Err(JobBatchError::Failed(reason.to_owned()));
        let Some(plugins) = self.plugins.upgrade() else { return undone("the plugin is not running") };
        let Some(generation) = plugins.find_generation(&self.plugin) else {
            return undone("the plugin is not running");
        };
        let name = &self.job.name;
        // The plugin may have been upgraded since, to a version that does not batch this job.
        if !generation.manifest.jobs.iter().any(|job| job.name == *name && job.batch.is_some()) {
            return undone("this version of the plugin runs them one by one");
        }
        let Ok(_pass) = plugins.breaker.acquire_permit(&self.plugin, PluginExport::JobBatch, name) else {
            return undone("its batches failed too often: they are paused");
        };
        let Some(first) = jobs.first() else {
            return Ok(JobBatchRun { outcomes: Vec::new(), took: Duration::ZERO });
        };
        let context = batch_call_context(&generation, name, first.id);
        let outcome = call_batch_handler(&generation, context.clone(), tx, name, jobs);
        plugins.queue_logs(outcome.logs);
        match outcome.result.and_then(|outcomes| to_batched_outcomes(jobs, outcomes)) {
            Ok(result) => {
                plugins.record_success(&self.plugin, PluginExport::JobBatch, name, outcome.took);
                let outcomes = result.map_err(JobBatchError::Failed)?;
                Ok(JobBatchRun { outcomes, took: outcome.took })
            }
            // A deadline is not a failure of the plugin: the batch had more jobs than fit into the time.
            Err(failure) if failure.kind == CallFailure::Deadline => Err(JobBatchError::Overrun),
            Err(error) => {
                let reason = format!("{}: {}", error.kind.as_str(), error.message);
                plugins.record_failure(CallFailureRecord {
                    generation: &generation,
                    context: &context,
                    error: &error,
                    took: outcome.took,
                    input: failed_input(jobs),
                });
                Err(JobBatchError::Failed(reason))
            }
        }
    }
}

/// The context of a call for a batch.
fn batch_call_context(generation: &Generation, name: &str, first: i64) -> CallContext {
    CallContext {
        export: PluginExport::JobBatch,
        id: new_call_id(PluginExport::JobBatch),
        ..job_call_context(generation, name, first, 1)
    }
}

/// Has a plugin do jobs, in a transaction.
fn call_batch_handler(
    generation: &Arc<Generation>,
    context: CallContext,
    tx: &mut WriteTx<'_>,
    name: &str,
    jobs: &[JobRow],
) -> CallOutcome<Vec<guest::Outcome>> {
    let tasks: Vec<guest::Task> = jobs.iter().map(|job| to_guest_task(name, job)).collect();
    let limits = call_limits(generation, PluginExport::JobBatch);
    call_in_transaction(generation, context, limits, tx, async |store, call| {
        let exports = generation.exports.job_batches.as_ref();
        let exports = exports.ok_or_else(|| wasmtime::Error::msg("it does not export a handler of jobs in batches"))?;
        exports.call::<_, Vec<guest::Outcome>>(store, "run-many", &call, (&*tasks,)).await
    })
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

/// The outcomes of a batch that is kept. The inner error is why it is not: a job of it failed, and its effects must not remain.
fn to_batched_outcomes(
    jobs: &[JobRow],
    outcomes: Vec<guest::Outcome>,
) -> Result<Result<Vec<BatchedOutcome>, String>, CallError> {
    if outcomes.len() != jobs.len() {
        return Err(CallError::invalid_output(format!("{} outcomes for {} jobs", outcomes.len(), jobs.len())));
    }
    let mut batched = Vec::with_capacity(outcomes.len());
    for (job, outcome) in jobs.iter().zip(outcomes) {
        batched.push(match outcome {
            guest::Outcome::Done(_) => BatchedOutcome::Done,
            guest::Outcome::Again((checkpoint, after)) => BatchedOutcome::Continue {
                checkpoint: serde_json::from_str(&checkpoint).map_err(|e| invalid_checkpoint(&e))?,
                after: Duration::from_millis(after),
            },
            guest::Outcome::Retry((why, _)) | guest::Outcome::Dead(why) => {
                return Ok(Err(format!("job {}: {why}", job.id)));
            }
        });
    }
    Ok(Ok(batched))
}

/// The record of jobs that a plugin failed at.
fn failed_input(jobs: &[JobRow]) -> Json {
    json!({ "jobs": jobs.iter().map(|job| json!({ "job": job.id, "key": job.key })).collect::<Vec<_>>() })
}
