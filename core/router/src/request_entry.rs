//! Steps before and after the routing of every request: tenant, cached responses, CORS, debug log. What single routes need is done by
//! layers and extractors of their own (`router.rs`, `extract/tenant.rs`); ids and panics are `tower-http`'s
//! (`docs/decisions/0040-what-tower-http-does.md`).

use axum::Router;
use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONNECTION, HOST, HeaderName, HeaderValue, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{Method, Request, Response, Uri, Version};
use cairn_app::config::ServerConfig;
use cairn_app::tenants::{RequestTarget, RoutingError};
use cairn_app::{App, Tenant};
use cairn_content_api::{CAIRN_PREVIEW, find_response_to_known_caller, is_below_content_api, plugin_preflight};
use cairn_http::cached_response::find_cached_response;
use cairn_http::cors::{AllowedOrigin, preflight_response};
use cairn_http::error::WireError;
use cairn_http::extract;
use cairn_http::extract::client_address::ClientIp;
use cairn_http::extract::drained_body::DrainableBody;
use cairn_http::extract::tenant::TenantSource;
use cairn_http::request_id::{REQUEST_ID_HEADER, hide_generated_id};
use cairn_http::responses::{list_marked_methods, method_not_allowed};
use futures_util::FutureExt;
use hyper::body::{Body as _, Incoming};
use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::Service;
use tower_http::request_id::RequestId;

/// Header that browsers send with the request for the script of a service worker, and with no other.
const SERVICE_WORKER_HEADER: HeaderName = HeaderName::from_static("service-worker");

/// Methods that some route takes.
const KNOWN_METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS];

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

impl Service<Request<Incoming>> for ConnectionService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        if let Some(path) = self.app.config.rest.inner_path(request.uri().path()) {
            set_path(&mut request, &path);
        }
        let allowed = AllowedOrigin::for_request(&self.app.config.server, request.uri().path(), request.headers());
        if !names_its_host(&request) {
            let mut response = WireError::from(RoutingError::BadHost).into_http_response();
            finish_response(&mut response, &self.app.config.server, allowed);
            // Further requests on this connection may also be meant for another server.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            return Box::pin(std::future::ready(Ok(response)));
        }
        let place = self.app.tenants.resolve_target(&request, self.peer);
        if let Ok(place) = &place
            && let Some(mut response) = self.cached_response(&request, place)
        {
            finish_response(&mut response, &self.app.config.server, allowed);
            return Box::pin(std::future::ready(Ok(response)));
        }
        let entry = self.clone();
        Box::pin(async move {
            let (method, path) = (request.method().clone(), request.uri().path().to_owned());
            let id = request.extensions().get::<RequestId>().cloned();
            hide_generated_id(&mut request);
            let tenant = place.as_ref().ok().and_then(RequestTarget::tenant_name);
            let source = TenantSource::new(entry.app.tenants.clone(), place);
            let app = entry.app.clone();
            let mut response = entry.handle_request(request, source, &allowed).await;
            let id = id.as_ref().and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
            tracing::debug!(request_id = id, tenant = tenant.as_deref(), %method, path, status = response.status().as_u16(), "request");
            finish_response(&mut response, &app.config.server, allowed);
            Ok(response)
        })
    }
}

impl ConnectionService {
    /// A cached response to a read of an open tenant by the public, or by a signed-in user who is remembered.
    fn cached_response(&self, request: &Request<Incoming>, place: &RequestTarget) -> Option<Response<Body>> {
        if request.method() != Method::GET
            || request.headers().contains_key(CAIRN_PREVIEW)
            || request.headers().contains_key(cairn_http::v4_format::V4_FORMAT_HEADER)
            || request.headers().contains_key(cairn_http::source_maps::SOURCE_MAPS_HEADER)
        {
            return None;
        }
        // Clients that take compressed answers go through the compression layer.
        if request.headers().contains_key(axum::http::header::ACCEPT_ENCODING) {
            return None;
        }
        let key = request.uri().path_and_query()?.as_str();
        let find_cached = |tenant: &Tenant| {
            // Behind the router the other nodes' changes are waited for first.
            if tenant.content.store().is_shared() {
                return None;
            }
            match request.headers().contains_key(AUTHORIZATION) {
                true => find_response_to_known_caller(tenant, key, request.headers()),
                false => find_cached_response(tenant, key, request.headers()),
            }
        };
        let mut response = match place {
            RequestTarget::Default => find_cached(&self.app.default_tenant()),
            RequestTarget::Slot(slot) => find_cached(&*slot.get_if_open(&self.app.tenants)?),
        }?;
        // The compression layer, which cached responses bypass, adds the same header.
        response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
        Some(response)
    }

