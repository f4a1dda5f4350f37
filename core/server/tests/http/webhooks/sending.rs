//! What is sent.

use super::receiver::{Receiver, names};
use super::{article, hook, server, verified};
use cairn_access::Clock;
use serde_json::{Value as Json, json};
use std::collections::HashSet;

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_as_strapi_tells_it() {
    let server = server().await;
    let receiver = Receiver::start().await;
    let (_, secret) =
        hook(&server, &receiver, json!({ "headers": { "Authorization": "Bearer of-the-receiver" } })).await;
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
    let got = receiver.wait_for(5).await;
    assert_eq!(names(&got), ["entry.create", "entry.create", "entry.update", "entry.publish", "entry.delete"]);
    let now = server.clock.now().timestamp();
    let mut ids = HashSet::new();
    for got in &got {
        let body = got.json();
        assert_eq!(got.path, "/hook");
        assert_eq!(got.header("x-strapi-event"), body["event"]);
        assert_eq!(got.header("content-type"), "application/json");
        assert_eq!(got.header("authorization"), "Bearer of-the-receiver");
        assert_eq!(verified(got, &secret, now), Ok(()));
        assert_eq!(verified(got, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", now), Err("wrong signature"));
        assert_eq!(verified(got, &secret, now + 301), Err("too old"));
        let mut changed = got.clone();
        changed.body[20] ^= 1;
        assert_eq!(verified(&changed, &secret, now), Err("wrong signature"));
        assert!(ids.insert(got.header("webhook-id").to_owned()), "each event has an id of its own");
        assert!(body["createdAt"].as_str().unwrap().starts_with("2026-01-02T03:04:05"));
        assert!(body["entry"].is_object(), "{body}");
        assert!(!String::from_utf8_lossy(&got.body).contains("canary"), "{body}");
        assert!(body["entry"].get("note").is_none() && body["entry"].get("pin").is_none());
    }
    let update = got[2].json();
    assert_eq!((&update["model"], &update["uid"]), (&json!("article"), &json!("api::article.article")));
    assert_eq!((&update["entry"]["documentId"], &update["entry"]["title"]), (&json!(id), &json!("Two")));
    assert_eq!(update["entry"]["category"]["name"], "News", "populated: {update}");
    assert_eq!(update["entry"]["price"], json!(12.5));
    assert!(got[3].json()["entry"]["publishedAt"].is_string());
    let deleted = got[4].json()["entry"].clone();
    assert_eq!((&deleted["documentId"], &deleted["title"]), (&json!(id), &json!("Two")), "as it was: {deleted}");
    assert_eq!(deleted["category"], json!({ "documentId": category }));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_asked_for() {
    let server = server().await;
    let receivers = [Receiver::start().await, Receiver::start().await, Receiver::start().await];
    hook(&server, &receivers[0], json!({ "events": ["entry.delete"] })).await;
    hook(&server, &receivers[1], json!({ "types": ["api::category.category"] })).await;
    let condition = json!({ "$and": [{ "category": { "name": { "$eq": "News" } } }, { "views": { "$gt": 10 } }] });
    let only_published = json!({ "types": ["api::article.article"], "condition": condition, "events": ["entry.publish", "entry.delete"] });
    hook(&server, &receivers[2], only_published).await;
    let made = async |path: &str, data: Json| {
        server.post(path, json!({ "data": data })).await.expect_status(201).document_id()
    };
    let news = made("/api/categories", json!({ "name": "News" })).await;
    let other = made("/api/categories", json!({ "name": "Other" })).await;
    let wanted = made("/api/articles", json!({ "title": "A", "views": 11, "category": news })).await;
    made("/api/articles", json!({ "title": "B", "views": 11, "category": other })).await;
    made("/api/articles", json!({ "title": "C", "views": 9, "category": news })).await;
    let gone = made("/api/articles", json!({ "title": "D" })).await;
    server.delete(&format!("/api/articles/{gone}")).await.expect_status(204);
    let last = made("/api/articles", json!({ "title": "E", "views": 12, "category": news })).await;
    let got = receivers[2].wait_for(3).await;
    let told: Vec<(String, Json)> = got.iter().map(|g| (g.event(), g.json()["entry"]["documentId"].clone())).collect();
    let publish = |id: &str| ("entry.publish".to_owned(), json!(id));
    assert!(told.contains(&publish(&wanted)) && told.contains(&publish(&last)), "{told:?}");
    // Of what is gone nobody can ask whether the condition held: it comes with its id alone.
    let deleted = got.iter().find(|g| g.event() == "entry.delete").unwrap().json();
    assert_eq!(deleted["entry"], json!({ "documentId": gone }));
    assert_eq!(names(&receivers[0].wait_for(1).await), ["entry.delete"]);
    let of_categories = receivers[1].wait_for(2).await;
    assert!(of_categories.iter().all(|g| g.json()["uid"] == "api::category.category"), "{:?}", names(&of_categories));
    assert_eq!((of_categories.len(), receivers[2].got().len()), (2, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_told_too_and_users_are_not() {
    let server = server().await;
    let receiver = Receiver::start().await;
    hook(&server, &receiver, json!({})).await;
    server.create_user("ada", "authenticated", json!({})).await;
    let part = reqwest::multipart::Part::bytes(b"hello".to_vec()).file_name("a.txt").mime_str("text/plain").unwrap();
    let form = reqwest::multipart::Form::new().part("files", part);
    let answer = server.request("POST", "/api/upload").multipart(form).send().await.unwrap();
    assert!(answer.status().is_success());
    let file: Json = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    server.delete(&format!("/api/upload/files/{}", file[0]["id"])).await.expect_status(200);
    let got = receiver.wait_for(2).await;
    assert_eq!(names(&got), ["media.create", "media.delete"]);
    let made = got[0].json();
    assert!(made["media"].is_object() && made.get("entry").is_none(), "{made}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_of_files_are_told_where_they_are_named() {
    let server = server().await;
    let (all, cdn) = (Receiver::start().await, Receiver::start().await);
    hook(&server, &all, json!({})).await;
    let events = json!(["asset.purge", "consent.withdrawn"]);
    hook(&server, &cdn, json!({ "events": events, "types": ["api::article.article"] })).await;
    let made = server.upload_file("a.txt", "text/plain", b"hello").await.expect_status(201).body;
    let consent = json!({ "person": "Ann Jansen", "givenAt": "2025-01-01", "assets": [made[0]["documentId"]] });
    let consent = server.post("/admin/api/assets/consents", consent).await.expect_status(201).id();
    server.post(&format!("/admin/api/assets/consents/{consent}/withdraw"), json!({})).await.expect_status(200);
    let got = cdn.wait_for(2).await;
    let mut told = names(&got);
    told.sort_unstable();
    assert_eq!(told, ["asset.purge", "consent.withdrawn"]);
    let purge = got.iter().map(|g| g.json()).find(|g| g["event"] == "asset.purge").unwrap();
    assert_eq!((&purge["rights"]["urls"][0], &purge["rights"]["delivered"]), (&made[0]["url"], &json!(false)));
    assert!(got.iter().all(|g| !g.json().to_string().contains("Jansen")), "{purge}");
    server.run_until_idle().await;
    assert_eq!(names(&all.got()), ["media.create"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_replaced_without_a_gap() {
    let server = server().await;
    let receiver = Receiver::start().await;
    let (id, first) = hook(&server, &receiver, json!({})).await;
    let path = format!("/admin/api/webhooks/{id}");
    let rotated = server.post(&format!("{path}/rotate-secret"), json!({ "overlapHours": 2 })).await.expect_status(200);
    let second = rotated.data()["secret"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    article(&server, "Both").await;
    let both = receiver.wait_for(2).await;
    let now = || server.clock.now().timestamp();
    assert_eq!((verified(&both[0], &first, now()), verified(&both[0], &second, now())), (Ok(()), Ok(())));
    assert_eq!(both[0].header("webhook-signature").split(' ').count(), 2);
    server.advance_clock(std::time::Duration::from_secs(2 * 3_600));
    article(&server, "One").await;
    let one = receiver.wait_for(4).await.pop().unwrap();
    assert_eq!((verified(&one, &first, now()), verified(&one, &second, now())), (Err("wrong signature"), Ok(())));
    // Told once: nothing shows it afterwards, nor the values of headers.
    server.put(&path, json!({ "headers": { "X-Key": "canary-header-value" } })).await.expect_status(200);
    article(&server, "Logged").await;
    receiver.wait_for(6).await;
    let mut shown = String::new();
    for path in [
        "/admin/api/webhooks".to_owned(),
        path.clone(),
        format!("{path}/deliveries"),
        "/admin/api/audit".to_owned(),
        "/admin/api/events".to_owned(),
    ] {
        shown.push_str(&server.get(&path).await.expect_status(200).text());
    }
    let deliveries = server.get(&format!("{path}/deliveries")).await;
    for attempt in deliveries.data().as_array().unwrap() {
        shown.push_str(&server.get(&format!("{path}/deliveries/{}", attempt["id"])).await.expect_status(200).text());
    }
    for secret in [&first[6..], &second[6..], "canary-header-value"] {
        assert!(!shown.contains(secret), "{secret} is shown");
    }
    assert!(shown.contains("\"X-Key\":true") || shown.contains("\"x-key\":true"));
    assert!(shown.contains("x-key\":\"…\""), "the log has the header without its value");
}
