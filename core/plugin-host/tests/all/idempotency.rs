//! Requests with an idempotency key: what is stored under it, for whom, and how much of it.

use crate::hostile::trial_report;
use crate::routes::{refusal_status, response_json, route_request, send_request};
use crate::test_project::{TestProject, guest_with_manifest, installed_guest};
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_host::routes::{RouteError, RouteRequest, RouteResponse};
use cairn_plugin_package::manifest::{HttpMethod, Idempotency, Quota};
use cairn_store::events::{Actor, ActorKind};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

const NOTE: &str = "plugin::allow.note";

fn with_key(mut request: RouteRequest, key: &str) -> RouteRequest {
    request.headers.push(("idempotency-key".into(), key.into()));
    request
}

fn keyed_note(key: &str, body: &Json) -> RouteRequest {
    with_key(route_request("POST", "allow/write-note", &[], &body.to_string()), key)
}

/// Requires that a request was refused because its key belongs to another.
fn assert_belongs_to_another(answer: Result<RouteResponse, RouteError>) {
    let refused = answer.unwrap_err();
    let (status, message) = refusal_status(&refused).unwrap();
    assert!(status == 409 && message.contains("belongs to another request"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_with_an_idempotency_key_run_once() {
    let project = TestProject::with_guests(&["allow"]).await;
    let keyed = |key: &str, title: &str| keyed_note(key, &json!({ "title": title }));
    let first = send_request(&project, "allow/write-note", keyed("a", "one")).await.unwrap();
    let response = send_request(&project, "allow/write-note", keyed("a", "one")).await.unwrap();
    assert_eq!((first.status, &first), (201, &response));
    send_request(&project, "allow/write-note", keyed("b", "two")).await.unwrap();
    assert_eq!(project.find_all(NOTE).await.len(), 2);
    // Users do not get the response of somebody else whose key they send.
    for (user, count) in [("7", 3), ("8", 4), ("7", 4)] {
        let actor = Actor { kind: ActorKind::User, id: Some(user.to_owned()), ..Actor::public() };
        let request = RouteRequest { actor: Arc::new(actor), ..keyed("a", user) };
        send_request(&project, "allow/write-note", request).await.unwrap();
        assert_eq!(project.find_all(NOTE).await.len(), count);
    }
    // At the same time: one is done, the others wait or are told.
    let all = (0..8).map(|_| send_request(&project, "allow/write-note", keyed("c", "three")));
    let answers = futures_util::future::join_all(all).await;
    assert!(answers.iter().any(Result::is_ok));
    assert_eq!(project.find_all(NOTE).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_belong_to_one_route_method_address_and_body() {
    let project = TestProject::with_guests(&["allow"]).await;
    let plugin = installed_guest("allow");
    let mut manifest = (*plugin.manifest).clone();
    let idempotency = manifest.routes.iter().find_map(|route| route.idempotency.clone());
    let echo = manifest.routes.iter_mut().find(|route| route.name == "echo").unwrap();
    echo.idempotency = idempotency;
    let mut put = echo.clone();
    put.method = HttpMethod::Put;
    manifest.routes.push(put);
    project.plugins.replace_running(vec![InstalledPlugin { manifest: manifest.into(), number: 2, ..plugin }]);
    let send = async |method: &str, path: &str, query: &[(&str, &str)], body: &str, key: &str| {
        send_request(&project, path, with_key(route_request(method, path, query, body), key)).await
    };
    let first = send("POST", "allow/echo/a", &[("x", "1")], "{}", "k").await.unwrap();
    for (method, path, query, body) in [
        ("POST", "allow/echo/a", ("x", "1"), "{ }"),
        ("POST", "allow/echo/a", ("x", "2"), "{}"),
        ("POST", "allow/echo/b", ("x", "1"), "{}"),
        ("PUT", "allow/echo/a", ("x", "1"), "{}"),
        ("POST", "allow/write-note", ("x", "1"), "{\"title\":\"other\"}"),
    ] {
        assert_belongs_to_another(send(method, path, &[query], body, "k").await);
    }
    assert_eq!(project.find_all(NOTE).await.len(), 0);
    assert_eq!(send("POST", "allow/echo/a", &[("x", "1")], "{}", "k").await.unwrap(), first);
    // Requests with keys of their own are processed as usual.
    assert_eq!(send("PUT", "allow/echo/a", &[], "{}", "l").await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_requests_leave_their_key_free() {
    let project = TestProject::with_guests(&["teller"]).await;
    let ask = async |key: &str, status: u16| {
        let request = route_request("POST", "teller/ask", &[], &json!({ "status": status }).to_string());
        send_request(&project, "teller/ask", with_key(request, key)).await
    };
    for refused in [400, 404, 408, 409, 422, 425, 429, 500, 503] {
        let key = format!("key-{refused}");
        assert_eq!(ask(&key, refused).await.unwrap().status, refused);
        // A corrected request may use the same key; an accepted one has it for good.
        assert_eq!((ask(&key, 204).await.unwrap().status, ask(&key, 204).await.unwrap().status), (204, 204));
        assert_belongs_to_another(ask(&key, refused).await);
    }
    for accepted in [200, 303] {
        let key = format!("key-{accepted}");
        assert_eq!(
            (ask(&key, accepted).await.unwrap().status, ask(&key, accepted).await.unwrap().status),
            (accepted, accepted)
        );
    }
    // Of the refusals nothing is stored.
    let stored = project.content.store().read(|r| r.plugin_usage().get("teller", project.now_ms())).unwrap();
    assert_eq!(stored.responses, 9 + 2);
}

/// A project with the hostile guest, which may have 40 entries and whose responses are kept for that time.
async fn project_that_keeps_responses(keep: Duration) -> TestProject {
    let project = TestProject::with_guests(&["hostile"]).await;
    let plugin = guest_with_manifest("hostile", |manifest| {
        manifest.limits.quotas = manifest.limits.quotas.with_quota(Quota::KvKeys, Some(40));
        let route = manifest.routes.iter_mut().find(|route| route.name == "any").unwrap();
        let header = Some("Idempotency-Key".to_owned());
        route.idempotency = Some(Idempotency { header, body_path: None, keep });
    });
    for answer in project.plugins.replace_running(vec![InstalledPlugin { number: 2, ..plugin }]) {
        answer.unwrap();
    }
    project
}

async fn keyed_report(project: &TestProject, trial: &str, key: String) -> String {
    let path = format!("hostile/any/{trial}");
    let answer = send_request(project, &path, with_key(route_request("POST", &path, &[], "{}"), &key)).await;
    response_json(&answer.unwrap())["report"].as_str().unwrap().to_owned()
}

fn used_keys(project: &TestProject) -> u64 {
    let all = project.plugins.quota_usage("hostile").unwrap();
    all.into_iter().find(|usage| usage.quota == Quota::KvKeys).unwrap().used
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_that_are_kept_for_moments_stay_within_the_quota_too() {
    for seconds in [1, 30, 60, 61] {
        let project = project_that_keeps_responses(Duration::from_secs(seconds)).await;
        for n in 0..30 {
            keyed_report(&project, "hoard-delete", format!("stranger-{n}")).await;
        }
        assert!((8..=10).contains(&used_keys(&project)), "kept for {seconds} s: {}", used_keys(&project));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_responses_count_towards_the_quota_and_make_room() {
    let project = project_that_keeps_responses(Duration::from_secs(3_600)).await;
    let report = async |trial: &str, key: String| keyed_report(&project, trial, key).await;
    let used = || used_keys(&project);
    // Keys of strangers take up a quarter of the quota at most, and the last of them are remembered.
    for n in 0..60 {
        report("hoard-delete", format!("stranger-{n}")).await;
        project.clock.advance(chrono::TimeDelta::seconds(1));
    }
    assert!((8..=10).contains(&used()), "{}", used());
    assert!(trial_report(&project, "hoard-keys").await.starts_with("after 40: exhausted"), "the plugin has its quota");
    assert_eq!(used(), 40);
    // A response that does not fit is not stored, and requests are processed as ever.
    for _ in 0..2 {
        assert!(report("hoard-less", "full".to_owned()).await.contains("exhausted"));
        assert_eq!(used(), 40);
    }
    for _ in 0..2 {
        assert_eq!((report("hoard-delete", "late".to_owned()).await, used()), ("ok: 40".to_owned(), 1));
    }
}
