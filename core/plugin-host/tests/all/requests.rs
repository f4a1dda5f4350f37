//! Requests and secrets of a plugin that was granted both.

use crate::external_server::ExternalServer;
use crate::hostile::trial_report;
use crate::test_project::{TestProject, installed_guest};
use cairn_plugin_host::secrets::{self, SecretError, SecretState};
use cairn_testkit::extend_limit;
use std::time::{Duration, Instant};

const SECRET: &str = "swordfish-42";
/// Of "message", as Python's `hmac` has them: SHA-1, SHA-256, SHA-512.
const TAGS: &str = "8cd0f48ee8070042a9538efc3434ef8b26af11a3 c4eedb73ef02c2b5720d89e56dfceac781e16f908787f56a2eb4844a0db5e1a9 0e88bea50695ad1c5d315c808b05ca4db6aa1cd60c4c79c0360bf7a04b3e65fd55842cda0e8f02c3488f2c572042cd25a2bf23789d84a34f7012dba17d0b3b82";

async fn hostile_project(outside: &ExternalServer) -> TestProject {
    TestProject::with_outbound_http(&["hostile"], outside.outbound_http()).await.0
}

async fn set_key(project: &TestProject, value: &str) -> Result<(), SecretError> {
    secrets::set_secret(&project.access, &installed_guest("hostile").manifest, "key", value, |_| Ok(())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_used_by_name_and_never_readable() {
    let outside = ExternalServer::start().await;
    let project = hostile_project(&outside).await;
    let manifest = installed_guest("hostile").manifest;
    assert_eq!(trial_report(&project, "secret-set").await, "false");
    for name in ["secret-sign", "http-secret-granted"] {
        let message = trial_report(&project, name).await;
        assert!(message.starts_with("not-found: ") && message.contains("not set"), "{message}");
    }
    assert_eq!(outside.request_count(), 0);
    set_key(&project, SECRET).await.unwrap();
    assert_eq!(trial_report(&project, "secret-set").await, "true");
    assert_eq!(trial_report(&project, "secret-sign").await, format!("ok: {TAGS}"));
    assert_eq!(trial_report(&project, "secret-verify").await, "ok: [true, false, false, false, false]");
    assert_eq!(trial_report(&project, "http-secret-granted").await, "ok: 200 you sent Bearer ************");
    // In the database it is not readable either.
    let sealed = project.content.store().read(|r| r.plugin_secrets().get("hostile", "key")).unwrap().unwrap();
    assert!(!sealed.contains(SECRET));
    let listed = secrets::list_secrets(&project.access, &manifest).unwrap();
    assert!(
        matches!(&listed[..], [SecretState { name, set_at: Some(_), declared: true, is_address: false, host: None }] if name == "key")
    );
    assert!(secrets::remove_secret(&project.access, "hostile", "key", |_| Ok(())).await.unwrap());
    assert!(!secrets::remove_secret(&project.access, "hostile", "key", |_| Ok(())).await.unwrap());
    assert_eq!(trial_report(&project, "secret-set").await, "false");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_declared_secrets_of_valid_length_can_be_set() {
    let outside = ExternalServer::start().await;
    let project = hostile_project(&outside).await;
    let unknown = secrets::set_secret(&project.access, &installed_guest("hostile").manifest, "kye", SECRET, |_| Ok(()))
        .await
        .unwrap_err();
    assert!(unknown.to_string().contains("declares key"), "{unknown}");
    let none = secrets::set_secret(&project.access, &installed_guest("allow").manifest, "key", SECRET, |_| Ok(()))
        .await
        .unwrap_err();
    assert!(none.to_string().contains("declares none"), "{none}");
    for bad in ["", "abc", &"x".repeat(9_000)] {
        assert!(matches!(set_key(&project, bad).await, Err(SecretError::Length(_))));
    }
    // Sealed for one name it opens for no other.
    set_key(&project, SECRET).await.unwrap();
    let sealed = project.content.store().read(|r| r.plugin_secrets().get("hostile", "key")).unwrap().unwrap();
    assert!(project.access.unseal("plugin:hostile:other", &sealed).is_err());
    assert!(project.access.unseal("plugin:allow:key", &sealed).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn http_requests_stay_within_their_limits() {
    let outside = ExternalServer::start().await;
    let project = hostile_project(&outside).await;
    set_key(&project, SECRET).await.unwrap();
    assert_eq!(trial_report(&project, "http-post").await, "ok: 200 5 bytes");
    // More than a route may send: none of them is.
    let before = outside.request_count();
    assert_eq!(trial_report(&project, "http-flood").await, "0 of 10000 answered");
    let message = trial_report(&project, "http-in-transaction").await;
    assert!(message.starts_with("denied: ") && message.contains("transaction"), "{message}");
    assert_eq!(outside.request_count(), before);
    // A server that does not respond takes no longer than the call has, and the plugin gets an error in time.
    let began = Instant::now();
    assert_eq!(trial_report(&project, "http-forever").await, "unavailable: unavailable");
    assert!(began.elapsed() < extend_limit(Duration::from_secs(20)), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_stored_as_files_and_files_are_sent() {
    let outside = ExternalServer::start().await;
    let project = hostile_project(&outside).await;
    set_key(&project, SECRET).await.unwrap();
    let report = trial_report(&project, "http-keep").await;
    assert!(report.starts_with("ok: 200 report.txt text/plain 32 ") && report.ends_with("gone: true"), "{report}");
    assert_eq!(trial_report(&project, "http-file").await, "ok: 200 17 bytes");
}
