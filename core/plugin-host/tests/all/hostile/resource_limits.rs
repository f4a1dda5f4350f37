//! Wasting time, memory and stack: the call ends, and others are served meanwhile.

use super::{run_trial, trial_report};
use crate::routes::{route_request, send_request};
use crate::test_project::TestProject;
use cairn_store::plugins::{CallFailure, CallFilter};
use cairn_testkit::extend_limit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Memory that may stay in use after all trials of a test, in MiB: pages that the allocator and the pool keep for the next calls.
const KEPT: u64 = 192;

/// Resident memory of this process, in MiB.
fn resident_memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() / 1024
}

/// Runs trials side by side, four times over, while another plugin is asked all the time. Answers how the trials ended and the longest that
/// the other one took.
async fn run_trials_beside_another_plugin(
    trials: &[&str],
    times: usize,
) -> (TestProject, Vec<Result<String, String>>, Duration) {
    let project = Arc::new(TestProject::with_guests(&["hostile", "allow"]).await);
    let stop = Arc::new(AtomicBool::new(false));
    let others = {
        let (project, stop) = (project.clone(), stop.clone());
        tokio::spawn(async move {
            let mut longest = Duration::ZERO;
            while !stop.load(Ordering::Relaxed) {
                let began = Instant::now();
                let answer =
                    send_request(&project, "allow/read-notes", route_request("GET", "allow/read-notes", &[], "")).await;
                assert_eq!(answer.unwrap().status, 200);
                longest = longest.max(began.elapsed());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            longest
        })
    };
    let mut outcomes = Vec::new();
    for _ in 0..times {
        let all = trials.iter().map(|name| run_trial(&project, name));
        let all = futures_util::future::join_all(all).await;
        outcomes.extend(all.into_iter().map(|end| end.map_err(|error| format!("{error:?}"))));
    }
    stop.store(true, Ordering::Relaxed);
    let longest = others.await.unwrap();
    (Arc::into_inner(project).unwrap(), outcomes, longest)
}

/// How the calls of a project failed.
async fn failed_calls(project: &TestProject) -> Vec<(CallFailure, String)> {
    project.plugins.write_logs().await.unwrap();
    let filter = CallFilter { plugin: Some("hostile".into()), ..CallFilter::default() };
    let calls = project.content.store().read(|r| r.plugin_calls().list(&filter, 100)).unwrap();
    calls.into_iter().map(|call| (call.kind, call.message)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn looping_and_sleeping_calls_end_at_their_limits() {
    let began = Instant::now();
    let (project, outcomes, longest) = run_trials_beside_another_plugin(&["loop", "spin-in-calls", "sleep"], 1).await;
    assert!(outcomes.iter().all(Result::is_err), "{outcomes:?}");
    assert!(began.elapsed() < extend_limit(Duration::from_secs(20)), "{:?}", began.elapsed());
    // While two of them took all of a core each.
    assert!(longest < Duration::from_secs(2), "{longest:?}");
    let failures = failed_calls(&project).await;
    let kind = |kind| failures.iter().filter(|(k, _)| *k == kind).count();
    // The one that calls the host all the time has used up its calls long before.
    assert_eq!((kind(CallFailure::Deadline), kind(CallFailure::Exhausted)), (2, 1), "{failures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn panics_and_exits_of_a_guest_trap_only_its_own_call() {
    let (project, outcomes, _) =
        run_trials_beside_another_plugin(&["panic", "unreachable", "exit", "panic-in-span"], 1).await;
    assert!(outcomes.iter().all(Result::is_err), "{outcomes:?}");
    let failures = failed_calls(&project).await;
    assert!(failures.iter().all(|(kind, _)| *kind == CallFailure::Trap), "{failures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_recursion_traps_at_the_guest_stack_limit() {
    let (project, outcomes, _) = run_trials_beside_another_plugin(&["recursion", "recursion"], 2).await;
    assert!(outcomes.iter().all(Result::is_err), "{outcomes:?}");
    assert!(failed_calls(&project).await.iter().all(|(kind, _)| *kind == CallFailure::Trap));
}

#[tokio::test(flavor = "multi_thread")]
async fn guest_memory_is_limited_and_released() {
    // Once, so that what is made for the first call of all is there.
    drop(run_trials_beside_another_plugin(&["memory"], 1).await);
    let before = resident_memory_mib();
    for _ in 0..3 {
        let (_, outcomes, longest) =
            run_trials_beside_another_plugin(&["memory", "memory", "giant-block", "giant-random", "giant-text"], 1)
                .await;
        for end in &outcomes[..3] {
            let report = end.as_ref().unwrap();
            assert!(report.starts_with("grew to ") || report == "refused", "{report}");
        }
        let grown = outcomes[0].as_ref().unwrap().trim_start_matches("grew to ").trim_end_matches(" MiB");
        assert!((40..=64).contains(&grown.parse::<u32>().unwrap()), "{grown}");
        assert!(longest < Duration::from_secs(5), "{longest:?}");
        drop(run_trials_beside_another_plugin(&["memory-hold", "memory-hold"], 1).await);
    }
    let after = resident_memory_mib();
    assert!(after < before + KEPT, "{before} MiB before, {after} MiB after");
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_of_host_calls_are_stopped() {
    for trials in [
        ["log-flood", "clock-flood", "id-flood", "metric-flood"],
        ["kv-flood", "data-flood", "job-flood", "event-flood"],
        ["job-list", "kv-huge", "kv-long-key", "kv-overflow"],
        ["transaction-nest", "transaction-leak", "transaction-order", "scan-leak"],
        ["log-fields", "log-control", "span-leak", "event-huge"],
        ["http-flood", "file-flood", "file-huge", "file-name"],
        ["deep-filter", "wide-filter", "long-sort", "deep-populate"],
        ["id-flood-read", "read-list", "write-list", "write-huge"],
        ["bad-filter", "sql-filter", "bad-cursor", "bad-scan"],
    ] {
        let (project, outcomes, longest) = run_trials_beside_another_plugin(&trials, 1).await;
        for (name, end) in trials.iter().zip(&outcomes) {
            // The plugin gets an error; if it goes on regardless, it is stopped.
            let is_limited =
                end.as_ref().is_ok_and(|report| !report.contains("leak") && !report.contains("after 1000000: ok"));
            assert!(is_limited || end.is_err(), "{name}: {end:?}");
        }
        for (kind, message) in failed_calls(&project).await {
            let call_failures = [CallFailure::Exhausted, CallFailure::Deadline, CallFailure::Trap, CallFailure::Memory];
            assert!(call_failures.contains(&kind), "{kind:?} {message}");
        }
        assert!(longest < Duration::from_secs(5), "{trials:?}: {longest:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guest_clocks_have_millisecond_resolution() {
    let project = TestProject::with_guests(&["hostile"]).await;
    assert_eq!(trial_report(&project, "clock-steps").await, "a step of 1000000 ns, 0 ns beyond, a thread: false");
}
