//! From a request to what a handler works with.

pub(crate) mod actor;
pub(crate) mod address;
pub(crate) mod admin;
pub(crate) mod authorization;
pub(crate) mod body;
pub(crate) mod client;
pub(crate) mod host;
pub(crate) mod json;
pub(crate) mod lent;
pub(crate) mod locale;
pub(crate) mod tenant;
pub(crate) mod version;
