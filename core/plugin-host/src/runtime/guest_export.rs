//! An interface that a component exports, called in the form that the component was built for: before callers had groups, a principal was a
//! shorter record.

use crate::call::state::CallState;
use crate::contract::bindings::types::{Actor, Call, Principal};
use wasmtime::Store;
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, ComponentType, InstancePre, Lift, Lower, Type,
};

/// The arguments of a function behind its call.
pub(crate) trait GuestArguments: Send {
    /// All arguments, the call in front.
    type WithCall<C: Lower>: ComponentNamedList + Lower;

    /// Puts the call in front.
    fn with_call<C: Lower>(self, call: C) -> Self::WithCall<C>;
}

impl GuestArguments for () {
    type WithCall<C: Lower> = (C,);

    fn with_call<C: Lower>(self, call: C) -> (C,) {
        (call,)
    }
}

impl<A: Lower> GuestArguments for (A,) {
    type WithCall<C: Lower> = (C, A);

    fn with_call<C: Lower>(self, call: C) -> (C, A) {
        (call, self.0)
    }
}

impl<A: Lower, B: Lower> GuestArguments for (A, B) {
    type WithCall<C: Lower> = (C, A, B);

    fn with_call<C: Lower>(self, call: C) -> (C, A, B) {
        (call, self.0, self.1)
    }
}

/// An exported interface; every function of it takes the call first.
pub(crate) struct GuestExport {
    code: InstancePre<CallState>,
    functions: Vec<(&'static str, ComponentExportIndex)>,
    /// True if its principals have groups.
    has_groups: bool,
}

impl GuestExport {
    /// The interface of that name (`hooks`) of a component. Returns an error if the component lacks it, or one of its functions.
    pub(crate) fn new(
        code: &InstancePre<CallState>,
        interface: &str,
        functions: &[&'static str],
    ) -> wasmtime::Result<Self> {
        let name = interface_name(interface);
        let component = code.component();
        let instance = component
            .get_export_index(None, &*name)
            .ok_or_else(|| wasmtime::Error::msg(format!("no exported instance named `{name}`")))?;
        let find = |function: &&'static str| {
            let index = component.get_export_index(Some(&instance), *function);
            let index = index.ok_or_else(|| {
                wasmtime::Error::msg(format!("instance export `{name}` does not have export `{function}`"))
            })?;
            Ok((*function, index))
        };
        let functions = functions.iter().map(find).collect::<wasmtime::Result<Vec<_>>>()?;
        let first = functions.first().and_then(|(function, _)| function_type(component, interface, function));
        let has_groups = first.and_then(|function| knows_groups(&function)).unwrap_or(true);
        Ok(Self { code: code.clone(), functions, has_groups })
    }

    /// Calls a function of it in an instance of its own.
    pub(crate) async fn call<A: GuestArguments, R: Lift + 'static>(
        &self,
        store: &mut Store<CallState>,
        function: &str,
        call: &Call,
        arguments: A,
    ) -> wasmtime::Result<R> {
        let index = self.functions.iter().find(|(name, _)| *name == function).map(|(_, index)| index);
        let index = index.ok_or_else(|| wasmtime::Error::msg(format!("it does not export {function}")))?;
        let instance = self.code.instantiate_async(&mut *store).await?;
        let guest = instance
            .get_func(&mut *store, index)
            .ok_or_else(|| wasmtime::Error::msg(format!("{function} is not a function")))?;
        let (result,) = if self.has_groups {
            let guest = guest.typed::<A::WithCall<&Call>, (R,)>(&*store)?;
            guest.call_async(&mut *store, arguments.with_call(call)).await?
        } else {
            let call = CallWithoutGroups::from(call);
            let guest = guest.typed::<A::WithCall<&CallWithoutGroups>, (R,)>(&*store)?;
            guest.call_async(&mut *store, arguments.with_call(&call)).await?
        };
        Ok(result)
    }
}

/// The type of a function that a component exports.
pub(super) fn function_type(component: &Component, interface: &str, function: &str) -> Option<ComponentFunc> {
    let engine = component.engine();
    let interface = component.component_type().get_export(engine, &interface_name(interface))?.ty;
    let ComponentItem::ComponentInstance(interface) = interface else { return None };
    match interface.get_export(engine, function)?.ty {
        ComponentItem::ComponentFunc(function) => Some(function),
        _ => None,
    }
}

/// An interface, as components export it.
fn interface_name(interface: &str) -> String {
    format!("cairn:plugin/{interface}@0.1.0")
}

/// True if the principal in the call of a function has groups; `None` where the function takes no call.
fn knows_groups(function: &ComponentFunc) -> Option<bool> {
    let (_, Type::Record(call)) = function.params().next()? else { return None };
    let Type::Variant(actor) = call.fields().find(|field| field.name == "actor")?.ty else { return None };
    let Type::Record(principal) = actor.cases().find_map(|case| case.ty)? else { return None };
    Some(principal.fields().any(|field| field.name == "groups"))
}

/// A call as it was before callers had groups.
#[derive(ComponentType, Lower)]
#[component(record)]
struct CallWithoutGroups {
    id: String,
    #[component(name = "idempotency-key")]
    idempotency_key: String,
    actor: ActorWithoutGroups,
    locale: String,
    attempt: u32,
    deadline: i64,
}

#[derive(ComponentType, Lower)]
#[component(variant)]
enum ActorWithoutGroups {
    #[component(name = "anonymous")]
    Anonymous,
    #[component(name = "user")]
    User(PrincipalWithoutGroups),
    #[component(name = "admin")]
    Admin(PrincipalWithoutGroups),
    #[component(name = "token")]
    Token(PrincipalWithoutGroups),
    #[component(name = "system")]
    System,
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct PrincipalWithoutGroups {
    id: String,
    name: Option<String>,
    roles: Vec<String>,
}

impl From<&Call> for CallWithoutGroups {
    fn from(call: &Call) -> Self {
        let principal =
            |p: &Principal| PrincipalWithoutGroups { id: p.id.clone(), name: p.name.clone(), roles: p.roles.clone() };
        Self {
            id: call.id.clone(),
            idempotency_key: call.idempotency_key.clone(),
            actor: match &call.actor {
                Actor::Anonymous => ActorWithoutGroups::Anonymous,
                Actor::User(p) => ActorWithoutGroups::User(principal(p)),
                Actor::Admin(p) => ActorWithoutGroups::Admin(principal(p)),
                Actor::Token(p) => ActorWithoutGroups::Token(principal(p)),
                Actor::System => ActorWithoutGroups::System,
            },
            locale: call.locale.clone(),
            attempt: call.attempt,
            deadline: call.deadline,
        }
    }
}
