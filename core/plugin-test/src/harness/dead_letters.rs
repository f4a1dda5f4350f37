//! Failures that were given up: jobs that died, events that were not taken. Nobody is told of either in a test that looks elsewhere.

use super::{MAX_ROWS, TestHarness};
use crate::error::{TestError, to_test_error};
use cairn_store::events::{DeliveryFilter, DeliveryState, JobFilter, JobState};
use std::fmt;

/// Something that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Name of the plugin's part that it was for: `job:digest`, `event:notes`.
    pub name: String,
    /// The key of the job or event.
    pub key: Option<String>,
    /// Why, as the plugin said it.
    pub error: String,
}

impl fmt::Display for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.as_ref().map(|key| format!(" (key {key:?})")).unwrap_or_default();
        let subject = if self.name.starts_with("job:") { "a job died" } else { "an event was given up" };
        write!(f, "{subject}: {}{key}: {}", self.name, self.error)
    }
}

impl TestHarness {
    /// The plugins' jobs that died and the events that their subscriptions did not take, oldest first. Returns an error
    /// if the database fails.
    pub fn dead_letters(&self) -> Result<Vec<DeadLetter>, TestError> {
        let qualified_name = |kind: &str, name: &str| self.qualify_name(kind, name);
        let error_text = |error: Option<String>| error.unwrap_or_else(|| "no error message".to_owned());
        let found = self.content.store().read(|r| {
            let dead = JobFilter { state: Some(JobState::Dead), ..JobFilter::default() };
            let mut jobs = r.jobs().list(&dead, i64::from(MAX_ROWS))?;
            jobs.reverse();
            let dead = DeliveryFilter { state: Some(DeliveryState::Dead), ..DeliveryFilter::default() };
            Ok::<_, cairn_store::StoreError>((jobs, r.deliveries().list(&dead, i64::from(MAX_ROWS))?))
        });
        let (jobs, deliveries) = found.map_err(to_test_error)?;
        let jobs = jobs.into_iter().filter_map(|job| {
            Some(DeadLetter { name: qualified_name("job", &job.name)?, key: job.key, error: error_text(job.error) })
        });
        let deliveries = deliveries.into_iter().filter_map(|one| {
            let key = one.event.map(|event| event.event.key);
            Some(DeadLetter { name: qualified_name("event", &one.consumer)?, key, error: error_text(one.error) })
        });
        Ok(jobs.chain(deliveries).collect())
    }

    /// The name of a job or consumer of the engine as tests write it: `job:digest`, and `crm/job:digest` of another plugin. `None` if it is of no
    /// plugin.
    fn qualify_name(&self, kind: &str, name: &str) -> Option<String> {
        let (plugin, name) = name.strip_prefix("plugin:")?.split_once(':')?;
        Some(self.name_within(plugin, &format!("{kind}:{name}")))
    }

    /// The plugins' jobs that failed and wait to be tried again, in words. Returns an error if the database fails.
    pub(crate) fn retrying_jobs(&self) -> Result<Vec<String>, TestError> {
        let filter = JobFilter { state: Some(JobState::Waiting), ..JobFilter::default() };
        let jobs = self.content.store().read(|r| r.jobs().list(&filter, i64::from(MAX_ROWS))).map_err(to_test_error)?;
        let one = |job: cairn_store::events::JobRow| {
            let (name, error) = (self.qualify_name("job", &job.name)?, job.error?);
            Some(format!("a job failed and will be retried: {name}: {error}"))
        };
        Ok(jobs.into_iter().filter_map(one).collect())
    }
}
