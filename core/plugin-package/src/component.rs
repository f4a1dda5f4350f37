//! `plugin.wasm`: what it imports and exports, and whether that fits the manifest. Nothing of it is compiled or run.

mod check;
mod contract;
mod inspect;

#[cfg(test)]
mod tests;

pub use check::check_component;
pub use contract::UndeclaredParts;
pub use inspect::{ComponentInterfaces, ComponentProblem, Interface, InterfaceItem, MAX_COMPONENT, inspect_component};

/// The component's name in the package.
pub const COMPONENT: &str = "plugin.wasm";
