//! What is done for every request before and after routing: request id, tenant, cached responses, panics, debug log, CORS.

use crate::error::WireError;
use crate::extract::drained_body::DrainableBody;
use crate::extract::tenant::CurrentTenant;
use crate::responses::{self, method_not_allowed};
use crate::router::HEALTH_PATH;
use crate::routes::admin::{backups, content_types, plugins};
use crate::routes::upload::resumable;
use crate::tenants::{BackupsHandle, ModelHandle, PluginsHandle, RequestTarget, RoutingError};
use crate::{App, Tenant, extract, routes};
use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ALLOW, AUTHORIZATION, CONNECTION, HOST, HeaderName,
    HeaderValue, IF_NONE_MATCH, ORIGIN, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, Uri, Version};
use futures_util::FutureExt;
use hyper::body::{Body as _, Incoming};
use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use tower::Service;

const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Header that browsers send with the request for the script of a service worker, and with no other.
const SERVICE_WORKER_HEADER: HeaderName = HeaderName::from_static("service-worker");

/// Headers that pages of another origin may read.
const EXPOSED_HEADERS: &str = "Cairn-Version, ETag, X-Request-Id, Location, Upload-Offset, Upload-Length, Upload-Expires, Tus-Resumable, Tus-Version, \
                       Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, Cairn-File";

/// Address of the client, as an extension of the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientIp(pub(crate) IpAddr);

/// Value of `X-Request-Id`, as an extension of the request.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

/// The tenant that a request is for, if any.
type RoutingResult = Result<RequestTarget, RoutingError>;

/// The service of one connection.
#[derive(Clone)]
pub(crate) struct ConnectionService {
    app: Arc<App>,
    router: Router,
    peer: IpAddr,
}

impl ConnectionService {
    pub(crate) fn new(app: Arc<App>, router: Router, peer: IpAddr) -> Self {
        Self { app, router, peer }
    }
}

impl hyper::service::Service<Request<Incoming>> for ConnectionService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        if let Some(path) = self.app.config.rest.inner_path(request.uri().path()) {
            set_path(&mut request, &path);
        }
        let id = request_id(request.headers());
        let origin = self.allowed_cors_origin(request.headers());
        let vary = !self.app.config.server.cors_origins.is_empty();
        if !names_its_host(&request) {
            let mut response = WireError::from(RoutingError::BadHost).into_http_response();
            finish_response(&mut response, id, origin, vary);
            // What else is on this connection may be meant for another server as well.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            return Box::pin(std::future::ready(Ok(response)));
        }
        let place = self.app.tenants.resolve_target(&request, self.peer);
        if let Ok(place) = &place
            && let Some(mut response) = self.cached_response(&request, place)
        {
            finish_response(&mut response, id, origin, vary);
            return Box::pin(std::future::ready(Ok(response)));
        }
        let front = self.clone();
        Box::pin(async move {
            let (method, path) = (request.method().clone(), request.uri().path().to_owned());
            let tenant = place.as_ref().ok().and_then(RequestTarget::tenant_name);
            let handled =
                AssertUnwindSafe(front.handle_request(request, place, &id, origin.is_some())).catch_unwind().await;
            let mut response =
                handled.unwrap_or_else(|_| WireError::internal("a handler panicked").into_http_response());
            tracing::debug!(request_id = id.to_str().unwrap_or_default(), tenant = tenant.as_deref(), %method, path, status = response.status().as_u16(), "request");
            finish_response(&mut response, id, origin, vary);
            Ok(response)
        })
    }
}

impl ConnectionService {
    /// A cached response to a public read of an open tenant.
    fn cached_response(&self, request: &Request<Incoming>, place: &RequestTarget) -> Option<Response<Body>> {
        if request.method() != Method::GET
            || request.headers().contains_key(AUTHORIZATION)
            || request.headers().contains_key(crate::routes::preview::CAIRN_PREVIEW)
            || request.headers().contains_key(crate::v4_format::V4_FORMAT_HEADER)
        {
            return None;
        }
        // Clients that take compressed answers go through the compression layer.
        if request.headers().contains_key(axum::http::header::ACCEPT_ENCODING) {
            return None;
        }
        let key = request.uri().path_and_query()?.as_str();
        let of = |tenant: &Tenant| {
            // Behind the router the other nodes' changes are waited for first.
            if tenant.content.store().is_shared() {
                return None;
            }
            tenant.cache.get(key, tenant.content.store().counters(), request.headers().get(IF_NONE_MATCH))
        };
        match place {
            RequestTarget::Default => of(&self.app.default_tenant()),
            RequestTarget::Slot(slot) => of(&*slot.get_if_open(&self.app.tenants)?),
        }
    }

