//! `plugin.wasm`: what it imports and exports, and whether that fits the manifest. Nothing of it is compiled or run.

mod check;
mod contract;
mod inspect;

#[cfg(test)]
mod tests;

pub use check::check;
pub use inspect::{ComponentProblem, Interface, Item, MAX_COMPONENT, Shape, inspect};

/// The component's name in the package.
pub const COMPONENT: &str = "plugin.wasm";
