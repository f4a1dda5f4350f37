//! `/admin/api`: publishing, schedules and releases.

use crate::news::News;
use cairn_testkit::{READ_TOKEN, TestClient, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

const ARTICLE: &str = "api::article.article";
const HOUR: Duration = Duration::from_secs(3_600);

/// An admin who is no super-admin.
async fn editor(server: &TestServer) -> TestClient {
    let user = json!({ "email": "ed@example.com", "password": "a password of some length", "roles": ["editor"] });
    server.apply_settings(json!({ "adminUsers": [user] })).await;
    let body = json!({ "email": "ed@example.com", "password": "a password of some length", "token": true });
    let answer = server.public_client().post("/admin/api/login", body).await.expect_status(200);
    server.with_token(answer.body["data"]["token"].as_str().unwrap())
}

fn action_path(id: &str, action: &str) -> String {
    format!("/admin/api/content/{ARTICLE}/{id}/actions/{action}")
}

async fn draft(server: &TestServer, data: Json) -> String {
    server.post("/api/articles?status=draft", json!({ "data": data })).await.expect_status(201).document_id()
}

async fn title(server: &TestServer, id: &str) -> Json {
    let answer = server.get(&format!("/api/articles/{id}")).await;
    answer.body["data"]["title"].clone()
}

/// Waits until what is due has been done, by the server's own loop or by this.
async fn wait_until_settled(server: &TestServer, path: &str, pending_state: &str) {
    for _ in 0..500 {
        server.run_until_idle().await;
        if server.get(path).await.body["data"]["state"] != pending_state {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{path} is still {pending_state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_published_unpublished_and_drafts_discarded() {
    let News { server, ids } = News::new().await;
    let ed = editor(&server).await;
    let idea = &ids["idea"];
    let outcome = ed.post(&action_path(idea, "publish"), json!({})).await.expect_status(200);
    assert_eq!(
        outcome.body["data"],
        json!({ "documentId": idea, "locales": [{ "locale": null, "changed": true, "version": 1 }] })
    );
    assert_eq!(outcome.header("cairn-version"), "1");
    let view = title(&server, idea).await;
    assert!(view.is_string());
    server
        .put(&format!("/api/articles/{idea}?status=draft"), json!({ "data": { "title": "Other" } }))
        .await
        .expect_status(200);
    let stale = ed.send(ed.request("POST", &action_path(idea, "publish")).header("if-match", "\"1\"")).await;
    assert_eq!(stale.status, 409);
    ed.post(&action_path(idea, "discard-draft"), json!({ "locales": "*" })).await.expect_status(200);
    let drafted = server.get(&format!("/api/articles/{idea}?status=draft")).await;
    assert_eq!(drafted.body["data"]["title"], view);
    ed.post(&action_path(idea, "unpublish"), json!({})).await.expect_status(200);
    assert_eq!(server.get(&format!("/api/articles/{idea}")).await.status, 404);

    // The audit log has each action and its actor.
    server.run_until_idle().await;
    let log = server.get(&format!("/admin/api/audit?documentId={idea}&action=document.*")).await.expect_status(200);
    let actions: Vec<&str> =
        log.body["data"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "document.unpublished",
            "document.draft-discarded",
            "document.updated",
            "document.published",
            "document.created"
        ]
    );
    assert_eq!(log.body["data"][0]["actor"]["name"], "ed@example.com");

    // Callers without permission, and missing documents and actions.
    assert_eq!(server.public_client().post(&action_path(idea, "publish"), json!({})).await.status, 401);
    assert!(matches!(
        server.with_token(READ_TOKEN).post(&action_path(idea, "publish"), json!({})).await.status,
        401 | 403
    ));
    ed.post(&action_path("nowhere", "publish"), json!({})).await.expect_status(404);
    ed.post(&action_path(idea, "explode"), json!({})).await.expect_status(404);
    ed.post("/admin/api/content/api::x.x/y/actions/publish", json!({})).await.expect_status(404);
    for body in [json!({ "locale": "en" }), json!({ "locales": 7 }), json!({ "locales": [7] })] {
        ed.post(&action_path(idea, "publish"), body).await.expect_status(400).assert_envelope();
    }
    let message = ed
        .post(&action_path(idea, "publish"), json!({ "locales": ["en"] }))
        .await
        .expect_status(400)
        .message()
        .to_owned();
    assert!(message.contains("not localised"), "{message}");
    ed.post("/admin/api/content/api::category.category/x/actions/publish", json!({})).await.assert_envelope();
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_actions_are_atomic_or_report_each_document() {
    let server = TestServer::start().await;
    let mut ids = Vec::new();
    for n in 0..12 {
        ids.push(draft(&server, json!({ "title": format!("t{n}") })).await);
    }
    ids.push("nowhere".into());
    let bulk = |action: &str| format!("/admin/api/content/{ARTICLE}/actions/{action}");
    let refused = server.post(&bulk("publish"), json!({ "documentIds": ids, "atomic": true })).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["documentId"], "nowhere");
    assert!(title(&server, &ids[0]).await.is_null());
    let outcome = server.post(&bulk("publish"), json!({ "documentIds": ids })).await.expect_status(200);
    assert_eq!(outcome.body["meta"], json!({ "done": 12, "failed": 1 }));
    assert_eq!(outcome.body["data"][12]["error"]["message"].as_str().map(|m| m.contains("nowhere")), Some(true));
    assert_eq!(title(&server, &ids[11]).await, "t11");
    ids.pop();
    let outcome =
        server.post(&bulk("unpublish"), json!({ "documentIds": ids, "atomic": true })).await.expect_status(200);
    assert_eq!(outcome.body["meta"], json!({ "done": 12, "failed": 0 }));
    let many: Vec<String> = (0..501).map(|n| n.to_string()).collect();
    server
        .post(&bulk("publish"), json!({ "documentIds": many }))
        .await
        .expect_error(400, "A request can contain at most 500 documents");
    server.post(&bulk("publish"), json!({})).await.expect_status(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_publish_at_a_local_time_in_a_zone() {
    let server = TestServer::start().await;
    let ed = editor(&server).await;
    let id = draft(&server, json!({ "title": "Soon" })).await;
    let at = |local: &str| json!({ "contentType": ARTICLE, "documentId": id, "action": "publish", "localTime": local, "zone": "Europe/Amsterdam" });
    let path = "/admin/api/schedules";
    // Now is 2026-01-02T04:04 in Amsterdam.
    assert!(ed.post(path, at("2026-01-02T04:04")).await.expect_status(400).message().contains("is in the past"));
    assert!(ed.post(path, at("2026-03-29T02:30")).await.expect_status(400).message().contains("from 02:00 to 03:00"));
    let twice = ed.post(path, at("2026-10-25T02:30")).await.expect_status(400);
    assert!(twice.message().contains("occurs twice"));
    let mut folded = at("2026-10-25T02:30");
    folded["fold"] = json!("later");
    let later = ed.post(path, folded).await.expect_status(201);
    assert_eq!(later.body["data"]["due"], "2026-10-25T01:30:00.000Z");
    for (key, value) in
        [("zone", json!("Mars")), ("action", json!("discard-draft")), ("documentId", json!("x")), ("extra", json!(1))]
    {
        let mut body = at("2026-01-02T09:00");
        body[key] = value;
        let status = ed.post(path, body).await.status;
        assert!(matches!(status, 400 | 404), "{key}: {status}");
    }
    let validate = format!("{path}/actions/validate");
    let target = |id: &str| json!({ "contentType": ARTICLE, "documentId": id, "action": "publish" });
    let checked = ed.post(&validate, target(&id)).await.expect_status(200);
    assert_eq!(checked.body["data"]["problems"], json!([]));
    let untitled = draft(&server, json!({})).await;
    let checked = ed.post(&validate, target(&untitled)).await.expect_status(200);
    let problem = &checked.body["data"]["problems"][0];
    assert_eq!(problem["details"]["errors"][0]["path"], json!(["title"]), "{}", checked.body);
    ed.post(&validate, target("nowhere")).await.expect_status(404);
    ed.post(&validate, json!({ "contentType": ARTICLE, "documentId": id, "action": "discard-draft" }))
        .await
        .expect_status(400);
    assert_eq!(ed.get(&format!("{path}?documentId={untitled}")).await.expect_status(200).body["data"], json!([]));
    let answer = ed.post(path, at("2026-01-02T09:00")).await.expect_status(201);
    assert_eq!(answer.body["meta"]["problems"], json!([]));
    let n = answer.body["data"]["id"].as_i64().unwrap();
    assert_eq!(answer.body["data"]["state"], "waiting");
    ed.post(path, at("2026-01-02T09:00")).await.expect_error(400, "The same action is already scheduled for that time");
    let changed = ed
        .put(&format!("{path}/{n}"), json!({ "localTime": "2026-01-02T08:00", "zone": "Europe/Amsterdam" }))
        .await
        .expect_status(200);
    assert_eq!(changed.body["data"]["due"], "2026-01-02T07:00:00.000Z");
    ed.put(&format!("{path}/{n}"), json!({ "zone": "UTC" })).await.expect_status(400);
    let listed = ed
        .get(&format!("{path}?documentId={id}&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z"))
        .await
        .expect_status(200);
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 1);
    server.run_until_idle().await;
    assert!(title(&server, &id).await.is_null());
    server.advance_clock(4 * HOUR);
    wait_until_settled(&server, &format!("{path}/{n}"), "waiting").await;
    assert_eq!(title(&server, &id).await, "Soon");
    assert_eq!(server.get(&format!("{path}/{n}")).await.body["data"]["state"], "done");
    let other = later.body["data"]["id"].as_i64().unwrap();
    assert_eq!(server.delete(&format!("{path}/{other}")).await.expect_status(200).body["data"]["state"], "cancelled");
    server.delete(&format!("{path}/{other}")).await.expect_error(400, "The schedule is already cancelled");
    for missing in ["999", "x"] {
        server.get(&format!("{path}/{missing}")).await.expect_status(404);
    }
    assert_eq!(server.public_client().get(path).await.status, 401);
    server.get(&format!("{path}?state=never")).await.expect_status(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_publish_schedule_and_roll_back_together() {
    let server = TestServer::start().await;
    let ed = editor(&server).await;
    let (one, two) = (draft(&server, json!({ "title": "one" })).await, draft(&server, json!({})).await);
    let answer = ed.post("/admin/api/releases", json!({ "name": "Spring", "note": "n" })).await.expect_status(201);
    let path = format!("/admin/api/releases/{}", answer.body["data"]["id"]);
    let item = |id: &str, action: &str| json!({ "contentType": ARTICLE, "documentId": id, "action": action });
    let items = format!("{path}/items");
    let added =
        ed.post(&items, json!({ "items": [item(&one, "publish"), item(&two, "publish")] })).await.expect_status(200);
    assert_eq!(added.body["data"]["added"], 2);
    let bad =
        ed.post(&items, json!({ "items": [item(&one, "publish"), item("x", "publish")] })).await.expect_status(400);
    assert_eq!(bad.details()["errors"][0]["path"], json!(["items", "1"]));
    let preview = ed.post(&format!("{path}/actions/validate"), json!({})).await.expect_status(200);
    assert_eq!(preview.body["data"]["fit"], false);
    let problems: Vec<usize> = preview.body["data"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["problems"].as_array().unwrap().len())
        .collect();
    assert_eq!(problems, [0, 1]);
    let refused = ed.post(&format!("{path}/actions/publish"), json!({})).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["documentId"], json!(two));
    assert!(title(&server, &one).await.is_null());
    let list = ed.get(&items).await.expect_status(200);
    let second = list.body["data"][1]["id"].as_i64().unwrap();
    ed.delete(&format!("{items}/{second}")).await.expect_status(204);
    let when = json!({ "localTime": "2026-01-02T09:00", "zone": "Europe/Amsterdam" });
    ed.post(&format!("{path}/actions/schedule"), json!({ "localTime": "2026-01-01T09:00", "zone": "UTC" }))
        .await
        .expect_status(400);
    let scheduled = ed.post(&format!("{path}/actions/schedule"), when).await.expect_status(200);
    assert_eq!(scheduled.body["data"]["due"], "2026-01-02T08:00:00.000Z");
    let range = "from=2026-01-02T00:00:00Z&to=2026-01-03T00:00:00Z";
    assert_eq!(ed.get(&format!("/admin/api/releases?{range}")).await.body["data"].as_array().unwrap().len(), 1);
    server.advance_clock(8 * HOUR);
    wait_until_settled(&server, &path, "scheduled").await;
    assert_eq!(title(&server, &one).await, "one");
    let release = ed.get(&path).await.expect_status(200);
    assert_eq!((&release.body["data"]["state"], &release.body["meta"]["items"]), (&json!("done"), &json!(1)));
    let test_answer = ed.get(&items).await.expect_status(200);
    assert_eq!(test_answer.body["data"][0]["outcome"], "published");
    assert!(!test_answer.text().contains("before"));
    let with = format!("/admin/api/releases?contentType={ARTICLE}&documentId={one}&state=done");
    assert_eq!(ed.get(&with).await.body["data"][0]["name"], "Spring");
    let back = ed.post(&format!("{path}/actions/rollback"), json!({})).await.expect_status(200);
    assert_eq!(back.body["data"]["state"], "rolled-back");
    assert!(title(&server, &one).await.is_null());
    ed.post(&format!("{path}/actions/explode"), json!({})).await.expect_status(404);
    assert_eq!(server.public_client().post(&format!("{path}/actions/publish"), json!({})).await.status, 401);
    let renamed = ed.put(&path, json!({ "name": "Summer", "note": null })).await.expect_status(200);
    assert_eq!((&renamed.body["data"]["name"], &renamed.body["data"]["note"]), (&json!("Summer"), &Json::Null));
    ed.delete(&path).await.expect_status(204);
    ed.get(&path).await.expect_status(404);
}

async fn wait_for_schedule_log(server: &TestServer, events: usize) {
    for _ in 0..500 {
        server.run_until_idle().await;
        let log = server.get("/admin/api/audit?action=schedule.done&limit=100").await.expect_status(200);
        if log.body["data"].as_array().unwrap().len() >= events {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the log does not have {events} schedules");
}

/// Three servers on one database (where it may have more than one): each schedule is done by one of them, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_schedule_runs_once_across_three_servers() {
    let server = TestServer::start().await;
    let postgres = server.project.database().is_postgres();
    let nodes = if postgres { vec![server.start_node().await, server.start_node().await] } else { Vec::new() };
    let mut ids = Vec::new();
    for n in 0..40 {
        let id = draft(&server, json!({ "title": format!("t{n}") })).await;
        let body = json!({ "contentType": ARTICLE, "documentId": id, "action": "publish",
            "localTime": format!("2026-03-29T{:02}:{:02}", 3 + n % 2, n), "zone": "Europe/Amsterdam" });
        server.post("/admin/api/schedules", body).await.expect_status(201);
        ids.push(id);
    }
    // Background loops of the nodes run at the same time.
    server.advance_clock(24 * 85 * HOUR);
    for _ in 0..12 {
        server.advance_clock(6 * HOUR);
        if nodes.is_empty() {
            server.run_until_idle().await;
        } else {
            let [a, b] = [&nodes[0], &nodes[1]].map(|node| node.process.default_tenant().engine.clone());
            let (one, two, ()) = tokio::join!(a.run_until_idle(), b.run_until_idle(), server.run_until_idle());
            one.and(two).unwrap();
        }
    }
    for _ in 0..200 {
        server.run_until_idle().await;
        let answer = server.get("/admin/api/schedules?state=waiting").await.expect_status(200);
        if answer.body["data"].as_array().unwrap().is_empty() {
            break;
        }
        server.advance_clock(Duration::from_secs(31));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The log follows.
    wait_for_schedule_log(&server, 40).await;
    for id in &ids {
        let log =
            server.get(&format!("/admin/api/audit?documentId={id}&action=document.published")).await.expect_status(200);
        assert_eq!(log.body["data"].as_array().unwrap().len(), 1, "{id}");
        assert!(log.body["data"][0]["at"].as_str().unwrap() >= "2026-03-29T01:00", "early");
    }
}
