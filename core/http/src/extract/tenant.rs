//! The tenant of a request: opened by a layer around the routes, taken by their handlers.

use crate::error::WireError;
use crate::extract::outdated_write::run_write;
use axum::extract::{FromRequestParts, OptionalFromRequestParts, Request};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use cairn_app::Tenant;
use cairn_app::tenants::{BackupsHandle, ModelHandle, PluginsHandle, RequestTarget, RoutingError, Tenants};
use std::convert::Infallible;
use std::sync::Arc;

/// The tenant that a request is for, perhaps not open yet. [`crate::request_entry`] puts it into the request, for the layers and extractors
/// of this file: handlers reach nothing but their own tenant.
#[derive(Clone)]
pub struct TenantSource {
    tenants: Arc<Tenants>,
    target: Result<RequestTarget, RoutingError>,
}

impl TenantSource {
    /// The tenant at which a request is aimed, or why there is none.
    pub fn new(tenants: Arc<Tenants>, target: Result<RequestTarget, RoutingError>) -> Self {
        Self { tenants, target }
    }

    /// The tenant, opened if need be.
    pub async fn open(&self) -> Result<Arc<Tenant>, WireError> {
        match &self.target {
            Ok(RequestTarget::Default) => Ok(self.tenants.default_tenant()),
            Ok(RequestTarget::Slot(slot)) => Ok(slot.open(&self.tenants).await?),
            Err(e) => Err((*e).into()),
        }
    }

    /// Waits while content types are being loaded that another process has changed: every write would be refused.
    pub async fn wait_while_outdated(&self) {
        if let Ok(target) = &self.target {
            self.tenants.wait_while_outdated(target).await;
        }
    }

    /// The tenant, where it is open.
    pub fn find_open(&self) -> Option<Arc<Tenant>> {
        self.tenants.find_open(self.target.as_ref().ok()?)
    }

    /// Runs the handler of a request. Until it has answered, the content types do not change.
    pub async fn run_request(&self, request: Request, next: Next) -> Response {
        let _pass = self.tenants.acquire_pass().await;
        self.run_unblocked(request, next).await
    }

    /// Runs the handler of a request, during which the content types may change.
    async fn run_unblocked(&self, mut request: Request, next: Next) -> Response {
        match self.open().await {
            Ok(tenant) => request.extensions_mut().insert(CurrentTenant(tenant)),
            Err(e) => return e.into_http_response(),
        };
        next.run(request).await
    }

    /// All tenants, where the request is for the default one.
    fn default_tenants(parts: &Parts) -> Option<Arc<Tenants>> {
        let source = parts.extensions.get::<Self>()?;
        matches!(source.target, Ok(RequestTarget::Default)).then(|| source.tenants.clone())
    }
}

/// Opens the tenant of a request for its handler. Until it has answered, the content types do not change; a write waits for a change of them
/// that another process has made.
pub async fn open_tenant(request: Request, next: Next) -> Response {
    let Some(source) = request.extensions().get::<TenantSource>().cloned() else {
        return missing_tenant().into_http_response();
    };
    if request.method().is_safe() {
        return source.run_request(request, next).await;
    }
    run_write(&source, request, next).await
}

/// Opens the tenant of a request whose handler waits for all others: it may replace the content types.
pub async fn open_tenant_exclusively(request: Request, next: Next) -> Response {
    match request.extensions().get::<TenantSource>().cloned() {
        Some(source) => {
            source.wait_while_outdated().await;
            source.run_unblocked(request, next).await
        }
        None => missing_tenant().into_http_response(),
    }
}

fn missing_tenant() -> WireError {
    WireError::internal("a request without a tenant was routed")
}

/// An argument by which a handler of the admin API gets its tenant.
#[diagnostic::on_unimplemented(
    message = "a handler of the admin API takes its tenant first",
    label = "this is neither `CurrentTenant` nor `ExclusiveTenant`"
)]
pub trait TenantArgument {
    /// True if the handler runs while no other request does.
    const EXCLUSIVE: bool;
}

/// The tenant that the request's host names: all a handler can reach.
#[derive(Clone)]
pub struct CurrentTenant(pub Arc<Tenant>);

impl<S: Sync> FromRequestParts<S> for CurrentTenant {
    type Rejection = WireError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WireError> {
        parts.extensions.get().cloned().ok_or_else(missing_tenant)
    }
}

impl TenantArgument for CurrentTenant {
    const EXCLUSIVE: bool = false;
}

/// [`CurrentTenant`] for handlers that may replace the content types: what they call waits until all other requests are answered.
pub struct ExclusiveTenant(pub Arc<Tenant>);

impl TenantArgument for ExclusiveTenant {
    const EXCLUSIVE: bool = true;
}

impl<S: Sync> FromRequestParts<S> for ExclusiveTenant {
    type Rejection = WireError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WireError> {
        let CurrentTenant(tenant) = CurrentTenant::from_request_parts(parts, state).await?;
        Ok(Self(tenant))
    }
}

/// Extracts a handle on what belongs to the process: its backups, its content types, its plugins. No handler gets all tenants.
pub struct Handle<T>(pub T);

impl<S: Sync> FromRequestParts<S> for Handle<BackupsHandle> {
    type Rejection = WireError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WireError> {
        let source: &TenantSource = parts.extensions.get().ok_or_else(missing_tenant)?;
        Ok(Self(BackupsHandle::new(source.tenants.clone())))
    }
}

/// The content types are those of the default tenant: `None` for requests of others.
impl<S: Sync> OptionalFromRequestParts<S> for Handle<ModelHandle> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(TenantSource::default_tenants(parts).map(|tenants| Self(ModelHandle::new(tenants))))
    }
}

/// The plugins of the project are managed by the default tenant: `None` for requests of others.
impl<S: Sync> OptionalFromRequestParts<S> for Handle<PluginsHandle> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(TenantSource::default_tenants(parts).map(|tenants| Self(PluginsHandle::new(tenants))))
    }
}
