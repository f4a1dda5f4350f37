//! Plugins that are not in Rust: `allow-ts` in TypeScript, `allow-py` in Python. What they do is what `allow` does.
//!
//! One test for each language: tests are processes of their own, and each would compile the component, for seconds.

use crate::routes::refusal_status;
use crate::test_project::{TestProject, refusal_parts};
use cairn_plugin_host::routes::{RouteError, RouteRequest, RouteResponse};
use cairn_query::Access;
use cairn_store::events::{Actor, DuplicatePolicy, NewJob};
use cairn_store::plugins::LogFilter;
use serde_json::{Value as Json, json};
use std::sync::Arc;

async fn send_get(project: &TestProject, path: &str) -> Result<RouteResponse, RouteError> {
    send_request(project, "GET", path, "").await
}

async fn send_request(
    project: &TestProject,
    method: &str,
    path: &str,
    body: &str,
) -> Result<RouteResponse, RouteError> {
    let segments: Vec<&str> = path.split('/').collect();
    let route_match =
        project.plugins.find_route(method, &segments).unwrap_or_else(|others| panic!("{path}: {others:?}"));
    let request = RouteRequest {
        method: method.into(),
        path: format!("/api/{path}"),
        query: vec![("a".into(), "1".into())],
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.to_owned().into(),
        file: None,
        client: Some("203.0.113.7".into()),
        actor: Arc::new(Actor::public()),
        access: Arc::new(Access::none()).into(),
        locale: "en".into(),
    };
    project.plugins.handle_request(route_match, request).await
}

async fn enqueue_and_run(project: &TestProject, plugin: &str, name: &str, payload: Json) {
    let name = format!("plugin:{plugin}:{name}");
    let job = NewJob { name, key: None, duplicate: DuplicatePolicy::Keep, lane: None, payload, due: 0 };
    project.engine.enqueue(job).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
}

/// Contents of the documents that a guest leaves about one of its functions.
async fn log_entries_by(project: &TestProject, plugin: &str, by: &str) -> Vec<Json> {
    let logs = project.find_all(&format!("plugin::{plugin}.log")).await;
    logs.into_iter().filter(|log| log["by"] == by).map(|log| log["about"].clone()).collect()
}

