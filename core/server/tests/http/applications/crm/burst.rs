//! Many forms at once: each is kept when it is answered, and becomes a lead once. A browser that is refused keeps what was typed.

use super::{CONTENT, INTAKE, PASSWORD, configured_server_with_crm, rows};
use crate::applications::person::count_records;
use crate::plugins::{PLUGINS, allow_package, install, package_files, root, stage};
use cairn_plugin_package::package::pack;
use cairn_testkit::{TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::task::JoinSet;

const PLAIN: &str = "/api/crm/intake/plain";

/// A server behind a proxy, so that each visitor can have an address of their own.
async fn server_behind_a_proxy() -> TestServer {
    configured_server_with_crm(|config| config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]).await
}

/// Sends a form as the browser of a visitor does.
async fn send_form(client: &TestClient, address: &str, body: String) -> TestResponse {
    let form = client.request("POST", PLAIN).header("accept", "text/html,application/xhtml+xml");
    let form = form.header("content-type", "application/x-www-form-urlencoded").header("accept-language", "nl");
    client.send(form.header("x-forwarded-for", address).body(body)).await
}

async fn count(client: &TestClient, name: &str, query: &str) -> u64 {
    let path = format!("{CONTENT}{name}?pagination[pageSize]=1&{query}");
    client.get(&path).await.expect_status(200).body["meta"]["pagination"]["total"].as_u64().unwrap()
}

