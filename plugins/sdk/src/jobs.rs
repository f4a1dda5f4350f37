//! Durable work and timers. They join the open transaction: a job exists if and only if it commits.

use crate::bindings::jobs::{self as raw, Duplicate};
use crate::{Error, Instant, Result};
use serde::Serialize;

pub use raw::JobState;

/// Work to be done as soon as may be; `name` is that of a `[[job]]` of the manifest. With a key, a job of that name and key
/// that still waits is kept and the new one dropped.
#[must_use = "a job is nothing until it is set"]
pub fn job(name: impl Into<String>) -> Job {
    Job { name: name.into(), key: None, due: None, lane: None, on_duplicate: Duplicate::Keep }
}

/// A job with a due time and a key. One of that name and key that still waits is moved to the new time and payload.
///
/// ```no_run
/// # use cairn_plugin::{Result, jobs, time};
/// # fn example(booking: &str) -> Result<()> {
/// jobs::timer("reminder").key(booking).due(time::now() + 3_600_000).set(&booking)?;
/// # Ok(()) }
/// ```
#[must_use = "a timer is nothing until it is set"]
pub fn timer(name: impl Into<String>) -> Job {
    Job { on_duplicate: Duplicate::Replace, ..job(name) }
}

/// A job in the making.
#[derive(Debug, Clone)]
#[must_use = "a job is nothing until it is set"]
pub struct Job {
    name: String,
    key: Option<String>,
    due: Option<Instant>,
    lane: Option<String>,
    on_duplicate: Duplicate,
}

impl Job {
    /// At most one job of this name and key waits.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Not before this time.
    pub fn due(mut self, at: Instant) -> Self {
        self.due = Some(at);
        self
    }

    /// Jobs of one lane run one after another.
    pub fn lane(mut self, lane: impl Into<String>) -> Self {
        self.lane = Some(lane.into());
        self
    }

    /// Sets what happens where one of this name and key waits already.
    pub fn on_duplicate(mut self, what: Duplicate) -> Self {
        self.on_duplicate = what;
        self
    }

    /// Sets it, with what the handler gets, and returns its id.
    ///
    /// # Errors
    /// What the host says: `Invalid` where the manifest has no such job.
    pub fn set(self, payload: &impl Serialize) -> Result<String> {
        let ids = set_all(&[self.with(payload)?])?;
        ids.into_iter().next().ok_or_else(|| Error::Internal("a job without an id".to_owned()))
    }

    /// The job with what the handler gets, for [`set_all`].
    ///
    /// # Errors
    /// Where `payload` is no JSON.
    pub fn with(self, payload: &impl Serialize) -> Result<Ready> {
        let Self { name, key, due, lane, on_duplicate } = self;
        let payload = serde_json::to_string(payload)?;
        Ok(Ready(raw::Job { name, payload, due, key, on_duplicate, lane }))
    }
}

/// A job with all it needs.
#[derive(Debug, Clone)]
pub struct Ready(raw::Job);

/// Sets many jobs in one call, all or none, and returns their ids.
///
/// # Errors
/// As [`Job::set`].
pub fn set_all(jobs: &[Ready]) -> Result<Vec<String>> {
    let jobs: Vec<_> = jobs.iter().map(|ready| ready.0.clone()).collect();
    if jobs.is_empty() { Ok(Vec::new()) } else { raw::enqueue(&jobs) }
}

/// Cancels the job of this name and key, where one waits; false where none does.
///
/// # Errors
/// What the host says.
pub fn cancel(name: &str, key: &str) -> Result<bool> {
    Ok(cancel_all(name, &[key])? > 0)
}

/// Cancels the jobs of this name and these keys that wait, in one call, and returns how many did.
///
/// # Errors
/// What the host says.
pub fn cancel_all(name: &str, keys: &[&str]) -> Result<u32> {
    let targets: Vec<_> = keys.iter().map(|&key| (name.to_owned(), key.to_owned())).collect();
    if targets.is_empty() { Ok(0) } else { raw::cancel(&targets) }
}

/// How the last job of this name and key stands.
///
/// # Errors
/// What the host says.
pub fn inspect(name: &str, key: &str) -> Result<Option<JobState>> {
    Ok(raw::inspect(&[(name.to_owned(), key.to_owned())])?.pop().flatten())
}
