//! Many at once: uniqueness, single types, orders of relations, deletes between updates.

use cairn_testkit::{SchemaBuilder, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

async fn send_concurrently(
    server: &TestServer,
    method: &'static str,
    requests: Vec<(String, Json)>,
) -> Vec<TestResponse> {
    let tasks = requests.into_iter().map(|(path, body)| {
        let client = (**server).clone();
        tokio::spawn(async move { client.send(client.request(method, &path).json(&json!({"data": body}))).await })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

fn statuses(answers: &[TestResponse]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    answers.iter().for_each(|a| *counts.entry(a.status).or_default() += 1);
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_fifty_concurrent_equal_unique_values_is_accepted() {
    let attributes = json!({"code": {"type": "string", "unique": true}, "slug": {"type": "uid"}});
    let project = TestProject::new()
        .with_type(SchemaBuilder::collection("plain", attributes.clone()))
        .with_type(SchemaBuilder::collection("draft", attributes.clone()).with_drafts())
        .with_type(SchemaBuilder::collection("page", attributes).with_drafts().with_locales());
    let server = TestServer::start_with(project).await;
    for path in ["/api/plains", "/api/drafts", "/api/pages", "/api/pages?locale=nl"] {
        for key in ["code", "slug"] {
            let requests = (0..50).map(|_| (path.to_owned(), json!({key: "same"}))).collect();
            let answers = send_concurrently(&server, "POST", requests).await;
            assert_eq!(statuses(&answers), [(201, 1), (400, 49)].into(), "{path} {key}");
            let clash = "This attribute must be unique";
            assert!(answers.iter().all(|a| a.status == 201 || a.message() == clash), "{path} {key}");
        }
        assert_eq!(server.get(path).await.pagination_total(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_first_writes_of_a_single_type_create_one_document() {
    let attributes = json!({"title": {"type": "string"}});
    let project = TestProject::new()
        .with_type(SchemaBuilder::single("home", attributes.clone()))
        .with_type(SchemaBuilder::single("shop", attributes.clone()).with_drafts())
        .with_type(SchemaBuilder::single("page", attributes).with_drafts().with_locales());
    let server = TestServer::start_with(project).await;
    for path in ["/api/home", "/api/shop", "/api/page", "/api/page?locale=nl"] {
        let answers = send_concurrently(
            &server,
            "PUT",
            (0..50).map(|i| (path.to_owned(), json!({"title": i.to_string()}))).collect(),
        )
        .await;
        assert_eq!(statuses(&answers), [(200, 50)].into(), "{path}");
        let ids: std::collections::BTreeSet<_> = answers.iter().map(TestResponse::document_id).collect();
        assert_eq!(ids.len(), 1, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_connects_result_in_a_complete_order() {
    let server = TestServer::start().await;
    let article = server.create_entry("/api/articles", json!({"title": "t"})).await.document_id();
    let path = format!("/api/articles/{article}");
    let mut authors = Vec::new();
    for i in 0..40 {
        authors.push(server.create_entry("/api/authors", json!({"name": format!("a{i:02}")})).await.document_id());
    }
    server.update_entry(&path, json!({"authors": [authors[0]]})).await;
    let positions = |i: usize| match i % 4 {
        0 => json!({"start": true}),
        1 => json!({"end": true}),
        2 => json!({"before": authors[0]}),
        _ => json!({"after": authors[0]}),
    };
    let requests = (1..40).map(|i| {
        let connect = json!([{"documentId": authors[i], "position": positions(i)}]);
        // From both sides at once.
        if i % 5 == 0 {
            (format!("/api/authors/{}", authors[i]), json!({"articles": {"connect": [article]}}))
        } else {
            (path.clone(), json!({"authors": {"connect": connect}}))
        }
    });
    let answers = send_concurrently(&server, "PUT", requests.collect()).await;
    assert_eq!(
        statuses(&answers),
        [(200, 39)].into(),
        "{:?}",
        answers.iter().find(|a| a.status != 200).map(TestResponse::text)
    );
    let names = async |status: &str| {
        let answer = server.get(&format!("{path}?populate=authors&status={status}")).await;
        let list = answer.data()["authors"].as_array().unwrap().clone();
        list.iter().map(|a| a["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let order = names("published").await;
    assert_eq!(order, names("draft").await);
    let mut sorted = order.clone();
    sorted.sort();
    assert_eq!(sorted, (0..40).map(|i| format!("a{i:02}")).collect::<Vec<_>>());
    // The order can still be changed anywhere.
    server
        .update_entry(
            &path,
            json!({"authors": {"connect": [{"documentId": authors[7], "position": {"after": authors[0]}}]}}),
        )
        .await;
    let order = names("draft").await;
    let at = order.iter().position(|n| n == "a00").unwrap();
    assert_eq!(order[at + 1], "a07");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_updates_never_restore_a_deleted_document() {
    let server = TestServer::start().await;
    for _ in 0..10 {
        let id = server.create_entry("/api/articles", json!({"title": "t"})).await.document_id();
        let path = format!("/api/articles/{id}");
        let updates = (0..10).map(|i| (path.clone(), json!({"title": i.to_string()}))).collect();
        let (client, delete_path) = ((*server).clone(), path.clone());
        let delete = tokio::spawn(async move { client.delete(&delete_path).await.status });
        let answers = send_concurrently(&server, "PUT", updates).await;
        assert_eq!(delete.await.unwrap(), 204);
        assert!(answers.iter().all(|a| matches!(a.status, 200 | 404)), "{:?}", statuses(&answers));
        server.get(&path).await.expect_error(404, "Not Found");
        server.get(&format!("{path}?status=draft")).await.expect_error(404, "Not Found");
    }
    assert_eq!(server.get("/api/articles?status=draft").await.pagination_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_publishes_leave_one_published_version() {
    let server = TestServer::start().await;
    let id = server.create_entry("/api/articles?status=draft", json!({"title": "t"})).await.document_id();
    let path = format!("/api/articles/{id}");
    let requests = (0..30).map(|i| (path.clone(), json!({"views": i}))).collect();
    let answers = send_concurrently(&server, "PUT", requests).await;
    assert_eq!(statuses(&answers), [(200, 30)].into());
    assert_eq!(server.get("/api/articles").await.pagination_total(), 1);
    // The last write is what both versions show.
    let views = async |status: &str| server.get(&format!("{path}?status={status}")).await.data()["views"].clone();
    assert_eq!(views("draft").await, views("published").await);
}

/// Nobody sees half a publish: both relations of the entry are of the same write.
#[tokio::test(flavor = "multi_thread")]
async fn readers_never_see_a_partial_write() {
    let server = TestServer::start().await;
    let mut authors = Vec::new();
    for i in 0..2 {
        authors.push(server.create_entry("/api/authors", json!({"name": i.to_string()})).await.document_id());
    }
    let id = server.create_entry("/api/articles", json!({"title": "0", "authors": [authors[0]]})).await.document_id();
    let path = format!("/api/articles/{id}");
    let (client, update_path) = ((*server).clone(), path.clone());
    let writer = tokio::spawn(async move {
        for i in 0..60_usize {
            let body = json!({"data": {"title": (i % 2).to_string(), "authors": [authors[i % 2]]}});
            client.put(&update_path, body).await.expect_status(200);
        }
    });
    let mut reads = 0;
    while !writer.is_finished() || reads < 20 {
        let answer = server.get(&format!("{path}?populate=authors")).await.expect_status(200);
        assert_eq!(answer.data()["title"], answer.data()["authors"][0]["name"], "{}", answer.text());
        assert_eq!(answer.data()["authors"].as_array().unwrap().len(), 1);
        reads += 1;
    }
    writer.await.unwrap();
}
