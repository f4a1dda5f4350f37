//! Repeating a hook for a change in the past.

use super::course::{Course, Decided};
use super::{Index, Listening, exports};
use crate::bindings::types::{Call, Error, FieldError};
use crate::call::{Ended, inside};
use crate::error::Failure;
use crate::faults::{answered, steps};
use crate::generation::Generation;
use crate::limits::Export;
use crate::state::State;
use cairn_content::{Change, HookAction, Result};
use cairn_model::TypeId;
use cairn_query::Access;
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// A recorded change.
pub(crate) struct Past {
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
pub(crate) struct Again {
    hook: Arc<Listening>,
    export: Export,
}

/// The decision of a hook on a change.
pub(crate) enum Said {
    Allow,
    Amend(Map<String, Json>),
    /// Path, message and code of each error.
    Refuse(Vec<Json>),
    /// Kind and message of the conflict.
    Conflict(String, String),
}

impl Past {
    /// The hook of that name, where it is called for such changes.
    pub(crate) fn hook(&self, generation: &Arc<Generation>, early: bool, name: &str) -> Option<Again> {
        let index = Index::of(generation.content().registry(), std::slice::from_ref(generation));
        let (of, export) = if early { (index.early, Export::Prepare) } else { (index.inside, Export::Before) };
        let found = of.get(&(self.content_type, self.action))?.iter().find(|hook| &*hook.name == name)?;
        Some(Again { hook: found.clone(), export })
    }
}

/// Calls it in a transaction that the caller rolls back. Nothing of it is recorded.
///
/// # Errors
/// Where its input cannot be read.
pub(crate) fn ask_again(tx: &mut WriteTx<'_>, again: &Again, past: &Past) -> Result<Ended<Said>> {
    let Again { hook, export } = again;
    let course = Course::of(Change {
        action: past.action,
        content_type: hook.generation.content().registry().get(past.content_type),
        document_id: past.document_id.as_deref(),
        locale: &past.locale,
        before: past.before.clone(),
        after: past.after.clone(),
        changed: past.changed.clone(),
        actor: &past.actor,
        access: Some(&past.access),
    });
    let (asked, limits, shown) = course.call(hook, *export, Some(tx))?;
    let name = hook.name.to_string();
    let run = async |store: &mut wasmtime::Store<State>, call: Call| {
        exports(hook)?.ask(store, *export, &call, &name, shown).await
    };
    let ended = inside(&hook.generation, asked, limits, tx, run);
    let result = ended.result.and_then(|answer| {
        let refused = |errors: Vec<FieldError>| {
            let one = |e: FieldError| json!({ "path": steps(&e.path), "message": e.message, "code": e.code });
            Said::Refuse(errors.into_iter().map(one).collect())
        };
        let decisions = match answer {
            Ok(decisions) => decisions,
            Err(error) => {
                return match answered(error, limits.output)? {
                    Error::Invalid(errors) => Ok(refused(errors)),
                    Error::Conflict(conflict) => Ok(Said::Conflict(conflict.kind, conflict.message)),
                    error => Err(Failure::error(format!("it returned {error:?}"))),
                };
            }
        };
        Ok(match course.decision(hook, decisions, limits.output)? {
            Decided::Allow => Said::Allow,
            Decided::Amend(patch) => Said::Amend(patch),
            Decided::Refuse(errors) => refused(errors),
            Decided::Conflict(conflict) => Said::Conflict(conflict.kind, conflict.message),
        })
    });
    Ok(Ended { result, logs: ended.logs, took: ended.took })
}
