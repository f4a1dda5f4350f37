//! Hooks that amend, and see, what they were not granted.

use crate::test_project::{TestProject, full_access, installed_guest, refusal_parts};
use cairn_content::{ContentError, RefusalKind};
use cairn_plugin_package::{Grants, Manifest};
use cairn_store::plugins::{CallFailure, CallFilter};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;

const ARTICLE: &str = "api::article.article";

/// A project where the hostile guest has a hook of a trial's name on articles, and these grants beside its own.
async fn project_with_hook(trial: &str, phase: &str, toml: &str) -> TestProject {
    let project = TestProject::with_guests(&["hostile"]).await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/guests/hostile/plugin.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let hook = format!(
        "[[hook]]\nname = \"{trial}\"\non = [\"{ARTICLE}:create\", \"{ARTICLE}:update\"]\nphase = \"{phase}\"\n{toml}"
    );
    let manifest = Manifest::parse(&format!("{text}\n{hook}")).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let mut plugin = installed_guest("hostile");
    plugin.grants = Grants::from_manifest(&manifest);
    plugin.manifest = Arc::new(manifest);
    plugin.number = 2;
    for answer in project.plugins.replace_running(vec![plugin]) {
        answer.unwrap();
    }
    project
}

fn write_grant(fields: &str, actions: &str) -> String {
    let fields = if fields.is_empty() { String::new() } else { format!("fields = [{fields}]\n") };
    format!("[[grant]]\nuse = \"data.write\"\ntypes = [\"{ARTICLE}\"]\n{fields}actions = [{actions}]\n")
}

/// Failed calls with their messages, newest first.
async fn failed_calls(project: &TestProject) -> Vec<(CallFailure, String)> {
    project.plugins.write_logs().await.unwrap();
    let filter = CallFilter { plugin: Some("hostile".into()), ..CallFilter::default() };
    let calls = project.content.store().read(|r| r.plugin_calls().list(&filter, 10)).unwrap();
    calls.into_iter().map(|call| (call.kind, call.message)).collect()
}

