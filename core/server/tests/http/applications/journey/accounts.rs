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
    fixture.server.add_user("dirk", "authenticated", json!({ "emailVerified": true })).await;
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

/// Before, and not afterwards: issue 55 D25.
#[tokio::test(flavor = "multi_thread")]
async fn a_running_journey_is_told_before_its_customer_is_blocked() {
    let fixture = JourneyFixture::new().await;
    let root = fixture.server.super_admin().await;
    let users = root.get("/admin/api/content-users?q=anna").await.expect_status(200);
    let path = format!("/admin/api/content-users/{}", users.data()[0]["documentId"].as_str().unwrap());
    let before = fixture.server.dump_content().await;
    let told = root.get(&format!("{path}/dependents")).await.expect_status(200);
    let obstacle = told.data()["obstacle"].as_str().unwrap_or_else(|| panic!("{}", told.text()));
    assert!(obstacle.contains("F22 anna"), "{obstacle}");
    let entries = told.data()["entries"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["title"] == "F22 anna"), "{}", told.text());
    assert_eq!(fixture.server.dump_content().await, before, "asking changes nothing");
    fixture.assert_no_call_failed().await;
    root.post(&format!("{path}/block"), json!({})).await.expect_status(200);
    fixture.decide("cancel", "anna").await.expect_status(200);
    let told = root.get(&format!("{path}/dependents")).await.expect_status(200);
    assert_eq!(told.data()["obstacle"], Json::Null, "{}", told.text());
}
