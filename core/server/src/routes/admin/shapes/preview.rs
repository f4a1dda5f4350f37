//! Preview links.

use super::history::PersonReference;
use crate::openapi::response_types::Time;
use utoipa::ToSchema;

/// A link that was made.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct NewLink {
    id: String,
    /// Opens the document; told this once.
    token: String,
    expires_at: Time,
    /// The page of the site that shows the document; null where its type names none.
    url: Option<String>,
}

/// A link that can be used.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PreviewLink {
    id: String,
    document_id: String,
    locale: Option<String>,
    created_at: Time,
    expires_at: Time,
    by: PersonReference,
}
