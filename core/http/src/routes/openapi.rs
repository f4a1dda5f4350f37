//! The admin API's description of itself.

use crate::extract::require::{AnyAdmin, Require};
use crate::extract::tenant::CurrentTenant;
use crate::openapi::document::document_json;
use crate::openapi::router::{AdminRoutes, ApiRouter, get};
use crate::responses::json_response;
use axum::body::Body;
use axum::http::{Response, StatusCode};

pub(crate) fn routes() -> AdminRoutes {
    ApiRouter::default().route("/admin/api/openapi.json", get(openapi_document)).into_router()
}

/// `GET /admin/api/openapi.json`: this API, as an OpenAPI document.
async fn openapi_document(_: CurrentTenant, _: Require<AnyAdmin>) -> Response<Body> {
    json_response(StatusCode::OK, document_json())
}
