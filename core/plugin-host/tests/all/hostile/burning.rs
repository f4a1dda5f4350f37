//! Wasting time, memory and stack: the call ends, and others are served meanwhile.

use super::{report, trial};
use crate::routes::{request, send};
use crate::world::World;
use cairn_store::plugins::{CallFailure, CallFilter};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What may stay of memory after all trials of a test, in MiB: pages that the allocator and the pool keep for the next calls.
const KEPT: u64 = 192;

/// Resident memory of this process, in MiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() / 1024
}

/// Runs trials side by side, four times over, while another plugin is asked all the time. Answers how the trials ended and the longest that
/// the other one took.
async fn beside(trials: &[&str], times: usize) -> (World, Vec<Result<String, String>>, Duration) {
    let world = Arc::new(World::of(&["hostile", "allow"]).await);
    let done = Arc::new(AtomicBool::new(false));
    let others = {
        let (world, done) = (world.clone(), done.clone());
        tokio::spawn(async move {
            let mut longest = Duration::ZERO;
            while !done.load(Ordering::Relaxed) {
                let began = Instant::now();
                let answer = send(&world, "allow/read-notes", request("GET", "allow/read-notes", &[], "")).await;
                assert_eq!(answer.unwrap().status, 200);
                longest = longest.max(began.elapsed());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            longest
        })
    };
    let mut ended = Vec::new();
    for _ in 0..times {
        let all = trials.iter().map(|name| trial(&world, name));
        let all = futures_util::future::join_all(all).await;
        ended.extend(all.into_iter().map(|end| end.map_err(|error| format!("{error:?}"))));
    }
    done.store(true, Ordering::Relaxed);
    let longest = others.await.unwrap();
    (Arc::into_inner(world).unwrap(), ended, longest)
}

/// How the calls of a world failed.
async fn failures(world: &World) -> Vec<(CallFailure, String)> {
    world.plugins.write_logs().await.unwrap();
    let filter = CallFilter { plugin: Some("hostile".into()), ..CallFilter::default() };
    let calls = world.content.store().read(|r| r.plugin_calls(&filter, 100)).unwrap();
    calls.into_iter().map(|call| (call.kind, call.message)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn time_that_is_wasted_ends_at_the_deadline() {
    let began = Instant::now();
    let (world, ended, longest) = beside(&["loop", "spin-in-calls", "sleep"], 1).await;
    assert!(ended.iter().all(Result::is_err), "{ended:?}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    // While two of them took all of a core each.
    assert!(longest < Duration::from_secs(2), "{longest:?}");
    let failures = failures(&world).await;
    let kind = |kind| failures.iter().filter(|(k, _)| *k == kind).count();
    // The one that calls the host all the time has used up its calls long before.
    assert_eq!((kind(CallFailure::Deadline), kind(CallFailure::Exhausted)), (2, 1), "{failures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_ends_itself_ends_nothing_else() {
    let (world, ended, _) = beside(&["panic", "unreachable", "exit", "panic-in-span"], 1).await;
    assert!(ended.iter().all(Result::is_err), "{ended:?}");
    let failures = failures(&world).await;
    assert!(failures.iter().all(|(kind, _)| *kind == CallFailure::Trap), "{failures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_recursion_ends_at_the_guests_own_stack() {
    let (world, ended, _) = beside(&["recursion", "recursion"], 2).await;
    assert!(ended.iter().all(Result::is_err), "{ended:?}");
    assert!(failures(&world).await.iter().all(|(kind, _)| *kind == CallFailure::Trap));
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_has_an_end_and_comes_back() {
    // Once, so that what is made for the first call of all is there.
    drop(beside(&["memory"], 1).await);
    let before = resident();
    for _ in 0..3 {
        let (_, ended, longest) = beside(&["memory", "memory", "giant-block", "giant-random", "giant-text"], 1).await;
        for end in &ended[..3] {
            let report = end.as_ref().unwrap();
            assert!(report.starts_with("grew to ") || report == "refused", "{report}");
        }
        let grown = ended[0].as_ref().unwrap().trim_start_matches("grew to ").trim_end_matches(" MiB");
        assert!((40..=64).contains(&grown.parse::<u32>().unwrap()), "{grown}");
        assert!(longest < Duration::from_secs(5), "{longest:?}");
        drop(beside(&["memory-hold", "memory-hold"], 1).await);
    }
    let after = resident();
    assert!(after < before + KEPT, "{before} MiB before, {after} MiB after");
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_of_calls_run_dry() {
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
        let (world, ended, longest) = beside(&trials, 1).await;
        for (name, end) in trials.iter().zip(&ended) {
            // Either it is told, or it was told and went on, and is stopped.
            let told =
                end.as_ref().is_ok_and(|report| !report.contains("leak") && !report.contains("after 1000000: ok"));
            assert!(told || end.is_err(), "{name}: {end:?}");
        }
        for (kind, message) in failures(&world).await {
            let known = [CallFailure::Exhausted, CallFailure::Deadline, CallFailure::Trap, CallFailure::Memory];
            assert!(known.contains(&kind), "{kind:?} {message}");
        }
        assert!(longest < Duration::from_secs(5), "{trials:?}: {longest:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_clock_of_a_guest_is_finer_than_a_millisecond() {
    let world = World::of(&["hostile"]).await;
    assert_eq!(report(&world, "clock-steps").await, "a step of 1000000 ns, 0 ns beyond, a thread: false");
}
