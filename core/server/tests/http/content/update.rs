//! `PUT` and `DELETE /api/<plural>/<documentId>` of types without drafts.

use cairn_testkit::TestServer;
use serde_json::{Value as Json, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn update_changes_only_the_given_attributes() {
    let server = TestServer::start().await;
    let answer = server
        .create_entry("/api/authors", json!({"name": "Ann", "born": "1970-01-31", "address": {"city": "Ede"}}))
        .await;
    let path = format!("/api/authors/{}", answer.document_id());
    server.advance_clock(Duration::from_secs(60));
    let changed = server.update_entry(&path, json!({"name": "Anne"})).await;
    assert_eq!(changed.id(), answer.id());
    assert_eq!(changed.data()["name"], "Anne");
    assert_eq!(changed.data()["born"], "1970-01-31");
    assert_eq!(changed.data()["createdAt"], answer.data()["createdAt"]);
    // A type without drafts updates both timestamps.
    assert_eq!(changed.data()["updatedAt"], "2026-01-02T03:05:05.678Z");
    assert_eq!(changed.data()["publishedAt"], "2026-01-02T03:05:05.678Z");
    let cleared = server.update_entry(&format!("{path}?populate=*"), json!({"born": null, "address": null})).await;
    assert_eq!((&cleared.data()["born"], &cleared.data()["address"]), (&Json::Null, &Json::Null));
    server.update_entry(&path, json!({})).await;
    assert_eq!(server.get(&path).await.data()["name"], "Anne");
}

#[tokio::test(flavor = "multi_thread")]
async fn updating_a_missing_document_returns_404_and_writes_nothing() {
    let server = TestServer::start().await;
    let before = server.dump_content().await;
    for id in ["zzzzzzzzzzzzzzzzzzzzzzzz", "1", "me", "%20", "%00", "..%2f"] {
        let answer = server.put(&format!("/api/authors/{id}"), json!({"data": {"name": "x"}})).await;
        assert_eq!(answer.status, 404, "{id}: {}", answer.text());
        answer.assert_envelope();
    }
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_returns_204_and_removes_the_document_from_relations() {
    let server = TestServer::start().await;
    let ann = server.create_entry("/api/authors", json!({"name": "Ann"})).await.document_id();
    let bob = server.create_entry("/api/authors", json!({"name": "Bob", "mentor": ann})).await.document_id();
    let article =
        server.create_entry("/api/articles", json!({"title": "t", "authors": [ann, bob]})).await.document_id();
    let path = format!("/api/authors/{ann}");
    for _ in 0..2 {
        let answer = server.delete(&path).await.expect_status(204);
        assert_eq!((answer.bytes.len(), answer.header("content-type")), (0, ""));
    }
    server.get(&path).await.expect_error(404, "Not Found");
    assert_eq!(server.get("/api/authors").await.pagination_total(), 1);
    assert_eq!(server.get(&format!("/api/authors/{bob}?populate=mentor")).await.data()["mentor"], Json::Null);
    let test_answer = server.get(&format!("/api/articles/{article}?populate=authors")).await;
    assert_eq!(test_answer.data()["authors"][0]["name"], "Bob");
    assert_eq!(test_answer.data()["authors"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_ids_are_never_reused() {
    let server = TestServer::start().await;
    let first = server.create_entry("/api/authors", json!({"name": "Ann"})).await;
    server.delete(&format!("/api/authors/{}", first.document_id())).await.expect_status(204);
    let second = server.create_entry("/api/authors", json!({"name": "Bob"})).await;
    assert!(second.id() > first.id());
}
