//! The journey: an order that starts one, its phases, an event of another system and what a rule makes of it.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use crate::applications::killed_server::{Application, KilledServer, StepRequest, list_seeds, start_clock_at};
    use cairn_access::{Clock, SystemClock};
    use chrono::Months;
    use serde_json::{Value as Json, json};
    use std::collections::BTreeMap;

    fn journey() -> Application {
        let settings = json!({ "portalUrl": "https://portal.example.com/", "staff": "role:Sales", "undoMinutes": 0 });
        Application { folder: "journey", id: "journey", settings, environment: Vec::new() }
    }

    fn id_of(document: &Json) -> String {
        document["documentId"].as_str().unwrap().to_owned()
    }

    /// Starts Anna's journey and moves it to the assembly. Returns its id.
    async fn bring_to_assembly(server: &mut KilledServer) -> String {
        let root = server.root().to_owned();
        let by_team = |path: &str, body: Json| StepRequest::post(path, body).by(&root);
        let order = json!({
            "definition": "klantreis", "customer": "anna@example.com", "title": "F22 Anna", "language": "en",
        });
        server.step(by_team("/api/journey/start", order), &[201, 409]).await;
        let id = id_of(&server.rows("plugin::journey.journey", "").await[0]);
        for phase in ["design-engineering", "assemblage"] {
            let body = json!({ "phase": phase, "reason": "Contract signed" });
            server.step(by_team(&format!("/api/journey/move/{id}"), body), &[200, 409]).await;
        }
        id
    }

    /// Plays two years from the beginning of the assembly on, a month at a time, and tells what is there at its end.
    async fn play_two_years(seed: Option<u64>) -> Json {
        let start = SystemClock.now();
        let mut application = journey();
        application.environment.push(start_clock_at(start));
        let mut server = KilledServer::start(application, seed).await;
        server.create_user("anna").await;
        bring_to_assembly(&mut server).await;
        for month in 1..=24 {
            server.pass_time_until(start + Months::new(month)).await;
        }
        server.settle(async || tell_end(&server).await).await
    }

    /// Plays the story from the order to the assembly, and tells what is there at its end.
    async fn play_story(seed: Option<u64>) -> Json {
        let mut server = KilledServer::start(journey(), seed).await;
        let root = server.root().to_owned();
        let anna = server.create_user("anna").await;
        let definition = id_of(&server.rows("plugin::journey.definition", "filters[key]=klantreis").await[0]);
        let notify =
            json!({ "do": "notify-customer", "subject": "Your chassis", "text": "It has arrived.", "mail": true });
        let rule = json!({
            "definition": { "set": [definition] }, "key": "chassis", "title": "Chassis", "on": "event", "event": "chassis-arrived",
            "frequency": "every", "actions": [notify],
        });
        server.create("plugin::journey.rule", rule).await;
        let by_team = |path: &str, body: Json| StepRequest::post(path, body).by(&root);
        let id = bring_to_assembly(&mut server).await;
        let path = |action: &str| format!("/api/journey/{action}/{id}");
        let event = json!({ "id": "mes-1", "type": "chassis-arrived", "journey": id });
        server.step(by_team("/api/journey/events", event), &[200, 202]).await;
        server.step(by_team(&path("pause"), json!({})), &[200, 409]).await;
        server.step(by_team(&path("resume"), json!({})), &[200, 409]).await;
        let noticed = async || server.rows("plugin::journey.notice", "filters[subject][$contains]=chassis").await.pop();
        let notice = id_of(&server.wait_for("the notice of the rule", noticed).await);
        let read = StepRequest::post(format!("/api/journey/read/{notice}"), json!({})).by(&anna);
        server.step(read, &[200]).await;
        server.settle(async || tell_end(&server).await).await
    }

    async fn tell_end(server: &KilledServer) -> Json {
        let entries = server.rows("plugin::journey.entry", "populate[phase]=true&sort=id:asc").await;
        let entry = |row: &Json| json!([row["phase"]["key"], row["no"], row["leftAt"].is_string()]);
        let mut slots: BTreeMap<String, u64> = BTreeMap::new();
        for slot in server.rows("plugin::journey.slot", "populate[phase]=true").await {
            // Whether a slot without content comes due before or after its phase ends depends on how long the kills take.
            let status = match slot["status"].as_str().unwrap() {
                "missed" | "skipped" => "passed over",
                other => other,
            };
            let key = format!("{} {status}", slot["phase"]["key"].as_str().unwrap());
            *slots.entry(key).or_default() += 1;
        }
        let mut notices: Vec<String> = server
            .rows("plugin::journey.notice", "")
            .await
            .iter()
            .map(|row| format!("{} {}", row["subject"], row["readAt"].is_string()))
            .collect();
        notices.sort();
        let journeys = server.rows("plugin::journey.journey", "populate[currentPhase]=true").await;
        json!({
            "journeys": journeys.iter().map(|row| json!([row["title"], row["status"], row["currentPhase"]["key"]])).collect::<Vec<_>>(),
            "entries": entries.iter().map(entry).collect::<Vec<_>>(),
            "slots": slots,
            "notices": notices,
            "effects": server.rows("plugin::journey.effect", "").await.len(),
            "heard": server.rows("plugin::journey.external-event", "").await.len(),
            "mails": server.mails_to("anna@example.com"),
            "events": server.count_events("journey").await,
        })
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn killed_program_takes_up_each_slot_of_two_years_once() {
        let undisturbed = play_two_years(None).await;
        let slots = undisturbed["slots"].as_object().unwrap();
        let due = |status: &str| {
            slots.iter().any(|(slot, count)| slot == &format!("assemblage {status}") && count != &json!(0))
        };
        assert!(due("passed over"), "{undisturbed}");
        assert!(!due("planned"), "nothing of the assembly is left to come: {undisturbed}");
        for seed in list_seeds(3) {
            assert_eq!(play_two_years(Some(seed)).await, undisturbed, "SEED={seed}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn killed_program_moves_and_notifies_once() {
        let undisturbed = play_story(None).await;
        let entries = json!([["orderbevestiging", 1, true], ["design-engineering", 1, true], ["assemblage", 1, false]]);
        assert_eq!(undisturbed["entries"], entries, "{undisturbed}");
        // Phases make one each, and the rule makes one.
        for list in ["notices", "mails"] {
            assert_eq!(undisturbed[list].as_array().unwrap().len(), 4, "{undisturbed}");
        }
        assert_eq!((&undisturbed["effects"], &undisturbed["heard"]), (&json!(1), &json!(1)), "{undisturbed}");
        for seed in list_seeds(4) {
            assert_eq!(play_story(Some(seed)).await, undisturbed, "SEED={seed}");
        }
    }
}
