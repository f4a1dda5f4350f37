//! Requests as bytes: what HTTP itself forbids, half of a request, and one byte at a time.

use cairn_testkit::{FULL_TOKEN, TestServer, extend_limit};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const BODY: &str = r#"{"data":{"title":"x"}}"#;

fn post(headers: &str, body: &str) -> String {
    format!(
        "POST /api/articles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {FULL_TOKEN}\r\nContent-Type: application/json\r\nConnection: close\r\n{headers}\r\n{body}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_http_requests_are_rejected_without_side_effects() {
    let server = TestServer::start().await;
    let before = server.dump_content().await;
    let get = |line: &str, headers: &str| format!("{line}\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    let long = "a".repeat(200_000);
    let many: String = (0..2_000).map(|i| format!("X-{i}: y\r\n")).collect();
    for request in [
        "\r\n\r\n".to_owned(),
        "GET\r\n\r\n".into(),
        "GET /api/articles\r\n\r\n".into(),
        "\x16\x03\x01\x02\0\x01\0\x01\x7c\x03\x03".into(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(),
        get("GET /api/articles HTTP/9.9", ""),
        get("GET /api/articles HTTP/1.1 x", ""),
        get("G\x01T /api/articles HTTP/1.1", ""),
        get("GET /api/art\x00icles HTTP/1.1", ""),
        get("GET /api/articles HTTP/1.1", "X: a\x00b\r\n"),
        get("GET /api/articles HTTP/1.1", "X Y: a\r\n"),
        get("GET /api/articles HTTP/1.1", ": a\r\n"),
        get("GET /api/articles HTTP/1.1", "no colon\r\n"),
        get(&format!("GET /{long} HTTP/1.1"), ""),
        get("GET /api/articles HTTP/1.1", &format!("X: {long}{long}{long}\r\n")),
        get("GET /api/articles HTTP/1.1", &many),
        get(&format!("{long} / HTTP/1.1"), ""),
        post("Content-Length: abc\r\n", BODY),
        post("Content-Length: -1\r\n", BODY),
        post("Content-Length: 99999999999999999999999\r\n", BODY),
        post("Content-Length: 22\r\nContent-Length: 23\r\n", BODY),
        post("Content-Length: 22, 23\r\n", BODY),
        post("Transfer-Encoding: xchunked\r\n", BODY),
        post("Transfer-Encoding: chunked, identity\r\n", BODY),
        post("Transfer-Encoding: chunked\r\n", "zz\r\nx\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\nx\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\n", "-1\r\nx\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\n", "5\r\n{\"da\r\n"),
        post("Transfer-Encoding: chunked\r\n", "2\r\n{}garbage\r\n0\r\n\r\n"),
        post("Content-Length: 0\r\n", ""),
    ] {
        let start = request.chars().take(60).collect::<String>();
        let answer = tokio::time::timeout(Duration::from_secs(5), send_and_close(&server, request.as_bytes())).await;
        let answer = answer.unwrap_or_else(|_| panic!("{start:?} is not answered"));
        let refused = answer.is_empty()
            || answer.starts_with("HTTP/1.1 4")
            || answer.starts_with("HTTP/1.0 4")
            || answer.starts_with("HTTP/1.1 505");
        assert!(refused, "{start:?}: {}", &answer[..answer.len().min(300)]);
    }
    // A request with both lengths is one request, whichever counts: no second one is smuggled in.
    let both = post(
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "16\r\n{\"data\":{\"title\":\"x\"}}\r\n0\r\n\r\nGET /api/smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
    );
    let answer = send_and_close(&server, both.as_bytes()).await;
    assert!(!answer.contains("smuggled") && answer.matches("HTTP/1.1 ").count() <= 1, "{answer}");
    if answer.starts_with("HTTP/1.1 201") {
        let id = server.get("/api/articles").await.text_column("documentId").remove(0);
        server.delete(&format!("/api/articles/{id}")).await.expect_status(204);
    }
    server.get("/_health").await.expect_status(204);
    assert_eq!(server.dump_content().await, before);
}

/// Sends everything, says that there is no more, and reads the answer.
async fn send_and_close(server: &TestServer, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    // Refused half-way, the rest cannot be sent.
    let _ = stream.write_all(request).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// A client that goes away half-way through a body leaves nothing behind.
#[tokio::test(flavor = "multi_thread")]
async fn truncated_bodies_write_nothing() {
    let server = TestServer::start().await;
    let before = server.dump_content().await;
    for (headers, body) in [
        ("Content-Length: 1000\r\n", BODY),
        ("Content-Length: 23\r\n", BODY),
        ("Transfer-Encoding: chunked\r\n", "16\r\n{\"data\":{\"title\":\"x\"}}\r\n"),
    ] {
        let answer = send_and_close(&server, post(headers, body).as_bytes()).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    assert_eq!(server.dump_content().await, before);
}

/// Slowloris: whoever does not finish their headers in ten seconds is gone; everybody else is served meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn connections_with_slow_headers_are_closed() {
    let server = TestServer::start().await;
    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /api/articles HTTP/1.1\r\nHost: x\r\n").await.unwrap();
        slow.push(stream);
    }
    let start = Instant::now();
    server.get("/api/articles").await.expect_status(200);
    let mut dripping = slow.pop().unwrap();
    let drip = tokio::spawn(async move {
        // A byte now and then does not help.
        while dripping.write_all(b"X").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    for mut stream in slow {
        let mut answer = String::new();
        let closed = tokio::time::timeout(Duration::from_secs(15), stream.read_to_string(&mut answer)).await;
        assert!(closed.is_ok(), "still open after {:?}", start.elapsed());
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    tokio::time::timeout(Duration::from_secs(5), drip).await.expect("the dripping client is still served").unwrap();
    assert!(start.elapsed() >= Duration::from_secs(8), "cut off after {:?} already", start.elapsed());
    server.get("/api/articles").await.expect_status(200);
}

/// Idle connections cost a file descriptor each and nobody's time.
#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_do_not_block_other_requests() {
    let server = TestServer::start().await;
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(TcpStream::connect(server.address).await.unwrap());
    }
    let start = Instant::now();
    for _ in 0..20 {
        server.get("/api/articles").await.expect_status(200);
    }
    assert!(start.elapsed() < extend_limit(Duration::from_secs(20)), "{:?}", start.elapsed());
}

/// Compressed bodies are not unpacked: a bomb is a few bytes that are no JSON.
#[tokio::test(flavor = "multi_thread")]
async fn compressed_bodies_are_rejected() {
    let server = TestServer::start().await;
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut bomb, &vec![b' '; 20_000_000]).unwrap();
    let bomb = bomb.finish().unwrap();
    for encoding in ["gzip", "deflate", "br", "gzip, gzip", "x"] {
        let request = server.request("POST", "/api/articles").header("content-encoding", encoding);
        let answer = server.send(request.header("content-type", "application/json").body(bomb.clone())).await;
        assert!(matches!(answer.status, 400 | 413 | 415), "{encoding}: {} {}", answer.status, answer.text());
        answer.assert_envelope();
    }
}
