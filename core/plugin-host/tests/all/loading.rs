//! What is run and what is not.

use crate::world::{World, guest};
use cairn_plugin_host::LoadError;
use serde_json::json;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_reaches_for_what_no_plugin_has_is_not_run() {
    let (world, answers) = World::try_of(&["undeclared", "allow"]).await;
    match &answers[0] {
        Err(LoadError::Imports(what)) => assert!(what.contains("wasi:"), "{what}"),
        other => panic!("{other:?}"),
    }
    // The other one is.
    assert!(answers[1].is_ok());
    let note = world.create("plugin::allow.note", json!({ "title": "hello" })).await.unwrap();
    assert_eq!(note["loud"], "HELLO");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_component_is_told_as_such() {
    let world = World::of(&["allow"]).await;
    let whole = guest("allow");
    let with = |component: Vec<u8>| cairn_plugin_host::InstalledPlugin {
        component: component.into(),
        number: 2,
        ..whole.clone()
    };
    let mut cut = whole.component.to_vec();
    cut.truncate(cut.len() / 2);
    let mut turned = whole.component.to_vec();
    for at in (0..turned.len()).step_by(97) {
        turned[at] ^= 0x55;
    }
    for (name, component) in
        [("nothing", Vec::new()), ("text", b"not wasm at all".to_vec()), ("cut", cut), ("turned", turned)]
    {
        let answers = world.plugins.replace_running(vec![with(component)]);
        assert!(matches!(answers.as_slice(), [Err(LoadError::NoComponent(_))]), "{name}: {answers:?}");
    }
    // Nothing of it is left, and what runs can be run again.
    assert!(world.plugins.replace_running(vec![whole]).iter().all(Result::is_ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_generation_takes_over_while_changes_are_made() {
    let world = Arc::new(World::of(&["allow"]).await);
    let writing = {
        let world = world.clone();
        tokio::spawn(async move {
            for n in 0..40 {
                let note = world.create("plugin::allow.note", json!({ "title": format!("n{n}") })).await.unwrap();
                assert_eq!(note["loud"], format!("N{n}"));
            }
        })
    };
    for number in 2..12 {
        let next = cairn_plugin_host::InstalledPlugin { number, ..guest("allow") };
        let world = world.clone();
        let answers = tokio::task::spawn_blocking(move || world.plugins.replace_running(vec![next])).await.unwrap();
        assert!(answers.iter().all(Result::is_ok));
    }
    writing.await.unwrap();
    // Switched off, its hooks are gone.
    world.plugins.replace_running(Vec::new());
    let note = world.create("plugin::allow.note", json!({ "title": "quiet" })).await.unwrap();
    assert_eq!(note["loud"], serde_json::Value::Null);
}
