//! Checks that a hook may amend what it amends, and that the amendment fits. Both are done before it is applied: one that goes too
//! far is a failed call of the plugin, not an error of the client.

use crate::call::error::CallError;
use crate::tenant::hook_index::ActiveHook;
use cairn_content::{ContentError, DocumentChange, HookAction, Result};
use cairn_model::FieldKind;
use cairn_query::Action;
use serde_json::{Map, Value as Json};

/// See [`cairn_content::CheckAmendment`]; what it looks into is in the closure.
pub(super) type CheckAmendment<'a> = dyn Fn(&Map<String, Json>) -> Result<()> + 'a;

/// Checks that the plugin was granted every field that it amends. Of its own types that is all of them; of others those of its `data.write`
/// grants. A nested value (of a component, a dynamic zone, a relation) is its field's: who may write the field may write all of it.
///
/// # Errors
/// The first field that it may not amend, and what would allow it.
pub(super) fn check_amendment_grant(
    hook: &ActiveHook,
    change: &DocumentChange<'_>,
    patch: &Map<String, Json>,
) -> Result<(), CallError> {
    let (ct, rights) = (change.content_type, &hook.generation.content_access);
    // A created document could be updated at once, so the permission to update is enough to amend a creation.
    let (actions, word): (&[Action], _) = match change.action {
        HookAction::Create => (&[Action::Create, Action::Update], "create"),
        _ => (&[Action::Update], "update"),
    };
    for name in patch.keys() {
        let Some((id, attribute)) = ct.attributes.get(name) else {
            return Err(CallError::invalid_output(format!(
                "it amends {name:?}, which is not an attribute of {}",
                ct.uid
            )));
        };
        if matches!(attribute.kind, FieldKind::Password) {
            return Err(CallError::invalid_output(format!(
                "it amends {name:?} of {}: hooks cannot set passwords",
                ct.uid
            )));
        }
        if actions.iter().any(|action| rights.allows_attribute(ct, id, *action)) {
            continue;
        }
        let uid = &ct.uid;
        return Err(CallError::invalid_output(match attribute.private {
            true => {
                format!("it amends {name:?} of {uid}, which is not granted: private fields cannot be granted")
            }
            false => format!(
                "it amends {name:?} of {uid}, which is not granted: plugin.toml needs a [[grant]] with use = \"data.write\", \
                 types = [{uid:?}], fields = [{name:?}] and actions = [{word:?}]"
            ),
        }));
    }
    Ok(())
}

/// Checks that an amendment fits its type. The outer error is the database's.
pub(super) fn check_amendment_fits(
    patch: &Map<String, Json>,
    check: &CheckAmendment<'_>,
) -> Result<Result<(), CallError>> {
    match check(patch) {
        Ok(()) => Ok(Ok(())),
        Err(ContentError::Refused(refusal)) => {
            Ok(Err(CallError::invalid_output(format!("its amendment is invalid: {}", refusal.message))))
        }
        Err(other) => Err(other),
    }
}
