//! HTTP in front of `content`: routes, the caller of a request, wire errors, configuration, and the `cairn` program's
//! commands. The only crate that knows axum, and the only one that sees all the others.

mod admin_ui;
mod answer;
pub mod app;
mod backstage;
mod backup;
mod cache;
pub mod commands;
pub mod config;
mod error;
mod extract;
mod front;
mod listen;
mod live;
mod logging;
mod model_files;
mod node;
mod openapi;
mod plugins;
mod router;
mod routes;
mod seal_profiles;
pub mod shelf;
mod strapi_code;
mod tenant;
mod tenants;
mod uploads;
mod v4_format;
mod wiring;

pub use app::App;
pub use listen::{Running, start};
pub use openapi::document as openapi;
pub use tenant::Tenant;
pub use wiring::{Failure, build};
