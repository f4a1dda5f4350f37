//! A change on its way through hooks: what each is shown, and what becomes of its answer.

use super::amend::{self, CheckAmendment};
use super::document_view::{DocumentView, ReadableFields};
use crate::call::error::CallError;
use crate::call::guest_result::check_guest_error;
use crate::call::limits::CallLimits;
use crate::call::state::CallContext;
use crate::contract::actors::{change_origin, to_guest_actor};
use crate::contract::bindings::hooks::exports::cairn::plugin::hooks as guest;
use crate::contract::bindings::types::{Conflict, Error, FieldError};
use crate::contract::guest_errors::{self, conflict_refusal, validation_refusal};
use crate::contract::plugin_export::PluginExport;
use crate::runtime::invocation::{CallOutcome, call_limits, new_call_id};
use crate::tenant::hook_index::ActiveHook;
use crate::tenant::plugins::{CallFailureRecord, Plugins};
use cairn_content::{ContentError, DocumentChange, HookAction, HookDecision, Result};
use cairn_plugin_package::manifest::OnFailure;
use cairn_store::events::Actor;
use cairn_store::{StoreError, WriteTx};
use serde_json::{Map, Value as Json, json};
use std::time::Duration;

/// Time that all hooks of one change may take together.
const MAX_TOTAL_DURATION: Duration = Duration::from_millis(250);

/// A change on its way through the hooks: each sees what those before it amended.
pub(super) struct HookRun<'a> {
    pub(super) change: DocumentChange<'a>,
    patch: Map<String, Json>,
    spent: Duration,
    /// True in a transaction that is never committed: then nothing is recorded of its calls.
    is_rehearsal: bool,
}

impl<'a> HookRun<'a> {
    pub(super) fn new(change: DocumentChange<'a>, is_rehearsal: bool) -> Self {
        Self { change, patch: Map::new(), spent: Duration::ZERO, is_rehearsal }
    }

    pub(super) fn into_decision(self) -> HookDecision {
        if self.patch.is_empty() { HookDecision::Allow } else { HookDecision::Amend(self.patch) }
    }

    /// Prepares a call of a hook: its context, its limits, and the change as the guest sees it.
    pub(super) fn prepare_call(
        &self,
        hook: &ActiveHook,
        export: PluginExport,
        tx: Option<&mut WriteTx<'_>>,
    ) -> Result<(CallContext, CallLimits, guest::Change)> {
        let (change, manifest) = (&self.change, hook.manifest());
        let id = new_call_id(export);
        let context = CallContext {
            export,
            name: hook.name.clone(),
            key: id.clone(),
            id,
            actor: to_guest_actor(change.actor),
            access: change.access.cloned().map(Into::into),
            locale: match change.locale {
                "" => hook.generation.access().locales().default.to_string(),
                locale => locale.to_owned(),
            },
            attempt: 1,
        };
        let remaining = MAX_TOTAL_DURATION.saturating_sub(self.spent);
        let limits = CallLimits { deadline: manifest.budget.min(remaining), ..call_limits(&hook.generation, export) };
        let mut show = DocumentView::new(hook, change.content_type, change.locale, tx);
        let guest_change = guest::Change {
            action: to_guest_action(change.action),
            content_type: change.content_type.uid.clone(),
            document_id: change.document_id.unwrap_or_default().to_owned(),
            locale: (!change.locale.is_empty()).then(|| change.locale.to_owned()),
            before: change.before.as_ref().map(|document| show.render_json(document)).transpose()?,
            after: change.after.as_ref().map(|document| show.render_json(document)).transpose()?,
            changed: {
                let readable = ReadableFields::new(hook, change.content_type);
                change.changed.iter().filter(|name| readable.has_field(name)).cloned().collect()
            },
            origin: change_origin(change.actor),
        };
        Ok((context, limits, guest_change))
    }

    /// Records the outcome of a call, and applies what it decided.
    pub(super) fn record_outcome(
        &mut self,
        plugins: &Plugins,
        hook: &ActiveHook,
        call_context: &CallContext,
        outcome: CallOutcome<std::result::Result<Vec<guest::Decision>, Error>>,
        check: &CheckAmendment<'_>,
    ) -> Result<()> {
        self.spent += outcome.took;
        let is_rehearsal = self.is_rehearsal;
        if !is_rehearsal {
            plugins.queue_logs(outcome.logs);
        }
        let limit = call_limits(&hook.generation, call_context.export).output;
        let decided = outcome.result.and_then(|answer| match answer {
            Ok(decisions) => self.parse_decision(hook, decisions, limit).map(Ok),
            Err(error) => check_guest_error(error, limit).map(Err),
        });
        let decided = match decided {
            Ok(Ok(GuestDecision::Amend(patch))) => {
                amend::check_amendment_fits(&patch, check)?.map(|()| Ok(GuestDecision::Amend(patch)))
            }
            other => other,
        };
        if decided.is_ok() && !is_rehearsal {
            plugins.record_success(hook.generation.id(), call_context.export, &hook.name, outcome.took);
        }
        match decided {
            Ok(Ok(GuestDecision::Allow)) => Ok(()),
            Ok(Ok(GuestDecision::Amend(patch))) => {
                self.apply_amendment(patch);
                Ok(())
            }
            Ok(Ok(GuestDecision::Refuse(errors))) => Err(ContentError::Refused(validation_refusal(errors))),
            Ok(Ok(GuestDecision::Conflict(conflict))) => Err(ContentError::Refused(conflict_refusal(conflict))),
            // Passed on by it: another transaction was faster, so the whole change begins anew.
            Ok(Err(Error::Conflict(conflict))) if conflict.kind == guest_errors::LOCK_CONFLICT => {
                Err(StoreError::Conflict.into())
            }
            Ok(Err(Error::Unavailable(after))) => {
                settle_no_decision(hook, NoDecision::Later(after.map(Duration::from_millis)))
            }
            Ok(Err(Error::Exhausted(budget))) => settle_no_decision(hook, NoDecision::Exhausted(budget)),
            Ok(Err(Error::Internal(_))) => settle_no_decision(hook, NoDecision::Later(None)),
            Ok(Err(error)) => Err(ContentError::Refused(guest_errors::to_refusal(error))),
            Err(failure) => {
                if !is_rehearsal {
                    let input = self.call_input();
                    plugins.record_failure(CallFailureRecord {
                        generation: &hook.generation,
                        context: call_context,
                        error: &failure,
                        took: outcome.took,
                        input,
                    });
                }
                settle_no_decision(hook, NoDecision::Later(failure.busy))
            }
        }
    }

