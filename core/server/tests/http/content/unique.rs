//! `unique` and `uid`.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::json;

fn project() -> TestProject {
    let attributes = json!({
        "code": {"type": "string", "unique": true},
        "number": {"type": "integer", "unique": true},
        "slug": {"type": "uid"},
        "name": {"type": "string"},
    });
    TestProject::new()
        .with_type(SchemaBuilder::collection("plain", attributes.clone()))
        .with_type(SchemaBuilder::collection("draft", attributes).with_drafts())
}

#[tokio::test(flavor = "multi_thread")]
async fn unique_values_are_enforced_among_published_entries() {
    let server = TestServer::start_with(project()).await;
    for path in ["/api/plains", "/api/drafts"] {
        let document_id = server.create_entry(path, json!({"code": "a", "number": 1, "slug": "s"})).await.document_id();
        let before = server.dump_content().await;
        for (key, value) in [("code", json!("a")), ("number", json!(1)), ("slug", json!("s"))] {
            let refused = server.post(path, json!({"data": {key: value}})).await;
            let refused = refused.expect_error(400, "This attribute must be unique");
            let error = &refused.details()["errors"][0];
            assert_eq!((&error["path"], &error["value"]), (&json!([key]), &value));
        }
        let all = server.post(path, json!({"data": {"code": "a", "number": 1}})).await;
        all.expect_error(400, "2 errors occurred");
        assert_eq!(server.dump_content().await, before);
        // Exact, and nulls never clash; an entry does not clash with itself.
        for data in [json!({"code": "A"}), json!({"code": "a "}), json!({"code": null}), json!({})] {
            server.create_entry(path, data).await;
        }
        server.update_entry(&format!("{path}/{document_id}"), json!({"code": "a", "name": "n"})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_drafts_are_rejected_when_published() {
    let server = TestServer::start_with(project()).await;
    server.create_entry("/api/drafts", json!({"code": "a"})).await;
    let draft = server.create_entry("/api/drafts?status=draft", json!({"code": "a"})).await.document_id();
    let path = format!("/api/drafts/{draft}");
    server.put(&path, json!({"data": {}})).await.expect_error(400, "This attribute must be unique");
    server.get(&path).await.expect_error(404, "Not Found");
    server.update_entry(&path, json!({"code": "b"})).await;
    let clash = server.put(&path, json!({"data": {"code": "a"}})).await;
    clash.expect_error(400, "This attribute must be unique");
    assert_eq!(server.get(&path).await.data()["code"], "b");
    assert_eq!(server.get(&format!("{path}?status=draft")).await.data()["code"], "b");
}

#[tokio::test(flavor = "multi_thread")]
async fn unique_value_is_reusable_after_update_or_delete() {
    let server = TestServer::start_with(project()).await;
    for path in ["/api/plains", "/api/drafts"] {
        let document_id = server.create_entry(path, json!({"code": "a"})).await.document_id();
        server.update_entry(&format!("{path}/{document_id}"), json!({"code": "b"})).await;
        server.create_entry(path, json!({"code": "a"})).await;
        server.delete(&format!("{path}/{document_id}")).await.expect_status(204);
        server.create_entry(path, json!({"code": "b"})).await;
    }
}

/// Any number of entries may have an empty text in a unique attribute, as they may have no value.
#[tokio::test(flavor = "multi_thread")]
async fn empty_texts_of_unique_attributes_never_clash() {
    for project in TestProject::on_every_database() {
        let attributes = json!({"code": {"type": "string", "unique": true}, "slug": {"type": "uid"}});
        let server = TestServer::start_with(
            project
                .with_type(SchemaBuilder::collection("plain", attributes.clone()))
                .with_type(SchemaBuilder::collection("page", attributes).with_drafts().with_locales()),
        )
        .await;
        for path in ["/api/plains", "/api/pages"] {
            server.create_entry(path, json!({"code": "", "slug": ""})).await;
            let second = server.create_entry(path, json!({"code": "", "slug": ""})).await;
            assert_eq!((&second.data()["code"], &second.data()["slug"]), (&json!(""), &json!("")));
            // Also where a value that was taken is emptied, and from a draft.
            let taken = server.create_entry(path, json!({"code": "a", "slug": "a"})).await.document_id();
            server.update_entry(&format!("{path}/{taken}"), json!({"code": "", "slug": ""})).await;
            server.create_entry(path, json!({"code": "a", "slug": "a"})).await;
            assert_eq!(server.get(&format!("{path}?filters[code]=&fields=code")).await.pagination_total(), 3);
            assert_eq!(server.get(&format!("{path}?filters[code]=a&fields=code")).await.pagination_total(), 1);
            assert_eq!(server.get(&format!("{path}?filters[code][$not][$eq]=a")).await.pagination_total(), 3);
        }
        let draft = server.create_entry("/api/pages?status=draft", json!({"code": "", "slug": ""})).await.document_id();
        server.update_entry(&format!("/api/pages/{draft}"), json!({})).await;
        server.update_entry(&format!("/api/pages/{draft}?locale=nl"), json!({"code": "", "slug": ""})).await;
        server.create_entry("/api/pages?locale=nl", json!({"code": "", "slug": ""})).await;
    }
}
