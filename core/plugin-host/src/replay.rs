//! Calls that failed, made again: for real, or as a dry run of which nothing stays.
//!
//! For real, an event or job goes the way it would go by itself at its time, so its effects are there once, whoever else is at it; a request
//! has the key that it had. Dry, everything is in one transaction that is undone, and nothing is sent: what the plugin would do is seen by
//! its answer and its log.

mod changes;
mod deliveries;
mod requests;
mod tasks;

use crate::error::Failure;
use crate::generation::{Generation, Installed};
use crate::lifecycle::LifecycleError;
use crate::plugins::Plugins;
use cairn_content::ContentError;
use cairn_events::Engine;
use cairn_query::Access;
use cairn_store::StoreError;
use cairn_store::plugins::{KeptCall, NewLog};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;

/// How a call is made again.
pub struct Replay<'a> {
    /// Nothing of it is to stay.
    pub dry: bool,
    /// Whose events and jobs they are.
    pub engine: &'a Arc<Engine>,
    /// The installed package: for dry runs of a plugin that does not run.
    pub standby: Option<Installed>,
    /// The rights of whoever makes it again. A call that was made for somebody has these for theirs, one that was made for nobody has the
    /// public's.
    pub access: Arc<Access>,
}

/// How a call that was made again went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It went well.
    Worked,
    /// What it was for had gone well before: nothing was done.
    Before,
    /// It failed again, or in part.
    Failed,
}

impl End {
    /// The form that is shown and recorded.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Worked => "worked",
            Self::Before => "before",
            Self::Failed => "failed",
        }
    }
}

/// What became of a call that was made again.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// How it went.
    pub end: End,
    /// What is to be known of it, for people.
    pub message: String,
    /// What the plugin answered: `null` where nothing is to be shown.
    pub answer: Json,
    /// How long the plugin took; 0 where it was not called here.
    pub took: Duration,
    /// What a dry run logged: nothing of it is kept.
    pub logs: Vec<NewLog>,
}

/// Why a call was not made again. Nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum NotReplayed {
    /// It cannot be; why, and what to do instead.
    #[error("{0}")]
    Refused(String),
    /// The package of a plugin that does not run cannot be loaded.
    #[error(transparent)]
    Plugin(#[from] LifecycleError),
    /// The database's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ContentError> for NotReplayed {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::Store(error) => Self::Store(error),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl NotReplayed {
    fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }

    /// Of what was not kept.
    fn not_kept(what: &str) -> Self {
        Self::Refused(format!("{what} was not kept with the call: it cannot be made again"))
    }
}

impl Plugins {
    /// Makes a call again that failed. What fails anew is recorded as any call that fails, but in a dry run.
    ///
    /// # Errors
    /// See [`NotReplayed`].
    pub async fn replay(&self, kept: &KeptCall, how: Replay<'_>) -> Result<Replayed, NotReplayed> {
        let Replay { dry, engine, standby, access } = how;
        let call = &kept.call;
        let input = kept.input.as_ref().ok_or_else(|| NotReplayed::not_kept("what it was called with"))?;
        let hint = match call.export.as_str() {
            "policy" => Some("a read policy is asked anew with the next read"),
            "lifecycle" => Some("install, switch on or remove the plugin again: it takes that step anew"),
            "migrate" => Some("a migration goes on by itself; where it was given up, install the new version again"),
            "check" => Some("the plugin is asked anew when its settings are saved or its health is looked at"),
            _ => None,
        };
        if let Some(hint) = hint {
            return Err(NotReplayed::refused(format!("calls of `{}` are not made again: {hint}", call.export)));
        }
        let generation = match (self.generation(&call.plugin), dry, standby) {
            (Some(generation), ..) => generation,
            (None, true, Some(installed)) => self.load(installed).await?,
            (None, true, None) => {
                return Err(NotReplayed::refused("the plugin's package is not there: install it again"));
            }
            (None, false, _) => {
                let why = "the plugin does not run: switch it on first. A dry run is made meanwhile";
                return Err(NotReplayed::refused(why));
            }
        };
        match call.export.as_str() {
            "event" if dry => deliveries::rehearse(&generation, &call.name, input).await,
            "event" => deliveries::again(&generation, &call.name, input, engine).await,
            "job" if dry => tasks::rehearse(&generation, &call.name, input).await,
            "job" => tasks::again(input, engine).await,
            "prepare" | "before" if dry => {
                changes::rehearse(&generation, &call.export, &call.name, input, access).await
            }
            "prepare" | "before" => Err(NotReplayed::refused(
                "the change that this hook was asked about is over: it can only be asked again in a dry run",
            )),
            "route" => requests::route(self, &generation, &call.name, input, access, dry).await,
            "view" | "act" => requests::view(self, &generation, &call.export, input, access, dry).await,
            other => Err(NotReplayed::refused(format!("there are no calls of {other:?} in this version of Cairn"))),
        }
    }
}

/// Something of a kept input.
fn field<T: serde::de::DeserializeOwned>(input: &Json, name: &str) -> Result<T, NotReplayed> {
    serde_json::from_value(input[name].clone()).map_err(|_| NotReplayed::not_kept(name))
}

/// A dry run that failed.
fn failed(failure: &Failure, took: Duration, logs: Vec<NewLog>) -> Replayed {
    let message = format!("{}: {}", failure.kind.as_str(), failure.message);
    Replayed { end: End::Failed, message, answer: Json::Null, took, logs }
}

/// Whether a generation is the one that runs.
fn section<'a, T>(
    generation: &'a Generation,
    found: Option<&'a T>,
    what: &str,
    name: &str,
) -> Result<&'a T, NotReplayed> {
    let version = &generation.manifest.plugin.version;
    found
        .ok_or_else(|| NotReplayed::refused(format!("version {version} of the plugin has no {what} {name:?} any more")))
}

/// What was done in a transaction that is to be undone, on its way out of it.
enum Undone<T> {
    Meant(Box<T>),
    Content(ContentError),
}

impl<T> From<StoreError> for Undone<T> {
    fn from(error: StoreError) -> Self {
        Self::Content(error.into())
    }
}

impl<T> From<ContentError> for Undone<T> {
    fn from(error: ContentError) -> Self {
        Self::Content(error)
    }
}

/// What came of a transaction that was undone.
fn meant<T>(undone: Result<(), Undone<T>>) -> Result<T, NotReplayed> {
    match undone {
        Err(Undone::Meant(ended)) => Ok(*ended),
        Err(Undone::Content(error)) => Err(error.into()),
        // It never commits.
        Ok(()) => Err(StoreError::Closed.into()),
    }
}
