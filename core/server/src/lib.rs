//! The `cairn` program: its command line over [`cairn_app`] and [`cairn_router`]. The only crate that sees both.

pub mod cli;

pub use cairn_app::{App, OperatorError, Tenant, build_app, config};
pub use cairn_commands::document_helper;
pub use cairn_router::document_json as openapi;
pub use cairn_router::{RunningServer, start_server};
