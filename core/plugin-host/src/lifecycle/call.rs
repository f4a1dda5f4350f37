//! Calls of `lifecycle`. A plugin without that export takes part in no step.

use super::LifecycleError;
use crate::bindings::lifecycle::Exporting;
use crate::bindings::lifecycle::exports::cairn::plugin::lifecycle as guest;
use crate::bindings::types::{Actor as GuestActor, Call, Error};
use crate::call::{Ended, beside, inside, new_id};
use crate::error::Failure;
use crate::generation::Generation;
use crate::hooks::of_generation;
use crate::limits::{Export, Limits};
use crate::plugins::{Failed, Plugins};
use crate::state::{Asked, State};
use crate::views::FieldProblem;
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Store;

/// How long a step may take that is taken even if the plugin fails.
const GOING: Duration = Duration::from_millis(500);

/// What happens to a plugin's data when it is uninstalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// They are retained: the plugin can be installed again and finds them.
    Keep,
    /// They were exported, and are deleted.
    Export,
    /// They are deleted without an export.
    Delete,
}

/// A step of a plugin's lifecycle that may store something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The plugin is installed; its content types exist already.
    Install,
    /// The plugin is switched on.
    Enable,
    /// The plugin is switched off.
    Disable,
    /// The plugin is uninstalled.
    Uninstall(Removal),
}

impl Step {
    /// Whether the step fails where the plugin refuses or fails.
    pub(super) fn is_needed(self) -> bool {
        matches!(self, Self::Install | Self::Enable)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Uninstall(_) => "uninstall",
        }
    }
}

impl Plugins {
    /// Takes a step in a transaction.
    pub(super) fn step(
        &self,
        tx: &mut WriteTx<'_>,
        generation: &Arc<Generation>,
        step: Step,
    ) -> Result<(), LifecycleError> {
        if generation.exports.lifecycle.is_none() {
            return Ok(());
        }
        let asked = asked(generation, Export::Step, step.name(), new_id(Export::Step));
        let limits = of_generation(generation, Export::Step);
        // What goes is waited for by everybody who writes, and nothing depends on its last word.
        let deadline = if step.is_needed() { limits.deadline } else { limits.deadline.min(GOING) };
        let limits = Limits { deadline, ..limits };
        let ended = inside(generation, asked.clone(), limits, tx, async |store, call| {
            let guest = instance(generation, store).await?;
            let guest = guest.cairn_plugin_lifecycle();
            match step {
                Step::Install => guest.call_install(store, &call).await,
                Step::Enable => guest.call_enable(store, &call).await,
                Step::Disable => guest.call_disable(store, &call).await,
                Step::Uninstall(removal) => guest.call_uninstall(store, &call, told(removal)).await,
            }
        });
        self.answered(generation, &asked, step.name(), ended, json!({}))
    }

    /// Takes a step whatever the plugin does: a failure of it is rolled back and noted.
    pub(super) fn step_noted(
        &self,
        tx: &mut WriteTx<'_>,
        generation: &Arc<Generation>,
        step: Step,
    ) -> Result<(), LifecycleError> {
        match tx.nested(|tx| self.step(tx, generation, step)) {
            Err(error @ (LifecycleError::Refused { .. } | LifecycleError::Failed { .. })) => {
                tracing::warn!(plugin = generation.id(), step = step.name(), %error, "a lifecycle step of a plugin failed");
                Ok(())
            }
            done => done,
        }
    }

    /// Runs one slice of a migration; returns its checkpoint where there is more. A slice that fails is rolled back.
    pub(super) fn slice(
        &self,
        tx: &mut WriteTx<'_>,
        generation: &Arc<Generation>,
        from: &str,
        checkpoint: Option<&Json>,
    ) -> Result<Option<Json>, LifecycleError> {
        const NAME: &str = "migrate";
        if generation.exports.lifecycle.is_none() {
            return Ok(None);
        }
        let to = generation.manifest.plugin.version.to_string();
        let asked = asked(generation, Export::Migrate, NAME, format!("migrate-{}-{from}-{to}", generation.id()));
        let migration = guest::Migration { from: from.to_owned(), to, checkpoint: checkpoint.map(Json::to_string) };
        let input = json!({ "from": from, "checkpoint": checkpoint });
        let limits = of_generation(generation, Export::Migrate);
        let run = async |store: &mut Store<State>, call: Call| {
            let guest = instance(generation, store).await?;
            guest.cairn_plugin_lifecycle().call_migrate(store, &call, &migration).await
        };
        tx.nested(|tx| {
            let ended = inside(generation, asked.clone(), limits, tx, run);
            let ended = Ended {
                result: ended.result.and_then(|answer| match answer {
                    Ok(guest::Progress::Finished) => Ok(Ok(None)),
                    Ok(guest::Progress::More(text)) if text.len() > limits.output => Err(Failure::output(format!(
                        "its checkpoint has {} bytes; the limit is {}",
                        text.len(),
                        limits.output
                    ))),
                    Ok(guest::Progress::More(text)) => serde_json::from_str::<Json>(&text)
                        .map(|checkpoint| Ok(Some(checkpoint)))
                        .map_err(|e| Failure::output(format!("its checkpoint is not valid JSON: {e}"))),
                    Err(error) => Ok(Err(error)),
                }),
                logs: ended.logs,
                took: ended.took,
            };
            self.answered(generation, &asked, NAME, ended, input)
        })
    }

