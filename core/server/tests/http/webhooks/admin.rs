//! Administration of webhooks, consumers and jobs.

use super::receiver::{Receiver, ReceiverResponse, event_names};
use super::{create_article, create_webhook, server};
use cairn_testkit::extend_limit;
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_created_updated_and_deleted() {
    let server = server().await;
    let body = json!({ "name": "shop", "url": "https://shop.example/hook", "events": ["entry.publish"], "types": ["api::article.article"],
        "condition": { "title": { "$contains": "x" } }, "headers": { "Authorization": "Bearer x" } });
    let answer = server.post("/admin/api/webhooks", body).await.expect_status(201);
    assert!(answer.data()["secret"].as_str().unwrap().starts_with("whsec_"));
    let path = format!("/admin/api/webhooks/{}", answer.id());
    let test_answer = server.get(&path).await;
    assert_eq!(test_answer.data()["headers"], json!({ "Authorization": true }));
    assert_eq!(test_answer.data()["secrets"].as_array().unwrap().len(), 1);
    assert!(test_answer.data().get("secret").is_none() && test_answer.data()["enabled"] == true);
    // A missing member stays as it is, and what a read returns can be sent back.
    let mut back = test_answer.data().clone();
    for key in ["id", "disabledReason", "problem", "secrets", "failingSince", "createdAt", "updatedAt"] {
        back.as_object_mut().unwrap().remove(key);
    }
    let same = server.put(&path, back).await.expect_status(200);
    assert_eq!(same.data(), test_answer.data());
    let other =
        server.put(&path, json!({ "name": "other", "types": null, "condition": null })).await.expect_status(200);
    assert_eq!((&other.data()["name"], &other.data()["types"]), (&json!("other"), &Json::Null));
    let list = server.get("/admin/api/webhooks").await;
    assert_eq!(list.text_column("name"), ["other"]);
    for (body, part) in [
        (json!({ "name": "other", "url": "https://x.example" }), "name: another webhook"),
        (json!({ "name": "b" }), "url: is missing"),
        (json!({ "name": "b", "url": "https://x.example", "events": ["x"] }), "events[0]: expected one of"),
        (json!({ "name": "b", "url": "https://x.example", "condition": { "title": "x" } }), "condition: "),
        (json!({ "name": "b", "url": "https://x.example", "extra": 1 }), "extra: unknown key"),
    ] {
        let refused = server.post("/admin/api/webhooks", body).await.expect_status(400);
        assert!(refused.message().contains(part), "{part}: {}", refused.message());
    }
    assert_eq!(server.delete(&path).await.status, 204);
    for path in [&path, &format!("{path}/deliveries"), &"/admin/api/webhooks/x".to_owned()] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
    assert_eq!(server.post(&format!("{path}/test"), json!({})).await.status, 404);
    assert_eq!(server.post(&format!("{path}/rotate-secret"), json!({})).await.status, 404);
    assert_eq!(server.delete(&path).await.status, 404);
    server.run_until_idle().await;
    let events = server.get("/admin/api/events?name=cairn.webhook.*").await;
    assert_eq!(events.text_column("name"), ["cairn.webhook.deleted", "cairn.webhook.updated", "cairn.webhook.created"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhook_and_job_routes_reject_unauthorized_callers() {
    let server = server().await;
    for (method, path) in [
        ("GET", "/admin/api/webhooks"),
        ("POST", "/admin/api/webhooks"),
        ("GET", "/admin/api/webhooks/1"),
        ("PUT", "/admin/api/webhooks/1"),
        ("DELETE", "/admin/api/webhooks/1"),
        ("POST", "/admin/api/webhooks/1/test"),
        ("POST", "/admin/api/webhooks/1/enable"),
        ("POST", "/admin/api/webhooks/1/disable"),
        ("POST", "/admin/api/webhooks/1/rotate-secret"),
        ("GET", "/admin/api/webhooks/1/deliveries"),
        ("GET", "/admin/api/webhooks/1/deliveries/1"),
        ("POST", "/admin/api/webhooks/1/deliveries/1/redeliver"),
        ("GET", "/admin/api/events"),
        ("GET", "/admin/api/consumers"),
        ("POST", "/admin/api/consumers/audit/pause"),
        ("POST", "/admin/api/consumers/audit/resume"),
        ("GET", "/admin/api/consumers/audit/deliveries"),
        ("POST", "/admin/api/consumers/audit/deliveries/retry"),
        ("POST", "/admin/api/consumers/audit/deliveries/discard"),
        ("POST", "/admin/api/consumers/audit/replay"),
        ("GET", "/admin/api/jobs"),
        ("POST", "/admin/api/jobs/1/retry"),
        ("POST", "/admin/api/jobs/1/cancel"),
    ] {
        for (client, status) in [(server.public_client(), 401), (server.read_only(), 401)] {
            let answer = client.request(method, path).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_retried_discarded_and_replayed() {
    let server = server().await;
    let receiver = Receiver::start_with(|_, _| ReceiverResponse::status(500)).await;
    let (id, _) = create_webhook(&server, &receiver, json!({ "events": ["entry.create"] })).await;
    let path = format!("/admin/api/consumers/webhook:{id}");
    for title in ["A", "B", "C"] {
        create_article(&server, title).await;
    }
    receiver.wait_for(3).await;
    let own = async || {
        let all = server.get("/admin/api/consumers").await;
        all.data().as_array().unwrap().iter().find(|c| c["name"] == format!("webhook:{id}")).unwrap().clone()
    };
    let until = async |description: &str, is_met: &dyn Fn(&Json) -> bool| {
        let began = Instant::now();
        loop {
            let own = own().await;
            if is_met(&own) {
                return own;
            }
            assert!(began.elapsed() < extend_limit(Duration::from_secs(20)), "{description}: {own}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    until("three wait", &|own| own["waiting"] == 3 && own["lag"] == 0).await;
    let waiting = server.get(&format!("{path}/deliveries?state=waiting")).await;
    assert_eq!(waiting.data()[0]["error"], "the receiver responded with 500");
    assert_eq!(waiting.data()[0]["event"]["name"], "cairn.document.created");
    let first = waiting.data()[0]["id"].clone();
    // A discard needs a reason; a retry sends the other deliveries at once.
    server.post(&format!("{path}/deliveries/discard"), json!({ "id": first })).await.expect_status(400);
    server
        .post(&format!("{path}/deliveries/discard"), json!({ "id": first, "reason": "not wanted" }))
        .await
        .expect_status(200);
    server
        .post(&format!("{path}/deliveries/discard"), json!({ "id": 999_999, "reason": "x" }))
        .await
        .expect_status(404);
    receiver.set_response(|_, _| ReceiverResponse::status(200));
    let retried = server.post(&format!("{path}/deliveries/retry"), json!({})).await.expect_status(200);
    assert_eq!(retried.data()["deliveries"], 2);
    let deliveries = receiver.wait_for(5).await;
    assert_eq!(deliveries.len(), 5);
    until("none waits", &|own| own["waiting"] == 0 && own["discarded"] == 1).await;
    // A replay sends the events again, with their ids.
    server.post(&format!("{path}/replay"), json!({})).await.expect_status(400);
    server.post(&format!("{path}/replay"), json!({ "nam": "x" })).await.expect_status(400);
    let replayed = server
        .post(&format!("{path}/replay"), json!({ "name": "cairn.document.created", "from": "2026-01-01T00:00:00Z" }))
        .await;
    assert_eq!(replayed.data()["events"], 3, "{}", replayed.text());
    let all = receiver.wait_for(8).await;
    let ids = |part: &[super::ReceivedRequest]| {
        let mut ids: Vec<String> = part.iter().map(|g| g.header("webhook-id").to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&all[5..]), ids(&all[..3]));
    // A redelivery sends a single attempt of the log again.
    let log = server.get(&format!("/admin/api/webhooks/{id}/deliveries?ok=false")).await;
    let attempt = &log.data()[0];
    let redeliver = format!("/admin/api/webhooks/{id}/deliveries/{}/redeliver", attempt["id"]);
    assert_eq!(server.post(&redeliver, json!({})).await.expect_status(202).data()["eventId"], attempt["eventId"]);
    assert_eq!(receiver.wait_for(9).await[8].header("webhook-id"), attempt["eventId"].as_str().unwrap());
    // A paused webhook's events wait, and are delivered when it resumes.
    assert_eq!(server.post(&format!("{path}/pause"), json!({})).await.expect_status(200).data()["state"], "paused");
    create_article(&server, "D").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(receiver.received().len(), 9);
    until("it is behind", &|own| own["lag"].as_i64() > Some(0) && own["behindSince"].is_string()).await;
    server.post(&format!("{path}/resume"), json!({})).await.expect_status(200);
    assert_eq!(event_names(&receiver.wait_for(10).await)[9], "entry.create");
    // The audit log cannot be stopped, and knows of all this.
    for action in ["pause", "replay", "deliveries/discard"] {
        let body = json!({ "reason": "x", "name": "*" });
        server.post(&format!("/admin/api/consumers/audit/{action}"), body).await.expect_status(400);
    }
    server.post("/admin/api/consumers/nobody/pause", json!({})).await.expect_status(404);
    server.run_until_idle().await;
    let actions = server.get("/admin/api/audit?limit=100").await.text_column("action");
    for action in ["delivery.discarded", "delivery.retried", "delivery.replayed", "consumer.paused", "consumer.resumed"]
    {
        assert!(actions.iter().any(|a| a == action), "{action}: {actions:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_retried_and_cancelled() {
    use cairn_store::events::{DuplicatePolicy, NewJob};
    let server = server().await;
    let due = cairn_access::Clock::now(&*server.clock).timestamp_millis() + 3_600_000;
    let job = NewJob {
        name: "cairn.housekeeping".into(),
        key: Some("by hand".into()),
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload: json!({ "link": "canary-secret-link" }),
        due,
    };
    let id = server.app.engine.enqueue(job.clone()).await.unwrap().unwrap();
    let list = server.get("/admin/api/jobs?state=waiting&name=cairn.housekeeping").await.expect_status(200);
    assert_eq!(list.data()[0]["id"], id);
    assert!(!list.text().contains("canary") && list.body["meta"]["counts"].is_array());
    assert_eq!(server.get("/admin/api/jobs?state=odd").await.status, 400);
    let cancelled = server.post(&format!("/admin/api/jobs/{id}/cancel"), json!({})).await.expect_status(200);
    assert_eq!(cancelled.data()["state"], "cancelled");
    server.post(&format!("/admin/api/jobs/{id}/cancel"), json!({})).await.expect_status(400);
    server.post("/admin/api/jobs/999999/retry", json!({})).await.expect_status(404);
    let job_id = server.app.engine.enqueue(job).await.unwrap().unwrap();
    server.post(&format!("/admin/api/jobs/{job_id}/retry"), json!({})).await.expect_status(200);
    let began = Instant::now();
    loop {
        let list = server.get("/admin/api/jobs?key=by%20hand&state=done").await;
        if list.data().as_array().is_some_and(|l| !l.is_empty()) {
            break;
        }
        assert!(began.elapsed() < extend_limit(Duration::from_secs(20)), "{}", list.text());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
