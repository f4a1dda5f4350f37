//! `/api/live` by the policy that holds when an event is told.

use super::{PolicyFixture, TYPES};
use crate::live::EventStream;
use cairn_testkit::TestClient;
use serde_json::json;

/// By a person: no token may.
async fn run_view_action(admin: &TestClient, action: &str) {
    let path = format!("/admin/api/plugins/policy/views/pages/actions/{action}");
    admin.post(&path, json!({ "values": {} })).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn live_events_follow_the_current_read_policy() {
    let aviary = PolicyFixture::new().await;
    let admin = TestClient::clone(&aviary.server);
    let query = format!("?types={},api::home.home", TYPES[0]);
    let home = admin.get("/api/home").await.expect_status(200).document_id();
    // Events so far are delivered to nobody: on PostgreSQL they get their positions after the commit.
    aviary.server.run_until_idle().await;
    let mut listeners = Vec::new();
    for (caller, client) in aviary.callers() {
        listeners.push((caller, EventStream::subscribe(&client, &query, None).await));
    }
    // The admin publishes, as no policy limits them; the other type has no policy, and its event shows that those before it were handled.
    let publish = async |title: &str| {
        let path = "/admin/api/content/api::note.note";
        let id = admin.post(path, json!({ "data": { "title": title } })).await.expect_status(201).document_id();
        admin.post(&format!("{path}/{id}/actions/publish"), json!({})).await.expect_status(200);
        id
    };
    let sign = async || {
        admin.update_entry("/api/home", json!({ "title": "plain-home" })).await;
    };
    let (first, second) = (publish("one").await, publish("two").await);
    let third = publish("a canary").await;
    sign().await;
    for (caller, listener) in &mut listeners {
        let messages = listener.messages_until(&home).await;
        assert!(
            [&first, &second].iter().all(|published| messages.iter().any(|(_, id)| id == *published)),
            "{caller}: {messages:?}"
        );
        assert!(messages.iter().all(|(_, id)| id != &third), "{caller}: {messages:?}");
    }
    // The policy changes; the connections stay, and their heartbeat is an hour away.
    let root = aviary.server.super_admin().await;
    run_view_action(&root, "shut").await;
    let hidden = publish("three").await;
    let path = |id: &str| format!("/admin/api/content/api::note.note/{id}");
    admin.put(&path(&first), json!({ "data": { "title": "changed" } })).await.expect_status(200);
    admin.delete(&path(&second)).await.expect_status(204);
    sign().await;
    for (caller, listener) in &mut listeners {
        let messages = listener.messages_until(&home).await;
        assert!(messages.iter().all(|(event, id)| event == "entry.hidden" && id != &hidden), "{caller}: {messages:?}");
    }
    run_view_action(&root, "open").await;
    let text = publish("four").await;
    sign().await;
    for (caller, listener) in &mut listeners {
        let messages = listener.messages_until(&home).await;
        assert!(messages.iter().any(|(_, id)| id == &text), "{caller}: {messages:?}");
    }
}
