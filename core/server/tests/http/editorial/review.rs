//! Workflows as settings and over the admin API; moves, approvals, the inbox.

use super::{ARTICLE, server, sign_in};
use cairn_testkit::TestServer;
use serde_json::{Value as Json, json};

fn article_workflow() -> Json {
    json!({
        "contentTypes": [ARTICLE],
        "stages": [
            { "name": "draft" },
            { "name": "legal review", "colour": "#AA0000" },
            { "name": "ready", "enter": ["legal"], "backTo": "draft" },
        ],
        "approvals": [{ "role": "legal", "before": "ready" }, { "role": "marketing" }],
        "publishIn": ["ready"],
    })
}

/// With the workflow of articles, as settings.
async fn server_with_workflow() -> TestServer {
    let server = server(&["super-admin", "editor", "legal", "marketing"]).await;
    server.apply_settings(json!({ "workflows": { "articles": article_workflow() } })).await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_move_from_draft_to_ready_with_approvals() {
    let server = server_with_workflow().await;
    let (editor, legal) = (sign_in(&server, "editor").await, sign_in(&server, "legal").await);
    let id = server.create_entry("/api/articles?status=draft", json!({ "title": "One" })).await.document_id();
    let review = format!("/admin/api/review/{ARTICLE}/{id}");
    let state = editor.get(&review).await.expect_status(200).body["data"].clone();
    assert_eq!(
        (&state["workflow"], &state["stage"], &state["version"]),
        (&json!("articles"), &json!("draft"), &json!(1))
    );
    assert_eq!(state["next"], json!([{ "stage": "legal review", "colour": "#aa0000", "allowed": true, "why": [] }]));
    assert_eq!(state["publish"]["allowed"], false);
    assert_eq!(
        state["publish"]["why"],
        json!([
            { "code": "publishStage", "stage": "draft", "publishIn": ["ready"] },
            { "code": "approvals", "role": "legal", "needed": 1, "have": 0 },
            { "code": "approvals", "role": "marketing", "needed": 1, "have": 0 },
        ])
    );
    let refused = editor.post(&format!("{review}/move"), json!({ "to": "ready" })).await.expect_error(
        400,
        "The entry cannot be moved to \"ready\": from \"draft\" it can only move to legal review; moving it into \"ready\" requires one of the roles legal; 1 approval by legal missing (0 of 1)",
    );
    assert_eq!(
        refused.details()["why"],
        json!([
            { "code": "notNext", "from": "draft", "next": ["legal review"] },
            { "code": "enterRole", "stage": "ready", "roles": ["legal"] },
            { "code": "approvals", "role": "legal", "needed": 1, "have": 0 },
        ])
    );
    editor
        .post(&format!("{review}/move"), json!({ "to": "legal review", "comment": "please" }))
        .await
        .expect_status(200);
    editor
        .post(&format!("{review}/approvals"), json!({ "version": 1 }))
        .await
        .expect_error(403, "Only admin users with one of these roles can approve: legal, marketing");
    // Seen before somebody changed it.
    server
        .update_entry(&format!("/api/articles/{id}?status=draft"), json!({ "title": "Two" }))
        .await
        .expect_status(200);
    let stale = legal.post(&format!("{review}/approvals"), json!({ "version": 1 })).await;
    assert_eq!((stale.status, &stale.body["error"]["details"]["version"]), (409, &json!(2)));
    let approved =
        legal.post(&format!("{review}/approvals"), json!({ "version": 2, "comment": "fine" })).await.expect_status(200);
    assert_eq!(approved.body["data"]["approvals"][0]["state"], "counts");
    let waiting = legal.get("/admin/api/reviews?waitingForMe=true").await.expect_status(200);
    assert_eq!(waiting.body["data"], json!([]));
    // An approval that names no stage is requested in the last stage before publishing, where the next people wait for it.
    let marketing = sign_in(&server, "marketing").await;
    let waiting = marketing.get("/admin/api/reviews?waitingForMe=true").await.expect_status(200);
    assert_eq!(
        (&waiting.body["data"][0]["stage"], &waiting.body["data"][0]["askedFor"], &waiting.body["data"][0]["missing"]),
        (
            &json!("legal review"),
            &json!(["marketing"]),
            &json!([{ "code": "approvals", "role": "marketing", "needed": 1, "have": 0 }])
        )
    );
    server.run_until_idle().await;
    let told = marketing.get("/admin/api/notifications").await.expect_status(200);
    assert!(told.text().contains("approval-needed"), "{}", told.text());
    legal.post(&format!("{review}/move"), json!({ "to": "ready", "version": 2 })).await.expect_status(200);
    let waiting = marketing.get("/admin/api/reviews?waitingForMe=true").await.expect_status(200);
    assert_eq!(
        (&waiting.body["data"][0]["title"], &waiting.body["data"][0]["stage"]),
        (&json!("Two"), &json!("ready"))
    );
    let approval = approved.body["data"]["approvals"][0]["id"].clone();
    marketing
        .delete(&format!("{review}/approvals/{approval}"))
        .await
        .expect_error(403, "Only the approver or a super admin can withdraw an approval");
    legal.delete(&format!("{review}/approvals/{approval}")).await.expect_status(200);
    let moves = editor.get(&format!("{review}/moves")).await.expect_status(200);
    assert_eq!(
        (&moves.body["data"][1]["comment"], &moves.body["data"][1]["by"]),
        (&json!("please"), &json!("editor@example.com"))
    );
    // The audit log has every step of the review.
    server.run_until_idle().await;
    let log = server.get("/admin/api/audit?action=review.*").await.expect_status(200);
    let actions: Vec<&str> =
        log.body["data"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    for action in ["review.moved", "review.requested", "review.approved", "review.withdrawn"] {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assignees_and_due_dates_are_validated_and_listed() {
    let server = server_with_workflow().await;
    let (editor, legal) = (sign_in(&server, "editor").await, sign_in(&server, "legal").await);
    let id = server.create_entry("/api/articles?status=draft", json!({ "title": "One" })).await.document_id();
    let review = format!("/admin/api/review/{ARTICLE}/{id}");
    let me = legal.get("/admin/api/me").await.expect_status(200).body["data"]["id"].clone();
    editor.put(&format!("{review}/assignees"), json!({ "users": [me] })).await.expect_status(200);
    editor
        .put(&format!("{review}/assignees"), json!({ "users": [99] }))
        .await
        .expect_error(400, "Admin user 99 not found");
    editor.put(&format!("{review}/assignees"), json!({ "user": 1 })).await.expect_status(400);
    let due = json!({ "due": { "localTime": "2026-02-01T17:00", "zone": "Europe/Amsterdam" } });
    let set = editor.put(&format!("{review}/due"), due).await.expect_status(200);
    assert_eq!(set.body["data"]["due"]["at"], "2026-02-01T16:00:00.000Z");
    editor
        .put(&format!("{review}/due"), json!({ "due": { "localTime": "2025-02-01T17:00", "zone": "UTC" } }))
        .await
        .expect_error(400, "A due date must be in the future");
    let assigned = legal.get("/admin/api/reviews?assignee=me").await.expect_status(200);
    assert_eq!(assigned.body["data"][0]["documentId"], json!(id));
    assert_eq!(editor.get("/admin/api/reviews?assignee=me").await.expect_status(200).body["data"], json!([]));
    // Deletion of the document deletes its review.
    server.delete(&format!("/api/articles/{id}")).await.expect_status(204);
    server.run_until_idle().await;
    assert_eq!(legal.get("/admin/api/reviews?assignee=me&done=true").await.expect_status(200).body["data"], json!([]));
    assert_eq!(legal.get(&review).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn workflows_are_validated_and_managed_over_the_admin_api() {
    let server = server_with_workflow().await;
    let admin = sign_in(&server, "super-admin").await;
    let listed = admin.get("/admin/api/workflows").await.expect_status(200);
    assert_eq!(
        (&listed.body["data"][0]["name"], &listed.body["data"][0]["stages"][1]["colour"]),
        (&json!("articles"), &json!("#aa0000"))
    );
    let mut circle = article_workflow();
    circle["stages"][1]["next"] = json!(["draft"]);
    let refused = admin.put("/admin/api/workflows/articles", circle).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.message().contains("cannot be reached") && refused.message().contains("form a loop"),
        "{}",
        refused.message()
    );
    let other = admin.put("/admin/api/workflows/others", article_workflow()).await;
    other.expect_error(
        400,
        "contentTypes[0]: api::article.article already has the workflow \"articles\"; a content type can have at most one",
    );
    let mut roles = article_workflow();
    roles["approvals"][1]["role"] = json!("brand");
    let refused = admin.put("/admin/api/workflows/articles", roles.clone()).await;
    assert!(
        refused.status == 400 && refused.message().contains("no admin user has the role \"brand\""),
        "{}",
        refused.message()
    );
    roles["approvals"][1]["role"] = json!("editor");
    admin.put("/admin/api/workflows/articles", roles).await.expect_status(200);
    admin.delete("/admin/api/workflows/articles").await.expect_status(200);
    admin.delete("/admin/api/workflows/articles").await.expect_error(404, "Workflow not found");
}
