//! Many calls at a time: those of one plugin take nobody else's turn and nobody else's memory, and who gets none is told to come again.

use crate::hostile::run_trial;
use crate::routes::{route_request, send_request};
use crate::test_project::{TestProject, full_access, guest_with_manifest, host_with_limits};
use cairn_plugin_host::routes::{RouteError, RouteResponse};
use cairn_plugin_host::{CallHealth, CircuitState, HostLimits};
use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const NOTE: &str = "plugin::allow.note";
const MIB: usize = 1 << 20;

async fn send_get(project: &TestProject, path: &str, query: &[(&str, &str)]) -> Result<RouteResponse, RouteError> {
    send_request(project, path, route_request("GET", path, query, "")).await
}

fn call_health(project: &TestProject, plugin: &str) -> Vec<CallHealth> {
    project.plugins.health().into_iter().filter(|p| p.plugin == plugin).flat_map(|p| p.calls).collect()
}

/// With `allow` that is called for one thing at a time.
async fn project_with_one_turn() -> TestProject {
    let project = TestProject::with_guests(&["allow"]).await;
    let allow = guest_with_manifest("allow", |m| {
        m.limits.concurrency = 1;
        // The plugin's own writes call its hooks too.
        m.hooks.iter_mut().for_each(|hook| hook.reentrant = true);
    });
    project.plugins.replace_running(vec![allow]).remove(0).unwrap();
    project
}

