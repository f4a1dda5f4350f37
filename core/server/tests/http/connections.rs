//! Properties of every request, whatever it asks: compression, ids, CORS, methods, an end in order; and other processes.

use cairn_access::{AccessControl, Passwords, SecretKey, SystemClock};
use cairn_settings as settings;
use cairn_store::{Store, StoreOptions};
use cairn_testkit::{TestProject, TestServer, extend_limit, send_raw};
use serde_json::json;
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

async fn server() -> TestServer {
    TestServer::start_with(TestProject::newsroom().with_role(
        "public",
        false,
        json!({"api::article.article": ["find", "findOne"]}),
    ))
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_compressed_as_accept_encoding_requests() {
    let server = server().await;
    for i in 0..20 {
        server
            .create_entry("/api/articles", json!({"title": format!("title {i}"), "body": "lorem ipsum ".repeat(50)}))
            .await;
    }
    let public = server.public_client();
    let plain = public.get("/api/articles").await.expect_status(200);
    assert_eq!(plain.header("content-encoding"), "");
    for _ in 0..2 {
        let gzip = public.get_with("/api/articles", ("accept-encoding", "gzip")).await.expect_status(200);
        assert_eq!(gzip.header("content-encoding"), "gzip");
        assert!(gzip.header("vary").to_lowercase().contains("accept-encoding"), "{:?}", gzip.headers);
        assert!(gzip.bytes.len() * 4 < plain.bytes.len());
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(gzip.bytes.as_slice()).read_to_end(&mut text).unwrap();
        assert_eq!(text, plain.bytes);
        let brotli = public.get_with("/api/articles", ("accept-encoding", "br, gzip;q=0.5")).await.expect_status(200);
        assert_eq!(brotli.header("content-encoding"), "br");
        let identity = public.get_with("/api/articles", ("accept-encoding", "identity")).await;
        assert_eq!((identity.header("content-encoding"), &identity.bytes), ("", &plain.bytes));
        // The ETag is weak, so all encodings share it.
        assert_eq!(gzip.header("etag"), plain.header("etag"));
    }
    for odd in ["*", "gzip;q=0", "gzip;q=x", ",,,", "x", "br;q=1;gzip"] {
        public.get_with("/api/articles", ("accept-encoding", odd)).await.expect_status(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_has_a_request_id() {
    let server = server().await;
    let public = server.public_client();
    for path in [
        "/api/articles",
        "/api/articles",
        "/api/nothing",
        "/api/articles?x=1",
        "/_health",
        "/uploads/none",
        "/api/users",
    ] {
        let own = public.get(path).await;
        assert!(own.header("x-request-id").len() >= 8, "{path}");
        let answer = public.get_with(path, ("x-request-id", "abc-DEF_1.2")).await;
        assert_eq!(answer.header("x-request-id"), "abc-DEF_1.2", "{path}");
        for bad in ["a b", "a\"b", "é", &"x".repeat(200), "<script>", "a;b", ""] {
            let test_answer = public.get_with(path, ("x-request-id", bad)).await;
            assert!(
                test_answer.header("x-request-id") != bad && !test_answer.header("x-request-id").is_empty(),
                "{path} {bad}"
            );
        }
    }
    let ids: std::collections::BTreeSet<_> = [public.get("/_health").await, public.get("/_health").await]
        .map(|a| a.header("x-request-id").to_owned())
        .into();
    assert_eq!(ids.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_configured_origins_get_cors_headers() {
    let closed = TestServer::start_configured(TestProject::newsroom(), |c| c.server.cors_origins.clear()).await;
    for origin in ["https://example.com", "null", "http://127.0.0.1", "https://evil.example"] {
        for path in ["/api/articles", "/api/nothing"] {
            let answer = closed.public_client().get_with(path, ("origin", origin)).await;
            assert!(!answer.headers.keys().any(|k| k.starts_with("access-control")), "{origin} {:?}", answer.headers);
        }
    }
    let open = TestServer::start_configured(
        TestProject::newsroom().with_role("public", false, json!({"api::article.article": ["find"]})),
        |c| c.server.cors_origins = vec!["https://example.com".into()],
    )
    .await;
    let public = open.public_client();
    for path in ["/api/articles", "/api/articles", "/api/nothing", "/api/users"] {
        let answer = public.get_with(path, ("origin", "https://example.com")).await;
        assert_eq!(answer.header("access-control-allow-origin"), "https://example.com", "{path}");
        assert!(answer.header("vary").to_lowercase().contains("origin"), "{path}");
        for evil in [
            "https://example.com.evil.example",
            "https://evil-example.com",
            "http://example.com",
            "https://EXAMPLE.com.",
            "null",
            "https://example.com:8443",
            "https://example.com/",
            "https://a.example.com",
            "*",
            "",
        ] {
            let answer = public.get_with(path, ("origin", evil)).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{evil}");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{evil}");
        }
        // An answer kept without an origin is not told apart by caches that ignore it.
        let answer = public.get(path).await;
        assert!(answer.header("vary").to_lowercase().contains("origin"), "{path}");
    }
    let preflight = |origin: &str| {
        let request = public.request("OPTIONS", "/api/articles").header("origin", origin);
        let request = request.header("access-control-request-method", "PUT");
        public.send(request.header("access-control-request-headers", "authorization"))
    };
    let answer = preflight("https://example.com").await.expect_status(204);
    assert!(answer.header("access-control-allow-methods").contains("PUT"));
    assert_eq!(answer.header("access-control-allow-headers"), "authorization");
    let answer = preflight("https://evil.example").await;
    assert!(!answer.headers.keys().any(|k| k.starts_with("access-control-allow")), "{:?}", answer.headers);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_any_origin_use_the_content_api_without_cookies() {
    let public_role = json!({"api::article.article": ["find"]});
    let server = TestServer::start_with(TestProject::newsroom().with_role("public", false, public_role)).await;
    let public = server.public_client();
    let file = server.upload_file("a.txt", "text/plain", b"x").await.expect_status(201);
    let file = file.body[0]["url"].as_str().unwrap().to_owned();
    // Twice: the second response is cached. Errors are read as well.
    for path in ["/api/articles", "/api/articles", "/api/users", "/api/nothing", file.as_str()] {
        for origin in ["https://example.com", "null"] {
            let answer = public.get_with(path, ("origin", origin)).await;
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
            assert_eq!(answer.header("access-control-expose-headers"), "*", "{path}");
            assert!(!answer.header("vary").to_lowercase().contains("origin"), "{path}");
        }
    }
    let preflight = |path: &str| {
        let request = public.request("OPTIONS", path).header("origin", "https://example.com");
        let request = request.header("access-control-request-method", "PUT");
        public.send(request.header("access-control-request-headers", "authorization,content-type"))
    };
    let answer = preflight("/api/articles/x").await.expect_status(204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-headers"), "authorization,content-type");
    assert!(answer.header("access-control-allow-methods").contains("PUT"));
    // Routes that accept cookies allow no other origin.
    for path in ["/admin/api/session", "/admin/api/me", "/admin", "/", "/_health"] {
        let answer = public.get_with(path, ("origin", "https://example.com")).await;
        assert!(!answer.headers.keys().any(|k| k.starts_with("access-control")), "{path} {:?}", answer.headers);
        let answer = preflight(path).await;
        assert!(!answer.headers.keys().any(|k| k.starts_with("access-control")), "{path} {:?}", answer.headers);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_return_404_and_unknown_methods_405() {
    let server = server().await;
    for (method, path, status) in [
        ("GET", "/api/nothing", 404),
        ("GET", "/nothing", 404),
        ("GET", "/api", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/articles/x/y", 404),
        ("GET", "/api/article", 404),
        ("GET", "/api/Articles", 404),
        ("GET", "/API/articles", 404),
        ("POST", "/api/nothing", 405),
        ("PATCH", "/api/articles/x", 405),
        ("POST", "/api/articles/x", 405),
        ("DELETE", "/api/articles", 405),
        ("PUT", "/api/articles", 405),
        ("POST", "/_health", 405),
        ("DELETE", "/api/users-permissions/roles/1", 405),
        ("PUT", "/api/upload/files/1", 405),
        ("POST", "/uploads/x", 405),
        ("TRACE", "/api/articles", 405),
        ("CONNECT", "/api/articles", 405),
        ("OPTIONS", "/admin/api/me", 405),
        ("FOO", "/api/articles", 405),
        ("PROPFIND", "/", 405),
    ] {
        // Client libraries would not send some of these methods.
        let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = server.send_raw(request).await;
        // The server may refuse to parse a method.
        let refused = answer.status() == 400 && matches!(method, "CONNECT");
        assert!(answer.status() == status || refused, "{method} {path}: {}", answer.text);
        if status == 404 {
            assert!(answer.text.contains("\"name\":\"NotFoundError\""), "{}", answer.text);
        }
    }
    for path in ["/api/articles/", "/api/articles//", "/api/articles/?sort=title"] {
        server.get(path).await.expect_status(200);
    }
    server.public_client().get("/").await.expect_status(200);
    let health = server.public_client().get("/_health").await.expect_status(204);
    assert_eq!(health.bytes.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_progress_finish_when_the_server_stops() {
    let server = server().await;
    let address = server.address;
    let body = json!({"data": {"title": "last"}}).to_string();
    let (head, rest) = body.split_at(body.len() / 2);
    let start = format!(
        "POST /api/articles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{head}",
        cairn_testkit::FULL_TOKEN,
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    stream.write_all(start.as_bytes()).await.unwrap();
    // The server has it once it has answered another request on the same machine.
    server.get("/_health").await.expect_status(204);
    let stopping = tokio::spawn(server.stop());
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!stopping.is_finished());
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let stopped = tokio::time::timeout(Duration::from_secs(10), stopping).await.unwrap().unwrap();
    let store = stopped.app.content.store();
    let ct = store.registry().by_route("articles").unwrap().id;
    assert!(store.read(|r| r.documents().find_any(ct)).unwrap().is_some());
}

/// `cairn apply` in a process of its own: taken up within a second.
#[tokio::test(flavor = "multi_thread")]
async fn settings_applied_by_another_process_take_effect() {
    let server = server().await;
    let public = server.public_client();
    public.get("/api/articles").await.expect_status(200);
    public.get("/api/authors").await.expect_error(403, "Forbidden");
    let database = server.app.config.tenant_database("default").unwrap();
    let other = Store::open(StoreOptions { database }, server.app.content.registry().clone()).unwrap();
    let secret = SecretKey::load(None, &server.project.path().join("data")).unwrap();
    let access =
        AccessControl::open(other, &secret, "default", Passwords::new(1), Arc::new(SystemClock)).await.unwrap();
    let file = json!({"roles": {"public": {"permissions": {"api::author.author": ["find"]}}}}).to_string();
    let parsed = settings::parse_settings(&file, server.app.content.registry(), &|_| None).unwrap();
    settings::apply_settings(&access, parsed).await.unwrap();
    let start = Instant::now();
    while public.get("/api/authors").await.status != 200 {
        assert!(start.elapsed() < extend_limit(Duration::from_secs(30)), "not taken up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    public.get("/api/articles").await.expect_error(403, "Forbidden");
}

/// Requests on one connection, one after the other and all at once.
#[tokio::test(flavor = "multi_thread")]
async fn connections_are_reused_and_pipelined() {
    let server = server().await;
    let one = "GET /api/articles HTTP/1.1\r\nHost: x\r\n\r\n";
    let closing_request = "GET /api/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = send_raw(server.address, format!("{one}{one}{closing_request}").as_bytes()).await;
    assert_eq!(answer.text.matches("HTTP/1.1 200 OK").count(), 2, "{}", answer.text);
    assert_eq!(answer.text.matches("HTTP/1.1 404 Not Found").count(), 1);
    // A body that nobody asked for is not taken for the next request.
    let body = "GET /api/articles HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\nGET /api/smuggled HTTP/1.1\r\nHost: x\r\n\r\n\r\n";
    let answer = send_raw(server.address, format!("{body}{closing_request}").as_bytes()).await;
    assert!(!answer.text.contains("smuggled"), "{}", answer.text);
    assert!(answer.text.matches("HTTP/1.1 ").count() <= 2, "{}", answer.text);
}

/// Tests, and programs that have a server in them, may drop one without a word. Its work behind the requests ends then; it used to look for
/// more without a pause.
#[tokio::test(flavor = "multi_thread")]
async fn dropped_server_stops_its_background_work() {
    let server = TestServer::start().await;
    server.create_entry("/api/articles", json!({"title": "One"})).await;
    let tenant = Arc::downgrade(&server.app);
    drop(server);
    for _ in 0..400 {
        if tenant.upgrade().is_none() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("something still works on the tenant of a server that is gone");
}
