//! Routes of a plugin that behaves, and of one that does not.

use crate::test_project::{TestProject, full_access};
use cairn_plugin_host::CircuitState;
use cairn_plugin_host::routes::{RouteError, RouteRequest, RouteResponse};
use cairn_query::Access;
use cairn_store::events::Actor;
use cairn_store::plugins::{CallFailure, CallFilter, LogFilter};
use cairn_testkit::extend_limit;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

const NOTE: &str = "plugin::allow.note";

pub(crate) fn route_request(method: &str, path: &str, query: &[(&str, &str)], body: &str) -> RouteRequest {
    RouteRequest {
        method: method.into(),
        path: format!("/api/{path}"),
        query: query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.into(),
        file: None,
        client: Some("203.0.113.7".into()),
        actor: Arc::new(Actor::public()),
        access: Arc::new(Access::none()).into(),
        locale: "en".into(),
    }
}

pub(crate) async fn send_request(
    project: &TestProject,
    path: &str,
    request: RouteRequest,
) -> Result<RouteResponse, RouteError> {
    let segments: Vec<&str> = path.split('/').collect();
    let route_match =
        project.plugins.find_route(&request.method, &segments).unwrap_or_else(|others| panic!("{path}: {others:?}"));
    project.plugins.handle_request(route_match, request).await
}

async fn send_get(project: &TestProject, path: &str, query: &[(&str, &str)]) -> Result<RouteResponse, RouteError> {
    send_request(project, path, route_request("GET", path, query, "")).await
}

/// The status and the words of a refusal.
pub(crate) fn refusal_status(no: &RouteError) -> Option<(u16, &str)> {
    match no {
        RouteError::Refused(refusal) => Some((refusal.kind.status(), &refusal.message)),
        _ => None,
    }
}

