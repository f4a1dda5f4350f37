//! The admin API's description of itself.

use crate::openapi_document::document_json;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::openapi::router::{AdminRoutes, ApiRouter, get};
use cairn_http::responses::json_response;

pub(crate) fn routes() -> AdminRoutes {
    ApiRouter::default().route("/admin/api/openapi.json", get(openapi_document)).into_router()
}

/// `GET /admin/api/openapi.json`: this API, as an OpenAPI document.
async fn openapi_document(_: CurrentTenant, _: Require<AnyAdmin>) -> Response<Body> {
    json_response(StatusCode::OK, document_json())
}
