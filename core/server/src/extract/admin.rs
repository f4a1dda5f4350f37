//! Who asks the admin API.

use crate::error::WireError;
use crate::extract::actor::of_request;
use crate::extract::authorization;
use crate::extract::tenant::CurrentTenant;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use cairn_access::AdminCaller;
use cairn_store::events::Actor;
use std::sync::Arc;

/// An admin user, or a full-access API token.
pub(crate) struct Admin {
    who: AdminCaller,
    actor: Arc<Actor>,
}

impl Admin {
    /// Who is recorded, with the address and the id of the request.
    pub(crate) fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    /// 403 for whom may not do everything.
    pub(crate) fn require_super(&self) -> Result<(), WireError> {
        if self.is_super() { Ok(()) } else { Err(WireError::forbidden()) }
    }
}

impl std::ops::Deref for Admin {
    type Target = AdminCaller;
    fn deref(&self) -> &AdminCaller {
        &self.who
    }
}

impl<S: Sync> FromRequestParts<S> for Admin {
    type Rejection = WireError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WireError> {
        let CurrentTenant(tenant) = CurrentTenant::from_request_parts(parts, state).await?;
        let who = tenant.access.admin(authorization::one(&parts.headers)?).await?;
        let actor = Arc::new(of_request(who.actor.clone(), parts));
        Ok(Self { who, actor })
    }
}
