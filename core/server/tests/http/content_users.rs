//! The users of the content API in the admin: found, invited, helped and blocked; and the page on which somebody takes an invitation.

use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

const AT: &str = "/admin/api/content-users";
const PASSWORD: &str = "a password of some length";
const NOT_VALID: &str = "This invitation is not valid any more";

/// A server with somebody who may manage users, somebody who may look at them, and an editor.
async fn server() -> (TestServer, TestClient) {
    let ticket = SchemaBuilder::collection(
        "ticket",
        json!({
            "title": { "type": "string" },
            "requester": { "type": "relation", "relation": "manyToOne", "target": "plugin::users-permissions.user" },
        }),
    );
    let server = TestServer::start_with(TestProject::newsroom().with_type(ticket)).await;
    let user = |name: &str, role: &str| json!({ "email": format!("{name}@example.com"), "password": PASSWORD, "roles": [role] });
    let tickets = json!({ "api::ticket.ticket": ["find", "findOne"] });
    server
        .apply_settings(json!({
            "adminRoles": {
                "helper": { "actions": ["content-users.read", "content-users.manage"], "permissions": tickets },
                "looker": { "actions": ["content-users.read"] },
            },
            "adminUsers": [user("helper", "helper"), user("looker", "looker"), user("ed", "editor")],
        }))
        .await;
    let helper = server.sign_in_admin("helper@example.com", PASSWORD).await;
    (server, helper)
}

async fn sign_in(server: &TestServer, name: &str) -> TestClient {
    server.sign_in_admin(&format!("{name}@example.com"), PASSWORD).await
}

/// The text of the newest mail.
async fn last_mail(server: &TestServer) -> String {
    server.run_until_idle().await;
    let root = server.super_admin().await;
    let mails = root.get("/admin/api/mails").await.expect_status(200);
    let id = mails.data_column("id")[0].clone();
    let mail = root.get(&format!("/admin/api/mails/{id}")).await.expect_status(200);
    mail.data()["text"].as_str().unwrap().to_owned()
}

async fn count_mails(server: &TestServer) -> usize {
    server.run_until_idle().await;
    server.get("/admin/api/mails").await.expect_status(200).data().as_array().unwrap().len()
}

