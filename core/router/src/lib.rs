//! Every route under one listener: what is done for each request before and after it is routed, pages for people, and the OpenAPI document of
//! the admin API.

mod admin_ui;
mod api_reference;
mod favicon;
mod health;
mod listen;
mod openapi_document;
mod openapi_route;
mod plain_routes;
mod preview_script;
mod reader_language;
mod request_entry;
mod root;
mod router;
mod test_clock;
mod typeface;

pub use cairn_administration_api::audit_entry_json;
pub use listen::{RunningServer, start_server, start_server_with_clock};
pub use openapi_document::document_json;
