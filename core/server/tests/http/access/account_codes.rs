//! Codes and links that were given to somebody end when they are used, and when the account that they are for changes.

use cairn_access::auth::{AdminLink, CodePurpose};
use cairn_testkit::{TestClient, TestServer};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};

const PASSWORD: &str = "a password of some length";

async fn server_with_ann() -> (TestServer, String) {
    let server = super::sign_in::server().await;
    let ann =
        json!({"username": "ann", "email": "ann@example.com", "password": "Passw0rd!", "confirmed": false, "role": 1});
    let ann = server.post("/api/users", ann).await.expect_status(201).body["id"].to_string();
    (server, format!("/api/users/{ann}"))
}

async fn reset(public: &TestClient, code: &str) -> u16 {
    let body = json!({"code": code, "password": "by a code", "passwordConfirmation": "by a code"});
    public.post("/api/auth/reset-password", body).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_of_users_end_when_their_account_changes() {
    let (server, path) = server_with_ann().await;
    let public = server.public_client();
    let code = async |purpose| server.app.access.create_code("ann", purpose).await.unwrap().unwrap();
    for change in [
        json!({"email": "new@example.com"}),
        json!({"password": "another one"}),
        json!({"blocked": true}),
        json!({"blocked": false}),
    ] {
        let (to_reset, to_confirm) = (code(CodePurpose::ResetPassword).await, code(CodePurpose::ConfirmEmail).await);
        server.put(&path, change.clone()).await.expect_status(200);
        assert_eq!(reset(&public, &to_reset).await, 400, "{change}");
        let confirmed = public.get(&format!("/api/auth/email-confirmation?confirmation={to_confirm}")).await;
        assert_eq!(confirmed.status, 400, "{change}");
    }
    // An update that changes neither address, password nor block leaves the codes valid.
    let (to_reset, to_confirm) = (code(CodePurpose::ResetPassword).await, code(CodePurpose::ConfirmEmail).await);
    server
        .put(&path, json!({"username": "anna", "email": "NEW@example.com", "blocked": false}))
        .await
        .expect_status(200);
    assert_eq!(reset(&public, &to_reset).await, 200);
    // A password that was set by a code ends all others.
    assert_eq!(reset(&public, &to_reset).await, 400);
    let confirmed = public.get(&format!("/api/auth/email-confirmation?confirmation={to_confirm}")).await;
    assert_eq!(confirmed.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_not_mailed_to_an_address_that_was_changed_meanwhile() {
    let (server, path) = server_with_ann().await;
    let access = &server.app.access;
    let code = access.draw_code(CodePurpose::ResetPassword).unwrap();
    let found = access.store().read(|r| r.users().get_by_email("ann@example.com")).unwrap().unwrap();
    server.put(&path, json!({"email": "new@example.com"})).await.expect_status(200);
    let text = code.text().to_owned();
    assert!(!access.store().write(move |tx| code.store_for(tx, &found)).await.unwrap());
    assert_eq!(reset(&server.public_client(), &text).await, 400);
}

/// The token of a link to choose another password, as it is mailed.
async fn reset_token(server: &TestServer, email: &str) -> String {
    reset_token_requested_at(server, email, server.app.access.now()).await
}

async fn reset_token_requested_at(server: &TestServer, email: &str, requested: DateTime<Utc>) -> String {
    let access = &server.app.access;
    let code = access.draw_admin_code(AdminLink::ResetPassword).unwrap();
    let token = code.url("").split("token=").nth(1).unwrap().to_owned();
    let user = access.store().read(|r| r.admin_users().get_by_email(email)).unwrap().unwrap();
    assert!(access.store().write(move |tx| code.store_for(tx, &user, requested)).await.unwrap());
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn links_of_admin_users_end_when_their_account_changes() {
    let server = TestServer::start().await;
    let user = |email: &str, role: &str| json!({"email": email, "password": PASSWORD, "roles": [role]});
    let users = json!([user("root@example.com", "super-admin"), user("ed@example.com", "editor")]);
    server.apply_settings(json!({"adminUsers": users})).await;
    let root = server.sign_in_admin("root@example.com", PASSWORD).await;
    let ed = server.app.access.store().read(|r| r.admin_users().get_by_email("ed@example.com")).unwrap().unwrap().id;
    let path = format!("/admin/api/users/{ed}");
    let mut email = "ed@example.com";
    let use_token = async |token: &str| {
        let body = json!({"token": token, "password": "by a link of the mail"});
        server.new_browser().post("/admin/api/reset-password", body).await.status
    };
    for change in [json!({"email": "new@example.com"}), json!({"active": false}), json!({"active": true})] {
        let token = reset_token(&server, email).await;
        root.put(&path, change.clone()).await.expect_status(200);
        if change["email"] != Json::Null {
            email = "new@example.com";
        }
        assert_eq!(use_token(&token).await, 400, "{change}");
    }
    let token = reset_token(&server, email).await;
    root.delete(&format!("{path}/second-factor")).await.expect_status(204);
    assert_eq!(use_token(&token).await, 400);
    let token = reset_token(&server, email).await;
    server.apply_settings(json!({"adminUsers": [{"email": email, "password": "another long password"}]})).await;
    assert_eq!(use_token(&token).await, 400);
    // A new link replaces the one before, but not one that was copied while the mail with the new one waited to be sent.
    let copied = reset_token(&server, email).await;
    let requested = server.app.access.now() - TimeDelta::seconds(1);
    let mailed = reset_token_requested_at(&server, email, requested).await;
    assert_eq!(use_token(&copied).await, 200);
    assert_eq!(use_token(&mailed).await, 400, "the account has changed");
    let (replaced, newest) = (reset_token(&server, email).await, reset_token(&server, email).await);
    assert_eq!(use_token(&replaced).await, 400);
    assert_eq!(use_token(&newest).await, 200);
    // An update that changes none of these leaves the link valid, which works once.
    let token = reset_token(&server, email).await;
    root.put(&path, json!({"firstName": "Ed", "email": email, "active": true})).await.expect_status(200);
    assert_eq!(use_token(&token).await, 200);
    assert_eq!(use_token(&token).await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_end_when_the_invited_address_changes() {
    let server = TestServer::start().await;
    server
        .apply_settings(
            json!({"adminUsers": [{"email": "root@example.com", "password": PASSWORD, "roles": ["super-admin"]}]}),
        )
        .await;
    let root = server.sign_in_admin("root@example.com", PASSWORD).await;
    let invited = root
        .post("/admin/api/users", json!({"email": "typo@example.com", "roles": ["editor"]}))
        .await
        .expect_status(201);
    let path = format!("/admin/api/users/{}", invited.id());
    // The invitation mail has a link of its own.
    server.run_until_idle().await;
    let link = async || {
        let link = root.post(&format!("{path}/invitation-link"), json!({})).await.expect_status(200);
        link.data()["url"].as_str().unwrap().split("token=").nth(1).unwrap().to_owned()
    };
    let accept = async |token: &str| {
        let body = json!({"token": token, "password": PASSWORD});
        server.new_browser().post("/admin/api/invitations/accept", body).await
    };
    let to_typo = link().await;
    root.put(&path, json!({"email": "right@example.com"})).await.expect_status(200);
    server.run_until_idle().await;
    accept(&to_typo).await.expect_error(400, "This link is no longer valid; request a new one");
    accept(&link().await).await.expect_status(200);
}
