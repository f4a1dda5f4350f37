//! A quote on its way: drafted by a move on the board, numbered and mailed, answered by somebody without an account, paid.

use super::{CONTENT, INTAKE, PASSWORD, configured_server_with_crm, rows};
use crate::applications::mail_receiver::{MailReceiver, ReceivedMail};
use crate::plugins::{PLUGINS, root};
use cairn_testkit::{TestClient, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::process::Command;
use std::time::Duration;

const SITE: &str = "https://crm.example.com";
const HTML: &str = "text/html,application/xhtml+xml";

/// A server with the CRM that makes PDFs and sends its mails to a server of the test.
pub(super) async fn server_that_sends_quotes() -> (TestServer, MailReceiver) {
    let receiver = MailReceiver::start().await;
    let smtp_url = receiver.url();
    let server = configured_server_with_crm(|config| {
        config.mail.smtp_url = Some(smtp_url);
        config.mail.from = Some("Mr. DJ <post@example.com>".to_owned());
        config.plugins.pdf = Some(root().join("target/tools/cairn-pdf").display().to_string());
        config.server.public_url = Some(SITE.to_owned());
    })
    .await;
    let values = json!({
        "perMinute": 1000, "companyName": "Mr. DJ B.V.", "companyAddress": "Kade 1\n1012 AB Amsterdam", "accentColour": "#7a1f5c",
        "legalFooter": "KvK 12345678 · Btw NL001234567B01",
        "forms": [{ "key": "bruiloft", "pipeline": "bruiloften", "owner": "role:sales", "answer": "full" }],
    });
    server.put(&format!("{PLUGINS}/crm/settings"), json!({ "values": values })).await.expect_status(200);
    (server, receiver)
}

/// A deal of an inquiry, dragged to *Offerte*.
pub(super) async fn offer(server: &TestServer, bart: &TestClient, name: &str, email: &str) -> String {
    let inquiry =
        json!({ "name": name, "email": email, "eventDate": "2026-06-20", "packageWish": "gold", "locale": "nl" });
    let lead = server.public_client().post(INTAKE, inquiry).await.expect_status(201);
    let lead = lead.data()["documentId"].as_str().unwrap().to_owned();
    let deal = bart.post(&format!("/api/crm/qualify/{lead}"), json!({})).await.expect_status(201);
    let deal = deal.data()["deal"].as_str().unwrap().to_owned();
    move_to(bart, &deal, "offerte").await.expect_status(200);
    server.run_until_idle().await;
    deal
}

async fn move_to(bart: &TestClient, deal: &str, stage: &str) -> TestResponse {
    let stages = rows(bart, "stage", &format!("filters[pipeline][key]=bruiloften&filters[key]={stage}")).await;
    let data = json!({ "data": { "stage": { "set": [stages[0]["documentId"]] } } });
    bart.put(&format!("{CONTENT}deal/{deal}"), data).await
}

/// Presses a button of the quote's page.
pub(super) async fn press(client: &TestClient, action: &str, quote: &str, values: Json) -> TestResponse {
    let mut values = values;
    values["quote"] = json!(quote);
    client.post(&format!("{PLUGINS}/crm/views/quotes/actions/{action}"), json!({ "values": values })).await
}

/// The quotes of a deal, the newest version last.
pub(super) async fn quotes_of(bart: &TestClient, deal: &str) -> Vec<Json> {
    rows(bart, "quote", &format!("filters[deal][documentId]={deal}&sort=revision:asc")).await
}

fn id_of(document: &Json) -> String {
    document["documentId"].as_str().unwrap().to_owned()
}

/// The path of the link in a mail with a quote.
fn link_of(mail: &ReceivedMail) -> String {
    let text = mail.text();
    let start = text.find(&format!("{SITE}/api/crm/offer/")).unwrap_or_else(|| panic!("no link: {text}"));
    text[start + SITE.len()..].split_whitespace().next().unwrap().to_owned()
}

/// Sends an answer as the page's form does.
async fn send_form(client: &TestClient, path: String, body: &str) -> TestResponse {
    let request = client.request("POST", &path).header("accept", HTML);
    let request = request.header("content-type", "application/x-www-form-urlencoded").header("origin", "null");
    client.send(request.body(body.to_owned())).await
}

async fn get_page(client: &TestClient, path: &str) -> TestResponse {
    client.get_with(path, ("accept", HTML)).await
}

/// Extracts the text of a PDF by `pdftotext`.
fn read_pdf(bytes: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let read = Command::new("pdftotext").arg("-layout").arg(file.path()).arg("-").output().unwrap();
    assert!(read.status.success(), "{read:?}");
    String::from_utf8(read.stdout).unwrap().replace('\u{a0}', " ")
}

#[tokio::test(flavor = "multi_thread")]
async fn quote_is_sent_accepted_and_paid() {
    let (server, receiver) = server_that_sends_quotes().await;
    let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
    let public = server.public_client();
    let deal = offer(&server, &bart, "Sanne de Vries", "sanne@example.nl").await;

    // The move drafted the quote, and the clock of the stage runs.
    let drafted = quotes_of(&bart, &deal).await;
    let amounts = ["status", "net", "vat", "gross", "deposit"].map(|field| drafted[0][field].clone());
    assert_eq!(amounts, [json!("draft"), json!(125_000), json!(26_250), json!(151_250), json!(37_813)], "{drafted:?}");
    let quote = id_of(&drafted[0]);
    let clock = rows(&bart, "deal", "").await;
    assert_eq!(
        (&clock[0]["slaState"], &clock[0]["slaDueAt"], &clock[0]["amount"]),
        (&json!("running"), &json!("2026-01-03T03:04:05.678Z"), &json!(1512.5))
    );
    for stage in ["aanbetaling", "project-gereed", "evaluatie"] {
        let refused = move_to(&bart, &deal, stage).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["stage"]), "{}", refused.text());
    }

    // Sent: a PDF by mail, and a link that is nowhere else.
    press(&bart, "send", &quote, json!({})).await.expect_status(200);
    press(&bart, "send", &quote, json!({})).await.expect_status(409);
    server.run_until_idle().await;
    let mails: Vec<ReceivedMail> = receiver
        .mails_to("sanne@example.nl")
        .into_iter()
        .filter(|mail| !mail.parts("application/pdf").is_empty())
        .collect();
    assert_eq!(mails.len(), 1);
    let pdf = mails[0].parts("application/pdf").swap_remove(0);
    let text = read_pdf(&pdf);
    for words in [
        "Mr. DJ B.V.",
        "Kade 1",
        "Offerte 2026-0001",
        "Sanne de Vries",
        "20-06-2026",
        "1.250,00",
        "1.512,50",
        "378,13",
        "KvK 12345678",
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    assert!(mails[0].text().contains("1.512,50"), "{}", mails[0].text());
    let link = link_of(&mails[0]);
    let token = link.rsplit('/').next().unwrap();
    let kept = server.get("/admin/api/mails?limit=100").await.expect_status(200).text();
    let content = server.dump_content().await;
    assert!(!kept.contains(token) && !content.iter().any(|(_, text)| text.contains(token)), "the link was kept");
    let sent = quotes_of(&bart, &deal).await;
    let facts = ["number", "status", "delivery", "validUntil"].map(|field| sent[0][field].clone());
    assert_eq!(facts, [json!("2026-0001"), json!("sent"), json!("sent"), json!("2026-01-16")], "{sent:?}");
    let clock = rows(&bart, "deal", "").await;
    assert_eq!((&clock[0]["slaState"], &clock[0]["amount"]), (&json!("met"), &json!(1512.5)), "{clock:?}");
    let public_fields = server.get("/api/crm/quotes").await.expect_status(200).text();
    assert!(public_fields.contains("2026-0001") && !public_fields.contains("tokenHash"), "{public_fields}");

    // A sent quote cannot be changed by anybody.
    let change = json!({ "data": { "lines": [] } });
    bart.put(&format!("{CONTENT}quote/{quote}"), change.clone()).await.expect_status(409);
    server.put(&format!("/api/crm/quotes/{quote}"), change).await.expect_status(409);
    server.delete(&format!("/api/crm/quotes/{quote}")).await.expect_status(409);

    // Reading changes nothing.
    let page = get_page(&public, &link).await.expect_status(200);
    assert!(page.text().contains("€\u{a0}1.512,50") && page.text().contains("Accepteren"), "{}", page.text());
    assert_eq!((page.header("cache-control"), page.header("x-robots-tag")), ("no-store", "noindex"));
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let head = public.send(public.request("HEAD", &link)).await;
    assert_eq!(head.status, 200);
    let shown = public.get(&format!("{link}/pdf")).await.expect_status(200);
    assert_eq!((shown.header("content-type"), shown.bytes == pdf), ("application/pdf", true));
    for path in ["accept", "decline"] {
        public.get(&format!("{link}/{path}")).await.expect_status(405);
    }
    assert_eq!(quotes_of(&bart, &deal).await, sent);

    // An invalid answer gets an error, and changes nothing.
    let unsigned = send_form(&public, format!("{link}/accept"), "name=%20").await.expect_status(400);
    assert!(unsigned.text().contains("Vul je naam in"), "{}", unsigned.text());
    let long = send_form(&public, format!("{link}/accept"), &format!("name={}", "x".repeat(121))).await;
    assert_eq!(long.status, 400);
    let huge = send_form(&public, format!("{link}/decline"), &format!("reason={}", "x".repeat(17 << 10))).await;
    assert_eq!(huge.status, 413);
    let wrong = public.post(&format!("{link}/accept"), json!({ "name": ["a"] })).await.expect_status(400);
    assert_eq!(wrong.name(), "ValidationError", "{}", wrong.text());
    for unknown in ["x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &"é".repeat(43)] {
        let page = get_page(&public, &format!("/api/crm/offer/{unknown}")).await.expect_status(404);
        assert!(page.header("content-type").starts_with("text/html"), "{}", page.text());
        public.post(&format!("/api/crm/offer/{unknown}/accept"), json!({ "name": "a" })).await.expect_status(404);
    }
    assert_eq!(quotes_of(&bart, &deal).await, sent);

    // A double click accepts once.
    let other = server.public_client();
    let (one, two) = tokio::join!(
        send_form(&public, format!("{link}/accept"), "name=Sanne+de+Vries"),
        send_form(&other, format!("{link}/accept"), "name=Sanne+de+Vries"),
    );
    // Clients of both requests are redirected to the page, which says so.
    for page in [one, two] {
        let page = page.expect_status(200);
        assert!(page.text().contains("Geaccepteerd door Sanne de Vries"), "{}", page.text());
    }
    assert_eq!(rows(&bart, "activity", "filters[subject][$contains]=geaccepteerd").await.len(), 1);
    send_form(&public, format!("{link}/decline"), "reason=").await.expect_status(409);
    let accepted = rows(&bart, "deal", "populate[stage]=true").await;
    assert_eq!((&accepted[0]["stage"]["key"], &accepted[0]["slaState"]), (&json!("aanbetaling"), &json!("met")));
    // The customer gets one confirmation by mail.
    server.run_until_idle().await;
    let confirmed = receiver.mails_to("sanne@example.nl").into_iter().map(|mail| mail.text());
    assert_eq!(confirmed.filter(|text| text.contains("Bedankt voor je akkoord op offerte 2026-0001")).count(), 1);

    // Bart books the deposit, once.
    let paid = json!({ "amount": "378,13" });
    let (one, two) =
        tokio::join!(press(&bart, "deposit", &quote, paid.clone()), press(&bart, "deposit", &quote, paid.clone()));
    assert_eq!(BTreeSet::from([one.status, two.status]), BTreeSet::from([200, 409]), "{} {}", one.text(), two.text());
    let won = rows(&bart, "deal", "populate[stage]=true").await;
    assert_eq!((&won[0]["stage"]["key"], &won[0]["status"]), (&json!("project-gereed"), &json!("won")), "{won:?}");
    let payments = rows(&bart, "payment", "").await;
    assert_eq!((payments.len(), &payments[0]["amount"], &payments[0]["bookedBy"]), (1, &json!(37_813), &json!("bart")));

    // The figures, for programs and on the dashboard.
    let report = async |name: &str| {
        bart.get(&format!("/admin/api/plugin-routes/crm/reports/{name}?period=2026")).await.expect_status(200)
    };
    let revenue = report("revenue").await;
    assert_eq!(revenue.data()["months"][0]["currencies"]["EUR"], json!({ "quotes": 1, "net": 125_000 }));
    assert_eq!(report("conversion").await.data()["percent"], 100.0);
    assert_eq!(report("response-time").await.data()["answered"], 1);
    let eva = server.sign_in_admin("eva@example.com", PASSWORD).await;
    eva.get("/admin/api/plugin-routes/crm/reports/revenue?period=soon").await.expect_status(400);
    public.get("/api/crm/reports/revenue").await.expect_status(401);
    let dashboard = bart.post(&format!("{PLUGINS}/crm/views/dashboard"), json!({})).await.expect_status(200);
    assert!(dashboard.text().contains("1250.0"), "{}", dashboard.text());
    let calls = server.get(&format!("{PLUGINS}/crm/calls")).await.expect_status(200);
    assert_eq!(calls.data(), &json!([]), "a call failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn quotes_are_numbered_without_gaps_and_answered_once() {
    let (server, receiver) = server_that_sends_quotes().await;
    let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
    let names = ["an", "bo", "cas", "dirk"];
    let mut quotes = Vec::new();
    for name in names {
        let deal = offer(&server, &bart, name, &format!("{name}@example.nl")).await;
        quotes.push(id_of(&quotes_of(&bart, &deal).await[0]));
    }
    // A draft without lines takes a number and gives it back; the others are sent at the same moment.
    bart.put(&format!("{CONTENT}quote/{}", quotes[0]), json!({ "data": { "lines": [] } })).await.expect_status(200);
    let send = |n: usize| press(&bart, "send", &quotes[n], json!({}));
    let (none, one, two) = tokio::join!(send(0), send(1), send(2));
    assert_eq!([none.status, one.status, two.status], [400, 200, 200], "{} {} {}", none.text(), one.text(), two.text());
    send(0).await.expect_status(400);
    send(3).await.expect_status(200);
    server.run_until_idle().await;
    let numbers = rows(&bart, "quote", "filters[number][$notNull]=true&sort=number:asc").await;
    let numbers: Vec<&str> = numbers.iter().map(|quote| quote["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["2026-0001", "2026-0002", "2026-0003"]);

    // Accepted and declined at the same moment: one of them counts.
    let link = |name: &str| {
        let mails = receiver.mails_to(&format!("{name}@example.nl"));
        link_of(mails.iter().rev().find(|mail| !mail.parts("application/pdf").is_empty()).unwrap())
    };
    let public = server.public_client();
    let first = link("bo");
    let (accept, decline) = (format!("{first}/accept"), format!("{first}/decline"));
    let (yes, no) =
        tokio::join!(public.post(&accept, json!({ "name": "Bo" })), public.post(&decline, json!({ "reason": "No" })));
    assert_eq!(BTreeSet::from([yes.status, no.status]), BTreeSet::from([200, 409]), "{} {}", yes.text(), no.text());
    let status = public.get(&first).await.expect_status(200).data()["status"].clone();
    assert_eq!(status, if yes.status == 200 { "accepted" } else { "declined" });

    // A new version ends the link of the old one, and leads nowhere else.
    let second = link("cas");
    press(&bart, "version", &quotes[2], json!({})).await.expect_status(200);
    press(&bart, "version", &quotes[2], json!({})).await.expect_status(200);
    let versions = rows(&bart, "quote", "filters[number]=2026-0002&sort=revision:asc").await;
    let versions = if id_of(&versions[0]) == quotes[2] {
        versions
    } else {
        rows(&bart, "quote", "filters[number]=2026-0001&sort=revision:asc").await
    };
    assert_eq!(versions.len(), 2, "{versions:?}");
    get_page(&public, &second).await.expect_status(200);
    press(&bart, "send", &id_of(&versions[1]), json!({})).await.expect_status(200);
    server.run_until_idle().await;
    let gone = get_page(&public, &second).await.expect_status(410);
    assert!(gone.text().contains("nieuwere versie") && !gone.text().contains("<form"), "{}", gone.text());
    public.post(&format!("{second}/accept"), json!({ "name": "Cas" })).await.expect_status(409);

    // Sent again, it has a new link. Past its last day nothing is accepted any more, whatever the timer noted.
    let old = link("dirk");
    press(&bart, "send", &quotes[3], json!({})).await.expect_status(200);
    server.run_until_idle().await;
    let new = link("dirk");
    assert_ne!(old, new);
    get_page(&public, &old).await.expect_status(404);
    server.advance_clock(Duration::from_secs(15 * 86_400));
    let late = send_form(&public, format!("{new}/accept"), "name=Dirk").await.expect_status(409);
    assert!(late.text().contains("geldig tot en met 16-01-2026"), "{}", late.text());
    let late = public.post(&format!("{new}/accept"), json!({ "name": "Dirk" })).await.expect_status(409);
    assert_eq!(late.message(), "Deze offerte is verlopen.");
    server.run_until_idle().await;
    // Bart's session has expired by now.
    let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
    assert_eq!(rows(&bart, "quote", "filters[status]=expired").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn quotes_that_cannot_be_sent_say_why() {
    let receiver = MailReceiver::start().await;
    let smtp_url = receiver.url();
    let server = configured_server_with_crm(|config| {
        config.mail.smtp_url = Some(smtp_url);
        config.mail.from = Some("post@example.com".to_owned());
        config.plugins.pdf = Some(String::new());
    })
    .await;
    let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
    let deal = offer(&server, &bart, "Sanne", "sanne@example.nl").await;
    let quote = id_of(&quotes_of(&bart, &deal).await[0]);
    press(&bart, "send", &quote, json!({})).await.expect_status(200);
    // The PDF renderer is not installed: the job retries for a while.
    for _ in 0..8 {
        server.run_until_idle().await;
        server.advance_clock(Duration::from_secs(1_200));
    }
    let failed = quotes_of(&bart, &deal).await;
    assert_eq!((&failed[0]["status"], &failed[0]["delivery"]), (&json!("draft"), &json!("failed")), "{failed:?}");
    let look = json!({ "parameters": { "quote": quote } });
    let page = bart.post(&format!("{PLUGINS}/crm/views/quotes"), look).await.expect_status(200);
    assert!(page.text().contains("Mend that, then send the quote again"), "{}", page.text());
    // The quote can be corrected and sent again.
    bart.put(&format!("{CONTENT}quote/{quote}"), json!({ "data": { "depositPercent": 50 } })).await.expect_status(200);
    press(&bart, "send", &quote, json!({})).await.expect_status(200);
    assert!(receiver.mails_to("sanne@example.nl").iter().all(|mail| mail.parts("application/pdf").is_empty()));
}
