//! Hosts that lead to each tenant, and those that lead to none.

use super::{A, B, server, settings, two_tenant_project};
use cairn_testkit::{FULL_TOKEN, TestProject, TestServer};
use serde_json::json;
use std::net::IpAddr;

/// The titles at a host, from a request as bytes: target and the lines of the head.
async fn titles(server: &TestServer, target: &str, head: &[&str]) -> Result<String, u16> {
    let head: String = head.iter().map(|line| format!("{line}\r\n")).collect();
    let answer = server.send_raw(format!("GET {target} HTTP/1.1\r\n{head}Connection: close\r\n\r\n")).await;
    match answer.status() {
        200 => Ok(["of a", "of b", "of the default"]
            .into_iter()
            .filter(|title| answer.text.contains(&format!("\"{title}\"")))
            .collect()),
        status => {
            assert!(!answer.text.contains("\"of "), "{}", answer.text);
            Err(status)
        }
    }
}

async fn create_article_per_host(server: &TestServer) {
    for (host, title) in [(A, "of a"), (B, "of b"), ("other.example.com", "of the default")] {
        server.with_host(host).create_entry("/api/articles", json!({"title": title})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_host_serves_its_own_content() {
    let server = server().await;
    create_article_per_host(&server).await;
    // From the database, then from memory.
    for _ in 0..2 {
        for client in [(*server).clone(), server.public_client()] {
            for (host, title) in [(A, "of a"), (B, "of b"), ("anything.else", "of the default")] {
                assert_eq!(client.with_host(host).get("/api/articles").await.text_column("title"), [title], "{host}");
            }
        }
    }
    assert_eq!(server.public_client().get("/api/articles").await.text_column("title"), ["of the default"]);
    assert_eq!((server.process.declared_tenants(), server.process.open_tenants().len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn equivalent_host_spellings_select_the_same_tenant() {
    let server = server().await;
    create_article_per_host(&server).await;
    for spelling in [
        "a.example.com",
        "A.EXAMPLE.com",
        "a.example.com.",
        "a.example.com:80",
        "A.example.com.:65535",
        "a.example.com:",
    ] {
        for _ in 0..2 {
            let result = titles(&server, "/api/articles", &[&format!("Host: {spelling}")]).await;
            assert_eq!(result.as_deref(), Ok("of a"), "{spelling}");
        }
    }
    for unknown in [
        "xa.example.com",
        "a.example.comx",
        "example.com",
        "www.a.example.com",
        "a-example.com",
        "127.0.0.1",
        "[::1]:80",
    ] {
        let result = titles(&server, "/api/articles", &[&format!("Host: {unknown}")]).await;
        assert_eq!(result.as_deref(), Ok("of the default"), "{unknown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_without_exactly_one_valid_host_are_rejected() {
    let server = server().await;
    create_article_per_host(&server).await;
    let huge = format!("Host: {}", "a.".repeat(5_000));
    let long = format!("Host: {}", "a".repeat(254));
    for head in [
        &[][..],
        &["Host:"],
        &["Host: "],
        &["Host: a.example.com", "Host: a.example.com"],
        &["Host: a.example.com", "Host: b.example.com"],
        &["Host: a.example.com, b.example.com"],
        &["Host: a.example.com b.example.com"],
        &["Host: a.example.com:80:80"],
        &["Host: a.example.com:b"],
        &["Host: b.example.com@a.example.com"],
        &["Host: a.example.com/b.example.com"],
        &["Host: a.example.com%00"],
        &["Host: ..a.example.com"],
        &["Host: a..example.com"],
        &["Host: \u{e9}.example.com"],
        &["Host: *"],
        &["Host: [::1"],
        &[huge.as_str()],
        &[long.as_str()],
        &["X-Forwarded-Host: a.example.com"],
    ] {
        for target in ["/api/articles", "/", "/uploads/x.png", "/api/users/me", "/nothing"] {
            assert_eq!(titles(&server, target, head).await, Err(400), "{target} {head:?}");
        }
        // Probes call `/_health` by address, without a tenant's host.
        let answer =
            server.send_raw(format!("GET /_health HTTP/1.1\r\n{}\r\nConnection: close\r\n\r\n", head.join("\r\n")));
        assert!([204, 400].contains(&answer.await.status()));
    }
    let answer = server.send_raw("GET /api/articles HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert!(answer.text.ends_with(r#"{"data":null,"error":{"status":400,"name":"ValidationError","message":"The request must have exactly one Host","details":{}}}"#), "{}", answer.text);
    // The host has bytes that are no text.
    let answer =
        server.send_raw(b"GET /api/articles HTTP/1.1\r\nHost: a\xff.example.com\r\nConnection: close\r\n\r\n").await;
    assert_eq!(answer.status(), 400);
    // The refused writes wrote nothing.
    let body = r#"{"data":{"title":"of nobody"}}"#;
    let post = format!(
        "POST /api/articles HTTP/1.1\r\nHost: {A}\r\nHost: {B}\r\nAuthorization: Bearer {FULL_TOKEN}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(server.send_raw(post).await.status(), 400);
    for host in [A, B, "x"] {
        assert_eq!(server.with_host(host).get("/api/articles").await.pagination_total(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spoofed_hosts_never_select_another_tenant() {
    let server = server().await;
    create_article_per_host(&server).await;
    let host = format!("Host: {A}");
    for spoof in [
        "X-Forwarded-Host: b.example.com",
        "X-Forwarded-Host: b.example.com, a.example.com",
        "Forwarded: host=b.example.com",
        "X-Host: b.example.com",
        "X-Original-Host: b.example.com",
        "X-Forwarded-Server: b.example.com",
        "X-Rewrite-URL: http://b.example.com/api/articles",
        "X-Tenant: b",
    ] {
        for _ in 0..2 {
            assert_eq!(titles(&server, "/api/articles", &[&host, spoof]).await.as_deref(), Ok("of a"), "{spoof}");
        }
    }
    for (target, expected) in [
        ("http://a.example.com/api/articles", Ok("of a")),
        ("http://A.example.com:99/api/articles", Ok("of a")),
        ("http://b.example.com/api/articles", Err(400)),
        ("http://a.example.com@b.example.com/api/articles", Err(400)),
        ("http://b.example.com@a.example.com/api/articles", Err(400)),
    ] {
        let result = titles(&server, target, &[&host]).await;
        assert_eq!(result.as_deref().map_err(|e| *e), expected, "{target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forwarded_host_of_a_trusted_proxy_selects_the_tenant() {
    let proxy: IpAddr = "127.0.0.1".parse().unwrap();
    let server = TestServer::start_configured(two_tenant_project(), |c| c.server.trusted_proxies = vec![proxy]).await;
    create_article_per_host(&server).await;
    for (head, expected) in [
        (&["Host: inner:1337", "X-Forwarded-Host: b.example.com"][..], Ok("of b")),
        (&["Host: a.example.com", "X-Forwarded-Host: B.example.com:443"], Ok("of b")),
        (&["Host: a.example.com"], Ok("of a")),
        (&["Host: inner", "X-Forwarded-Host: b.example.com, b.example.com"], Ok("of b")),
        (&["Host: inner", "X-Forwarded-Host: a.example.com, b.example.com"], Err(400)),
        (&["Host: inner", "X-Forwarded-Host: a.example.com", "X-Forwarded-Host: b.example.com"], Err(400)),
        (&["Host: inner", "X-Forwarded-Host: %"], Err(400)),
        (&["X-Forwarded-Host: b.example.com"], Err(400)),
    ] {
        for _ in 0..2 {
            let result = titles(&server, "/api/articles", head).await;
            assert_eq!(result.as_deref().map_err(|e| *e), expected, "{head:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn default_tenant_with_hosts_responds_only_at_them() {
    let server = server().await;
    create_article_per_host(&server).await;
    server.apply_settings(json!({"tenants": {"default": {"hosts": ["home.example.com"]}}})).await;
    let home = titles(&server, "/api/articles", &["Host: HOME.example.com"]).await;
    assert_eq!(home.as_deref(), Ok("of the default"));
    assert_eq!(titles(&server, "/api/articles", &["Host: a.example.com"]).await.as_deref(), Ok("of a"));
    let nobody = server.with_host("other.example.com");
    for path in ["/", "/api/articles", "/uploads/x.png", "/api/users/me", "/nothing", "/api/i18n/locales"] {
        let answer = nobody.get(path).await.expect_error(404, "Not Found");
        assert_eq!((answer.name(), answer.details()), ("NotFoundError", &json!({})), "{path}");
    }
    nobody.post("/api/articles", json!({"data": {"title": "x"}})).await.expect_error(404, "Not Found");
    assert_eq!(nobody.get("/_health").await.status, 204);
    server.apply_settings(json!({"tenants": {"default": {"hosts": null}}})).await;
    assert_eq!(nobody.get("/api/articles").await.text_column("title"), ["of the default"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn host_is_ignored_in_a_project_without_tenants() {
    let server =
        TestServer::start_with(TestProject::newsroom().with_settings("roles", settings()["roles"].clone())).await;
    create_article_per_host(&server).await;
    let answer = server.send_raw("GET /api/articles HTTP/1.0\r\n\r\n").await;
    assert_eq!(answer.status(), 0, "an answer of HTTP/1.0: {}", answer.text);
    for head in [&["Host:"][..], &["Host: x"], &["Host: %"]] {
        let all = titles(&server, "/api/articles", head).await;
        assert_eq!(all.as_deref(), Ok("of aof bof the default"), "{head:?}");
    }
    // HTTP/1.1 asks for one, whatever is in it.
    for head in [&[][..], &["Host: x", "Host: y"]] {
        assert_eq!(titles(&server, "/api/articles", head).await, Err(400), "{head:?}");
    }
    assert_eq!((server.process.declared_tenants(), server.process.open_tenants().len()), (0, 0));
}
