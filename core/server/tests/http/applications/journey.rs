//! Customer journeys over HTTP: three customers in three phases, a manager who moves them, and nothing of a later phase or another car at any
//! door.

mod accounts;
mod bad_input;
mod doors;
mod knowledge_base;
mod late;
mod moves;
mod privacy;
mod project_types;
mod slot_audience;
mod two_years;
mod waiting_events;

use super::mail_receiver::MailReceiver;
use super::{apply_roles, server_with_plugin_and_mail};
use crate::plugins::PLUGINS;
use cairn_testkit::{TestClient, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const CONTENT: &str = "/admin/api/content/plugin::journey.";
const PASSWORD: &str = "a password of some length";
const TYPES: [&str; 11] = [
    "definition",
    "phase",
    "plan-row",
    "journey",
    "entry",
    "slot",
    "item",
    "notice",
    "rule",
    "effect",
    "external-event",
];
/// The same in paths.
const PLURALS: [&str; 11] = [
    "definitions",
    "phases",
    "plan-rows",
    "journeys",
    "entries",
    "slots",
    "items",
    "notices",
    "rules",
    "effects",
    "external-events",
];
const PHASES: [&str; 7] =
    ["orderbevestiging", "design-engineering", "productievoorbereiding", "assemblage", "testen", "levering", "nazorg"];
const DAY: Duration = Duration::from_secs(86_400);

/// The plugin with the seeded definition, its manager, and customers with cars that were ordered at different times.
struct JourneyFixture {
    server: TestServer,
    mails: MailReceiver,
    manager: TestClient,
    /// By key.
    phases: BTreeMap<String, String>,
    customers: BTreeMap<&'static str, Customer>,
}

struct Customer {
    client: TestClient,
    journey: String,
}

impl JourneyFixture {
    /// Anna has just ordered, Bram's car is being assembled, and that of Chris is delivered soon.
    async fn new() -> Self {
        let mails = MailReceiver::start().await;
        let server = server_with_plugin_and_mail("journey", mails.url()).await;
        let find: serde_json::Map<String, Json> =
            TYPES.iter().map(|name| (format!("plugin::journey.{name}"), json!(["find", "findOne"]))).collect();
        let visitors = json!({ "actions": ["plugin::journey.journeys.read"], "permissions": find });
        server.apply_settings(json!({ "adminRoles": { "visitors": visitors } })).await;
        let user = |name: &str, role: &str| json!({ "email": format!("{name}@example.com"), "password": PASSWORD, "roles": [role] });
        apply_roles(&server, "journey", json!([user("mia", "product-manager"), user("vic", "visitors")])).await;
        let values =
            json!({ "portalUrl": "https://portal.example.com/", "staff": "role:product-manager", "undoMinutes": 0 });
        server.put(&format!("{PLUGINS}/journey/settings"), json!({ "values": values })).await.expect_status(200);
        let manager = server.sign_in_admin("mia@example.com", PASSWORD).await;
        let found = manager.get(&format!("{CONTENT}phase?pagination[pageSize]=50")).await.expect_status(200);
        let text = |row: &Json, field: &str| row[field].as_str().unwrap().to_owned();
        let phases = found.data().as_array().unwrap().iter().map(|row| (text(row, "key"), text(row, "documentId")));
        let mut fixture = Self { phases: phases.collect(), manager, mails, server, customers: BTreeMap::new() };
        fixture.let_customers_read(&[]).await;
        for (name, anchor) in
            [("anna", None), ("bram", Some("2025-04-01T08:00:00Z")), ("chris", Some("2024-05-01T08:00:00Z"))]
        {
            fixture.add_customer(name, anchor).await;
        }
        fixture
    }

    /// Gives customers and the public every permission to read the plugin's types and these others: what they do not see is then hidden by the
    /// policy alone.
    async fn let_customers_read(&self, others: &[&str]) {
        let types = TYPES.iter().map(|name| format!("plugin::journey.{name}"));
        let types = types.chain(others.iter().map(|uid| (*uid).to_owned()));
        let mut rights: serde_json::Map<String, Json> = types.map(|uid| (uid, json!(["find", "findOne"]))).collect();
        rights.insert("plugin::users-permissions.user".to_owned(), json!(["find", "findOne", "me"]));
        let root = self.server.super_admin().await;
        for role in ["public", "authenticated"] {
            let path = format!("/admin/api/content-roles/{role}");
            root.put(&path, json!({ "permissions": rights })).await.expect_status(200);
        }
    }

    async fn add_customer(&mut self, name: &'static str, anchor: Option<&str>) {
        self.server.add_user(name, "authenticated", json!({ "emailVerified": true })).await;
        let client = self.server.with_token(&self.server.new_tenant_session("default", name).await);
        let journey = json!({
            "definition": "klantreis", "customer": format!("{name}@example.com"), "title": format!("F22 {name}"), "anchorAt": anchor,
            "language": "en",
        });
        let started = self.manager.post("/api/journey/start", journey).await.expect_status(201);
        let journey = started.data()["documentId"].as_str().unwrap().to_owned();
        self.customers.insert(name, Customer { client, journey });
    }

    fn client(&self, name: &str) -> &TestClient {
        &self.customers[name].client
    }

    fn journey(&self, name: &str) -> &str {
        &self.customers[name].journey
    }

    /// Creates an item and publishes it. Returns its id.
    async fn publish_item(&self, title: &str, phase: &str, owner: Option<&str>) -> String {
        let id = self.create_item(title, phase, owner).await;
        let path = format!("{CONTENT}item/{id}/actions/publish");
        self.manager.post(&path, json!({})).await.expect_status(200);
        id
    }

    async fn create_item(&self, title: &str, phase: &str, owner: Option<&str>) -> String {
        let journeys: Vec<&str> = owner.iter().map(|name| self.journey(name)).collect();
        let data = json!({
            "title": title, "body": format!("Body of {title}"), "kind": "message", "phases": { "set": [self.phases[phase]] },
            "journeys": { "set": journeys },
        });
        let made = self.manager.post(&format!("{CONTENT}item"), json!({ "data": data })).await.expect_status(201);
        made.data()["documentId"].as_str().unwrap().to_owned()
    }

    /// The only journey that a customer has.
    async fn me(&self, name: &str) -> Json {
        let answer = self.client(name).get("/api/journey/me").await.expect_status(200);
        let journeys = answer.data().as_array().unwrap().clone();
        assert_eq!(journeys.len(), 1, "{}", answer.text());
        journeys[0].clone()
    }

    async fn content_of(&self, name: &str) -> BTreeSet<String> {
        let me = self.me(name).await;
        me["content"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    }

    /// Subjects of the mails that have arrived.
    async fn mails_to(&self, name: &str) -> Vec<String> {
        self.server.run_until_idle().await;
        let mails = self.mails.mails_to(&format!("{name}@example.com"));
        mails.iter().map(|mail| mail.subject().to_owned()).collect()
    }

    async fn move_to(&self, name: &str, phase: &str, reason: &str) -> TestResponse {
        let path = format!("/api/journey/move/{}", self.journey(name));
        self.manager.post(&path, json!({ "phase": phase, "reason": reason })).await
    }

    /// Pauses, resumes or cancels a journey.
    async fn decide(&self, action: &str, name: &str) -> TestResponse {
        self.manager.post(&format!("/api/journey/{action}/{}", self.journey(name)), json!({})).await
    }

    async fn assert_no_call_failed(&self) {
        // Sessions of before may have expired.
        let root = self.server.super_admin().await;
        let calls = root.get(&format!("{PLUGINS}/journey/calls")).await.expect_status(200);
        assert_eq!(calls.data(), &json!([]), "a call failed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_see_their_phase_and_move_with_one_mail() {
    let fixture = JourneyFixture::new().await;
    for phase in PHASES {
        fixture.publish_item(&format!("For {phase}"), phase, None).await;
    }
    fixture.publish_item("Photos of Anna's car", "design-engineering", Some("anna")).await;
    for (name, phase, seen) in [("anna", "orderbevestiging", 1), ("bram", "assemblage", 4), ("chris", "levering", 6)] {
        let me = fixture.me(name).await;
        assert_eq!(me["phase"]["key"], phase, "{me}");
        let states: Vec<&str> =
            me["phases"].as_array().unwrap().iter().map(|phase| phase["state"].as_str().unwrap()).collect();
        assert_eq!(states.iter().position(|state| *state == "current"), Some(seen - 1), "{states:?}");
        assert_eq!(fixture.content_of(name).await.len(), seen, "{name}");
        assert_eq!(fixture.mails_to(name).await.len(), 1, "{name}");
    }
    let me = fixture.me("anna").await;
    let ends: Vec<&Json> = me["phases"].as_array().unwrap().iter().map(|phase| &phase["to"]).collect();
    // Midnight in Amsterdam, in winter and in summer.
    assert_eq!((ends[0], ends[1]), (&json!("2026-01-08T23:00:00.000Z"), &json!("2026-05-01T22:00:00.000Z")));
    assert_eq!(ends[6], &Json::Null);

    // A move needs a reason and somebody who may.
    let refused = fixture.move_to("anna", "design-engineering", " ").await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["reason"]), "{}", refused.text());
    let visitor = fixture.server.sign_in_admin("vic@example.com", PASSWORD).await;
    let path = format!("/api/journey/move/{}", fixture.journey("anna"));
    visitor.post(&path, json!({ "reason": "x" })).await.expect_status(403);
    fixture.client("anna").post(&path, json!({ "reason": "x" })).await.expect_status(401);
    fixture.manager.post("/api/journey/move/nothing", json!({ "reason": "x" })).await.expect_status(404);

    // Two at once: one moves, the other learns that it has.
    let (one, other) = tokio::join!(
        fixture.move_to("anna", "design-engineering", "Contract signed"),
        fixture.move_to("anna", "design-engineering", "Contract signed"),
    );
    assert_eq!(
        BTreeSet::from([one.status, other.status]),
        BTreeSet::from([200, 409]),
        "{} {}",
        one.text(),
        other.text()
    );
    let expected = ["For design-engineering", "For orderbevestiging", "Photos of Anna's car"].map(str::to_owned);
    assert_eq!(fixture.content_of("anna").await, BTreeSet::from(expected));
    let mails = fixture.mails_to("anna").await;
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert!(mails.contains(&"F22 anna: Design & Engineering begins".to_owned()), "{mails:?}");
    let received = fixture.mails.mails_to("anna@example.com");
    assert!(received.iter().all(|mail| mail.raw.contains("https://portal.example.com/")), "{received:?}");
    assert_eq!(fixture.mails_to("bram").await.len(), 1);
    let me = fixture.me("anna").await;
    assert_eq!(me["notices"].as_array().unwrap().len(), 2, "{me}");
    let path = format!("{CONTENT}entry?filters[reason][$notNull]=true&pagination[pageSize]=50");
    let entries = fixture.manager.get(&path).await.expect_status(200);
    assert!(
        entries.text().contains("Contract signed") && entries.text().contains("mia@example.com"),
        "{}",
        entries.text()
    );

    // The same vehicle is under way already.
    let again = json!({ "definition": "klantreis", "customer": "anna", "title": "f22  ANNA" });
    fixture.manager.post("/api/journey/start", again).await.expect_status(409);
    for (field, value) in
        [("definition", "nothing"), ("customer", "nobody"), ("title", " "), ("anchorAt", "soon"), ("phase", "nothing")]
    {
        let mut wrong = json!({ "definition": "klantreis", "customer": "anna", "title": "Another" });
        wrong[field] = json!(value);
        let refused = fixture.manager.post("/api/journey/start", wrong).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!([field]), "{}", refused.text());
    }

    // A notice is read once, and only by whom it is for.
    let notice = me["notices"][0]["documentId"].as_str().unwrap();
    let read = format!("/api/journey/read/{notice}");
    fixture.client("bram").post(&read, json!({})).await.expect_status(404);
    let first = fixture.client("anna").post(&read, json!({})).await.expect_status(200);
    let second = fixture.client("anna").post(&read, json!({})).await.expect_status(200);
    assert_eq!(first.body, second.body);

    // A customer of a cancelled journey sees nothing any more; one of a paused journey sees what they did before.
    fixture.decide("pause", "bram").await.expect_status(200);
    assert_eq!(fixture.content_of("bram").await.len(), 4);
    fixture.decide("cancel", "chris").await.expect_status(200);
    let empty = fixture.client("chris").get("/api/journey/me").await.expect_status(200);
    assert_eq!(empty.data(), &json!([]));
    for plural in ["items", "slots", "journeys", "notices", "phases"] {
        let left = fixture.client("chris").get(&format!("/api/journey/{plural}")).await.expect_status(200);
        assert_eq!(left.body["meta"]["pagination"]["total"], 0, "{}", left.text());
    }

    // Mails are the customer's own choice, and nobody else's.
    let notifications = format!("/api/journey/notifications/{}", fixture.journey("anna"));
    fixture.client("bram").post(&notifications, json!({ "mail": false })).await.expect_status(404);
    fixture.client("anna").post(&notifications, json!({ "mail": false })).await.expect_status(200);
    assert_eq!(fixture.me("anna").await["mail"], false);

    // The plan shows what is next, as much of it as is asked for.
    let all = fixture.me("bram").await["plan"].clone();
    let few = fixture.client("bram").get("/api/journey/me?upcoming=2").await.expect_status(200);
    assert_eq!(few.data()[0]["plan"].as_array().unwrap(), &all.as_array().unwrap()[..2]);
    let refused = fixture.client("bram").get("/api/journey/me?upcoming=501").await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["upcoming"]), "{}", refused.text());
    fixture.assert_no_call_failed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_later_phases_or_other_cars_is_at_any_door() {
    let fixture = JourneyFixture::new().await;
    let mut hidden_from: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    let positions = [("anna", 0), ("bram", 3), ("chris", 5)];
    for (order, phase) in PHASES.iter().enumerate() {
        let title = format!("MARKER-{order}-everybody");
        let id = fixture.publish_item(&title, phase, None).await;
        for (name, reached) in positions {
            if order > reached {
                hidden_from.entry(name).or_default().push((title.clone(), id.clone()));
            }
        }
    }
    for (owner, reached) in positions {
        for (order, word) in [(reached, "now"), (6, "later")] {
            let title = format!("MARKER-{owner}-{word}");
            let id = fixture.publish_item(&title, PHASES[order], Some(owner)).await;
            for (name, _) in positions {
                if name != owner || word == "later" {
                    hidden_from.entry(name).or_default().push((title.clone(), id.clone()));
                }
            }
        }
        let draft = format!("MARKER-{owner}-draft");
        let id = fixture.create_item(&draft, PHASES[reached], Some(owner)).await;
        for (name, _) in positions {
            hidden_from.entry(name).or_default().push((draft.clone(), id.clone()));
        }
    }
    fixture.server.run_until_idle().await;
    for (name, _) in positions {
        let client = fixture.client(name);
        let hidden = &hidden_from[name];
        let mut forbidden: Vec<String> = hidden.iter().flat_map(|(title, id)| [title.clone(), id.clone()]).collect();
        for (other, _) in positions.iter().filter(|(other, _)| *other != name) {
            forbidden.extend([format!("F22 {other}"), fixture.journey(other).to_owned()]);
        }
        let mut paths: Vec<String> = vec!["/api/journey/me".to_owned()];
        for plural in PLURALS {
            let base = format!("/api/journey/{plural}");
            for query in [
                "",
                "?populate=*",
                "?status=draft&populate=*",
                "?_q=MARKER",
                "?pagination[pageSize]=100&sort=createdAt:desc",
            ] {
                paths.push(format!("{base}{query}"));
            }
        }
        for deep in [
            "journeys?populate[customer]=true&populate[currentPhase][populate]=*&populate[definition][populate][phases][populate]=*",
            "slots?populate[journey][populate]=*&populate[planRow][populate]=*&populate[content][populate]=*&populate[entry][populate]=*",
            "items?populate[phases][populate][planRows][populate]=*&populate[journeys][populate]=*",
            "items?sort=journeys.title",
            "notices?populate[journey][populate]=*&populate[phase][populate]=*",
            "phases?populate[planRows][populate][item][populate]=*&populate[definition][populate]=*",
        ] {
            paths.push(format!("/api/journey/{deep}"));
        }
        paths.extend(hidden.iter().map(|(_, id)| format!("/api/journey/items/{id}")));
        for (other, _) in positions.iter().filter(|(other, _)| *other != name) {
            paths.push(format!("/api/journey/journeys/{}", fixture.journey(other)));
        }
        for path in &paths {
            let answer = client.get(path).await;
            assert!([200, 400, 403, 404].contains(&answer.status), "{name} {path}: {}", answer.text());
            let text = answer.text();
            let leaked: Vec<&String> = forbidden.iter().filter(|word| text.contains(word.as_str())).collect();
            assert!(leaked.is_empty(), "{name} {path}: {leaked:?} in {text}");
        }
        // Hidden content does not exist for filters, search and relations.
        let total = async |path: String| {
            let answer = client.get(&path).await.expect_status(200);
            answer.body["meta"]["pagination"]["total"].as_u64().unwrap()
        };
        for (title, id) in hidden {
            assert_eq!(total(format!("/api/journey/items?filters[title]={title}")).await, 0, "{name} {title}");
            assert_eq!(total(format!("/api/journey/items?_q={title}")).await, 0, "{name} {title}");
            assert_eq!(total(format!("/api/journey/slots?filters[content][title]={title}")).await, 0, "{name} {title}");
            client.get(&format!("/api/journey/items/{id}")).await.expect_status(404);
        }
        for (other, _) in positions.iter().filter(|(other, _)| *other != name) {
            assert_eq!(total(format!("/api/journey/items?filters[journeys][title]=F22 {other}")).await, 0);
            assert_eq!(total(format!("/api/journey/slots?filters[journey][title]=F22 {other}")).await, 0);
            assert_eq!(total(format!("/api/journey/journeys?filters[customer][username]={other}")).await, 0);
        }
        assert_eq!(total("/api/journey/journeys".to_owned()).await, 1);
        let answer = client.get("/api/journey/entries?populate=*").await.expect_status(200);
        assert!(!answer.text().contains("mia@example.com") && !answer.text().contains("reason"), "{}", answer.text());
    }
    // Strangers see nothing at all.
    let public = fixture.server.public_client();
    public.get("/api/journey/me").await.expect_status(401);
    for plural in PLURALS {
        let answer = public.get(&format!("/api/journey/{plural}")).await.expect_status(200);
        assert_eq!(answer.body["meta"]["pagination"]["total"], 0, "{}", answer.text());
    }
    fixture.assert_no_call_failed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_that_end_move_the_journey_once_and_slots_publish_their_content() {
    let fixture = JourneyFixture::new().await;
    let draft = fixture.create_item("Your factory film", "assemblage", Some("bram")).await;
    let slots = format!("{CONTENT}slot?filters[journey][title]=F22 bram&sort=plannedAt:asc&pagination[pageSize]=50");
    let planned = fixture.manager.get(&slots).await.expect_status(200);
    let first = planned.data()[0].clone();
    assert_eq!(first["status"], "planned", "{}", planned.text());
    let path = format!("{CONTENT}slot/{}", first["documentId"].as_str().unwrap());
    fixture.manager.put(&path, json!({ "data": { "content": { "set": [draft] } } })).await.expect_status(200);
    // Fields that the plugin maintains cannot be written by hand.
    fixture.manager.put(&path, json!({ "data": { "status": "published" } })).await.expect_status(400);
    let journey = format!("{CONTENT}journey/{}", fixture.journey("bram"));
    let nazorg = json!({ "data": { "currentPhase": { "set": [fixture.phases["nazorg"]] } } });
    fixture.manager.put(&journey, nazorg).await.expect_status(400);
    assert_eq!(fixture.content_of("bram").await, BTreeSet::new());

    // A mail that is on its way when days go by at once counts as lost, and is sent again.
    fixture.server.run_until_idle().await;
    // Anna's week has not ended; a clock that is behind moves nobody.
    fixture.server.advance_clock(6 * DAY);
    fixture.server.run_until_idle().await;
    assert_eq!(fixture.me("anna").await["phase"]["key"], "orderbevestiging");
    fixture.server.advance_clock(DAY);
    for _ in 0..2 {
        fixture.server.run_until_idle().await;
    }
    let me = fixture.me("anna").await;
    assert_eq!(
        (&me["phase"]["key"], me["timeline"].as_array().unwrap().len()),
        (&json!("design-engineering"), 2),
        "{me}"
    );
    let mails = fixture.mails_to("anna").await;
    assert_eq!(mails.len(), 2, "{mails:?}");
    // Every second Tuesday or so, Bram's film comes out.
    fixture.server.advance_clock(8 * DAY);
    fixture.server.run_until_idle().await;
    assert_eq!(fixture.content_of("bram").await, BTreeSet::from(["Your factory film".to_owned()]));
    assert_eq!(fixture.content_of("chris").await, BTreeSet::new());
    let server = fixture.server.stop().await.restart_server().await;
    server.run_until_idle().await;
    let anna = server.with_token(&server.new_session("anna").await);
    let me = anna.get("/api/journey/me").await.expect_status(200);
    assert_eq!(me.data()[0]["timeline"].as_array().unwrap().len(), 2, "{}", me.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn shifts_do_what_their_preview_shows() {
    let mut fixture = JourneyFixture::new().await;
    fixture.server.run_until_idle().await;
    let path = format!("/api/journey/shift/{}", fixture.journey("bram"));
    let before = fixture.me("bram").await;
    let preview = fixture.manager.post(&path, json!({ "by": "P30D", "preview": true })).await.expect_status(200);
    assert_eq!((&preview.data()["stored"], &preview.data()["shift"]), (&json!(false), &json!("P30D")));
    assert_eq!(fixture.me("bram").await["plan"], before["plan"]);
    let stored = fixture.manager.post(&path, json!({ "by": "P30D" })).await.expect_status(200);
    for part in ["windows", "slots"] {
        assert_eq!(stored.data()[part], preview.data()[part], "{part}");
    }
    let after = fixture.me("bram").await;
    let planned: Vec<&Json> = after["plan"].as_array().unwrap().iter().map(|slot| &slot["plannedAt"]).collect();
    let shown: Vec<&Json> = stored.data()["slots"].as_array().unwrap().iter().map(|slot| &slot["after"]).collect();
    assert!(!shown.is_empty());
    assert_eq!(planned, shown);
    for (by, field) in [("PT4H", "by"), ("P0D", "by"), ("-P20Y", "by"), ("soon", "by")] {
        let refused = fixture.manager.post(&path, json!({ "by": by })).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!([field]), "{by}");
    }
    // A pause keeps the time that is left.
    let end = |me: &Json| me["phases"][3]["to"].as_str().unwrap().to_owned();
    let ends = end(&after);
    fixture.decide("resume", "bram").await.expect_status(409);
    fixture.decide("pause", "bram").await.expect_status(200);
    fixture.decide("pause", "bram").await.expect_status(409);
    fixture.move_to("bram", "testen", "x").await.expect_status(409);
    fixture.server.advance_clock(10 * DAY);
    fixture.server.run_until_idle().await;
    // The session has expired meanwhile.
    fixture.manager = fixture.server.sign_in_admin("mia@example.com", PASSWORD).await;
    fixture.decide("resume", "bram").await.expect_status(200);
    let resumed = fixture.me("bram").await;
    let (was, is) = (ends.parse::<chrono::DateTime<chrono::Utc>>().unwrap(), end(&resumed));
    assert_eq!(is.parse::<chrono::DateTime<chrono::Utc>>().unwrap() - was, chrono::TimeDelta::days(10));
    // Why did this not fire?
    let path = format!("/api/journey/explain/{}", fixture.journey("bram"));
    let explained = fixture.manager.get_with(&path, ("accept-language", "nl")).await.expect_status(200);
    let codes: Vec<&str> = explained.data()["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["reason"]["code"].as_str().unwrap())
        .collect();
    let expected = [
        "phase-passed-over",
        "phase-passed-over",
        "phase-passed-over",
        "running",
        "phase-not-reached",
        "phase-not-reached",
        "phase-not-reached",
    ];
    assert_eq!(codes, expected, "{}", explained.text());
    // Back and forth again: the second entry.
    fixture.move_to("bram", "productievoorbereiding", "Parts are late").await.expect_status(200);
    fixture.move_to("bram", "assemblage", "They are here").await.expect_status(200);
    let me = fixture.me("bram").await;
    // Slots that were skipped on the way are hidden from the customer.
    assert!(me["plan"].as_array().unwrap().iter().all(|slot| slot["status"] == "planned"), "{me}");
    let skipped = format!("{CONTENT}slot?filters[status]=skipped&filters[journey][title]=F22 bram");
    let skipped = fixture.manager.get(&skipped).await.expect_status(200);
    assert!(!skipped.data().as_array().unwrap().is_empty());
    let numbers: Vec<(&str, u64)> = me["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["phase"].as_str().unwrap(), entry["no"].as_u64().unwrap()))
        .collect();
    assert_eq!(numbers, [("assemblage", 1), ("productievoorbereiding", 1), ("assemblage", 2)]);
    fixture.assert_no_call_failed().await;
}
