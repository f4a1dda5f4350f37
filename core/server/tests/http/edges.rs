//! Rules for every response and every address, whatever route it is.

use cairn_testkit::{TestProject, TestServer};
use serde_json::json;

const PASSWORD: &str = "a password of some length";

#[tokio::test(flavor = "multi_thread")]
async fn every_response_has_the_nosniff_header() {
    let server = TestServer::start_with(TestProject::newsroom().with_role(
        "public",
        false,
        json!({ "api::article.article": ["find"] }),
    ))
    .await;
    let public = server.public_client();
    // The second time from what is kept; compressed; not changed; not there; not allowed; to pages of other origins.
    for (method, path, header) in [
        ("GET", "/api/articles", ("x-a", "1")),
        ("GET", "/api/articles", ("x-a", "1")),
        ("GET", "/api/articles", ("accept-encoding", "gzip")),
        ("GET", "/api/articles", ("if-none-match", "*")),
        ("GET", "/api/articles?filters[nope]=1", ("x-a", "1")),
        ("HEAD", "/api/articles", ("x-a", "1")),
        ("POST", "/api/articles", ("x-a", "1")),
        ("GET", "/api/nothing", ("x-a", "1")),
        ("TRACE", "/api/articles", ("x-a", "1")),
        ("OPTIONS", "/api/articles", ("access-control-request-method", "GET")),
        ("OPTIONS", "/api/upload/resumable", ("x-a", "1")),
        ("GET", "/_health", ("x-a", "1")),
        ("GET", "/", ("accept", "text/html")),
        ("GET", "/favicon.ico", ("x-a", "1")),
        ("GET", "/admin/api/session", ("x-a", "1")),
        ("GET", "/admin/api/audit", ("x-a", "1")),
        ("GET", "/admin/", ("x-a", "1")),
        ("GET", "/uploads/nothing.png", ("x-a", "1")),
        ("DELETE", "/_health", ("x-a", "1")),
    ] {
        let answer = public.send(public.request(method, path).header(header.0, header.1)).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {path} {header:?}: {}", answer.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http_1_1_requests_must_have_exactly_one_host() {
    let server = TestServer::start().await;
    for (head, expected) in [
        ("GET /_health HTTP/1.1\r\nHost: x\r\nConnection: close", 204),
        ("GET /_health HTTP/1.1\r\nHost:\r\nConnection: close", 204),
        ("GET /_health HTTP/1.1\r\nConnection: close", 400),
        ("GET http://x/_health HTTP/1.1\r\nConnection: close", 400),
        ("GET /_health HTTP/1.1", 400),
        ("GET /admin/api/session HTTP/1.1\r\nX-Forwarded-Host: x\r\nConnection: close", 400),
        ("GET /_health HTTP/1.1\r\nHost: x\r\nHost: x\r\nConnection: close", 400),
        ("GET /_health HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close", 400),
        ("OPTIONS /api/articles HTTP/1.1\r\nAccess-Control-Request-Method: GET\r\nConnection: close", 400),
    ] {
        let answer = server.send_raw(format!("{head}\r\n\r\n")).await;
        assert_eq!(answer.status(), expected, "{head:?}: {}", answer.text);
        assert_eq!(
            answer.text.contains("The request must have exactly one Host"),
            expected == 400,
            "{head:?}: {}",
            answer.text
        );
        let lower = answer.text.to_ascii_lowercase();
        assert!(lower.contains("x-content-type-options: nosniff"), "{}", answer.text);
    }
    // Of a request that is refused nothing that follows on its connection is taken.
    let two = "POST /api/articles HTTP/1.1\r\nContent-Length: 0\r\n\r\nGET /_health HTTP/1.1\r\nHost: x\r\n\r\n";
    let answer = server.send_raw(two).await;
    assert_eq!((answer.status(), answer.text.matches("HTTP/1.1 ").count()), (400, 1), "{}", answer.text);
    // Older clients have no Host.
    let old = server.send_raw("GET /_health HTTP/1.0\r\n\r\n").await;
    assert!(old.text.starts_with("HTTP/1.0 204") || old.text.starts_with("HTTP/1.1 204"), "{}", old.text);
}

/// An address of so many characters in all.
fn address_of_length(length: usize) -> String {
    let domain = format!("{}.{}.example", "d".repeat(60), "e".repeat(60));
    format!("{}@{domain}", "a".repeat(length - 1 - domain.len()))
}

#[tokio::test(flavor = "multi_thread")]
async fn overlong_email_addresses_are_rejected_everywhere() {
    let (longest, long) = (address_of_length(254), address_of_length(255));
    assert_eq!((longest.len(), long.len()), (254, 255));
    let server = TestServer::start().await;
    let public = server.public_client();
    // The first administrator, with all of the mistake and then without.
    let set_up = |email: &str| json!({ "email": email, "password": PASSWORD });
    for huge in [long.clone(), address_of_length(100_000)] {
        let refused = public.post("/admin/api/setup", set_up(&huge)).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["email"]), "{}", refused.text());
        assert!(refused.text().len() < 1_000, "what is too long is not told again");
    }
    public.post("/admin/api/setup", set_up("root@example.com")).await.expect_status(200);
    let root = server.sign_in_admin("root@example.com", PASSWORD).await;
    let me = root.get("/admin/api/me").await.data()["id"].clone();
    let roles = server.get("/api/users-permissions/roles").await.body;
    let role = roles["roles"][0]["id"].clone();
    let user = |email: &str| json!({ "username": format!("u{}", email.len()), "email": email, "password": "Passw0rd!", "role": role });
    let id = server.post("/api/users", user("ann@example.com")).await.expect_status(201).body["id"].clone();
    let register =
        |email: &str| json!({ "username": format!("r{}", email.len()), "email": email, "password": "Passw0rd!" });
    let mail = |email: &str| json!({ "email": email });
    for (client, method, path, body) in [
        (&public, "POST", "/api/auth/local/register".to_owned(), register(&long)),
        (&public, "POST", "/api/auth/forgot-password".to_owned(), mail(&long)),
        (&public, "POST", "/api/auth/send-email-confirmation".to_owned(), mail(&long)),
        (&server, "POST", "/api/users".to_owned(), user(&long)),
        (&server, "PUT", format!("/api/users/{id}"), mail(&long)),
        (&root, "POST", "/admin/api/users".to_owned(), json!({ "email": long, "roles": ["editor"] })),
        (&root, "PUT", format!("/admin/api/users/{me}"), mail(&long)),
        (&public, "POST", "/admin/api/forgot-password".to_owned(), mail(&long)),
        (&root, "PUT", "/admin/api/settings/mail".to_owned(), json!({ "from": long })),
        (&root, "PUT", "/admin/api/settings/mail".to_owned(), json!({ "replyTo": long })),
        (&root, "POST", "/admin/api/mail/test".to_owned(), json!({ "to": long })),
        (&root, "POST", "/admin/api/mail/suppressions".to_owned(), json!({ "address": long })),
    ] {
        let field = body.as_object().unwrap().iter().find(|(_, value)| **value == json!(long)).unwrap().0.clone();
        let answer = client.send(client.request(method, &path).json(&body)).await;
        assert_eq!(answer.status, 400, "{method} {path}: {}", answer.text());
        let error_path = &answer.details()["errors"][0]["path"];
        assert_eq!(*error_path, json!([field]), "{method} {path}: {}", answer.text());
    }
    public.post("/api/auth/local/register", register(&longest)).await.expect_status(200);
    server.post("/api/users", user(&address_of_length(253))).await.expect_status(201);
    root.post("/admin/api/users", json!({ "email": longest, "roles": ["editor"] })).await.expect_status(201);
    let file = json!({ "adminUsers": [{ "email": long, "password": PASSWORD, "roles": ["editor"] }] });
    let message = server.process.apply_settings(&file.to_string(), &|_| None).await.unwrap_err().to_string();
    assert!(message.contains("adminUsers[0].email"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn open_registration_reflects_settings_and_permissions() {
    let server = TestServer::start().await;
    let open = || server.app.access.open_registration();
    assert_eq!(open().as_deref(), Some("authenticated"), "as in Strapi");
    let register =
        |name: &str| json!({ "username": name, "email": format!("{name}@example.com"), "password": "Passw0rd!" });
    server.public_client().post("/api/auth/local/register", register("one")).await.expect_status(200);
    server.apply_settings(json!({ "auth": { "registration": { "open": false } } })).await;
    assert_eq!(open(), None);
    server.public_client().post("/api/auth/local/register", register("two")).await.expect_status(400);
    server.apply_settings(json!({ "auth": { "registration": { "open": true } } })).await;
    assert!(open().is_some());
    // The right is the public's to have.
    let none = json!({ "roles": { "public": { "permissions": { "plugin::users-permissions.auth": ["callback"] } } } });
    server.apply_settings(none).await;
    assert_eq!(open(), None);
    server.public_client().post("/api/auth/local/register", register("three")).await.expect_status(403);
}