pub(crate) fn response_json(answer: &RouteResponse) -> Json {
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_receive_requests_and_return_responses_unchanged() {
    let project = TestProject::with_guests(&["allow"]).await;
    let request = route_request("POST", "allow/echo/hello", &[("a", "1")], r#"{"b":2}"#);
    let answer = send_request(&project, "allow/echo/hello", request).await.unwrap();
    assert_eq!((answer.status, answer.headers.contains(&("x-allow".into(), "echo".into()))), (200, true));
    let echo = response_json(&answer);
    assert_eq!(
        (&echo["parameters"], &echo["query"], &echo["body"]),
        (&json!([["word", "hello"]]), &json!([["a", "1"]]), &json!(r#"{"b":2}"#))
    );
    assert_eq!((&echo["call"]["actor"]["kind"], &echo["clientAddress"]), (&json!("anonymous"), &json!("203.0.113.7")));
    // A path of another method, and one that is none.
    assert_eq!(project.plugins.find_route("GET", &["allow", "echo", "x"]).unwrap_err(), ["POST"]);
    assert!(project.plugins.find_route("GET", &["allow", "nothing"]).unwrap_err().is_empty());
    assert!(project.plugins.find_route("GET", &["nobody", "echo"]).unwrap_err().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_use_permissions_of_the_plugin_or_the_caller() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.create(NOTE, json!({ "title": "one" })).await.unwrap();
    assert_eq!(response_json(&send_get(&project, "allow/read-notes", &[]).await.unwrap()).as_array().unwrap().len(), 1);
    let refused = send_get(&project, "allow/read-notes", &[("rights", "caller")]).await.unwrap_err();
    assert_eq!(refusal_status(&refused), Some((403, "Forbidden")));
    let may = RouteRequest {
        access: full_access().into(),
        ..route_request("GET", "allow/read-notes", &[("rights", "caller")], "")
    };
    assert_eq!(send_request(&project, "allow/read-notes", may).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_errors_become_responses_but_not_failures() {
    let project = TestProject::with_guests(&["allow"]).await;
    for _ in 0..10 {
        for (kind, expected) in [
            ("invalid", (400, "Too short.")),
            ("denied", (403, "Forbidden")),
            ("missing", (404, "Not Found")),
            ("conflict", (409, "It is closed.")),
            ("exhausted", (503, "Try again later")),
            ("unavailable", (503, "Try again later")),
        ] {
            let path = format!("allow/error/{kind}");
            let no = send_get(&project, &path, &[]).await.unwrap_err();
            assert_eq!(refusal_status(&no), Some(expected), "{kind}: {no:?}");
        }
    }
    let health = project.plugins.health().remove(0).calls;
    assert!(health.iter().all(|call| call.failures.is_empty() && call.circuit == CircuitState::Closed), "{health:?}");
    // An internal error counts as a failure, and clients do not see its reference for the operator.
    assert_eq!(send_get(&project, "allow/error/internal", &[]).await.unwrap_err(), RouteError::Failed);
    let health = project.plugins.health().remove(0).calls;
    assert_eq!(health.iter().map(|call| call.failures.values().sum::<u64>()).sum::<u64>(), 1, "{health:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn trapped_calls_are_logged_and_do_not_stop_the_plugin() {
    let project = TestProject::with_guests(&["allow"]).await;
    assert_eq!(send_get(&project, "allow/error/trap", &[]).await.unwrap_err(), RouteError::Failed);
    assert_eq!(send_get(&project, "allow/read-notes", &[]).await.unwrap().status, 200);
    project.plugins.write_logs().await.unwrap();
    let filter = CallFilter { plugin: Some("allow".into()), ..CallFilter::default() };
    let calls = project.content.store().read(|r| r.plugin_calls().list(&filter, 10)).unwrap();
    assert_eq!((calls.len(), calls[0].kind, calls[0].name.as_str()), (1, CallFailure::Trap, "error"));
    assert!(calls[0].message.contains("the path asked for a trap"), "{}", calls[0].message);
    // The log has what the plugin wrote before the trap.
    let filter = LogFilter { plugin: Some("allow".into()), ..LogFilter::default() };
    let lines = project.content.store().read(|r| r.plugin_logs().list(&filter, 10)).unwrap();
    assert!(lines.iter().any(|line| line.log.message.contains("the path asked for a trap")), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_calls_are_listed_though_somebody_else_is_writing_them() {
    let project = TestProject::with_guests(&["allow"]).await;
    let list_calls = || {
        let (plugins, store) = (project.plugins.clone(), project.content.store().clone());
        tokio::spawn(async move {
            plugins.write_logs().await.unwrap();
            store.read(|r| r.plugin_calls().list(&CallFilter::default(), 10)).unwrap().len()
        })
    };
    for (round, abandoned) in [(1, false), (2, true), (3, true), (4, false)] {
        assert_eq!(send_get(&project, "allow/error/trap", &[]).await.unwrap_err(), RouteError::Failed);
        // On SQLite nobody else writes until this does.
        let (release, released) = std::sync::mpsc::channel::<()>();
        let released = Arc::new(parking_lot::Mutex::new(released));
        let store = project.content.store().clone();
        let busy = tokio::spawn(async move {
            let wait = move |_: &mut cairn_store::WriteTx<'_>| {
                let _ = released.lock().recv_timeout(Duration::from_secs(20));
                Ok::<_, cairn_store::StoreError>(())
            };
            store.write(wait).await
        });
        let first = list_calls();
        tokio::time::sleep(Duration::from_millis(50)).await;
        if abandoned {
            first.abort();
        }
        let second = list_calls();
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(release);
        busy.await.unwrap().unwrap();
        assert_eq!(second.await.unwrap(), round);
        assert!(abandoned || first.await.unwrap() == round);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_routes_are_paused_and_others_are_not() {
    let project = TestProject::with_guests(&["allow"]).await;
    for _ in 0..5 {
        assert_eq!(send_get(&project, "allow/error/trap", &[]).await.unwrap_err(), RouteError::Failed);
    }
    assert!(matches!(send_get(&project, "allow/error/denied", &[]).await.unwrap_err(), RouteError::Paused(_)));
    assert_eq!(send_get(&project, "allow/read-notes", &[]).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_limited_in_size_and_time() {
    let project = TestProject::with_guests(&["allow"]).await;
    let large = send_get(&project, "allow/large", &[("bytes", "1000000")]).await.unwrap();
    assert_eq!(large.body.len(), 1_000_000);
    assert_eq!(send_get(&project, "allow/large", &[("bytes", "9000000")]).await.unwrap_err(), RouteError::Failed);
    // More than there is memory for.
    assert_eq!(send_get(&project, "allow/large", &[("bytes", "1000000000")]).await.unwrap_err(), RouteError::Failed);
    // Time in a host call counts too, and other requests are served meanwhile.
    let began = Instant::now();
    let sleeping = send_get(&project, "allow/sleep", &[("ms", "60000")]);
    let other = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let answer = send_get(&project, "allow/read-notes", &[]).await;
        (answer.unwrap().status, began.elapsed())
    };
    let (slept, (status, after)) = tokio::join!(sleeping, other);
    assert_eq!((slept.unwrap_err(), status), (RouteError::Failed, 200));
    assert!(
        after < extend_limit(Duration::from_secs(15)) && began.elapsed() < extend_limit(Duration::from_secs(20)),
        "{after:?} {:?}",
        began.elapsed()
    );
    project.plugins.write_logs().await.unwrap();
    let filter = CallFilter { plugin: Some("allow".into()), ..CallFilter::default() };
    let calls = project.content.store().read(|r| r.plugin_calls().list(&filter, 10)).unwrap();
    let kinds: Vec<_> = calls.iter().map(|call| call.kind).collect();
    assert_eq!(kinds.len(), 3, "{kinds:?}");
    for kind in [CallFailure::Deadline, CallFailure::Memory, CallFailure::Output] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}
