//! For how long documents of a plugin's own types are kept.

use crate::world::{World, guest};
use cairn_plugin_package::SourceLocation;
use cairn_plugin_package::manifest::{Expiry, Manifest, OwnTypeSection, Retention};
use cairn_store::events::EventFilter;
use chrono::TimeDelta;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const TRIAL: &str = "plugin::hostile.trial";

/// The hostile plugin, whose trials are kept for two days.
async fn world(action: Expiry) -> World {
    let world = World::of(&["hostile"]).await;
    let mut plugin = guest("hostile");
    let mut manifest: Manifest = (*plugin.manifest).clone();
    let after = Duration::from_secs(2 * 86_400);
    let retention = Some(Retention { field: "createdAt".to_owned(), after, action });
    let types = &mut manifest.content_types.as_mut().unwrap().types;
    types.insert("trial".to_owned(), OwnTypeSection { unique: Vec::new(), retention, at: SourceLocation::default() });
    plugin.manifest = Arc::new(manifest);
    plugin.number = 2;
    for answer in world.plugins.replace_running(vec![plugin]) {
        answer.unwrap();
    }
    world.plugins.declare_schedules().await.unwrap();
    world.engine.set_handlers("plugins", world.plugins.job_handlers());
    world
}

async fn create(world: &World, count: usize) {
    for n in 0..count {
        let data = json!({ "title": format!("t{n}"), "kind": "none", "secret": "s", "count": 3 });
        world.create(TRIAL, data).await.unwrap();
    }
}

async fn wait(world: &World, hours: i64) {
    world.clock.advance(TimeDelta::hours(hours));
    world.engine.run_until_idle().await.unwrap();
    // Between two batches others get their turn.
    world.clock.advance(TimeDelta::seconds(5));
    world.engine.run_until_idle().await.unwrap();
    world.clock.advance(TimeDelta::seconds(5));
    world.engine.run_until_idle().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_go_when_their_time_is_over_however_many_there_are() {
    let world = world(Expiry::Delete).await;
    create(&world, 130).await;
    wait(&world, 40).await;
    create(&world, 2).await;
    assert_eq!(world.all(TRIAL).await.len(), 100, "a page of all of them");
    wait(&world, 10).await;
    assert_eq!(world.all(TRIAL).await.len(), 2, "those that came later");
    // As any other change: it is told.
    let filter = EventFilter { name: Some("cairn.document.deleted".into()), ..EventFilter::default() };
    assert_eq!(world.content.store().read(|r| r.events(&filter, None, 500)).unwrap().len(), 130);
    wait(&world, 40).await;
    assert!(world.all(TRIAL).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_private_is_emptied_once() {
    let world = world(Expiry::Anonymise).await;
    create(&world, 1).await;
    let id = world.all(TRIAL).await[0]["documentId"].as_str().unwrap().to_owned();
    wait(&world, 30).await;
    assert_eq!(world.private(TRIAL, &id, "secret"), json!("s"));
    for _ in 0..3 {
        wait(&world, 24).await;
    }
    assert_eq!((world.private(TRIAL, &id, "secret"), world.private(TRIAL, &id, "count")), (json!(null), json!(3)));
    let filter = EventFilter { name: Some("cairn.document.updated".into()), ..EventFilter::default() };
    assert_eq!(world.content.store().read(|r| r.events(&filter, None, 500)).unwrap().len(), 1, "and not again");
}
