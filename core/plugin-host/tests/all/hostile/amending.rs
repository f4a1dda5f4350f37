//! Hooks that amend, and see, what they were not granted.

use crate::world::{World, full, guest, refusal};
use cairn_content::{ContentError, RefusalKind};
use cairn_plugin_package::{Grants, Manifest};
use cairn_store::plugins::{CallFailure, CallFilter};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;

const ARTICLE: &str = "api::article.article";

/// A project where the hostile guest has a hook of a trial's name on articles, and these grants beside its own.
async fn with_hook(trial: &str, phase: &str, more: &str) -> World {
    let world = World::of(&["hostile"]).await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/guests/hostile/plugin.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let hook = format!(
        "[[hook]]\nname = \"{trial}\"\non = [\"{ARTICLE}:create\", \"{ARTICLE}:update\"]\nphase = \"{phase}\"\n{more}"
    );
    let manifest = Manifest::parse(&format!("{text}\n{hook}")).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let mut plugin = guest("hostile");
    plugin.grants = Grants::from_manifest(&manifest);
    plugin.manifest = Arc::new(manifest);
    plugin.number = 2;
    for answer in world.plugins.replace_running(vec![plugin]) {
        answer.unwrap();
    }
    world
}

fn write(fields: &str, actions: &str) -> String {
    let fields = if fields.is_empty() { String::new() } else { format!("fields = [{fields}]\n") };
    format!("[[grant]]\nuse = \"data.write\"\ntypes = [\"{ARTICLE}\"]\n{fields}actions = [{actions}]\n")
}

/// What the failed calls say, newest first.
async fn failures(world: &World) -> Vec<(CallFailure, String)> {
    world.plugins.write_logs().await.unwrap();
    let filter = CallFilter { plugin: Some("hostile".into()), ..CallFilter::default() };
    let calls = world.content.store().read(|r| r.plugin_calls(&filter, 10)).unwrap();
    calls.into_iter().map(|call| (call.kind, call.message)).collect()
}

/// It is the plugin that failed: the client is told to try again, and what it did stands in the failed calls.
async fn is_the_plugins_fault(world: &World, refused: ContentError, told: &str) {
    let ContentError::Refused(why) = &refused else { panic!("{refused}") };
    assert_eq!(why.kind, RefusalKind::Unavailable, "{told}: {}", why.message);
    let (message, _) = refusal(refused);
    assert!(message.contains("\"hostile\" did not respond"), "{told}: {message}");
    let failed = failures(world).await;
    assert!(failed.iter().any(|(kind, why)| *kind == CallFailure::Output && why.contains(told)), "{told}: {failed:?}");
    assert!(world.all(ARTICLE).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_amends_what_it_was_granted_and_nothing_else() {
    let one_field = write("\"title\"", "\"update\"");
    let every_field = write("", "\"create\", \"update\"");
    let reads_all = format!("[[grant]]\nuse = \"data.read\"\ntypes = [\"{ARTICLE}\"]\n");
    for (trial, grants, told) in [
        // Without a grant nothing, with a grant nothing beside it.
        ("amend-title", String::new(), "\"title\" of api::article.article, which is not granted"),
        ("amend-body", one_field.clone(), "\"body\" of api::article.article, which is not granted"),
        ("amend-both", one_field.clone(), "\"body\" of"),
        // What is private no grant reaches, not even one that names it.
        ("amend-private", every_field.clone(), "private fields cannot be granted"),
        ("amend-private", write("\"secret\"", "\"create\", \"update\""), "private fields cannot be granted"),
        ("amend-private", reads_all, "private fields cannot be granted"),
        // To delete is not to change.
        ("amend-title", write("", "\"delete\", \"publish\""), "which is not granted"),
        // What is Cairn's, what is not there, and what does not fit.
        ("amend-identity", every_field.clone(), "which is not an attribute of"),
        ("amend-unknown", every_field.clone(), "which is not an attribute of"),
        ("amend-invalid", every_field.clone(), "its amendment is invalid"),
        ("amend-nobody", every_field.clone(), "its amendment is invalid"),
    ] {
        for phase in ["before", "prepare"] {
            let world = with_hook(trial, phase, &grants).await;
            let refused = world.create(ARTICLE, json!({ "title": "hello" })).await.unwrap_err();
            is_the_plugins_fault(&world, refused, told).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_amends_what_it_was_granted() {
    for phase in ["before", "prepare"] {
        let world = with_hook("amend-both", phase, &write("\"title\", \"body\"", "\"update\"")).await;
        let made = world.create(ARTICLE, json!({ "title": "hello" })).await.unwrap();
        assert_eq!((&made["title"], &made["body"]), (&json!("taken over"), &json!("taken over")), "{phase}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_to_make_documents_is_none_to_change_them() {
    let world = with_hook("amend-title", "before", &write("", "\"create\"")).await;
    let made = world.create(ARTICLE, json!({ "title": "hello" })).await.unwrap();
    assert_eq!(made["title"], "taken over");
    let id = made["documentId"].as_str().unwrap();
    let refused = world.update(ARTICLE, id, json!({ "body": "mine" })).await.unwrap_err();
    assert!(refusal(refused).0.contains("did not respond"));
    assert!(failures(&world).await[0].1.contains("actions = [\"update\"]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_may_be_skipped_is_and_the_clients_values_stand() {
    for trial in ["amend-body", "amend-private", "amend-invalid"] {
        for phase in ["before", "prepare"] {
            let more = format!("on-failure = \"skip\"\n{}", write("\"title\"", "\"update\""));
            let world = with_hook(trial, phase, &more).await;
            let made = world.create(ARTICLE, json!({ "title": "hello", "body": "mine" })).await.unwrap();
            assert_eq!((&made["title"], &made["body"]), (&json!("hello"), &json!("mine")), "{trial} {phase}");
            let id = made["documentId"].as_str().unwrap();
            assert_eq!(world.private(ARTICLE, id, "secret"), Json::Null, "{trial} {phase}");
            assert_eq!(failures(&world).await.len(), 1, "{trial} {phase}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_shown_what_it_may_read_and_nothing_else() {
    for phase in ["before", "prepare"] {
        // It asks for all that there is, and may read titles.
        let world = with_hook("amend-shown", phase, &write("\"title\"", "\"update\"")).await;
        let data = json!({ "title": "hello", "body": "not granted", "secret": "private" });
        let access = Arc::new(cairn_query::Access::admin());
        let made = world.content.create(world.ask(&access, ARTICLE, ""), Some(json!({ "data": data }))).await.unwrap();
        let made: Json = serde_json::from_slice(&made.body).unwrap();
        let shown: Json = serde_json::from_str(made["data"]["title"].as_str().unwrap()).unwrap();
        assert_eq!(shown["changed"], json!(["title"]), "{phase}: {shown}");
        assert_eq!(shown["after"]["title"], "hello", "{phase}: {shown}");
        assert!(!shown.to_string().contains("not granted") && !shown.to_string().contains("private"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_not_woken_by_what_it_may_not_read() {
    for when in [r#"{ filter = { secret = { "$startsWith" = "s" } } }"#, r#"{ changed = ["secret"] }"#] {
        let more = format!("when = {when}\n{}", write("\"title\"", "\"update\""));
        let world = with_hook("amend-title", "before", &more).await;
        let access = full();
        let body = json!({ "data": { "title": "hello", "secret": "s3cret" } });
        let made = world.content.create(world.ask(&access, ARTICLE, ""), Some(body)).await.unwrap();
        let made: Json = serde_json::from_slice(&made.body).unwrap();
        assert_eq!(made["data"]["title"], "hello", "{when}");
    }
}
