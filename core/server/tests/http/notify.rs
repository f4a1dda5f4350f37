//! Notifications, mails and templates over the admin API, and the links in mails. Mail is in test mode.

use cairn_notify::{Kind, Notification, NotificationTarget, notify};
use cairn_store::events::JobState;
use cairn_testkit::{TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};

const PASSWORD: &str = "a password of some length";

async fn server() -> TestServer {
    let server = TestServer::start_with(
        TestProject::newsroom()
            .with_settings("mail", json!({ "fromName": "Donkervoort", "from": "post@donkervoort.example" })),
    )
    .await;
    server
        .apply_settings(json!({ "adminUsers": [
            { "email": "root@example.com", "password": PASSWORD, "roles": ["super-admin"] },
            { "email": "ed@example.com", "password": PASSWORD, "roles": ["editor"] },
        ]}))
        .await;
    server
}

async fn signed_in_client(server: &TestServer, email: &str) -> TestClient {
    let body = json!({ "email": email, "password": PASSWORD, "token": true });
    let answer = server.public_client().post("/admin/api/login", body).await.expect_status(200);
    server.with_token(answer.body["data"]["token"].as_str().unwrap())
}

/// Tells Ed something.
async fn notify_ed(server: &TestServer, key: &str) {
    let store = server.app.content.store();
    let ed = store.read(|r| r.admin_users().list()).unwrap().iter().find(|u| u.email == "ed@example.com").unwrap().id;
    let n = Notification {
        kind: Kind::Mention,
        to: vec![ed],
        data: json!({ "title": "Dune", "actor": "Bart", "excerpt": "Look" }),
        once_key: key.into(),
        link: Some(NotificationTarget::Release { id: 3 }),
    };
    let now = server.app.notifier.now();
    store.write(move |tx| notify(tx, &n, now)).await.unwrap();
    server.run_until_idle().await;
}

