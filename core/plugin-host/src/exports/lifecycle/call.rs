//! Calls of `lifecycle`. A plugin without that export takes part in no step.

use super::LifecycleError;
use crate::call::error::CallError;
use crate::call::limits::CallLimits;
use crate::call::state::{CallContext, CallState};
use crate::contract::bindings::lifecycle::exports::cairn::plugin::lifecycle as guest;
use crate::contract::bindings::types::{Actor as GuestActor, Call, Error};
use crate::contract::plugin_export::PluginExport;
use crate::exports::views::FieldProblem;
use crate::runtime::generation::Generation;
use crate::runtime::guest_export::GuestExport;
use crate::runtime::invocation::{
    CallOutcome, call_in_transaction, call_limits, call_outside_transaction, new_call_id,
};
use crate::tenant::plugins::{CallFailureRecord, Plugins};
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Store;

/// How long a step may take that is taken even if the plugin fails.
const OPTIONAL_STEP_DEADLINE: Duration = Duration::from_millis(500);

/// Treatment of a plugin's data when it is uninstalled.
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
pub enum LifecycleStep {
    /// The plugin is installed; its content types exist already.
    Install,
    /// The plugin is switched on.
    Enable,
    /// The plugin is switched off.
    Disable,
    /// The plugin is uninstalled.
    Uninstall(Removal),
}

