//! The finished document.

use super::finish::finish_document;
use super::plain_routes::PlainRoutesApi;
use std::sync::LazyLock;
use utoipa::OpenApi;

static DOCUMENT_JSON: LazyLock<String> = LazyLock::new(|| {
    let mut api = crate::routes::admin::documented_routes().describe();
    api.merge(PlainRoutesApi::openapi());
    format!("{:#}\n", finish_document(&api))
});

/// The document, as JSON.
#[must_use]
pub fn document_json() -> &'static str {
    &DOCUMENT_JSON
}
