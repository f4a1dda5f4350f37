//! Requests for signatures that wait: for a key to seal with.

use super::{CONTENT, SigningSite, create};
use cairn_testkit::TestServer;
use serde_json::{Value as Json, json};
use std::time::Duration;

async fn find_request(server: &TestServer, id: &str) -> Json {
    server.get(&format!("{CONTENT}request/{id}")).await.expect_status(200).data().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_for_a_key_and_is_sent_once_there_is_one() {
    let site = SigningSite::start().await;
    let server = &site.server;
    server.delete("/admin/api/seal-profiles/contracts").await.expect_status(204);
    let draft = site.draft(json!({})).await;
    let document = site.envelope(&draft).await["document"]["documentId"].clone();
    let request = json!({
        "reference": "shop/order/1", "title": "Order 1", "document": document,
        "recipients": [{ "name": "Carl", "email": "carl@example.com" }],
        "fields": [{ "signer": 1, "page": 1, "x": 72, "y": 640, "width": 170, "height": 48 }],
    });
    let id = create(server, "request", request).await;
    server.run_until_idle().await;
    // Longer than any attempt of a job is put off.
    for _ in 0..8 {
        server.advance_clock(Duration::from_secs(3_600));
        server.run_until_idle().await;
    }
    let waiting = find_request(server, &id).await;
    assert_eq!((&waiting["status"], &waiting["problem"]), (&json!("pending"), &Json::Null), "{waiting}");
    assert!(waiting["sealProblem"].is_string(), "{waiting}");
    assert!(site.receiver.mails_to("carl@example.com").is_empty());

    site.import_seal().await;
    server.advance_clock(Duration::from_secs(660));
    server.run_until_idle().await;
    let sent = find_request(server, &id).await;
    assert_eq!((&sent["status"], &sent["sealProblem"]), (&json!("sent"), &Json::Null), "{sent}");
    assert_eq!(site.receiver.mails_to("carl@example.com").len(), 1);
    let calls = server.get("/admin/api/plugins/esign/calls").await.expect_status(200);
    assert_eq!(calls.data(), &json!([]), "a call failed");
}