/// Lines of the plugin's log.
async fn log_lines(project: &TestProject, plugin: &str) -> Vec<String> {
    project.plugins.write_logs().await.unwrap();
    let filter = LogFilter { plugin: Some(plugin.into()), ..LogFilter::default() };
    let lines = project.content.store().read(|r| r.plugin_logs().list(&filter, 100)).unwrap();
    lines.into_iter().map(|line| line.log.message).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn typescript_plugin_handles_hooks_events_jobs_and_routes() {
    typescript_hooks_amend_refuse_and_fail().await;
    events_have_their_effects_once("allow-ts").await;
    jobs_commit_everything_or_nothing("allow-ts").await;
    long_jobs_continue_from_their_checkpoint("allow-ts").await;
    typescript_uses_the_clock_and_entropy_of_the_host().await;
    errors_thrown_by_typescript_routes_become_responses().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_plugin_handles_events_and_jobs() {
    events_have_their_effects_once("allow-py").await;
    jobs_commit_everything_or_nothing("allow-py").await;
    long_jobs_continue_from_their_checkpoint("allow-py").await;
    python_uses_the_clock_and_entropy_of_the_host().await;
}

async fn typescript_hooks_amend_refuse_and_fail() {
    let project = TestProject::with_guests(&["allow-ts"]).await;
    let uid = "plugin::allow-ts.note";
    let note = project.create(uid, json!({ "title": "hello" })).await.unwrap();
    assert_eq!(note["loud"], "HELLO");
    let (message, details) = refusal_parts(project.create(uid, json!({ "title": "bad" })).await.unwrap_err());
    assert_eq!((message.as_str(), &details["errors"][0]["path"]), ("This title is not allowed.", &json!(["title"])));
    // An error rolls the change back, and is no trap: its text is in the log, not in the answer.
    let error = project.create(uid, json!({ "title": "broken" })).await.unwrap_err();
    assert!(!error.to_string().contains("asked for an error"), "{error}");
    assert_eq!(project.find_all(uid).await.len(), 1);
    let lines = log_lines(&project, "allow-ts").await;
    assert!(lines.iter().any(|line| line == "thrown: TypeError: the title asked for an error"), "{lines:?}");
}

async fn events_have_their_effects_once(plugin: &str) {
    let project = TestProject::with_guests(&[plugin]).await;
    for n in 0..5 {
        project.create(&format!("plugin::{plugin}.note"), json!({ "title": format!("note {n}") })).await.unwrap();
    }
    project.engine.run_until_idle().await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    assert_eq!(project.kv_value(plugin, "events/notes").as_deref(), Some("5"), "{plugin}");
    assert_eq!(log_entries_by(&project, plugin, "event:notes").await.len(), 5, "{plugin}");
}

async fn jobs_commit_everything_or_nothing(plugin: &str) {
    let project = TestProject::with_guests(&[plugin]).await;
    let note = format!("plugin::{plugin}.note");
    project.create(&note, json!({ "title": "whole", "loud": "" })).await.unwrap();
    for (name, fail) in [("whole", ""), ("dropped", "commit"), ("ended", "dead")] {
        enqueue_and_run(&project, plugin, "steps", json!({ "name": name, "fail": fail })).await;
    }
    assert_eq!(log_entries_by(&project, plugin, "steps").await, [json!("whole")], "{plugin}");
    let stored: Json = serde_json::from_str(&project.kv_value(plugin, "steps/whole").unwrap()).unwrap();
    assert!(stored["notes"]["count"] == 1 && stored["notes"]["median"]["id"].is_number(), "{plugin}: {stored}");
    assert_eq!(project.kv_value(plugin, "steps/dropped"), None, "{plugin}");
    assert_eq!(project.find_all(&note).await[0]["loud"], "seen", "{plugin}");
    // The job that it asked for, and none of those that were undone.
    assert_eq!(log_entries_by(&project, plugin, "slices").await, [json!("1")], "{plugin}");
    let lines = log_lines(&project, plugin).await;
    assert!(lines.iter().any(|line| line.contains("told to fail before the commit")), "{plugin}: {lines:?}");
}

async fn long_jobs_continue_from_their_checkpoint(plugin: &str) {
    let project = TestProject::with_guests(&[plugin]).await;
    enqueue_and_run(&project, plugin, "slices", json!({ "slices": 3 })).await;
    assert_eq!(log_entries_by(&project, plugin, "slices").await, [json!("1"), json!("2"), json!("3")], "{plugin}");
}

async fn python_uses_the_clock_and_entropy_of_the_host() {
    let project = TestProject::with_guests(&["allow-py"]).await;
    enqueue_and_run(&project, "allow-py", "slices", json!({ "slices": 2 })).await;
    let id = |n| (1..50).find_map(|id| project.kv_value("allow-py", &format!("slices/{id}/{n}")));
    let [first, second] = [id(1), id(2)].map(|stored| serde_json::from_str::<Json>(&stored.unwrap()).unwrap());
    assert_eq!((&first["same"], &second["same"]), (&json!(true), &json!(true)));
    assert!(first["random"] != second["random"] && first["uuid"] != second["uuid"], "{first} {second}");
}

async fn typescript_uses_the_clock_and_entropy_of_the_host() {
    let project = TestProject::with_guests(&["allow-ts"]).await;
    let answer = |answer: RouteResponse| serde_json::from_slice::<Json>(&answer.body).unwrap();
    let first = answer(send_get(&project, "allow-ts/engine").await.unwrap());
    let second = answer(send_get(&project, "allow-ts/engine").await.unwrap());
    assert_eq!((&first["now"], &first["same"]), (&json!(1_735_725_600_000_u64), &json!(true)));
    assert_eq!((&first["text"], &first["settings"]), (&json!("é€😀"), &json!({})));
    assert!(first["random"] != second["random"] && first["uuid"] != second["uuid"], "{first} {second}");
    let lines = log_lines(&project, "allow-ts").await;
    assert!(lines.iter().any(|line| line == "and by the console {\"deep\":[1]}"), "{lines:?}");
}

async fn errors_thrown_by_typescript_routes_become_responses() {
    let project = TestProject::with_guests(&["allow-ts"]).await;
    let echo = send_request(&project, "POST", "allow-ts/echo/hello", "{\"b\":\"é\"}").await.unwrap();
    let body: Json = serde_json::from_slice(&echo.body).unwrap();
    assert_eq!((&body["word"], &body["query"], &body["body"]), (&json!("hello"), &json!("1"), &json!("{\"b\":\"é\"}")));
    assert_eq!((&body["actor"]["kind"], &body["left"]), (&json!("anonymous"), &json!(true)));
    for (kind, expected) in [
        ("invalid", Some((400, "Too short."))),
        ("denied", Some((403, "Forbidden"))),
        ("missing", Some((404, "Not Found"))),
        ("conflict", Some((409, "It is closed."))),
        ("unavailable", Some((503, "Try again later"))),
        ("undefined", None),
        ("number", None),
        ("type", None),
        ("other", None),
        ("deep", None),
    ] {
        let no = send_get(&project, &format!("allow-ts/error/{kind}")).await.unwrap_err();
        assert_eq!(refusal_status(&no), expected, "{kind}: {no:?}");
        assert_eq!(no == RouteError::Failed, expected.is_none(), "{kind}: {no:?}");
    }
    // The errors have had no effect on other calls.
    assert_eq!(send_get(&project, "allow-ts/engine").await.unwrap().status, 200);
}
