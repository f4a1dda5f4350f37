//! Every route of the admin API: closed to whoever is not signed in here, and never at a loss for an answer.

use super::tenants::{A, B, settings};
use cairn_store::events::{DuplicatePolicy, NewJob};
use cairn_testkit::{TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::path::Path;

const PASSWORD: &str = "a password of some length";
/// In everything that B has and A has not.
const CANARY: &str = "canary77aa";
/// Routes that may be requested without being signed in.
pub(crate) const OPEN: [&str; 10] = [
    "POST /admin/api/login",
    "POST /admin/api/login/second",
    "POST /admin/api/login/passkey/begin",
    "POST /admin/api/login/passkey/finish",
    "GET /admin/api/session",
    "POST /admin/api/setup",
    "POST /admin/api/invitations/check",
    "POST /admin/api/invitations/accept",
    "POST /admin/api/forgot-password",
    "POST /admin/api/reset-password",
];

/// Goes on for as long as somebody listens; [`crate::live`] does.
const STREAM: &str = "/admin/api/live";

/// Method and path of every route: from the OpenAPI document, and from the files where one has no description.
pub(crate) fn routes() -> BTreeSet<(String, String)> {
    fn read(folder: &Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, text);
            } else {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = std::fs::read_to_string(core.join("router/src/openapi_route.rs")).unwrap();
    for api in ["editing-api/src", "administration-api/src"] {
        read(&core.join(api), &mut text);
    }
    let mut routes = BTreeSet::new();
    for part in text.split(".route(").skip(1) {
        let Some((path, handlers)) = part.trim_start().strip_prefix('"').and_then(|p| p.split_once('"')) else {
            continue;
        };
        let handlers = handlers.split([';', '}']).next().unwrap();
        for method in ["get", "post", "put", "delete", "patch"] {
            let is_call = |(at, _): (usize, &str)| {
                !handlers[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
            };
            if path.starts_with("/admin/api/") && handlers.match_indices(&format!("{method}(")).any(is_call) {
                routes.insert((method.to_uppercase(), path.to_owned()));
            }
        }
    }
    let document: serde_json::Value = serde_json::from_str(cairn_server::openapi()).unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        routes.extend(operations.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())));
    }
    // HEAD answers as GET does, without words.
    routes.retain(|(method, path)| path.starts_with("/admin/api/") && method != "HEAD");
    assert!(routes.len() > 90, "the routes are not read right: {}", routes.len());
    routes
}

/// A path with its variable parts filled in.
pub(crate) fn fill_path(path: &str, with: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { with } else { part });
    parts.collect::<Vec<_>>().join("/")
}

pub(crate) async fn send(client: &TestClient, method: &str, path: &str, body: &str) -> TestResponse {
    let request = client.request(method, path).header("content-type", "application/json").body(body.to_owned());
    client.send(request).await
}

/// The token of a session.
async fn session(client: &TestClient, email: &str) -> String {
    let body = json!({ "email": email, "password": PASSWORD, "token": true });
    let answer = client.without_token().post("/admin/api/login", body).await.expect_status(200);
    answer.body["data"]["token"].as_str().unwrap().to_owned()
}

