//! Runs plugins: WebAssembly components with no capabilities but those they were granted.
//!
//! [`PluginHost`] is the engine of a process. [`Plugins`] are those of one tenant: they are the hooks of its content, and add consumers and job
//! handlers to its engine. Each call has a fresh instance, so nothing is left of the one before; state is stored by the host. A generation
//! is one version of a plugin with its grants; a call uses the generation that it began with.
//!
//! A capability is one file in `capabilities/`.

mod activation;
mod call;
mod capabilities;
mod contract;
mod definition;
mod exports;
pub mod replay;
mod runtime;
mod services;
mod supervision;
mod tenant;

pub use call::error::CallError;
pub use call::interrupt::Interruption;
pub use call::limits::CallLimits;
pub use call::meter::CallFuel;
pub use call::totals::{CallTotals, PluginMetric};
pub use contract::plugin_export::PluginExport;
pub use definition::chosen_types::attributes_of;
pub use definition::load_error::LoadError;
pub use exports::{lifecycle, policies, privacy, routes, views};
pub use runtime::engine::{CompiledComponent, HostLimits, PluginHost, RUNTIME_VERSION};
pub use runtime::generation::InstalledPlugin;
pub use services::files::FileStore;
pub use services::host_context::HostContext;
pub use services::http::OutboundHttp;
pub use services::pades_sealer::PadesSealer;
pub use services::pdf::PdfProgram;
pub use services::pdf_signatures::{PdfVerifyError, SignatureFinding};
pub use services::pdf_text::PdfTextError;
pub use services::sealer::{PdfSealError, SealLevel, SealOptions, SealedPdf, Sealer};
pub use services::search::PluginSearch;
pub use services::time_stamps::TimeStampAuthority;
pub use services::{secrets, signing_keys};
pub use supervision::health::{CallHealth, PluginHealth, SubscriptionHealth};
pub use supervision::quarantine::{NotifyFn, QuarantineOutcome, RollbackFn};
pub use supervision::quota_usage::QuotaUsage;
pub use tenant::breaker::CircuitState;
pub use tenant::calendars::ActiveCalendar;
pub use tenant::missing_plugins::{MissingCause, MissingCheck, MissingPlugin};
pub use tenant::plugins::Plugins;
