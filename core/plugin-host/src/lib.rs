//! Runs plugins: WebAssembly components with nothing but the capabilities they were granted.
//!
//! [`Host`] is the engine of a process. [`Plugins`] are those of one tenant: they are the hooks of its content, and bring
//! subscribers and job handlers to its engine. Each call has a fresh instance, so nothing is left of the one before; state lives in the
//! host. A generation is one version of a plugin with what it was granted; calls hold the one that they began with.
//!
//! A capability is one file in `capabilities/`.

mod ambient;
mod bindings;
mod breaker;
mod call;
mod capabilities;
mod engine;
mod error;
mod events;
mod faults;
mod generation;
mod ground;
mod hooks;
mod jobs;
mod limits;
mod metrics;
mod plugins;
mod rights;
pub mod routes;
mod state;
mod when;

pub use engine::Host;
pub use error::{Failure, LoadError};
pub use generation::Installed;
pub use ground::Ground;
pub use limits::{Export, Limits};
pub use plugins::Plugins;
