//! The server that services elsewhere are answered by.

use super::FakeServiceState;
use super::service::{PreparedService, ServiceFailure};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value as Json, json};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// Bytes of a request's body that are taken: more than a plugin may send.
const MAX_BODY_BYTES: usize = 64 << 20;
/// First byte of a connection by TLS.
const TLS_HANDSHAKE: u8 = 0x16;

type ResponseBody = BoxBody<Bytes, io::Error>;

/// A server; it ends with this.
pub(super) struct FakeServer {
    pub(super) address: SocketAddr,
    task: AbortHandle,
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FakeServer {
    /// Starts one. It speaks HTTP, by TLS and without on the same port.
    pub(super) async fn start(address: SocketAddr, state: &Arc<FakeServiceState>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        // The state owns the server, so a strong reference to the state would be a cycle.
        let weak = Arc::downgrade(state);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(handle_connection(stream, weak.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, task: task.abort_handle() })
    }
}

async fn handle_connection(stream: TcpStream, weak: Weak<FakeServiceState>) {
    let mut first = [0];
    let by_tls = match stream.peek(&mut first).await {
        Ok(1) => first[0] == TLS_HANDSHAKE,
        _ => return,
    };
    if !by_tls {
        return serve_http(stream, "http", weak).await;
    }
    let Some(tls) = weak.upgrade().map(|known| known.tls.clone()) else { return };
    // A client that does not trust the certificate reports that to the plugin.
    if let Ok(stream) = tls.accept(stream).await {
        serve_http(stream, "https", weak).await;
    }
}

async fn serve_http(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    scheme: &'static str,
    weak: Weak<FakeServiceState>,
) {
    let answering = service_fn(move |request| {
        let known = weak.clone();
        async move {
            let Some(state) = known.upgrade() else { return Err(io::Error::other("the test is over")) };
            answer_request(request, scheme, &state).await
        }
    });
    // Clients may disconnect at any time, which is not an error.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answering).await;
}

async fn answer_request(
    request: Request<Incoming>,
    scheme: &str,
    state: &FakeServiceState,
) -> io::Result<Response<ResponseBody>> {
    let (parts, body) = request.into_parts();
    let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let address = format!("{scheme}://{host}{path}");
    let url: url::Url = address.parse().map_err(io::Error::other)?;
    let method = parts.method.as_str().to_owned();
    let headers: Map<String, Json> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), json!(String::from_utf8_lossy(value.as_bytes()))))
        .collect();
    let body = Limited::new(body, MAX_BODY_BYTES).collect().await.map_err(io::Error::other)?.to_bytes();
    let body = match body.is_empty() {
        true => Json::Null,
        false => serde_json::from_slice(&body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&body))),
    };
    let prepared_service =
        state.services.lock().iter().rev().find(|service| service.line.matches_request(&method, &url)).cloned();
    state.record_request(json!({ "method": method, "url": url.as_str(), "headers": headers, "body": body }));
    let Some(service) = prepared_service else {
        state.record_unanswered(format!("{method} {url}"));
        return Ok(new_response(
            StatusCode::NOT_IMPLEMENTED,
            full_body(Bytes::from_static(b"the test has no [[http]] for this")),
        ));
    };
    tokio::time::sleep(service.delay).await;
    match service.fail {
        None => Ok(service_response(service)),
        Some(ServiceFailure::Close) => Err(io::Error::other("the test makes this request fail")),
        Some(ServiceFailure::Cut) => Ok(cut_response(service)),
    }
}

fn full_body(bytes: Bytes) -> ResponseBody {
    Full::new(bytes).map_err(|never| match never {}).boxed()
}

fn new_response(status: StatusCode, body: ResponseBody) -> Response<ResponseBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

fn service_response(service: PreparedService) -> Response<ResponseBody> {
    let mut response = new_response(service.status, full_body(service.body));
    response.headers_mut().extend(service.headers);
    response
}

/// Half of a body, and the end of the connection.
fn cut_response(service: PreparedService) -> Response<ResponseBody> {
    let half = service.body.slice(..service.body.len() / 2);
    let frames = [Ok(Frame::data(half)), Err(io::Error::other("the test makes this request fail"))];
    let mut response = new_response(service.status, StreamBody::new(stream::iter(frames)).boxed());
    response.headers_mut().extend(service.headers);
    response
}
