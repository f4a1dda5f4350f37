//! Repeating a hook for a change in the past.

use super::hook_run::{GuestDecision, HookRun};
use crate::call::error::CallError;
use crate::call::guest_result::check_guest_error;
use crate::call::state::CallState;
use crate::contract::bindings::types::{Call, Error, FieldError};
use crate::contract::guest_errors::split_path;
use crate::contract::plugin_export::PluginExport;
use crate::runtime::generation::Generation;
use crate::runtime::invocation::{CallOutcome, call_in_transaction};
use crate::tenant::hook_index::{ActiveHook, HookIndex};
use cairn_content::{DocumentChange, HookAction, Result};
use cairn_model::TypeId;
use cairn_query::Access;
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// A recorded change.
pub(crate) struct PastChange {
    pub(crate) action: HookAction,
    pub(crate) content_type: TypeId,
    pub(crate) document_id: Option<String>,
    pub(crate) locale: String,
    pub(crate) before: Option<Map<String, Json>>,
    pub(crate) after: Option<Map<String, Json>>,
    pub(crate) changed: Vec<String>,
    pub(crate) actor: Arc<Actor>,
    pub(crate) access: Arc<Access>,
}

/// A hook that is to be repeated.
pub(crate) struct HookReplay {
    hook: Arc<ActiveHook>,
    export: PluginExport,
}

/// The decision of a hook on a change.
pub(crate) enum ReplayedDecision {
    Allow,
    Amend(Map<String, Json>),
    /// Path, message and code of each error.
    Refuse(Vec<Json>),
    /// Kind and message of the conflict.
    Conflict(String, String),
}

impl PastChange {
    /// The hook of that name, where it is called for such changes.
    pub(crate) fn find_hook(&self, generation: &Arc<Generation>, early: bool, name: &str) -> Option<HookReplay> {
        let index = HookIndex::from_generations(generation.content().registry(), std::slice::from_ref(generation));
        let (hooks, export) =
            if early { (index.prepare, PluginExport::Prepare) } else { (index.before, PluginExport::Before) };
        let active_hook = hooks.get(&(self.content_type, self.action))?.iter().find(|hook| &*hook.name == name)?;
        Some(HookReplay { hook: active_hook.clone(), export })
    }
}

/// Calls it in a transaction that the caller rolls back. Nothing of it is recorded. Returns an error if its input cannot be read.
pub(crate) fn replay_hook(
    tx: &mut WriteTx<'_>,
    replay: &HookReplay,
    past: &PastChange,
) -> Result<CallOutcome<ReplayedDecision>> {
    let HookReplay { hook, export } = replay;
    let past_change = DocumentChange {
        action: past.action,
        content_type: hook.generation.content().registry().get(past.content_type),
        document_id: past.document_id.as_deref(),
        locale: &past.locale,
        before: past.before.clone(),
        after: past.after.clone(),
        changed: past.changed.clone(),
        actor: &past.actor,
        access: Some(&past.access),
    };
    let hook_run = HookRun::new(past_change, false);
    let (call_context, limits, change) = hook_run.prepare_call(hook, *export, Some(tx))?;
    let name = hook.name.to_string();
    let run = async |store: &mut wasmtime::Store<CallState>, call: Call| {
        hook.export()?.call_hook(store, *export, &call, &name, change).await
    };
    let outcome = call_in_transaction(&hook.generation, call_context, limits, tx, run);
    let result = outcome.result.and_then(|answer| {
        let refused = |errors: Vec<FieldError>| {
            let one = |e: FieldError| json!({ "path": split_path(&e.path), "message": e.message, "code": e.code });
            ReplayedDecision::Refuse(errors.into_iter().map(one).collect())
        };
        let decisions = match answer {
            Ok(decisions) => decisions,
            Err(error) => {
                return match check_guest_error(error, limits.output)? {
                    Error::Invalid(errors) => Ok(refused(errors)),
                    Error::Conflict(conflict) => Ok(ReplayedDecision::Conflict(conflict.kind, conflict.message)),
                    error => Err(CallError::guest_error(format!("it returned {error:?}"))),
                };
            }
        };
        Ok(match hook_run.parse_decision(hook, decisions, limits.output)? {
            GuestDecision::Allow => ReplayedDecision::Allow,
            GuestDecision::Amend(patch) => ReplayedDecision::Amend(patch),
            GuestDecision::Refuse(errors) => refused(errors),
            GuestDecision::Conflict(conflict) => ReplayedDecision::Conflict(conflict.kind, conflict.message),
        })
    });
    Ok(CallOutcome { result, logs: outcome.logs, took: outcome.took })
}
