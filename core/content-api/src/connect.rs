//! `/api/connect/<provider>`: signing in through another service, which Cairn does not offer.

use cairn_http::error::WireError;
use cairn_model::ErrorKind;

/// `GET /api/connect/<provider>`: refuses every provider, as Strapi refuses those that nobody has enabled.
pub(crate) async fn refuse_provider() -> WireError {
    WireError::new(ErrorKind::Application, "This provider is disabled")
}
