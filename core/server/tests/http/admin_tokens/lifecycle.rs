//! From being made to being removed: never more than who made it may, at any time.

use super::{PASSWORD, TOKENS, UNTIL, create_token, root, server, server_for};
use cairn_testkit::TestProject;
use serde_json::{Value as Json, json};
use std::time::Duration;

const ARTICLE: &str = "api::article.article";

#[tokio::test(flavor = "multi_thread")]
async fn admin_tokens_are_shown_once_stored_hashed_and_removed() {
    for project in TestProject::on_every_database() {
        let model = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../query/tests/model/content-types");
        let server = server_for(project.with_model(&model)).await;
        let root = root(&server).await;
        assert_eq!(root.get(TOKENS).await.expect_status(200).data_column("name"), ["tests"]);
        let body = json!({ "name": "ci", "description": "Deploys", "actions": ["audit.read", "content-types.read"],
            "permissions": { ARTICLE: ["find", "findOne"] }, "expiresAt": "2026-06-01T02:00:00+02:00" });
        let answer = root.post(TOKENS, body.clone()).await.expect_status(201);
        let (id, text) = (answer.id(), answer.data()["text"].as_str().unwrap().to_owned());
        let token = server.with_token(&text);
        token.get("/admin/api/audit").await.expect_status(200);
        // Kept hashed, told never again.
        let listed = root.get(TOKENS).await.expect_status(200);
        let one = root.get(&format!("{TOKENS}/{id}")).await.expect_status(200);
        for answer in [&listed, &one, &root.get("/admin/api/audit").await] {
            assert!(!answer.text().contains(&text), "{}", answer.text());
        }
        let database = server.project.database().read_contents();
        assert!(!database.windows(text.len()).any(|part| part == text.as_bytes()));
        let one = one.data();
        assert_eq!((&one["owner"]["email"], &one["state"]), (&json!("root@example.com"), &json!("active")));
        assert_eq!((&one["expiresAt"], &one["description"]), (&json!(UNTIL), &json!("Deploys")));
        assert_eq!(one["permissions"], json!({ ARTICLE: { "find": {}, "findOne": {} } }));
        assert_eq!((&one["actions"], &one["withheld"]), (&json!(["content-types.read", "audit.read"]), &json!([])));
        // Written beside the request that used it.
        let path = format!("{TOKENS}/{id}");
        let used = || root.get(&path);
        let mut last_used_at = Json::Null;
        for _ in 0..400 {
            last_used_at = used().await.data()["lastUsedAt"].clone();
            if !last_used_at.is_null() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        assert!(last_used_at.as_str().is_some_and(|at| at.starts_with("2026-01-02T03:04")), "{last_used_at}");
        let refused = root.post(TOKENS, body).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["name"]));
        root.delete(&format!("{TOKENS}/{id}")).await.expect_status(204);
        root.delete(&format!("{TOKENS}/{id}")).await.expect_status(404);
        token.get("/admin/api/audit").await.expect_error(401, "Missing or invalid credentials");
        server.run_until_idle().await;
        let log = root.get("/admin/api/audit?action=admin-token.*").await.expect_status(200);
        let names: Vec<&str> = log.data().as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
        assert_eq!(names, ["admin-token.removed", "admin-token.added"], "{}", log.text());
        assert!(log.data().as_array().unwrap().iter().all(|entry| entry["actor"]["name"] == "root@example.com"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_tokens_never_exceed_the_permissions_of_their_owner() {
    for project in TestProject::on_every_database() {
        let model = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../query/tests/model/content-types");
        let server = server_for(project.with_model(&model)).await;
        let root = root(&server).await;
        let kim = server.sign_in_admin("kim@example.com", PASSWORD).await;
        // The check when a token is created.
        let body = |actions: Json, permissions: Json| json!({ "name": "more", "actions": actions, "permissions": permissions, "expiresAt": UNTIL });
        let refused = kim.post(TOKENS, body(json!(["backups.manage"]), json!({}))).await.expect_status(403);
        assert_eq!(refused.details()["action"], "backups.manage");
        for wider_permissions in [json!({ ARTICLE: ["find"] }), json!({ "*": ["publish"] })] {
            kim.post(TOKENS, body(json!(["audit.read"]), wider_permissions)).await.expect_status(403);
        }
        kim.post(TOKENS, body(json!(["plugin::crm.deals.read"]), json!({}))).await.expect_status(403);
        let (id, token) = create_token(&kim, "kims", &["audit.read", "jobs.read"], json!({})).await;
        let path = format!("{TOKENS}/{id}");
        // The check when a token is used: a permission that its owner loses is lost for the token, too.
        token.get("/admin/api/jobs").await.expect_status(200);
        server
            .apply_settings(json!({ "adminRoles": { "keeper": { "actions": ["settings.api-tokens", "audit.read"] } } }))
            .await;
        token.get("/admin/api/audit").await.expect_status(200);
        let refused = token.get("/admin/api/jobs").await.expect_status(403);
        assert_eq!(refused.details()["action"], "jobs.read");
        assert_eq!(root.get(&path).await.data()["withheld"], json!(["jobs.read"]));
        let kims = root
            .get("/admin/api/users")
            .await
            .data()
            .as_array()
            .unwrap()
            .iter()
            .find(|u| u["email"] == "kim@example.com")
            .unwrap()["id"]
            .clone();
        let user = format!("/admin/api/users/{kims}");
        root.put(&user, json!({ "roles": ["editor"] })).await.expect_status(200);
        token.get("/admin/api/audit").await.expect_status(403);
        token.get("/admin/api/session").await.expect_status(200);
        // An owner who gets more permissions does not extend the token: it has what was chosen for it.
        root.put(&user, json!({ "roles": ["super-admin"] })).await.expect_status(200);
        token.get("/admin/api/audit").await.expect_status(200);
        token.get("/admin/api/backups").await.expect_status(403);
        // An owner who cannot sign in has no tokens either.
        root.put(&user, json!({ "active": false })).await.expect_status(200);
        token.get("/admin/api/audit").await.expect_error(401, "Missing or invalid credentials");
        assert_eq!(root.get(&path).await.data()["state"], "suspended");
        root.put(&user, json!({ "active": true })).await.expect_status(200);
        token.get("/admin/api/audit").await.expect_status(200);
        // Deletion of the owner deletes the token.
        root.delete(&user).await.expect_status(204);
        token.get("/admin/api/audit").await.expect_error(401, "Missing or invalid credentials");
        assert_eq!(root.get(TOKENS).await.expect_status(200).data_column("name"), ["tests"]);
    }
}

/// Rows and attributes: the limits of the token and those of its maker hold together.
#[tokio::test(flavor = "multi_thread")]
async fn content_limits_of_token_and_owner_are_combined() {
    let server = server().await;
    let role = |fields: Json| {
        json!({ "adminRoles": { "desk": { "name": "Desk", "actions": ["settings.api-tokens"], "permissions": { ARTICLE: {
            "find": { "where": { "views": { "$gt": 1 } }, "fields": fields }, "findOne": { "where": { "views": { "$gt": 1 } }, "fields": fields },
            "update": { "where": { "views": { "$gt": 1 } }, "fields": fields },
        } } } },
        "adminUsers": [{ "email": "dee@example.com", "password": PASSWORD, "roles": ["desk"] }] })
    };
    server.apply_settings(role(json!(["title", "views"]))).await;
    let dee = server.sign_in_admin("dee@example.com", PASSWORD).await;
    for (title, views) in [("One", 1), ("Two", 2), ("Three", 3)] {
        server.create_entry("/api/articles", json!({ "title": title, "views": views })).await;
    }
    let unlimited = json!({ "name": "whole", "permissions": { ARTICLE: ["find"] }, "expiresAt": UNTIL });
    dee.post(TOKENS, unlimited).await.expect_status(403);
    let same = json!({ "where": { "views": { "$gt": 1 } }, "fields": ["title"] });
    let (_, token) = create_token(&dee, "desk", &[], json!({ ARTICLE: { "find": same, "findOne": same } })).await;
    let path = format!("/admin/api/content/{ARTICLE}?sort=id");
    let list = token.get(&path).await.expect_status(200);
    assert_eq!(list.text_column("title"), ["Two", "Three"], "{}", list.text());
    token.get(&format!("/admin/api/content/{ARTICLE}?filters[views]=2")).await.expect_status(400);
    token
        .post(&format!("/admin/api/content/{ARTICLE}"), json!({ "data": { "title": "New" } }))
        .await
        .expect_status(403);
    // A token of a super admin has only limits of its own.
    let root = root(&server).await;
    let limits = json!({ ARTICLE: { "find": { "where": { "views": { "$lt": 3 } } } } });
    let (_, of_root) = create_token(&root, "of root", &[], limits.clone()).await;
    assert_eq!(of_root.get(&path).await.expect_status(200).text_column("title"), ["One", "Two"]);
    // A token whose owner gets limits later has both.
    let id = root
        .get("/admin/api/users")
        .await
        .data()
        .as_array()
        .unwrap()
        .iter()
        .find(|u| u["email"] == "dee@example.com")
        .unwrap()["id"]
        .clone();
    root.put(&format!("/admin/api/users/{id}"), json!({ "roles": ["super-admin"] })).await.expect_status(200);
    let dee = server.sign_in_admin("dee@example.com", PASSWORD).await;
    let (_, both) = create_token(&dee, "both", &[], limits).await;
    root.put(&format!("/admin/api/users/{id}"), json!({ "roles": ["desk"] })).await.expect_status(200);
    assert_eq!(both.get(&path).await.expect_status(200).text_column("title"), ["Two"]);
    // An owner without permissions leaves the token without any.
    root.put(&format!("/admin/api/users/{id}"), json!({ "roles": ["keeper"] })).await.expect_status(200);
    both.get(&path).await.expect_status(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_token_input_is_validated_and_tokens_expire() {
    let server = server().await;
    let root = root(&server).await;
    for (body, path) in [
        (json!({ "name": "x" }), "expiresAt"),
        (json!({ "name": "x", "expiresAt": null }), "expiresAt"),
        (json!({ "name": "x", "expiresAt": "soon" }), "expiresAt"),
        (json!({ "name": "x", "expiresAt": "2026-01-02T03:04:05.678Z" }), "expiresAt"),
        (json!({ "name": "x", "expiresAt": "2027-01-04T03:04:05.678Z" }), "expiresAt"),
        (json!({ "name": "x", "expiresAt": "9999-12-31T00:00:00Z" }), "expiresAt"),
        (json!({ "expiresAt": UNTIL }), "name"),
        (json!({ "name": "", "expiresAt": UNTIL }), "name"),
        (json!({ "name": "x".repeat(101), "expiresAt": UNTIL }), "name"),
        (json!({ "name": "a\nb", "expiresAt": UNTIL }), "name"),
        (json!({ "name": "x", "expiresAt": UNTIL, "actions": ["settings.users"] }), "actions"),
        (json!({ "name": "x", "expiresAt": UNTIL, "actions": ["settings.api-tokens"] }), "actions"),
        (json!({ "name": "x", "expiresAt": UNTIL, "actions": ["settings.auth"] }), "actions"),
        (json!({ "name": "x", "expiresAt": UNTIL, "actions": ["no.such"] }), "actions"),
        (json!({ "name": "x", "expiresAt": UNTIL, "permissions": { "api::no.no": ["find"] } }), "permissions"),
        (
            json!({ "name": "x", "expiresAt": UNTIL, "token": "cairn_adt_0123456789012345678901234567890123456789" }),
            "token",
        ),
        (json!({ "name": "x", "expiresAt": UNTIL, "owner": "kim@example.com" }), "owner"),
        (json!({ "name": "x", "expiresAt": UNTIL, "hash": "" }), "hash"),
    ] {
        let refused = root.post(TOKENS, body.clone()).await.expect_status(400);
        let paths = refused.details()["errors"].as_array().unwrap();
        assert!(paths.iter().any(|error| error["path"][0] == path), "{body}: {}", refused.text());
    }
    let (id, token) = create_token(&root, "short", &["audit.read"], json!({})).await;
    // A session that is not recent must sign in again before it creates a token, and may delete one at any time.
    server.advance_clock(Duration::from_secs(16 * 60));
    let body = json!({ "name": "later", "actions": [], "expiresAt": UNTIL });
    let refused = root.post(TOKENS, body.clone()).await.expect_status(401);
    assert_eq!(refused.details()["code"], "step_up_required");
    root.get(TOKENS).await.expect_status(200);
    token.get("/admin/api/audit").await.expect_status(200);
    let days = chrono::DateTime::parse_from_rfc3339(UNTIL).unwrap().to_utc() - server.app.access.now();
    server.advance_clock(days.to_std().unwrap());
    token.get("/admin/api/audit").await.expect_error(401, "Missing or invalid credentials");
    let root = super::root(&server).await;
    assert_eq!(root.get(&format!("{TOKENS}/{id}")).await.data()["state"], "expired");
    server.advance_clock(Duration::from_secs(16 * 60));
    root.delete(&format!("{TOKENS}/{id}")).await.expect_status(204);
}
