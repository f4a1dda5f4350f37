//! Code that is ready to run: the engine, one version of a plugin, and how it is called.

pub(crate) mod engine;
pub(crate) mod generation;
pub(crate) mod guest_export;
pub(crate) mod hooks_export;
pub(crate) mod invocation;
