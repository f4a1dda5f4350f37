//! Journeys that are asked for at the wrong place or moment.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use crate::applications::journey::{CONTENT, DAY, JourneyFixture, PASSWORD};
    use crate::applications::{TwoTenants, assert_unknown};
    use crate::plugins::PLUGINS;
    use chrono::TimeDelta;
    use serde_json::{Value as Json, json};

    #[tokio::test(flavor = "multi_thread")]
    async fn ids_of_another_tenant_or_customer_are_unknown() {
        let tenants = TwoTenants::start("journey").await;
        let host = tenants.server.with_host(crate::tenants::A);
        host.add_user("anna", "authenticated", json!({ "emailVerified": true })).await;
        let order = json!({ "definition": "klantreis", "customer": "anna", "title": "F22 anna" });
        let started = tenants.ours.post("/api/journey/start", order).await.expect_status(201);
        let journey = started.data()["documentId"].as_str().unwrap().to_owned();
        let empty = || json!({});
        let of_team = [
            ("POST", "/api/journey/move/ID", json!({ "reason": "Ours" })),
            ("POST", "/api/journey/pause/ID", empty()),
            ("POST", "/api/journey/resume/ID", empty()),
            ("POST", "/api/journey/cancel/ID", empty()),
            ("POST", "/api/journey/shift/ID", json!({ "by": "P1D" })),
            ("GET", "/api/journey/explain/ID", empty()),
            ("POST", "/api/journey/events", json!({ "id": "mes-1", "type": "x", "journey": "ID" })),
            ("GET", "/admin/api/content/plugin::journey.journey/ID", empty()),
        ];
        assert_unknown(&tenants.theirs, &journey, &of_team).await;
        assert_unknown(&tenants.program, &journey, &[("GET", "/api/journey/journeys/ID", empty())]).await;
        let kept = tenants.ours.get(&format!("{CONTENT}journey/{journey}")).await.expect_status(200);
        assert_eq!(kept.data()["status"], "active");

        // Of another customer neither the journey nor what is in it.
        let fixture = JourneyFixture::new().await;
        let anna = fixture.client("anna");
        for (plural, name) in [("journeys", "journey"), ("notices", "notice"), ("entries", "entry"), ("slots", "slot")]
        {
            let query = format!("{CONTENT}{name}?pagination[pageSize]=100");
            let all = fixture.manager.get(&query).await.expect_status(200);
            let mine = anna.get(&format!("/api/journey/{plural}?pagination[pageSize]=100")).await.expect_status(200);
            let mine = mine.text_column("documentId");
            let others: Vec<String> =
                all.text_column("documentId").into_iter().filter(|id| !mine.contains(id)).collect();
            assert!(!others.is_empty(), "{name}");
            for id in &others[..others.len().min(5)] {
                anna.get(&format!("/api/journey/{plural}/{id}")).await.expect_status(404);
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn clock_that_is_set_back_moves_and_repeats_nothing() {
        let mut fixture = JourneyFixture::new().await;
        fixture.server.run_until_idle().await;
        let before = fixture.me("anna").await;
        fixture.server.clock.advance(TimeDelta::days(-3));
        for _ in 0..2 {
            fixture.server.run_until_idle().await;
        }
        // Sessions of a later time are not valid.
        let after = me_of_new_session(&fixture).await;
        assert_eq!((&after["phase"], &after["timeline"]), (&before["phase"], &before["timeline"]));
        assert_eq!(fixture.mails_to("anna").await.len(), 1);
        // A manual move in that time comes first: the end of the window that is past moves nothing a second time.
        fixture.manager = fixture.server.sign_in_admin("mia@example.com", PASSWORD).await;
        fixture.move_to("anna", "design-engineering", "Signed early").await.expect_status(200);
        assert_eq!(fixture.mails_to("anna").await.len(), 2);
        fixture.server.clock.advance(TimeDelta::days(12));
        for _ in 0..2 {
            fixture.server.run_until_idle().await;
        }
        let me = me_of_new_session(&fixture).await;
        assert_eq!(me["phase"]["key"], "design-engineering", "{me}");
        // By the clock, the second entry was before the first.
        let keys: Vec<&Json> = me["timeline"].as_array().unwrap().iter().map(|entry| &entry["phase"]).collect();
        assert_eq!(keys, ["design-engineering", "orderbevestiging"]);
        fixture.assert_no_call_failed().await;
    }

    /// The journey of Anna, who signs in anew.
    async fn me_of_new_session(fixture: &JourneyFixture) -> Json {
        let anna = fixture.server.with_token(&fixture.server.new_tenant_session("default", "anna").await);
        anna.get("/api/journey/me").await.expect_status(200).data()[0].clone()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_that_is_switched_off_moves_nobody_and_goes_on() {
        let mut fixture = JourneyFixture::new().await;
        fixture.server.run_until_idle().await;
        fixture.server.post(&format!("{PLUGINS}/journey/disable"), json!({})).await.expect_status(200);
        fixture.client("anna").get("/api/journey/me").await.expect_status(503);
        fixture.move_to("anna", "testen", "x").await.expect_status(503);
        // The week of the order ends meanwhile.
        fixture.server.advance_clock(8 * DAY);
        fixture.server.run_until_idle().await;
        let entries = fixture.server.get(&format!("{CONTENT}entry?pagination[pageSize]=100")).await.expect_status(200);
        assert_eq!(entries.data().as_array().unwrap().len(), 3, "{}", entries.text());
        fixture.server.post(&format!("{PLUGINS}/journey/enable"), json!({})).await.expect_status(200);
        for _ in 0..3 {
            fixture.server.run_until_idle().await;
        }
        fixture.manager = fixture.server.sign_in_admin("mia@example.com", PASSWORD).await;
        let me = fixture.me("anna").await;
        let keys: Vec<&Json> = me["timeline"].as_array().unwrap().iter().map(|entry| &entry["phase"]).collect();
        assert_eq!(keys, ["orderbevestiging", "design-engineering"], "{me}");
        assert_eq!(fixture.mails_to("anna").await.len(), 2);
        fixture.assert_no_call_failed().await;
    }
}
