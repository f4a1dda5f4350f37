//! `/admin/api/history`: what every save left, and the way back.

use cairn_testkit::{FULL_TOKEN, READ_TOKEN, SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

fn project() -> TestProject {
    TestProject::new()
        .with_component("shared.part", json!({ "text": { "type": "string" } }))
        .with_type(SchemaBuilder::collection("tag", json!({ "name": { "type": "string" } })))
        .with_type(
            SchemaBuilder::collection(
                "note",
                json!({
                    "title": { "type": "string" },
                    "body": { "type": "richtext" },
                    "kept": { "type": "string", "private": true },
                    "tags": { "type": "relation", "relation": "manyToMany", "target": "api::tag.tag" },
                    "parts": { "type": "component", "component": "shared.part", "repeatable": true },
                }),
            )
            .with_drafts()
            .with_locales(),
        )
}

const NOTE: &str = "api::note.note";

async fn list_versions(server: &TestServer, id: &str, extra_query: &str) -> Vec<Json> {
    let path = format!("/admin/api/history?type={NOTE}&documentId={id}{extra_query}");
    server.get(&path).await.expect_status(200).body["data"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_listed_compared_and_restored() {
    let server = TestServer::start_with(project()).await;
    let tag = server.create_entry("/api/tags", json!({ "name": "red" })).await.document_id();
    let created =
        json!({ "title": "One", "body": "A long text about one thing and another.", "tags": [tag], "kept": "x" });
    let id = server.create_entry("/api/notes", created).await.document_id();
    let path = format!("/api/notes/{id}");
    server.advance_clock(Duration::from_secs(60));
    server
        .update_entry(&path, json!({ "title": "Two", "body": "A long text about two things and another.", "tags": [] }))
        .await;
    server.update_entry(&format!("{path}?locale=nl"), json!({ "title": "Twee" })).await;
    let all = list_versions(&server, &id, "").await;
    assert_eq!(all.len(), 3);
    assert_eq!(list_versions(&server, &id, "&locale=nl").await.len(), 1);
    assert_eq!(list_versions(&server, &id, &format!("&limit=1&before={}", all[1]["id"])).await, [all[2].clone()]);
    let (second, first) = (all[1].clone(), all[2].clone());
    assert_eq!(
        (&first["action"], &first["actor"]["kind"], &first["locale"]),
        (&json!("created"), &json!("token"), &json!("en"))
    );
    assert_eq!(second["changed"], json!(["title", "body", "tags"]));
    assert_eq!(second["actor"].get("ip"), None);
    let history_path = |entry: &Json| format!("/admin/api/history/{}", entry["id"]);
    let version = server.get(&history_path(&first)).await.expect_status(200).body["data"].clone();
    assert_eq!(version["content"]["tags"], json!([{ "documentId": tag, "title": "red" }]));
    assert_eq!((&version["content"]["kept"], &version["content"]["locale"]), (&json!("x"), &json!("en")));
    let compared = server
        .get(&format!("/admin/api/history/compare?from={}&to={}", first["id"], second["id"]))
        .await
        .expect_status(200);
    let differences = compared.body["data"]["differences"].as_array().unwrap();
    let names: Vec<&str> = differences.iter().map(|d| d["attribute"].as_str().unwrap()).collect();
    assert_eq!(names, ["title", "body", "tags"]);
    assert!(differences[1]["text"].as_array().unwrap().iter().any(|t| t == &json!({ "op": "insert", "text": "two" })));
    // Back, in part and whole.
    let restored = server
        .post(&format!("{}/restore", history_path(&first)), json!({ "fields": ["body"] }))
        .await
        .expect_status(200);
    assert_eq!(restored.body["meta"]["restored"], json!(["body"]));
    assert_eq!(server.get(&path).await.body["data"]["body"], "A long text about two things and another.");
    server.post(&format!("{}/restore", history_path(&first)), json!({ "publish": true })).await.expect_status(200);
    let now = server.get(&format!("{path}?populate=tags")).await.expect_status(200);
    assert_eq!((&now.body["data"]["title"], &now.body["data"]["tags"][0]["documentId"]), (&json!("One"), &json!(tag)));
    assert_eq!(server.get(&format!("{path}?locale=nl")).await.body["data"]["title"], "Twee");
    assert_eq!(list_versions(&server, &id, "").await[0]["action"], "restored");
    // A restore is a save like any other: webhooks and the audit log receive it.
    server.run_until_idle().await;
    let log = server.get(&format!("/admin/api/audit?documentId={id}&action=document.*")).await.expect_status(200);
    assert_eq!(log.body["data"][0]["action"], "document.published");
    // A deleted document comes back in all its locales.
    server.delete(&format!("{path}?locale=*")).await.expect_status(204);
    let deleted = server.get(&format!("/admin/api/history/deleted?type={NOTE}")).await.expect_status(200);
    assert_eq!(deleted.body["data"].as_array().unwrap().len(), 2);
    let mut titles = deleted.text_column("title");
    titles.sort();
    assert_eq!(titles, ["One", "Twee"]);
    let back =
        server.post("/admin/api/history/undelete", json!({ "type": NOTE, "documentId": id })).await.expect_status(200);
    assert_eq!(back.body["data"].as_array().unwrap().len(), 2);
    for (locale, title) in [("en", "One"), ("nl", "Twee")] {
        let draft = server.get(&format!("{path}?status=draft&locale={locale}&populate=tags")).await.expect_status(200);
        assert_eq!((&draft.body["data"]["title"], &draft.body["data"]["documentId"]), (&json!(title), &json!(id)));
    }
    // Erased: once it is deleted, and by whom may do everything.
    let erase = format!("/admin/api/history?type={NOTE}&documentId={id}");
    assert_eq!(server.delete(&erase).await.status, 400);
    server.delete(&format!("{path}?locale=*")).await.expect_status(204);
    assert!(server.delete(&erase).await.expect_status(200).body["data"]["erased"].as_i64().unwrap() > 5);
    assert!(list_versions(&server, &id, "").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn history_requires_an_admin_and_rejects_invalid_restores() {
    let server = TestServer::start_with(project()).await;
    let id = server.create_entry("/api/notes", json!({ "title": "One" })).await.document_id();
    let entry = list_versions(&server, &id, "").await[0]["id"].clone();
    let list = format!("/admin/api/history?type={NOTE}&documentId={id}");
    for path in [&list, &format!("/admin/api/history/{entry}"), &format!("/admin/api/history/deleted?type={NOTE}")] {
        assert_eq!(server.public_client().get(path).await.status, 401, "{path}");
        assert_eq!(server.with_token(READ_TOKEN).get(path).await.status, 401, "{path}");
        assert_eq!(server.with_token(FULL_TOKEN).get(path).await.status, 401, "{path}");
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    let restore = format!("/admin/api/history/{entry}/restore");
    assert_eq!(server.public_client().post(&restore, json!({})).await.status, 401);
    assert_eq!(server.with_token(READ_TOKEN).post(&restore, json!({})).await.status, 401);
    // Invalid requests.
    assert_eq!(server.get("/admin/api/history?type=api::no.no&documentId=x").await.status, 400);
    assert_eq!(server.get("/admin/api/history/99999").await.status, 404);
    assert_eq!(server.get("/admin/api/history/x").await.status, 400);
    for bad in [
        json!({ "fields": [] }),
        json!({ "fields": "title" }),
        json!({ "fields": ["no"] }),
        json!({ "publish": 1 }),
        json!([]),
    ] {
        assert_eq!(server.post(&restore, bad.clone()).await.status, 400, "{bad}");
    }
    server
        .post(&restore, json!({ "expected": 77 }))
        .await
        .expect_error(409, "The entry has changed since the version named in If-Match; read it again");
    assert_eq!(list_versions(&server, &id, "").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_versions_expire_by_count_and_age() {
    let text = "[history]\nversions = 2\ndays = 10\npublished = false\n";
    let server = TestServer::start_with(project().with_file("cairn.toml", text)).await;
    let id = server.create_entry("/api/notes", json!({ "title": "0" })).await.document_id();
    for n in 1..5 {
        server.update_entry(&format!("/api/notes/{id}"), json!({ "title": n.to_string() })).await;
    }
    server.advance_clock(Duration::from_secs(9 * 86_400));
    server.run_until_idle().await;
    assert_eq!(list_versions(&server, &id, "").await.len(), 5);
    server.advance_clock(Duration::from_secs(3 * 86_400));
    server.run_until_idle().await;
    assert_eq!(list_versions(&server, &id, "").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn consecutive_autosaves_are_stored_as_one_version() {
    let server = TestServer::start_with(project()).await;
    let id = server.create_entry("/api/notes?status=draft", json!({ "title": "0" })).await.document_id();
    let save = |n: usize, query: &str, value: &str| {
        let request = server.request("PUT", &format!("/api/notes/{id}{query}"));
        let request =
            request.header("cairn-autosave", value.to_owned()).json(&json!({ "data": { "title": n.to_string() } }));
        server.send(request)
    };
    for n in 1..10 {
        save(n, "?status=draft", "true").await.expect_status(200);
        server.advance_clock(Duration::from_secs(20));
    }
    let all = list_versions(&server, &id, "").await;
    assert_eq!((all.len(), &all[0]["autosave"], &all[0]["changed"]), (2, &json!(true), &json!(["title"])));
    assert_eq!(save(10, "", "true").await.status, 400);
    assert_eq!(save(10, "?status=draft", "maybe").await.status, 400);
}
