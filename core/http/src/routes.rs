//! Handlers, one file a route group: thin, the work is done in `content` and `access`.

pub(crate) mod admin;
pub(crate) mod admin_ui;
pub(crate) mod auth;
pub(crate) mod connect;
pub(crate) mod content;
pub(crate) mod content_type_builder;
pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod invitation_page;
pub(crate) mod live;
pub(crate) mod locales;
pub(crate) mod openapi;
pub(crate) mod plugin_frames;
pub(crate) mod plugins;
pub(crate) mod preview;
pub(crate) mod root;
pub(crate) mod see_as;
pub(crate) mod test_clock;
pub(crate) mod upload;
pub(crate) mod users;
