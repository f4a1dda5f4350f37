//! `jobs`: durable work and timers of the plugin.

use crate::call::quotas::PluginQuotas;
use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::jobs::{Duplicate, Host, Job, JobState};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{conflict_error, from_content_error, invalid_field};
use crate::contract::host_error::HostResult;
use crate::definition::plugin_definition::qualified_name;
use cairn_plugin_package::Capability;
use cairn_plugin_package::manifest::Quota;
use cairn_store::StoreError;
use cairn_store::events::{DuplicatePolicy as OnDuplicate, NewJob};
use serde_json::Value as Json;

/// Most jobs of one call.
const MAX_JOBS: usize = 1_000;
/// Longest key and longest lane, in bytes.
const MAX_KEY_BYTES: usize = 255;

impl Host for CallState {
    async fn enqueue(&mut self, jobs: Vec<Job>) -> HostResult<Vec<String>> {
        self.granted_call(Capability::Jobs)?;
        to_guest_charge(self.budget.charge_writes(jobs.len()))?;
        let now = CallState::now(self);
        let jobs = self.new_jobs(jobs, now)?;
        let bounds = PluginQuotas::for_plugin(&self.definition);
        Ok(self
            .with_transaction(move |tx| {
                bounds.run_within(tx, &[Quota::Jobs], now, |tx| {
                    let one = |job: &NewJob| match tx.jobs().enqueue(job, now) {
                        Ok(number) => Ok(number.map(|n| n.to_string()).unwrap_or_default()),
                        Err(StoreError::Unique) => {
                            let key = job.key.as_deref().unwrap_or_default();
                            Err(conflict_error("unique", format!("a job with key {key:?} is already waiting")))
                        }
                        Err(error) => Err(from_content_error(error.into())),
                    };
                    jobs.iter().map(one).collect()
                })
            })
            .await?)
    }

    async fn cancel(&mut self, targets: Vec<(String, String)>) -> HostResult<u32> {
        self.granted_call(Capability::Jobs)?;
        to_guest_charge(self.budget.charge_writes(targets.len()))?;
        let (plugin, now) = (self.definition.id().to_owned(), CallState::now(self));
        let targets: Vec<(String, String)> =
            targets.into_iter().map(|(name, key)| (qualified_name(&plugin, &name), key)).collect();
        Ok(self
            .with_transaction(move |tx| {
                let targets: Vec<(&str, &str)> = targets.iter().map(|(n, k)| (n.as_str(), k.as_str())).collect();
                let cancelled = tx.jobs().cancel_waiting(&targets, now).map_err(|e| from_content_error(e.into()))?;
                Ok(u32::try_from(cancelled).unwrap_or(u32::MAX))
            })
            .await?)
    }

    async fn inspect(&mut self, targets: Vec<(String, String)>) -> HostResult<Vec<Option<JobState>>> {
        self.granted_call(Capability::Jobs)?;
        to_guest_charge(self.budget.charge_reads(targets.len()))?;
        let plugin = self.definition.id().to_owned();
        let found = self
            .with_reader(move |r| {
                let qualified: Vec<(String, String)> =
                    targets.into_iter().map(|(name, key)| (qualified_name(&plugin, &name), key)).collect();
                let qualified: Vec<(&str, &str)> = qualified.iter().map(|(n, k)| (n.as_str(), k.as_str())).collect();
                r.jobs().find_newest_by_key(&qualified).map_err(|e| from_content_error(e.into()))
            })
            .await?;
        let state = |job: cairn_store::events::JobRow| JobState {
            id: job.id.to_string(),
            name: job.name.rsplit(':').next().unwrap_or_default().to_owned(),
            key: job.key,
            due: job.due,
            attempt: u32::try_from(job.attempt).unwrap_or(u32::MAX),
            state: job.state.as_str().to_owned(),
            last_error: job.error,
        };
        Ok(found.into_iter().map(|job| job.map(state)).collect())
    }
}

impl CallState {
    fn new_jobs(&self, jobs: Vec<Job>, now: i64) -> Result<Vec<NewJob>, Error> {
        if jobs.len() > MAX_JOBS {
            return Err(invalid_field(
                "jobs",
                "too-many",
                format!("{} jobs in one call; the limit is {MAX_JOBS}", jobs.len()),
            ));
        }
        let manifest = &self.definition.manifest;
        let one = |(i, job): (usize, Job)| {
            let at = |field: &str| format!("jobs[{i}].{field}");
            if !manifest.jobs.iter().any(|known| known.name == job.name) {
                let message = format!("plugin.toml has no [[job]] with name = {:?}", job.name);
                return Err(invalid_field(&at("name"), "unknown", message));
            }
            for (field, text) in [("key", &job.key), ("lane", &job.lane)] {
                if text.as_ref().is_some_and(|text| text.is_empty() || text.len() > MAX_KEY_BYTES) {
                    return Err(invalid_field(&at(field), "length", format!("must have 1 to {MAX_KEY_BYTES} bytes")));
                }
            }
            if job.payload.len() > self.budget.limits().output {
                return Err(invalid_field(&at("payload"), "length", "the payload is too large"));
            }
            let payload: Json =
                serde_json::from_str(&job.payload).map_err(|e| invalid_field(&at("payload"), "json", e.to_string()))?;
            Ok(NewJob {
                name: qualified_name(manifest.id(), &job.name),
                key: job.key,
                duplicate: match job.on_duplicate {
                    Duplicate::Replace => OnDuplicate::Replace,
                    Duplicate::Keep => OnDuplicate::Keep,
                    Duplicate::Refuse => OnDuplicate::Refuse,
                },
                // Lanes of plugins do not meet.
                lane: job.lane.map(|lane| qualified_name(manifest.id(), &lane)),
                payload,
                due: job.due.unwrap_or(now),
            })
        };
        jobs.into_iter().enumerate().map(one).collect()
    }
}
