//! Nothing is published past its review, whatever the way in.

use super::{ARTICLE, server, sign_in};
use cairn_testkit::{TestClient, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

struct Newsroom {
    server: TestServer,
    editor: TestClient,
    legal: TestClient,
}

impl Newsroom {
    /// Where articles need a legal approval.
    async fn open() -> Self {
        let server = server(&["editor", "legal"]).await;
        let workflow = json!({
            "contentTypes": [ARTICLE], "stages": [{ "name": "draft" }, { "name": "ready", "backTo": "draft" }],
            "approvals": [{ "role": "legal" }], "publishIn": ["ready"],
        });
        server.apply_settings(json!({ "workflows": { "articles": workflow } })).await;
        let (editor, legal) = (sign_in(&server, "editor").await, sign_in(&server, "legal").await);
        Self { server, editor, legal }
    }

    async fn draft(&self, title: &str) -> String {
        self.server
            .create_entry("/api/articles?status=draft", json!({ "title": title }))
            .await
            .expect_status(201)
            .document_id()
    }

    /// Moved and approved as it is now.
    async fn approve(&self, id: &str) {
        let review = format!("/admin/api/review/{ARTICLE}/{id}");
        let current = self.legal.get(&review).await.expect_status(200).body["data"].clone();
        if current["stage"] == "draft" {
            self.editor.post(&format!("{review}/move"), json!({ "to": "ready" })).await.expect_status(200);
        }
        self.legal
            .post(&format!("{review}/approvals"), json!({ "version": current["version"] }))
            .await
            .expect_status(200);
    }

    async fn edit(&self, id: &str, title: &str) {
        self.server
            .update_entry(&format!("/api/articles/{id}?status=draft"), json!({ "title": title }))
            .await
            .expect_status(200);
    }

    async fn publish(&self, id: &str) -> TestResponse {
        self.editor.post(&format!("/admin/api/content/{ARTICLE}/{id}/actions/publish"), json!({})).await
    }

    async fn published(&self, id: &str) -> Json {
        self.server.get(&format!("/api/articles/{id}")).await.body["data"]["title"].clone()
    }
}

#[track_caller]
fn assert_publish_rejected(answer: &TestResponse) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(answer.message().starts_with("This entry cannot be published yet: "), "{}", answer.body);
    assert_eq!(answer.details()["review"]["workflow"], "articles");
}

#[tokio::test(flavor = "multi_thread")]
async fn publish_requests_require_the_review_approval() {
    let news = Newsroom::open().await;
    let drafts = "/api/articles?status=draft";
    let before = news.server.get(drafts).await.pagination_total();
    // Made and published at once: nothing is left of it.
    assert_publish_rejected(&news.server.post("/api/articles", json!({ "data": { "title": "One" } })).await);
    assert_eq!(news.server.get(drafts).await.pagination_total(), before);
    let id = news.draft("One").await;
    assert_publish_rejected(&news.publish(&id).await);
    let many = json!({ "documentIds": [id], "atomic": true });
    let bulk = news.editor.post(&format!("/admin/api/content/{ARTICLE}/actions/publish"), many).await;
    assert!(bulk.status == 400 || bulk.body.to_string().contains("cannot be published yet"), "{}", bulk.body);
    assert!(news.published(&id).await.is_null());
    // Approved, it still takes no change along.
    news.approve(&id).await;
    assert_publish_rejected(
        &news.server.put(&format!("/api/articles/{id}"), json!({ "data": { "title": "Two" } })).await,
    );
    assert!(news.published(&id).await.is_null());
    news.publish(&id).await.expect_status(200);
    assert_eq!(news.published(&id).await, "One");
    // Again only with a new approval.
    news.edit(&id, "Three").await;
    let fell = news.publish(&id).await;
    assert_publish_rejected(&fell);
    let change = &fell.details()["review"]["missing"][0]["fell"][0]["change"];
    assert_eq!(change["changed"], json!(["title"]), "{}", fell.body);
    assert_eq!(news.published(&id).await, "One");
    // Taking back what is public needs no approval.
    news.editor
        .post(&format!("/admin/api/content/{ARTICLE}/{id}/actions/unpublish"), json!({}))
        .await
        .expect_status(200);
    assert!(news.published(&id).await.is_null());
    // Deletion of the workflow lets writes publish as before.
    news.server.apply_settings(json!({ "workflows": null })).await;
    news.server.update_entry(&format!("/api/articles/{id}"), json!({ "title": "Four" })).await.expect_status(200);
    assert_eq!(news.published(&id).await, "Four");
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_and_releases_require_the_review_approval() {
    let news = Newsroom::open().await;
    let (unchanged, changed) = (news.draft("Kept").await, news.draft("Changed").await);
    for id in [&unchanged, &changed] {
        news.approve(id).await;
        let schedule = json!({
            "contentType": ARTICLE, "documentId": id, "action": "publish", "localTime": "2026-02-01T10:00", "zone": "UTC",
        });
        news.editor.post("/admin/api/schedules", schedule).await.expect_status(201);
    }
    let calendar = "/admin/api/calendar?from=2026-02-01&to=2026-02-02&kinds=scheduled";
    let entries = news.editor.get(calendar).await.expect_status(200).body["data"][0]["entries"].clone();
    let titles: Vec<&Json> = entries.as_array().unwrap().iter().map(|e| &e["title"]).collect();
    assert_eq!(titles, ["Changed", "Kept"], "{entries}");
    // Changed between the approval and its time: it does not become public.
    news.edit(&changed, "Slipped in").await;
    let release = news.editor.post("/admin/api/releases", json!({ "name": "Spring" })).await.expect_status(201);
    let release = format!("/admin/api/releases/{}", release.body["data"]["id"]);
    let items = json!({ "items": [{ "contentType": ARTICLE, "documentId": changed, "action": "publish" }] });
    news.editor.post(&format!("{release}/items"), items).await.expect_status(200);
    let preview = news.editor.post(&format!("{release}/actions/validate"), json!({})).await.expect_status(200);
    assert_eq!(preview.body["data"]["fit"], false, "{}", preview.body);
    assert!(preview.body.to_string().contains("1 approval by legal missing"), "{}", preview.body);
    assert_eq!(news.editor.post(&format!("{release}/actions/publish"), json!({})).await.status, 400);
    news.server.advance_clock(Duration::from_secs(40 * 86_400));
    for _ in 0..200 {
        news.server.run_until_idle().await;
        if news.server.get("/admin/api/schedules?state=waiting").await.expect_status(200).body["data"] == json!([]) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(news.published(&unchanged).await, "Kept");
    assert!(news.published(&changed).await.is_null());
    let failed = news.server.get("/admin/api/schedules?state=failed").await.expect_status(200);
    let problem = &failed.body["data"][0]["problem"];
    assert_eq!(problem["details"]["review"]["missing"][0]["role"], "legal", "{}", failed.body);
}
