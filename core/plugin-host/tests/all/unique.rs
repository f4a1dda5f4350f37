//! Keys that no two documents of a plugin's own type share.

use crate::world::{World, full, guest, refusal};
use cairn_plugin_package::Place;
use cairn_plugin_package::manifest::{Manifest, OwnType};
use serde_json::json;
use std::sync::Arc;

const TRIAL: &str = "plugin::hostile.trial";

/// The hostile plugin, of whose trials no two have both title and count.
async fn world() -> World {
    let world = World::of(&["hostile"]).await;
    let mut plugin = guest("hostile");
    let mut manifest: Manifest = (*plugin.manifest).clone();
    let unique = vec![vec!["title".to_owned(), "count".to_owned()]];
    let types = &mut manifest.content_types.as_mut().unwrap().types;
    types.insert("trial".to_owned(), OwnType { unique, retention: None, at: Place::default() });
    plugin.manifest = Arc::new(manifest);
    plugin.number = 2;
    for answer in world.plugins.run(vec![plugin]) {
        answer.unwrap();
    }
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_is_there_once_whoever_writes() {
    let world = world().await;
    let trial = |title: &str, count: Option<i64>| json!({ "title": title, "kind": "none", "count": count });
    let first = world.create(TRIAL, trial("a", Some(1))).await.unwrap();
    let (message, details) = refusal(world.create(TRIAL, trial("a", Some(1))).await.unwrap_err());
    assert_eq!(message, "This attribute must be unique");
    assert_eq!(details["errors"][0]["path"], json!(["title"]));
    // Each by itself may be there again, and so may what is empty.
    let other = world.create(TRIAL, trial("a", Some(2))).await.unwrap();
    for _ in 0..2 {
        world.create(TRIAL, trial("b", None)).await.unwrap();
    }
    let id = |document: &serde_json::Value| document["documentId"].as_str().unwrap().to_owned();
    assert!(world.update(TRIAL, &id(&other), json!({ "count": 1 })).await.is_err());
    world.update(TRIAL, &id(&first), json!({ "count": 1, "extra": 5 })).await.unwrap();
    // What has gone is free again.
    let access = full();
    world.content.delete(world.ask(&access, TRIAL, ""), &id(&first), None).await.unwrap();
    world.update(TRIAL, &id(&other), json!({ "count": 1 })).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_write_the_same_at_once_one_does() {
    let world = world().await;
    let all = (0..8).map(|_| world.create(TRIAL, json!({ "title": "x", "kind": "none", "count": 7 })));
    let done = futures_util::future::join_all(all).await;
    assert_eq!(done.into_iter().filter(Result::is_ok).count(), 1);
    assert_eq!(world.all(TRIAL).await.len(), 1);
}
