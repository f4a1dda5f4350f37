//! The export `hooks` of a component, in the form that it was built for.

use crate::call::state::CallState;
use crate::contract::bindings::hooks::ExportingPre;
use crate::contract::bindings::hooks::exports::cairn::plugin::hooks as guest;
use crate::contract::bindings::hooks_without_conflict::ExportingPre as EarlierPre;
use crate::contract::bindings::hooks_without_conflict::exports::cairn::plugin::hooks as earlier;
use crate::contract::bindings::types::{Call, Error};
use crate::contract::plugin_export::PluginExport;
use wasmtime::Store;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, InstancePre, Type};

/// The interface, as components export it.
const HOOKS_INTERFACE: &str = "cairn:plugin/hooks@0.1.0";

/// What decides over changes.
pub(crate) enum HooksExport {
    /// Of the contract as it is.
    Current(ExportingPre<CallState>),
    /// As it was before decisions could be conflicts.
    WithoutConflict(EarlierPre<CallState>),
}

impl HooksExport {
    /// Of a component. Returns an error if it does not export what the contract has.
    pub(crate) fn new(code: InstancePre<CallState>) -> wasmtime::Result<Self> {
        // Only an instance shows whether the types fit, and that would be too late.
        match knows_conflicts(code.component()) {
            Some(false) => EarlierPre::new(code).map(Self::WithoutConflict),
            Some(true) | None => ExportingPre::new(code).map(Self::Current),
        }
    }

    /// Calls the hook `name`; `export` is the phase.
    pub(crate) async fn call_hook(
        &self,
        store: &mut Store<CallState>,
        export: PluginExport,
        call: &Call,
        name: &str,
        change: guest::Change,
    ) -> wasmtime::Result<Result<Vec<guest::Decision>, Error>> {
        match self {
            Self::Current(exports) => {
                let guest = exports.instantiate_async(&mut *store).await?;
                let guest = guest.cairn_plugin_hooks();
                match export {
                    PluginExport::Prepare => guest.call_prepare(store, call, name, &[change]).await,
                    _ => guest.call_before(store, call, name, &[change]).await,
                }
            }
            Self::WithoutConflict(exports) => {
                let guest = exports.instantiate_async(&mut *store).await?;
                let guest = guest.cairn_plugin_hooks();
                let change = to_earlier_change(change);
                let answer = match export {
                    PluginExport::Prepare => guest.call_prepare(store, call, name, &[change]).await?,
                    _ => guest.call_before(store, call, name, &[change]).await?,
                };
                Ok(answer.map(|decisions| decisions.into_iter().map(from_earlier_decision).collect()))
            }
        }
    }
}

/// Whether the decisions of a component can be conflicts; `None`: it exports no hooks.
fn knows_conflicts(component: &Component) -> Option<bool> {
    let engine = component.engine();
    let ComponentItem::ComponentInstance(hooks) = component.component_type().get_export(engine, HOOKS_INTERFACE)?.ty
    else {
        return None;
    };
    let ComponentItem::ComponentFunc(before) = hooks.get_export(engine, "before")?.ty else { return None };
    let answer = before.results().next()?;
    let Type::Result(answer) = answer else { return None };
    let Type::List(decisions) = answer.ok()? else { return None };
    let Type::Variant(decision) = decisions.ty() else { return None };
    Some(decision.cases().any(|case| case.name == "conflict"))
}

fn to_earlier_change(change: guest::Change) -> earlier::Change {
    earlier::Change {
        action: match change.action {
            guest::Action::Create => earlier::Action::Create,
            guest::Action::Update => earlier::Action::Update,
            guest::Action::Delete => earlier::Action::Delete,
            guest::Action::Publish => earlier::Action::Publish,
            guest::Action::Unpublish => earlier::Action::Unpublish,
            guest::Action::DiscardDraft => earlier::Action::DiscardDraft,
        },
        content_type: change.content_type,
        document_id: change.document_id,
        locale: change.locale,
        before: change.before,
        after: change.after,
        changed: change.changed,
        origin: change.origin,
    }
}

fn from_earlier_decision(decision: earlier::Decision) -> guest::Decision {
    match decision {
        earlier::Decision::Allow => guest::Decision::Allow,
        earlier::Decision::Amend(patch) => guest::Decision::Amend(patch),
        earlier::Decision::Refuse(errors) => guest::Decision::Refuse(errors),
    }
}
