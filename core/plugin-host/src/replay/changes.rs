//! Hooks, asked again about a change that is over: only to see what they say.

use super::{End, NotReplayed, Replayed, Undone, failed, field, meant};
use crate::generation::Generation;
use crate::hooks::{Past, Said, ask_again};
use cairn_content::HookAction;
use cairn_query::Access;
use cairn_store::events::Actor;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Asks a hook in a transaction that is undone.
pub(super) async fn rehearse(
    generation: &Arc<Generation>,
    export: &str,
    name: &str,
    input: &Json,
    access: Arc<Access>,
) -> Result<Replayed, NotReplayed> {
    let action: String = field(input, "action")?;
    let uid: String = field(input, "contentType")?;
    let registry = generation.content().registry();
    let content_type = registry
        .by_uid(&uid)
        .ok_or_else(|| NotReplayed::refused(format!("the content type {uid} no longer exists")))?
        .id;
    let past = Past {
        action: HookAction::parse(&action).ok_or_else(|| NotReplayed::not_kept("the action"))?,
        content_type,
        document_id: field(input, "documentId")?,
        locale: field(input, "locale")?,
        before: field(input, "before")?,
        after: field(input, "after")?,
        changed: field(input, "changed")?,
        actor: Arc::new(field::<Option<Actor>>(input, "actor")?.unwrap_or_else(Actor::public)),
        access,
    };
    let Some(hook) = past.hook(generation, export == "prepare", name) else {
        let why = format!("version {} no longer has the hook {name:?} on {uid}", generation.manifest.plugin.version);
        return Err(NotReplayed::refused(why));
    };
    let (past, hook) = (Arc::new(past), Arc::new(hook));
    let undone = generation
        .content()
        .store()
        .write(move |tx| {
            ask_again(tx, &hook, &past)
                .map_or_else(|e| Err(Undone::from(e)), |ended| Err(Undone::Meant(Box::new(ended))))
        })
        .await;
    let ended = meant::<crate::call::Ended<Said>>(undone)?;
    Ok(match ended.result {
        Err(failure) => failed(&failure, ended.took, ended.logs),
        Ok(said) => {
            let (message, answer) = match said {
                Said::Allow => ("the plugin allows the change", json!({ "decision": "allow" })),
                Said::Amend(patch) => ("the plugin amends the change", json!({ "decision": "amend", "patch": patch })),
                Said::Conflict(kind, message) => {
                    let answer = json!({ "decision": "conflict", "kind": kind, "message": message });
                    ("the plugin reports a conflict", answer)
                }
                Said::Refuse(errors) => {
                    ("the plugin refuses the change", json!({ "decision": "refuse", "errors": errors }))
                }
            };
            Replayed { end: End::Worked, message: message.to_owned(), answer, took: ended.took, logs: ended.logs }
        }
    })
}