/// All mails, newest first, once they have ended: the running server does jobs as well.
async fn mails(server: &TestServer) -> Vec<Json> {
    for _ in 0..200 {
        server.run_until_idle().await;
        let counts = server.app.content.store().read(|r| r.jobs().count_by_state()).unwrap();
        let open = [JobState::Waiting, JobState::Running];
        if !counts.iter().any(|(name, state, _)| open.contains(state) && name != cairn_notify::CLEANUP) {
            return server.get("/admin/api/mails").await.expect_status(200).body["data"].as_array().unwrap().clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("jobs do not end");
}

/// The audit log's entries of an action, once there are `n`.
async fn audit_entries(server: &TestServer, action: &str, n: usize) -> Vec<Json> {
    for _ in 0..200 {
        server.run_until_idle().await;
        let log = server.get(&format!("/admin/api/audit?action={action}")).await.expect_status(200).body;
        let entries = log["data"].as_array().unwrap().clone();
        if entries.len() >= n {
            return entries;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{action} is not in the log {n} times");
}

/// A mail with what it says.
async fn mail(server: &TestServer, mail: &Json) -> Json {
    server.get(&format!("/admin/api/mails/{}", mail["id"])).await.expect_status(200).body["data"].clone()
}

/// The same as a super admin sees it: links to accounts are for nobody else.
async fn mail_as_super_admin(server: &TestServer, mail: &Json) -> Json {
    let root = server.super_admin().await;
    root.get(&format!("/admin/api/mails/{}", mail["id"])).await.expect_status(200).body["data"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_listed_and_marked_as_read() {
    let server = server().await;
    let (ed, root) =
        (signed_in_client(&server, "ed@example.com").await, signed_in_client(&server, "root@example.com").await);
    for key in ["a", "b", "c"] {
        notify_ed(&server, key).await;
    }
    let list = ed.get("/admin/api/notifications?limit=2").await.expect_status(200).body;
    assert_eq!(list["meta"]["unread"], 3);
    let first = &list["data"][0];
    assert_eq!((first["title"].as_str(), first["kind"].as_str()), (Some("Bart mentioned you: Dune"), Some("mention")));
    assert_eq!(first["link"], json!({ "type": "release", "id": 3, "path": "/admin/releases/3" }));
    assert_eq!(first["readAt"], Json::Null);
    let rest = format!("/admin/api/notifications?before={}", list["meta"]["before"]);
    assert_eq!(ed.get(&rest).await.expect_status(200).body["data"].as_array().unwrap().len(), 1);
    let read = format!("/admin/api/notifications/{}/read", first["id"]);
    assert_eq!(root.post(&read, json!({})).await.status, 404, "hers are others");
    assert_eq!(ed.post(&read, json!({})).await.expect_status(200).body["data"]["unread"], 2);
    assert_eq!(
        ed.get("/admin/api/notifications?unread=true").await.expect_status(200).body["data"].as_array().unwrap().len(),
        2
    );
    ed.post(&read.replace("/read", "/unread"), json!({})).await.expect_status(200);
    assert_eq!(ed.get("/admin/api/notifications/unread").await.expect_status(200).body["data"]["unread"], 3);
    let all = ed.post("/admin/api/notifications/read-all", json!({ "upTo": first["id"] })).await.expect_status(200);
    assert_eq!(all.body["data"]["read"], 3);
    assert_eq!(root.get("/admin/api/notifications").await.expect_status(200).body["data"], json!([]));
    server.get("/admin/api/notifications").await.expect_status(403);
    server.public_client().get("/admin/api/notifications").await.expect_status(401);
    ed.post("/admin/api/notifications/read-all", json!({ "upTo": "x" })).await.expect_status(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn preferences_are_validated_and_applied_to_notifications() {
    let server = server().await;
    let ed = signed_in_client(&server, "ed@example.com").await;
    let path = "/admin/api/notifications/preferences";
    let before = ed.get(path).await.expect_status(200).body["data"].clone();
    assert_eq!(before["kinds"].as_array().unwrap().len(), Kind::ALL.len());
    let refused = ed
        .put(path, json!({ "zone": "Mars", "kinds": { "mention": { "mail": "often" } } }))
        .await
        .expect_status(400)
        .body;
    let paths: Vec<&Json> =
        refused["error"]["details"]["errors"].as_array().unwrap().iter().map(|e| &e["path"]).collect();
    assert_eq!(paths, [&json!(["zone"]), &json!(["kinds", "mention", "mail"])]);
    assert_eq!(ed.get(path).await.expect_status(200).body["data"], before, "nothing of it was taken");
    let set = json!({ "zone": "Europe/Amsterdam", "locale": "nl", "kinds": { "mention": { "mail": "off" } } });
    let after = ed.put(path, set).await.expect_status(200).body["data"].clone();
    assert_eq!((after["zone"].as_str(), after["locale"].as_str()), (Some("Europe/Amsterdam"), Some("nl")));
    notify_ed(&server, "a").await;
    assert_eq!(mails(&server).await.len(), 0);
    let title = ed.get("/admin/api/notifications").await.expect_status(200).body["data"][0]["title"].clone();
    assert_eq!(title, "Bart noemde je: Dune");
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_shown_in_the_language_of_the_admin_and_mailed_in_that_of_the_recipient() {
    let server = server().await;
    let ed = signed_in_client(&server, "ed@example.com").await;
    notify_ed(&server, "a").await;
    let title = async |accepted: &str| {
        let list = ed.get_with("/admin/api/notifications", ("accept-language", accepted)).await.expect_status(200);
        list.data()[0]["title"].clone()
    };
    assert_eq!(title("nl").await, "Bart noemde je: Dune");
    assert_eq!(title("en").await, "Bart mentioned you: Dune");
    ed.put("/admin/api/me", json!({ "language": "nl" })).await.expect_status(200);
    assert_eq!(title("en").await, "Bart noemde je: Dune");
    assert_eq!(mail(&server, &mails(&server).await[0]).await["subject"], "Bart mentioned you: Dune");
}

#[tokio::test(flavor = "multi_thread")]
async fn test_mode_mails_are_stored_and_shown_in_full() {
    let server = server().await;
    notify_ed(&server, "a").await;
    let list = mails(&server).await;
    assert_eq!(list.len(), 1);
    let view = mail(&server, &list[0]).await;
    assert_eq!((view["state"].as_str(), view["to"].as_str()), (Some("test"), Some("ed@example.com")));
    assert_eq!(view["subject"], "Bart mentioned you: Dune");
    assert!(view["text"].as_str().unwrap().contains("/admin/releases/3"));
    let headers = view["headers"].to_string();
    assert!(headers.contains("Donkervoort") && headers.contains("post@donkervoort.example"), "{headers}");
    let status = server.get("/admin/api/mail").await.expect_status(200).body["data"].clone();
    assert_eq!((status["mode"].as_str(), &status["counts"]), (Some("test"), &json!({ "test": 1 })));
    for (query, n) in [("state=test", 1), ("state=sent", 0), ("to=ed@example.com", 1), ("template=due", 0)] {
        let found = server.get(&format!("/admin/api/mails?{query}")).await.expect_status(200).body["data"].clone();
        assert_eq!(found.as_array().unwrap().len(), n, "{query}");
    }
    server.get("/admin/api/mails?state=lost").await.expect_status(400);
    server.get("/admin/api/mails/999").await.expect_status(404);
    let test = server.post("/admin/api/mail/test", json!({ "to": "ann@example.com" })).await.expect_status(200).body;
    assert_eq!(mail(&server, &mails(&server).await[0]).await["id"], test["data"]["id"]);
    let refused = server
        .post("/admin/api/mail/test", json!({ "to": "ann@example.com\r\nBcc: eve@example.com" }))
        .await
        .expect_status(400);
    assert_eq!(refused.body["error"]["details"]["errors"][0]["path"], json!(["to"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_routes_require_a_super_admin() {
    let server = server().await;
    let ed = signed_in_client(&server, "ed@example.com").await;
    for (method, path) in [
        ("GET", "/admin/api/mails"),
        ("GET", "/admin/api/mails/1"),
        ("POST", "/admin/api/mails/1/send-again"),
        ("GET", "/admin/api/mail"),
        ("POST", "/admin/api/mail/test"),
        ("GET", "/admin/api/mail/suppressions"),
        ("POST", "/admin/api/mail/suppressions"),
        ("DELETE", "/admin/api/mail/suppressions/a@example.com"),
        ("GET", "/admin/api/mail/templates"),
        ("GET", "/admin/api/mail/templates/test/nl"),
        ("PUT", "/admin/api/mail/templates/test/nl"),
        ("DELETE", "/admin/api/mail/templates/test/nl"),
        ("POST", "/admin/api/mail/templates/test/nl/preview"),
    ] {
        for (client, status) in [(&ed, 403), (&server.read_only(), 401), (&server.public_client(), 401)] {
            let answer = match method {
                "GET" => client.get(path).await,
                "POST" => client.post(path, json!({})).await,
                "PUT" => client.put(path, json!({})).await,
                _ => client.delete(path).await,
            };
            assert_eq!(answer.status, status, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unsubscribe_link_shows_a_confirmation_page_first() {
    let server = server().await;
    notify_ed(&server, "a").await;
    let text = mail(&server, &mails(&server).await[0]).await["text"].as_str().unwrap().to_owned();
    let path = format!("/admin/unsubscribe/{}", text.split("/admin/unsubscribe/").nth(1).unwrap().trim());
    let page = server.public_client().get(&path).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<form method=\"post\">"));
    notify_ed(&server, "b").await;
    assert_eq!(mails(&server).await.len(), 2, "looking changes nothing");
    // The request is that of a mail program (RFC 8058).
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 26\r\nConnection: close\r\n\r\nList-Unsubscribe=One-Click"
    );
    assert_eq!(server.send_raw(head).await.status(), 200);
    notify_ed(&server, "c").await;
    assert_eq!(mails(&server).await.len(), 2);
    assert!(!server.public_client().get(&path).await.text().contains("<form"));
    assert_eq!(server.public_client().get(&format!("{path}x")).await.status, 404);
    assert_eq!(audit_entries(&server, "notification.unsubscribed", 1).await[0]["actor"]["name"], "ed@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn forgotten_passwords_are_reset_through_a_mailed_link() {
    let server = server().await;
    let public = server.public_client();
    let body = json!({ "username": "ann", "email": "ann@example.com", "password": "Passw0rd!" });
    public.post("/api/auth/local/register", body).await.expect_status(200);
    for email in ["ann@example.com", "nobody@example.com"] {
        let answer = public.post("/api/auth/forgot-password", json!({ "email": email })).await.expect_status(200);
        assert_eq!(answer.body, json!({ "ok": true }));
    }
    let list = mails(&server).await;
    assert_eq!(list.len(), 1);
    let text = mail_as_super_admin(&server, &list[0]).await["text"].as_str().unwrap().to_owned();
    let code = text.split("/reset-password?code=").nth(1).unwrap().split_whitespace().next().unwrap();
    let reset = json!({ "code": code, "password": "New0word!", "passwordConfirmation": "New0word!" });
    public.post("/api/auth/reset-password", reset).await.expect_status(200);
    let sign_in = json!({ "identifier": "ann@example.com", "password": "New0word!" });
    public.post("/api/auth/local", sign_in).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_mails_a_link_that_confirms_the_address() {
    let server = server().await;
    let confirmed_url = "https://portal.example.com/welcome";
    server
        .apply_settings(json!({ "auth": { "registration": { "confirmByMail": true }, "confirmedUrl": confirmed_url } }))
        .await;
    let public = server.public_client();
    let body = json!({ "username": "ann", "email": "ann@example.com", "password": "Passw0rd!" });
    let test_answer = public.post("/api/auth/local/register", body.clone()).await.expect_status(200);
    assert_eq!(test_answer.body["jwt"], Json::Null);
    // A refused registration sends no mail.
    public.post("/api/auth/local/register", body).await.expect_status(400);
    let sign_in = json!({ "identifier": "ann", "password": "Passw0rd!" });
    public.post("/api/auth/local", sign_in.clone()).await.expect_status(400);
    let list = mails(&server).await;
    assert_eq!(list.len(), 1);
    let text = mail_as_super_admin(&server, &list[0]).await["text"].as_str().unwrap().to_owned();
    let path = text.split("/api/auth/email-confirmation").nth(1).unwrap().split_whitespace().next().unwrap();
    let request = format!("GET /api/auth/email-confirmation{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let answer = server.send_raw(request).await;
    assert_eq!(answer.status(), 302);
    assert!(answer.text.contains(&format!("location: {confirmed_url}\r\n")), "{}", answer.text);
    public.post("/api/auth/local", sign_in).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_previewed_overridden_and_reset() {
    let server = server().await;
    let all = server.get("/admin/api/mail/templates").await.expect_status(200).body["data"].clone();
    assert!(all.as_array().unwrap().iter().any(|t| t["name"] == "password-reset" && t["variables"][0] == "url"));
    let path = "/admin/api/mail/templates/mention/en";
    let own = json!({ "subject": "Hey: {{title}}", "html": "<p>{{actor}}</p>" });
    let preview = server
        .post(&format!("{path}/preview"), json!({ "subject": "Hey: {{title}}", "data": { "title": "<Dune>" } }))
        .await;
    assert_eq!(preview.expect_status(200).body["data"]["subject"], "Hey: <Dune>");
    let refused = server.put(path, json!({ "subject": "{{titel}}", "html": "{{#if" })).await.expect_status(400).body;
    assert_eq!(refused["error"]["details"]["errors"][0]["path"], json!(["html"]));
    server.put(path, json!({ "colour": "red" })).await.expect_status(400);
    server.put(path, json!({ "subject": 3 })).await.expect_status(400);
    assert_eq!(server.put(path, own).await.expect_status(200).body["data"]["own"], true);
    notify_ed(&server, "a").await;
    assert_eq!(mails(&server).await[0]["subject"], "Hey: Dune");
    assert_eq!(server.delete(path).await.expect_status(200).body["data"]["own"], false);
    server.delete(path).await.expect_status(404);
    server.get("/admin/api/mail/templates/nothing/en").await.expect_status(404);
    assert_eq!(audit_entries(&server, "mail.template-changed", 2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn suppressed_addresses_are_listed_and_cleared() {
    let server = server().await;
    let path = "/admin/api/mail/suppressions";
    server.post(path, json!({ "address": "Ed@example.com" })).await.expect_status(200);
    server.post(path, json!({ "address": "nobody" })).await.expect_status(400);
    notify_ed(&server, "a").await;
    let list = mails(&server).await;
    assert_eq!(list[0]["state"], "suppressed");
    let view = server.get(path).await.expect_status(200).body["data"].clone();
    assert_eq!((view[0]["address"].as_str(), view[0]["reason"].as_str()), (Some("ed@example.com"), Some("manual")));
    server.delete(&format!("{path}/ed@example.com")).await.expect_status(200);
    server.delete(&format!("{path}/ed@example.com")).await.expect_status(404);
    server.post(&format!("/admin/api/mails/{}/send-again", list[0]["id"]), json!({})).await.expect_status(200);
    assert_eq!(mails(&server).await[0]["state"], "test");
    // A report without a signature is refused.
    let report = json!({ "events": [{ "type": "bounce", "address": "ed@example.com" }] });
    server.post("/admin/api/mail/bounces", report.clone()).await.expect_status(401);
    server.public_client().post("/admin/api/mail/bounces", report).await.expect_status(401);
    assert_eq!(server.get(path).await.expect_status(200).body["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn mentions_in_comments_notify_the_mentioned_user() {
    let server = server().await;
    let (root, ed) =
        (signed_in_client(&server, "root@example.com").await, signed_in_client(&server, "ed@example.com").await);
    let answer = server.post("/api/articles", json!({ "data": { "title": "Dune" } })).await.expect_status(201);
    let path = format!("/admin/api/content/api::article.article/{}/comments", answer.document_id());
    root.post(&path, json!({ "text": "Have a look, @[ed@example.com] <please>" })).await.expect_status(201);
    let list = mails(&server).await;
    let notifications = ed.get("/admin/api/notifications").await.expect_status(200).body;
    assert_eq!(notifications["data"][0]["title"], "root@example.com mentioned you: Dune");
    assert!(notifications["data"][0]["link"]["path"].as_str().unwrap().contains(&answer.document_id()));
    assert_eq!(list.len(), 1, "who wrote it knows");
    let view = mail(&server, &list[0]).await;
    assert_eq!(view["to"], "ed@example.com");
    assert!(view["html"].as_str().unwrap().contains("&lt;please&gt;"));
}
