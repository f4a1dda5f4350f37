//! Parts of which every route is made: extractors for tenants, callers and bodies, wire errors, responses, and the router from which the OpenAPI
//! document of the admin API is made. The routes are in the crates of their areas, the listener in `cairn-router`.

pub mod byte_response;
pub mod cached_response;
pub mod compression;
pub mod content_caller;
pub mod content_types;
pub mod cors;
pub mod error;
pub mod extract;
mod object_members;
pub mod openapi;
pub mod page_params;
pub mod request_id;
pub mod responses;
pub mod source_maps;
mod stega;
pub mod system_health;
pub mod type_texts;
pub mod typeface;
pub mod v4_format;
