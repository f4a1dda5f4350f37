//! API tokens and the `Authorization` header.

use cairn_testkit::{FULL_TOKEN, READ_TOKEN, TestProject, TestServer};
use serde_json::json;
use std::time::Duration;

async fn status_of(server: &TestServer, header: &[u8]) -> u16 {
    let request = server.public_client().request("GET", "/api/articles").header("authorization", header);
    server.send(request).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn authorization_header_selects_a_token_or_the_public_role() {
    let server = TestServer::start_with(TestProject::newsroom().with_role(
        "public",
        false,
        json!({"api::article.article": ["find"]}),
    ))
    .await;
    let long = format!("Bearer {}", "a".repeat(9_000));
    let bearer = format!("Bearer {FULL_TOKEN}");
    for (header, expected) in [
        (&b""[..], 200),
        (b"Bearer", 200),
        (b"Bearer   ", 200),
        (b"Basic YTpi", 200),
        (b"Token abc", 200),
        (bearer.as_bytes(), 200),
        (b"Bearer nonsense", 401),
        (b"bearer nonsense", 401),
        (b"Bearer a b", 401),
        (b"Bearer \xff\xfe", 401),
        (b"Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAA", 401),
        (b"Bearer ' OR 1=1 --", 401),
        (long.as_bytes(), 401),
    ] {
        assert_eq!(status_of(&server, header).await, expected, "{}", String::from_utf8_lossy(header));
    }
    // A prefix of a token, or more than it, is none.
    for token in [&FULL_TOKEN[..10], &format!("{FULL_TOKEN}0"), &FULL_TOKEN.to_uppercase()] {
        server.with_token(token).get("/api/articles").await.expect_error(401, "Missing or invalid credentials");
    }
}

/// Two headers: a proxy may look at the one and the server at the other.
#[tokio::test(flavor = "multi_thread")]
async fn duplicate_authorization_headers_are_rejected() {
    let server = TestServer::start_with(TestProject::newsroom().with_role(
        "public",
        false,
        json!({"api::article.article": ["find"]}),
    ))
    .await;
    let two = |a: &str, b: &str| {
        format!(
            "GET /api/articles HTTP/1.1\r\nHost: x\r\nAuthorization: {a}\r\nAuthorization: {b}\r\nConnection: close\r\n\r\n"
        )
    };
    let (full, read) = (format!("Bearer {FULL_TOKEN}"), format!("Bearer {READ_TOKEN}"));
    for request in
        [two(&full, &read), two("Bearer", &full), two(&full, "Bearer"), two("Basic YTpi", &full), two(&full, &full)]
    {
        let answer = server.send_raw(request).await;
        assert_eq!(answer.status(), 401, "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn api_token_types_limit_the_permitted_actions() {
    let project = TestProject::newsroom().with_token(json!({
        "name": "custom", "type": "custom", "token": "custom-token-0123456789", "permissions": {
            "api::article.article": ["find", "create"],
        },
    }));
    let server = TestServer::start_with(project).await;
    let document_id = server.create_entry("/api/articles", json!({"title": "a"})).await.document_id();
    let path = format!("/api/articles/{document_id}");
    let (read, custom) = (server.read_only(), server.with_token("custom-token-0123456789"));
    for (client, list, one, create, update, delete) in [
        (&read, 200, 200, 403, 403, 403),
        (&custom, 200, 403, 201, 403, 403),
        (&server.public_client(), 403, 403, 403, 403, 403),
    ] {
        assert_eq!(client.get("/api/articles").await.status, list);
        assert_eq!(client.get(&path).await.status, one);
        assert_eq!(client.post("/api/articles", json!({"data": {"title": "b"}})).await.status, create);
        assert_eq!(client.put(&path, json!({"data": {}})).await.status, update);
        assert_eq!(client.delete(&path).await.status, delete);
    }
    read.get("/api/articles?status=draft").await.expect_status(200);
    custom.get("/api/articles?status=draft").await.expect_error(403, "Forbidden");
    read.get("/api/i18n/locales").await.expect_error(403, "Forbidden");
    read.get("/api/users/me").await.expect_error(403, "Forbidden");
    server.get("/api/users/me").await.expect_error(401, "Unauthorized");
    for (method, path) in
        [("POST", "/api/upload"), ("POST", "/api/users"), ("DELETE", "/api/users/1"), ("DELETE", "/api/upload/files/1")]
    {
        let answer = read.send(read.request(method, path)).await;
        answer.expect_error(403, "Forbidden");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn api_tokens_end_on_expiry_and_replacement() {
    let token = |expires: &str| json!({"name": "short", "type": "read-only", "token": "short-token-0123456789", "expiresAt": expires});
    let server = TestServer::start_with(TestProject::newsroom().with_token(token("2026-01-02T04:00:00.000Z"))).await;
    let short = server.with_token("short-token-0123456789");
    short.get("/api/articles").await.expect_status(200);
    server.advance_clock(Duration::from_secs(3_600));
    short.get("/api/articles").await.expect_error(401, "Missing or invalid credentials");
    server.apply_settings(json!({"apiTokens": [token("2030-01-01T00:00:00.000Z")]})).await;
    short.get("/api/articles").await.expect_status(200);
    server
        .apply_settings(
            json!({"apiTokens": [{"name": "short", "type": "read-only", "token": "another-token-0123456789"}]}),
        )
        .await;
    short.get("/api/articles").await.expect_error(401, "Missing or invalid credentials");
}

/// Passwords and tokens are not in the files or in the database: reading the disk reveals none.
#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_not_stored_in_plain_text() {
    let server = TestServer::start().await;
    server.create_user("ann", "authenticated", json!({})).await;
    let code =
        server.app.access.create_code("ann", cairn_access::auth::CodePurpose::ResetPassword).await.unwrap().unwrap();
    let files = walk(&server.project.path().join("data"));
    let files = files.into_iter().map(|file| (file.display().to_string(), std::fs::read(file).unwrap()));
    let database = server.project.database().read_contents();
    let contains = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(contains(&database, "ann@example.com"), "the look itself works");
    for (place, bytes) in files.chain([("the database".to_owned(), database)]) {
        for secret in [FULL_TOKEN, READ_TOKEN, "Passw0rd!", &code] {
            assert!(!contains(&bytes, secret), "{secret} is in {place}");
        }
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|p| if p.is_dir() { walk(&p) } else { vec![p] }).collect()
}
