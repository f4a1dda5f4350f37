//! Runs plugins: WebAssembly components with no capabilities but those they were granted.
//!
//! [`PluginHost`] is the engine of a process. [`Plugins`] are those of one tenant: they are the hooks of its content, and add consumers and job
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
mod conditions;
mod engine;
mod entropy;
mod error;
mod events;
mod files;
mod generation;
mod guest_errors;
mod health;
mod hooks;
mod host_context;
mod http;
mod interrupt;
mod jobs;
pub mod lifecycle;
mod limits;
mod memory;
mod meter;
mod pdf;
mod pdf_templates;
mod permissions;
mod plugins;
pub mod policies;
mod quarantine;
mod quotas;
pub mod replay;
mod retention;
pub mod routes;
mod schedules;
mod sealer;
mod search;
pub mod secrets;
mod state;
mod totals;
mod translations;
mod turns;
mod view_schema;
pub mod views;

pub use breaker::CircuitState;
pub use engine::{HostLimits, PluginHost, RUNTIME_VERSION};
pub use error::{CallError, LoadError};
pub use files::FileStore;
pub use generation::InstalledPlugin;
pub use health::{CallHealth, PluginHealth, SubscriptionHealth};
pub use host_context::HostContext;
pub use http::OutboundHttp;
pub use interrupt::Interruption;
pub use limits::{CallLimits, PluginExport};
pub use meter::CallFuel;
pub use pdf::PdfProgram;
pub use plugins::Plugins;
pub use quarantine::{NotifyFn, QuarantineOutcome, RollbackFn};
pub use quotas::QuotaUsage;
pub use sealer::{PdfSealError, SealLevel, SealOptions, SealedPdf, Sealer};
pub use search::PluginSearch;
pub use totals::{CallTotals, PluginMetric};
