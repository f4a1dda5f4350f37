//! Accounts of customers with several journeys, one of which has lost its definition.

use super::{CONTENT, JourneyFixture};
use crate::plugins::PLUGINS;
use serde_json::{Value as Json, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_told_of_each_journey_that_still_has_a_definition() {
    let fixture = JourneyFixture::new().await;
    let root = fixture.server.super_admin().await;
    let create = async |kind: &str, data: Json| {
        root.post(&format!("{CONTENT}{kind}"), json!({ "data": data })).await.expect_status(201).document_id()
    };
    // The customer's first journey, before that of the definition that stays.
    fixture.server.add_user("dirk", "authenticated", json!({})).await;
    let lost = json!({ "title": "Old", "key": "old", "revision": 1, "status": "active", "zone": "Europe/Amsterdam" });
    let lost = create("definition", lost).await;
    let phase =
        json!({ "title": "Order", "key": "order", "order": 1, "windowFrom": "P0D", "definition": { "set": [lost] } });
    create("phase", phase).await;
    for (definition, title) in [("old", "Lost"), ("klantreis", "F22 dirk")] {
        let journey = json!({ "definition": definition, "customer": "dirk@example.com", "title": title });
        fixture.manager.post("/api/journey/start", journey).await.expect_status(201);
    }
    fixture.server.run_until_idle().await;
    // While the plugin is off, nobody says that journeys follow a definition.
    root.post(&format!("{PLUGINS}/journey/disable"), json!({})).await.expect_status(200);
    let unchecked = root.request("DELETE", &format!("{CONTENT}definition/{lost}"));
    root.send(unchecked.header("Cairn-Without-Checks", "journey").header("if-match", "*")).await.expect_status(204);
    root.post(&format!("{PLUGINS}/journey/enable"), json!({})).await.expect_status(200);
    fixture.server.run_until_idle().await;

    let users = fixture.server.get("/api/users?filters[username]=dirk").await.expect_status(200);
    let id = users.body[0]["id"].as_i64().unwrap();
    fixture.server.put(&format!("/api/users/{id}"), json!({ "blocked": true })).await.expect_status(200);
    fixture.server.run_until_idle().await;
    let notifications = fixture.manager.get("/admin/api/notifications?limit=100").await.expect_status(200);
    assert!(
        notifications.text().contains("F22 dirk: het account van de klant is geblokkeerd"),
        "{}",
        notifications.text()
    );
    fixture.assert_no_call_failed().await;
}