    async fn handle_request(
        self,
        mut request: Request<Incoming>,
        place: RoutingResult,
        id: &HeaderValue,
        allowed_origin: bool,
    ) -> Response<Body> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            request.extensions_mut().insert(RequestId(id.to_str().unwrap_or_default().into()));
        }
        if request.body().is_end_stream() {
            return self.route_request(request.map(|_| Body::empty()), place, allowed_origin).await;
        }
        let (head, body) = request.into_parts();
        let body = DrainableBody::new(body);
        let response =
            self.route_request(Request::from_parts(head, Body::new(body.clone())), place, allowed_origin).await;
        body.drain().await;
        response
    }

    async fn route_request(
        mut self,
        mut request: Request<Body>,
        place: RoutingResult,
        allowed_origin: bool,
    ) -> Response<Body> {
        if request.method() == Method::OPTIONS && request.headers().contains_key("access-control-request-method") {
            let (head, _) = request.into_parts();
            return match self.plugin_preflight(head.uri.path(), &head.headers, place, allowed_origin).await {
                Some(answer) => answer,
                None => preflight_response(&head.headers, allowed_origin),
            };
        }
        // Clients of tus ask what is spoken there, others what a path of the content API takes.
        let options = *request.method() == Method::OPTIONS
            && (request.uri().path().starts_with(resumable::RESUMABLE_PATH)
                || request.uri().path().starts_with("/api/"));
        if !options
            && !matches!(
                *request.method(),
                Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::DELETE | Method::PATCH
            )
        {
            return method_not_allowed();
        }
        // Nothing of this host is one, and what is below `/api/` or in the library is not all ours.
        if request.headers().contains_key(SERVICE_WORKER_HEADER) {
            return WireError::for_plugin(StatusCode::FORBIDDEN, "Service workers are not allowed here")
                .into_http_response();
        }
        let address = extract::client::client_address(&self.app.config, request.headers(), self.peer);
        request.extensions_mut().insert(ClientIp(address));
        without_trailing_slash(&mut request);
        // The process is well whoever is asked for: probes come by address, not by a tenant's name.
        let mut pass = None;
        if request.uri().path() != HEALTH_PATH {
            // Who changes the content types waits for all others.
            if request.uri().path() != content_types::APPLY_PATH
                && !plugins::needs_exclusive_access(request.method(), request.uri().path())
            {
                pass = Some(self.app.tenants.acquire_pass().await);
            }
            if matches!(place, Ok(RequestTarget::Default))
                && request.uri().path().starts_with(content_types::CONTENT_TYPES_PREFIX)
            {
                request.extensions_mut().insert(ModelHandle::new(self.app.tenants.clone()));
            }
            if matches!(place, Ok(RequestTarget::Default)) && request.uri().path().starts_with(plugins::PLUGINS_PREFIX)
            {
                request.extensions_mut().insert(PluginsHandle::new(self.app.tenants.clone()));
            }
            if request.uri().path().starts_with(backups::BACKUPS_PREFIX) {
                request.extensions_mut().insert(BackupsHandle::new(self.app.tenants.clone()));
            }
            match self.resolve_tenant(place).await {
                Ok(tenant) => request.extensions_mut().insert(CurrentTenant(tenant)),
                Err(e) => return e.into_http_response(),
            };
        }
        let Ok(response) = self.router.call(request).await;
        drop(pass);
        if options && response.status() == StatusCode::METHOD_NOT_ALLOWED {
            return responses::options_response(response.headers().get(ALLOW));
        }
        response
    }

    /// Answers a preflight for a plugin's route, which declares whose scripts may call it besides those that the operator allows.
    async fn plugin_preflight(
        &self,
        path: &str,
        headers: &HeaderMap,
        place: RoutingResult,
        allowed: bool,
    ) -> Option<Response<Body>> {
        if allowed || !path.starts_with("/api/") {
            return None;
        }
        let _pass = self.app.tenants.acquire_pass().await;
        let tenant = self.resolve_tenant(place).await.ok()?;
        routes::plugins::plugin_preflight(&tenant, path.trim_end_matches('/'), headers)
    }

    async fn resolve_tenant(&self, place: RoutingResult) -> Result<Arc<Tenant>, WireError> {
        match place? {
            RequestTarget::Default => Ok(self.app.default_tenant()),
            RequestTarget::Slot(slot) => Ok(slot.open(&self.app.tenants).await?),
        }
    }

    /// The request's origin, where it may read the API.
    fn allowed_cors_origin(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origins = &self.app.config.server.cors_origins;
        let origin = headers.get(ORIGIN).filter(|_| !origins.is_empty())?;
        origins.iter().any(|o| o.as_bytes() == origin.as_bytes()).then(|| origin.clone())
    }
}

/// Whether a request of HTTP/1.1 has exactly one `Host` header, as RFC 9112 (3.2) requires; older versions need none.
fn names_its_host<B>(request: &Request<B>) -> bool {
    let named = request.headers().get_all(HOST).iter().count();
    named == 1 || (named == 0 && request.version() < Version::HTTP_11)
}

/// The request's id where it is well-formed, else a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    if let Some(id) = headers.get(&REQUEST_ID_HEADER)
        && (1..=128).contains(&id.len())
        && id.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    {
        return id.clone();
    }
    HeaderValue::from_str(&format!("{:016x}", rand::random::<u64>())).unwrap_or_else(|_| HeaderValue::from_static("0"))
}

fn finish_response(response: &mut Response<Body>, id: HeaderValue, origin: Option<HeaderValue>, vary: bool) {
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID_HEADER, id);
    // Of whatever kind it is: no browser takes an answer for something else than it says.
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if vary {
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
    }
}

fn preflight_response(headers: &HeaderMap, allowed: bool) -> Response<Body> {
    let mut response = crate::responses::empty_response(StatusCode::NO_CONTENT);
    if allowed {
        let out = response.headers_mut();
        out.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE, PATCH"));
        if let Some(value) = headers.get("access-control-request-headers") {
            out.insert(ACCESS_CONTROL_ALLOW_HEADERS, value.clone());
        }
    }
    response
}

/// Replaces the path of a request.
fn set_path<B>(request: &mut Request<B>, path: &str) {
    let mut parts = request.uri().clone().into_parts();
    let whole = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    parts.path_and_query = whole.parse().ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

fn without_trailing_slash(request: &mut Request<Body>) {
    let path = request.uri().path();
    if path.len() < 2 || !path.ends_with('/') {
        return;
    }
    let shorter = path.trim_end_matches('/');
    let shorter = if shorter.is_empty() { "/" } else { shorter }.to_owned();
    set_path(request, &shorter);
}

/// Extractor for handlers that need the client's address.
pub(crate) type ClientAddress = Extension<ClientIp>;
