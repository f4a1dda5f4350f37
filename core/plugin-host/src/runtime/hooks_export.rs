//! The export `hooks` of a component, in the form that it was built for.

use crate::call::state::CallState;
use crate::contract::bindings::hooks::exports::cairn::plugin::hooks as guest;
use crate::contract::bindings::types::{Call, Error, FieldError};
use crate::contract::plugin_export::PluginExport;
use crate::runtime::guest_export::{GuestExport, function_type};
use wasmtime::Store;
use wasmtime::component::{Component, ComponentType, InstancePre, Lift, Type};

/// The interface of the contract.
const HOOKS_INTERFACE: &str = "hooks";

/// Export of hooks, which decide over changes.
pub(crate) struct HooksExport {
    export: GuestExport,
    /// True if decisions can be conflicts.
    has_conflicts: bool,
}

impl HooksExport {
    /// Of a component. Returns an error if it does not export what the contract has.
    pub(crate) fn new(code: &InstancePre<CallState>) -> wasmtime::Result<Self> {
        let export = GuestExport::new(code, HOOKS_INTERFACE, &["prepare", "before"])?;
        // A wrong type would be found only by an instance, which is too late, so the component's own types decide.
        Ok(Self { export, has_conflicts: knows_conflicts(code.component()).unwrap_or(true) })
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
        let function = match export {
            PluginExport::Prepare => "prepare",
            _ => "before",
        };
        let (changes, export) = ([change], &self.export);
        let arguments = (name, &changes[..]);
        if self.has_conflicts {
            return export.call(store, function, call, arguments).await;
        }
        let answer: Result<Vec<DecisionWithoutConflict>, Error> = export.call(store, function, call, arguments).await?;
        Ok(answer.map(|decisions| decisions.into_iter().map(Into::into).collect()))
    }
}

/// True if the decisions of a component can be conflicts; `None`: it exports no hooks.
fn knows_conflicts(component: &Component) -> Option<bool> {
    let answer = function_type(component, HOOKS_INTERFACE, "before")?.results().next()?;
    let Type::Result(answer) = answer else { return None };
    let Type::List(decisions) = answer.ok()? else { return None };
    let Type::Variant(decision) = decisions.ty() else { return None };
    Some(decision.cases().any(|case| case.name == "conflict"))
}

/// A decision as it was before it could be a conflict: plugins that were built then go on running.
#[derive(ComponentType, Lift)]
#[component(variant)]
enum DecisionWithoutConflict {
    #[component(name = "allow")]
    Allow,
    #[component(name = "amend")]
    Amend(String),
    #[component(name = "refuse")]
    Refuse(Vec<FieldError>),
}

impl From<DecisionWithoutConflict> for guest::Decision {
    fn from(decision: DecisionWithoutConflict) -> Self {
        match decision {
            DecisionWithoutConflict::Allow => Self::Allow,
            DecisionWithoutConflict::Amend(patch) => Self::Amend(patch),
            DecisionWithoutConflict::Refuse(errors) => Self::Refuse(errors),
        }
    }
}
