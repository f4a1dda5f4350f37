//! Routes of a plugin that behaves, and of one that does not.

use crate::world::{World, full};
use cairn_plugin_host::CircuitState;
use cairn_plugin_host::routes::{RouteError, RouteRequest, RouteResponse};
use cairn_query::Access;
use cairn_store::events::Actor;
use cairn_store::plugins::{CallFailure, CallFilter, LogFilter};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

const NOTE: &str = "plugin::allow.note";

pub(crate) fn request(method: &str, path: &str, query: &[(&str, &str)], body: &str) -> RouteRequest {
    RouteRequest {
        method: method.into(),
        path: format!("/api/{path}"),
        query: query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.into(),
        client: Some("203.0.113.7".into()),
        actor: Arc::new(Actor::public()),
        access: Arc::new(Access::none()).into(),
        locale: "en".into(),
    }
}

pub(crate) async fn send(world: &World, path: &str, request: RouteRequest) -> Result<RouteResponse, RouteError> {
    let segments: Vec<&str> = path.split('/').collect();
    let found =
        world.plugins.find_route(&request.method, &segments).unwrap_or_else(|others| panic!("{path}: {others:?}"));
    world.plugins.handle_request(found, request).await
}

async fn get(world: &World, path: &str, query: &[(&str, &str)]) -> Result<RouteResponse, RouteError> {
    send(world, path, request("GET", path, query, "")).await
}

/// The status and the words of a refusal.
pub(crate) fn status(no: &RouteError) -> Option<(u16, &str)> {
    match no {
        RouteError::Refused(refusal) => Some((refusal.kind.status(), &refusal.message)),
        _ => None,
    }
}

