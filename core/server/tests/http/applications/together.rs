//! The applications together: from the form of the website to a customer in the first phase of a journey. The plugins know each other by their
//! published events and documents only, so each may be missing or off for a while.

use super::install_plugin;
use super::mail_receiver::{MailReceiver, ReceivedMail};
use crate::plugins::{PLUGINS, root};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_testkit::{TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const CONTENT: &str = "/admin/api/content/plugin::";
const PASSWORD: &str = "a password of some length";
const SITE: &str = "https://together.example.com";
const CUSTOMER: &str = "sanne@example.com";
const SIGNER: &str = "bart@example.com";
const DAY: Duration = Duration::from_secs(86_400);

/// A company with the CRM that sells, and whatever else is installed later.
struct Company {
    server: TestServer,
    receiver: MailReceiver,
    /// Sells, and signs for the company.
    bart: TestClient,
}

impl Company {
    /// With these plugins, in the order in which they are installed. It is a year later than tests begin: the certificates of the sealing
    /// profile are valid from then on.
    async fn start(plugins: &[&str]) -> Self {
        let receiver = MailReceiver::start().await;
        let smtp_url = receiver.url();
        let server = TestServer::start_configured(TestProject::newsroom(), |config| {
            config.mail.smtp_url = Some(smtp_url);
            config.mail.from = Some("Mr. DJ <post@example.com>".to_owned());
            config.plugins.pdf = Some(root().join("target/tools/cairn-pdf").display().to_string());
            config.server.public_url = Some(SITE.to_owned());
        })
        .await;
        server.run_until_idle().await;
        server.advance_clock(DAY * 330);
        for plugin in plugins {
            install_plugin(&server, plugin).await;
        }
        let seal = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seals/tests/openssl/modern.p12");
        let seal = json!({ "pkcs12": STANDARD.encode(std::fs::read(seal).unwrap()), "password": "geheim" });
        server.put("/admin/api/seal-profiles/contracts", seal).await.expect_status(200);
        let may = |uids: &[&str], actions: &[&str]| -> serde_json::Map<String, Json> {
            uids.iter().map(|uid| (format!("plugin::{uid}"), json!(actions))).collect()
        };
        let crm = ["lead", "contact", "pipeline", "stage", "deal", "activity", "package", "quote", "payment"];
        let crm = crm.map(|name| format!("crm.{name}"));
        let crm: Vec<&str> = crm.iter().map(String::as_str).collect();
        let permissions = may(&crm, &["find", "findOne", "create", "update"]);
        let actions = ["leads.manage", "deals.read", "quotes.manage"].map(|name| format!("plugin::crm.{name}"));
        server
            .apply_settings(json!({
                "adminRoles": { "Sales": { "actions": actions, "permissions": permissions } },
                "adminUsers": [{ "email": SIGNER, "password": PASSWORD, "roles": ["Sales"] }],
            }))
            .await;
        let values = json!({
            "perMinute": 1000, "companyName": "Mr. DJ B.V.", "contract": "esign", "contractSignerName": "Bart v. d. Weijer",
            "contractSignerEmail": SIGNER, "contractTerms": "Wij nemen zelf stroom mee.",
            "forms": [{ "key": "bruiloft", "pipeline": "bruiloften", "owner": "role:Sales", "answer": "full" }],
        });
        let company = Self { bart: server.sign_in_admin(SIGNER, PASSWORD).await, server, receiver };
        company.set("crm", values).await;
        company
    }

    async fn set(&self, plugin: &str, values: Json) {
        let path = format!("{PLUGINS}/{plugin}/settings");
        self.server.put(&path, json!({ "values": values })).await.expect_status(200);
    }

    /// Documents of a type, `crm.deal`, as somebody with all permissions sees them.
    async fn rows(&self, uid: &str, query: &str) -> Vec<Json> {
        let path = format!("{CONTENT}{uid}?pagination[pageSize]=100&{query}");
        let root = self.server.super_admin().await;
        root.get(&path).await.expect_status(200).data().as_array().unwrap().clone()
    }

    /// The only document of a query.
    async fn only(&self, uid: &str, query: &str) -> Json {
        let mut found = self.rows(uid, query).await;
        assert_eq!(found.len(), 1, "{uid}?{query}: {found:?}");
        found.remove(0)
    }

    async fn press(&self, action: &str, quote: &str, values: Json) -> TestResponse {
        let mut values = values;
        values["quote"] = json!(quote);
        self.bart.post(&format!("{PLUGINS}/crm/views/quotes/actions/{action}"), json!({ "values": values })).await
    }

    /// An inquiry of the website that becomes a deal with a quote, which the customer has. Returns the ids of deal and quote.
    async fn sell(&self, name: &str, email: &str) -> (String, String) {
        let inquiry =
            json!({ "name": name, "email": email, "eventDate": "2027-03-28", "packageWish": "gold", "locale": "nl" });
        let lead = self.server.public_client().post("/api/crm/intake/bruiloft", inquiry).await.expect_status(201);
        let path = format!("/api/crm/qualify/{}", lead.data()["documentId"].as_str().unwrap());
        let deal =
            self.bart.post(&path, json!({})).await.expect_status(201).data()["deal"].as_str().unwrap().to_owned();
        let stage = self.only("crm.stage", "filters[pipeline][key]=bruiloften&filters[key]=offerte").await;
        let data = json!({ "data": { "stage": { "set": [stage["documentId"]] } } });
        self.bart.put(&format!("{CONTENT}crm.deal/{deal}"), data).await.expect_status(200);
        self.server.run_until_idle().await;
        let quote = self.only("crm.quote", &format!("filters[deal][documentId]={deal}")).await;
        let quote = quote["documentId"].as_str().unwrap().to_owned();
        self.press("send", &quote, json!({})).await.expect_status(200);
        self.server.run_until_idle().await;
        (deal, quote)
    }

    /// The customer accepts the quote of their newest mail; pressed twice, as people do.
    async fn accept(&self, email: &str, name: &str) {
        let link = self.link(email, "/api/crm/offer/");
        let public = self.server.public_client();
        for _ in 0..2 {
            public.post(&format!("{link}/accept"), json!({ "name": name })).await.expect_status(200);
        }
        self.server.run_until_idle().await;
    }

    /// The path of the newest link of that kind that was mailed to an address.
    fn link(&self, address: &str, kind: &str) -> String {
        let texts = self.receiver.mails_to(address).into_iter().map(|mail| mail.text());
        let mut links = texts.filter_map(|text| {
            let start = text.find(&format!("{SITE}{kind}"))?;
            Some(text[start + SITE.len()..].split_whitespace().next()?.to_owned())
        });
        links.next_back().unwrap_or_else(|| panic!("no link {kind} to {address}"))
    }

    /// Somebody reads the contract and types their name.
    async fn sign(&self, address: &str, name: &str) {
        let link = self.link(address, "/api/esign/s/");
        let public = self.server.public_client();
        public.post(&format!("{link}/open"), json!({})).await.expect_status(200);
        public.post(&format!("{link}/sign"), json!({ "typed": name, "consent": true })).await.expect_status(200);
        self.server.run_until_idle().await;
    }

    /// Status and stage of a deal.
    async fn deal(&self, id: &str) -> (String, String) {
        let deal = self.only("crm.deal", &format!("filters[documentId]={id}&populate[stage]=true")).await;
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        (text(&deal["status"]), text(&deal["stage"]["key"]))
    }

    /// How the contract of a quote stands.
    async fn contract(&self, quote: &str) -> Json {
        self.only("crm.quote", &format!("filters[documentId]={quote}")).await["contract"].clone()
    }

    async fn assert_no_call_failed(&self, plugins: &[&str]) {
        for plugin in plugins {
            let calls = self.server.get(&format!("{PLUGINS}/{plugin}/calls")).await.expect_status(200);
            assert_eq!(calls.data(), &json!([]), "a call of {plugin} failed");
        }
    }
}

fn state(status: &str, stage: &str) -> (String, String) {
    (status.to_owned(), stage.to_owned())
}

/// The sealed documents among somebody's mails.
fn sealed_pdfs(mails: &[ReceivedMail]) -> Vec<Vec<u8>> {
    let pdfs = mails.iter().flat_map(|mail| mail.parts("application/pdf"));
    pdfs.filter(|pdf| run_on(pdf, "pdfsig", &["-nocert"], &[]).contains("Signature is Valid.")).collect()
}

/// Runs a program on a PDF, and returns its output.
fn run_on(pdf: &[u8], program: &str, arguments: &[&str], after: &[&str]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    let ran = Command::new(program).args(arguments).arg(file.path()).args(after).output().unwrap();
    String::from_utf8_lossy(&ran.stdout).replace('\u{a0}', " ")
}

#[tokio::test(flavor = "multi_thread")]
async fn inquiry_becomes_a_signed_contract_and_a_journey() {
    let company = Company::start(&["crm", "esign", "journey", "portal"]).await;
    let server = &company.server;
    company.set("esign", json!({ "companyName": "Mr. DJ B.V.", "language": "nl" })).await;
    let journey =
        json!({ "dealDefinition": "klantreis", "staff": "role:Sales", "portalUrl": "https://portal.example.com/" });
    company.set("journey", journey).await;
    // The customer makes the account without being invited.
    company.set("portal", json!({ "inviteCustomers": false })).await;
    let unknown = json!({ "values": { "dealDefinition": "nothing" } });
    let refused = server.put(&format!("{PLUGINS}/journey/settings"), unknown).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["dealDefinition"]), "{}", refused.text());

    // The accepted quote starts an envelope with the contract.
    let (deal, quote) = company.sell("Sanne de Vries", CUSTOMER).await;
    company.accept(CUSTOMER, "Sanne de Vries").await;
    assert_eq!(company.contract(&quote).await, "sent");
    assert_eq!(company.deal(&deal).await, state("open", "aanbetaling"));
    let envelope = company.only("esign.envelope", "populate[recipients]=true&populate[fields]=true").await;
    assert_eq!((&envelope["status"], &envelope["senderName"]), (&json!("sent"), &json!("Mr. DJ B.V.")), "{envelope}");
    let people: Vec<&Json> = envelope["recipients"].as_array().unwrap().iter().map(|to| &to["email"]).collect();
    assert_eq!(people, [CUSTOMER, SIGNER]);
    assert_eq!(envelope["fields"].as_array().unwrap().len(), 4, "a signature and a date of each: {envelope}");
    company.only("esign.request", "").await;

    // The deposit alone does not win the deal.
    company.press("deposit", &quote, json!({ "amount": "378,13" })).await.expect_status(200);
    assert_eq!(company.deal(&deal).await, state("open", "aanbetaling"));

    // The customer signs, then the company; a day lies between them.
    company.sign(CUSTOMER, "Sanne de Vries").await;
    assert_eq!(company.deal(&deal).await.0, "open");
    server.advance_clock(DAY);
    server.run_until_idle().await;
    company.sign(SIGNER, "Bart v. d. Weijer").await;
    let pdfs = sealed_pdfs(&company.receiver.mails_to(CUSTOMER));
    assert_eq!(pdfs.len(), 1);
    let text = run_on(&pdfs[0], "pdftotext", &["-layout"], &["-"]);
    for words in [
        "Offerte 2026-0001",
        "Overeenkomst bij offerte 2026-0001",
        "1.512,50",
        "Wij nemen zelf stroom mee.",
        "28-11-2026",
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }

    // The completed contract wins the deal, once.
    let bart = server.sign_in_admin(SIGNER, PASSWORD).await;
    let company = Company { bart, ..company };
    let server = &company.server;
    assert_eq!(company.contract(&quote).await, "signed");
    assert_eq!(company.deal(&deal).await, state("won", "project-gereed"));
    let won = company.only("crm.deal", "").await;
    let history = won["stageHistory"].as_array().unwrap();
    assert!(history.last().unwrap()["reason"].as_str().unwrap().contains("getekend"), "{history:?}");

    // The journey waits for an account, and says so; nobody takes it by an address that is not verified.
    let waiting = company.only("journey.start-request", "").await;
    assert_eq!((&waiting["status"], &waiting["email"]), (&json!("waiting"), &json!(CUSTOMER)), "{waiting}");
    let notices = bart_notices(&company).await;
    assert_eq!(notices.matches("/plugin::journey.start-request/").count(), 1, "{notices}");
    let user = server.add_user("sanne", "authenticated", json!({ "confirmed": true })).await;
    server.run_until_idle().await;
    assert!(company.rows("journey.journey", "").await.is_empty());
    let verified = json!({ "emailVerified": true });
    server.put(&format!("/api/users/{}", user.body["id"]), verified).await.expect_status(200);
    server.run_until_idle().await;
    let journey = company.only("journey.journey", "populate[customer]=true").await;
    assert_eq!((&journey["anchorAt"], &journey["customer"]["username"]), (&won["wonAt"], &json!("sanne")));
    let customer = server.with_token(&server.new_tenant_session("default", "sanne").await);
    let me = customer.get("/api/journey/me").await.expect_status(200);
    assert_eq!(me.data()[0]["phase"]["key"], "orderbevestiging", "{}", me.text());
    customer.get("/api/journey/start-requests").await.expect_status(403);

    // The vehicle appears in the customer's portal, with the contract that both have signed.
    let vehicle = company.only("portal.vehicle", "").await;
    assert_eq!((&vehicle["contractAmount"], &vehicle["orderedAt"]), (&json!(1512.5), &won["wonAt"]), "{vehicle}");
    let me = customer.get("/api/portal/me").await.expect_status(200);
    assert_eq!(me.data()["vehicles"][0]["documentId"], vehicle["documentId"], "{}", me.text());
    let documents = me.data()["documents"].as_array().unwrap();
    assert_eq!((documents.len(), &documents[0]["signature"]), (1, &json!("signed")), "{}", me.text());
    let address = documents[0]["file"]["url"].as_str().unwrap();
    assert!(address.contains("/uploads/private/"), "{address}");
    let file = server.public_client().get(address).await.expect_status(200);
    assert!(run_on(&file.bytes, "pdfsig", &["-nocert"], &[]).contains("Signature is Valid."));

    // The envelope has nothing left to sign, and other customers cannot find it.
    let link = format!("/api/esign/mine/{}/link", envelope["documentId"].as_str().unwrap());
    customer.post(&link, json!({})).await.expect_status(409);
    server.add_user("eve", "authenticated", json!({ "confirmed": true, "emailVerified": true })).await;
    let eve = server.with_token(&server.new_tenant_session("default", "eve").await);
    eve.post(&link, json!({})).await.expect_status(404);

    // Three more days repeat nothing.
    server.advance_clock(DAY * 3);
    server.run_until_idle().await;
    for uid in [
        "esign.envelope",
        "esign.request",
        "journey.journey",
        "journey.start-request",
        "crm.deal",
        "portal.vehicle",
        "portal.access",
        "portal.document",
    ] {
        company.only(uid, "").await;
    }
    assert_eq!(company.rows("crm.activity", "filters[kind]=task&filters[doneAt][$null]=true").await.len(), 0);
    company.assert_no_call_failed(&["crm", "esign", "journey", "portal"]).await;
}

