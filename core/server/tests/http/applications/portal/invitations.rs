//! From an order to the portal: the mail, its link, a password, and the vehicle; and who gets no mail.

use super::{CONTENT, PortalFixture};
use crate::applications::{configured_server_with_plugin, pack_plugin};
use crate::plugins::{PLUGINS, stage};
use cairn_testkit::{TestProject, TestServer};
use futures_util::future::join_all;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Mails to an address, oldest first.
pub(super) async fn list_mails(server: &TestServer, address: &str) -> Vec<Json> {
    server.run_until_idle().await;
    let root = server.super_admin().await;
    let found = root.get("/admin/api/mails?limit=100").await.expect_status(200);
    let mut own = Vec::new();
    for mail in found.data().as_array().unwrap().iter().rev().filter(|mail| mail["to"].to_string().contains(address)) {
        let mail = root.get(&format!("/admin/api/mails/{}", mail["id"])).await.expect_status(200);
        own.push(mail.data().clone());
    }
    own
}

fn extract_code(mail: &Json) -> String {
    let text = mail["text"].as_str().unwrap();
    let rest = text.split("/invitation?code=").nth(1).unwrap_or_else(|| panic!("no link in {text}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

pub(super) fn order(number: &str, name: &str, email: &str) -> Json {
    json!({ "orderNo": number, "title": "F22", "owner": { "name": name, "email": email, "language": "nl" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_leads_its_customer_into_the_portal() {
    let fixture = PortalFixture::new().await;
    let (server, public) = (&fixture.server, fixture.server.public_client());
    // Twice at once, and a second order of the same person.
    let sent = join_all((0..4).map(|n| {
        let number = if n < 3 { "F22-1" } else { "F22-2" };
        server.post("/api/portal/orders", order(number, "Sanne Verhoeven", "Sanne@Example.com"))
    }))
    .await;
    assert!(
        sent.iter().all(|answer| [200, 201].contains(&answer.status)),
        "{:?}",
        sent.iter().map(|one| one.text()).collect::<Vec<_>>()
    );
    let mails = list_mails(server, "sanne@example.com").await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0]["text"].as_str().unwrap().contains("Hallo Sanne Verhoeven,"), "{}", mails[0]);
    let root = server.super_admin().await;
    let users = root.get("/admin/api/content-users?q=sanne").await.expect_status(200);
    assert_eq!(
        (users.data().as_array().unwrap().len(), &users.data()[0]["state"]),
        (1, &json!("invited")),
        "{}",
        users.text()
    );
    // The audit log records the plugin that invited.
    let log = root.get("/admin/api/audit?action=user.invited").await.expect_status(200);
    assert!(log.text().contains("portal"), "{}", log.text());

    // A wrong code opens nothing, and the vehicles need a session.
    let accept = |code: &str| json!({ "code": code, "password": "An0ther one" });
    public.post("/api/auth/accept-invitation", accept(&"x".repeat(43))).await.expect_status(400);
    public.get("/api/portal/me").await.expect_status(401);
    let accepted =
        public.post("/api/auth/accept-invitation", accept(&extract_code(&mails[0]))).await.expect_status(200);
    let customer = public.with_token(accepted.body["jwt"].as_str().unwrap());
    let me = customer.get("/api/portal/me").await.expect_status(200);
    assert_eq!(me.data()["vehicles"].as_array().unwrap().len(), 2, "{}", me.text());
    assert_eq!(me.data()["name"], "Sanne Verhoeven");
    // A further order is the customer's at once, without a mail.
    server.post("/api/portal/orders", order("F22-3", "Sanne", "sanne@example.com")).await.expect_status(201);
    server.run_until_idle().await;
    let me = customer.get("/api/portal/me").await.expect_status(200);
    assert_eq!(me.data()["vehicles"].as_array().unwrap().len(), 3, "{}", me.text());
    assert_eq!(list_mails(server, "sanne@example.com").await.len(), 1);
    fixture.assert_no_call_failed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_invited_who_is_blocked_or_has_another_role_and_the_team_sends_again() {
    let fixture = PortalFixture::new().await;
    let server = &fixture.server;
    server.add_user("kees", "public", json!({ "confirmed": true })).await;
    server.add_user("bob", "authenticated", json!({ "confirmed": true, "blocked": true })).await;
    for (number, name) in [("1", "kees"), ("2", "bob"), ("3", "eva")] {
        let order = order(number, "", &format!("{name}@example.com"));
        server.post("/api/portal/orders", order).await.expect_status(201);
    }
    for (name, count) in [("kees", 0), ("bob", 0), ("eva", 1)] {
        assert_eq!(list_mails(server, &format!("{name}@example.com")).await.len(), count, "{name}");
    }
    let accesses = fixture.manager.get(&format!("{CONTENT}access?sort=email:asc")).await.expect_status(200);
    let states: Vec<&Json> = accesses.data().as_array().unwrap().iter().map(|access| &access["invitation"]).collect();
    assert_eq!(states, [&json!("blocked"), &json!("sent"), &json!("refused")], "{}", accesses.text());
    let evas = accesses.data()[1]["documentId"].as_str().unwrap().to_owned();

    server.advance_clock(Duration::from_secs(120));
    let path = format!("{PLUGINS}/portal/views/tasks/actions/invite");
    let document = json!({ "document": { "contentType": "plugin::portal.access", "documentId": evas }, "values": {} });
    let sent = fixture.manager.post(&path, document.clone()).await.expect_status(200);
    assert!(sent.text().contains("on its way"), "{}", sent.text());
    let mails = list_mails(server, "eva@example.com").await;
    assert_eq!(mails.len(), 2);
    // The link before is good for nothing; nor may others of the team send one.
    let public = server.public_client();
    let accept = |code: &str| json!({ "code": code, "password": "An0ther one" });
    public.post("/api/auth/accept-invitation", accept(&extract_code(&mails[0]))).await.expect_status(400);
    let writer = server.sign_in_admin("tom@example.com", super::PASSWORD).await;
    writer.post(&path, document).await.expect_status(403);
    public.post("/api/auth/accept-invitation", accept(&extract_code(&mails[1]))).await.expect_status(200);
    fixture.assert_no_call_failed().await;
}

/// Anybody can register with the address of a customer, and is confirmed at once where nothing has to be confirmed, or by the customer who follows
/// the link of a mail that they did not ask for.
#[tokio::test(flavor = "multi_thread")]
async fn who_registers_with_the_address_of_a_customer_gets_nothing_of_theirs() {
    for confirm_by_mail in [false, true] {
        let settings = json!({ "auth": { "registration": { "confirmByMail": confirm_by_mail } } });
        let fixture = PortalFixture::new().await;
        let (server, public) = (&fixture.server, fixture.server.public_client());
        server.apply_settings(settings).await;
        let address = "sanne@example.com";
        let body = json!({ "username": "mallory", "email": address, "password": "Ma11ory's own" });
        public.post("/api/auth/local/register", body).await.expect_status(200);
        if confirm_by_mail {
            let mails = list_mails(server, address).await;
            let link = mails[0]["text"].as_str().unwrap().split("email-confirmation?").nth(1).unwrap();
            let query = link.split_whitespace().next().unwrap();
            public.get(&format!("/api/auth/email-confirmation?{query}")).await;
        }
        let credentials = json!({ "identifier": "mallory", "password": "Ma11ory's own" });
        let session = public.post("/api/auth/local", credentials.clone()).await.expect_status(200);
        let mallory = public.with_token(session.body["jwt"].as_str().unwrap());

        server.post("/api/portal/orders", order("1", "Sanne", address)).await.expect_status(201);
        let mails = list_mails(server, address).await;
        let code = extract_code(mails.last().unwrap());
        for _ in 0..2 {
            let me = mallory.get("/api/portal/me").await.expect_status(200);
            assert_eq!(me.data()["vehicles"], json!([]), "{}", me.text());
            server.advance_clock(Duration::from_secs(3_600));
            server.run_until_idle().await;
        }
        // Visitors see it where they name it.
        let own = mallory.get("/api/users/me?fields=emailVerified").await.expect_status(200);
        assert_eq!(own.body["emailVerified"], false, "{}", own.text());
        let own = mallory.get("/api/users/me").await.expect_status(200);
        assert_eq!(own.body["emailVerified"], Json::Null, "{}", own.text());

        // The owner of the address accepts, and the account is theirs alone.
        let accept = json!({ "code": code, "password": "Sanne's own 1" });
        let accepted = public.post("/api/auth/accept-invitation", accept).await.expect_status(200);
        let sanne = public.with_token(accepted.body["jwt"].as_str().unwrap());
        let me = sanne.get("/api/portal/me").await.expect_status(200);
        assert_eq!(me.data()["vehicles"].as_array().unwrap().len(), 1, "{}", me.text());
        public.post("/api/auth/local", credentials).await.expect_status(400);
        mallory.get("/api/portal/me").await.expect_status(401);
        fixture.assert_no_call_failed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_grant_orders_come_and_nobody_is_invited() {
    let server = TestServer::start_configured(TestProject::newsroom(), |_| {}).await;
    let staged = stage(&server, &pack_plugin("portal")).await.expect_status(201);
    let grants = staged.data()["grants"].as_array().unwrap();
    let is_invite = |grant: &Json| grant.to_string().contains("users.invite");
    assert_eq!(grants.iter().filter(|grant| is_invite(grant)).count(), 1, "{}", staged.text());
    let others: Vec<usize> = (0..grants.len()).filter(|n| !is_invite(&grants[*n])).collect();
    let body = json!({ "digest": staged.data()["digest"], "grants": others });
    server.post(PLUGINS, body).await.expect_status(201);
    server.post("/api/portal/orders", order("1", "Sanne", "sanne@example.com")).await.expect_status(201);
    assert!(list_mails(&server, "sanne@example.com").await.is_empty());
    let root = server.super_admin().await;
    let accesses = root.get(&format!("{CONTENT}access")).await.expect_status(200);
    assert_eq!(
        (&accesses.data()[0]["email"], &accesses.data()[0]["invitation"]),
        (&json!("sanne@example.com"), &Json::Null)
    );
    let calls = root.get(&format!("{PLUGINS}/portal/calls")).await.expect_status(200);
    assert_eq!(calls.data(), &json!([]), "a call failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_orders_than_invitations_an_hour_are_all_invited_in_time() {
    let server = configured_server_with_plugin("portal", |_| {}).await;
    // More than the 100 of an hour.
    for n in 0..104 {
        let order = order(&n.to_string(), "", &format!("customer{n}@example.com"));
        server.post("/api/portal/orders", order).await.expect_status(201);
    }
    server.run_until_idle().await;
    let count = async |state: &str| {
        let found = server.get(&format!("{CONTENT}access?filters[invitation]={state}")).await.expect_status(200);
        found.pagination_total()
    };
    assert_eq!((count("sent").await, count("due").await), (100, 4));
    server.advance_clock(Duration::from_secs(2 * 3_600));
    server.run_until_idle().await;
    assert_eq!((count("sent").await, count("due").await), (104, 0));
    let calls = server.get(&format!("{PLUGINS}/portal/calls")).await.expect_status(200);
    assert_eq!(calls.data(), &json!([]), "a call failed");
}
