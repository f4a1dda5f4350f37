//! Receivers that fail, hang, lie or lead astray.

use super::receiver::{ReceivedRequest, Receiver, ReceiverResponse, event_names};
use super::{create_article, create_webhook, server};
use cairn_testkit::{TestProject, TestServer, extend_limit};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

async fn wait_for_attempts(server: &TestServer, id: i64, count: usize) -> Vec<Json> {
    let began = Instant::now();
    loop {
        let all = server.get(&format!("/admin/api/webhooks/{id}/deliveries")).await;
        let all = all.data().as_array().unwrap().clone();
        if all.len() >= count {
            return all;
        }
        assert!(began.elapsed() < extend_limit(Duration::from_secs(60)), "{count}: {all:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn wait_until(subject: &str, mut is: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is().await {
        assert!(began.elapsed() < extend_limit(Duration::from_secs(60)), "{subject}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Moves the clock on, step by step, until as many requests came.
async fn advance_until_received(
    server: &TestServer,
    receiver: &Receiver,
    count: usize,
    step: Duration,
) -> Vec<ReceivedRequest> {
    let began = Instant::now();
    while receiver.received().len() < count {
        assert!(
            began.elapsed() < extend_limit(Duration::from_secs(60)),
            "{} of {count} came",
            receiver.received().len()
        );
        server.advance_clock(step);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    receiver.received()
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_deliveries_are_retried_in_order_with_the_same_id() {
    let server = server().await;
    let receiver =
        Receiver::start_with(|n, _| if n < 2 { ReceiverResponse::status(500) } else { ReceiverResponse::status(204) })
            .await;
    let (id, _) = create_webhook(&server, &receiver, json!({ "events": ["entry.create", "entry.update"] })).await;
    let document = server
        .post("/api/articles?status=draft", json!({ "data": { "title": "0" } }))
        .await
        .expect_status(201)
        .document_id();
    receiver.wait_for(1).await;
    for title in ["1", "2"] {
        let path = format!("/api/articles/{document}?status=draft");
        server.put(&path, json!({ "data": { "title": title } })).await.expect_status(200);
    }
    // Events behind the failed one wait until it has been retried.
    wait_for_attempts(&server, id, 1).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(receiver.received().len(), 1);
    let deliveries = advance_until_received(&server, &receiver, 5, Duration::from_secs(3)).await;
    assert_eq!(
        event_names(&deliveries),
        ["entry.create", "entry.create", "entry.create", "entry.update", "entry.update"]
    );
    let ids: Vec<&str> = deliveries.iter().map(|g| g.header("webhook-id")).collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3] && ids[3] != ids[4], "{ids:?}");
    let log = wait_for_attempts(&server, id, 5).await;
    let attempts: Vec<(&Json, &Json)> = log.iter().rev().map(|a| (&a["attempt"], &a["status"])).collect();
    assert_eq!(
        attempts,
        [
            (&json!(1), &json!(500)),
            (&json!(2), &json!(500)),
            (&json!(3), &json!(204)),
            (&json!(1), &json!(204)),
            (&json!(1), &json!(204))
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn receiver_that_returns_410_is_disabled_until_enabled() {
    let server = server().await;
    let receiver = Receiver::start_with(|_, _| ReceiverResponse::status(410)).await;
    let (id, _) = create_webhook(&server, &receiver, json!({ "events": ["entry.create"] })).await;
    create_article(&server, "One").await;
    let path = format!("/admin/api/webhooks/{id}");
    wait_until("it is disabled", async || server.get(&path).await.data()["enabled"] == false).await;
    let answer = server.get(&path).await;
    assert!(answer.data()["disabledReason"].as_str().unwrap().contains("410"), "{}", answer.text());
    create_article(&server, "Two").await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(receiver.received().len(), 1);
    let test_answer = server.get("/admin/api/events?name=cairn.webhook.disabled").await;
    assert_eq!(test_answer.data()[0]["data"]["id"], id, "{}", test_answer.text());
    let consumers = server.get("/admin/api/consumers").await;
    let own =
        consumers.data().as_array().unwrap().iter().find(|c| c["name"] == format!("webhook:{id}")).unwrap().clone();
    assert_eq!(own["state"], "disabled");
    // A webhook that is enabled again gets what it missed, including the event that got 410.
    receiver.set_response(|_, _| ReceiverResponse::status(200));
    server.post(&format!("{path}/enable"), json!({})).await.expect_status(200);
    let deliveries = receiver.wait_for(3).await;
    let titles: Vec<Json> = deliveries[1..].iter().map(|g| g.json()["entry"]["title"].clone()).collect();
    assert_eq!(titles.len(), 2);
    assert!(titles.contains(&json!("One")) && titles.contains(&json!("Two")), "{titles:?}");
    // Enabling with `skip` leaves those events out.
    server.post(&format!("{path}/disable"), json!({})).await.expect_status(200);
    create_article(&server, "Three").await;
    server.run_until_idle().await;
    server.post(&format!("{path}/enable"), json!({ "skip": true })).await.expect_status(200);
    create_article(&server, "Four").await;
    let resumed = receiver.wait_for(4).await;
    assert_eq!(resumed[3].json()["entry"]["title"], "Four");
}

#[tokio::test(flavor = "multi_thread")]
async fn receiver_that_fails_for_days_is_disabled() {
    let server = server().await;
    let receiver = Receiver::start_with(|_, _| ReceiverResponse::status(503)).await;
    let (id, _) = create_webhook(&server, &receiver, json!({ "events": ["entry.create"] })).await;
    let path = format!("/admin/api/webhooks/{id}");
    create_article(&server, "One").await;
    receiver.wait_for(1).await;
    wait_until("it fails", async || server.get(&path).await.data()["failingSince"].is_string()).await;
    server.advance_clock(Duration::from_secs(4 * 86_400));
    advance_until_received(&server, &receiver, 2, Duration::from_secs(600)).await;
    assert_eq!(server.get(&path).await.data()["enabled"], true);
    wait_until("it is disabled", async || {
        server.advance_clock(Duration::from_secs(6 * 3_600));
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.get(&path).await.data()["enabled"] == false
    })
    .await;
    let reason = server.get(&path).await.data()["disabledReason"].as_str().unwrap().to_owned();
    assert!(reason.contains("2026-01-02") && reason.contains("503"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_of_the_receiver_is_respected() {
    let server = server().await;
    let later = || ReceiverResponse::Is(429, vec!["Retry-After: 600".into()], String::new());
    let receiver = Receiver::start_with(move |n, _| if n == 0 { later() } else { ReceiverResponse::status(200) }).await;
    let (id, _) = create_webhook(&server, &receiver, json!({ "events": ["entry.create"] })).await;
    create_article(&server, "One").await;
    wait_for_attempts(&server, id, 1).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.advance_clock(Duration::from_secs(500));
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(receiver.received().len(), 1);
    server.advance_clock(Duration::from_secs(101));
    receiver.wait_for(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_receivers_do_not_delay_others() {
    let server = server().await;
    let (slow, fast) = (Receiver::start_with(|_, _| ReceiverResponse::Hang).await, Receiver::start().await);
    create_webhook(&server, &slow, json!({})).await;
    create_webhook(&server, &fast, json!({})).await;
    let began = Instant::now();
    for n in 0..20 {
        create_article(&server, &n.to_string()).await;
    }
    fast.wait_for(40).await;
    assert!(began.elapsed() < extend_limit(Duration::from_secs(30)), "{:?}", began.elapsed());
    assert!(!slow.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn receiver_responses_are_limited_in_size_and_time() {
    let server = server().await;
    let receiver = Receiver::start().await;
    let (id, _) = create_webhook(&server, &receiver, json!({})).await;
    let test = async || {
        server.post(&format!("/admin/api/webhooks/{id}/test"), json!({})).await.expect_status(200).data().clone()
    };
    let good = test().await;
    assert_eq!(
        (&good["ok"], &good["response"]["status"], &good["response"]["body"]),
        (&json!(true), &json!(200), &json!("ok"))
    );
    assert_eq!(good["request"]["headers"]["x-strapi-event"], "trigger-test");
    receiver.set_response(|_, _| ReceiverResponse::Gigabyte);
    let began = Instant::now();
    let huge = test().await;
    assert!(began.elapsed() < extend_limit(Duration::from_secs(30)));
    assert_eq!(huge["response"]["body"].as_str().unwrap().len(), 64 * 1024);
    assert_eq!(huge["response"]["truncated"], true);
    assert!(receiver.sent.load(Ordering::Relaxed) < 64 << 20, "little more than that was taken");
    receiver.set_response(|_, _| ReceiverResponse::Drop);
    let cut = test().await;
    assert!(cut["ok"] == false && cut["response"].is_null() && cut["error"].is_string(), "{cut}");
    receiver.set_response(|_, _| ReceiverResponse::Header);
    let header = test().await;
    assert!(header["ok"] == false, "{header}");
    receiver.set_response(|_, _| ReceiverResponse::Is(200, vec!["x-a: b".into()], "a\u{0}b\u{ffff}".into()));
    assert_eq!(test().await["ok"], true);
    // The hanging and the dripping receiver both run into the time limit, at the same time.
    let dripping = Receiver::start_with(|_, _| ReceiverResponse::Drip).await;
    let (other, _) = create_webhook(&server, &dripping, json!({ "enabled": false })).await;
    receiver.set_response(|_, _| ReceiverResponse::Hang);
    let began = Instant::now();
    let path = format!("/admin/api/webhooks/{other}/test");
    let (hanging, dripped) = tokio::join!(test(), server.post(&path, json!({})));
    assert!((14..29).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    for answer in [&hanging, dripped.data()] {
        assert!(answer["ok"] == false && answer["error"].as_str().unwrap().contains("15 s"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_not_called_and_redirects_not_followed() {
    let receiver = Receiver::start().await;
    let redirecting = {
        let to = receiver.url("/inside");
        Receiver::start_with(move |_, _| ReceiverResponse::Is(302, vec![format!("Location: {to}")], String::new()))
            .await
    };
    let port = receiver.address.port();
    let (allowed, other) = (redirecting.address.to_string(), format!("127.0.0.1:{}", redirecting.address.port()));
    assert_eq!(allowed, other);
    let server = TestServer::start_configured(TestProject::newsroom(), |config| {
        config.webhooks.allow_private = vec![allowed];
    })
    .await;
    let mut refused = HashMap::new();
    for (n, host) in [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "localhost",
        "localhost.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0",
        "[::ffff:7f00:1]",
        "LOCALHOST",
        "127.0.0.1.",
    ]
    .iter()
    .enumerate()
    {
        let body = json!({ "name": format!("{n}"), "url": format!("http://{host}:{port}/") });
        let test_answer = server.post("/admin/api/webhooks", body).await.expect_status(201);
        let answer =
            server.post(&format!("/admin/api/webhooks/{}/test", test_answer.id()), json!({})).await.expect_status(200);
        let error = answer.data()["error"].as_str().unwrap().to_owned();
        assert!(error.contains("allow_private") || error.contains("no connection"), "{host}: {error}");
        refused.insert(*host, error);
    }
    assert!(refused["localhost"].contains("loopback") && refused["127.1"].contains("loopback"), "{refused:?}");
    for url in [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://10.0.0.1/",
    ] {
        let webhook = server.post("/admin/api/webhooks", json!({ "name": url, "url": url })).await.expect_status(201);
        let answer =
            server.post(&format!("/admin/api/webhooks/{}/test", webhook.id()), json!({})).await.expect_status(200);
        assert!(answer.data()["error"].as_str().unwrap().contains("allow_private"), "{url}: {}", answer.text());
    }
    for url in [
        "gopher://127.0.0.1/",
        "file:///etc/passwd",
        "http://a:b@example.com/",
        "http://example.com:25/",
        "//x",
        "http://",
    ] {
        let answer = server.post("/admin/api/webhooks", json!({ "name": "bad", "url": url })).await.expect_status(400);
        assert!(answer.message().starts_with("url: "), "{}", answer.message());
    }
    // A permitted address redirects to a forbidden one.
    let webhook = server
        .post("/admin/api/webhooks", json!({ "name": "redirect", "url": redirecting.url("/") }))
        .await
        .expect_status(201);
    let answer = server.post(&format!("/admin/api/webhooks/{}/test", webhook.id()), json!({})).await.expect_status(200);
    assert!(answer.data()["error"].as_str().unwrap().contains("redirects are not followed"), "{}", answer.text());
    assert_eq!((redirecting.received().len(), receiver.received().len()), (1, 0));
}
