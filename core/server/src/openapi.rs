//! The admin API as an OpenAPI document, made of the handlers themselves: what a handler takes and answers are types, and the
//! document is written from those types, so it cannot say something else than the code does.
//!
//! To describe a route: `#[utoipa::path(get, path = "/admin/api/…")]` on its handler, the doc comment says what it does; parameters
//! are `Path<…>` and `Query<T: IntoParams>`, the body is [`Json<T>`](crate::extract::body::Json), the answer is one of [`response_types`].

mod finish;
mod plain_routes;
pub(crate) mod response_types;
pub(crate) mod router;

use std::sync::LazyLock;
use utoipa::OpenApi;

static DOCUMENT_JSON: LazyLock<String> = LazyLock::new(|| {
    let mut api = crate::routes::admin::documented_routes().describe();
    api.merge(plain_routes::PlainRoutesApi::openapi());
    format!("{:#}\n", finish::finish_document(&api))
});

/// The document, as JSON.
#[must_use]
pub fn document_json() -> &'static str {
    &DOCUMENT_JSON
}