pub(crate) fn json_of(answer: &RouteResponse) -> Json {
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_comes_as_it_was_sent_and_goes_as_it_was_answered() {
    let world = World::of(&["allow"]).await;
    let sent = request("POST", "allow/echo/hello", &[("a", "1")], r#"{"b":2}"#);
    let answer = send(&world, "allow/echo/hello", sent).await.unwrap();
    assert_eq!((answer.status, answer.headers.contains(&("x-allow".into(), "echo".into()))), (200, true));
    let echo = json_of(&answer);
    assert_eq!(
        (&echo["parameters"], &echo["query"], &echo["body"]),
        (&json!([["word", "hello"]]), &json!([["a", "1"]]), &json!(r#"{"b":2}"#))
    );
    assert_eq!((&echo["call"]["actor"]["kind"], &echo["clientAddress"]), (&json!("anonymous"), &json!("203.0.113.7")));
    // A path of another method, and one that is none.
    assert_eq!(world.plugins.find_route("GET", &["allow", "echo", "x"]).unwrap_err(), ["POST"]);
    assert!(world.plugins.find_route("GET", &["allow", "nothing"]).unwrap_err().is_empty());
    assert!(world.plugins.find_route("GET", &["nobody", "echo"]).unwrap_err().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_the_plugins_or_those_of_whoever_asks() {
    let world = World::of(&["allow"]).await;
    world.create(NOTE, json!({ "title": "one" })).await.unwrap();
    assert_eq!(json_of(&get(&world, "allow/read-notes", &[]).await.unwrap()).as_array().unwrap().len(), 1);
    let refused = get(&world, "allow/read-notes", &[("rights", "caller")]).await.unwrap_err();
    assert_eq!(status(&refused), Some((403, "Forbidden")));
    let may = RouteRequest { access: full().into(), ..request("GET", "allow/read-notes", &[("rights", "caller")], "") };
    assert_eq!(send(&world, "allow/read-notes", may).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_the_contract_are_answers_and_count_for_nothing() {
    let world = World::of(&["allow"]).await;
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
            let no = get(&world, &path, &[]).await.unwrap_err();
            assert_eq!(status(&no), Some(expected), "{kind}: {no:?}");
        }
    }
    let health = world.plugins.health().remove(0).calls;
    assert!(health.iter().all(|call| call.failures.is_empty() && call.circuit == CircuitState::Closed), "{health:?}");
    // What it calls a failure itself is one, and its reference for the operator is nothing for clients.
    assert_eq!(get(&world, "allow/error/internal", &[]).await.unwrap_err(), RouteError::Failed);
    let health = world.plugins.health().remove(0).calls;
    assert_eq!(health.iter().map(|call| call.failures.values().sum::<u64>()).sum::<u64>(), 1, "{health:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_costs_one_call_and_is_kept() {
    let world = World::of(&["allow"]).await;
    assert_eq!(get(&world, "allow/error/trap", &[]).await.unwrap_err(), RouteError::Failed);
    assert_eq!(get(&world, "allow/read-notes", &[]).await.unwrap().status, 200);
    world.plugins.write_logs().await.unwrap();
    let filter = CallFilter { plugin: Some("allow".into()), ..CallFilter::default() };
    let calls = world.content.store().read(|r| r.plugin_calls(&filter, 10)).unwrap();
    assert_eq!((calls.len(), calls[0].kind, calls[0].name.as_str()), (1, CallFailure::Trap, "error"));
    assert!(calls[0].message.contains("the path asked for a trap"), "{}", calls[0].message);
    // What it said before it went is in its log.
    let filter = LogFilter { plugin: Some("allow".into()), ..LogFilter::default() };
    let lines = world.content.store().read(|r| r.plugin_logs(&filter, 10)).unwrap();
    assert!(lines.iter().any(|line| line.log.message.contains("the path asked for a trap")), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_failing_is_left_alone_and_others_are_not() {
    let world = World::of(&["allow"]).await;
    for _ in 0..5 {
        assert_eq!(get(&world, "allow/error/trap", &[]).await.unwrap_err(), RouteError::Failed);
    }
    assert!(matches!(get(&world, "allow/error/denied", &[]).await.unwrap_err(), RouteError::Paused(_)));
    assert_eq!(get(&world, "allow/read-notes", &[]).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_have_an_end_in_size_and_in_time() {
    let world = World::of(&["allow"]).await;
    let large = get(&world, "allow/large", &[("bytes", "1000000")]).await.unwrap();
    assert_eq!(large.body.len(), 1_000_000);
    assert_eq!(get(&world, "allow/large", &[("bytes", "9000000")]).await.unwrap_err(), RouteError::Failed);
    // More than there is memory for.
    assert_eq!(get(&world, "allow/large", &[("bytes", "1000000000")]).await.unwrap_err(), RouteError::Failed);
    // It sleeps in a call of the host: that time counts too, and others are served meanwhile.
    let began = Instant::now();
    let sleeping = get(&world, "allow/sleep", &[("ms", "60000")]);
    let other = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let answer = get(&world, "allow/read-notes", &[]).await;
        (answer.unwrap().status, began.elapsed())
    };
    let (slept, (status, after)) = tokio::join!(sleeping, other);
    assert_eq!((slept.unwrap_err(), status), (RouteError::Failed, 200));
    assert!(
        after < Duration::from_secs(4) && began.elapsed() < Duration::from_secs(20),
        "{after:?} {:?}",
        began.elapsed()
    );
    world.plugins.write_logs().await.unwrap();
    let filter = CallFilter { plugin: Some("allow".into()), ..CallFilter::default() };
    let calls = world.content.store().read(|r| r.plugin_calls(&filter, 10)).unwrap();
    let kinds: Vec<_> = calls.iter().map(|call| call.kind).collect();
    assert_eq!(kinds.len(), 3, "{kinds:?}");
    for kind in [CallFailure::Deadline, CallFailure::Memory, CallFailure::Output] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_a_key_is_done_once() {
    let world = World::of(&["allow"]).await;
    let keyed = |key: &str, title: &str| {
        let mut sent = request("POST", "allow/write-note", &[], &json!({ "title": title }).to_string());
        sent.headers.push(("idempotency-key".into(), key.into()));
        sent
    };
    let first = send(&world, "allow/write-note", keyed("a", "one")).await.unwrap();
    let again = send(&world, "allow/write-note", keyed("a", "one")).await.unwrap();
    assert_eq!((first.status, &first), (201, &again));
    send(&world, "allow/write-note", keyed("b", "two")).await.unwrap();
    assert_eq!(world.all(NOTE).await.len(), 2);
    // At the same time: one is done, the others wait or are told.
    let all = (0..8).map(|_| send(&world, "allow/write-note", keyed("c", "three")));
    let answers = futures_util::future::join_all(all).await;
    assert!(answers.iter().any(Result::is_ok));
    assert_eq!(world.all(NOTE).await.len(), 3);
}
