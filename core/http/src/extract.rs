//! From a request to what a handler works with.

pub(crate) mod actor;
pub(crate) mod admin;
pub(crate) mod authorization;
pub(crate) mod body;
pub(crate) mod body_file;
pub(crate) mod client;
pub(crate) mod drained_body;
pub(crate) mod json;
pub(crate) mod locale;
pub(crate) mod outdated_write;
pub(crate) mod require;
pub(crate) mod tenant;
pub(crate) mod url_params;
pub(crate) mod version;