/// It is the plugin that failed: the client is told to try again, and what it did stands in the failed calls.
async fn assert_plugin_failed(project: &TestProject, refused: ContentError, expected: &str) {
    let ContentError::Refused(why) = &refused else { panic!("{refused}") };
    assert_eq!(why.kind, RefusalKind::Unavailable, "{expected}: {}", why.message);
    let (message, _) = refusal_parts(refused);
    assert!(message.contains("\"hostile\" did not respond"), "{expected}: {message}");
    let failed = failed_calls(project).await;
    assert!(
        failed.iter().any(|(kind, why)| *kind == CallFailure::Output && why.contains(expected)),
        "{expected}: {failed:?}"
    );
    assert!(project.find_all(ARTICLE).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_cannot_amend_ungranted_or_invalid_fields() {
    let one_field = write_grant("\"title\"", "\"update\"");
    let every_field = write_grant("", "\"create\", \"update\"");
    let reads_all = format!("[[grant]]\nuse = \"data.read\"\ntypes = [\"{ARTICLE}\"]\n");
    for (trial, grants, message) in [
        // A hook without a grant may amend nothing; with a grant, nothing beside it.
        ("amend-title", String::new(), "\"title\" of api::article.article, which is not granted"),
        ("amend-body", one_field.clone(), "\"body\" of api::article.article, which is not granted"),
        ("amend-both", one_field.clone(), "\"body\" of"),
        // Private fields cannot be granted, not even by name.
        ("amend-private", every_field.clone(), "private fields cannot be granted"),
        ("amend-private", write_grant("\"secret\"", "\"create\", \"update\""), "private fields cannot be granted"),
        ("amend-private", reads_all, "private fields cannot be granted"),
        // To delete is not to change.
        ("amend-title", write_grant("", "\"delete\", \"publish\""), "which is not granted"),
        // Members of Cairn's own, unknown attributes and invalid values are refused.
        ("amend-identity", every_field.clone(), "which is not an attribute of"),
        ("amend-unknown", every_field.clone(), "which is not an attribute of"),
        ("amend-invalid", every_field.clone(), "its amendment is invalid"),
        ("amend-nobody", every_field.clone(), "its amendment is invalid"),
    ] {
        for phase in ["before", "prepare"] {
            let project = project_with_hook(trial, phase, &grants).await;
            let refused = project.create(ARTICLE, json!({ "title": "hello" })).await.unwrap_err();
            assert_plugin_failed(&project, refused, message).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_amend_granted_fields() {
    for phase in ["before", "prepare"] {
        let project = project_with_hook("amend-both", phase, &write_grant("\"title\", \"body\"", "\"update\"")).await;
        let created = project.create(ARTICLE, json!({ "title": "hello" })).await.unwrap();
        assert_eq!((&created["title"], &created["body"]), (&json!("taken over"), &json!("taken over")), "{phase}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn create_grants_do_not_permit_amending_updates() {
    let project = project_with_hook("amend-title", "before", &write_grant("", "\"create\"")).await;
    let created = project.create(ARTICLE, json!({ "title": "hello" })).await.unwrap();
    assert_eq!(created["title"], "taken over");
    let id = created["documentId"].as_str().unwrap();
    let refused = project.update(ARTICLE, id, json!({ "body": "mine" })).await.unwrap_err();
    assert!(refusal_parts(refused).0.contains("did not respond"));
    assert!(failed_calls(&project).await[0].1.contains("actions = [\"update\"]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_amendments_of_skippable_hooks_are_dropped() {
    for trial in ["amend-body", "amend-private", "amend-invalid"] {
        for phase in ["before", "prepare"] {
            let extra_toml = format!("on-failure = \"skip\"\n{}", write_grant("\"title\"", "\"update\""));
            let project = project_with_hook(trial, phase, &extra_toml).await;
            let created = project.create(ARTICLE, json!({ "title": "hello", "body": "mine" })).await.unwrap();
            assert_eq!((&created["title"], &created["body"]), (&json!("hello"), &json!("mine")), "{trial} {phase}");
            let id = created["documentId"].as_str().unwrap();
            assert_eq!(project.private_attribute(ARTICLE, id, "secret"), Json::Null, "{trial} {phase}");
            assert_eq!(failed_calls(&project).await.len(), 1, "{trial} {phase}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_receive_only_readable_fields() {
    for phase in ["before", "prepare"] {
        // The hook requests all fields, and may read titles.
        let project = project_with_hook("amend-shown", phase, &write_grant("\"title\"", "\"update\"")).await;
        let data = json!({ "title": "hello", "body": "not granted", "secret": "private" });
        let access = Arc::new(cairn_query::Access::admin());
        let response = project
            .content
            .create(project.request_context(&access, ARTICLE, ""), Some(json!({ "data": data })))
            .await
            .unwrap();
        let created: Json = serde_json::from_slice(&response.body).unwrap();
        let view: Json = serde_json::from_str(created["data"]["title"].as_str().unwrap()).unwrap();
        assert_eq!(view["changed"], json!(["title"]), "{phase}: {view}");
        assert_eq!(view["after"]["title"], "hello", "{phase}: {view}");
        assert!(!view.to_string().contains("not granted") && !view.to_string().contains("private"), "{view}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_are_not_called_for_unreadable_fields() {
    for when in [r#"{ filter = { secret = { "$startsWith" = "s" } } }"#, r#"{ changed = ["secret"] }"#] {
        let extra_toml = format!("when = {when}\n{}", write_grant("\"title\"", "\"update\""));
        let project = project_with_hook("amend-title", "before", &extra_toml).await;
        let access = full_access();
        let body = json!({ "data": { "title": "hello", "secret": "s3cret" } });
        let response = project.content.create(project.request_context(&access, ARTICLE, ""), Some(body)).await.unwrap();
        let created: Json = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(created["data"]["title"], "hello", "{when}");
    }
}
