//! Saying no is an answer: to whoever asks it has a status and its fields, and it says nothing of how the plugin does. What a hook has to be
//! asked about is not stored because the plugin cannot be asked.

use crate::hostile::{run_trial, trial_report};
use crate::routes::{refusal_status, route_request, send_request};
use crate::test_project::{TestProject, guest_with_manifest, installed_guest};
use cairn_content::{ContentError, Refusal, RefusalKind};
use cairn_plugin_host::routes::RouteError;
use cairn_plugin_host::{CircuitState, InstalledPlugin, MissingCause, MissingPlugin, QuarantineOutcome};
use cairn_plugin_package::manifest::OnFailure;
use cairn_store::plugins::CallFailure;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const TRIAL: &str = "plugin::hostile.trial";
const PREPARED: &str = "plugin::hostile.prepared";
const ARTICLE: &str = "api::article.article";

async fn create_document(project: &TestProject, uid: &str, kind: &str) -> Result<Json, Refusal> {
    match project.create(uid, json!({ "title": "a", "kind": kind })).await {
        Ok(created) => Ok(created),
        Err(ContentError::Refused(refusal)) => Err(refusal),
        Err(other) => panic!("{kind}: {other}"),
    }
}

fn failure_count(project: &TestProject) -> u64 {
    project.plugins.health().iter().flat_map(|p| &p.calls).map(|call| call.failures.values().sum::<u64>()).sum()
}

