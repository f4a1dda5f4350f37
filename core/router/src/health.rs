//! `/_health`.

use axum::http::StatusCode;

/// 204 when ready: the server listens only after the database is open.
pub(crate) async fn serve_health() -> StatusCode {
    StatusCode::NO_CONTENT
}
