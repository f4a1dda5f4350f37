//! Two years of a car, simulated and played by the clock of the server.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use super::super::{CONTENT, JourneyFixture, PASSWORD};
    use cairn_testkit::TestClient;
    use chrono::{DateTime, TimeDelta, Utc};
    use serde_json::{Value as Json, json};
    use std::collections::BTreeSet;

    /// Key, beginning and end of each phase, how often its content comes, and whether it is mailed. All of them end by date.
    const PHASES: [(&str, &str, &str, &str, bool); 7] = [
        ("order", "P0D", "P7D", "once", true),
        ("design", "P7D", "P4M", "monthly", false),
        ("preparation", "P4M", "P8M", "monthly", false),
        ("assembly", "P8M", "P16M", "biweekly", true),
        ("tests", "P16M", "P20M", "weekly", false),
        ("delivery", "P20M", "P24M", "weekly", false),
        ("aftercare", "P24M", "", "monthly", true),
    ];

    async fn create(client: &TestClient, name: &str, data: Json) -> String {
        client.post(&format!("{CONTENT}{name}"), json!({ "data": data })).await.expect_status(201).document_id()
    }

    /// A definition whose slots all have content, with a rule by time and one on an event.
    async fn create_definition(fixture: &JourneyFixture) {
        let manager = &fixture.manager;
        let data = json!({ "key": "two-years", "revision": 1, "title": "Two years", "status": "active", "zone": "Europe/Amsterdam" });
        let definition = create(manager, "definition", data).await;
        for (order, (key, from, to, frequency, is_mailed)) in PHASES.into_iter().enumerate() {
            let is_last = to.is_empty();
            let data = json!({
                "definition": { "set": [definition] }, "key": key, "title": key, "order": order + 1, "windowFrom": from,
                "windowTo": (!is_last).then_some(to), "advance": if is_last { "manual" } else { "date" },
            });
            let phase = create(manager, "phase", data).await;
            let data = json!({ "title": format!("Item of {key}"), "body": "x", "kind": "message", "phases": { "set": [phase] } });
            let item = create(manager, "item", data).await;
            manager.post(&format!("{CONTENT}item/{item}/actions/publish"), json!({})).await.expect_status(200);
            let data = json!({
                "phase": { "set": [phase] }, "title": format!("Row of {key}"), "frequency": frequency, "localTime": "09:00",
                "dashboard": true, "mail": is_mailed, "item": { "set": [item] },
            });
            create(manager, "plan-row", data).await;
            if key == "assembly" {
                let data = json!({
                    "definition": { "set": [definition] }, "key": "ask", "title": "Ask", "on": "timer", "phase": { "set": [phase] },
                    "offset": "P42D", "localTime": "10:00", "frequency": "once-per-entry",
                    "actions": [{ "do": "notify-customer", "subject": "How do you like it?", "text": "Tell us.", "mail": true }],
                });
                create(manager, "rule", data).await;
            }
        }
        let data = json!({
            "definition": { "set": [definition] }, "key": "late", "title": "Late", "on": "event", "event": "part.late", "frequency": "every",
            "conditions": { "event": { "days": { "$gt": 7 } } },
            "actions": [{ "do": "notify-customer", "subject": "A part is late", "text": "{event.days} days.", "mail": true }],
        });
        create(manager, "rule", data).await;
    }

    /// An instant in whole seconds: local times have no more.
    fn in_seconds(at: &Json) -> String {
        at.as_str().unwrap().chars().take(19).collect()
    }

    fn parse(at: &str) -> DateTime<Utc> {
        at.parse().unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_years_simulated_are_two_years_played() {
        let fixture = JourneyFixture::new().await;
        create_definition(&fixture).await;
        fixture.server.add_user("dora", "authenticated", json!({ "emailVerified": true })).await;
        let body =
            json!({ "definition": "two-years", "customer": "dora@example.com", "title": "F22 Dora", "language": "en" });
        let started = fixture.manager.post("/api/journey/start", body).await.expect_status(201).document_id();
        let path = format!("{CONTENT}journey/{started}");
        let journey = fixture.manager.get(&path).await.expect_status(200);
        let anchor = journey.data()["anchorAt"].as_str().unwrap().to_owned();
        // Two years have four clock changes: 29 March and 25 October 2026, 28 March and 31 October 2027.
        let until = parse(&anchor) + TimeDelta::days(740);
        let event = parse(&anchor) + TimeDelta::days(300);
        let events = [(event, 10), (event + TimeDelta::days(1), 3)];
        let simulated_events: Vec<Json> = events
            .iter()
            .map(|(at, days)| json!({ "at": at.to_rfc3339(), "type": "part.late", "data": { "days": days } }))
            .collect();
        let body = json!({
            "definition": "two-years", "anchor": anchor, "until": until.to_rfc3339(), "title": "F22 Dora", "language": "en",
            "events": simulated_events,
        });
        let simulation = fixture.manager.post("/api/journey/simulate", body).await.expect_status(200);
        let simulation = simulation.data();
        assert_eq!((&simulation["complete"], &simulation["phase"]), (&json!(true), &json!("aftercare")));
        let effects = simulation["effects"].as_array().unwrap();

        // The clock stops where something is expected to happen: what comes at any other time comes late, and is told apart.
        let mut stops: BTreeSet<DateTime<Utc>> =
            effects.iter().map(|effect| parse(effect["at"].as_str().unwrap())).collect();
        stops.extend(events.map(|(at, _)| at));
        stops.insert(until);
        let mut now = parse(&anchor);
        fixture.server.run_until_idle().await;
        for stop in stops {
            if stop > now {
                fixture.server.advance_clock((stop - now).to_std().unwrap());
                now = stop;
            }
            if let Some((_, days)) = events.iter().find(|(at, _)| *at == stop) {
                // Sessions have expired meanwhile.
                let manager = fixture.server.sign_in_admin("mia@example.com", PASSWORD).await;
                let body = json!({ "id": format!("late-{days}"), "type": "part.late", "journey": started, "data": { "days": days } });
                manager.post("/api/journey/events", body).await.expect_status(202);
            }
            fixture.server.run_until_idle().await;
        }

        let of_journey = format!("filters[journey][documentId]={started}&pagination[pageSize]=100");
        let rows = async |plural: &str, query: &str| {
            let path = format!("/api/journey/{plural}?{of_journey}&{query}");
            fixture.server.get(&path).await.expect_status(200).data().as_array().unwrap().clone()
        };
        let played: Vec<(Json, String)> = rows("entries", "sort=enteredAt:asc")
            .await
            .iter()
            .map(|entry| (entry["no"].clone(), in_seconds(&entry["enteredAt"])))
            .collect();
        let simulated: Vec<(Json, String)> = simulation["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| (entry["no"].clone(), in_seconds(&entry["enteredAt"])))
            .collect();
        assert_eq!(played, simulated);
        assert_eq!(played.len(), PHASES.len());

        let slot = |slot: &Json| (in_seconds(&slot["plannedAt"]), slot["title"].clone(), slot["occurrence"].clone());
        let mut played = rows("slots", "filters[status]=published&sort=plannedAt:asc").await;
        played.extend(rows("slots", "filters[status]=published&sort=plannedAt:asc&pagination[page]=2").await);
        assert!(played.iter().all(|slot| in_seconds(&slot["firedAt"]) == in_seconds(&slot["plannedAt"])), "{played:?}");
        let played: Vec<_> = played.iter().map(slot).collect();
        let simulated: Vec<_> = simulation["slots"].as_array().unwrap().iter().map(slot).collect();
        assert_eq!(played, simulated);
        let hours: BTreeSet<&str> = played.iter().skip(1).map(|(at, ..)| &at[11..16]).collect();
        assert_eq!(hours, BTreeSet::from(["07:00", "08:00"]), "nine o'clock in summer and in winter");
        for missed in ["missed", "skipped"] {
            assert_eq!(rows("slots", &format!("filters[status]={missed}")).await, Vec::<Json>::new());
        }

        // Notices to the customer, and their times.
        let mut played: Vec<String> = Vec::new();
        for page in 1..=3 {
            let notices = rows("notices", &format!("sort=at:asc&pagination[page]={page}")).await;
            played.extend(notices.iter().map(|notice| in_seconds(&notice["at"])));
        }
        let of_kind = |kind: &str| effects.iter().filter(|effect| effect["kind"] == kind).collect::<Vec<_>>();
        let simulated: Vec<String> = of_kind("notice").iter().map(|effect| in_seconds(&effect["at"])).collect();
        assert_eq!(played, simulated);
        assert_eq!(fixture.mails_to("dora").await.len(), of_kind("mail").len());
        assert_eq!(of_kind("rule").len(), 2, "the question, and the part that is late by more than a week");
        fixture.assert_no_call_failed().await;
    }
}
