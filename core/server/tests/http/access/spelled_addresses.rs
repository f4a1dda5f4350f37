//! Addresses of one mailbox: its domain in its own letters and in Punycode, and with characters that nobody sees, as phones and PDFs paste them.

use super::sign_in::{jwt, server, sign_in};
use cairn_store::system::NewUser;
use cairn_testkit::{TestClient, TestResponse, TestServer};
use serde_json::{Value as Json, json};

const PASSWORD: &str = "Passw0rd!";
/// Spellings of one address.
const SPELLINGS: [&str; 4] =
    ["info@bücher.example", "Info@XN--bcher-kva.example", "info@BÜCHER.example", "\u{202a}info@bücher.example\u{202c}"];

async fn register(client: &TestClient, name: &str, email: &str) -> TestResponse {
    client.post("/api/auth/local/register", json!({"username": name, "email": email, "password": PASSWORD})).await
}

/// The number of accounts that are reported of a person.
async fn count_accounts(server: &TestServer, address: &str) -> u64 {
    let summary =
        server.post("/admin/api/personal-data/summary", json!({ "address": address })).await.expect_status(200);
    let sources = summary.data()["sources"].as_array().unwrap().clone();
    let accounts = sources.iter().find(|source| source["source"] == "core:account");
    accounts.and_then(|source| source["records"].as_u64()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mailbox_has_one_account_however_it_is_spelled() {
    let server = server().await;
    server.apply_settings(json!({"auth": {"signInRateLimit": false}})).await;
    let public = server.public_client();
    let ann = register(&public, "ann", "\u{feff}Info@bücher.example\u{200b}").await.expect_status(200);
    // The address is stored as it was typed, without invisible characters.
    assert_eq!(ann.body["user"]["email"], "info@bücher.example");
    for (n, spelling) in SPELLINGS.into_iter().enumerate() {
        let signed_in = sign_in(&public, spelling, PASSWORD).await.expect_status(200);
        assert_eq!(signed_in.body["user"]["id"], ann.body["user"]["id"], "{spelling}");
        let conflict = "Email or Username are already taken";
        register(&public, &format!("other{n}"), spelling).await.expect_error(400, conflict);
        let admins = json!({"username": format!("other{n}"), "email": spelling, "password": PASSWORD, "role": 1});
        server.post("/api/users", admins).await.expect_error(400, "Email already taken");
        assert_eq!(count_accounts(&server, spelling).await, 1, "{spelling}");
    }
    // The account's own address may be spelled in another way: it is not taken.
    let path = format!("/api/users/{}", ann.body["user"]["id"]);
    let changed = server.put(&path, json!({"email": "info@xn--bcher-kva.example"})).await.expect_status(200);
    assert_eq!(changed.body["email"], "info@xn--bcher-kva.example");
    sign_in(&public, SPELLINGS[0], PASSWORD).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_without_what_nobody_sees_is_refused() {
    let server = server().await;
    server.apply_settings(json!({"auth": {"signInRateLimit": false}})).await;
    let public = server.public_client();
    for (n, email) in
        ["\u{200b}", "\u{200b}@example.com", "\u{feff}a@\u{202a}", "a\u{202e}@example.com\n"].into_iter().enumerate()
    {
        let refused = register(&public, &format!("user{n}"), email).await;
        assert_eq!(refused.status, 400, "{email:?}: {}", refused.text());
        assert!(refused.message().starts_with("email "), "{email:?}: {}", refused.text());
    }
    let long = format!("a\u{200b}@{}.example", "é".repeat(5_000));
    assert_eq!(register(&public, "long", &long).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_were_stored_apart_stay_apart() {
    let server = server().await;
    server.apply_settings(json!({"auth": {"signInRateLimit": false}})).await;
    let public = server.public_client();
    let ann = register(&public, "ann", "info@bücher.example").await.expect_status(200);
    // A server that took the spelling for another address stored it like this.
    let create = move |tx: &mut cairn_store::WriteTx<'_>| {
        let known = tx.reader().users().get_by_username("ann")?.unwrap();
        let user = NewUser {
            username: "bob",
            email: "info@xn--bcher-kva.example",
            password_hash: known.password_hash.as_deref().unwrap(),
            confirmed: true,
            role: known.role.as_deref(),
        };
        tx.users().create(&user, "2026-01-01T00:00:00.000Z")
    };
    let bob = server.app.content.store().write(create).await.unwrap();
    let own: Vec<Json> = [SPELLINGS[0], SPELLINGS[1]].map(Json::from).to_vec();
    for (identifier, name) in own.iter().zip(["ann", "bob"]) {
        let signed_in = sign_in(&public, identifier.as_str().unwrap(), PASSWORD).await.expect_status(200);
        assert_eq!(signed_in.body["user"]["username"], name);
        server.with_token(&jwt(&signed_in)).get("/api/users/me").await.expect_status(200);
    }
    // Accounts of one mailbox can be updated otherwise, and are erased together: one person reads both.
    let path = format!("/api/users/{}", ann.body["user"]["id"]);
    server.put(&path, json!({"username": "anna"})).await.expect_status(200);
    assert_eq!(count_accounts(&server, SPELLINGS[2]).await, 2);
    let address = json!({ "address": SPELLINGS[1] });
    server.post("/admin/api/personal-data/erasures", address).await.expect_status(202);
    server.run_until_idle().await;
    assert_eq!(count_accounts(&server, SPELLINGS[0]).await, 0);
    let store = server.app.content.store();
    assert_eq!(store.read(|r| r.users().get_by_document(&bob)).unwrap(), None);
}
