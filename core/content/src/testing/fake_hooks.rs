//! Hooks whose decisions a test sets, and which record what they get.

use crate::hooks::{CheckAmendment, CheckAmendmentIn, DocumentChange, HookAction, HookDecision, Hooks};
use crate::{ContentError, Result};
use cairn_model::TypeId;
use cairn_model::validate::FieldError;
use cairn_store::WriteTx;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::{Map, Value as Json};

type BeforeFn = Box<dyn Fn(&mut WriteTx<'_>, &DocumentChange<'_>) -> Result<HookDecision> + Send + Sync>;
type PrepareFn = Box<dyn Fn(&DocumentChange<'_>) -> Result<HookDecision> + Send + Sync>;

/// The values that a hook got.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecordedCall {
    pub(crate) action: &'static str,
    pub(crate) document_id: Option<String>,
    pub(crate) before: Option<Json>,
    pub(crate) after: Option<Json>,
    pub(crate) changed: Vec<String>,
}

/// Hooks of every type whose decisions a test sets.
#[derive(Default)]
pub(crate) struct FakeHooks {
    inside: Option<BeforeFn>,
    early: Option<PrepareFn>,
    pub(crate) seen: Mutex<Vec<RecordedCall>>,
    /// True if each amendment was valid, as the check reported to the hook before it was applied.
    pub(crate) checked: Mutex<Vec<bool>>,
}

impl FakeHooks {
    fn record_call(&self, change: &DocumentChange<'_>) {
        self.seen.lock().push(RecordedCall {
            action: change.action.as_str(),
            document_id: change.document_id.map(str::to_owned),
            before: change.before.clone().map(Json::Object),
            after: change.after.clone().map(Json::Object),
            changed: change.changed.clone(),
        });
    }
}

impl Hooks for FakeHooks {
    fn has_before_hooks(&self, _: TypeId, _: HookAction) -> bool {
        self.inside.is_some()
    }

    fn has_prepare_hooks(&self, _: TypeId, _: HookAction) -> bool {
        self.early.is_some()
    }

    fn prepare<'a>(
        &'a self,
        change: DocumentChange<'a>,
        _: &'a CheckAmendment<'a>,
    ) -> BoxFuture<'a, Result<HookDecision>> {
        async move {
            self.record_call(&change);
            self.early.as_ref().map_or(Ok(HookDecision::Allow), |say| say(&change))
        }
        .boxed()
    }

    fn before(
        &self,
        tx: &mut WriteTx<'_>,
        change: DocumentChange<'_>,
        check: &CheckAmendmentIn<'_>,
    ) -> Result<HookDecision> {
        self.record_call(&change);
        let verdict = self.inside.as_ref().map_or(Ok(HookDecision::Allow), |say| say(tx, &change))?;
        if let HookDecision::Amend(patch) = &verdict {
            self.checked.lock().push(check(tx, patch).is_ok());
        }
        Ok(verdict)
    }
}

/// An amendment.
pub(crate) fn amend(patch: Json) -> Result<HookDecision> {
    Ok(HookDecision::Amend(patch.as_object().cloned().unwrap_or_else(Map::new)))
}

/// A refusal of an attribute.
pub(crate) fn refuse(path: &str, message: &str) -> ContentError {
    let path = path.split('.').map(str::to_owned).collect();
    ContentError::field_errors(vec![FieldError { path, message: message.to_owned(), value: None }])
}

/// A hook inside the transaction.
pub(crate) fn before_hook(
    say: impl Fn(&mut WriteTx<'_>, &DocumentChange<'_>) -> Result<HookDecision> + Send + Sync + 'static,
) -> FakeHooks {
    FakeHooks { inside: Some(Box::new(say)), ..FakeHooks::default() }
}

/// A hook before the transaction.
pub(crate) fn prepare_hook(
    say: impl Fn(&DocumentChange<'_>) -> Result<HookDecision> + Send + Sync + 'static,
) -> FakeHooks {
    FakeHooks { early: Some(Box::new(say)), ..FakeHooks::default() }
}
