//! A server that answers in every way that servers do.

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use std::convert::Infallible;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// A request that arrived.
#[derive(Clone)]
pub(super) struct ReceivedRequest {
    headers: HeaderMap,
}

impl ReceivedRequest {
    pub(super) fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
    }
}

pub(super) struct Peer {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<ReceivedRequest>>>,
}

type TestResponse = Response<UnsyncBoxBody<Bytes, Infallible>>;

impl Peer {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<ReceivedRequest>>> = Arc::default();
        let all = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let all = all.clone();
                tokio::spawn(async move {
                    let answering = service_fn(move |request: Request<Incoming>| {
                        all.lock().push(ReceivedRequest { headers: request.headers().clone() });
                        handle_request(request)
                    });
                    let served = hyper::server::conn::http1::Builder::new();
                    // A client that goes away is what some of the tests are about.
                    let _ = served.serve_connection(TokioIo::new(stream), answering).await;
                });
            }
        });
        Self { address, seen }
    }

    pub(super) fn received_requests(&self) -> Vec<ReceivedRequest> {
        self.seen.lock().clone()
    }

    /// An address where nobody listens.
    pub(super) async fn unused_address() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
    }
}

fn build_response(status: u16, headers: &[(&str, &str)], body: Vec<u8>) -> TestResponse {
    let mut answer = Response::new(Full::new(Bytes::from(body)).boxed_unsync());
    *answer.status_mut() = status.try_into().unwrap();
    for (name, value) in headers {
        answer.headers_mut().append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
    }
    answer
}

fn gzip_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn handle_request(request: Request<Incoming>) -> Result<TestResponse, std::io::Error> {
    let (parts, body) = request.into_parts();
    let find_param = |name: &str| {
        let query = parts.uri.query().unwrap_or_default();
        let found = url::form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let bytes = || vec![0; find_param("bytes").parse().unwrap_or(0)];
    let authorization = parts.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let authorization = authorization.unwrap_or_default();
    Ok(match parts.uri.path() {
        "/echo" => {
            let mut echo = format!("{} {} ", parts.method, parts.uri).into_bytes();
            echo.extend_from_slice(&body.collect().await.unwrap().to_bytes());
            build_response(200, &[], echo)
        }
        "/close" => build_response(200, &[("connection", "close")], Vec::new()),
        "/redirect" => {
            build_response(find_param("status").parse().unwrap_or(302), &[("location", &find_param("to"))], Vec::new())
        }
        "/circle" => build_response(302, &[("location", "/circle")], Vec::new()),
        "/tell" => {
            let secret: String = authorization.chars().filter(char::is_ascii_alphabetic).collect();
            build_response(302, &[("location", &format!("http://{secret}.test/{secret}"))], Vec::new())
        }
        "/secret" => {
            let text = serde_json::json!({ "plain": authorization, "text": format!("<{authorization}>") }).to_string();
            let content = format!("{text} {authorization}").into_bytes();
            match find_param("gzip").as_str() {
                "" => build_response(200, &[("x-echo", &authorization)], content),
                _ => build_response(
                    200,
                    &[("x-echo", &authorization), ("content-encoding", "gzip")],
                    gzip_bytes(&content),
                ),
            }
        }
        "/large" => build_response(200, &[], bytes()),
        "/bomb" => build_response(200, &[("content-encoding", "gzip")], gzip_bytes(&bytes())),
        "/brotli" => build_response(200, &[("content-encoding", "br")], vec![1, 2, 3]),
        "/no-gzip" => build_response(200, &[("content-encoding", "gzip")], b"not packed at all".to_vec()),
        "/headers" => {
            let long = "x".repeat(7_000);
            let names: Vec<String> = (0..10).map(|n| format!("x-{n}")).collect();
            let headers: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), long.as_str())).collect();
            build_response(200, &headers, Vec::new())
        }
        "/slow" => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            build_response(200, &[], Vec::new())
        }
        "/drip" => {
            let drops = stream::unfold((), |()| async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"."))), ()))
            });
            Response::new(StreamBody::new(drops).boxed_unsync())
        }
        "/hang-up" => return Err(std::io::Error::other("hangs up")),
        _ => build_response(404, &[], Vec::new()),
    })
}
