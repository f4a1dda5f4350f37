//! Replays hooks for a change that is over, as a dry run only.

use super::report::{
    ReplayError, ReplayReport, ReplayStatus, RolledBack, failed_dry_run, input_field, rolled_back_value,
};
use crate::exports::hooks::{PastChange, ReplayedDecision, replay_hook};
use crate::runtime::generation::Generation;
use cairn_content::HookAction;
use cairn_query::Access;
use cairn_store::events::Actor;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Calls a hook in a transaction that is rolled back.
pub(super) async fn dry_run_hook(
    generation: &Arc<Generation>,
    export: &str,
    name: &str,
    input: &Json,
    access: Arc<Access>,
) -> Result<ReplayReport, ReplayError> {
    let action: String = input_field(input, "action")?;
    let uid: String = input_field(input, "contentType")?;
    let registry = generation.content().registry();
    let content_type = registry
        .by_uid(&uid)
        .ok_or_else(|| ReplayError::refused(format!("the content type {uid} no longer exists")))?
        .id;
    let past = PastChange {
        action: HookAction::parse(&action).ok_or_else(|| ReplayError::not_stored("the action"))?,
        content_type,
        document_id: input_field(input, "documentId")?,
        locale: input_field(input, "locale")?,
        before: input_field(input, "before")?,
        after: input_field(input, "after")?,
        changed: input_field(input, "changed")?,
        actor: Arc::new(input_field::<Option<Actor>>(input, "actor")?.unwrap_or_else(Actor::public)),
        access,
    };
    let Some(hook) = past.find_hook(generation, export == "prepare", name) else {
        let why = format!("version {} no longer has the hook {name:?} on {uid}", generation.manifest.plugin.version);
        return Err(ReplayError::refused(why));
    };
    let (past, hook) = (Arc::new(past), Arc::new(hook));
    let undone = generation
        .content()
        .store()
        .write(move |tx| {
            replay_hook(tx, &hook, &past).map_or_else(
                |e| Err(RolledBack::from(e)),
                |call_outcome| Err(RolledBack::Value(Box::new(call_outcome))),
            )
        })
        .await;
    let outcome = rolled_back_value::<crate::runtime::invocation::CallOutcome<ReplayedDecision>>(undone)?;
    Ok(match outcome.result {
        Err(failure) => failed_dry_run(&failure, outcome.took, outcome.logs),
        Ok(decision) => {
            let (message, answer) = match decision {
                ReplayedDecision::Allow => ("the plugin allows the change", json!({ "decision": "allow" })),
                ReplayedDecision::Amend(patch) => {
                    ("the plugin amends the change", json!({ "decision": "amend", "patch": patch }))
                }
                ReplayedDecision::Conflict(kind, message) => {
                    let answer = json!({ "decision": "conflict", "kind": kind, "message": message });
                    ("the plugin reports a conflict", answer)
                }
                ReplayedDecision::Refuse(errors) => {
                    ("the plugin refuses the change", json!({ "decision": "refuse", "errors": errors }))
                }
            };
            ReplayReport {
                end: ReplayStatus::Worked,
                message: message.to_owned(),
                answer,
                took: outcome.took,
                logs: outcome.logs,
            }
        }
    })
}