impl LifecycleStep {
    /// True if the step fails where the plugin refuses or fails.
    pub(super) fn is_required(self) -> bool {
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
    pub(super) fn run_step(
        &self,
        tx: &mut WriteTx<'_>,
        generation: &Arc<Generation>,
        step: LifecycleStep,
    ) -> Result<(), LifecycleError> {
        if generation.exports.lifecycle.is_none() {
            return Ok(());
        }
        let context =
            lifecycle_call_context(generation, PluginExport::Step, step.name(), new_call_id(PluginExport::Step));
        let limits = call_limits(generation, PluginExport::Step);
        // An optional step gets less time: all writers wait for it, and nothing depends on its result.
        let deadline = if step.is_required() { limits.deadline } else { limits.deadline.min(OPTIONAL_STEP_DEADLINE) };
        let limits = CallLimits { deadline, ..limits };
        let outcome = call_in_transaction(generation, context.clone(), limits, tx, async |store, call| {
            let guest = lifecycle_export(generation)?;
            match step {
                LifecycleStep::Uninstall(removal) => {
                    guest.call(store, step.name(), &call, (to_guest_removal(removal),)).await
                }
                _ => guest.call(store, step.name(), &call, ()).await,
            }
        });
        self.lifecycle_result(generation, &context, step.name(), outcome, json!({}))
    }

    /// Takes a step whatever the plugin does: a failure of it is rolled back and noted.
    pub(super) fn run_optional_step(
        &self,
        tx: &mut WriteTx<'_>,
        generation: &Arc<Generation>,
        step: LifecycleStep,
    ) -> Result<(), LifecycleError> {
        match tx.run_nested(|tx| self.run_step(tx, generation, step)) {
            Err(error @ (LifecycleError::Refused { .. } | LifecycleError::Failed { .. })) => {
                tracing::warn!(plugin = generation.id(), step = step.name(), %error, "a lifecycle step of a plugin failed");
                Ok(())
            }
            done => done,
        }
    }

    /// Runs one slice of a migration; returns its checkpoint where there is more. A slice that fails is rolled back.
    pub(super) fn migrate_slice(
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
        let context = lifecycle_call_context(
            generation,
            PluginExport::Migrate,
            NAME,
            format!("migrate-{}-{from}-{to}", generation.id()),
        );
        let migration = guest::Migration { from: from.to_owned(), to, checkpoint: checkpoint.map(Json::to_string) };
        let input = json!({ "from": from, "checkpoint": checkpoint });
        let limits = call_limits(generation, PluginExport::Migrate);
        let run = async |store: &mut Store<CallState>, call: Call| {
            lifecycle_export(generation)?.call(store, NAME, &call, (&migration,)).await
        };
        tx.run_nested(|tx| {
            let outcome = call_in_transaction(generation, context.clone(), limits, tx, run);
            let call_outcome = CallOutcome {
                result: outcome.result.and_then(|answer| match answer {
                    Ok(guest::Progress::Finished) => Ok(Ok(None)),
                    Ok(guest::Progress::More(text)) if text.len() > limits.output => Err(CallError::invalid_output(
                        format!("its checkpoint has {} bytes; the limit is {}", text.len(), limits.output),
                    )),
                    Ok(guest::Progress::More(text)) => serde_json::from_str::<Json>(&text)
                        .map(|checkpoint| Ok(Some(checkpoint)))
                        .map_err(|e| CallError::invalid_output(format!("its checkpoint is not valid JSON: {e}"))),
                    Err(error) => Ok(Err(error)),
                }),
                logs: outcome.logs,
                took: outcome.took,
            };
            self.lifecycle_result(generation, &context, NAME, call_outcome, input)
        })
    }

    pub(super) async fn check_guest_settings(&self, generation: &Arc<Generation>) -> Result<(), LifecycleError> {
        const NAME: &str = "check-settings";
        if generation.exports.lifecycle.is_none() {
            return Ok(());
        }
        let context = lifecycle_call_context(generation, PluginExport::Check, NAME, new_call_id(PluginExport::Check));
        let proposed = generation.settings.to_string();
        let outcome = call_outside_transaction(
            generation,
            context.clone(),
            call_limits(generation, PluginExport::Check),
            async |store, call| lifecycle_export(generation)?.call(store, NAME, &call, (&*proposed,)).await,
        )
        .await;
        self.lifecycle_result(generation, &context, NAME, outcome, json!({ "proposed": generation.settings }))
    }

    pub(super) async fn call_guest_health(
        &self,
        generation: &Arc<Generation>,
        language: &str,
    ) -> Result<Option<(bool, String)>, LifecycleError> {
        const NAME: &str = "health";
        if generation.exports.lifecycle.is_none() {
            return Ok(None);
        }
        let key = new_call_id(PluginExport::Check);
        let context = CallContext {
            locale: language.to_owned(),
            ..lifecycle_call_context(generation, PluginExport::Check, NAME, key)
        };
        let outcome = call_outside_transaction(
            generation,
            context.clone(),
            call_limits(generation, PluginExport::Check),
            async |store, call| {
                let export = lifecycle_export(generation)?;
                export.call::<_, guest::HealthReport>(store, NAME, &call, ()).await.map(Ok)
            },
        )
        .await;
        let report = self.lifecycle_result(generation, &context, NAME, outcome, json!({}))?;
        let detail = report.detail.chars().take(500).collect();
        Ok(Some((report.ok, detail)))
    }

    /// Records the result of a call.
    fn lifecycle_result<T>(
        &self,
        generation: &Arc<Generation>,
        call_context: &CallContext,
        step: &'static str,
        outcome: CallOutcome<Result<T, Error>>,
        input: Json,
    ) -> Result<T, LifecycleError> {
        let CallOutcome { result, logs, took } = outcome;
        self.queue_logs(logs);
        match result {
            Ok(answer) => {
                self.record_success(generation.id(), call_context.export, step, took);
                answer.map_err(to_lifecycle_error)
            }
            Err(failure) => {
                let message = failure.message.clone();
                self.record_failure(CallFailureRecord {
                    generation,
                    context: call_context,
                    error: &failure,
                    took,
                    input,
                });
                Err(match failure.busy {
                    // Contention is not a failure of the plugin: the whole step is run again.
                    Some(_) => LifecycleError::Store(StoreError::Conflict),
                    None => LifecycleError::Failed { step, message },
                })
            }
        }
    }
}

fn to_guest_removal(removal: Removal) -> guest::Removal {
    match removal {
        Removal::Keep => guest::Removal::KeepData,
        Removal::Export => guest::Removal::ExportData,
        Removal::Delete => guest::Removal::DeleteData,
    }
}

fn lifecycle_call_context(
    generation: &Generation,
    export: PluginExport,
    name: &'static str,
    key: String,
) -> CallContext {
    CallContext {
        export,
        name: name.into(),
        id: new_call_id(export),
        key,
        actor: GuestActor::System,
        access: None,
        locale: generation.access().locales().default.to_string(),
        attempt: 1,
    }
}

fn lifecycle_export(generation: &Generation) -> wasmtime::Result<&GuestExport> {
    let export = generation.exports.lifecycle.as_ref();
    export.ok_or_else(|| wasmtime::Error::msg("it does not export a lifecycle"))
}

fn to_lifecycle_error(error: Error) -> LifecycleError {
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
        Error::NotFound(subject) => refused(format!("not found: {subject}")),
        // Lost against another transaction: the whole step is done again.
        Error::Conflict(conflict) if conflict.kind == "lock" => LifecycleError::Store(StoreError::Conflict),
        Error::Conflict(conflict) => refused(conflict.message),
        Error::Exhausted(budget) => refused(format!("it exceeded its budget of {budget}")),
        Error::Unavailable(_) => refused("something that it needs is not available at the moment".to_owned()),
        Error::Internal(reference) => refused(format!("Cairn failed; see {reference} in its log")),
    }
}
