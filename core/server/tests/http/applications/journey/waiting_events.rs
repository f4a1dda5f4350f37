//! Events of other systems that wait for the end of a pause.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use super::super::{CONTENT, JourneyFixture};
    use serde_json::json;
    use std::time::{Duration, Instant};

    /// More than one transaction holds, and many slices of the job that hears them.
    const EVENTS: u64 = 400;

    #[tokio::test(flavor = "multi_thread")]
    async fn many_events_wait_for_the_end_of_a_pause_and_none_is_lost() {
        let fixture = JourneyFixture::new().await;
        let manager = &fixture.manager;
        let create = async |name: &str, data: serde_json::Value| {
            manager.post(&format!("{CONTENT}{name}"), json!({ "data": data })).await.expect_status(201).document_id()
        };
        let data = json!({ "key": "counted", "revision": 1, "title": "Counted", "status": "active", "zone": "Europe/Amsterdam" });
        let definition = create("definition", data).await;
        let data = json!({ "definition": { "set": [definition] }, "key": "only", "title": "Only", "order": 1, "windowFrom": "P0D" });
        create("phase", data).await;
        let data = json!({
            "definition": { "set": [definition] }, "key": "step", "title": "Step", "on": "event", "event": "mes.step",
            "frequency": "every", "actions": [{ "do": "set-variable", "name": "step", "value": "{event.n}" }],
        });
        create("rule", data).await;
        fixture.server.add_user("emil", "authenticated", json!({ "emailVerified": true })).await;
        let body =
            json!({ "definition": "counted", "customer": "emil@example.com", "title": "F22 Emil", "language": "en" });
        let journey = manager.post("/api/journey/start", body).await.expect_status(201).document_id();
        fixture.server.run_until_idle().await;
        manager.post(&format!("/api/journey/pause/{journey}"), json!({})).await.expect_status(200);
        let send = async |id: &str, name: &str, n: u64| {
            let body = json!({ "id": id, "type": name, "journey": journey, "data": { "n": n } });
            manager.post("/api/journey/events", body).await.expect_status(202);
        };
        for n in 1..=EVENTS {
            send(&format!("heard-{n}"), "mes.step", n).await;
            send(&format!("unheard-{n}"), "nobody.listens", n).await;
            // The time of arrival tells the events apart.
            fixture.server.advance_clock(Duration::from_millis(1));
        }
        let total = async |query: &str| {
            let path = format!("{CONTENT}external-event?filters[journey][documentId]={journey}&{query}");
            manager.get(&path).await.expect_status(200).pagination_total()
        };
        fixture.server.run_until_idle().await;
        assert_eq!(total("filters[handledAt][$null]=true").await, EVENTS, "what nobody hears waits for nothing");

        let began = Instant::now();
        manager.post(&format!("/api/journey/resume/{journey}"), json!({})).await.expect_status(200);
        let took = began.elapsed();
        // An event that comes now is heard after all of those.
        fixture.server.advance_clock(Duration::from_millis(1));
        send("last", "mes.step", EVENTS + 1).await;
        fixture.server.run_until_idle().await;
        assert_eq!(total("filters[handledAt][$null]=true").await, 0);
        let effects = format!("{CONTENT}effect?filters[journey][documentId]={journey}&filters[state]=done");
        assert_eq!(manager.get(&effects).await.expect_status(200).pagination_total(), EVENTS + 1);
        let found = manager.get(&format!("{CONTENT}journey/{journey}")).await.expect_status(200);
        assert_eq!(found.data()["variables"], json!({ "step": EVENTS + 1 }), "the last one has the last word");
        assert!(took < cairn_testkit::extend_limit(Duration::from_secs(5)), "resuming took {took:?}");
        fixture.assert_no_call_failed().await;
    }
}