/// Sends so many forms at once, each from an address of its own, and checks that all were taken and became one lead each.
async fn assert_burst_is_taken(visitors: u32) {
    let server = server_behind_a_proxy().await;
    let mut requests = JoinSet::new();
    for n in 0..visitors {
        let client = server.public_client();
        requests.spawn(async move {
            let address = format!("10.1.{}.{}", n / 250, 1 + n % 250);
            send_form(&client, &address, format!("name=Guest+{n}&email=g{n}%40example.nl&eventDate=2026-06-20")).await
        });
    }
    while let Some(answer) = requests.join_next().await {
        answer.unwrap().expect_status(200);
    }
    server.run_until_idle().await;
    let root = server.super_admin().await;
    for (name, query) in [
        ("lead", ""),
        ("lead", "filters[slaState]=running&filters[repeats]=0&filters[receivedAt][$notNull]=true"),
        ("contact", ""),
        ("contact-key", ""),
        ("activity", "filters[kind]=task"),
    ] {
        assert_eq!(count(&root, name, query).await, u64::from(visitors), "{name} {query}");
    }
    let mut names = BTreeSet::new();
    for page in 1..=visitors.div_ceil(100) {
        let path =
            format!("{CONTENT}lead?pagination[page]={page}&pagination[pageSize]=100&sort=email:asc&fields[0]=name");
        let leads = root.get(&path).await.expect_status(200).data().as_array().unwrap().clone();
        names.extend(leads.iter().map(|lead| lead["name"].as_str().unwrap().to_owned()));
    }
    assert_eq!(names.len(), visitors as usize, "nobody is missing, and nobody is there twice");
    let calls = server.get(&format!("{PLUGINS}/crm/calls")).await.expect_status(200);
    assert_eq!(calls.data(), &json!([]), "a call failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn burst_of_forms_becomes_as_many_leads() {
    assert_burst_is_taken(80).await;
}

/// Keeps leads from being made until the guest is removed: a hook on them belongs to it, and it is switched off.
async fn hold_leads(server: &TestServer) {
    let on_leads = |manifest: String| {
        let requires = "requires = { cairn = \">=0.1\" }";
        assert!(manifest.contains(requires));
        let with_crm = "requires = { cairn = \">=0.1\", plugins = { crm = \">=0.5\" } }";
        let grant = "[[grant]]\nuse = \"data.read\"\ntypes = [\"plugin::crm.lead\"]\nreason = \"t:grant.kv\"\n";
        let hook = "[[hook]]\nname = \"leads\"\non = [\"plugin::crm.lead:create\"]\nphase = \"before\"\n";
        format!("{}\n{grant}\n{hook}", manifest.replace(requires, with_crm))
    };
    let staged = stage(server, &allow_package("1.0.0", None, on_leads)).await.expect_status(201);
    install(server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn inquiries_wait_for_a_plugin_that_is_switched_off_and_are_erased_with_their_sender() {
    let server = server_behind_a_proxy().await;
    let root = server.super_admin().await;
    let public = server.public_client();
    hold_leads(&server).await;
    for name in ["Sanne", "Tom", "Lotte"] {
        send_form(&public, "10.1.0.1", format!("name={name}&email={name}%40example.nl")).await.expect_status(200);
    }
    server.run_until_idle().await;
    server.post(&format!("{PLUGINS}/crm/disable"), json!({})).await.expect_status(200);
    let page = send_form(&public, "10.1.0.2", "name=Kees&email=kees%40example.nl".to_owned()).await.expect_status(503);
    assert_eq!((page.header("retry-after"), page.header("content-language")), ("60", "nl"));
    assert!(page.text().contains("name=\"email\" value=\"kees@example.nl\""), "{}", page.text());
    server.advance_clock(Duration::from_secs(3_600));
    server.run_until_idle().await;
    server.post(&format!("{PLUGINS}/crm/enable"), json!({})).await.expect_status(200);
    server.run_until_idle().await;
    assert_eq!(count(&root, "lead", "").await, 0);
    assert_eq!(count_records(&server, "crm", "LOTTE@example.nl").await.len(), 1);
    // The guest is off, so that the whole erasure stays incomplete.
    let lotte = json!({ "address": "lotte@example.nl" });
    server.post("/admin/api/personal-data/erasures", lotte).await.expect_status(202);
    server.run_until_idle().await;
    assert!(count_records(&server, "crm", "lotte@example.nl").await.is_empty());

    server.delete(&format!("{PLUGINS}/allow?data=delete")).await.expect_status(204);
    server.advance_clock(Duration::from_secs(3_600));
    server.run_until_idle().await;
    let leads = rows(&root, "lead", "sort=name:asc").await;
    let told: Vec<[&Json; 3]> =
        leads.iter().map(|lead| [&lead["name"], &lead["receivedAt"], &lead["slaDueAt"]]).collect();
    let (received, due) = (json!("2026-01-02T03:04:05.678Z"), json!("2026-01-02T05:04:05.678Z"));
    assert_eq!(told, [[&json!("Sanne"), &received, &due], [&json!("Tom"), &received, &due]]);
    // The answer counts from when the visitor sent the form, and it is late.
    let lead = leads[0]["documentId"].as_str().unwrap();
    let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
    let call = json!({ "data": { "kind": "call", "subject": "Called", "lead": lead } });
    bart.post(&format!("{CONTENT}activity"), call).await.expect_status(201);
    let answered = rows(&bart, "lead", "filters[name]=Sanne").await;
    assert_eq!(answered[0]["responseSeconds"], json!(7_200), "{answered:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn form_beyond_the_limit_of_a_network_can_be_sent_again_as_it_was() {
    let server = server_behind_a_proxy().await;
    let forms = json!([{ "key": "plain", "pipeline": "bruiloften", "origins": ["https://www.example.com"] }]);
    let values = json!({ "values": { "perMinute": 1, "forms": forms } });
    server.put(&format!("{PLUGINS}/crm/settings"), values).await.expect_status(200);
    let public = server.public_client();
    send_form(&public, "10.1.0.1", "name=Sanne&email=sanne%40example.nl".to_owned()).await.expect_status(200);
    let typed = "name=Zo%C3%AB+%22de%22+Vries&email=zoe%40example.nl&message=Hallo%0D%0Ater+plaatse&locale=nl";
    let page = send_form(&public, "10.1.0.1", typed.to_owned()).await.expect_status(429);
    assert_eq!((page.header("retry-after"), page.header("cache-control")), ("60", "no-store"));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let html = page.text();
    for part in [
        "<html lang=\"nl\">",
        "Er zijn te veel formulieren verstuurd vanaf jouw netwerk. Probeer het over een minuut opnieuw.",
        "<form method=\"post\" enctype=\"application/x-www-form-urlencoded\" action=\"/api/crm/intake/plain\">",
        "name=\"name\" value=\"Zoë &quot;de&quot; Vries\"",
        "name=\"message\" value=\"Hallo&#13;&#10;ter plaatse\"",
        "<button>Opnieuw versturen</button>",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    // Programs get what they can read.
    let program = public.request("POST", PLAIN).header("x-forwarded-for", "10.1.0.1");
    let program = public.send(program.json(&json!({ "name": "Tom", "email": "tom@example.nl" }))).await;
    assert_eq!((program.status, &program.body["error"]["name"]), (429, &json!("RateLimitError")));
    // The page is one of this server, whatever sites the form is for.
    server.advance_clock(Duration::from_secs(60));
    let again = public.request("POST", PLAIN).header("accept", "text/html").header("x-forwarded-for", "10.1.0.1");
    let again = again.header("content-type", "application/x-www-form-urlencoded").header("origin", server.base_url());
    public.send(again.body(typed)).await.expect_status(200);
    server.run_until_idle().await;
    let root = server.super_admin().await;
    let leads = rows(&root, "lead", "filters[email]=zoe@example.nl").await;
    assert_eq!((leads.len(), &leads[0]["message"]), (1, &json!("Hallo\nter plaatse")));
    assert_eq!(count(&root, "lead", "").await, 2);
}

/// A server with a CRM that may send so many mails within an hour.
async fn server_with_few_mails(most: u32) -> TestServer {
    let server = TestServer::start_configured(TestProject::newsroom(), |_| {}).await;
    let limit = |manifest: String| {
        let granted = "use = \"mail\"\nmax-per-hour = 1000";
        assert!(manifest.contains(granted));
        manifest.replace(granted, &format!("use = \"mail\"\nmax-per-hour = {most}"))
    };
    let package = pack(&package_files(&root().join("plugins/crm"), limit), None).unwrap();
    let staged = stage(&server, &package).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmations_beyond_the_mails_of_an_hour_follow_in_the_next() {
    let server = server_with_few_mails(2).await;
    let public = server.public_client();
    for n in 0..5 {
        let inquiry = json!({ "name": format!("Guest {n}"), "email": format!("g{n}@example.nl") });
        public.post(INTAKE, inquiry).await.expect_status(201);
    }
    server.run_until_idle().await;
    let list_recipients = async || {
        let mails = server.get("/admin/api/mails?limit=100").await.expect_status(200);
        mails.data().as_array().unwrap().iter().map(|mail| mail["to"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let root = server.super_admin().await;
    assert_eq!((count(&root, "lead", "").await, list_recipients().await.len()), (5, 2));
    let mut counts = BTreeSet::new();
    for _ in 0..14 {
        server.advance_clock(Duration::from_secs(600));
        server.run_until_idle().await;
        counts.insert(list_recipients().await.len());
    }
    assert_eq!(counts, BTreeSet::from([2, 4, 5]), "each hour has its mails");
    let recipients: BTreeSet<String> = list_recipients().await.into_iter().collect();
    assert_eq!(recipients.len(), 5, "nobody is left out, and nobody gets two: {recipients:?}");
    let calls = server.get(&format!("{PLUGINS}/crm/calls")).await.expect_status(200);
    assert_eq!(calls.data(), &json!([]), "a call failed");
}

/// Tests that take long: `cargo xtask test --full`.
mod full {
    #[tokio::test(flavor = "multi_thread")]
    async fn thousand_forms_at_once_become_a_thousand_leads() {
        super::assert_burst_is_taken(1_000).await;
    }
}
