//! HTTP in front of `content`: routes, the caller of a request, wire errors, configuration, and the `cairn` program's
//! commands. The only crate that knows axum, and the only one that sees all the others.

mod admin_ui;
pub mod app;
mod background;
mod backup;
mod cache;
mod cached_response;
pub mod cli;
pub mod commands;
pub mod config;
mod error;
mod extract;
pub mod file_cache;
mod listen;
mod live;
mod logging;
mod model_files;
mod model_loading;
mod node;
mod openapi;
mod operator_error;
mod plugins;
mod request_entry;
mod request_id;
mod responses;
mod router;
mod routes;
mod seal_profiles;
mod strapi_code;
mod tenant;
mod tenants;
mod upload_storage;
mod v4_format;
mod wiring;

pub use app::{App, build_app};
pub use listen::{RunningServer, start_server};
pub use openapi::document::document_json as openapi;
pub use operator_error::OperatorError;
pub use tenant::Tenant;
