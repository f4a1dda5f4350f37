//! Payloads, signatures and the sending of webhooks.

use super::receiver::{Receiver, event_names};
use super::{create_article, create_webhook, server, verify_signature};
use crate::plugins::{allow_package, install, stage};
use cairn_access::Clock;
use serde_json::{Value as Json, json};
use std::collections::HashSet;

#[tokio::test(flavor = "multi_thread")]
async fn payloads_and_signatures_match_the_strapi_format() {
    let server = server().await;
    let receiver = Receiver::start().await;
    let (_, secret) =
        create_webhook(&server, &receiver, json!({ "headers": { "Authorization": "Bearer of-the-receiver" } })).await;
    let category =
        server.post("/api/categories", json!({ "data": { "name": "News" } })).await.expect_status(201).document_id();
    receiver.wait_for(1).await;
    let body = json!({ "data": {
        "title": "One", "note": "canary-private", "pin": "canary-password", "category": category, "price": 12.5,
    } });
    let id = server.post("/api/articles?status=draft", body).await.expect_status(201).document_id();
    receiver.wait_for(2).await;
    server.put(&format!("/api/articles/{id}"), json!({ "data": { "title": "Two" } })).await.expect_status(200);
    receiver.wait_for(4).await;
    server.delete(&format!("/api/articles/{id}")).await.expect_status(204);
    let deliveries = receiver.wait_for(5).await;
    assert_eq!(
        event_names(&deliveries),
        ["entry.create", "entry.create", "entry.update", "entry.publish", "entry.delete"]
    );
    let now = server.clock.now().timestamp();
    let mut ids = HashSet::new();
    for request in &deliveries {
        let body = request.json();
        assert_eq!(request.path, "/hook");
        assert_eq!(request.header("x-strapi-event"), body["event"]);
        assert_eq!(request.header("content-type"), "application/json");
        assert_eq!(request.header("authorization"), "Bearer of-the-receiver");
        assert_eq!(verify_signature(request, &secret, now), Ok(()));
        assert_eq!(
            verify_signature(request, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", now),
            Err("wrong signature")
        );
        assert_eq!(verify_signature(request, &secret, now + 301), Err("too old"));
        let mut changed = request.clone();
        changed.body[20] ^= 1;
        assert_eq!(verify_signature(&changed, &secret, now), Err("wrong signature"));
        assert!(ids.insert(request.header("webhook-id").to_owned()), "each event has an id of its own");
        assert!(body["createdAt"].as_str().unwrap().starts_with("2026-01-02T03:04:05"));
        assert!(body["entry"].is_object(), "{body}");
        assert!(!String::from_utf8_lossy(&request.body).contains("canary"), "{body}");
        assert!(body["entry"].get("note").is_none() && body["entry"].get("pin").is_none());
    }
    let update = deliveries[2].json();
    assert_eq!((&update["model"], &update["uid"]), (&json!("article"), &json!("api::article.article")));
    assert_eq!((&update["entry"]["documentId"], &update["entry"]["title"]), (&json!(id), &json!("Two")));
    assert_eq!(update["entry"]["category"]["name"], "News", "populated: {update}");
    assert_eq!(update["entry"]["price"], json!(12.5));
    assert!(deliveries[3].json()["entry"]["publishedAt"].is_string());
    let deleted = deliveries[4].json()["entry"].clone();
    assert_eq!((&deleted["documentId"], &deleted["title"]), (&json!(id), &json!("Two")), "as it was: {deleted}");
    assert_eq!(deleted["category"], json!({ "documentId": category }));
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_receive_only_matching_events() {
    let server = server().await;
    let receivers = [Receiver::start().await, Receiver::start().await, Receiver::start().await];
    create_webhook(&server, &receivers[0], json!({ "events": ["entry.delete"] })).await;
    create_webhook(&server, &receivers[1], json!({ "types": ["api::category.category"] })).await;
    let condition = json!({ "$and": [{ "category": { "name": { "$eq": "News" } } }, { "views": { "$gt": 10 } }] });
    let only_published = json!({ "types": ["api::article.article"], "condition": condition, "events": ["entry.publish", "entry.delete"] });
    create_webhook(&server, &receivers[2], only_published).await;
    let create = async |path: &str, data: Json| {
        server.post(path, json!({ "data": data })).await.expect_status(201).document_id()
    };
    let news = create("/api/categories", json!({ "name": "News" })).await;
    let other = create("/api/categories", json!({ "name": "Other" })).await;
    let matching = create("/api/articles", json!({ "title": "A", "views": 11, "category": news })).await;
    create("/api/articles", json!({ "title": "B", "views": 11, "category": other })).await;
    create("/api/articles", json!({ "title": "C", "views": 9, "category": news })).await;
    let removed = create("/api/articles", json!({ "title": "D" })).await;
    server.delete(&format!("/api/articles/{removed}")).await.expect_status(204);
    let last_matching = create("/api/articles", json!({ "title": "E", "views": 12, "category": news })).await;
    let deliveries = receivers[2].wait_for(3).await;
    let received: Vec<(String, Json)> =
        deliveries.iter().map(|g| (g.event(), g.json()["entry"]["documentId"].clone())).collect();
    let publish = |id: &str| ("entry.publish".to_owned(), json!(id));
    assert!(received.contains(&publish(&matching)) && received.contains(&publish(&last_matching)), "{received:?}");
    // Of what is gone nobody can ask whether the condition held: it comes with its id alone.
    let deleted = deliveries.iter().find(|g| g.event() == "entry.delete").unwrap().json();
    assert_eq!(deleted["entry"], json!({ "documentId": removed }));
    assert_eq!(event_names(&receivers[0].wait_for(1).await), ["entry.delete"]);
    let of_categories = receivers[1].wait_for(2).await;
    assert!(
        of_categories.iter().all(|g| g.json()["uid"] == "api::category.category"),
        "{:?}",
        event_names(&of_categories)
    );
    assert_eq!((of_categories.len(), receivers[2].received().len()), (2, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn file_events_are_sent_and_user_events_are_not() {
    let server = server().await;
    let receiver = Receiver::start().await;
    create_webhook(&server, &receiver, json!({})).await;
    server.create_user("ada", "authenticated", json!({})).await;
    let part = reqwest::multipart::Part::bytes(b"hello".to_vec()).file_name("a.txt").mime_str("text/plain").unwrap();
    let form = reqwest::multipart::Form::new().part("files", part);
    let answer = server.request("POST", "/api/upload").multipart(form).send().await.unwrap();
    assert!(answer.status().is_success());
    let file: Json = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    server.delete(&format!("/api/upload/files/{}", file[0]["id"])).await.expect_status(200);
    let deliveries = receiver.wait_for(2).await;
    assert_eq!(event_names(&deliveries), ["media.create", "media.delete"]);
    let created = deliveries[0].json();
    assert!(created["media"].is_object() && created.get("entry").is_none(), "{created}");
}

#[tokio::test(flavor = "multi_thread")]
async fn licensing_events_are_sent_only_when_subscribed() {
    let server = server().await;
    let (all, cdn) = (Receiver::start().await, Receiver::start().await);
    create_webhook(&server, &all, json!({})).await;
    let events = json!(["asset.purge", "consent.withdrawn"]);
    create_webhook(&server, &cdn, json!({ "events": events, "types": ["api::article.article"] })).await;
    let created = server.upload_file("a.txt", "text/plain", b"hello").await.expect_status(201).body;
    let consent = json!({ "person": "Ann Jansen", "givenAt": "2025-01-01", "assets": [created[0]["documentId"]] });
    let consent = server.post("/admin/api/assets/consents", consent).await.expect_status(201).id();
    server.post(&format!("/admin/api/assets/consents/{consent}/withdraw"), json!({})).await.expect_status(200);
    let deliveries = cdn.wait_for(2).await;
    let mut messages = event_names(&deliveries);
    messages.sort_unstable();
    assert_eq!(messages, ["asset.purge", "consent.withdrawn"]);
    let purge = deliveries.iter().map(|g| g.json()).find(|g| g["event"] == "asset.purge").unwrap();
    assert_eq!((&purge["rights"]["urls"][0], &purge["rights"]["delivered"]), (&created[0]["url"], &json!(false)));
    assert!(deliveries.iter().all(|g| !g.json().to_string().contains("Jansen")), "{purge}");
    server.run_until_idle().await;
    assert_eq!(event_names(&all.received()), ["media.create"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rotated_secrets_overlap_and_are_never_shown_again() {
    let server = server().await;
    let receiver = Receiver::start().await;
    let (id, first) = create_webhook(&server, &receiver, json!({})).await;
    let path = format!("/admin/api/webhooks/{id}");
    let rotated = server.post(&format!("{path}/rotate-secret"), json!({ "overlapHours": 2 })).await.expect_status(200);
    let second = rotated.data()["secret"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    create_article(&server, "Both").await;
    let both = receiver.wait_for(2).await;
    let now = || server.clock.now().timestamp();
    assert_eq!(
        (verify_signature(&both[0], &first, now()), verify_signature(&both[0], &second, now())),
        (Ok(()), Ok(()))
    );
    assert_eq!(both[0].header("webhook-signature").split(' ').count(), 2);
    server.advance_clock(std::time::Duration::from_secs(2 * 3_600));
    create_article(&server, "One").await;
    let one = receiver.wait_for(4).await.pop().unwrap();
    assert_eq!(
        (verify_signature(&one, &first, now()), verify_signature(&one, &second, now())),
        (Err("wrong signature"), Ok(()))
    );
    // Told once: nothing shows it afterwards, nor the values of headers.
    server.put(&path, json!({ "headers": { "X-Key": "canary-header-value" } })).await.expect_status(200);
    create_article(&server, "Logged").await;
    receiver.wait_for(6).await;
    let mut text = String::new();
    for path in [
        "/admin/api/webhooks".to_owned(),
        path.clone(),
        format!("{path}/deliveries"),
        "/admin/api/audit".to_owned(),
        "/admin/api/events".to_owned(),
    ] {
        text.push_str(&server.get(&path).await.expect_status(200).text());
    }
    let deliveries = server.get(&format!("{path}/deliveries")).await;
    for attempt in deliveries.data().as_array().unwrap() {
        text.push_str(&server.get(&format!("{path}/deliveries/{}", attempt["id"])).await.expect_status(200).text());
    }
    for secret in [&first[6..], &second[6..], "canary-header-value"] {
        assert!(!text.contains(secret), "{secret} is shown");
    }
    assert!(text.contains("\"X-Key\":true") || text.contains("\"x-key\":true"));
    assert!(text.contains("x-key\":\"…\""), "the log has the header without its value");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_receive_the_events_of_plugins_that_they_name() {
    let server = server().await;
    let named = Receiver::start().await;
    let others = Receiver::start().await;
    let events = json!(["allow.steps.counted", "entry.create", "entry.batch"]);
    let (_, secret) = create_webhook(
        &server,
        &named,
        // Types and conditions do not apply to events of plugins.
        json!({ "events": events, "types": ["api::article.article"], "condition": { "title": "never" } }),
    )
    .await;
    create_webhook(&server, &others, json!({})).await;
    let listed = async || server.get("/admin/api/webhook-events").await.expect_status(200).body["data"].clone();
    assert_eq!(listed().await, json!([]));
    let staged = stage(&server, &allow_package("1.0.0", None, |text| text)).await;
    install(&server, &staged.expect_status(201), json!({ "unsigned": true })).await.expect_status(201);
    assert_eq!(listed().await, json!(["allow.steps.counted"]));
    for fail in ["trap", ""] {
        let job =
            json!({ "name": "steps", "key": format!("steps {fail}"), "payload": { "name": "a \"b\"", "fail": fail } });
        server.public_client().post("/api/allow/enqueue", job).await.expect_status(202);
        server.run_until_idle().await;
    }
    let deliveries = named.wait_for(1).await;
    assert_eq!(deliveries.len(), 1, "what was rolled back did not happen: {:?}", event_names(&deliveries));
    assert_eq!(verify_signature(&deliveries[0], &secret, server.clock.now().timestamp()), Ok(()));
    assert_eq!(deliveries[0].header("x-strapi-event"), "allow.steps.counted");
    let body = deliveries[0].json();
    assert!(body["createdAt"].as_str().unwrap().starts_with("2026-01-02T"), "{body}");
    assert_eq!(
        (&body["event"], &body["plugin"], &body["version"], &body["key"], &body["data"]),
        (
            &json!("allow.steps.counted"),
            &json!("allow"),
            &json!(1),
            &json!("a \"b\""),
            &json!({ "name": "a \"b\"", "there": 0 })
        )
    );
    assert_eq!(others.received().len(), 0, "only those that name them");
    server.public_client().get("/admin/api/webhook-events").await.expect_status(401);
    for (name, accepted) in
        [("crm.deal.won", 201), ("cairn.webhook.created", 400), ("entry.publsh", 400), ("allow.*", 400)]
    {
        let body = json!({ "name": name, "url": "https://shop.example/hook", "events": [name] });
        assert_eq!(server.post("/admin/api/webhooks", body).await.status, accepted, "{name}");
    }
}
