//! From a request to what a handler works with.

pub mod actor;
pub mod admin;
pub mod authorization;
pub mod body;
pub mod body_file;
pub mod client_address;
pub mod drained_body;
pub mod json;
pub mod locale;
pub mod outdated_write;
pub mod require;
pub mod tenant;
pub mod url_params;
pub mod version;
