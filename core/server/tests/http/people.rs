//! People who work in the admin: inviting, links by mail, second factors; and what they make there: roles, tokens, locales, settings.

use cairn_testkit::{TestBrowser, TestClient, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;
use totp_rs::{Algorithm, Secret, TOTP};

const PASSWORD: &str = "a password of some length";
const UID: &str = "api::article.article";

async fn server() -> TestServer {
    let server = TestServer::start().await;
    server
        .apply_settings(json!({
            "adminRoles": { "people": { "name": "People", "actions": ["settings.users", "settings.roles", "settings.api-tokens"] } },
            "adminUsers": [
                { "email": "root@example.com", "password": PASSWORD, "roles": ["super-admin"] },
                { "email": "people@example.com", "password": PASSWORD, "roles": ["people"] },
                { "email": "ed@example.com", "password": PASSWORD, "roles": ["editor"] },
            ],
        }))
        .await;
    server
}

async fn root(server: &TestServer) -> TestClient {
    server.sign_in_admin("root@example.com", PASSWORD).await
}

/// The token in the link of the last mail to that address.
async fn mailed_link_token(server: &TestServer, page: &str) -> String {
    server.run_until_idle().await;
    // Links are shown to super admins only.
    let root = root(server).await;
    let mails = root.get("/admin/api/mails").await.expect_status(200);
    let id = mails.data_column("id")[0].clone();
    let mail = root.get(&format!("/admin/api/mails/{id}")).await.expect_status(200);
    let text = mail.data()["text"].as_str().unwrap();
    let link = text.split(&format!("{page}?token=")).nth(1).unwrap_or_else(|| panic!("no link in {text}"));
    link.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_can_be_accepted_once_and_expire() {
    let server = server().await;
    let root = root(&server).await;
    let invite = json!({ "email": "New@example.com", "roles": ["editor"], "firstName": "Nel", "language": "nl" });
    let answer = root.post("/admin/api/users", invite.clone()).await.expect_status(201);
    assert_eq!((&answer.data()["email"], &answer.data()["invited"]), (&json!("new@example.com"), &json!(true)));
    assert_eq!(
        root.post("/admin/api/users", invite).await.expect_status(400).details()["errors"][0]["path"],
        json!(["email"])
    );
    for bad in [
        json!({ "email": "x", "roles": ["editor"] }),
        json!({ "email": "x@example.com", "roles": [] }),
        json!({ "email": "x@example.com" }),
    ] {
        root.post("/admin/api/users", bad).await.expect_status(400);
    }
    let first = mailed_link_token(&server, "/admin/accept-invitation").await;
    // A new link replaces the one before.
    server.advance_clock(Duration::from_secs(120));
    root.post(&format!("/admin/api/users/{}/invite", answer.id()), json!({})).await.expect_status(200);
    let second = mailed_link_token(&server, "/admin/accept-invitation").await;
    assert_ne!(first, second);
    let accept = |token: &str, password: &str| json!({ "token": token, "password": password, "lastName": "Nieuw" });
    let path = "/admin/api/invitations/accept";
    let mut browser = server.new_browser();
    let check =
        async |token: &str| server.new_browser().post("/admin/api/invitations/check", json!({ "token": token })).await;
    // The check of a link does not use it up.
    for _ in 0..2 {
        let invited = check(&second).await.expect_status(200);
        assert_eq!(invited.data(), &json!({ "email": "new@example.com", "firstName": "Nel", "lastName": null }));
    }
    for wrong in [first.as_str(), "", "nothing"] {
        check(wrong).await.expect_error(400, "This link is no longer valid; request a new one");
    }
    browser
        .post(path, accept(&first, PASSWORD))
        .await
        .expect_error(400, "This link is no longer valid; request a new one");
    browser.post(path, accept(&second, "short")).await.expect_status(400);
    browser.sign_in("new@example.com", "").await.expect_status(400);
    let session = browser.post(path, accept(&second, PASSWORD)).await.expect_status(200);
    assert_eq!(session.data()["me"]["name"], "Nel Nieuw");
    browser.get("/admin/api/content-types").await.expect_status(200);
    browser.post(path, accept(&second, PASSWORD)).await.expect_status(400);
    check(&second).await.expect_status(400);
    root.post(&format!("/admin/api/users/{}/invite", answer.id()), json!({})).await.expect_status(400);
    // Links expire.
    let other = root
        .post("/admin/api/users", json!({ "email": "late@example.com", "roles": ["author"] }))
        .await
        .expect_status(201);
    let link =
        root.post(&format!("/admin/api/users/{}/invitation-link", other.id()), json!({})).await.expect_status(200);
    let late = link.data()["url"].as_str().unwrap().split("token=").nth(1).unwrap().to_owned();
    server.advance_clock(Duration::from_secs(7 * 86_400 + 1));
    check(&late).await.expect_status(400);
    server.new_browser().post(path, accept(&late, PASSWORD)).await.expect_status(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_reset_by_mail_does_not_reveal_accounts() {
    let server = server().await;
    let mut before = server.new_browser();
    before.sign_in("ed@example.com", PASSWORD).await.expect_status(200);
    let mut browser = server.new_browser();
    let unknown =
        browser.post("/admin/api/forgot-password", json!({ "email": "nobody@example.com" })).await.expect_status(200);
    let answer =
        browser.post("/admin/api/forgot-password", json!({ "email": "ED@example.com" })).await.expect_status(200);
    assert_eq!(unknown.text(), answer.text());
    let token = mailed_link_token(&server, "/admin/reset-password").await;
    let mails = server.get("/admin/api/mails").await.expect_status(200);
    assert_eq!(mails.data().as_array().unwrap().len(), 1);
    // A user who manages mails cannot use their links to become somebody else.
    server
        .apply_settings(json!({
            "adminRoles": { "postmaster": { "actions": ["settings.mail"] } },
            "adminUsers": [{ "email": "post@example.com", "password": PASSWORD, "roles": ["postmaster"] }],
        }))
        .await;
    let client = server.sign_in_admin("post@example.com", PASSWORD).await;
    let test_answer = client.get(&format!("/admin/api/mails/{}", mails.data()[0]["id"])).await.expect_status(200);
    assert_eq!((&test_answer.data()["text"], &test_answer.data()["html"]), (&Json::Null, &Json::Null));
    assert!(!test_answer.text().contains(&token), "{}", test_answer.text());
    let reset = |password: &str| json!({ "token": token, "password": password });
    browser.post("/admin/api/reset-password", reset("another password")).await.expect_status(200);
    browser.post("/admin/api/reset-password", reset("a third password")).await.expect_status(400);
    before.get("/admin/api/me").await.expect_status(401);
    browser.sign_in("ed@example.com", PASSWORD).await.expect_status(400);
    browser.sign_in("ed@example.com", "another password").await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn granting_is_bounded_and_one_super_admin_always_remains() {
    let server = server().await;
    let (root, people) = (root(&server).await, server.sign_in_admin("people@example.com", PASSWORD).await);
    let ids = |answer: &cairn_testkit::TestResponse| {
        answer.data_column("id").iter().map(|id| id.as_i64().unwrap()).collect::<Vec<_>>()
    };
    let all = ids(&root.get("/admin/api/users").await.expect_status(200));
    let (top, own, ed) = (all[0], all[1], all[2]);
    let user = |id: i64| format!("/admin/api/users/{id}");
    // A user who manages people can create neither a super admin nor an editor, and cannot change users with more permissions.
    for roles in [json!(["super-admin"]), json!(["editor"]), json!(["people", "super-admin"])] {
        people.post("/admin/api/users", json!({ "email": "x@example.com", "roles": roles })).await.expect_status(403);
        people.put(&user(own), json!({ "roles": roles })).await.expect_status(403);
    }
    for id in [top, ed] {
        people.put(&user(id), json!({ "active": false })).await.expect_status(403);
        people.put(&user(id), json!({ "email": "mine@example.com" })).await.expect_status(403);
        people.delete(&user(id)).await.expect_status(403);
        people.delete(&format!("{}/second-factor", user(id))).await.expect_status(403);
    }
    people
        .post("/admin/api/users", json!({ "email": "y@example.com", "roles": ["people", "legal"] }))
        .await
        .expect_status(201);
    people.put("/admin/api/roles/people", json!({ "actions": ["audit.read"] })).await.expect_status(403);
    people.put("/admin/api/roles/new", json!({ "permissions": { "*": ["find"] } })).await.expect_status(403);
    people.put("/admin/api/roles/editor", json!({ "name": "Mine" })).await.expect_status(403);
    people.put("/admin/api/roles/new", json!({ "actions": ["settings.users"] })).await.expect_status(200);
    people.post("/admin/api/api-tokens", json!({ "name": "all", "type": "full-access" })).await.expect_status(403);
    // The last super admin cannot be removed.
    for change in [json!({ "roles": ["editor"] }), json!({ "active": false })] {
        root.put(&user(top), change).await.expect_status(400);
    }
    root.delete(&user(top)).await.expect_error(400, "You cannot remove yourself");
    root.put(&user(ed), json!({ "roles": ["super-admin"] })).await.expect_status(200);
    let second = server.sign_in_admin("ed@example.com", PASSWORD).await;
    // If two super admins demote each other at the same time, one remains.
    let (one, other) = (user(top), user(ed));
    let (a, b) = tokio::join!(
        second.put(&one, json!({ "roles": ["editor"] })),
        root.put(&other, json!({ "roles": ["editor"] }))
    );
    assert!(matches!((a.status, b.status), (200, 400 | 403) | (400 | 403, 200)), "{} {}", a.text(), b.text());
    let client = if a.status == 200 { &second } else { &root };
    let supers = client.get("/admin/api/users").await.expect_status(200);
    let supers = supers.data_column("roles").iter().filter(|roles| roles.to_string().contains("super-admin")).count();
    assert_eq!(supers, 1);
    // Deactivation ends the user's sessions at once.
    let keeper = if a.status == 200 { &second } else { &root };
    let out = if a.status == 200 { (top, root.clone()) } else { (ed, second.clone()) };
    keeper.put(&user(out.0), json!({ "active": false })).await.expect_status(200);
    out.1.get("/admin/api/me").await.expect_status(401);
}

fn authenticator(secret: &str) -> TOTP {
    TOTP::new(Algorithm::SHA1, 6, 1, 30, Secret::Encoded(secret.to_owned()).to_bytes().unwrap(), None, String::new())
        .unwrap()
}

fn code(server: &TestServer, secret: &str) -> String {
    use cairn_access::Clock;
    authenticator(secret).generate(u64::try_from(server.clock.now().timestamp()).unwrap())
}

/// Signed in with a second factor that was just added; its secret and recovery codes.
async fn sign_in_with_totp(server: &TestServer) -> (TestBrowser, String, Vec<String>) {
    let mut browser = server.new_browser();
    browser.sign_in("ed@example.com", PASSWORD).await.expect_status(200);
    browser.post("/admin/api/me/totp", json!({ "password": "wrong" })).await.expect_status(400);
    browser
        .put("/admin/api/me/totp", json!({ "code": "000000" }))
        .await
        .expect_error(400, "Start with a new secret first");
    let offer = browser.post("/admin/api/me/totp", json!({ "password": PASSWORD })).await.expect_status(200);
    let data = offer.data();
    assert!(
        data["qrSvg"].as_str().unwrap().contains("<svg")
            && data["otpauthUrl"].as_str().unwrap().starts_with("otpauth://totp/")
    );
    let secret = data["secret"].as_str().unwrap().to_owned();
    // The second factor does not count before a code confirms it.
    server.new_browser().sign_in("ed@example.com", PASSWORD).await.expect_status(200);
    browser.put("/admin/api/me/totp", json!({ "code": "abc" })).await.expect_status(400);
    let confirmed =
        browser.put("/admin/api/me/totp", json!({ "code": code(server, &secret) })).await.expect_status(200);
    let codes =
        confirmed.data()["recoveryCodes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect();
    (browser, secret, codes)
}

#[tokio::test(flavor = "multi_thread")]
async fn second_factors_of_another_secret_key_are_answered_with_a_way_out() {
    let server = server().await;
    let (_, secret, codes) = sign_in_with_totp(&server).await;
    let store = server.app.access.store();
    let user = store.read(|r| r.admin_users().get_by_email("ed@example.com")).unwrap().unwrap();
    let foreign = user.totp.unwrap().chars().rev().collect::<String>();
    store.write(move |tx| tx.admin_codes().set_totp(user.id, Some(&foreign))).await.unwrap();
    server.advance_clock(Duration::from_secs(60));
    for factor in [json!({ "totp": code(&server, &secret) }), json!({ "recovery": "00000-00000" })] {
        let mut browser = server.new_browser();
        let first = browser.sign_in("ed@example.com", PASSWORD).await.expect_status(200);
        let mut body = factor.clone();
        body["pending"] = first.data()["pending"].clone();
        let refused = browser.post("/admin/api/login/second", body).await.expect_status(400);
        assert!(refused.message().contains("`cairn user create-admin`"), "{factor}: {}", refused.text());
    }
    // A recovery code that is valid all the same is accepted.
    let mut browser = server.new_browser();
    let first = browser.sign_in("ed@example.com", PASSWORD).await.expect_status(200);
    let body = json!({ "pending": first.data()["pending"], "recovery": codes[0] });
    browser.post("/admin/api/login/second", body).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn second_factor_codes_are_required_and_single_use() {
    let server = server().await;
    let (mut own, secret, codes) = sign_in_with_totp(&server).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(own.get("/admin/api/me").await.data()["twoFactor"], true);
    let stored = format!(
        "{:?}",
        server
            .app
            .access
            .store()
            .read(|r| r.admin_users().list())
            .unwrap()
            .iter()
            .map(|u| u.totp.clone())
            .collect::<Vec<_>>()
    );
    assert!(!stored.contains(&secret), "the secret is stored as it is");
    let mut browser = server.new_browser();
    let test_answer = browser.sign_in("ed@example.com", PASSWORD).await.expect_status(200);
    assert_eq!(test_answer.data()["secondFactor"], json!(["totp", "recovery"]));
    assert!(browser.cookie.is_empty() && test_answer.data().get("me").is_none());
    let pending = test_answer.data()["pending"].as_str().unwrap().to_owned();
    let second = "/admin/api/login/second";
    // The code that confirmed it was used.
    browser.post(second, json!({ "pending": pending, "totp": code(&server, &secret) })).await.expect_status(400);
    for bad in [
        json!({ "pending": "x", "totp": "1" }),
        json!({ "pending": pending }),
        json!({ "pending": format!("{pending}x"), "totp": "1" }),
    ] {
        browser.post(second, bad).await.expect_status(400);
    }
    server.advance_clock(Duration::from_secs(60));
    let now = code(&server, &secret);
    browser.post(second, json!({ "pending": pending, "totp": now })).await.expect_status(200);
    browser.get("/admin/api/me").await.expect_status(200);
    let reused_code = json!({ "pending": pending, "totp": now });
    server
        .new_browser()
        .post(second, reused_code)
        .await
        .expect_error(400, "This code is incorrect or was already used");
    let recovery = json!({ "pending": pending, "recovery": codes[0].to_uppercase() });
    server.new_browser().post(second, recovery.clone()).await.expect_status(200);
    server.new_browser().post(second, recovery).await.expect_status(400);
    // The second step must follow within five minutes.
    server.advance_clock(Duration::from_secs(301));
    let late = json!({ "pending": pending, "totp": code(&server, &secret) });
    server
        .new_browser()
        .post(second, late)
        .await
        .expect_error(400, "This took too long: start again with your password");
    // Scripts as well.
    let token = json!({ "email": "ed@example.com", "password": PASSWORD, "token": true });
    let login = server.public_client().post("/admin/api/login", token).await.expect_status(200);
    assert!(login.data().get("token").is_none());
    let pending = login.data()["pending"].as_str().unwrap();
    let answer = server
        .public_client()
        .post(second, json!({ "pending": pending, "recovery": codes[1], "token": true }))
        .await
        .expect_status(200);
    assert!(answer.data()["token"].is_string());
    // Guessing ends.
    let mut limited = 0;
    for _ in 0..10 {
        let guess = json!({ "pending": pending, "totp": "000000" });
        limited += u32::from(server.public_client().post(second, guess).await.status == 429);
    }
    assert!(limited > 0);
    own.send("DELETE", "/admin/api/me/totp", Some(json!({ "password": "wrong" }))).await.expect_status(400);
    own.send("DELETE", "/admin/api/me/totp", Some(json!({ "password": PASSWORD }))).await.expect_status(200);
    let signed = server.new_browser().sign_in("ed@example.com", PASSWORD).await.expect_status(200);
    assert_eq!(signed.data()["signedIn"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_roles_are_created_updated_explained_and_deleted() {
    let server = server().await;
    let root = root(&server).await;
    let path = "/admin/api/roles/news";
    let own_rows = json!({ "title": { "$startsWith": "Mine" } });
    let role = json!({ "name": "News", "actions": ["media.read"], "permissions": { UID: { "find": {}, "findOne": {}, "update": { "where": own_rows } } } });
    let test_answer = root.put(path, role).await.expect_status(200);
    assert_eq!(
        (&test_answer.data()["permissions"][UID]["update"]["where"], &test_answer.data()["users"]),
        (&own_rows, &json!(0))
    );
    let refused = root
        .put(path, json!({ "permissions": { UID: { "find": { "where": { "nothing": 1 } } } } }))
        .await
        .expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["permissions", UID, "find", "where"]));
    root.put("/admin/api/roles/super-admin", json!({ "name": "x" })).await.expect_status(400);
    let codes = root.get("/admin/api/roles").await.expect_status(200).text_column("code");
    assert_eq!(codes, ["super-admin", "editor", "author", "news", "people"]);
    assert!(
        root.get("/admin/api/roles/actions")
            .await
            .expect_status(200)
            .text_column("code")
            .contains(&"audit.read".to_owned())
    );
    let user = root
        .post("/admin/api/users", json!({ "email": "n@example.com", "roles": ["news"] }))
        .await
        .expect_status(201)
        .id();
    let (own, other) = (
        server.create_entry("/api/articles", json!({ "title": "Mine" })).await.document_id(),
        server.create_entry("/api/articles", json!({ "title": "Other" })).await.document_id(),
    );
    for (question, reason, allowed) in [
        ("action=media.read".to_owned(), "role", true),
        ("action=audit.read".to_owned(), "no-role", false),
        (format!("action=find&type={UID}"), "role", true),
        (format!("action=delete&type={UID}"), "no-role", false),
        (format!("action=publish&type={UID}"), "no-role", false),
        (format!("action=update&type={UID}"), "some-entries", true),
        (format!("action=update&type={UID}&documentId={own}"), "role", true),
        (format!("action=update&type={UID}&documentId={other}"), "not-this-entry", false),
    ] {
        let answer = root.get(&format!("/admin/api/roles/explain?user={user}&{question}")).await.expect_status(200);
        assert_eq!(
            (&answer.data()["reason"], &answer.data()["allowed"]),
            (&json!(reason), &json!(allowed)),
            "{question}"
        );
    }
    root.get(&format!("/admin/api/roles/explain?user={user}&action=nothing")).await.expect_status(400);
    root.get("/admin/api/roles/explain?user=9999&action=media.read").await.expect_status(404);
    // A built-in role is as it was at first when its change is removed.
    root.put("/admin/api/roles/author", json!({ "name": "Writer", "actions": [] })).await.expect_status(200);
    root.delete("/admin/api/roles/author").await.expect_status(204);
    assert_eq!(root.get("/admin/api/roles/author").await.data()["name"], "Author");
    root.delete(path).await.expect_status(204);
    root.get(path).await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn api_tokens_are_shown_once_and_can_be_regenerated() {
    let server = server().await;
    let root = root(&server).await;
    let path = "/admin/api/api-tokens";
    let new = json!({ "name": "reader", "type": "custom", "permissions": { UID: ["find"] }, "expiresAt": "2027-01-01T00:00:00Z" });
    let answer = root.post(path, new.clone()).await.expect_status(201);
    let text = answer.data()["text"].as_str().unwrap().to_owned();
    assert_eq!(root.post(path, new).await.expect_status(400).details()["errors"][0]["path"], json!(["name"]));
    server.with_token(&text).get("/api/articles").await.expect_status(200);
    server.with_token(&text).delete("/api/articles/x").await.expect_status(403);
    let one = format!("{path}/{}", answer.id());
    assert!(!root.get(path).await.expect_status(200).text().contains(&text));
    let mut used = Json::Null;
    for _ in 0..50 {
        used = root.get(&one).await.expect_status(200).data()["lastUsedAt"].clone();
        if used.is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(used.is_string(), "nothing is known of its use");
    let changed = root
        .put(&one, json!({ "name": "renamed", "permissions": { UID: ["find", "create"] }, "expiresAt": null }))
        .await
        .expect_status(200);
    assert_eq!((&changed.data()["name"], &changed.data()["expiresAt"]), (&json!("renamed"), &Json::Null));
    root.put(&one, json!({ "token": "mine" })).await.expect_status(400);
    root.put(&one, json!({ "type": "nothing" })).await.expect_status(400);
    let test_answer = root.post(&format!("{one}/regenerate"), json!({})).await.expect_status(200);
    server.with_token(&text).get("/api/articles").await.expect_status(401);
    let text = test_answer.data()["text"].as_str().unwrap().to_owned();
    server.with_token(&text).get("/api/articles").await.expect_status(200);
    root.delete(&one).await.expect_status(204);
    server.with_token(&text).get("/api/articles").await.expect_status(401);
    root.get(&one).await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn content_roles_locales_and_settings_are_managed_by_admins() {
    let server = server().await;
    let root = root(&server).await;
    let role = "/admin/api/content-roles/customer";
    let answer = root
        .put(role, json!({ "name": "Customer", "readDrafts": true, "permissions": { UID: ["find"] } }))
        .await
        .expect_status(200);
    assert_eq!(
        (&answer.data()["readDrafts"], answer.data()["permissions"][UID].get("find").is_some()),
        (&json!(true), true)
    );
    let refused = root.put(role, json!({ "permissions": { UID: ["fly"] } })).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["permissions", UID, "0"]));
    root.delete("/admin/api/content-roles/public").await.expect_status(400);
    root.delete(role).await.expect_status(204);
    root.get(role).await.expect_status(404);
    let locales = "/admin/api/locales";
    let before = root.get(locales).await.expect_status(200).text_column("code").len();
    root.post(locales, json!({ "code": "fy", "name": "Frysk" })).await.expect_status(201);
    root.post(locales, json!({ "code": "fy" })).await.expect_status(400);
    root.post(locales, json!({ "code": "no code" })).await.expect_status(400);
    root.put(&format!("{locales}/fy"), json!({ "isDefault": true })).await.expect_status(200);
    root.delete(&format!("{locales}/fy")).await.expect_status(400);
    root.put(&format!("{locales}/en"), json!({ "isDefault": true, "name": "English" })).await.expect_status(200);
    assert_eq!(root.delete(&format!("{locales}/fy")).await.expect_status(200).data()["documents"], 0);
    assert_eq!(root.get(locales).await.expect_status(200).text_column("code").len(), before);
    let auth =
        root.put("/admin/api/settings/auth", json!({ "registration": { "open": false } })).await.expect_status(200);
    assert_eq!((&auth.data()["registration"]["open"], &auth.data()["sessions"]), (&json!(false), &json!("legacy")));
    root.put("/admin/api/settings/auth", json!({ "sessions": "for ever" })).await.expect_status(400);
    // Every fault at once, that which only the database knows, too.
    let invalid = json!({ "sessions": "for ever", "registration": { "open": "yes", "defaultRole": "nobody" }, "confirmedUrl": 7 });
    let problems = root.put("/admin/api/settings/auth", invalid).await.expect_status(400).body;
    let mut paths: Vec<String> = problems["error"]["details"]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["path"].as_array().unwrap().iter().filter_map(Json::as_str).collect::<Vec<_>>().join("."))
        .collect();
    paths.sort();
    assert_eq!(paths, ["confirmedUrl", "registration.defaultRole", "registration.open", "sessions"], "{problems}");
    let theme = root.put("/admin/api/settings/theme", json!({ "accent": "#0B57A4" })).await.expect_status(200);
    assert_eq!(theme.data()["accent"], "#0b57a4");
    let refused = root.put("/admin/api/settings/theme", json!({ "logo": "javascript:x" })).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["logo"]));
    let zoned = root.put("/admin/api/settings/theme", json!({ "zone": "Europe/Amsterdam" })).await.expect_status(200);
    assert_eq!((&zoned.data()["zone"], &zoned.data()["accent"]), (&json!("Europe/Amsterdam"), &json!("#0b57a4")));
    let refused = root.put("/admin/api/settings/theme", json!({ "zone": "Mars" })).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["zone"]));
    root.put("/admin/api/settings/mail", json!({ "fromName": "a\nb" })).await.expect_status(400);
    root.put("/admin/api/settings/mail", json!({ "fromName": "News" })).await.expect_status(200);
    assert_eq!(root.get("/admin/api/settings/mail").await.data()["fromName"], "News");
    let calendars = "/admin/api/settings/calendars";
    assert_eq!(*root.get(calendars).await.expect_status(200).data(), json!({}));
    let office = json!({ "zone": "Europe/Amsterdam", "hours": { "monday": ["09:00-17:00"] }, "holidays": [{ "date": "12-25" }] });
    let set = root
        .put(calendars, json!({ "office": office, "shop": { "zone": "UTC", "hours": {} } }))
        .await
        .expect_status(200);
    assert_eq!(set.data()["office"], office);
    let invalid = json!({ "office": { "zone": "Mars", "hours": { "monday": ["9-17"] } } });
    let test_answer = root.put(calendars, invalid).await.expect_status(400);
    assert_eq!(test_answer.details()["errors"][0]["path"], json!(["office", "zone"]));
    assert_eq!(test_answer.details()["errors"][1]["path"], json!(["office", "hours", "monday", "0"]));
    root.put(calendars, json!([])).await.expect_status(400);
    root.put(calendars, json!({ "Main Office": office })).await.expect_status(400);
    let left = root.put(calendars, json!({ "shop": null })).await.expect_status(200);
    assert_eq!(*left.data(), json!({ "office": office }));
    let preview = "/admin/api/settings/calendars/preview";
    let shop = json!({ "zone": "Europe/Amsterdam", "preset": "nl", "hours": { "monday": ["09:00-17:00"], "friday": ["22:00-06:00"] },
        "holidays": [{ "date": "easter+1", "name": "Open", "hours": ["12:00-17:00"] }, { "date": "last friday of 04" }] });
    let body = |calendar: &Json| json!({ "calendar": calendar, "from": "2026-04-01", "days": 30 });
    let found = root.post(preview, body(&shop)).await.expect_status(200);
    let days = [
        json!({ "date": "2026-04-03", "name": "Goede Vrijdag", "source": "preset", "hours": [] }),
        json!({ "date": "2026-04-05", "name": "Eerste Paasdag", "source": "preset", "hours": [] }),
        json!({ "date": "2026-04-06", "name": "Open", "source": "holiday", "hours": ["12:00-17:00"] }),
        json!({ "date": "2026-04-24", "source": "holiday", "hours": [] }),
        json!({ "date": "2026-04-27", "name": "Koningsdag", "source": "preset", "hours": [] }),
    ];
    // The Mondays 6 (shorter), 13 and 20; the nights of the 10th and the 17th.
    assert_eq!(*found.data(), json!({ "days": days, "workingMinutes": (5 + 8 + 8 + 8 + 8) * 60 }));
    let problems = root.post(preview, body(&json!({ "zone": "Mars", "hours": {} }))).await.expect_status(400);
    assert_eq!(problems.details()["errors"][0]["path"], json!(["calendar", "zone"]));
    let problems =
        root.post(preview, json!({ "calendar": shop, "from": "2026-04-31", "days": 801 })).await.expect_status(400);
    let paths: Vec<_> = problems.details()["errors"].as_array().unwrap().iter().map(|e| e["path"].clone()).collect();
    assert_eq!(paths, [json!(["from"]), json!(["days"])]);
    let stored = root.put(calendars, json!({ "shop": shop })).await.expect_status(200);
    assert_eq!(stored.data()["shop"], shop);
    root.put(calendars, json!({ "shop": null })).await.expect_status(200);
    let glossary = "/admin/api/settings/glossary";
    assert_eq!(*root.get(glossary).await.expect_status(200).data(), json!({}));
    let delivery =
        json!({ "words": { "en": "delivery", "nl": "aflevering" }, "note": "Of a vehicle", "translate": true });
    let name = json!({ "words": { "en": "Cairn" }, "translate": false });
    // A term is translated unless it says otherwise, and a language with null has no word.
    let sent = json!({ "words": { "en": "delivery", "nl": "aflevering", "fr": null }, "note": "Of a vehicle" });
    let set = root.put(glossary, json!({ "delivery": sent, "cairn": name })).await.expect_status(200);
    assert_eq!(*set.data(), json!({ "cairn": name, "delivery": delivery }));
    for bad in [json!({ "translate": null }), json!({ "note": null }), json!({ "notes": "Of a vehicle" })] {
        let mut term = json!({ "words": { "en": "gate" } });
        term.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        root.put(glossary, json!({ "gate": term })).await.expect_status(400);
    }
    let refused = root.put(glossary, json!({ "delivery": { "words": { "en": 1 } } })).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["delivery", "words", "en"]));
    root.put(glossary, json!([])).await.expect_status(400);
    let left = root.put(glossary, json!({ "cairn": null })).await.expect_status(200);
    assert_eq!(*left.data(), json!({ "delivery": delivery }));
    // For whom it is not.
    let ed = server.sign_in_admin("ed@example.com", PASSWORD).await;
    ed.put(glossary, json!({ "delivery": null })).await.expect_status(403);
    assert_eq!(*ed.get(glossary).await.expect_status(200).data(), json!({ "delivery": delivery }));
    ed.put(calendars, json!({ "office": null })).await.expect_status(403);
    ed.get(calendars).await.expect_status(200);
    ed.post(preview, body(&office)).await.expect_status(200);
    for path in ["users", "roles", "content-roles", "api-tokens", "settings/auth", "settings/mail", "settings/theme"] {
        ed.get(&format!("/admin/api/{path}")).await.expect_status(403);
    }
    ed.post(locales, json!({ "code": "fy" })).await.expect_status(403);
    ed.get(locales).await.expect_status(200);
    assert_eq!(ed.get("/admin/api/people").await.expect_status(200).data().as_array().unwrap().len(), 3);
    // The audit log names who changed what.
    server.run_until_idle().await;
    let log = server.get("/admin/api/audit?action=settings.changed").await.expect_status(200);
    assert_eq!(log.data()[0]["actor"]["name"], "root@example.com");
    let log = server.get("/admin/api/audit?action=settings.calendar-changed").await.expect_status(200);
    let changes: Vec<_> = log.data().as_array().unwrap().iter().map(|entry| entry["actor"]["name"].clone()).collect();
    // Added, with the other; removed; added and removed once more.
    assert_eq!(changes, vec![json!("root@example.com"); 5]);
}
