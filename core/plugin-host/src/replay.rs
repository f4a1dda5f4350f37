//! Repeats failed calls: for real, or as a dry run that stores nothing.
//!
//! For real, an event or job takes its usual path, so its effects happen once even if another process runs it; a request has the
//! key that it had. In a dry run, everything is in one transaction that is rolled back, and nothing is sent: the answer and the log
//! show what the plugin would do.

mod changes;
mod deliveries;
mod requests;
mod tasks;

use crate::error::CallError;
use crate::generation::{Generation, InstalledPlugin};
use crate::lifecycle::LifecycleError;
use crate::plugins::Plugins;
use cairn_content::ContentError;
use cairn_events::Engine;
use cairn_query::Access;
use cairn_store::StoreError;
use cairn_store::plugins::{NewLog, RecordedCall};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;

/// How a call is repeated.
pub struct ReplayOptions<'a> {
    /// Whether all effects are rolled back.
    pub dry: bool,
    /// Engine of the tenant's events and jobs.
    pub engine: &'a Arc<Engine>,
    /// Installed package, for dry runs of a plugin that does not run.
    pub standby: Option<InstalledPlugin>,
    /// Permissions of the person who repeats the call. They replace those of the original caller; a call without a caller has the public's.
    pub access: Arc<Access>,
}

/// The result of a repeated call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayStatus {
    /// The call succeeded.
    Worked,
    /// Its event, job or request had succeeded before: nothing was done.
    AlreadyDone,
    /// It failed again, or in part.
    Failed,
}

impl ReplayStatus {
    /// The name in views and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Worked => "worked",
            Self::AlreadyDone => "before",
            Self::Failed => "failed",
        }
    }
}

/// The outcome of a repeated call.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayReport {
    /// Whether the call succeeded.
    pub end: ReplayStatus,
    /// Explanation for people.
    pub message: String,
    /// Answer of the plugin; `null` where there is nothing to show.
    pub answer: Json,
    /// Time that the plugin took; 0 where it was not called here.
    pub took: Duration,
    /// Log of a dry run, which is not stored.
    pub logs: Vec<NewLog>,
}

/// Why a call was not repeated. Nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It is not possible; the text says why, and what to do instead.
    #[error("{0}")]
    Refused(String),
    /// The package of a plugin that does not run cannot be loaded.
    #[error(transparent)]
    Plugin(#[from] LifecycleError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ContentError> for ReplayError {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::Store(error) => Self::Store(error),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl ReplayError {
    fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }

    /// The refusal for a part of the input that was not recorded.
    fn not_stored(subject: &str) -> Self {
        Self::Refused(format!("{subject} was not recorded with the call: it cannot be repeated"))
    }
}

impl Plugins {
    /// Repeats a failed call. A new failure is recorded like any other, except in a dry run. Returns [`ReplayError`] on failure.
    pub async fn replay_call(
        &self,
        recorded_call: &RecordedCall,
        how: ReplayOptions<'_>,
    ) -> Result<ReplayReport, ReplayError> {
        let ReplayOptions { dry, engine, standby, access } = how;
        let call = &recorded_call.call;
        let input = recorded_call.input.as_ref().ok_or_else(|| ReplayError::not_stored("the input of the call"))?;
        let hint = match call.export.as_str() {
            "policy" => Some("Cairn asks a read policy again with the next read"),
            "lifecycle" => Some("install, switch on or uninstall the plugin again to repeat this step"),
            "migrate" => Some("a migration continues on its own; if it failed, install the new version again"),
            "check" => Some("Cairn checks the plugin again when its settings are saved or its health is checked"),
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
    }
}

/// A member of a recorded input.
fn input_field<T: serde::de::DeserializeOwned>(input: &Json, name: &str) -> Result<T, ReplayError> {
    serde_json::from_value(input[name].clone()).map_err(|_| ReplayError::not_stored(name))
}

/// The result of a dry run that failed.
fn failed_dry_run(failure: &CallError, took: Duration, logs: Vec<NewLog>) -> ReplayReport {
    let message = format!("{}: {}", failure.kind.as_str(), failure.message);
    ReplayReport { end: ReplayStatus::Failed, message, answer: Json::Null, took, logs }
}

/// Whether a generation is the one that runs.
fn require_section<'a, T>(
    generation: &'a Generation,
    found: Option<&'a T>,
    what: &str,
    name: &str,
) -> Result<&'a T, ReplayError> {
    let version = &generation.manifest.plugin.version;
    found.ok_or_else(|| {
        ReplayError::refused(format!("version {version} of the plugin no longer has the {what} {name:?}"))
    })
}

/// The result of a transaction on its way out of the rollback.
enum RolledBack<T> {
    Value(Box<T>),
    Content(ContentError),
}

impl<T> From<StoreError> for RolledBack<T> {
    fn from(error: StoreError) -> Self {
        Self::Content(error.into())
    }
}

impl<T> From<ContentError> for RolledBack<T> {
    fn from(error: ContentError) -> Self {
        Self::Content(error)
    }
}

/// The result of a transaction that was rolled back.
fn rolled_back_value<T>(undone: Result<(), RolledBack<T>>) -> Result<T, ReplayError> {
    match undone {
        Err(RolledBack::Value(ended)) => Ok(*ended),
        Err(RolledBack::Content(error)) => Err(error.into()),
        // It never commits.
        Ok(()) => Err(StoreError::Closed.into()),
    }
}
