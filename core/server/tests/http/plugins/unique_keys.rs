//! `[content-types.<type>] unique`: a unique index of the database. Whoever writes is held to it, at the same moment or while the plugin is
//! switched off, and what is there already decides whether it can come.

use super::{PLUGINS, allow_package, install, server_with_allow_plugin, stage};
use cairn_testkit::{TestResponse, TestServer};
use serde_json::json;

const PLAINS: &str = "/api/allow/plains";

/// The next version, whose plain entries have titles that no two share.
async fn upgrade(server: &TestServer) -> TestResponse {
    let keyed = |text: String| format!("{text}\n[content-types.plain]\nunique = [[\"title\"]]\n");
    let staged = stage(server, &allow_package("1.1.0", None, keyed)).await.expect_status(201);
    install(server, &staged, json!({ "unsigned": true })).await
}

fn assert_title_taken(answer: &TestResponse) {
    assert_eq!((answer.status, answer.message()), (400, "This attribute must be unique"), "{}", answer.text());
    assert_eq!(answer.details()["errors"][0]["path"], json!(["title"]), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn upgrades_with_duplicate_unique_keys_are_rejected() {
    let server = server_with_allow_plugin().await;
    let mut shared = Vec::new();
    for _ in 0..2 {
        shared.push(server.create_entry(PLAINS, json!({ "title": "both" })).await.document_id());
    }
    let alone = server.create_entry(PLAINS, json!({ "title": "alone" })).await.document_id();
    let refused = upgrade(&server).await.expect_status(400);
    let text = refused.text();
    assert!(shared.iter().all(|id| text.contains(id.as_str())) && text.contains("`\\\"both\\\"`"), "{text}");
    assert!(text.contains("plugin::allow.plain: ") && text.contains("another entry has the same title"), "{text}");
    assert!(!text.contains(&alone), "{text}");
    // The version before goes on, with its entries.
    let plugin = server.get(&format!("{PLUGINS}/allow")).await.expect_status(200);
    assert_eq!((&plugin.data()["version"], &plugin.data()["running"]), (&json!("1.0.0"), &json!(true)));
    server.create_entry(PLAINS, json!({ "title": "both" })).await;
    assert_eq!(server.get(PLAINS).await.pagination_total(), 4);
    // The upgrade succeeds once all titles differ.
    for id in server.get(&format!("{PLAINS}?filters[title]=both")).await.text_column("documentId").iter().skip(1) {
        server.delete(&format!("{PLAINS}/{id}")).await.expect_status(204);
    }
    upgrade(&server).await.expect_status(201);
    assert_title_taken(&server.post(PLAINS, json!({ "data": { "title": "both" } })).await);
    assert_title_taken(&server.put(&format!("{PLAINS}/{alone}"), json!({ "data": { "title": "both" } })).await);
    server.update_entry(&format!("{PLAINS}/{alone}"), json!({ "title": "alone" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_equal_unique_keys_are_accepted_once() {
    let server = server_with_allow_plugin().await;
    upgrade(&server).await.expect_status(201);
    for round in 0..5 {
        let all = (0..8).map(|_| server.post(PLAINS, json!({ "data": { "title": format!("t{round}") } })));
        let answers = futures_util::future::join_all(all).await;
        let (created, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
        assert_eq!((created.len(), refused.len()), (1, 7));
        refused.into_iter().for_each(assert_title_taken);
    }
    assert_eq!(server.get(PLAINS).await.pagination_total(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_the_unique_key_permits_duplicates_again() {
    let server = server_with_allow_plugin().await;
    upgrade(&server).await.expect_status(201);
    server.create_entry(PLAINS, json!({ "title": "one" })).await;
    assert_title_taken(&server.post(PLAINS, json!({ "data": { "title": "one" } })).await);
    let staged = stage(&server, &allow_package("1.2.0", None, |text| text)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server.create_entry(PLAINS, json!({ "title": "one" })).await;
}
