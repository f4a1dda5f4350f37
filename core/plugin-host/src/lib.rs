//! Runs plugins: WebAssembly components with no capabilities but those they were granted.
//!
//! [`Host`] is the engine of a process. [`Plugins`] are those of one tenant: they are the hooks of its content, and add consumers and job
//! handlers to its engine. Each call has a fresh instance, so nothing is left of the one before; state is stored by the host. A generation
//! is one version of a plugin with its grants; a call uses the generation that it began with.
//!
//! A capability is one file in `capabilities/`.

mod alarms;
mod ambient;
mod bindings;
mod breaker;
mod call;
mod capabilities;
mod chance;
mod engine;
mod error;
mod events;
mod faults;
mod files;
mod generation;
mod ground;
mod health;
mod hooks;
mod http;
mod interrupt;
mod jobs;
pub mod lifecycle;
mod limits;
mod memory;
mod meter;
mod papers;
mod pdf;
mod plugins;
pub mod policies;
mod quarantine;
mod quotas;
pub mod replay;
mod retention;
mod rights;
pub mod routes;
mod sayings;
mod schedules;
mod sealers;
mod search;
pub mod secrets;
mod state;
mod totals;
mod turns;
pub mod views;
mod vocabulary;
mod when;

pub use breaker::Standing;
pub use engine::{Host, HostLimits, RUNTIME};
pub use error::{Failure, LoadError};
pub use files::FileStore;
pub use generation::Installed;
pub use ground::Ground;
pub use health::{CallHealth, PluginHealth, SubscriptionHealth};
pub use http::Outbound;
pub use interrupt::Interruption;
pub use limits::{Export, Limits};
pub use meter::Used;
pub use pdf::PdfProgram;
pub use plugins::Plugins;
pub use quarantine::{Back, Settled, Tell};
pub use quotas::Allowance;
pub use sealers::{SealLevel, SealWish, Sealed, Sealer, Unsealed};
pub use search::Search;
pub use totals::{CallTotals, OwnMetric};
