//! Reaching for what was not granted.

use super::trial_report;
use crate::external_server::ExternalServer;
use crate::test_project::TestProject;
use cairn_store::plugins::{KvPut, LogFilter};
use serde_json::json;

const DATA: [&str; 29] = [
    "read-type",
    "read-admin",
    "read-other-plugin",
    "read-caller",
    "read-field",
    "read-table",
    "read-traversal",
    "filter-field",
    "filter-private",
    "filter-relation",
    "sort-field",
    "sort-private",
    "populate-field",
    "aggregate-field",
    "measure-field",
    "measure-private",
    "count-filter",
    "scan-type",
    "describe-type",
    "create-type",
    "create-user",
    "create-other-plugin",
    "update-type",
    "delete-type",
    "connect-type",
    "other-file-read",
    "file-traversal",
    "file-link",
    "file-delete",
];

const FORGED: [&str; 13] = [
    "forged-core-event",
    "forged-plugin-event",
    "undeclared-event",
    "event-version",
    "event-schema",
    "event-malformed",
    "undeclared-job",
    "other-job",
    "core-job",
    "narrow-other",
    "secret-other",
    "secret-traversal",
    "secret-empty",
];

const ADDRESSES: [&str; 30] = [
    "http-localhost",
    "http-localhost-dot",
    "http-loopback",
    "http-loopback-short",
    "http-loopback-decimal",
    "http-loopback-octal",
    "http-loopback-hex",
    "http-any",
    "http-loopback-6",
    "http-mapped",
    "http-mapped-hex",
    "http-compatible",
    "http-nat64",
    "http-6to4",
    "http-private-10",
    "http-private-172",
    "http-private-192",
    "http-shared",
    "http-metadata",
    "http-link-local-6",
    "http-unique-local",
    "http-userinfo",
    "http-credentials",
    "http-other-host",
    "http-other-port",
    "http-scheme",
    "http-method",
    "http-header",
    "http-host",
    "http-secret",
];

/// A refusal, not a failure of something else.
fn is_refusal(report: &str) -> bool {
    ["denied: ", "invalid: ", "not-found: "].iter().any(|kind| report.starts_with(kind))
}

async fn assert_refused(project: &TestProject, trials: &[&str]) {
    let mut failures = Vec::new();
    for name in trials {
        let report = trial_report(project, name).await;
        if !is_refusal(&report) {
            failures.push(format!("{name}: {report}"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ungranted_documents_are_out_of_reach() {
    let project = TestProject::with_guests(&["hostile", "allow"]).await;
    project.create("api::article.article", json!({ "title": "a", "body": "abc", "secret": "abc" })).await.unwrap();
    project.create("plugin::hostile.trial", json!({ "title": "a", "kind": "none", "secret": "abc" })).await.unwrap();
    assert!(trial_report(&project, "read-granted").await.contains("\"title\":\"a\""));
    assert_refused(&project, &DATA).await;
    assert_eq!(trial_report(&project, "populate-all").await, "ok: nothing more");
    // The plugin's author learns from the log which type was meant, even if the plugin does not pass it on.
    let message = "the content type \"plugin::allow.note\" does not exist or is not granted";
    let report = trial_report(&project, "read-other-plugin").await;
    assert!(report.starts_with("denied: ") && report.contains(message), "{report}");
    project.plugins.write_logs().await.unwrap();
    let filter = LogFilter { plugin: Some("hostile".into()), ..LogFilter::default() };
    let lines = project.content.store().read(|r| r.plugin_logs().list(&filter, 100)).unwrap();
    assert!(lines.iter().any(|line| line.log.message.contains(message)), "{lines:?}");
    let articles = project.find_all("api::article.article").await;
    assert_eq!((articles.len(), &articles[0]["title"]), (1, &json!("a")));
    assert_eq!(project.find_all("plugin::hostile.trial").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn data_of_other_plugins_is_out_of_reach() {
    let project = TestProject::with_guests(&["hostile", "allow"]).await;
    let puts = vec![KvPut { key: "events/notes".into(), value: b"5".to_vec(), expires_at: None, expect: None }];
    project.content.store().write(move |tx| tx.plugin_kv().put("allow", &puts, 0).map(drop)).await.unwrap();
    assert_eq!(trial_report(&project, "other-kv").await, "ok: nothing there");
    assert_eq!(trial_report(&project, "other-keys").await, "ok: only its own");
    assert_eq!(trial_report(&project, "other-file").await, "ok: nothing there");
    assert_eq!(trial_report(&project, "cancel-other-job").await, "ok: nothing there");
    assert_eq!(project.kv_value("allow", "events/notes").as_deref(), Some("5"));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_jobs_and_secrets_of_others_cannot_be_used() {
    let project = TestProject::with_guests(&["hostile", "allow"]).await;
    assert_refused(&project, &FORGED).await;
    project.engine.run_until_idle().await.unwrap();
    assert!(project.find_all("plugin::allow.log").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_to_ungranted_addresses_are_not_sent() {
    let outside = ExternalServer::start().await;
    let (project, _) = TestProject::with_outbound_http(&["hostile"], outside.outbound_http()).await;
    assert_refused(&project, &ADDRESSES).await;
    assert_eq!(outside.request_count(), 0);
    assert_eq!(trial_report(&project, "http-granted").await, "ok: 200");
    // The granted address leads on to this very server by its number, which is not granted.
    assert!(trial_report(&project, "http-redirect").await.starts_with("denied: "));
    assert_eq!(outside.request_count(), 2);
}