/// Settles plugins that kept failing: nothing there is to go back to.
async fn settle_quarantine(project: &TestProject) -> Vec<QuarantineOutcome> {
    project.plugins.settle_tripped(Arc::new(|_| None), Arc::new(|_, _, _| Ok(()))).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_and_routes_map_errors_to_the_same_responses() {
    let project = TestProject::with_guests(&["hostile"]).await;
    for (kind, expected, message) in [
        ("err-invalid", 400, "This kind is not accepted."),
        ("err-two", 400, "2 errors occurred"),
        ("err-denied", 403, "Forbidden"),
        ("err-missing", 404, "Not Found"),
        ("err-conflict", 409, "The room is taken."),
    ] {
        let path = format!("hostile/any/{kind}");
        let error = send_request(&project, &path, route_request("POST", &path, &[], "{}")).await.unwrap_err();
        assert_eq!(refusal_status(&error), Some((expected, message)));
        for uid in [TRIAL, PREPARED] {
            let refused = create_document(&project, uid, kind).await.unwrap_err();
            assert_eq!(RouteError::Refused(refused), error, "{uid}");
        }
    }
    let refused = create_document(&project, TRIAL, "err-two").await.unwrap_err();
    let one = |path: Json, message: &str| json!({ "path": path, "message": message, "name": "ValidationError", "code": "no" });
    let errors = [one(json!(["kind"]), "No kind."), one(json!(["items", "2", "price"]), "No items[2].price.")];
    assert_eq!(refused.details, json!({ "errors": errors }));
    // A decision says it as well, and a document that is not as the plugin reads it is a mistake of whoever sent it.
    let conflict = create_document(&project, TRIAL, "decide-conflict").await.unwrap_err();
    assert_eq!((conflict.kind, &conflict.details), (RefusalKind::Conflict, &json!({ "kind": "state" })));
    let typed = create_document(&project, TRIAL, "typed").await.unwrap_err();
    assert_eq!((typed.kind, &typed.details["errors"][0]["path"]), (RefusalKind::Validation, &json!(["title"])));
    assert_eq!(failure_count(&project), 0);
    assert!(project.find_all(TRIAL).await.is_empty() && project.find_all(PREPARED).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_bodies_are_reported_with_their_path() {
    let project = TestProject::with_guests(&["hostile"]).await;
    for (body, path, code, message) in [
        (
            r#"[{"number":1},{"number":"x"}]"#,
            json!(["1", "number"]),
            "type",
            "Invalid type: string \"x\", expected u32",
        ),
        (r#"[{}]"#, json!(["0", "number"]), "type", "Missing field `number`"),
        (r#"[{"number":1}"#, json!([]), "json", "This is no JSON: it ends too early (line 1, column 13)"),
        ("", json!([]), "json", "There is no body, where JSON is expected"),
    ] {
        let result =
            send_request(&project, "hostile/any/typed", route_request("POST", "hostile/any/typed", &[], body)).await;
        let Err(RouteError::Refused(refusal)) = result else { panic!("{body}: {result:?}") };
        assert_eq!((refusal.kind, refusal.message.as_str()), (RefusalKind::Validation, message));
        let error = &refusal.details["errors"][0];
        assert_eq!((&error["path"], &error["code"]), (&path, &json!(code)), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_refusals_do_not_open_the_circuit() {
    let project = TestProject::with_guests(&["hostile"]).await;
    for n in 0..50 {
        for kind in ["err-invalid", "err-conflict", "err-exhausted", "err-unavailable", "typed"] {
            let uid = if n % 2 == 0 { TRIAL } else { PREPARED };
            let refused = create_document(&project, uid, kind).await.unwrap_err();
            let expected = match kind {
                "err-conflict" => 409,
                "err-exhausted" | "err-unavailable" => 503,
                _ => 400,
            };
            assert_eq!(refused.kind.status(), expected, "{n} {kind}: {refused:?}");
        }
    }
    assert!(project.find_all(TRIAL).await.is_empty() && project.find_all(PREPARED).await.is_empty());
    let health = project.plugins.health().remove(0).calls;
    assert!(health.iter().all(|call| call.failures.is_empty() && call.circuit == CircuitState::Closed), "{health:?}");
    assert_eq!(settle_quarantine(&project).await, []);
    create_document(&project, TRIAL, "none").await.unwrap();
    // The plugin decides when to try again.
    let later = create_document(&project, TRIAL, "err-unavailable").await.unwrap_err();
    assert_eq!(later.details["retryAfter"], 7);
    // The message names the exhausted quota, so that an operator can raise it.
    let exhausted = create_document(&project, TRIAL, "err-exhausted").await.unwrap_err();
    assert!(exhausted.message.contains("exceeded its budget of mails-per-hour"), "{}", exhausted.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn internal_errors_count_as_failures_and_pause_the_hook() {
    let project = TestProject::with_guests(&["hostile"]).await;
    for kind in ["err-internal", "err-huge", "panic", "err-internal", "panic"] {
        let refused = create_document(&project, TRIAL, kind).await.unwrap_err();
        assert_eq!(refused.kind, RefusalKind::Unavailable, "{kind}");
    }
    assert_eq!(failure_count(&project), 5);
    let health = project.plugins.health().remove(0).calls;
    let kinds: Vec<&str> = health[0].failures.keys().copied().collect();
    assert!(kinds.contains(&CallFailure::Error.as_str()), "{kinds:?}");
    let paused = create_document(&project, TRIAL, "none").await.unwrap_err();
    assert_eq!(paused.kind, RefusalKind::Unavailable);
    assert!(paused.message.contains("\"hostile\"") && paused.message.contains("is paused"), "{}", paused.message);
    assert_eq!((&paused.details["code"], &paused.details["cause"]), (&json!("plugin_not_running"), &json!("paused")));
    assert!(paused.details["retryAfter"].as_u64().is_some_and(|seconds| (1..=10).contains(&seconds)), "{paused:?}");
    assert!(project.find_all(TRIAL).await.is_empty());
}

fn missing_guest(guest: InstalledPlugin, cause: MissingCause) -> MissingPlugin {
    MissingPlugin { id: guest.manifest.id().to_owned(), manifest: Some(guest.manifest), cause }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_not_stored_without_their_required_hooks() {
    let project = TestProject::with_guests(&["hostile"]).await;
    let stored = create_document(&project, TRIAL, "none").await.unwrap();
    let id = stored["documentId"].as_str().unwrap().to_owned();
    let refused = async |why: &str| {
        for uid in [TRIAL, PREPARED] {
            let refused = create_document(&project, uid, "none").await.unwrap_err();
            assert_eq!(refused.kind, RefusalKind::Unavailable, "{why}");
            assert!(refused.message.contains("\"hostile\""), "{why}: {}", refused.message);
            assert!(refused.details["retryAfter"].is_u64(), "{why}");
        }
        assert!(project.update(TRIAL, &id, json!({ "title": "b" })).await.is_err(), "{why}");
        // Deletions and other types are not affected: the hook is not for them.
        project.create(ARTICLE, json!({ "title": "a" })).await.unwrap();
        assert_eq!((project.find_all(TRIAL).await.len(), project.find_all(PREPARED).await.len()), (1, 0), "{why}");
    };
    // Disabled, by a person or because it kept failing: it is not handed over.
    for cause in [MissingCause::Disabled, MissingCause::Quarantined] {
        project.plugins.set_missing_plugins(vec![missing_guest(installed_guest("hostile"), cause)]);
        project.plugins.replace_running(Vec::new());
        refused(cause.as_str()).await;
    }
    // The plugin cannot be loaded.
    project.plugins.set_missing_plugins(Vec::new());
    let broken = InstalledPlugin { component: Vec::new().into(), number: 2, ..installed_guest("hostile") };
    assert!(project.plugins.replace_running(vec![broken])[0].is_err());
    refused("broken").await;
    // A plugin that was never enabled blocks all its types, whatever its manifest declares.
    let guest = missing_guest(installed_guest("hostile"), MissingCause::NotEnabled);
    project.plugins.set_missing_plugins(vec![MissingPlugin { manifest: None, ..guest }]);
    project.plugins.replace_running(Vec::new());
    let refused = create_document(&project, TRIAL, "none").await.unwrap_err();
    assert_eq!(
        (&refused.details["code"], &refused.details["cause"]),
        (&json!("plugin_not_running"), &json!("not-enabled"))
    );
    // The plugin runs again.
    project.plugins.set_missing_plugins(Vec::new());
    project.plugins.replace_running(vec![InstalledPlugin { number: 3, ..installed_guest("hostile") }]);
    create_document(&project, TRIAL, "none").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_hooks_on_types_of_the_project_are_missed_unless_they_may_be_skipped() {
    let project = TestProject::with_guests(&["hostile"]).await;
    for (on_failure, is_stored) in [(OnFailure::Refuse, false), (OnFailure::Skip, true)] {
        let guest = guest_with_manifest("hostile", |manifest| {
            for hook in &mut manifest.hooks {
                hook.on_failure = on_failure;
                hook.on.truncate(1);
                hook.on[0].uid = ARTICLE.to_owned();
            }
        });
        project.plugins.set_missing_plugins(vec![missing_guest(guest, MissingCause::Disabled)]);
        project.plugins.replace_running(Vec::new());
        let stored = project.create(ARTICLE, json!({ "title": "a" })).await;
        assert_eq!(stored.is_ok(), is_stored, "{on_failure:?}");
        let checks = project.plugins.missing_checks(project.content.registry().by_uid(ARTICLE).unwrap().id);
        assert_eq!(checks.len(), usize::from(!is_stored), "{checks:?}");
        // The plugin's own types wait in any case.
        assert!(create_document(&project, TRIAL, "none").await.is_err(), "{on_failure:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_transactions_report_transaction_time() {
    let project = TestProject::with_guests(&["hostile"]).await;
    for name in ["transaction-late-commit", "transaction-late-write"] {
        assert_eq!(trial_report(&project, name).await, "exhausted: exhausted: transaction-time", "{name}");
    }
    assert_eq!(project.kv_value("hostile", "late"), None);
    assert_eq!(run_trial(&project, "clock").await.unwrap(), "no such trial: clock");
}
