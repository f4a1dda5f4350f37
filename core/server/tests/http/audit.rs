//! Audit log: it says who did what, and nobody changes it unnoticed.

use cairn_testkit::{TestProject, TestServer};
use serde_json::{Value as Json, json};

const PASSWORD: &str = "a password of some length";

async fn server() -> TestServer {
    let server = TestServer::start().await;
    server
        .apply_settings(json!({ "adminUsers": [
            { "email": "root@example.com", "password": PASSWORD, "roles": ["super-admin"] },
            { "email": "ed@example.com", "password": PASSWORD, "roles": ["editor"] },
        ]}))
        .await;
    server
}

async fn sign_in(server: &TestServer, email: &str) -> cairn_testkit::TestClient {
    let body = json!({ "email": email, "password": PASSWORD, "token": true });
    let answer = server.public_client().post("/admin/api/login", body).await.expect_status(200);
    server.with_token(answer.body["data"]["token"].as_str().unwrap())
}

async fn log(server: &TestServer, query: &str) -> Vec<Json> {
    server.run_until_idle().await;
    server.get(&format!("/admin/api/audit{query}")).await.expect_status(200).body["data"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_sign_ins_and_sign_outs_are_audited() {
    let server = server().await;
    let ed = sign_in(&server, "ED@example.com ").await;
    let me = ed.get("/admin/api/me").await.expect_status(200).body;
    assert_eq!(me["data"]["roles"], json!([{ "code": "editor", "name": "Editor" }]));
    ed.get("/admin/api/audit").await.expect_error(403, "Forbidden");
    ed.post("/admin/api/logout", json!({})).await.expect_status(200);
    assert_eq!(ed.get("/admin/api/me").await.status, 401);
    for token in ["cairn_admin_00", "", "x", cairn_testkit::READ_TOKEN] {
        let status = server.with_token(token).get("/admin/api/me").await.status;
        assert!(matches!(status, 401 | 403), "{token}: {status}");
    }
    assert_eq!(server.public_client().get("/admin/api/me").await.status, 401);
    let credentials = json!({ "email": "ed@example.com", "password": "wrong" });
    server.public_client().post("/admin/api/login", credentials).await.expect_error(400, "Invalid email or password");
    // A session ends by itself.
    let ed = sign_in(&server, "ed@example.com").await;
    server.advance_clock(std::time::Duration::from_secs(13 * 3_600));
    assert_eq!(ed.get("/admin/api/me").await.status, 401);
    let actions: Vec<Json> = log(&server, "?action=login.*").await.into_iter().map(|e| e["action"].clone()).collect();
    assert_eq!(actions, ["login.succeeded", "login.failed", "login.ended", "login.succeeded"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_is_audited_once_and_in_order() {
    let server = server().await;
    let answer = server.post("/api/articles", json!({ "data": { "title": "One" } })).await.expect_status(201);
    let id = answer.body["data"]["documentId"].as_str().unwrap().to_owned();
    let path = format!("/api/articles/{id}");
    server.put(&path, json!({ "data": { "title": "Two" } })).await.expect_status(200);
    server.put(&format!("{path}?status=draft"), json!({ "data": { "views": 3 } })).await.expect_status(200);
    // Writes that are refused are not recorded.
    assert_eq!(server.post("/api/articles", json!({ "data": { "nothing": 1 } })).await.status, 400);
    server.delete(&path).await.expect_status(204);
    let entries = log(&server, &format!("?documentId={id}")).await;
    let summarize = |e: &Json| (e["action"].as_str().unwrap().to_owned(), e["details"]["changed"].clone());
    let summaries: Vec<(String, Json)> = entries.iter().rev().map(summarize).collect();
    let is = |action: &str, changed: Json| (format!("document.{action}"), changed);
    let title = || json!(["title"]);
    assert_eq!(summaries[0].0, "document.created");
    assert_eq!(
        summaries[1..],
        [
            is("published", summaries[0].1.clone()),
            is("updated", title()),
            is("published", title()),
            is("updated", json!(["views"])),
            is("deleted", Json::Null)
        ]
    );
    let actor = &entries[0]["actor"];
    assert_eq!((&actor["kind"], &actor["ip"]), (&json!("token"), &json!("127.0.0.1")));
    assert!(actor["request"].as_str().is_some_and(|id| !id.is_empty()), "{actor}");
    // Numbers follow each other; running again adds nothing.
    let all = log(&server, "?limit=100").await;
    let numbers: Vec<i64> = all.iter().rev().map(|e| e["n"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
    assert_eq!(log(&server, "?limit=100").await.len(), all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn verification_reports_the_first_changed_audit_entry() {
    let server = TestServer::start_with(TestProject::newsroom()).await;
    for n in 0..20 {
        server.post("/api/authors", json!({ "data": { "name": format!("Author {n}") } })).await.expect_status(201);
    }
    server.run_until_idle().await;
    let check = || async { server.get("/admin/api/audit/verify").await.expect_status(200).body["data"].clone() };
    let verification = check().await;
    assert_eq!(verification["whole"], true, "{verification}");
    let entries = verification["entries"].as_i64().unwrap();
    assert!(entries >= 20, "{verification}");
    let database = server.project.database();
    if !database.is_postgres() {
        return;
    }
    for (sql, first) in [
        ("UPDATE {schema}.cairn_audit SET details = '{}' WHERE n = 7", 7),
        ("UPDATE {schema}.cairn_audit SET actor = '{\"kind\":\"system\"}' WHERE n = 5", 5),
        ("DELETE FROM {schema}.cairn_audit WHERE n = 3", 3),
    ] {
        database.run_sql(sql);
        let broken = check().await;
        assert_eq!((&broken["whole"], &broken["firstBroken"]), (&json!(false), &json!(first)), "{sql}: {broken}");
    }
}
