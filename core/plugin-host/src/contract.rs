//! The contract with plugins as Rust: the bindings of `plugins/wit`, and errors as both sides see them.

pub(crate) mod actors;
pub(crate) mod bindings;
pub(crate) mod guest_errors;
pub(crate) mod host_error;
pub(crate) mod plugin_export;
