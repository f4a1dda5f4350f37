//! Two years of a journey, day by day: from the order to after the delivery.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use crate::applications::journey::{CONTENT, DAY, JourneyFixture, PASSWORD, PHASES};
    use cairn_access::Clock;
    use cairn_testkit::extend_limit;
    use chrono::{DateTime, Utc};
    use serde_json::{Value as Json, json};
    use std::collections::BTreeMap;
    use std::time::{Duration, Instant};

    /// From the order to the planned delivery, and a month.
    const DAYS: u32 = 730 + 31;

    /// How many slots of a journey are in each state, by the key of their phase.
    async fn count_slots(fixture: &JourneyFixture, journey: &str) -> BTreeMap<String, BTreeMap<String, u64>> {
        let mut counts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for page in 1.. {
            let query = format!("filters[journey][documentId]={journey}&populate[phase]=true&pagination[pageSize]=100");
            let path = format!("{CONTENT}slot?{query}&pagination[page]={page}&sort=plannedAt:asc");
            let slots = fixture.manager.get(&path).await.expect_status(200);
            for slot in slots.data().as_array().unwrap() {
                let (phase, status) = (slot["phase"]["key"].as_str().unwrap(), slot["status"].as_str().unwrap());
                *counts.entry(phase.to_owned()).or_default().entry(status.to_owned()).or_default() += 1;
            }
            if slots.data().as_array().unwrap().len() < 100 {
                break;
            }
        }
        counts
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_years_pass_within_a_minute_and_each_slot_comes_once() {
        let mut fixture = JourneyFixture::new().await;
        fixture.server.run_until_idle().await;
        let me = fixture.me("anna").await;
        let ends: Vec<DateTime<Utc>> = me["phases"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|phase| phase["to"].as_str().map(|to| to.parse().unwrap()))
            .collect();
        assert_eq!(ends.len(), PHASES.len() - 1);
        let journey = fixture.journey("anna").to_owned();
        let began = Instant::now();
        let mut current = 0;
        for _ in 0..DAYS {
            fixture.server.advance_clock(DAY);
            fixture.server.run_until_idle().await;
            // The first week ends by itself; of the other phases somebody says that they have ended.
            if current < ends.len() && fixture.server.clock.now() >= ends[current] {
                current += 1;
                if current > 1 {
                    fixture.manager = fixture.server.sign_in_admin("mia@example.com", PASSWORD).await;
                    fixture.move_to("anna", PHASES[current], "As planned").await.expect_status(200);
                }
                fixture.server.run_until_idle().await;
            }
        }
        let took = began.elapsed();
        assert!(took < extend_limit(Duration::from_secs(60)), "{took:?}");
        assert_eq!(current, ends.len());
        fixture.manager = fixture.server.sign_in_admin("mia@example.com", PASSWORD).await;
        let path =
            format!("{CONTENT}entry?filters[journey][documentId]={journey}&populate[phase]=true&sort=enteredAt:asc");
        let entries = fixture.manager.get(&path).await.expect_status(200);
        let entered: Vec<&Json> =
            entries.data().as_array().unwrap().iter().map(|entry| &entry["phase"]["key"]).collect();
        assert_eq!(entered, PHASES.map(|key| json!(key)).iter().collect::<Vec<_>>());
        // Four months with one a month, eight with one every second week, and weekly in the last month.
        let counts = count_slots(&fixture, &journey).await;
        for (phase, expected) in
            [("orderbevestiging", 1), ("design-engineering", 4), ("productievoorbereiding", 4), ("assemblage", 18)]
        {
            let of_phase: u64 = counts[phase].values().sum();
            assert_eq!(of_phase, expected, "{phase}: {counts:?}");
        }
    }
}
