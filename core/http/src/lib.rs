//! The application over HTTP: the listener, what is done for every request, routes and their callers, wire errors, and the OpenAPI
//! document. The only crate that knows axum.

mod byte_response;
mod cached_response;
mod compression;
mod cors;
mod error;
mod extract;
mod listen;
mod openapi;
mod request_entry;
mod request_id;
mod responses;
mod router;
mod routes;
mod v4_format;

pub use listen::{RunningServer, start_server, start_server_with_clock};
pub use openapi::document::document_json;
pub use routes::admin::audit::entry_json as audit_entry_json;
