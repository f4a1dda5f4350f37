//! The CRM of this repository over HTTP: from a signed package to a deal that moves, and from a quote to its deposit.

mod bad_input;
mod burst;
mod clocks;
mod mentions;
mod privacy;
mod quotes;

use super::{apply_roles, configured_server_with_plugin};
use crate::plugins::PLUGINS;
use cairn_server::config::Config;
use cairn_testkit::{TestClient, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::task::JoinSet;

const CONTENT: &str = "/admin/api/content/plugin::crm.";
const INTAKE: &str = "/api/crm/intake/bruiloft";
const PASSWORD: &str = "a password of some length";

/// A server with the CRM, its forms, and two people of the sales team.
async fn server_with_crm() -> TestServer {
    configured_server_with_crm(|_| {}).await
}

/// The same, with a change to the configuration of the server.
async fn configured_server_with_crm(configure: impl FnOnce(&mut Config)) -> TestServer {
    let server = configured_server_with_plugin("crm", configure).await;
    let sales =
        |name: &str| json!({ "email": format!("{name}@example.com"), "password": PASSWORD, "roles": ["sales"] });
    apply_roles(&server, "crm", json!([sales("bart"), sales("eva")])).await;
    let hours = json!({ "friday": ["09:00-17:00"] });
    let office = json!({ "title": "Office", "zone": "Europe/Amsterdam", "hours": hours });
    server.apply_settings(json!({ "calendars": { "office": office } })).await;
    let form = |key: &str, answer: &str| json!({ "key": key, "pipeline": "bruiloften", "owner": "role:sales", "ownerName": "Bart", "answer": answer });
    let values = json!({ "perMinute": 1000, "forms": [form("bruiloft", "full"), form("plain", "plain")] });
    server.put(&format!("{PLUGINS}/crm/settings"), json!({ "values": values })).await.expect_status(200);
    server
}

async fn rows(client: &TestClient, name: &str, query: &str) -> Vec<Json> {
    let path = format!("{CONTENT}{name}?pagination[pageSize]=100&{query}");
    client.get(&path).await.expect_status(200).data().as_array().unwrap().clone()
}

async fn send_inquiry(client: &TestClient, name: &str, email: &str) -> TestResponse {
    client.post(INTAKE, json!({ "name": name, "email": email, "eventDate": "2026-06-20" })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn inquiry_becomes_a_deal_that_moves() {
    let server = server_with_crm().await;
    let public = server.public_client();
    let sent = send_inquiry(&public, "Sanne de Vries", "sanne@example.nl").await.expect_status(201);
    assert_eq!(sent.data()["result"], "created", "{}", sent.text());
    let lead = sent.data()["documentId"].as_str().unwrap().to_owned();
    server.run_until_idle().await;
    // Leads are hidden from callers who only know the address of the route.
    public.get("/api/crm/leads").await.expect_status(403);

    let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
    let eva = server.sign_in_admin("eva@example.com", PASSWORD).await;
    let leads = rows(&bart, "lead", "").await;
    assert_eq!(leads.len(), 1, "{leads:?}");
    assert_eq!((&leads[0]["slaState"], &leads[0]["slaDueAt"]), (&json!("running"), &json!("2026-01-02T05:04:05.678Z")));
    assert_eq!(rows(&bart, "contact", "").await.len(), 1);
    let tasks = rows(&bart, "activity", "filters[kind]=task").await;
    assert_eq!((tasks.len(), &tasks[0]["assigneeName"]), (1, &json!("Bart")), "{tasks:?}");
    let mails = server.get("/admin/api/mails").await.expect_status(200);
    let mails = mails.data().as_array().unwrap().clone();
    assert_eq!((mails.len(), &mails[0]["to"]), (1, &json!("sanne@example.nl")), "{mails:?}");

    // The second of the team calls, and writes it down in the form of an activity: the clock ends, with their name.
    server.advance_clock(Duration::from_secs(600));
    let call = json!({ "data": { "kind": "call", "subject": "Called", "lead": lead, "authorName": "Somebody else" } });
    let call = eva.post(&format!("{CONTENT}activity"), call).await.expect_status(201);
    assert_eq!((&call.data()["automatic"], &call.data()["authorName"]), (&json!(false), &json!("eva")));
    let after = rows(&bart, "lead", "").await;
    let noted = ["slaState", "status", "responseSeconds"].map(|field| after[0][field].clone());
    assert_eq!(noted, [json!("met"), json!("working"), json!(600)]);
    assert!(rows(&bart, "activity", "filters[kind]=task").await[0]["doneAt"].is_string());

    // Two who qualify it at the same moment make one deal.
    let path = format!("/api/crm/qualify/{lead}");
    let (one, other) = tokio::join!(bart.post(&path, json!({})), eva.post(&path, json!({})));
    let statuses: BTreeSet<u16> = [one.status, other.status].into();
    assert_eq!(statuses, BTreeSet::from([200, 201]), "{} {}", one.text(), other.text());
    assert_eq!(one.data()["deal"], other.data()["deal"]);
    public.post(&path, json!({})).await.expect_status(401);
    let deal = one.data()["deal"].as_str().unwrap().to_owned();
    let deals = rows(&bart, "deal", "populate[stage]=true&populate[pipeline]=true").await;
    assert_eq!((deals.len(), &deals[0]["stage"]["key"]), (1, &json!("kwalificatie")), "{deals:?}");

    let stages = rows(&bart, "stage", "filters[pipeline][key]=bruiloften&sort=order:asc").await;
    let keys: Vec<&str> = stages.iter().map(|stage| stage["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["nieuwe-lead", "kwalificatie", "offerte", "aanbetaling", "project-gereed", "evaluatie"]);
    // A key of several values names the one that a person can change.
    let again = json!({ "data": { "key": "offerte", "name": "Again", "order": 9, "pipeline": { "set": [deals[0]["pipeline"]["documentId"]] } } });
    let root = server.super_admin().await;
    let refused = root.post(&format!("{CONTENT}stage"), again).await.expect_error(400, "This attribute must be unique");
    assert_eq!(refused.details()["errors"][0]["path"], json!(["key"]), "{}", refused.text());
    let move_to = async |n: usize, extra_fields: Json| {
        let mut data = json!({ "stage": { "set": [stages[n]["documentId"]] } });
        data.as_object_mut().unwrap().extend(extra_fields.as_object().unwrap().clone());
        bart.put(&format!("{CONTENT}deal/{deal}"), json!({ "data": data })).await
    };
    let moved = move_to(2, json!({})).await.expect_status(200);
    let refused = move_to(4, json!({})).await.expect_status(400);
    let errors = refused.details()["errors"].as_array().unwrap().clone();
    let paths: Vec<&Json> = errors.iter().map(|error| &error["path"]).collect();
    assert_eq!(paths, [&json!(["amount"]), &json!(["stage"])], "{}", refused.text());
    let refused = move_to(1, json!({})).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["moveReason"]), "{}", refused.text());
    let history = moved.data()["stageHistory"].as_array().unwrap().clone();
    assert_eq!((history.len(), &history[1]["by"]), (2, &json!("bart")), "{history:?}");

    // A caller with the permission lets the deal go on without a deposit, and gives a reason.
    let path = format!("/admin/api/plugin-routes/crm/override/{deal}");
    let decision = json!({ "stage": stages[4]["documentId"], "reason": "They pay on the day" });
    bart.post(&path, decision.clone()).await.expect_status(403);
    let refused = server.super_admin().await.post(&path, decision.clone()).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["amount"]), "{}", refused.text());
    let amount = json!({ "data": { "amount": 1250.5 } });
    bart.put(&format!("{CONTENT}deal/{deal}"), amount).await.expect_status(200);
    server.super_admin().await.post(&path, decision).await.expect_status(200);
    let won = rows(&bart, "deal", "").await;
    let last_move = won[0]["stageHistory"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&won[0]["status"], &last_move["reason"]), (&json!("won"), &json!("They pay on the day")), "{won:?}");

    let calls = server.get(&format!("{PLUGINS}/crm/calls")).await.expect_status(200);
    assert_eq!(calls.data(), &json!([]), "a call failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_inquiries_are_neither_lost_nor_doubled() {
    const MANY: usize = 50;
    let server = server_with_crm().await;
    let mut requests = JoinSet::new();
    for n in 0..MANY {
        let client = server.public_client();
        requests.spawn(async move { send_inquiry(&client, &format!("Guest {n}"), &format!("g{n}@example.nl")).await });
    }
    while let Some(answer) = requests.join_next().await {
        let answer = answer.unwrap().expect_status(201);
        assert_eq!(answer.data()["result"], "created", "{}", answer.text());
    }
    // Twenty concurrent inquiries of one person make one lead, and nineteen repeat it.
    let mut requests = JoinSet::new();
    for _ in 0..20 {
        let client = server.public_client();
        requests.spawn(async move { send_inquiry(&client, "Sanne", "SANNE@example.nl").await });
    }
    let mut created = 0;
    while let Some(answer) = requests.join_next().await {
        let answer = answer.unwrap();
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
        created += usize::from(answer.data()["result"] == "created");
    }
    assert_eq!(created, 1);
    server.run_until_idle().await;
    let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
    for (name, query) in [("lead", ""), ("contact", ""), ("contact-key", ""), ("activity", "filters[kind]=task")] {
        assert_eq!(rows(&bart, name, query).await.len(), MANY + 1, "{name}");
    }
    let repeated = rows(&bart, "lead", "filters[repeats][$gt]=0").await;
    assert_eq!((repeated.len(), &repeated[0]["repeats"]), (1, &json!(19)));
    let mails = server.get("/admin/api/mails?limit=100").await.expect_status(200);
    let to: BTreeSet<String> =
        mails.data().as_array().unwrap().iter().map(|mail| mail["to"].as_str().unwrap().to_owned()).collect();
    assert_eq!((to.len(), mails.data().as_array().unwrap().len()), (MANY + 1, MANY + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn business_clocks_count_the_operators_working_time() {
    let server = server_with_crm().await;
    let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
    let policies = rows(&bart, "sla-policy", "").await;
    let path = format!("{CONTENT}sla-policy/{}", policies[0]["documentId"].as_str().unwrap());
    let change = |calendar: &str| json!({ "data": { "clock": "business", "calendar": calendar } });
    server.put(&path, change("nowhere")).await.expect_status(400);
    server.put(&path, change("office")).await.expect_status(200);
    // Friday, 04:04 in Amsterdam: the office opens at nine.
    send_inquiry(&server.public_client(), "Sanne", "sanne@example.nl").await.expect_status(201);
    let leads = rows(&bart, "lead", "").await;
    let times = ["slaWarnAt", "slaDueAt"].map(|field| leads[0][field].clone());
    assert_eq!(times, [json!("2026-01-02T09:30:00.000Z"), json!("2026-01-02T10:00:00.000Z")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_name_pipelines_that_exist_and_forms_answer_browsers() {
    let server = server_with_crm().await;
    let path = format!("{PLUGINS}/crm/settings");
    for (values, at) in [
        (json!({ "forms": [{ "key": "a", "pipeline": "nowhere" }] }), "pipeline"),
        (json!({ "forms": [{ "key": "a", "pipeline": "zakelijk" }, { "key": "a", "pipeline": "zakelijk" }] }), "key"),
    ] {
        let refused = server.put(&path, json!({ "values": values })).await.expect_status(400);
        assert!(refused.details()["errors"][0]["path"].to_string().contains(at), "{}", refused.text());
    }
    let public = server.public_client();
    let form = public.request("POST", INTAKE).header("accept", "text/html,application/xhtml+xml");
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    let page = public.send(form.body("name=Zo%C3%AB&phone=06-12345678&locale=nl")).await.expect_status(200);
    assert!(page.text().contains("<h1>Bedankt</h1>"), "{}", page.text());
    assert!(page.header("content-security-policy").contains("sandbox"));
    // Strangers learn nothing of who is known.
    for _ in 0..2 {
        let answer = public.post("/api/crm/intake/plain", json!({ "name": "Zoë", "phone": "0612345678" })).await;
        assert_eq!((answer.status, &answer.body), (201, &json!({ "data": { "result": "received" } })));
    }
    public.post("/api/crm/intake/nothing", json!({ "name": "Zoë" })).await.expect_status(404);
}
