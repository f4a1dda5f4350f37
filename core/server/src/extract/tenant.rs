//! The tenant of a request.

use crate::error::WireError;
use crate::tenant::Tenant;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::sync::Arc;

/// The tenant that the request's host names: all a handler can reach. `front` puts it into the request.
#[derive(Clone)]
pub(crate) struct CurrentTenant(pub(crate) Arc<Tenant>);

impl<S: Sync> FromRequestParts<S> for CurrentTenant {
    type Rejection = WireError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WireError> {
        parts.extensions.get().cloned().ok_or_else(|| WireError::internal("a request without a tenant was routed"))
    }
}