async fn bart_notices(company: &Company) -> String {
    company.bart.get("/admin/api/notifications?limit=100").await.expect_status(200).text()
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_waits_for_a_plugin_that_is_missing_or_off() {
    let company = Company::start(&["crm"]).await;
    let server = &company.server;

    // If e-signing is not installed, the customer's acceptance counts, and the owner gets a task.
    let (deal, quote) = company.sell("Sanne de Vries", CUSTOMER).await;
    company.accept(CUSTOMER, "Sanne de Vries").await;
    assert_eq!(company.contract(&quote).await, "failed");
    assert_eq!(company.deal(&deal).await, state("open", "aanbetaling"));
    let open_tasks = "filters[kind]=task&filters[doneAt][$null]=true&filters[deal][documentId][$notNull]=true";
    let task = company.only("crm.activity", open_tasks).await;
    assert!(task["body"].as_str().unwrap().contains("niet geïnstalleerd"), "{task}");

    // Installed later: the contract is sent again. The customer declines, and the owner has a task again.
    install_plugin(server, "esign").await;
    company.press("contract", &quote, json!({})).await.expect_status(200);
    company.press("contract", &quote, json!({})).await.expect_status(409);
    server.run_until_idle().await;
    assert_eq!(company.contract(&quote).await, "sent");
    assert!(company.rows("crm.activity", open_tasks).await.is_empty());
    let link = company.link(CUSTOMER, "/api/esign/s/");
    let public = server.public_client();
    public.post(&format!("{link}/decline"), json!({ "reason": "De datum klopt niet" })).await.expect_status(200);
    server.run_until_idle().await;
    assert_eq!(company.contract(&quote).await, "declined");
    assert_eq!(company.only("crm.activity", open_tasks).await["body"], "De datum klopt niet");

    // Off: the request waits, and is fulfilled when the plugin is on again.
    let switch = async |to: &str| {
        server.post(&format!("{PLUGINS}/esign/{to}"), json!({})).await.expect_status(200);
    };
    switch("disable").await;
    company.press("contract", &quote, json!({})).await.expect_status(200);
    server.run_until_idle().await;
    assert_eq!(company.contract(&quote).await, "pending");
    assert_eq!(company.rows("esign.envelope", "").await.len(), 1);
    switch("enable").await;
    server.advance_clock(Duration::from_secs(600));
    server.run_until_idle().await;
    assert_eq!(company.contract(&quote).await, "sent");
    assert_eq!(company.rows("esign.envelope", "").await.len(), 2);

    // A signature while the CRM is off is recorded when it is on again.
    server.post(&format!("{PLUGINS}/crm/disable"), json!({})).await.expect_status(200);
    company.sign(CUSTOMER, "Sanne de Vries").await;
    company.sign(SIGNER, "Bart v. d. Weijer").await;
    server.post(&format!("{PLUGINS}/crm/enable"), json!({})).await.expect_status(200);
    server.advance_clock(Duration::from_secs(60));
    server.run_until_idle().await;
    assert_eq!(company.contract(&quote).await, "signed");
    // The deposit still has to come: the rule of the stage holds as by hand.
    assert_eq!(company.deal(&deal).await, state("open", "aanbetaling"));
    company.press("deposit", &quote, json!({ "amount": "378,13" })).await.expect_status(200);
    assert_eq!(company.deal(&deal).await, state("won", "project-gereed"));
    company.assert_no_call_failed(&["crm", "esign"]).await;
}
