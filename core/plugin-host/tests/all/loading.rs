//! Plugins that are run, and those that are not.

use crate::test_project::{TestProject, installed_guest};
use cairn_plugin_host::LoadError;
use serde_json::json;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn components_with_unsupported_imports_are_not_loaded() {
    let (project, answers) = TestProject::try_with_guests(&["undeclared", "allow"]).await;
    match &answers[0] {
        Err(LoadError::Imports(subject)) => assert!(subject.contains("wasi:"), "{subject}"),
        other => panic!("{other:?}"),
    }
    // The other one is.
    assert!(answers[1].is_ok());
    let note = project.create("plugin::allow.note", json!({ "title": "hello" })).await.unwrap();
    assert_eq!(note["loud"], "HELLO");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_components_are_refused() {
    let project = TestProject::with_guests(&["allow"]).await;
    let plugin = installed_guest("allow");
    let with = |component: Vec<u8>| cairn_plugin_host::InstalledPlugin {
        component: component.into(),
        number: 2,
        ..plugin.clone()
    };
    let mut cut = plugin.component.to_vec();
    cut.truncate(cut.len() / 2);
    let mut turned = plugin.component.to_vec();
    for at in (0..turned.len()).step_by(97) {
        turned[at] ^= 0x55;
    }
    for (name, component) in
        [("nothing", Vec::new()), ("text", b"not wasm at all".to_vec()), ("cut", cut), ("turned", turned)]
    {
        let answers = project.plugins.replace_running(vec![with(component)]);
        assert!(matches!(answers.as_slice(), [Err(LoadError::NoComponent(_))]), "{name}: {answers:?}");
    }
    // A failed load leaves nothing behind, and the running plugin can be loaded again.
    assert!(project.plugins.replace_running(vec![plugin]).iter().all(Result::is_ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn new_generations_take_over_during_writes() {
    let project = Arc::new(TestProject::with_guests(&["allow"]).await);
    let writing = {
        let project = project.clone();
        tokio::spawn(async move {
            for n in 0..40 {
                let note = project.create("plugin::allow.note", json!({ "title": format!("n{n}") })).await.unwrap();
                assert_eq!(note["loud"], format!("N{n}"));
            }
        })
    };
    for number in 2..12 {
        let next = cairn_plugin_host::InstalledPlugin { number, ..installed_guest("allow") };
        let project = project.clone();
        let answers = tokio::task::spawn_blocking(move || project.plugins.replace_running(vec![next])).await.unwrap();
        assert!(answers.iter().all(Result::is_ok));
    }
    writing.await.unwrap();
    // The hooks of a removed plugin no longer run.
    project.plugins.replace_running(Vec::new());
    let note = project.create("plugin::allow.note", json!({ "title": "quiet" })).await.unwrap();
    assert_eq!(note["loud"], serde_json::Value::Null);
}
