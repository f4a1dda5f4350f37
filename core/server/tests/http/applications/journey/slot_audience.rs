//! Items that follow their slots, at live updates and in searches: whoever they were published for hears of them and finds them, nobody else.

use super::{CONTENT, JourneyFixture};
use crate::live::EventStream;
use cairn_testkit::TestClient;
use serde_json::json;

const ITEM: &str = "plugin::journey.item";

async fn count_found(client: &TestClient, word: &str) -> u64 {
    let answer = client.get(&format!("/api/journey/items?_q={word}")).await.expect_status(200);
    answer.body["meta"]["pagination"]["total"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn items_of_a_slot_are_told_to_and_found_by_its_customer_alone() {
    let fixture = JourneyFixture::new().await;
    let data = json!({ "title": "Karkas van Bram", "body": "Het buizenframe is gelast.", "audience": "slot" });
    let made = fixture.manager.post(&format!("{CONTENT}item"), json!({ "data": data })).await.expect_status(201);
    let item = made.document_id();
    let slots = format!("{CONTENT}slot?filters[journey][title]=F22 bram&sort=plannedAt:asc&pagination[pageSize]=1");
    let slots = fixture.manager.get(&slots).await.expect_status(200);
    let slot = slots.data()[0]["documentId"].as_str().unwrap().to_owned();
    let chosen = json!({ "data": { "content": { "set": [item] } } });
    fixture.manager.put(&format!("{CONTENT}slot/{slot}"), chosen).await.expect_status(200);
    fixture.server.run_until_idle().await;

    let public = fixture.server.public_client();
    let query = format!("?types={ITEM}");
    let mut streams = Vec::new();
    for name in ["anna", "bram", "chris"] {
        streams.push((name, EventStream::subscribe(fixture.client(name), &query, None).await));
    }
    // A draft and its journey are not announced, and cannot be found.
    for client in [fixture.client("anna"), fixture.client("bram"), fixture.client("chris"), &public] {
        assert_eq!(count_found(client, "Karkas").await, 0);
    }
    let publish = json!({ "values": {}, "document": { "contentType": "plugin::journey.slot", "documentId": slot } });
    let action = format!("{}/journey/views/journey/actions/publish-now", crate::plugins::PLUGINS);
    fixture.manager.post(&action, publish).await.expect_status(200);
    // For everybody who has reached the first phase, and these all have.
    let last = fixture.publish_item("For all", "orderbevestiging", None).await;
    fixture.server.run_until_idle().await;
    for (name, stream) in &mut streams {
        let messages = stream.messages_until(&last).await;
        let is_told = messages.iter().any(|(_, id)| *id == item);
        assert_eq!(is_told, *name == "bram", "{name}: {messages:?}");
    }
    for word in ["Karkas", "buizenframe"] {
        assert_eq!(count_found(fixture.client("bram"), word).await, 1, "{word}");
        for client in [fixture.client("anna"), fixture.client("chris"), &public] {
            assert_eq!(count_found(client, word).await, 0, "{word}");
        }
    }

    // A move back makes the item one of a later phase again.
    fixture.move_to("bram", "orderbevestiging", "Back to the start").await.expect_status(200);
    assert_eq!(count_found(fixture.client("bram"), "Karkas").await, 0);
    let change = json!({ "data": { "title": "Karkas, gelakt" } });
    fixture.manager.put(&format!("{CONTENT}item/{item}"), change).await.expect_status(200);
    fixture.manager.post(&format!("{CONTENT}item/{item}/actions/publish"), json!({})).await.expect_status(200);
    let last = fixture.publish_item("For all again", "orderbevestiging", None).await;
    fixture.server.run_until_idle().await;
    for (name, stream) in &mut streams {
        let messages = stream.messages_until(&last).await;
        let is_told = messages.iter().any(|(event, id)| *id == item && event != "entry.hidden");
        assert!(!is_told, "{name}: {messages:?}");
    }
    fixture.assert_no_call_failed().await;
}
