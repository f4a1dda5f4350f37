//! Settings that are taken over from a Strapi project's `config/`.

use cairn_testkit::{TestProject, TestServer};
use serde_json::json;

/// `config/api.js` moves the content API and says how many entries a page has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strapi_api_configuration_is_used_and_can_be_overridden() {
    let info = json!({ "singularName": "note", "pluralName": "notes", "displayName": "Note" });
    let attributes = json!({ "title": { "type": "string" } });
    let file = json!({ "kind": "collectionType", "collectionName": "notes", "info": info, "attributes": attributes });
    let file = file.to_string();
    let project = || {
        TestProject::new()
            .with_file("src/api/note/content-types/note/schema.json", &file)
            .with_file("config/api.js", "module.exports = { rest: { prefix: '/v1', defaultLimit: 2, maxLimit: 250 } };")
    };
    let server = TestServer::start_with(project()).await;
    for i in 0..3 {
        server.post("/v1/notes", json!({ "data": { "title": format!("t{i}") } })).await.expect_status(201);
    }
    let page = |answer: &cairn_testkit::TestResponse| answer.body["meta"]["pagination"]["pageSize"].clone();
    assert_eq!(page(&server.get("/v1/notes").await.expect_status(200)), 2);
    assert_eq!(page(&server.get("/v1/notes?pagination[pageSize]=1000").await.expect_status(200)), 250);
    for _ in 0..2 {
        server.get("/v1/notes/").await.expect_status(200);
        server.get("/api/notes").await.expect_status(404);
    }
    server.post("/api/notes", json!({ "data": {} })).await.expect_status(405);
    server.stop().await;
    let server =
        TestServer::start_with(project().with_file("cairn.toml", "[rest]\nprefix = \"/api\"\nmax_limit = 3\n")).await;
    assert_eq!(page(&server.get("/api/notes?pagination[pageSize]=1000").await.expect_status(200)), 3);
    server.get("/v1/notes").await.expect_status(404);
    server.stop().await;
}
