//! The result of repeating a call.

use crate::call::error::CallError;
use crate::exports::lifecycle::LifecycleError;
use crate::runtime::generation::Generation;
use cairn_content::ContentError;
use cairn_store::StoreError;
use cairn_store::plugins::NewLog;
use serde_json::Value as Json;
use std::time::Duration;

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
    /// Result of the repeated call.
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
    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }

    /// The refusal for a part of the input that was not recorded.
    pub(super) fn not_stored(subject: &str) -> Self {
        Self::Refused(format!("{subject} was not recorded with the call: it cannot be repeated"))
    }
}

/// A member of a recorded input.
pub(super) fn input_field<T: serde::de::DeserializeOwned>(input: &Json, name: &str) -> Result<T, ReplayError> {
    serde_json::from_value(input[name].clone()).map_err(|_| ReplayError::not_stored(name))
}

/// The result of a dry run that failed.
pub(super) fn failed_dry_run(failure: &CallError, took: Duration, logs: Vec<NewLog>) -> ReplayReport {
    let message = format!("{}: {}", failure.kind.as_str(), failure.message);
    ReplayReport { end: ReplayStatus::Failed, message, answer: Json::Null, took, logs }
}

/// Returns the section that was found in a generation, or the error that its version no longer has it.
pub(super) fn require_section<'a, T>(
    generation: &'a Generation,
    found: Option<&'a T>,
    section: &str,
    name: &str,
) -> Result<&'a T, ReplayError> {
    let version = &generation.manifest.plugin.version;
    found.ok_or_else(|| {
        ReplayError::refused(format!("version {version} of the plugin no longer has the {section} {name:?}"))
    })
}

/// The result of a transaction on its way out of the rollback.
pub(super) enum RolledBack<T> {
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
pub(super) fn rolled_back_value<T>(undone: Result<(), RolledBack<T>>) -> Result<T, ReplayError> {
    match undone {
        Err(RolledBack::Value(value)) => Ok(*value),
        Err(RolledBack::Content(error)) => Err(error.into()),
        // A replay's transaction never commits.
        Ok(()) => Err(StoreError::Closed.into()),
    }
}