/// An error in the one form that all have.
fn has_error_envelope(answer: &TestResponse) -> bool {
    let error = &answer.body["error"];
    error["status"] == answer.status && error["name"].is_string() && error["message"].is_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_admin_route_rejects_unauthenticated_callers() {
    let server = TestServer::start().await;
    for (method, path) in routes() {
        if OPEN.contains(&format!("{method} {path}").as_str()) {
            continue;
        }
        for client in [server.public_client(), server.with_token("cairn_admin_00"), server.with_token("nonsense")] {
            let answer = send(&client, &method, &fill_path(&path, "1"), "{}").await;
            assert!(
                answer.status == 401 && has_error_envelope(&answer),
                "{method} {path}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_input_on_admin_routes_returns_an_error_envelope() {
    let server = TestServer::start().await;
    let admin =
        json!({ "adminUsers": [{ "email": "root@example.com", "password": PASSWORD, "roles": ["super-admin"] }] });
    server.apply_settings(admin).await;
    let root = server.with_token(&session(&server.public_client(), "root@example.com").await);
    for (method, path) in routes() {
        // The session is still needed; what ends others takes no body.
        if path.ends_with("/logout")
            || path.ends_with("/login")
            || path == STREAM
            || ["/me/sessions", "/second-factor"].iter().any(|end| path.ends_with(end))
        {
            continue;
        }
        for with in ["1", "987654", "99999999999999999999", "-1", "%00", "x%2f..%2f..", "é", &"x".repeat(3_000)] {
            for query in ["", "?limit=x&before=x&from=x&at=x", "?limit=-1&before=-1", "?%ff=%ff", "?limit=1&limit=2"] {
                for body in ["", "{", "[]", "null", r#"{"data":1}"#, r#"{"a":1,"a":2}"#] {
                    // Reads look at no body.
                    if method == "GET" && !body.is_empty() {
                        continue;
                    }
                    let answer = send(&root, &method, &format!("{}{query}", fill_path(&path, with)), body).await;
                    let is_well_formed = answer.status < 400 || has_error_envelope(&answer);
                    let context = format!("{method} {path} {with:.20} {query} {body}: {}", answer.text());
                    assert!(answer.status < 500 && is_well_formed, "{} {context}", answer.status);
                }
                if !path.contains('{') && method != "GET" {
                    break;
                }
            }
            if !path.contains('{') {
                break;
            }
        }
    }
    root.get("/admin/api/me").await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_sessions_are_valid_for_one_tenant_only() {
    let mut own = settings();
    own["adminUsers"] = json!([{ "email": "root@example.com", "password": PASSWORD, "roles": ["super-admin"] }]);
    let tenants = json!({
        "a": { "hosts": [A], "settings": own }, "b": { "hosts": [B], "displayName": CANARY, "settings": own },
    });
    let server = TestServer::start_with(TestProject::newsroom().with_settings("tenants", tenants)).await;
    let (a, b) = (server.with_host(A), server.with_host(B));
    let (of_a, of_b) = (session(&a, "root@example.com").await, session(&b, "root@example.com").await);
    let root_a = a.with_token(&of_a);
    let document = b.create_entry("/api/articles", json!({ "title": CANARY })).await.document_id();
    server.run_until_idle().await;
    let before = server.dump_at_host("b", B).await;
    for (method, path) in routes() {
        if path.ends_with("/logout") || path.ends_with("/login") || path == STREAM {
            continue;
        }
        for id in ["1", "2", document.as_str()] {
            let at = fill_path(&path, id);
            if OPEN.contains(&format!("{method} {path}").as_str()) {
                continue;
            }
            let answer = send(&a.with_token(&of_b), &method, &at, "{}").await;
            assert_eq!(answer.status, 401, "{method} {at} with a session of B: {}", answer.text());
            // A document of another tenant must look like a missing one.
            let query = format!("?contentType=api::article.article&documentId={document}&locale=en");
            for query in ["", query.as_str()] {
                let answer = send(&root_a, &method, &format!("{at}{query}"), "{}").await;
                assert!(!answer.text().contains(CANARY), "{method} {at}{query}: {}", answer.text());
                assert!(answer.status < 500, "{method} {at}{query}: {}", answer.text());
            }
            if !path.contains('{') {
                break;
            }
        }
    }
    assert_eq!(server.dump_at_host("b", B).await, before, "something of B changed");
    b.with_token(&of_b).get("/admin/api/me").await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_tenant_list_describe_the_server() {
    let server = TestServer::start().await;
    let health = server.get("/admin/api/health").await.expect_status(200).body["data"].clone();
    let kind = if server.app.config.database.url.is_some() { "postgres" } else { "sqlite" };
    assert_eq!((&health["database"]["kind"], &health["storage"]["kind"]), (&json!(kind), &json!("disk")));
    for (part, number) in [("database", "sizeBytes"), ("storage", "freeBytes"), ("storage", "totalBytes")] {
        assert!(health[part][number].as_i64().is_some_and(|n| n > 0), "{part} {number}: {health}");
    }
    assert!(health["memoryBytes"].as_i64().is_some_and(|n| n > 1_000_000), "{health}");
    assert!(health["pluginRuntime"].as_str().unwrap().starts_with("wasmtime "), "{health}");
    let check = |health: &Json, code: &str| {
        let checks = health["checks"].as_array().unwrap();
        checks.iter().find(|check| check["code"] == code).unwrap().clone()
    };
    assert_eq!(check(&health, "mail.unset")["level"], "warning");
    assert_eq!(check(&health, "jobs.failed"), json!({ "code": "jobs.failed", "level": "ok", "count": null }));

    // The health check counts waiting jobs.
    let job = NewJob {
        name: "nobody-does-this".into(),
        key: None,
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload: json!({}),
        due: i64::MAX,
    };
    let before = health["jobs"]["waiting"].as_i64().unwrap();
    let tenant = server.app.clone();
    tenant.content.store().write(move |tx| tx.jobs().enqueue(&job, 0)).await.unwrap();
    let health = server.get("/admin/api/health").await.expect_status(200).body["data"].clone();
    assert_eq!(health["jobs"]["waiting"], before + 1);

    let tenants = server.get("/admin/api/tenants").await.expect_status(200).body["data"].clone();
    assert_eq!(
        tenants,
        json!([{ "name": "default", "displayName": null, "hosts": [], "active": true, "current": true }])
    );
    for path in ["/admin/api/health", "/admin/api/tenants"] {
        server.public_client().get(path).await.expect_status(401);
    }
}
