//! `/api/<singular>`.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::json;

fn project() -> TestProject {
    let attributes = json!({"title": {"type": "string", "required": true}, "note": {"type": "string", "default": "d"}});
    TestProject::new()
        .with_type(SchemaBuilder::single("home", attributes.clone()))
        .with_type(SchemaBuilder::single("shop", attributes).with_drafts())
}

#[tokio::test(flavor = "multi_thread")]
async fn first_put_creates_the_document_of_a_single_type() {
    let server = TestServer::start_with(project()).await;
    server.get("/api/home").await.expect_error(404, "Not Found");
    server.put("/api/home", json!({"data": {}})).await.expect_status(400);
    server.get("/api/home").await.expect_error(404, "Not Found");
    let answer = server.put("/api/home", json!({"data": {"title": "a"}})).await.expect_status(200);
    assert_eq!(answer.data()["note"], "d");
    let changed = server.put("/api/home", json!({"data": {"note": "n"}})).await.expect_status(200);
    assert_eq!((changed.document_id(), changed.id()), (answer.document_id(), answer.id()));
    assert_eq!(server.get("/api/home").await.body, changed.body);
    assert_eq!(changed.body["meta"], json!({}));
    for _ in 0..2 {
        server.delete("/api/home").await.expect_status(204);
        server.get("/api/home").await.expect_error(404, "Not Found");
    }
    let test_answer = server.put("/api/home", json!({"data": {"title": "b"}})).await.expect_status(200);
    assert_ne!(test_answer.document_id(), answer.document_id());
}

#[tokio::test(flavor = "multi_thread")]
async fn single_types_support_drafts() {
    let server = TestServer::start_with(project()).await;
    server.put("/api/shop?status=draft", json!({"data": {}})).await.expect_status(200);
    server.get("/api/shop").await.expect_error(404, "Not Found");
    server.get("/api/shop?status=draft").await.expect_status(200);
    server.put("/api/shop", json!({"data": {"title": "a"}})).await.expect_status(200);
    server.put("/api/shop?status=draft", json!({"data": {"title": "b"}})).await.expect_status(200);
    assert_eq!(server.get("/api/shop").await.data()["title"], "a");
    assert_eq!(server.get("/api/shop?status=draft").await.data()["title"], "b");
}

#[tokio::test(flavor = "multi_thread")]
async fn single_types_reject_other_methods_and_paths() {
    let server = TestServer::start_with(project()).await;
    server.put("/api/home", json!({"data": {"title": "a"}})).await.expect_status(200);
    assert_eq!(server.post("/api/home", json!({"data": {"title": "b"}})).await.status, 405);
    server.get("/api/homes").await.expect_error(404, "Not Found");
    let id = server.get("/api/home").await.document_id();
    server.get(&format!("/api/home/{id}")).await.expect_error(404, "Not Found");
    assert_eq!(server.put(&format!("/api/home/{id}"), json!({"data": {}})).await.status, 405);
    // List parameters do nothing; filters must match.
    server.get("/api/home?sort=title&pagination[page]=7").await.expect_status(200);
    server.get("/api/home?filters[title]=b").await.expect_error(404, "Not Found");
    server.get("/api/home?filters[title]=a&fields=title").await.expect_status(200);
}