    pub(super) async fn settings_checked(&self, generation: &Arc<Generation>) -> Result<(), LifecycleError> {
        const NAME: &str = "check-settings";
        if generation.exports.lifecycle.is_none() {
            return Ok(());
        }
        let asked = asked(generation, Export::Check, NAME, new_id(Export::Check));
        let proposed = generation.settings.to_string();
        let ended = beside(generation, asked.clone(), of_generation(generation, Export::Check), async |store, call| {
            let guest = instance(generation, store).await?;
            guest.cairn_plugin_lifecycle().call_check_settings(store, &call, &proposed).await
        })
        .await;
        self.answered(generation, &asked, NAME, ended, json!({ "proposed": generation.settings }))
    }

    pub(super) async fn asked_health(
        &self,
        generation: &Arc<Generation>,
    ) -> Result<Option<(bool, String)>, LifecycleError> {
        const NAME: &str = "health";
        if generation.exports.lifecycle.is_none() {
            return Ok(None);
        }
        let asked = asked(generation, Export::Check, NAME, new_id(Export::Check));
        let ended = beside(generation, asked.clone(), of_generation(generation, Export::Check), async |store, call| {
            let guest = instance(generation, store).await?;
            guest.cairn_plugin_lifecycle().call_health(store, &call).await.map(Ok)
        })
        .await;
        let report = self.answered(generation, &asked, NAME, ended, json!({}))?;
        let detail = report.detail.chars().take(500).collect();
        Ok(Some((report.ok, detail)))
    }

    /// Records the result of a call.
    fn answered<T>(
        &self,
        generation: &Arc<Generation>,
        asked: &Asked,
        step: &'static str,
        ended: Ended<Result<T, Error>>,
        input: Json,
    ) -> Result<T, LifecycleError> {
        let Ended { result, logs, took } = ended;
        self.keep_logs(logs);
        match result {
            Ok(answer) => {
                self.went_well(generation.id(), asked.export, step, took);
                answer.map_err(said)
            }
            Err(failure) => {
                let message = failure.message.clone();
                self.failed(Failed { generation, asked, failure: &failure, took, input });
                Err(match failure.busy {
                    // Others were in its way: the whole step is done again.
                    Some(_) => LifecycleError::Store(StoreError::Conflict),
                    None => LifecycleError::Failed { step, message },
                })
            }
        }
    }
}

fn told(removal: Removal) -> guest::Removal {
    match removal {
        Removal::Keep => guest::Removal::KeepData,
        Removal::Export => guest::Removal::ExportData,
        Removal::Delete => guest::Removal::DeleteData,
    }
}

fn asked(generation: &Generation, export: Export, name: &'static str, key: String) -> Asked {
    Asked {
        export,
        name: name.into(),
        id: new_id(export),
        key,
        actor: GuestActor::System,
        access: None,
        locale: generation.access().locales().default.to_string(),
        attempt: 1,
    }
}

async fn instance(generation: &Generation, store: &mut Store<State>) -> wasmtime::Result<Exporting> {
    let exports = generation.exports.lifecycle.as_ref();
    let exports = exports.ok_or_else(|| wasmtime::Error::msg("it does not export a lifecycle"))?;
    exports.instantiate_async(&mut *store).await
}

fn said(error: Error) -> LifecycleError {
    let refused = |message: String| LifecycleError::Refused { message, fields: Vec::new() };
    match error {
        Error::Invalid(fields) => {
            let all: Vec<String> =
                fields.iter().map(|f| format!("{} {}", f.path, f.message).trim().to_owned()).collect();
            LifecycleError::Refused {
                message: all.join("; "),
                fields: fields.into_iter().map(|f| FieldProblem { path: f.path, message: f.message }).collect(),
            }
        }
        Error::Denied(why) => refused(format!("permission denied: {why}")),
        Error::NotFound(what) => refused(format!("not found: {what}")),
        // Lost against another transaction: the whole step is done again.
        Error::Conflict(conflict) if conflict.kind == "lock" => LifecycleError::Store(StoreError::Conflict),
        Error::Conflict(conflict) => refused(conflict.message),
        Error::Exhausted(budget) => refused(format!("it exceeded its budget of {budget}")),
        Error::Unavailable(_) => refused("something that it needs is not available at the moment".to_owned()),
        Error::Internal(reference) => refused(format!("Cairn failed; see {reference} in its log")),
    }
}
