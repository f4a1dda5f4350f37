//! The `cairn` program: its command line over [`cairn_app`] and [`cairn_http`]. The only crate that sees both.

pub mod cli;

pub use cairn_app::commands::document_helper;
pub use cairn_app::{App, OperatorError, Tenant, build_app, config};
pub use cairn_http::document_json as openapi;
pub use cairn_http::{RunningServer, start_server};
