//! Changes made in one go, over several requests: one line of the audit log, and one call of a webhook.

use super::receiver::{Receiver, ReceiverResponse};
use super::{create_webhook, server};
use cairn_testkit::{TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

const ARTICLES: &str = "/admin/api/content/api::article.article";

async fn articles(server: &TestServer, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..count {
        let data = json!({ "data": { "title": format!("Article {n}") } });
        ids.push(server.post("/api/articles?status=draft", data).await.expect_status(201).document_id());
    }
    ids
}

async fn post(server: &TestServer, batch: &str, path: &str, body: Json) -> TestResponse {
    server.send(server.request("POST", path).header("Cairn-Batch", batch).json(&body)).await
}

async fn set_title(server: &TestServer, batch: &str, ids: &[String], title: &str) {
    let body = json!({ "documentIds": ids, "data": { "title": title } });
    post(server, batch, &format!("{ARTICLES}/bulk/update"), body).await.expect_status(200);
}

async fn log(server: &TestServer, query: &str) -> Json {
    server.run_until_idle().await;
    server.get(&format!("/admin/api/audit?{query}")).await.expect_status(200).body
}

/// Longer than what belongs together is waited for.
async fn end_batch(server: &TestServer) {
    server.run_until_idle().await;
    server.advance_clock(Duration::from_secs(11));
    server.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batched_requests_are_grouped_in_the_audit_log() {
    let server = server().await;
    let ids = articles(&server, 6).await;
    set_title(&server, "go-1", &ids[..3], "A").await;
    server
        .put(&format!("/api/articles/{}?status=draft", ids[5]), json!({ "data": { "views": 1 } }))
        .await
        .expect_status(200);
    set_title(&server, "go-1", &ids[3..], "A").await;
    set_title(&server, "go-2", &ids[..2], "B").await;
    let page = log(&server, "grouped=true&action=document.updated").await;
    let rows = page["data"].as_array().unwrap();
    let groups: Vec<(Json, Json)> =
        rows.iter().map(|row| (row["actor"]["batch"].clone(), row["batch"]["entries"].clone())).collect();
    let token = server.get("/admin/api/audit?limit=1").await.expect_status(200).body["data"][0]["actor"].clone();
    let batch_id = |batch: &str| json!(format!("token:{}-{batch}", token["id"].as_str().unwrap()));
    assert_eq!(
        groups,
        [(batch_id("go-2"), json!(2)), (batch_id("go-1"), json!(6)), (Json::Null, Json::Null)],
        "{page}"
    );
    assert_eq!(rows[1]["batch"]["actions"], json!([{ "action": "document.updated", "entries": 6 }]));
    // A page at a time, the same.
    let (mut before, mut batches) = (String::new(), Vec::new());
    loop {
        let page = log(&server, &format!("grouped=true&action=document.updated&limit=1{before}")).await;
        batches.extend(page["data"].as_array().unwrap().iter().map(|row| row["actor"]["batch"].clone()));
        match page["meta"]["before"].as_i64() {
            Some(n) => before = format!("&before={n}"),
            None => break,
        }
    }
    assert_eq!(batches, [batch_id("go-2"), batch_id("go-1"), Json::Null]);
    // The entries of an opened batch are listed one by one.
    let opened = log(&server, &format!("batch={}", batch_id("go-1").as_str().unwrap())).await;
    assert_eq!(opened["data"].as_array().unwrap().len(), 6);
    // Entries are grouped only on request.
    assert_eq!(log(&server, "action=document.updated").await["data"].as_array().unwrap().len(), 9);
    // A search by document finds the batch by its entries about that document.
    let about = log(&server, &format!("grouped=true&documentId={}", ids[0])).await;
    let views: Vec<Json> =
        about["data"].as_array().unwrap().iter().map(|row| row["batch"]["entries"].clone()).collect();
    assert_eq!(views, [json!(1), json!(1), Json::Null]);
    assert_eq!(log(&server, "grouped=true&to=2000-01-01T00:00:00Z").await["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_receive_one_call_per_batch() {
    let server = server().await;
    let ids = articles(&server, 6).await;
    let (batched, single) = (Receiver::start().await, Receiver::start().await);
    create_webhook(&server, &batched, json!({ "events": ["entry.update", "entry.delete", "entry.batch"] })).await;
    create_webhook(&server, &single, json!({ "events": ["entry.update"] })).await;
    set_title(&server, "go", &ids[..3], "A").await;
    set_title(&server, "go", &ids[3..], "A").await;
    // Webhooks that did not ask for batches get single calls at once, as from Strapi.
    single.wait_for(6).await;
    server.run_until_idle().await;
    assert_eq!(batched.received().len(), 0, "it may go on");
    // The batch continues, and other changes happen in the meantime.
    server.advance_clock(Duration::from_secs(8));
    set_title(&server, "go", &ids[..1], "B").await;
    server
        .put(&format!("/api/articles/{}?status=draft", ids[5]), json!({ "data": { "title": "C" } }))
        .await
        .expect_status(200);
    server.delete(&format!("/api/articles/{}", ids[4])).await.expect_status(204);
    server.run_until_idle().await;
    // In no order: they are about different documents.
    let mut messages: Vec<String> = batched.received().iter().map(|request| request.event()).collect();
    messages.sort();
    assert_eq!(messages, ["entry.delete", "entry.update"], "what stands alone is not waited with");
    server.advance_clock(Duration::from_secs(8));
    server.run_until_idle().await;
    assert_eq!(batched.received().len(), 2, "eight seconds are not quiet");
    end_batch(&server).await;
    let deliveries = batched.wait_for(3).await;
    let body = deliveries[2].json();
    assert_eq!((&body["event"], deliveries[2].header("x-strapi-event")), (&json!("entry.batch"), "entry.batch"));
    let events = body["events"].as_array().unwrap();
    let mut entries: Vec<(String, String)> = events
        .iter()
        .map(|e| {
            assert_eq!((&e["event"], &e["uid"]), (&json!("entry.update"), &json!("api::article.article")));
            let text = |name: &str| e["entry"][name].as_str().unwrap().to_owned();
            (text("documentId"), text("title"))
        })
        .collect();
    entries.sort();
    // Documents are listed once, in their current state; a deleted one has had an event of its own.
    let mut expected: Vec<(String, String)> = [(0, "B"), (1, "A"), (2, "A"), (3, "A"), (5, "C")]
        .map(|(n, title): (usize, &str)| (ids[n].clone(), title.to_owned()))
        .into();
    expected.sort();
    assert_eq!(entries, expected);
    // The log of deliveries has a single one for the batch, which is sent once.
    end_batch(&server).await;
    assert_eq!(batched.received().len(), 3);
    // The same go taken up again is told of again, with what is new alone.
    set_title(&server, "go", &ids[1..2], "D").await;
    end_batch(&server).await;
    let repeated = batched.wait_for(4).await[3].json();
    assert_eq!(repeated["events"].as_array().unwrap().len(), 1, "{repeated}");
    assert_eq!((&repeated["batch"], &repeated["events"][0]["entry"]["title"]), (&body["batch"], &json!("D")));
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_batches_are_redelivered_unchanged() {
    let server = server().await;
    let ids = articles(&server, 3).await;
    let receiver = Receiver::start_with(|n, _| ReceiverResponse::status(if n == 0 { 500 } else { 200 })).await;
    create_webhook(&server, &receiver, json!({ "events": ["entry.delete", "entry.batch"] })).await;
    // A request that changes many documents is a batch even without a name.
    server.post(&format!("{ARTICLES}/bulk/delete"), json!({ "documentIds": ids })).await.expect_status(200);
    end_batch(&server).await;
    receiver.wait_for(1).await;
    end_batch(&server).await;
    let deliveries = receiver.wait_for(2).await;
    assert_eq!(deliveries[0].header("webhook-id"), deliveries[1].header("webhook-id"));
    assert_eq!(deliveries[0].json(), deliveries[1].json());
    assert_eq!(deliveries[0].json()["events"].as_array().unwrap().len(), 3);
    // A document that was restored in the meantime is not reported as deleted.
    let back = articles(&server, 1).await;
    post(&server, "gone", &format!("{ARTICLES}/bulk/delete"), json!({ "documentIds": back })).await.expect_status(200);
    let body = json!({ "type": "api::article.article", "documentId": back[0] });
    server.post("/admin/api/history/undelete", body).await.expect_status(200);
    end_batch(&server).await;
    assert_eq!(receiver.received().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_batch_names_are_rejected_before_any_write() {
    let server = server().await;
    let ids = articles(&server, 2).await;
    let body = json!({ "documentIds": ids, "data": { "title": "A" } });
    let long = "a".repeat(65);
    for name in ["", " ", "a b", "a:b", "a/../b", "'; DROP TABLE cairn_audit; --", long.as_str()] {
        let answer = post(&server, name, &format!("{ARTICLES}/bulk/update"), body.clone()).await;
        answer.expect_error(
            400,
            "Cairn-Batch: expected 1 to 64 letters, digits and hyphens; omit it for a single request",
        );
    }
    assert_eq!(log(&server, "action=document.updated").await["data"], json!([]));
}