    async fn handle_request(
        self,
        request: Request<Incoming>,
        source: TenantSource,
        allowed: &AllowedOrigin,
    ) -> Response<Body> {
        if request.body().is_end_stream() {
            return self.route_request(request.map(|_| Body::empty()), source, allowed).await;
        }
        let (head, body) = request.into_parts();
        let body = DrainableBody::new(body);
        let response = self.route_request(Request::from_parts(head, Body::new(body.clone())), source, allowed).await;
        body.drain().await;
        response
    }

    async fn route_request(
        mut self,
        mut request: Request<Body>,
        source: TenantSource,
        allowed: &AllowedOrigin,
    ) -> Response<Body> {
        if request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            let (head, _) = request.into_parts();
            // A configured origin may send anything; what a plugin's route permits to others, the route says.
            let own = if matches!(allowed, AllowedOrigin::Configured(_)) {
                None
            } else {
                // Outside of the router, whose layer catches the panics of handlers.
                let answer = AssertUnwindSafe(self.plugin_preflight(&head, &source)).catch_unwind().await;
                answer.unwrap_or_else(|_| Some(WireError::internal("a preflight panicked").into_http_response()))
            };
            return own.unwrap_or_else(|| preflight_response(&head.headers, allowed));
        }
        if !KNOWN_METHODS.contains(request.method()) {
            return method_not_allowed();
        }
        // Cairn serves no service workers, and what is below `/api/` or in the library may come from others.
        if request.headers().contains_key(SERVICE_WORKER_HEADER) {
            return WireError::forbidden_because("Service workers are not allowed here").into_http_response();
        }
        let address = extract::client_address::client_address(&self.app.config, request.headers(), self.peer);
        request.extensions_mut().insert(ClientIp(address));
        request.extensions_mut().insert(source);
        without_trailing_slash(&mut request);
        let Ok(response) = self.router.call(request).await;
        list_marked_methods(response)
    }

    /// Answers a preflight for a plugin's route, which declares whose scripts may call it besides those that the operator allows.
    async fn plugin_preflight(&self, head: &Parts, source: &TenantSource) -> Option<Response<Body>> {
        let path = head.uri.path();
        if !is_below_content_api(path) {
            return None;
        }
        let _pass = self.app.tenants.acquire_pass().await;
        let tenant = source.open().await.ok()?;
        plugin_preflight(&tenant, path.trim_end_matches('/'), &head.headers)
    }
}

/// True if a request of HTTP/1.1 has exactly one `Host` header, as RFC 9112 (3.2) requires; older versions need none.
fn names_its_host<B>(request: &Request<B>) -> bool {
    let host_count = request.headers().get_all(HOST).iter().count();
    host_count == 1 || (host_count == 0 && request.version() < Version::HTTP_11)
}

fn finish_response(response: &mut Response<Body>, config: &ServerConfig, allowed: AllowedOrigin) {
    let headers = response.headers_mut();
    // A plugin's own is not the request's.
    headers.remove(REQUEST_ID_HEADER);
    // Of whatever kind it is: no browser takes an answer for something else than it says.
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    allowed.add_headers(config, response);
}

/// Replaces the path of a request.
fn set_path<B>(request: &mut Request<B>, path: &str) {
    let mut parts = request.uri().clone().into_parts();
    let path_and_query = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    parts.path_and_query = path_and_query.parse().ok();
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
