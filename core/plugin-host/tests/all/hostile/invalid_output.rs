//! Answers that no hook, subscription or job may give.

use crate::test_project::TestProject;
use cairn_store::events::{DuplicatePolicy, NewJob};
use cairn_testkit::extend_limit;
use serde_json::json;
use std::time::{Duration, Instant};

const TRIAL: &str = "plugin::hostile.trial";
const PREPARED: &str = "plugin::hostile.prepared";

#[tokio::test(flavor = "multi_thread")]
async fn invalid_hook_responses_refuse_only_the_change() {
    for trials in [
        ["malformed", "not-json", "two-values", "amend-array"],
        ["amend-null", "amend-deep", "amend-unknown", "amend-invalid"],
        ["amend-number", "amend-huge", "amend-giant", "decision-flood"],
        ["refuse-flood", "refuse-html", "no-decisions", "too-many-decisions"],
        ["loop", "spin-in-calls", "memory-hold", "recursion"],
    ] {
        let project = TestProject::with_guests(&["hostile", "allow"]).await;
        for (n, name) in trials.iter().enumerate() {
            let uid = if n % 2 == 0 { TRIAL } else { PREPARED };
            let began = Instant::now();
            let result = project.create(uid, json!({ "title": "a", "kind": name })).await;
            assert!(result.is_err(), "{name}: {result:?}");
            assert!(began.elapsed() < extend_limit(Duration::from_secs(30)), "{name}: {:?}", began.elapsed());
        }
        assert!(project.find_all(TRIAL).await.is_empty() && project.find_all(PREPARED).await.is_empty(), "{trials:?}");
        let note = project.create("plugin::allow.note", json!({ "title": "hello" })).await.unwrap();
        assert_eq!(note["loud"], "HELLO");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_cannot_amend_the_document_identity() {
    let project = TestProject::with_guests(&["hostile"]).await;
    if let Ok(created) = project.create(TRIAL, json!({ "title": "a", "kind": "amend-identity" })).await {
        assert_ne!(created["documentId"], "stolenstolenstolenstolen");
        assert_ne!(created["createdAt"], "1999-01-01T00:00:00.000Z");
    }
    let stored = project.find_all(TRIAL).await;
    assert!(stored.iter().all(|row| row["documentId"] != "stolenstolenstolenstolen"), "{stored:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_do_not_call_themselves() {
    let project = TestProject::with_guests(&["hostile"]).await;
    // The hook writes a document that this very hook is for, and then refuses.
    let result = project.create(TRIAL, json!({ "title": "a", "kind": "reentrant" })).await;
    assert!(result.is_err());
    assert!(project.find_all(TRIAL).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_can_search_and_hooks_cannot() {
    let project = TestProject::with_guests(&["hostile"]).await;
    assert_eq!(super::trial_report(&project, "search-own").await, "ok: 0");
    for uid in [TRIAL, PREPARED] {
        let refused = project.create(uid, json!({ "title": "a", "kind": "search-own" })).await.unwrap_err();
        assert!(format!("{refused:?}").contains("hooks and event handlers cannot search"), "{uid}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_event_and_job_results_delay_no_other_plugin() {
    let project = TestProject::with_guests(&["hostile", "allow"]).await;
    for name in ["no-ack", "too-many-acks", "huge-ack", "panic"] {
        let path = format!("hostile/ask/{name}");
        let response =
            crate::routes::send_request(&project, &path, crate::routes::route_request("POST", &path, &[], "{}")).await;
        assert_eq!(response.unwrap().status, 202, "{name}");
    }
    for name in ["huge-outcome", "malformed-outcome", "malformed-checkpoint", "far-retry", "panic"] {
        let job = NewJob {
            name: "plugin:hostile:any".into(),
            key: Some(name.into()),
            duplicate: DuplicatePolicy::Keep,
            lane: None,
            payload: json!({ "trial": name }),
            due: 0,
        };
        project.engine.enqueue(job).await.unwrap();
    }
    project.create("plugin::allow.note", json!({ "title": "hello" })).await.unwrap();
    let began = Instant::now();
    project.engine.run_until_idle().await.unwrap();
    assert!(began.elapsed() < extend_limit(Duration::from_secs(30)), "{:?}", began.elapsed());
    assert_eq!(project.kv_value("allow", "events/notes").as_deref(), Some("1"));
}
