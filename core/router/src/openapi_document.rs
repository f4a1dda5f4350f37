//! The finished document.

use crate::plain_routes::PlainRoutesApi;
use crate::router::admin_api;
use cairn_http::openapi::finish::finish_document;
use std::sync::LazyLock;
use utoipa::OpenApi;

static DOCUMENT_JSON: LazyLock<String> = LazyLock::new(|| {
    let mut api = admin_api().describe();
    api.merge(PlainRoutesApi::openapi());
    format!("{:#}\n", finish_document(&api))
});

/// The document, as JSON.
#[must_use]
pub fn document_json() -> &'static str {
    &DOCUMENT_JSON
}
