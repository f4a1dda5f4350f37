//! A receiver of webhooks, over real connections: it answers as it is told to, badly too, and remembers what it got.

use cairn_testkit::extend_limit;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request that came in whole.
#[derive(Debug, Clone)]
pub(super) struct ReceivedRequest {
    pub(super) path: String,
    /// By lower-case name.
    pub(super) headers: HashMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl ReceivedRequest {
    pub(super) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(super) fn event(&self) -> String {
        self.json()["event"].as_str().unwrap().to_owned()
    }
}

/// How a request is answered.
#[derive(Debug, Clone)]
pub(super) enum ReceiverResponse {
    /// A status, with header lines and a body.
    Is(u16, Vec<String>, String),
    /// No answer while the connection stays open.
    Hang,
    /// The connection is cut.
    Drop,
    /// A status 200 with a body of one gigabyte.
    Gigabyte,
    /// A byte a second, for ever.
    Drip,
    /// A header that does not end.
    Header,
}

impl ReceiverResponse {
    pub(super) fn status(status: u16) -> Self {
        Self::Is(status, Vec::new(), "ok".to_owned())
    }
}

type ResponseFn = Arc<dyn Fn(usize, &ReceivedRequest) -> ReceiverResponse + Send + Sync>;

pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    got: Arc<Mutex<Vec<ReceivedRequest>>>,
    answering: Arc<Mutex<ResponseFn>>,
    /// Bytes that clients took of answers.
    pub(super) sent: Arc<std::sync::atomic::AtomicU64>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    /// One that answers 200.
    pub(super) async fn start() -> Self {
        Self::start_with(|_, _| ReceiverResponse::status(200)).await
    }

    /// One that answers the nth request (from 0) as `answer` says.
    pub(super) async fn start_with(
        answer: impl Fn(usize, &ReceivedRequest) -> ReceiverResponse + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let answering: Arc<Mutex<ResponseFn>> = Arc::new(Mutex::new(Arc::new(answer)));
        let sent = Arc::new(std::sync::atomic::AtomicU64::new(0));
        let (all, responder, count) = (received.clone(), answering.clone(), sent.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, all.clone(), responder.clone(), count.clone()));
            }
        });
        Self { address, got: received, answering, sent, task }
    }

    /// From now on it answers so.
    pub(super) fn set_response(
        &self,
        answer: impl Fn(usize, &ReceivedRequest) -> ReceiverResponse + Send + Sync + 'static,
    ) {
        *self.answering.lock().unwrap() = Arc::new(answer);
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn received(&self) -> Vec<ReceivedRequest> {
        self.got.lock().unwrap().clone()
    }

    /// Waits until as many came in, and answers all.
    pub(super) async fn wait_for(&self, count: usize) -> Vec<ReceivedRequest> {
        let began = Instant::now();
        loop {
            let deliveries = self.received();
            if deliveries.len() >= count {
                return deliveries;
            }
            assert!(
                began.elapsed() < extend_limit(Duration::from_secs(60)),
                "{} of {count} came: {:?}",
                deliveries.len(),
                event_names(&deliveries)
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

pub(super) fn event_names(deliveries: &[ReceivedRequest]) -> Vec<String> {
    deliveries.iter().map(ReceivedRequest::event).collect()
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    all: Arc<Mutex<Vec<ReceivedRequest>>>,
    responder: Arc<Mutex<ResponseFn>>,
    sent: Arc<std::sync::atomic::AtomicU64>,
) {
    while let Some(received) = request(&mut stream).await {
        let n = {
            let mut all = all.lock().unwrap();
            all.push(received.clone());
            all.len() - 1
        };
        let answering = responder.lock().unwrap().clone();
        let result = match answering(n, &received) {
            ReceiverResponse::Is(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} Something\r\ncontent-length: {}\r\n", body.len());
                headers.iter().for_each(|h| head.push_str(&format!("{h}\r\n")));
                stream.write_all(format!("{head}\r\n{body}").as_bytes()).await
            }
            ReceiverResponse::Hang => {
                tokio::time::sleep(Duration::from_secs(3_600)).await;
                return;
            }
            ReceiverResponse::Drop => return,
            ReceiverResponse::Gigabyte => {
                let head = "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n";
                let mut result = stream.write_all(head.as_bytes()).await;
                let block = vec![b'x'; 1 << 16];
                for _ in 0..16_384 {
                    if result.is_err() {
                        return;
                    }
                    result = stream.write_all(&block).await;
                    sent.fetch_add(block.len() as u64, std::sync::atomic::Ordering::Relaxed);
                }
                result
            }
            ReceiverResponse::Drip => {
                let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
                let mut result = stream.write_all(head.as_bytes()).await;
                while result.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    result = stream.write_all(b"x").await;
                }
                result
            }
            ReceiverResponse::Header => {
                let mut result = stream.write_all(b"HTTP/1.1 200 OK\r\nx: ").await;
                let block = vec![b'x'; 1 << 16];
                for _ in 0..1_000 {
                    if result.is_err() {
                        return;
                    }
                    result = stream.write_all(&block).await;
                }
                result
            }
        };
        if result.is_err() {
            return;
        }
    }
}

/// The next request of a connection; `None` where it ends.
async fn request(stream: &mut TcpStream) -> Option<ReceivedRequest> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        let mut chunk = [0; 4_096];
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&chunk[..n]),
            _ => return None,
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |l| l.parse().unwrap());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        let mut chunk = [0; 4_096];
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => body.extend_from_slice(&chunk[..n]),
            _ => return None,
        }
    }
    Some(ReceivedRequest { path, headers, body })
}
