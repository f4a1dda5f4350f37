//! Requests as bytes, for what an HTTP client would never send.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The server has this long to answer or to close the connection.
const RAW_TIMEOUT: Duration = Duration::from_secs(20);

/// Bytes that a server wrote before it closed the connection, or before the answer was complete.
#[derive(Debug, Clone)]
pub struct RawResponse {
    /// All bytes, as text.
    pub text: String,
}

impl RawResponse {
    /// The status of the first answer; 0 where the connection was closed without one.
    pub fn status(&self) -> u16 {
        self.text.strip_prefix("HTTP/1.1 ").and_then(|t| t.get(..3)).and_then(|t| t.parse().ok()).unwrap_or(0)
    }
}

/// Sends bytes on a connection of their own and reads until the server closes it. The request should say
/// `Connection: close`.
pub async fn send_raw(address: SocketAddr, request: &[u8]) -> RawResponse {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut read, mut write) = stream.split();
    // A server that refuses early may close before everything is sent: that is its right.
    let send = async {
        let _ = write.write_all(request).await;
    };
    let receive = async {
        let mut all = Vec::new();
        let mut chunk = [0; 4096];
        while let Ok(n @ 1..) = read.read(&mut chunk).await {
            all.extend_from_slice(&chunk[..n]);
        }
        all
    };
    let (_, all) = tokio::time::timeout(RAW_TIMEOUT, async { tokio::join!(send, receive) })
        .await
        .unwrap_or_else(|_| panic!("the server neither responds nor closes the connection"));
    RawResponse { text: String::from_utf8_lossy(&all).into_owned() }
}
