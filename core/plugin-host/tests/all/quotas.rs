//! How much a plugin may have, and what becomes of one that goes round and round.

use crate::hostile::{run_trial, trial_report};
use crate::routes::{route_request, send_request};
use crate::test_project::{TestProject, installed_guest};
use cairn_access::SUPER_ADMIN_ROLE;
use cairn_plugin_host::QuotaUsage;
use cairn_plugin_package::manifest::{Manifest, Quota};
use cairn_store::events::{DeliveryFilter, DeliveryState, EventFilter};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const TRIAL: &str = "plugin::hostile.trial";

/// The plugin that hoards, with a manifest that asks for so much.
async fn project_with_quotas(quotas: &[(Quota, u64)]) -> TestProject {
    let project = TestProject::with_guests(&["hostile"]).await;
    run_with_quotas(&project, quotas, 2);
    project
}

/// Has it run with other quotas.
fn run_with_quotas(project: &TestProject, quotas: &[(Quota, u64)], number: i64) {
    let mut plugin = installed_guest("hostile");
    let mut manifest: Manifest = (*plugin.manifest).clone();
    for (quota, amount) in quotas {
        manifest.limits.quotas = manifest.limits.quotas.with_quota(*quota, Some(*amount));
    }
    // The test is about quotas, not about time.
    for hook in &mut manifest.hooks {
        hook.budget = Duration::from_millis(250);
    }
    plugin.manifest = Arc::new(manifest);
    plugin.number = number;
    for answer in project.plugins.replace_running(vec![plugin]) {
        answer.unwrap();
    }
}

fn usage_of(project: &TestProject, quota: Quota) -> QuotaUsage {
    let all = project.plugins.quota_usage("hostile").unwrap();
    assert_eq!(all.len(), Quota::ALL.len());
    all.into_iter().find(|allowance| allowance.quota == quota).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_over_a_quota_are_refused_by_its_name() {
    let quotas = [
        (Quota::KvBytes, 1 << 20),
        (Quota::KvKeys, 30),
        (Quota::Documents, 20),
        (Quota::Files, 5),
        (Quota::FileBytes, 300 << 10),
        (Quota::Jobs, 15),
        (Quota::EventsPerHour, 25),
    ];
    let project = project_with_quotas(&quotas).await;
    for (name, quota, expected) in [
        ("hoard-bytes", Quota::KvBytes, 10),
        ("hoard-keys", Quota::KvKeys, 20),
        ("hoard-documents", Quota::Documents, 20),
        ("hoard-files", Quota::FileBytes, 3),
        ("hoard-jobs", Quota::Jobs, 15),
        ("hoard-events", Quota::EventsPerHour, 25),
    ] {
        let report = trial_report(&project, name).await;
        assert!(report.starts_with(&format!("after {expected}: exhausted")), "{name}: {report}");
        assert!(report.contains(quota.as_str()), "{name}: {report}");
        let QuotaUsage { used, allowed, .. } = usage_of(&project, quota);
        assert!(used <= allowed, "{name}: {used} of {allowed}");
    }
    assert_eq!(usage_of(&project, Quota::KvKeys).used, 30);
    assert_eq!(usage_of(&project, Quota::Documents), QuotaUsage { quota: Quota::Documents, used: 20, allowed: 20 });
    assert_eq!(project.find_all(TRIAL).await.len(), 20);

    // Deleted entries make room for new ones, and finished jobs no longer count.
    assert_eq!(trial_report(&project, "hoard-delete").await, "ok: 30");
    assert!(trial_report(&project, "hoard-keys").await.starts_with("after 30: exhausted"));
    project.engine.run_until_idle().await.unwrap();
    // On PostgreSQL an event has its place only now.
    let published = EventFilter { name: Some("hostile.trial.asked".into()), ..EventFilter::default() };
    assert_eq!(project.content.store().read(|r| r.events().list(&published, None, 100)).unwrap().len(), 25);
    assert_eq!(usage_of(&project, Quota::Jobs).used, 0);
    assert!(trial_report(&project, "hoard-jobs").await.starts_with("after 15: exhausted"));
    project.clock.advance(chrono::TimeDelta::hours(1));
    assert!(trial_report(&project, "hoard-events").await.starts_with("after 25: exhausted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_over_a_lowered_quota_can_only_shrink() {
    let project = project_with_quotas(&[]).await;
    assert_eq!(trial_report(&project, "hoard-bytes").await, "after 100: ok");
    run_with_quotas(&project, &[(Quota::KvBytes, 1 << 20)], 3);
    assert_eq!(trial_report(&project, "hoard-less").await, "ok");
    assert!(trial_report(&project, "hoard-bytes").await.starts_with("after 0: exhausted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn quotas_apply_inside_hooks() {
    let project = project_with_quotas(&[(Quota::KvKeys, 7)]).await;
    let refused = project.create(TRIAL, json!({ "title": "x", "kind": "hoard-keys" })).await.unwrap_err();
    let (_, details) = crate::test_project::refusal_parts(refused);
    let text = details.to_string();
    assert!(text.contains("after 7: exhausted") && text.contains("kv-keys"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn event_loops_are_stopped_and_reported_once() {
    let project = project_with_quotas(&[]).await;
    let hash = "x".to_owned();
    let now = "2025-01-01T10:00:00.000Z";
    project
        .content
        .store()
        .write(move |tx| {
            tx.admin_users().create("ann@example.com", &hash, &[SUPER_ADMIN_ROLE.to_owned()], now).map(drop)
        })
        .await
        .unwrap();
    let dead = || {
        let filter = DeliveryFilter { state: Some(DeliveryState::Dead), ..DeliveryFilter::default() };
        project.content.store().read(|r| r.deliveries().list(&filter, 100)).unwrap()
    };
    let alarms = || {
        let all = project
            .content
            .store()
            .read(|r| r.notifications().list(1, false, Some("plugin-alarm"), None, 100))
            .unwrap();
        all.len()
    };
    for n in 1..=2 {
        let path = "hostile/ask/echo-1";
        send_request(&project, path, route_request("POST", path, &[], "{}")).await.unwrap();
        project.engine.run_until_idle().await.unwrap();
        assert_eq!((dead().len(), alarms()), (n, 1), "{:?}", dead());
    }
    // Sixteen followed from the one that the route published.
    let published = EventFilter { name: Some("hostile.trial.asked".into()), ..EventFilter::default() };
    assert_eq!(project.content.store().read(|r| r.events().list(&published, None, 100)).unwrap().len(), 2 * 18);
    assert!(dead()[0].error.as_deref().is_some_and(|why| why.contains("17 events in a row")), "{:?}", dead());
    // The plugin still runs, and receives events that are no loop.
    let path = "hostile/ask/none";
    send_request(&project, path, route_request("POST", path, &[], "{}")).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    assert_eq!(dead().len(), 2);
    assert!(run_trial(&project, "hoard-less").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn doubling_event_loops_stop_at_the_event_quota() {
    let project = project_with_quotas(&[(Quota::EventsPerHour, 60)]).await;
    let path = "hostile/ask/echo-2";
    send_request(&project, path, route_request("POST", path, &[], "{}")).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    assert!(usage_of(&project, Quota::EventsPerHour).used <= 60);
}
