//! Source maps on reads of entries: who gets them. Sources name documents and attributes of drafts, and belong in previews alone.

use crate::preview::preview_token;
use axum::http::request::Parts;
use cairn_access::SeeAs;
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::source_maps::{are_source_maps_requested, mark_sources};
use cairn_model::ContentType;
use cairn_query::Access;

/// True if a read asks for source maps and its caller gets them: who may read drafts does, and who has the token of a preview. For others the
/// header has no effect.
pub(crate) fn are_source_maps_granted(tenant: &Tenant, access: &Access, head: &Parts) -> bool {
    are_source_maps_requested(&head.headers) && (access.read_drafts || has_valid_token(tenant, head))
}

fn has_valid_token(tenant: &Tenant, head: &Parts) -> bool {
    let Ok(Some(token)) = preview_token(head) else { return false };
    match SeeAs::has_token_form(&token) {
        true => tenant.verify_see_as(&token).is_ok(),
        false => tenant.content.verify_preview(&token).is_ok(),
    }
}

/// The body of a read with a token that has been verified.
pub(crate) fn mark_preview(
    tenant: &Tenant,
    ct: &ContentType,
    head: &Parts,
    body: Vec<u8>,
) -> Result<Vec<u8>, WireError> {
    match are_source_maps_requested(&head.headers) {
        true => mark_sources(tenant.content.registry(), ct, &body),
        false => Ok(body),
    }
}
