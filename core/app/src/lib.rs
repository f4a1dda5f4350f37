//! The application apart from HTTP: configuration, tenants and what they are made of, plugins, backups and background
//! work. It knows no routes and no web framework.

pub mod admin_ui;
pub mod api_descriptions;
mod app;
mod background;
pub mod backup;
pub mod config;
pub mod file_cache;
pub mod graphql_schemas;
pub mod live;
pub mod logging;
pub mod model_files;
pub mod node;
mod operator_error;
pub mod personal_data;
pub mod plugins;
pub mod project_files;
pub mod project_model;
pub mod response_cache;
pub mod seal_profiles;
mod see_as;
pub mod strapi_code;
pub mod tenant;
pub mod tenants;
pub mod upload_storage;
pub mod wiring;

pub use app::{App, build_app};
pub use operator_error::OperatorError;
pub use tenant::Tenant;
