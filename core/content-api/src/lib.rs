//! The content API: entries, files, users, live updates and the routes of plugins, for the front ends of a site. Each file is one group of
//! routes; the rules are in `access` and `content`.

mod auth;
mod connect;
mod content;
mod content_type_builder;
mod files;
mod graphql;
mod invitation_page;
mod live;
mod locales;
mod openapi;
mod plugin_frames;
mod plugins;
mod policed_request;
mod preview;
mod routes;
mod see_as;
mod source_maps;
mod upload;
mod users;

pub use content::find_response_to_known_caller;
pub use openapi::describe_plugin_route;
pub use plugins::{is_below_content_api, plugin_preflight};
pub use preview::CAIRN_PREVIEW;
pub use routes::{admin_copies, content_api_routes, page_routes};