    /// `most`: bytes that it may have.
    pub(super) fn parse_decision(
        &self,
        hook: &ActiveHook,
        mut decisions: Vec<guest::Decision>,
        most: usize,
    ) -> Result<GuestDecision, CallError> {
        let decision = match (decisions.pop(), decisions.is_empty()) {
            (Some(decision), true) => decision,
            (_, _) => return Err(CallError::invalid_output("it must return one decision per change")),
        };
        let bytes = match &decision {
            guest::Decision::Allow => 0,
            guest::Decision::Amend(patch) => patch.len(),
            guest::Decision::Refuse(errors) => {
                errors.iter().map(|e| e.path.len() + e.code.len() + e.message.len()).sum()
            }
            guest::Decision::Conflict(conflict) => conflict.kind.len() + conflict.message.len(),
        };
        if bytes > most {
            return Err(CallError::invalid_output(format!("its decision has {bytes} bytes; the limit is {most}")));
        }
        Ok(match decision {
            guest::Decision::Allow => GuestDecision::Allow,
            guest::Decision::Refuse(errors) => GuestDecision::Refuse(errors),
            guest::Decision::Conflict(conflict) => GuestDecision::Conflict(conflict),
            guest::Decision::Amend(_) if !self.change.action.has_values() => {
                return Err(CallError::invalid_output(format!(
                    "{} has no values to amend",
                    self.change.action.as_str()
                )));
            }
            guest::Decision::Amend(patch) => match serde_json::from_str(&patch) {
                Ok(Json::Object(patch)) => {
                    amend::check_amendment_grant(hook, &self.change, &patch)?;
                    GuestDecision::Amend(patch)
                }
                Ok(_) => return Err(CallError::invalid_output("an amendment must be a JSON object")),
                Err(error) => {
                    return Err(CallError::invalid_output(format!("an amendment is not valid JSON: {error}")));
                }
            },
        })
    }

    /// Later hooks see it.
    fn apply_amendment(&mut self, patch: Map<String, Json>) {
        let after = self.change.after.get_or_insert_default();
        for (name, value) in patch {
            if !self.change.changed.contains(&name) {
                self.change.changed.push(name.clone());
            }
            after.insert(name.clone(), value.clone());
            self.patch.insert(name, value);
        }
    }

    /// The input of the call, stored for the analysis of a failure.
    fn call_input(&self) -> Json {
        let change = &self.change;
        json!({
            "action": change.action.as_str(), "contentType": change.content_type.uid, "documentId": change.document_id,
            "locale": change.locale, "before": change.before, "after": change.after, "changed": change.changed,
            "actor": Actor { request: None, ..(**change.actor).clone() },
        })
    }
}

/// Why a hook has not decided about a change.
pub(super) enum NoDecision {
    /// It failed too often, and is paused for this long.
    Paused(Duration),
    /// It used up that budget of its own, such as `events-per-hour`.
    Exhausted(String),
    /// It failed, or could not be called; with the time to wait before a retry, if known.
    Later(Option<Duration>),
}

/// Settles a change about which a hook has decided nothing.
pub(super) fn settle_no_decision(hook: &ActiveHook, why: NoDecision) -> Result<()> {
    if hook.manifest().on_failure == OnFailure::Skip {
        return Ok(());
    }
    let plugin = hook.generation.id();
    let is_paused = matches!(why, NoDecision::Paused(_));
    let (message, retry_after) = match why {
        NoDecision::Paused(pause) => {
            (format!("The plugin {plugin:?} failed too often and is paused: the change was not saved"), Some(pause))
        }
        NoDecision::Exhausted(budget) => {
            (format!("The plugin {plugin:?} exceeded its budget of {budget}: the change was not saved"), None)
        }
        NoDecision::Later(retry_after) => {
            (format!("The plugin {plugin:?} did not respond: the change was not saved"), retry_after)
        }
    };
    let mut refusal = guest_errors::unavailable_refusal(message, retry_after);
    if is_paused {
        guest_errors::name_missing_plugin(&mut refusal, plugin, "paused");
    }
    Err(ContentError::Refused(refusal))
}

pub(super) enum GuestDecision {
    Allow,
    Amend(Map<String, Json>),
    Refuse(Vec<FieldError>),
    Conflict(Conflict),
}

fn to_guest_action(action: HookAction) -> guest::Action {
    match action {
        HookAction::Create => guest::Action::Create,
        HookAction::Update => guest::Action::Update,
        HookAction::Delete => guest::Action::Delete,
        HookAction::Publish => guest::Action::Publish,
        HookAction::Unpublish => guest::Action::Unpublish,
        HookAction::DiscardDraft => guest::Action::DiscardDraft,
    }
}
