//! `adminTokens` of a settings file.

use super::{TOKENS, root, server};
use cairn_testkit::TestServer;
use serde_json::{Value as Json, json};

const TEXT: &str = "cairn_adt_0123456789abcdef0123456789abcdef";

fn file(changes: Json) -> Json {
    let mut token =
        json!({ "name": "ci", "token": TEXT, "actions": ["audit.read"], "expiresAt": "2026-12-31T00:00:00Z" });
    token.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    json!({ "adminTokens": [token] })
}

async fn apply_error(server: &TestServer, file: Json) -> String {
    server
        .process
        .apply_settings(&file.to_string(), &|_| None)
        .await
        .err()
        .map(|e| e.to_string())
        .unwrap_or_else(|| panic!("{file}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_file_creates_updates_and_removes_admin_tokens() {
    let server = server().await;
    let root = root(&server).await;
    let token = server.with_token(TEXT);
    server.apply_settings(file(json!({}))).await;
    token.get("/admin/api/audit").await.expect_status(200);
    token.get("/admin/api/jobs").await.expect_status(403);
    let find_token = || async {
        root.get(TOKENS).await.expect_status(200).data().as_array().unwrap().iter().find(|t| t["name"] == "ci").cloned()
    };
    let before = find_token().await.unwrap();
    assert_eq!((&before["owner"], &before["state"]), (&json!(null), &json!("active")));
    // A second apply changes nothing. Members that the file does not name stay.
    server.apply_settings(file(json!({}))).await;
    server.apply_settings(json!({ "adminTokens": [{ "name": "ci", "actions": ["jobs.read"] }] })).await;
    token.get("/admin/api/jobs").await.expect_status(200);
    token.get("/admin/api/audit").await.expect_status(403);
    assert_eq!(find_token().await.unwrap()["id"], before["id"]);
    // An owner limits the token to their permissions, and deactivation or deletion of the owner ends it.
    server.apply_settings(file(json!({ "owner": "Ed@example.com" }))).await;
    token.get("/admin/api/audit").await.expect_status(403);
    server.apply_settings(file(json!({ "owner": "kim@example.com" }))).await;
    token.get("/admin/api/audit").await.expect_status(200);
    server.apply_settings(json!({ "adminUsers": [{ "email": "kim@example.com", "active": false }] })).await;
    token.get("/admin/api/audit").await.expect_status(401);
    server.apply_settings(json!({ "adminUsers": [{ "email": "kim@example.com", "password": null }] })).await;
    assert_eq!(find_token().await, None);
    server.apply_settings(file(json!({}))).await;
    let other = "cairn_adt_fedcba9876543210fedcba9876543210";
    server.apply_settings(file(json!({ "token": other }))).await;
    token.get("/admin/api/audit").await.expect_status(401);
    server.with_token(other).get("/admin/api/audit").await.expect_status(200);
    server.apply_settings(json!({ "adminTokens": [{ "name": "ci", "token": null }] })).await;
    server.with_token(other).get("/admin/api/audit").await.expect_status(401);
    // An expired token opens nothing, and does not stop the file from being applied again.
    server.apply_settings(file(json!({ "expiresAt": "2025-01-01T00:00:00Z" }))).await;
    token.get("/admin/api/audit").await.expect_status(401);
    server.apply_settings(json!({ "adminTokens": null })).await;
    assert_eq!(root.get(TOKENS).await.expect_status(200).data_column("name"), Vec::<Json>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_tokens_in_the_settings_file_report_their_path() {
    let server = server().await;
    for (changes, place) in [
        (json!({ "token": "too-short-and-without-a-prefix" }), "adminTokens[0].token"),
        (json!({ "token": "cairn_adt_short" }), "adminTokens[0].token"),
        (json!({ "token": format!("cairn_adt_{}", "x".repeat(2_000)) }), "adminTokens[0].token"),
        (json!({ "token": format!("{TEXT} {TEXT}") }), "adminTokens[0].token"),
        (json!({ "expiresAt": "2027-06-01T00:00:00Z" }), "adminTokens[0].expiresAt"),
        (json!({ "expiresAt": null }), "adminTokens[0]"),
        (json!({ "actions": ["settings.roles"] }), "adminTokens[0].actions"),
        (json!({ "owner": "nobody@example.com" }), "adminTokens[0].owner"),
        (
            json!({ "permissions": { "api::article.article": { "find": { "where": { "title": { "$eq": "$user.email" } } } } } }),
            "adminTokens[0].permissions",
        ),
        (json!({ "type": "full-access" }), "adminTokens[0].type"),
    ] {
        let message = apply_error(&server, file(changes.clone())).await;
        assert!(message.contains(place), "{changes}: {message}");
        assert!(!message.contains(TEXT), "{message}");
    }
    // A token of one kind is not one of the other.
    let content = json!({ "apiTokens": [{ "name": "x", "type": "read-only", "token": TEXT }] });
    let error = apply_error(&server, content).await;
    assert!(error.contains("apiTokens[0].token") && error.contains("adminTokens"), "{error}");
    let twice = json!({ "adminTokens": [file(json!({}))["adminTokens"][0], file(json!({ "name": "other" }))["adminTokens"][0]] });
    assert!(apply_error(&server, twice).await.contains("adminTokens[1].token"));
    server.apply_settings(file(json!({}))).await;
    assert!(apply_error(&server, file(json!({ "name": "other" }))).await.contains("adminTokens[0].token"));
}
