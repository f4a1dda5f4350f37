//! `/api/connect/<provider>`: signing in through another service, which Cairn does not offer.

use axum::http::StatusCode;
use cairn_http::error::WireError;

/// `GET /api/connect/<provider>`: refuses every provider, as Strapi refuses those that nobody has enabled.
pub(crate) async fn refuse_provider() -> WireError {
    WireError::new(StatusCode::BAD_REQUEST, "ApplicationError", "This provider is disabled")
}