#[tokio::test(flavor = "multi_thread")]
async fn bursts_on_a_slow_route_delay_no_other_calls() {
    let project = Arc::new(TestProject::with_guests(&["allow", "hostile"]).await);
    let burst: Vec<_> = (0..300)
        .map(|_| {
            let project = project.clone();
            tokio::spawn(async move { send_get(&project, "allow/sleep", &[("ms", "1500")]).await })
        })
        .collect();
    // From the first answer on the plugin's turns were all taken, and those who still wait for them are many.
    while call_health(&project, "allow").is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for _ in 0..20 {
        assert_eq!(run_trial(&project, "nothing").await.unwrap(), "no such trial: nothing");
        let access = full_access();
        project.content.find(project.request_context(&access, "api::article.article", "")).await.unwrap();
        project.create(NOTE, json!({ "title": "hello" })).await.unwrap();
    }
    let (mut answered, mut busy) = (0_u64, 0_u64);
    for one in burst {
        match one.await.unwrap() {
            Ok(answer) => {
                assert_eq!(answer.status, 200);
                answered += 1;
            }
            Err(RouteError::Busy(retry_after)) => {
                assert!(retry_after >= Duration::from_secs(1));
                busy += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    // Eight at a time, for as long as others wait: not all of them had their turn.
    assert!(answered >= 8 && busy > 0 && answered + busy == 300, "{answered} {busy}");
    let calls = call_health(&project, "allow");
    let sleep = calls.iter().find(|call| call.name == "sleep").unwrap();
    assert_eq!((sleep.calls, sleep.busy, sleep.failures.len()), (answered, busy, 0));
    assert!(calls.iter().all(|call| call.circuit == CircuitState::Closed));
    let totals = project.plugins.host().call_totals();
    assert_eq!(totals.iter().find(|call| call.name == "sleep").unwrap().busy, busy);
    assert_eq!(project.plugins.settle_tripped(Arc::new(|_| None), Arc::new(|_, _, _| Ok(()))).await.unwrap(), []);
    project.plugins.write_logs().await.unwrap();
    let failed = project.content.store().read(|r| r.plugin_calls().list(&Default::default(), 10)).unwrap();
    assert!(failed.is_empty(), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nested_calls_run_on_the_turn_of_the_outer_call() {
    let project = project_with_one_turn().await;
    // Calls of the route hold the only turn, and their own hooks run in the transaction they write in.
    let path = "allow/write-note";
    let all = join_all((0..20).map(|n| {
        let body = json!({ "title": format!("note {n}") }).to_string();
        send_request(&project, path, route_request("POST", path, &[], &body)).boxed_local()
    }));
    for answer in all.await {
        assert_eq!(answer.unwrap().status, 201);
    }
    assert_eq!(project.find_all(NOTE).await.len(), 20);
    let health = call_health(&project, "allow").into_iter().find(|call| call.name == "refuse").unwrap();
    assert_eq!((health.calls, health.failures.len(), health.busy), (20, 0, 0));
    // The hook also refuses writes of the plugin's own route.
    let refused =
        send_request(&project, path, route_request("POST", path, &[], r#"{"title":"bad"}"#)).await.unwrap_err();
    assert_eq!(crate::routes::refusal_status(&refused), Some((400, "This title is not allowed.")));
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_and_failed_calls_release_turn_and_memory() {
    let project = project_with_one_turn().await;
    for _ in 0..3 {
        // The client is gone before the answer.
        let cancelled =
            tokio::time::timeout(Duration::from_millis(300), send_get(&project, "allow/sleep", &[("ms", "60000")]))
                .await;
        assert!(cancelled.is_err());
        assert_eq!(send_get(&project, "allow/error/trap", &[]).await.unwrap_err(), RouteError::Failed);
        assert_eq!(send_get(&project, "allow/read-notes", &[]).await.unwrap().status, 200);
    }
    // A call that is cancelled in the queue leaves it.
    let future = send_get(&project, "allow/sleep", &[("ms", "1000")]);
    let queued = tokio::time::timeout(Duration::from_millis(300), send_get(&project, "allow/read-notes", &[]));
    let next = send_get(&project, "allow/read-notes", &[]);
    let (first, queued, next) = tokio::join!(future, queued, next);
    assert!(queued.is_err());
    assert_eq!((first.unwrap().status, next.unwrap().status), (200, 200));
    let memory = &project.plugins.health()[0];
    assert_eq!(memory.memory, 0);
    assert!(memory.memory_peak > 0 && memory.memory_limit > memory.memory_peak);
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_of_all_calls_of_a_plugin_is_limited() {
    // Three of four calls at a time could have all that one may.
    let limits = HostLimits { memory: 512 * MIB, plugin_memory: 200 * MIB };
    let (project, answers) =
        TestProject::with_plugin_host(host_with_limits(limits), &["hostile", "allow"], |context| context).await;
    assert!(answers.iter().all(Result::is_ok));
    let project = Arc::new(project);
    let bombs: Vec<_> = (0..16)
        .map(|_| {
            let project = project.clone();
            tokio::spawn(async move { run_trial(&project, "memory-hold").await })
        })
        .collect();
    for bomb in bombs {
        let error = bomb.await.unwrap().unwrap_err();
        assert!(matches!(error, RouteError::Failed | RouteError::Busy(_) | RouteError::Paused(_)), "{error:?}");
    }
    let (used, peak) = project.plugins.host().memory_usage();
    assert_eq!(used, 0);
    assert!(peak <= 200 * MIB, "{peak}");
    let hostile = project.plugins.health().into_iter().find(|p| p.plugin == "hostile").unwrap();
    assert_eq!((hostile.memory, hostile.memory_limit), (0, 200 * MIB as u64));
    assert!(hostile.memory_peak <= hostile.memory_limit, "{hostile:?}");
    assert_eq!(send_get(&project, "allow/read-notes", &[]).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_refused_by_the_process_limit_is_no_failure() {
    // Less than one call may have: whatever it wants beyond it is refused for the sum.
    let limits = HostLimits { memory: 24 * MIB, plugin_memory: 512 * MIB };
    let (project, answers) =
        TestProject::with_plugin_host(host_with_limits(limits), &["hostile"], |context| context).await;
    assert!(answers.iter().all(Result::is_ok));
    for _ in 0..10 {
        assert!(matches!(run_trial(&project, "memory-hold").await.unwrap_err(), RouteError::Busy(_)));
    }
    // A guest that can do with less is told, and goes on.
    let grown = run_trial(&project, "memory").await.unwrap();
    let grown: usize = grown.trim_start_matches("grew to ").trim_end_matches(" MiB").parse().unwrap();
    assert!((1..24).contains(&grown), "{grown}");
    let call = call_health(&project, "hostile").remove(0);
    assert_eq!((call.busy, call.failures.len(), call.circuit), (10, 0, CircuitState::Closed));
    assert_eq!(project.plugins.host().memory_usage().0, 0);
}
