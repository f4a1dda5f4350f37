//! The world outside: a server that plugins send requests to, and names that lead there or astray.

use bytes::Bytes;
use cairn_events::outbound::{AddressGuard, HostResolver};
use cairn_plugin_host::OutboundHttp;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;

/// A server on this machine, which the operator of the test has allowed.
pub(crate) struct ExternalServer {
    pub(crate) address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl ExternalServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<AtomicUsize> = Arc::default();
        let count = requests.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let count = count.clone();
                tokio::spawn(async move {
                    let answering = service_fn(move |request: Request<Incoming>| {
                        count.fetch_add(1, Ordering::Relaxed);
                        handle_request(request, address)
                    });
                    let served = hyper::server::conn::http1::Builder::new();
                    // A client that goes away is what some of the tests are about.
                    let _ = served.serve_connection(TokioIo::new(stream), answering).await;
                });
            }
        });
        Self { address, requests }
    }

    /// How many requests have arrived.
    pub(crate) fn request_count(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// The way there, under the name that the guest was granted, and nowhere else on this machine.
    pub(crate) fn outbound_http(&self) -> OutboundHttp {
        let guard = AddressGuard::new(&["allowed.test".into()]).unwrap().with_config_key("plugins.allow_private");
        OutboundHttp::with_names(guard, Arc::new(FixedResolver(self.address)))
    }
}

/// Every name leads to the same server.
struct FixedResolver(SocketAddr);

impl HostResolver for FixedResolver {
    fn resolve_host<'a>(&'a self, _: &'a str, _: u16) -> BoxFuture<'a, std::io::Result<Vec<SocketAddr>>> {
        let address = self.0;
        async move { Ok(vec![address]) }.boxed()
    }
}

async fn handle_request(request: Request<Incoming>, own: SocketAddr) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let authorization = parts.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let authorization = authorization.unwrap_or_default();
    let mut answer = Response::new(Full::new(Bytes::new()));
    match parts.uri.path() {
        "/redirect" => {
            *answer.status_mut() = hyper::StatusCode::FOUND;
            answer.headers_mut().insert("location", format!("http://{own}/").parse().unwrap());
        }
        "/secret" => *answer.body_mut() = Full::new(format!("you sent {authorization}").into()),
        "/post" => {
            let body = body.collect().await.unwrap().to_bytes();
            *answer.body_mut() = Full::new(format!("{} bytes", body.len()).into());
        }
        "/keep/report.txt" => {
            answer.headers_mut().insert("content-type", "text/plain".parse().unwrap());
            *answer.body_mut() = Full::new(format!("a report for {authorization}").into());
        }
        "/slow" => tokio::time::sleep(Duration::from_secs(60)).await,
        _ => {}
    }
    Ok(answer)
}

/// A server on this machine that answers the body of a request with a status and a body; its address, `http://127.0.0.1:…/`.
pub(crate) async fn serve_answers(answer: impl Fn(&[u8]) -> (u16, Vec<u8>) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let answering = service_fn(move |request: Request<Incoming>| {
                    let answer = answer.clone();
                    async move {
                        let body = request.into_body().collect().await.unwrap().to_bytes();
                        let answered = tokio::task::spawn_blocking(move || answer(&body)).await.unwrap();
                        let mut response = Response::new(Full::new(Bytes::from(answered.1)));
                        *response.status_mut() = hyper::StatusCode::from_u16(answered.0).unwrap();
                        Ok::<_, Infallible>(response)
                    }
                });
                let served = hyper::server::conn::http1::Builder::new();
                // A client that has read enough goes away.
                let _ = served.serve_connection(TokioIo::new(stream), answering).await;
            });
        }
    });
    format!("http://{address}/")
}
