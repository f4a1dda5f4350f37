//! Errors that clients of a plugin's routes and hooks get: fields with their paths, the language that they asked
//! for, and when to come again.

use super::{PLUGINS, allow_package, install, server_with_allow_plugin, stage};
use cairn_testkit::{TestClient, TestServer};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn routes_and_hooks_report_field_errors_in_the_same_form() {
    let server = server_with_allow_plugin().await;
    let answer = server.public_client().get("/api/allow/error/invalid").await.expect_status(400);
    let error = json!({ "path": ["title"], "message": "Too short.", "name": "ValidationError", "code": "short" });
    assert_eq!((answer.message(), answer.details()), ("Too short.", &json!({ "errors": [error] })));
    let test_answer = server.post("/api/allow/notes", json!({ "data": { "title": "bad" } })).await.expect_status(400);
    let error = json!({
        "path": ["title"], "message": "This title is not allowed.", "name": "ValidationError", "code": "bad",
    });
    assert_eq!(
        (test_answer.message(), test_answer.details()),
        ("This title is not allowed.", &json!({ "errors": [error] }))
    );
    for (kind, status) in [("denied", 403), ("missing", 404), ("conflict", 409)] {
        server.public_client().get(&format!("/api/allow/error/{kind}")).await.expect_status(status);
    }
    let taken = server.public_client().get("/api/allow/error/taken").await.expect_status(409);
    let existing = json!({ "type": "plugin::allow.note", "documentId": "first-note" });
    assert_eq!(
        (taken.message(), taken.details()),
        ("There is one.", &json!({ "kind": "unique", "existing": existing }))
    );
    let later = server.public_client().get("/api/allow/error/unavailable").await.expect_status(503);
    assert_eq!(later.header("retry-after"), "2");
    let health = server.get(&format!("{PLUGINS}/allow")).await.expect_status(200).data()["health"].clone();
    let calls = health["calls"].as_array().unwrap();
    assert!(calls.iter().all(|call| call["failures"] == 0 && call["busy"] == 0), "{health}");
    assert!(health["memory"]["peak"].as_u64().is_some_and(|peak| peak > 0), "{health}");
    assert_eq!(health["memory"]["limit"], 512 << 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_receive_the_requested_locale() {
    let server = server_with_allow_plugin().await;
    let public = server.public_client();
    for (query, accepted, expected) in [
        ("", None, "en"),
        ("?locale=nl", None, "nl"),
        ("", Some("nl"), "nl"),
        ("", Some("de, fr-CA;q=0.8, nl;q=0.5"), "fr"),
        ("?locale=nl", Some("fr"), "nl"),
        ("?locale=de", None, "en"),
    ] {
        assert_eq!(called_locale(&public, query, accepted).await, expected, "{query} {accepted:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_for_admins_receive_the_language_of_the_admin() {
    let server = TestServer::start().await;
    let echo = "path = \"/echo/{word}\"\nauth = \"none\"";
    let for_admins = "path = \"/echo/{word}\"\nauth = \"admin\"\npermission = \"words.send\"";
    let permission = "[[permission]]\nname = \"words.send\"\ntitle = \"Send words\"\n\n[[route]]\nname = \"echo\"";
    let package = allow_package("1.0.0", None, |text| {
        text.replace(echo, for_admins).replace("[[route]]\nname = \"echo\"", permission)
    });
    let staged = stage(&server, &package).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let admin = server.super_admin().await;
    for (query, accepted, expected) in [
        ("", None, "en"),
        ("", Some("nl"), "nl"),
        ("", Some("de"), "de"),
        ("?locale=fr", Some("nl"), "fr"),
        ("?locale=de", Some("nl"), "nl"),
    ] {
        assert_eq!(called_locale(&admin, query, accepted).await, expected, "{query} {accepted:?}");
    }
    admin.put("/admin/api/me", json!({ "language": "nl" })).await.expect_status(200);
    assert_eq!(called_locale(&admin, "", Some("de")).await, "nl");
}

/// The locale that the plugin is called with.
async fn called_locale(client: &TestClient, query: &str, accepted: Option<&str>) -> String {
    let mut request = client.request("POST", &format!("/api/allow/echo/x{query}"));
    if let Some(accepted) = accepted {
        request = request.header("accept-language", accepted);
    }
    let answer = client.send(request.header("content-type", "application/json").body("{}")).await.expect_status(200);
    answer.body["call"]["locale"].as_str().unwrap().to_owned()
}
