//! Jobs of plugins.

use crate::bindings::job_handler::exports::cairn::plugin::job_handler as guest;
use crate::bindings::types::{Actor as GuestActor, Call};
use crate::call::{beside, new_id};
use crate::error::Failure;
use crate::generation::Generation;
use crate::hooks::of_generation;
use crate::limits::{Export, Limits};
use crate::plugins::{Failed, Plugins};
use crate::state::{Asked, State};
use cairn_events::{Concurrency, JobHandler, Outcome, Retry};
use cairn_plugin_package::manifest::Job;
use cairn_store::events::JobRow;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::sync::{Arc, Weak};
use std::time::Duration;
use wasmtime::Store;

/// Beside the guest's own deadline, for what the host does around it.
const AROUND: Duration = Duration::from_secs(5);

/// What a job, lane, subscription or schedule of a plugin is called where everybody's are.
pub(crate) fn name_of(plugin: &str, name: &str) -> String {
    format!("plugin:{plugin}:{name}")
}

/// A job of a plugin that runs. It is done by the generation that runs when it is begun.
struct Doing {
    plugins: Weak<Plugins>,
    plugin: String,
    job: Job,
    name: String,
    /// What its jobs have in common.
    group: String,
    at_once: usize,
}

/// Those of a plugin.
pub(crate) fn handlers(plugins: &Weak<Plugins>, generation: &Generation) -> Vec<Arc<dyn JobHandler>> {
    let one = |job: &Job| {
        Arc::new(Doing {
            plugins: plugins.clone(),
            plugin: generation.id().to_owned(),
            name: name_of(generation.id(), &job.name),
            group: format!("plugin:{}", generation.id()),
            at_once: usize::from(generation.manifest.limits.concurrency),
            job: job.clone(),
        }) as Arc<dyn JobHandler>
    };
    generation.manifest.jobs.iter().map(one).collect()
}

impl JobHandler for Doing {
    fn name(&self) -> &str {
        &self.name
    }

    fn concurrency(&self) -> Option<Concurrency<'_>> {
        Some(Concurrency { of: &self.group, at_once: self.at_once })
    }

    fn retry(&self) -> Retry {
        let retry = &self.job.retry;
        Retry { first: retry.first, factor: retry.factor, longest: retry.max, attempts: i64::from(retry.attempts) }
    }

    fn timeout(&self) -> Duration {
        self.job.timeout + AROUND
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, Outcome> {
        self.call(job).boxed()
    }
}

impl Doing {
    async fn call(&self, job: &JobRow) -> Outcome {
        // It is no longer one of those that run: the next that is tried.
        let gone = || Outcome::Failed { error: "the plugin is not running".into(), retry_after: Some(AROUND) };
        let Some(plugins) = self.plugins.upgrade() else { return gone() };
        let Some(generation) = plugins.generation(&self.plugin) else { return gone() };
        let _pass = match plugins.breaker.lets(&self.plugin, Export::Job, &self.job.name) {
            Ok(pass) => pass,
            Err(pause) => {
                let error = "the plugin failed too often: its calls are paused".to_owned();
                return Outcome::Failed { error, retry_after: Some(pause) };
            }
        };
        let asked = asked(&generation, &self.job.name, job.id, job.attempt);
        let limits = limits(&generation, &self.job);
        let task = task(&self.job.name, job);
        let ended =
            beside(&generation, asked.clone(), limits, async |store, call| run(&generation, store, call, &task).await)
                .await;
        plugins.keep_logs(ended.logs);
        match ended.result.and_then(outcome) {
            Ok(outcome) => {
                plugins.went_well(&self.plugin, Export::Job, &self.job.name, ended.took);
                outcome
            }
            Err(failure) => {
                let input = json!({
                    "job": job.id, "key": job.key, "payload": job.payload, "checkpoint": job.checkpoint, "due": job.due,
                });
                let error = format!("{}: {}", failure.kind.as_str(), failure.message);
                let took = ended.took;
                plugins.failed(Failed { generation: &generation, asked: &asked, failure: &failure, took, input });
                Outcome::Failed { error, retry_after: failure.busy }
            }
        }
    }
}

/// What a call for a job is made as.
pub(crate) fn asked(generation: &Generation, name: &str, job: i64, attempt: i64) -> Asked {
    Asked {
        export: Export::Job,
        name: name.into(),
        id: new_id(Export::Job),
        key: format!("job-{job}"),
        actor: GuestActor::System,
        access: None,
        locale: generation.access().locales().default.to_string(),
        attempt: u32::try_from(attempt).unwrap_or(u32::MAX),
    }
}

/// The limits of a job.
pub(crate) fn limits(generation: &Generation, job: &Job) -> Limits {
    Limits { deadline: job.timeout, ..of_generation(generation, Export::Job) }
}

fn task(name: &str, job: &JobRow) -> guest::Task {
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
pub(crate) async fn run(
    generation: &Generation,
    store: &mut Store<State>,
    call: Call,
    task: &guest::Task,
) -> wasmtime::Result<guest::Outcome> {
    let exports = generation.exports.jobs.as_ref();
    let exports = exports.ok_or_else(|| wasmtime::Error::msg("it does not export a job handler"))?;
    let guest = exports.instantiate_async(&mut *store).await?;
    guest.cairn_plugin_job_handler().call_run(store, &call, task).await
}

fn outcome(said: guest::Outcome) -> Result<Outcome, Failure> {
    Ok(match said {
        guest::Outcome::Done(_) => Outcome::done(),
        guest::Outcome::Again((checkpoint, after)) => {
            let checkpoint: Json = serde_json::from_str(&checkpoint)
                .map_err(|e| Failure::output(format!("its checkpoint is not valid JSON: {e}")))?;
            Outcome::Again { checkpoint, after: Duration::from_millis(after), effect: None }
        }
        guest::Outcome::Retry((error, after)) => {
            Outcome::Failed { error, retry_after: after.map(Duration::from_millis) }
        }
        guest::Outcome::Dead(error) => Outcome::Dead(error),
    })
}
