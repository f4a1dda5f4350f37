//! The clock of a program under test: months go by in seconds, with the program killed in between.

use crate::killed::{ServerProcess, cairn, run_cairn};
use cairn_testkit::{FULL_TOKEN, TestProject, extend_limit};
use reqwest::{Client, Method};
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

const VARIABLE: &str = "CAIRN_TEST_CLOCK";
pub(crate) const EMAIL: &str = "root@example.com";
pub(crate) const PASSWORD: &str = "a password of some length";
/// Longest that a scheduled action is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a request; an empty token is none. Returns its status and body.
pub(crate) async fn send(
    server: &ServerProcess,
    method: Method,
    path: &str,
    token: &str,
    body: Option<Json>,
) -> (u16, Json) {
    let mut request = Client::new().request(method, format!("{}{path}", server.base())).bearer_auth(token);
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or(Json::Null))
}

pub(crate) async fn sign_in(server: &ServerProcess) -> String {
    let body = json!({ "email": EMAIL, "password": PASSWORD, "token": true });
    let (status, session) = send(server, Method::POST, "/admin/api/login", "", Some(body)).await;
    assert_eq!(status, 200, "{session}");
    session["data"]["token"].as_str().unwrap().to_owned()
}

async fn move_clock(server: &ServerProcess, at: &str) -> u16 {
    send(server, Method::POST, "/_test/clock", "", Some(json!({ "at": at }))).await.0
}

/// The titles that the public can read.
async fn published(server: &ServerProcess) -> Vec<String> {
    let (status, list) = send(server, Method::GET, "/api/articles?sort=title", FULL_TOKEN, None).await;
    assert_eq!(status, 200, "{list}");
    list["data"].as_array().unwrap().iter().map(|entry| entry["title"].as_str().unwrap().to_owned()).collect()
}

async fn wait_until(what: &str, is_so: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < extend_limit(PATIENCE), "waiting until {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_of_months_run_once_each_while_the_program_is_killed() {
    let root = json!({ "email": EMAIL, "password": PASSWORD, "roles": ["super-admin"] });
    let project = TestProject::newsroom().with_settings("adminUsers", json!([root]));
    run_cairn(&project, &["apply", "-"], &project.settings_json());
    let mut server = ServerProcess::start_with(&project, &[(VARIABLE, "2031-01-15T08:00:00Z")]).await;
    let token = sign_in(&server).await;
    for month in ["02", "03", "04"] {
        let content = "/admin/api/content/api::article.article";
        let entry = json!({ "data": { "title": format!("Month {month}") } });
        let (status, entry) = send(&server, Method::POST, content, &token, Some(entry)).await;
        assert_eq!(status, 201, "{entry}");
        let schedule = json!({
            "contentType": "api::article.article", "documentId": entry["data"]["documentId"], "action": "publish",
            "localTime": format!("2031-{month}-01T09:00"), "zone": "Europe/Amsterdam",
        });
        let (status, answer) = send(&server, Method::POST, "/admin/api/schedules", &token, Some(schedule)).await;
        assert_eq!(status, 201, "{answer}");
    }
    assert_eq!(move_clock(&server, "2031-01-14T08:00:00Z").await, 400, "it does not go back");
    let mut expected: Vec<String> = Vec::new();
    for month in ["02", "03", "04"] {
        // A minute too early nothing happens.
        assert_eq!(move_clock(&server, &format!("2031-{month}-01T06:59:00Z")).await, 204);
        assert_eq!(published(&server).await, expected);
        let due = format!("2031-{month}-01T08:00:01Z");
        assert_eq!(move_clock(&server, &due).await, 204);
        server.kill();
        server = ServerProcess::start_with(&project, &[(VARIABLE, &due)]).await;
        expected.push(format!("Month {month}"));
        wait_until("it is published", async || published(&server).await == expected).await;
    }
    // The log is written by what follows events.
    let token = sign_in(&server).await;
    let count_done = async || {
        let path = "/admin/api/audit?action=schedule.done&limit=100";
        let (_, log) = send(&server, Method::GET, path, &token, None).await;
        log["data"].as_array().map_or(0, Vec::len)
    };
    wait_until("each schedule is logged", async || count_done().await >= 3).await;
    assert_eq!(count_done().await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn clock_cannot_be_moved_where_nobody_asked_for_another() {
    let project = TestProject::newsroom();
    run_cairn(&project, &["apply", "-"], &project.settings_json());
    let server = ServerProcess::start(&project).await;
    // The path does not exist without the test clock.
    assert_eq!(move_clock(&server, "2031-01-14T08:00:00Z").await, 405);
    drop(server);
    let refused = cairn(&project).arg("serve").env(VARIABLE, "tomorrow").output().unwrap();
    assert!(!refused.status.success());
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains("CAIRN_TEST_CLOCK must be an instant such as"), "{message}");
}