fn extract_code(text: &str) -> String {
    let rest = text.split("/invitation?code=").nth(1).unwrap_or_else(|| panic!("no link in {text}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

async fn send_form(client: &TestClient, language: &str, fields: &[(&str, &str)]) -> TestResponse {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let request = client.request("POST", "/invitation").header("accept-language", language);
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(pairs.join("&"));
    client.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_invited_by_mail_and_choose_a_password_once() {
    let (server, helper) = server().await;
    let public = server.public_client();
    let new = json!({ "email": "Nel@example.com", "username": "Nel", "language": "nl" });
    let invited = helper.post(AT, new.clone()).await.expect_status(202);
    let user = &invited.data()["user"];
    assert_eq!((&invited.data()["result"], &user["state"]), (&json!("created"), &json!("invited")));
    assert_eq!((&user["email"], &user["role"]["code"]), (&json!("nel@example.com"), &json!("authenticated")));
    let id = user["documentId"].as_str().unwrap().to_owned();
    let text = last_mail(&server).await;
    assert!(text.contains("Hallo Nel,"), "{text}");
    let first = extract_code(&text);
    // The list of mails does not show the link.
    let stored = server.get("/admin/api/mails").await.expect_status(200);
    assert!(!stored.text().contains(&first));
    // Invited again: the link before is not valid any more.
    server.advance_clock(Duration::from_secs(120));
    let again = helper.post(&format!("{AT}/{id}/invite"), json!({ "language": "en" })).await.expect_status(202);
    assert_eq!(again.data()["result"], "sent-again");
    // Within the same minute there is no other mail, which is said, and no other event.
    server.run_until_idle().await;
    for _ in 0..2 {
        let twice = helper.post(&format!("{AT}/{id}/invite"), json!({})).await.expect_status(202);
        assert_eq!(twice.data()["result"], "already-sent");
        server.run_until_idle().await;
    }
    let second = extract_code(&last_mail(&server).await);
    let accept = |code: &str| json!({ "code": code, "password": "An0ther one" });
    let path = "/api/auth/accept-invitation";
    let refused = public.post(path, accept(&first)).await.expect_status(400);
    assert!(refused.message().starts_with(NOT_VALID), "{}", refused.message());
    // Looking at a link uses nothing up.
    let is_valid = async |code: &str| {
        let checked = public.post("/api/auth/check-invitation", json!({ "code": code })).await.expect_status(200);
        checked.body["valid"].as_bool().unwrap()
    };
    assert_eq!((is_valid(&second).await, is_valid(&second).await, is_valid(&first).await), (true, true, false));
    let accepted = public.post(path, accept(&second)).await.expect_status(200);
    assert!(!is_valid(&second).await);
    assert_eq!((&accepted.body["user"]["documentId"], &accepted.body["user"]["confirmed"]), (&json!(id), &json!(true)));
    assert!(!accepted.text().contains("An0ther one"));
    let jwt = accepted.body["jwt"].as_str().unwrap();
    public.with_token(jwt).get("/api/users/me").await.expect_status(200);
    // Used, wrong and expired: one answer.
    let used = public.post(path, accept(&second)).await;
    let wrong = public.post(path, accept(&"x".repeat(43))).await;
    assert_eq!((used.status, used.text()), (refused.status, refused.text()));
    assert_eq!((wrong.status, wrong.text()), (refused.status, refused.text()));
    // A user with a password is not invited, and the response says so.
    let count = count_mails(&server).await;
    for answer in [helper.post(AT, new).await, helper.post(&format!("{AT}/{id}/invite"), json!({})).await] {
        assert_eq!(answer.expect_status(202).data()["result"], "has-password");
    }
    assert_eq!(count_mails(&server).await, count);
    let found = helper.get(&format!("{AT}/{id}")).await.expect_status(200);
    assert_eq!(found.data()["state"], "active");
    assert!(found.data()["signedInAt"].is_string(), "{}", found.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_an_invitation_get_one_answer_for_everybody() {
    let (server, helper) = server().await;
    helper.post(AT, json!({ "email": "nel@example.com" })).await.expect_status(202);
    let first = extract_code(&last_mail(&server).await);
    server.add_user("ann", "authenticated", json!({})).await;
    let count = count_mails(&server).await;
    server.advance_clock(Duration::from_secs(120));
    let public = server.public_client();
    let mut answers = Vec::new();
    for email in ["nel@example.com", "ann@example.com", "nobody@example.com"] {
        let answer = public.post("/api/auth/request-invitation", json!({ "email": email })).await.expect_status(200);
        answers.push(answer.text());
    }
    assert_eq!(answers, ["{\"ok\":true}"; 3]);
    assert_eq!(count_mails(&server).await, count + 1, "who was invited alone gets one");
    // Again and again within the hour: nothing more, and the link in the first mail is as good as before.
    let asked = json!({ "email": "nel@example.com" });
    public.post("/api/auth/request-invitation", asked).await.expect_status(200);
    assert_eq!(count_mails(&server).await, count + 1);
    let accepted = json!({ "code": first, "password": "An0ther one" });
    public.post("/api/auth/accept-invitation", accepted).await.expect_status(200);
    // The log says from where.
    server.run_until_idle().await;
    let log = server.get("/admin/api/audit?action=user.invitation-accepted").await.expect_status(200);
    assert!(log.data_column("actor")[0]["request"].is_string(), "{}", log.text());
    for bad in [json!({}), json!({ "email": ["nel@example.com"] }), json!({ "email": "nel" })] {
        public.post("/api/auth/request-invitation", bad).await.expect_status(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn page_for_invitations_works_without_scripts_in_both_languages() {
    let (server, helper) = server().await;
    let public = server.public_client();
    helper.post(AT, json!({ "email": "nel@example.com", "language": "nl" })).await.expect_status(202);
    let code = extract_code(&last_mail(&server).await);
    let path = format!("/invitation?code={code}");
    // Programs that look into mails follow the link: nothing is used up.
    for _ in 0..3 {
        let page = public.get_with(&path, ("accept-language", "nl-BE,nl;q=0.9")).await.expect_status(200);
        let html = page.text();
        assert!(html.contains("<html lang=\"nl\">") && html.contains("Kies je wachtwoord"), "{html}");
        assert!(html.contains(&format!("name=\"code\" value=\"{code}\"")) && !html.contains("<script"), "{html}");
        assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("no-referrer", "no-store"));
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    }
    let form = |password: &'static str, again: &'static str| {
        [("code", code.as_str()), ("password", password), ("passwordConfirmation", again)]
    };
    for (password, again, problem) in [
        ("short", "short", "Dit wachtwoord is te kort: kies er een van minstens 6 tekens."),
        ("", "", "Dit wachtwoord is te kort"),
        ("An0ther one", "An0ther two", "De twee wachtwoorden zijn niet gelijk"),
    ] {
        let refused = send_form(&public, "nl", &form(password, again)).await.expect_status(400);
        let html = refused.text();
        assert!(html.contains(problem) && html.contains("aria-invalid=\"true\""), "{html}");
        assert!(password.is_empty() || !html.contains(&format!("\"{password}\"")), "a password is never shown: {html}");
    }
    let done = send_form(&public, "en", &form("An0ther one", "An0ther one")).await.expect_status(200);
    assert!(done.text().contains("Your account is ready"), "{}", done.text());
    let credentials = json!({ "identifier": "nel@example.com", "password": "An0ther one" });
    public.post("/api/auth/local", credentials).await.expect_status(200);
    // The way out of a link that was used, and of one that is nonsense.
    for answer in [
        public.get_with(&path, ("accept-language", "en")).await.expect_status(200),
        public.get_with("/invitation?code=%00%3Cscript%3E", ("accept-language", "en")).await.expect_status(200),
        send_form(&public, "en", &form("An0ther one", "An0ther one")).await.expect_status(400),
    ] {
        let html = answer.text();
        assert!(html.contains("This link is not valid any more") && html.contains("name=\"email\""), "{html}");
        assert!(!html.contains("<script"), "{html}");
    }
    for email in ["nel@example.com", "nobody@example.com"] {
        let asked = send_form(&public, "en", &[("email", email)]).await.expect_status(200);
        assert!(asked.text().contains("Check your mailbox"), "{}", asked.text());
    }
    let refused = send_form(&public, "en", &[("email", "\"><b>")]).await.expect_status(400);
    assert!(refused.text().contains("This is not an e-mail address") && !refused.text().contains("<b>"));
    send_form(&public, "en", &[]).await.expect_status(400);
    let huge = "x".repeat(10_000);
    assert_eq!(send_form(&public, "en", &[("code", &huge)]).await.status, 413);
    // The page has no form if the public role may not request mails.
    let reset_only = json!({ "plugin::users-permissions.auth": ["resetPassword"] });
    server.apply_settings(json!({ "roles": { "public": { "permissions": reset_only } } })).await;
    let page = public.get_with("/invitation?code=x", ("accept-language", "en")).await.expect_status(200);
    assert!(page.text().contains("ask whoever invited you") && !page.text().contains("<form"), "{}", page.text());
    send_form(&public, "en", &[("email", "nel@example.com")]).await.expect_status(403);
    // The page is missing if the public role may not reset passwords.
    server
        .apply_settings(json!({ "roles": { "public": { "permissions": { "plugin::users-permissions.auth": [] } } } }))
        .await;
    public.get("/invitation").await.expect_status(403);
    send_form(&public, "en", &[("email", "nel@example.com")]).await.expect_status(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_attempts_are_told_on_the_page() {
    let (server, _) = server().await;
    let public = server.public_client();
    let mut last = public.get("/invitation?code=x").await;
    for _ in 0..30 {
        last = public.get("/invitation?code=x").await;
    }
    assert_eq!(last.status, 429);
    assert!(last.text().contains("Too many attempts") && !last.header("retry-after").is_empty(), "{}", last.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_listed_for_those_who_may_see_them() {
    let (server, helper) = server().await;
    for name in ["ann", "bob"] {
        server.add_user(name, "authenticated", json!({ "confirmed": true })).await;
    }
    helper.post(AT, json!({ "email": "nel@example.com" })).await.expect_status(202);
    let public = server.public_client();
    let credentials = json!({ "identifier": "ann", "password": "Passw0rd!" });
    public.post("/api/auth/local", credentials).await.expect_status(200);
    server.run_until_idle().await;
    let looker = sign_in(&server, "looker").await;
    let list = looker.get(AT).await.expect_status(200);
    assert_eq!(list.text_column("username"), ["ann", "bob", "nel@example.com"]);
    assert_eq!(list.text_column("state"), ["active", "active", "invited"]);
    assert_eq!(list.body["meta"], json!({ "page": 1, "pageSize": 25, "total": 3 }));
    let signed_in: Vec<bool> = list.data_column("signedInAt").iter().map(Json::is_string).collect();
    assert_eq!(signed_in, [true, false, false]);
    assert!(!list.text().contains("argon2"), "{}", list.text());
    for (query, names) in [
        ("q=AN", vec!["ann"]),
        ("q=example.com&pageSize=2&page=2", vec!["nel@example.com"]),
        ("confirmed=false", vec!["nel@example.com"]),
        ("blocked=true", vec![]),
        ("role=authenticated&q=bob", vec!["bob"]),
        ("role=nonsense", vec![]),
        ("role=&q=bob", vec!["bob"]),
        ("page=4000000000", vec![]),
    ] {
        let found = looker.get(&format!("{AT}?{query}")).await.expect_status(200);
        assert_eq!(found.text_column("username"), names, "{query}");
    }
    for bad in ["page=x", "blocked=perhaps", "pageSize=-1"] {
        looker.get(&format!("{AT}?{bad}")).await.expect_status(400);
    }
    let roles = looker.get(&format!("{AT}/roles")).await.expect_status(200);
    assert!(roles.text_column("code").contains(&"authenticated".to_owned()) && !roles.text().contains("\"public\""));
    looker.get(&format!("{AT}/nobody")).await.expect_status(404);
    // Looking is not managing; and without the permission there is nothing.
    let id = list.data()[0]["documentId"].as_str().unwrap().to_owned();
    let before = server.dump_content().await;
    for path in ["", "/{id}/invite", "/{id}/password-reset", "/{id}/block", "/{id}/unblock"] {
        let path = format!("{AT}{}", path.replace("{id}", &id));
        let refused = looker.post(&path, json!({ "email": "x@example.com" })).await.expect_status(403);
        assert_eq!(refused.details()["action"], "content-users.manage", "{path}");
    }
    let editor = sign_in(&server, "ed").await;
    for path in [AT.to_owned(), format!("{AT}/{id}"), format!("{AT}/{id}/dependents"), format!("{AT}/roles")] {
        let refused = editor.get(&path).await.expect_status(403);
        assert_eq!(refused.details()["action"], "content-users.read", "{path}");
    }
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_roles_are_given_by_those_who_decide_about_roles() {
    let (server, helper) = server().await;
    server.apply_settings(json!({ "roles": { "vip": { "name": "VIP", "permissions": {} } } })).await;
    let vip = json!({ "email": "nel@example.com", "role": "vip" });
    let refused = helper.post(AT, vip.clone()).await.expect_status(403);
    assert_eq!(refused.details()["action"], "settings.content-roles");
    let root = server.super_admin().await;
    let public_role = json!({ "email": "nel@example.com", "role": "public" });
    root.post(AT, public_role).await.expect_status(400);
    root.post(AT, json!({ "email": "nel@example.com", "role": "none" })).await.expect_status(400);
    let invited = root.post(AT, vip).await.expect_status(202);
    assert_eq!(invited.data()["user"]["role"], json!({ "code": "vip", "name": "VIP" }));
    // An existing user with another role does not silently get this one.
    let other = json!({ "email": "nel@example.com", "role": "authenticated" });
    root.post(AT, other).await.expect_status(409);
    // The role that everybody gets needs nothing more.
    helper.post(AT, json!({ "email": "ann@example.com", "role": "authenticated" })).await.expect_status(202);
    for bad in [
        json!({}),
        json!({ "email": 7 }),
        json!({ "email": "x" }),
        json!({ "email": "x@example.com", "password": "x" }),
        json!({ "email": "x@example.com", "language": "../nl" }),
        json!({ "email": "x@example.com", "username": "www.evil.example" }),
    ] {
        helper.post(AT, bad).await.expect_status(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_listed_by_name_or_last_sign_in() {
    let (server, _) = server().await;
    for name in ["ann", "bob", "cas", "dan"] {
        server.add_user(name, "authenticated", json!({ "confirmed": true })).await;
    }
    // Who signs in again is placed by the last time.
    for name in ["ann", "cas", "ann"] {
        let credentials = json!({ "identifier": name, "password": "Passw0rd!" });
        server.public_client().post("/api/auth/local", credentials).await.expect_status(200);
        server.advance_clock(Duration::from_secs(60));
    }
    server.run_until_idle().await;
    let looker = sign_in(&server, "looker").await;
    for (query, names) in [
        ("sort=", vec!["ann", "bob", "cas", "dan"]),
        ("sort=username:desc", vec!["dan", "cas", "bob", "ann"]),
        ("sort=signedInAt:asc", vec!["bob", "dan", "cas", "ann"]),
        ("sort=signedInAt:desc", vec!["ann", "cas", "bob", "dan"]),
        ("sort=signedInAt:desc&pageSize=1&page=2", vec!["cas"]),
        ("sort=signedInAt:desc&pageSize=1&page=9", vec![]),
        ("sort=signedInAt:desc&q=b", vec!["bob"]),
    ] {
        let found = looker.get(&format!("{AT}?{query}")).await.expect_status(200);
        assert_eq!(found.text_column("username"), names, "{query}");
    }
    let paged = looker.get(&format!("{AT}?sort=signedInAt:desc&pageSize=2")).await.expect_status(200);
    assert_eq!(paged.body["meta"], json!({ "page": 1, "pageSize": 2, "total": 4 }));
    for bad in ["email", "signedInAt:up", "password:asc"] {
        let refused = looker.get(&format!("{AT}?sort={bad}")).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["sort"]), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_get_another_role_from_those_who_decide_about_roles() {
    let (server, helper) = server().await;
    let may_read = json!({ "api::ticket.ticket": ["find"] });
    server.apply_settings(json!({ "roles": { "vip": { "name": "VIP", "permissions": may_read } } })).await;
    let ann = server.add_user("ann", "authenticated", json!({ "confirmed": true })).await.body;
    let path = format!("{AT}/{}/role", ann["documentId"].as_str().unwrap());
    let session = server.with_token(&server.new_session("ann").await);
    session.get("/api/tickets").await.expect_status(403);
    let before = server.dump_content().await;
    let refused = helper.put(&path, json!({ "role": "vip" })).await.expect_status(403);
    assert_eq!(refused.details()["action"], "settings.content-roles");
    let root = server.super_admin().await;
    for bad in [json!({}), json!({ "role": "none" }), json!({ "role": "public" })] {
        let refused = root.put(&path, bad.clone()).await.expect_status(400);
        assert!(refused.text().contains("role"), "{bad}: {}", refused.text());
    }
    root.put(&path, json!({ "role": 7 })).await.expect_status(400);
    root.put(&format!("{AT}/nobody/role"), json!({ "role": "vip" })).await.expect_status(404);
    assert_eq!(server.dump_content().await, before);
    let changed = root.put(&path, json!({ "role": "vip" })).await.expect_status(200);
    assert_eq!(changed.data()["role"], json!({ "code": "vip", "name": "VIP" }));
    // Whoever is signed in need not sign in again.
    session.get("/api/tickets").await.expect_status(200);
    let found = helper.get(&format!("{AT}?role=vip")).await.expect_status(200);
    assert_eq!(found.text_column("username"), ["ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn role_with_users_is_removed_only_with_another_for_them() {
    let (server, _) = server().await;
    let role = json!({ "name": "VIP", "permissions": {} });
    server.apply_settings(json!({ "roles": { "vip": role, "crew": { "name": "Crew", "permissions": {} } } })).await;
    for name in ["ann", "bob"] {
        server.add_user(name, "vip", json!({ "confirmed": true })).await;
    }
    let root = server.super_admin().await;
    let path = "/admin/api/content-roles/vip";
    assert_eq!(root.get(path).await.expect_status(200).data()["users"], 2);
    let before = server.dump_content().await;
    let refused = root.delete(path).await.expect_status(409);
    assert_eq!(refused.details()["users"], 2);
    for bad in ["vip", "public", "none"] {
        let refused = root.delete(&format!("{path}?moveTo={bad}")).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["moveTo"]), "{bad}: {}", refused.text());
    }
    assert_eq!(server.dump_content().await, before);
    root.delete(&format!("{path}?moveTo=crew")).await.expect_status(204);
    root.get(path).await.expect_status(404);
    let crew = root.get(&format!("{AT}?role=crew")).await.expect_status(200);
    assert_eq!(crew.text_column("username"), ["ann", "bob"]);
    // The log has the change of each, as where somebody is given a role.
    let last_change = async |id: &str| {
        server.run_until_idle().await;
        let path = format!("/admin/api/audit?action=document.updated&documentId={id}");
        root.get(&path).await.expect_status(200).data()[0].clone()
    };
    let id = crew.data_column("documentId")[0].as_str().unwrap().to_owned();
    let moved = last_change(&id).await;
    let version = moved["details"]["version"].as_i64().unwrap();
    root.put(&format!("{AT}/{id}/role"), json!({ "role": "authenticated" })).await.expect_status(200);
    let given = last_change(&id).await;
    assert_eq!(moved["actor"]["name"], given["actor"]["name"], "{moved} {given}");
    assert_eq!(moved["details"]["changed"], json!(["role"]));
    assert_eq!((&given["details"]["version"], &given["details"]["changed"]), (&json!(version + 1), &json!(["role"])));
    root.put(&format!("{AT}/{id}/role"), json!({ "role": "crew" })).await.expect_status(200);
    assert_eq!(root.get("/admin/api/content-roles/crew").await.expect_status(200).data()["users"], 2);
    // Nobody has it: nothing has to be said.
    root.put("/admin/api/content-roles/spare", json!({ "name": "Spare" })).await.expect_status(200);
    root.delete("/admin/api/content-roles/spare").await.expect_status(204);
    // The role of new users stays, with its users.
    server.apply_settings(json!({ "auth": { "registration": { "defaultRole": "crew" } } })).await;
    root.delete("/admin/api/content-roles/crew?moveTo=authenticated").await.expect_status(400);
    assert_eq!(root.get(&format!("{AT}?role=crew")).await.expect_status(200).body["meta"]["total"], 2);
}

/// Entries refer to users: whoever may find users in content chooses them, whatever else they may do with accounts.
#[tokio::test(flavor = "multi_thread")]
async fn users_are_chosen_for_entries_by_those_who_may_find_them() {
    const USERS: &str = "/admin/api/content/plugin::users-permissions.user";
    let (server, _) = server().await;
    let everything = ["find", "findOne", "create", "update"];
    let user = |name: &str, role: &str| json!({ "email": format!("{name}@example.com"), "password": PASSWORD, "roles": [role] });
    let users = |rule: Json| json!({ "api::ticket.ticket": everything, "plugin::users-permissions.user": rule });
    let named = json!({ "find": { "where": { "username": { "$ne": "bob" } }, "fields": ["username"] } });
    server
        .apply_settings(json!({
            "adminRoles": {
                "picker": { "actions": ["content-types.read"], "permissions": users(json!(["find"])) },
                "limited": { "actions": ["content-types.read"], "permissions": users(named) },
            },
            "adminUsers": [user("pim", "picker"), user("lim", "limited")],
        }))
        .await;
    let mut ids = Vec::new();
    for name in ["ann", "bob"] {
        let added = server.add_user(name, "authenticated", json!({ "confirmed": true })).await.body;
        ids.push(added["documentId"].as_str().unwrap().to_owned());
    }
    let ticket =
        server.create_entry("/api/tickets", json!({ "title": "Lamp", "requester": ids[0] })).await.document_id();
    let ticket = format!("/admin/api/content/api::ticket.ticket/{ticket}?populate=everything");
    let (picker, limited) = (sign_in(&server, "pim").await, sign_in(&server, "lim").await);
    let model = picker.get("/admin/api/content-types").await.expect_status(200);
    let users_type = &model.data()["siteUsers"];
    assert_eq!((&users_type["titleField"], &users_type["can"]["find"]), (&json!("username"), &json!(true)));
    let attributes = users_type["attributes"].as_object().unwrap();
    for name in ["password", "resetPasswordToken", "confirmationToken"] {
        assert!(!attributes.contains_key(name), "{name}");
    }
    let uids: Vec<&Json> = model.data()["contentTypes"].as_array().unwrap().iter().map(|ct| &ct["uid"]).collect();
    assert!(!uids.contains(&&json!("plugin::users-permissions.user")), "site users are no content type: {uids:?}");
    let by_email = "filters[email][$containsi]=AN&fields[0]=username&fields[1]=email&sort=username:asc";
    let found = picker.get(&format!("{USERS}?{by_email}")).await.expect_status(200);
    assert_eq!(found.text_column("username"), ["ann"]);
    assert_eq!(picker.get(USERS).await.expect_status(200).text_column("username"), ["ann", "bob"]);
    for secret in ["argon2", "resetPasswordToken", "confirmationToken", "\"password\""] {
        assert!(!picker.get(USERS).await.text().contains(secret), "{secret}");
    }
    for name in ["password", "resetPasswordToken", "confirmationToken"] {
        picker.get(&format!("{USERS}?filters[{name}][$notNull]=true")).await.expect_status(400);
        server.super_admin().await.get(&format!("{USERS}?filters[{name}][$notNull]=true")).await.expect_status(400);
    }
    // An entry names them, with their addresses.
    let shown = picker.get(&ticket).await.expect_status(200);
    let requester = &shown.data()["requester"];
    assert_eq!((&requester["username"], &requester["email"]), (&json!("ann"), &json!("ann@example.com")));
    // Conditions and attributes of the permission hold.
    let found = limited.get(USERS).await.expect_status(200);
    assert_eq!(found.text_column("username"), ["ann"]);
    assert!(!found.text().contains("example.com"), "{}", found.text());
    limited.get(&format!("{USERS}?filters[email][$containsi]=a")).await.expect_status(400);
    assert_eq!(limited.get(&ticket).await.expect_status(200).data()["requester"].get("email"), None);
    // Without the permission there is nothing of them, and nothing but lists with it.
    let editor = sign_in(&server, "ed").await;
    let refused = editor.get(USERS).await.expect_status(403);
    assert!(!refused.text().contains("\"ann\""), "{}", refused.text());
    assert_eq!(editor.get("/admin/api/content-types").await.expect_status(200).data().get("siteUsers"), None);
    let shown = editor.get(&ticket).await.expect_status(200);
    assert!(!shown.text().contains("\"ann\"") && shown.data().get("requester").is_none(), "{}", shown.text());
    // Roles are chosen by super admins, who alone may see them.
    const ROLES: &str = "/admin/api/content/plugin::users-permissions.role";
    let root = server.super_admin().await;
    assert_eq!(root.get("/admin/api/content-types").await.expect_status(200).data()["siteRoles"]["titleField"], "name");
    let roles = root.get(&format!("{ROLES}?populate=users")).await.expect_status(200);
    assert!(roles.text_column("type").contains(&"authenticated".to_owned()), "{}", roles.text());
    assert!(!roles.text().contains("resetPasswordToken"), "{}", roles.text());
    picker.get(ROLES).await.expect_status(403);
    assert_eq!(model.data().get("siteRoles"), None);
    for path in [format!("{USERS}/{}", ids[0]), format!("{USERS}/{}/usages", ids[0]), format!("{USERS}/export")] {
        server.super_admin().await.get(&path).await.expect_status(404);
    }
    server.super_admin().await.post(USERS, json!({ "data": { "username": "eve" } })).await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_bound_to_a_user_is_told_before_they_are_blocked() {
    let (server, helper) = server().await;
    let ann = server.add_user("ann", "authenticated", json!({ "confirmed": true })).await.body;
    let id = ann["documentId"].as_str().unwrap();
    let session = server.with_token(&server.new_session("ann").await);
    session.get("/api/users/me").await.expect_status(200);
    for title in ["Broken lamp", "Late"] {
        server.create_entry("/api/tickets", json!({ "title": title, "requester": id })).await;
    }
    let path = format!("{AT}/{id}");
    let before = server.dump_content().await;
    let told = helper.get(&format!("{path}/dependents")).await.expect_status(200);
    let mut titles: Vec<&str> =
        told.data()["entries"].as_array().unwrap().iter().map(|entry| entry["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["Broken lamp", "Late"]);
    assert_eq!((&told.data()["obstacle"], &told.data()["complete"]), (&Json::Null, &json!(true)));
    // A caller who may not read tickets learns that the list is incomplete, and not what is missing.
    let looker = sign_in(&server, "looker").await;
    let hidden = looker.get(&format!("{path}/dependents")).await.expect_status(200);
    let nothing = json!({ "obstacle": null, "obstacleHidden": false, "entries": [], "complete": false });
    assert_eq!(hidden.data(), &nothing);
    assert_eq!(server.dump_content().await, before, "a rehearsal changes nothing");
    session.get("/api/users/me").await.expect_status(200);

    let blocked = helper.post(&format!("{path}/block"), json!({})).await.expect_status(200);
    assert_eq!(blocked.data()["state"], "blocked");
    session.get("/api/users/me").await.expect_status(401);
    let credentials = json!({ "identifier": "ann", "password": "Passw0rd!" });
    server.public_client().post("/api/auth/local", credentials.clone()).await.expect_status(400);
    helper.post(&format!("{path}/block"), json!({})).await.expect_status(200);
    helper.post(&format!("{path}/password-reset"), json!({})).await.expect_status(409);
    assert_eq!(count_mails(&server).await, 0);
    let open = helper.post(&format!("{path}/unblock"), json!({})).await.expect_status(200);
    assert_eq!(open.data()["state"], "active");
    session.get("/api/users/me").await.expect_status(401);
    server.public_client().post("/api/auth/local", credentials).await.expect_status(200);
    // The log says who did it.
    server.run_until_idle().await;
    let log = server.get("/admin/api/audit?action=document.updated&limit=100").await.expect_status(200);
    assert!(log.data_column("actor").iter().all(|actor| actor["name"] == "helper@example.com"), "{}", log.text());
    assert_eq!(log.data().as_array().unwrap().len(), 2, "blocked and unblocked: {}", log.text());
}

/// Whoever finds an open browser looks; they invite and block nobody. And whoever may manage only is not shown accounts.
#[tokio::test(flavor = "multi_thread")]
async fn changes_require_a_recent_sign_in_and_the_permission_to_look() {
    let (server, helper) = server().await;
    let ann = server.add_user("ann", "authenticated", json!({ "confirmed": true })).await.body;
    let path = format!("{AT}/{}", ann["documentId"].as_str().unwrap());
    let manager = json!({ "email": "manager@example.com", "password": PASSWORD, "roles": ["manager"] });
    server
        .apply_settings(json!({
            "adminRoles": { "manager": { "actions": ["content-users.manage"] } },
            "adminUsers": [manager],
        }))
        .await;
    let before = server.dump_content().await;
    let manager = sign_in(&server, "manager").await;
    let routes = ["", "/invite", "/password-reset", "/block", "/unblock"];
    let routes = routes.map(|end| if end.is_empty() { AT.to_owned() } else { format!("{path}{end}") });
    let body = |route: &str| if route == AT { json!({ "email": "ann@example.com" }) } else { json!({}) };
    for route in &routes {
        let refused = manager.post(route, body(route)).await.expect_status(403);
        assert_eq!(refused.details()["action"], "content-users.read", "{route}");
    }
    server.advance_clock(Duration::from_secs(15 * 60 + 1));
    for route in &routes {
        let refused = helper.post(route, body(route)).await.expect_status(401);
        assert_eq!(refused.details()["code"], "step_up_required", "{route}");
    }
    let refused = helper.put(&format!("{path}/role"), json!({ "role": "authenticated" })).await.expect_status(401);
    assert_eq!(refused.details()["code"], "step_up_required");
    helper.get(&path).await.expect_status(200);
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_is_mailed_to_the_user_alone() {
    let (server, helper) = server().await;
    let ann = server.add_user("ann", "authenticated", json!({ "confirmed": true })).await.body;
    let path = format!("{AT}/{}/password-reset", ann["documentId"].as_str().unwrap());
    let sent = helper.post(&path, json!({})).await.expect_status(202);
    let text = last_mail(&server).await;
    let code = text.split("/reset-password?code=").nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(!sent.text().contains(code));
    let reset = json!({ "code": code, "password": "An0ther one", "passwordConfirmation": "An0ther one" });
    server.public_client().post("/api/auth/reset-password", reset).await.expect_status(200);
    // A user without a password is invited again instead.
    let nel = helper.post(AT, json!({ "email": "nel@example.com" })).await.expect_status(202);
    let id = nel.data()["user"]["documentId"].as_str().unwrap();
    helper.post(&format!("{AT}/{id}/password-reset"), json!({})).await.expect_status(409);
    helper.post(&format!("{AT}/nobody/password-reset"), json!({})).await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_invitations_have_bounds() {
    let server = TestServer::start().await;
    let root = server.super_admin().await;
    let path = "/admin/api/settings/auth";
    let found = root.get(path).await.expect_status(200);
    assert_eq!((&found.data()["invitationDays"], &found.data()["invitationUrl"]), (&json!(7), &Json::Null));
    for bad in [json!(0), json!(91), json!(-1), json!("7"), json!(1.5)] {
        let refused = root.put(path, json!({ "invitationDays": bad })).await.expect_status(400);
        assert!(refused.text().contains("invitationDays"), "{}", refused.text());
    }
    root.put(path, json!({ "invitationUrl": "javascript:alert(1)" })).await.expect_status(400);
    let page = "https://portal.example.com/welcome";
    let changed = root.put(path, json!({ "invitationDays": 14, "invitationUrl": page })).await.expect_status(200);
    assert_eq!((&changed.data()["invitationDays"], &changed.data()["invitationUrl"]), (&json!(14), &json!(page)));
    let back = root.put(path, json!({ "invitationDays": null, "invitationUrl": null })).await.expect_status(200);
    assert_eq!((&back.data()["invitationDays"], &back.data()["invitationUrl"]), (&json!(7), &Json::Null));
}
