//! The clocks of leads over both changes of the clock, compared with a second implementation that goes through them minute by minute and knows
//! nothing of the first.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use crate::applications::crm::{CONTENT, configured_server_with_crm, rows};
    use crate::plugins::PLUGINS;
    use cairn_testkit::{TestClient, TestServer};
    use chrono::{DateTime, TimeDelta, Utc};
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};
    use serde_json::{Map, Value as Json, json};
    use std::collections::BTreeMap;
    use std::time::Duration;

    /// Pipelines, each with a policy of its own and, where that counts working time, a calendar.
    const PIPELINES: usize = 40;
    /// Moments around each change of the clock at which inquiries come, and how many come then.
    const MOMENTS: usize = 150;
    const INQUIRIES: usize = 8;
    const DAY_MINUTES: i64 = 24 * 60;
    const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    /// Days before the changes of 2026: half past noon on the Friday.
    const BEFORE_CHANGES: [&str; 2] = ["2026-03-27T11:30:00Z", "2026-10-23T10:30:00Z"];

    /// Opening hours of a week, and of dates that are different: minutes from midnight.
    #[derive(Debug, Clone)]
    struct OpeningHours {
        week: Vec<Vec<(i64, i64)>>,
        dates: BTreeMap<&'static str, Vec<(i64, i64)>>,
    }

    impl OpeningHours {
        fn random(random: &mut StdRng) -> Self {
            let mut day = |closed: f64| {
                if random.random_bool(closed) {
                    return Vec::new();
                }
                let mut times: Vec<i64> = (0..4).map(|_| random.random_range(0..=DAY_MINUTES)).collect();
                times.sort_unstable();
                times.dedup();
                times.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
            };
            let mut week: Vec<Vec<(i64, i64)>> = (0..7).map(|_| day(0.25)).collect();
            // The night in which the clock changes is often open, and there is always some time in a week.
            week[6] = if day(0.5).is_empty() { vec![(60, 240)] } else { day(0.0) };
            week[0].push((DAY_MINUTES - 1, DAY_MINUTES));
            week[0].dedup_by(|next, before| next.0 <= before.1);
            let dates = ["2026-03-30", "2026-10-26"].map(|date| (date, day(0.5))).into();
            Self { week, dates }
        }

        fn to_json(&self) -> Json {
            let time = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
            let spans = |spans: &[(i64, i64)]| -> Json {
                spans.iter().map(|(from, to)| format!("{}-{}", time(*from), time(*to))).collect()
            };
            let week: Map<String, Json> =
                WEEKDAYS.iter().zip(&self.week).map(|(name, day)| ((*name).to_owned(), spans(day))).collect();
            let holidays: Vec<Json> =
                self.dates.iter().map(|(date, day)| json!({ "date": date, "hours": spans(day) })).collect();
            json!({ "title": "Any", "zone": "Europe/Amsterdam", "hours": week, "holidays": holidays })
        }

        /// Returns true if it is open in the minute that begins then.
        fn is_open(&self, minute: i64) -> bool {
            let local = minute + offset_minutes(minute);
            let (day, time) = (local.div_euclid(DAY_MINUTES), local.rem_euclid(DAY_MINUTES));
            let date = DateTime::from_timestamp(day * DAY_MINUTES * 60, 0).unwrap().format("%Y-%m-%d").to_string();
            // The first of January 1970 was a Thursday.
            let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap();
            let spans = self.dates.get(date.as_str()).unwrap_or(&self.week[weekday]);
            spans.iter().any(|(from, to)| (*from..*to).contains(&time))
        }
    }

    /// How far the clocks in Amsterdam are ahead in 2026, in minutes.
    fn offset_minutes(minute: i64) -> i64 {
        let change = |text: &str| text.parse::<DateTime<Utc>>().unwrap().timestamp() / 60;
        let summer = change("2026-03-29T01:00:00Z")..change("2026-10-25T01:00:00Z");
        if summer.contains(&minute) { 120 } else { 60 }
    }

    /// When a policy is kept.
    #[derive(Debug, Clone)]
    struct Policy {
        minutes: i64,
        warn_quarters: i64,
        hours: Option<OpeningHours>,
    }

    impl Policy {
        fn random(random: &mut StdRng) -> Self {
            let hours = random.random_bool(0.75).then(|| OpeningHours::random(random));
            Self { minutes: 4 * random.random_range(1..=240), warn_quarters: random.random_range(0..=4), hours }
        }

        /// The moment after so many minutes that count.
        fn count_minutes(&self, start: i64, minutes: i64) -> i64 {
            let (mut now, mut left) = (start, minutes);
            while left > 0 {
                left -= i64::from(self.hours.as_ref().is_none_or(|hours| hours.is_open(now)));
                now += 1;
            }
            now
        }

        /// When a clock that starts then warns, and when it is due.
        fn plan(&self, start: DateTime<Utc>) -> [Json; 2] {
            let start = start.timestamp() / 60;
            let text = |minute: i64| {
                json!(DateTime::from_timestamp(minute * 60, 0).unwrap().format("%Y-%m-%dT%H:%M:00.000Z").to_string())
            };
            let warn = self.count_minutes(start, self.minutes / 4 * self.warn_quarters);
            [text(warn), text(self.count_minutes(start, self.minutes))]
        }
    }

    /// A server with those policies, and a form for each.
    async fn server_with_policies(policies: &[Policy]) -> TestServer {
        let server = configured_server_with_crm(|_| {}).await;
        let calendars: Map<String, Json> = policies
            .iter()
            .enumerate()
            .filter_map(|(n, policy)| Some((format!("calendar-{n}"), policy.hours.as_ref()?.to_json())))
            .collect();
        server.apply_settings(json!({ "calendars": calendars })).await;
        let create = async |name: &str, data: Json| {
            let path = format!("{CONTENT}{name}");
            server.post(&path, json!({ "data": data })).await.expect_status(201).document_id()
        };
        let mut forms = Vec::new();
        for (n, policy) in policies.iter().enumerate() {
            let mut data = json!({
                "key": format!("policy-{n}"), "name": "Any", "duration": format!("PT{}M", policy.minutes),
                "warnAt": policy.warn_quarters as f64 / 4.0, "clock": "elapsed",
            });
            if policy.hours.is_some() {
                data["clock"] = json!("business");
                data["calendar"] = json!(format!("calendar-{n}"));
            }
            let policy = create("sla-policy", data).await;
            let key = format!("pipeline-{n}");
            create("pipeline", json!({ "key": key, "name": "Any", "responsePolicy": { "set": [policy] } })).await;
            forms.push(json!({ "key": format!("form-{n}"), "pipeline": key, "answer": "full" }));
        }
        let values = json!({ "values": { "perMinute": 1000, "forms": forms } });
        server.put(&format!("{PLUGINS}/crm/settings"), values).await.expect_status(200);
        server
    }

    /// Sends an inquiry to a form, again after a pause where there were as many from one address as are accepted in a minute.
    async fn send_inquiry(public: &TestClient, path: &str, inquiry: &Json) {
        loop {
            let answer = public.post(path, inquiry.clone()).await;
            if answer.status != 429 {
                answer.expect_status(201);
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn deadlines_equal_a_count_minute_by_minute() {
        let seed = std::env::var("SEED").map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
        let mut random = StdRng::seed_from_u64(seed);
        let policies: Vec<Policy> = (0..PIPELINES).map(|_| Policy::random(&mut random)).collect();
        let server = server_with_policies(&policies).await;
        let public = server.public_client();
        let mut compared = 0;
        for change in BEFORE_CHANGES {
            let mut now: DateTime<Utc> = change.parse().unwrap();
            for _ in 0..MOMENTS {
                server.run_until_idle().await;
                let away = now - cairn_access::Clock::now(&*server.clock);
                server.advance_clock(away.to_std().unwrap());
                let mut expected = BTreeMap::new();
                for n in 0..INQUIRIES {
                    let chosen = random.random_range(0..PIPELINES);
                    let name = format!("Guest {} {n}", now.timestamp());
                    let inquiry = json!({ "name": name, "email": format!("guest-{}-{n}@example.nl", now.timestamp()) });
                    let path = format!("/api/crm/intake/form-{chosen}");
                    send_inquiry(&public, &path, &inquiry).await;
                    expected.insert(name, (policies[chosen].plan(now), chosen));
                }
                let newest = format!("sort=createdAt:desc&filters[createdAt][$eq]={}", now.to_rfc3339());
                let leads = rows(&server, "lead", &newest.replace("+00:00", "Z")).await;
                assert_eq!(leads.len(), INQUIRIES, "SEED={seed} {now}");
                for lead in leads {
                    let (times, chosen) = &expected[lead["name"].as_str().unwrap()];
                    let planned = ["slaWarnAt", "slaDueAt"].map(|field| lead[field].clone());
                    assert_eq!(planned, *times, "SEED={seed} {now} {:?}", policies[*chosen]);
                    compared += 1;
                }
                now += TimeDelta::minutes(random.random_range(1..=57));
            }
        }
        assert_eq!(compared, BEFORE_CHANGES.len() * MOMENTS * INQUIRIES);
    }
}
