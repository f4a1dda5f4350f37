//! Draft & publish: two versions of a document, and which of them a request sees.

use cairn_testkit::{TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

fn rows(answer: &TestResponse) -> (i64, Json, Json, Json) {
    let data = answer.data();
    (answer.id(), data["createdAt"].clone(), data["updatedAt"].clone(), data["publishedAt"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_hidden_until_published() {
    let server = TestServer::start().await;
    let draft = server.create_entry("/api/articles?status=draft", json!({"title": "Dune"})).await;
    assert_eq!(draft.data()["publishedAt"], Json::Null);
    let path = format!("/api/articles/{}", draft.document_id());
    server.get(&path).await.expect_error(404, "Not Found");
    assert_eq!(server.get("/api/articles").await.data(), &json!([]));
    assert_eq!(server.get(&format!("{path}?status=draft")).await.body, draft.body);
    // An empty status lists drafts (as recorded).
    assert_eq!(server.get("/api/articles?status=").await.text_column("title"), ["Dune"]);

    let published = server.update_entry(&path, json!({})).await;
    assert_eq!(published.data()["publishedAt"], "2026-01-02T03:04:05.678Z");
    assert_ne!(published.id(), draft.id());
    assert_eq!(server.get(&path).await.body, published.body);
    assert_eq!(server.get(&format!("{path}?status=draft")).await.id(), draft.id());
}

#[tokio::test(flavor = "multi_thread")]
async fn draft_and_published_ids_and_timestamps_match_strapi() {
    let server = TestServer::start().await;
    let first = server.create_entry("/api/articles", json!({"title": "one"})).await;
    let path = format!("/api/articles/{}", first.document_id());
    let draft = server.get(&format!("{path}?status=draft")).await;
    server.advance_clock(Duration::from_secs(1));

    // A draft update changes the draft's updatedAt alone.
    let changed = server.update_entry(&format!("{path}?status=draft"), json!({"title": "two"})).await;
    let (id, created, updated, published) = rows(&changed);
    assert_eq!((id, &created), (draft.id(), &draft.data()["createdAt"]));
    assert_eq!((updated.as_str(), published), (Some("2026-01-02T03:04:06.678Z"), Json::Null));
    assert_eq!(rows(&server.get(&path).await), rows(&first));
    assert_eq!(server.get(&path).await.data()["title"], "one");

    server.advance_clock(Duration::from_secs(1));
    // Publishing makes a new row with the times of the draft, and its own publishedAt.
    let answer = server.update_entry(&path, json!({})).await;
    assert!(answer.id() > first.id());
    assert_eq!(answer.data()["title"], "two");
    assert_eq!(answer.data()["createdAt"], first.data()["createdAt"]);
    assert_eq!(answer.data()["publishedAt"], "2026-01-02T03:04:07.678Z");
    let now = server.get(&format!("{path}?status=draft")).await;
    assert_eq!((now.id(), &now.data()["updatedAt"]), (draft.id(), &answer.data()["updatedAt"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn status_selects_the_listed_version() {
    let server = TestServer::start().await;
    for (title, draft) in [("a", false), ("b", true), ("c", false)] {
        let path = if draft { "/api/articles?status=draft" } else { "/api/articles" };
        server.create_entry(path, json!({"title": title})).await;
    }
    let a = server.get("/api/articles?filters[title]=a").await.text_column("documentId").remove(0);
    server.update_entry(&format!("/api/articles/{a}?status=draft"), json!({"title": "a2"})).await;
    let titles = async |query: &str| server.get(&format!("/api/articles?{query}")).await.text_column("title");
    assert_eq!(titles("").await, ["a", "c"]);
    assert_eq!(titles("status=published").await, ["a", "c"]);
    assert_eq!(titles("status=draft").await, ["a2", "b", "c"]);
    assert_eq!(titles("status=draft&hasPublishedVersion=true").await, ["a2", "c"]);
    assert_eq!(titles("status=draft&hasPublishedVersion=false").await, ["b"]);
    assert_eq!(titles("filters[title]=a2").await, [""; 0]);
    // The default order is that in which the versions asked for were made.
    server.update_entry(&format!("/api/articles/{a}"), json!({"title": "a"})).await;
    assert_eq!(titles("").await, ["c", "a"]);
    assert_eq!(titles("status=draft").await, ["a", "b", "c"]);
    server
        .get("/api/articles?status=modified")
        .await
        .expect_error(400, "Invalid parameter at 'status'. Expected 'published' or 'draft', received: modified");
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_publish_changes_neither_version() {
    let server = TestServer::start().await;
    let document_id = server.create_entry("/api/articles", json!({"title": "Dune"})).await.document_id();
    let path = format!("/api/articles/{document_id}");
    let before = server.dump_content().await;
    let refused = server.put(&path, json!({"data": {"title": null, "views": 5}})).await;
    refused.expect_error(400, "title must be a `string` type, but the final value was: `null`.");
    assert_eq!(server.dump_content().await, before);
    // The draft may lack what is required; publishing it may not.
    server.update_entry(&format!("{path}?status=draft"), json!({"title": null})).await;
    let before = server.dump_content().await;
    server.put(&path, json!({"data": {}})).await.expect_status(400);
    assert_eq!(server.dump_content().await, before);
    assert_eq!(server.get(&path).await.data()["title"], "Dune");
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_removes_both_versions_and_never_the_draft_alone() {
    let server = TestServer::start().await;
    let document_id = server.create_entry("/api/articles", json!({"title": "Dune"})).await.document_id();
    let path = format!("/api/articles/{document_id}");
    let before = server.dump_content().await;
    server.delete(&format!("{path}?status=draft")).await.expect_status(400).assert_envelope();
    assert_eq!(server.dump_content().await, before);
    server.delete(&format!("{path}?status=published")).await.expect_status(204);
    server.get(&path).await.expect_error(404, "Not Found");
    server.get(&format!("{path}?status=draft")).await.expect_error(404, "Not Found");
    assert_eq!(server.get("/api/articles?status=draft").await.pagination_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn content_api_has_no_publish_or_discard_routes() {
    let server = TestServer::start().await;
    let document_id = server.create_entry("/api/articles", json!({"title": "Dune"})).await.document_id();
    for path in ["publish", "unpublish", "actions/publish", "discard"] {
        let path = format!("/api/articles/{document_id}/{path}");
        assert_eq!(server.post(&path, json!({})).await.status, 405, "{path}");
        assert_eq!(server.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn status_is_ignored_for_types_without_drafts() {
    let server = TestServer::start().await;
    let answer = server.create_entry("/api/authors?status=draft", json!({"name": "Ann"})).await;
    assert_ne!(answer.data()["publishedAt"], Json::Null);
    for status in ["draft", "published", ""] {
        assert_eq!(server.get(&format!("/api/authors?status={status}")).await.text_column("name"), ["Ann"], "{status}");
    }
    server.get("/api/authors?status=x").await.expect_status(400);
    let path = format!("/api/authors/{}?status=draft", answer.document_id());
    server.delete(&path).await.expect_status(204);
    assert_eq!(server.get("/api/authors").await.pagination_total(), 0);
}
