//! The editorial desk over HTTP: review, comments, the calendar, owners.

mod calendar;
mod comments;
mod gate;
mod review;

use cairn_testkit::{TestClient, TestServer};
use serde_json::{Value as Json, json};

const PASSWORD: &str = "a password of some length";
pub(crate) const ARTICLE: &str = "api::article.article";

/// With people of these roles, whose addresses begin with them.
pub(crate) async fn server(roles: &[&str]) -> TestServer {
    let server = TestServer::start().await;
    let people: Vec<Json> = roles
        .iter()
        // A role that is a name alone lets nobody see content.
        .map(|role| json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "roles": [role, "editor"] }))
        .collect();
    server.apply_settings(json!({ "adminUsers": people })).await;
    server
}

pub(crate) async fn sign_in(server: &TestServer, role: &str) -> TestClient {
    let body = json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "token": true });
    let answer = server.public_client().post("/admin/api/login", body).await.expect_status(200);
    server.with_token(answer.body["data"]["token"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn editorial_routes_require_a_signed_in_admin() {
    let server = server(&["editor"]).await;
    let id = server.create_entry("/api/articles?status=draft", json!({ "title": "One" })).await.document_id();
    let review = format!("/admin/api/review/{ARTICLE}/{id}");
    let comments = format!("/admin/api/content/{ARTICLE}/{id}/comments");
    for client in [server.public_client(), server.read_only()] {
        for path in [
            "/admin/api/workflows",
            "/admin/api/reviews",
            "/admin/api/calendar?from=2026-01-01&to=2026-01-02",
            "/admin/api/calendar/plugin-documents?from=2026-01-01&to=2026-01-02",
            "/admin/api/calendar/slots",
            "/admin/api/calendar/rules",
            "/admin/api/owners",
            "/admin/api/escalations",
            &review,
            &comments,
            &format!("{review}/moves"),
        ] {
            let status = client.get(path).await.status;
            assert!(matches!(status, 401 | 403), "{path}: {status}");
        }
        for (path, body) in [
            (format!("{review}/move"), json!({ "to": "x" })),
            (format!("{review}/approvals"), json!({ "version": 1 })),
            (comments.clone(), json!({ "text": "x" })),
            ("/admin/api/calendar/slots".into(), json!({ "title": "x" })),
            ("/admin/api/calendar/rules".into(), json!({ "title": "x" })),
            ("/admin/api/calendar/rules/preview".into(), json!({})),
            ("/admin/api/owners".into(), json!({})),
        ] {
            let status = client.post(&path, body).await.status;
            assert!(matches!(status, 401 | 403), "{path}: {status}");
        }
    }
    // Definitions for the whole site are left to super admins.
    let editor = sign_in(&server, "editor").await;
    editor.put("/admin/api/workflows/x", json!({})).await.expect_error(403, "Forbidden");
    editor.delete("/admin/api/workflows/x").await.expect_error(403, "Forbidden");
    editor.post("/admin/api/owners", json!({})).await.expect_error(403, "Forbidden");
    editor.put("/admin/api/owners/1", json!({})).await.expect_error(403, "Forbidden");
    editor.delete("/admin/api/owners/1").await.expect_error(403, "Forbidden");
    // Unknown ids get 404.
    for path in [
        "/admin/api/workflows/x",
        "/admin/api/review/api::no.no/x",
        &format!("/admin/api/review/{ARTICLE}/x"),
        "/admin/api/calendar/slots/9",
        "/admin/api/calendar/rules/9",
    ] {
        assert_eq!(editor.get(path).await.status, 404, "{path}");
    }
    for path in ["/admin/api/calendar/slots/x", "/admin/api/calendar?from=x&to=y", "/admin/api/reviews?assignee=x"] {
        assert_eq!(editor.get(path).await.status, 400, "{path}");
    }
}
