//! What follows from commits: subscriptions and jobs of a plugin that behaves.

use crate::world::World;
use serde_json::json;

const NOTE: &str = "plugin::allow.note";
const LOG: &str = "plugin::allow.log";

#[tokio::test(flavor = "multi_thread")]
async fn each_event_has_its_effects_once() {
    let world = World::of(&["allow"]).await;
    for n in 0..5 {
        world.create(NOTE, json!({ "title": format!("note {n}") })).await.unwrap();
    }
    world.engine.run_until_idle().await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    assert_eq!(world.kept("allow", "events/notes").as_deref(), Some("5"));
    let logs = world.all(LOG).await;
    assert_eq!(logs.iter().filter(|log| log["by"] == "event:notes").count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_does_all_of_it_or_nothing() {
    let world = World::of(&["allow"]).await;
    for (name, fail) in [("whole", ""), ("dropped", "commit"), ("trapped", "trap")] {
        let job = cairn_store::events::NewJob {
            name: "plugin:allow:steps".into(),
            key: Some(name.into()),
            duplicate: cairn_store::events::Duplicate::Keep,
            lane: None,
            payload: json!({ "name": name, "transaction": true, "fail": fail }),
            due: 0,
        };
        world.engine.enqueue(job).await.unwrap();
    }
    world.engine.run_until_idle().await.unwrap();
    let logs = world.all(LOG).await;
    let by_steps: Vec<_> = logs.iter().filter(|log| log["by"] == "steps").map(|log| log["about"].clone()).collect();
    assert_eq!(by_steps, [json!("whole")]);
    assert_eq!(world.kept("allow", "steps/whole").as_deref(), Some("0"));
    assert_eq!((world.kept("allow", "steps/dropped"), world.kept("allow", "steps/trapped")), (None, None));
    // The job that it asked for, and none of those that were undone.
    let leaves: Vec<_> = logs.iter().filter(|log| log["by"] == "leaf").map(|log| log["about"].clone()).collect();
    assert_eq!(leaves, [json!("whole")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_work_goes_on_from_its_checkpoint() {
    let world = World::of(&["allow"]).await;
    let job = cairn_store::events::NewJob {
        name: "plugin:allow:slices".into(),
        key: None,
        duplicate: cairn_store::events::Duplicate::Keep,
        lane: None,
        payload: json!({ "slices": 3 }),
        due: 0,
    };
    world.engine.enqueue(job).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    let logs = world.all(LOG).await;
    let slices: Vec<_> = logs.iter().filter(|log| log["by"] == "slices").map(|log| log["about"].clone()).collect();
    assert_eq!(slices, [json!("1"), json!("2"), json!("3")]);
}
