//! Consequences of commits: subscriptions and jobs of a plugin that behaves.

use crate::test_project::{TestProject, guest_with_manifest};
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_package::manifest::SubscriptionTarget;
use cairn_plugin_package::{Fields, GrantedScope, Grants, Manifest, Scope};
use cairn_settings::{apply_settings, parse_settings};
use serde_json::{Value as Json, json};

const NOTE: &str = "plugin::allow.note";
const LOG: &str = "plugin::allow.log";

#[tokio::test(flavor = "multi_thread")]
async fn each_event_has_its_effects_once() {
    let project = TestProject::with_guests(&["allow"]).await;
    for n in 0..5 {
        project.create(NOTE, json!({ "title": format!("note {n}") })).await.unwrap();
    }
    project.engine.run_until_idle().await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    assert_eq!(project.kv_value("allow", "events/notes").as_deref(), Some("5"));
    let logs = project.find_all(LOG).await;
    assert_eq!(logs.iter().filter(|log| log["by"] == "event:notes").count(), 5);
}

/// The plugin that behaves, whose `tally` hears of these events.
fn plugin_with_tally(event: &str) -> InstalledPlugin {
    guest_with_manifest("allow", |manifest| {
        let all = "[plugin]\nid = \"xy\"\nversion = \"1.0.0\"\napi = \"0.1\"\nname = \"X\"\nlicense = \"MIT\"\n\
                   requires = { cairn = \">=0.1\" }\n[[grant]]\nuse = \"data.read\"\ntypes = [\"api::article.article\"]\n\
                   [[grant]]\nuse = \"calendar\"\n[[subscription]]\nname = \"all\"\n";
        let all = format!("{all}to = [\"{event}\"]\n");
        let to = Manifest::parse(&all).unwrap().subscriptions.remove(0).to;
        assert!(matches!(to[0].0, SubscriptionTarget::Event(_)));
        manifest.subscriptions.iter_mut().find(|s| s.name == "tally").unwrap().to = to;
    })
}

/// The same plugin, which hears of all documents, with grants to read these types.
fn subscribed_plugin(number: i64, types: &[&str]) -> InstalledPlugin {
    let plugin = plugin_with_tally("cairn.document.*");
    let mut granted: Vec<GrantedScope> = plugin.grants.list().to_vec();
    if !types.is_empty() {
        let types = types.iter().map(|uid| (*uid).to_owned()).collect();
        granted.push(GrantedScope {
            scope: Scope::DataRead { types, fields: Fields::All },
            reason: None,
            optional: false,
        });
    }
    InstalledPlugin { grants: Grants::from(granted), number, ..plugin }
}

fn run_plugin(project: &TestProject, plugin: InstalledPlugin) {
    project.plugins.replace_running(vec![plugin]).into_iter().for_each(|answer| answer.unwrap());
    project.engine.set_subscribers("plugins", project.plugins.subscribers());
}

/// Number of events that `tally` has heard so far.
async fn count_tally(project: &TestProject) -> i64 {
    project.engine.run_until_idle().await.unwrap();
    project.kv_value("allow", "events/tally").map_or(0, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_deliver_each_changed_calendar_once() {
    let project = TestProject::with_guests(&["allow"]).await;
    run_plugin(&project, plugin_with_tally("cairn.settings.calendar-changed"));
    let set = async |office: &str, shop: Json| {
        let office = json!({ "zone": "Europe/Amsterdam", "hours": { "monday": [office] } });
        let file = json!({ "calendars": { "office": office, "shop": shop } }).to_string();
        let settings = parse_settings(&file, project.content.registry(), &|_| None)
            .unwrap_or_else(|problems| panic!("{problems:?}"));
        apply_settings(&project.access, settings).await.unwrap();
        count_tally(&project).await
    };
    assert_eq!(count_tally(&project).await, 0);
    let shop = json!({ "zone": "UTC", "hours": {}, "preset": "nl" });
    assert_eq!(set("09:00-17:00", shop.clone()).await, 2);
    assert_eq!(set("09:00-17:00", shop.clone()).await, 2);
    assert_eq!(set("22:00-06:00", shop).await, 3);
    assert_eq!(set("22:00-06:00", json!(null)).await, 4);
    assert_eq!(set("22:00-06:00", json!(null)).await, 4);
}

/// `cairn.document.*` is heard of the types that the plugin may read: its own, and those that it was granted.
#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_deliver_only_events_of_readable_types() {
    let project = TestProject::with_guests(&["allow"]).await;
    let heard = async || count_tally(&project).await;
    let run = |plugin: InstalledPlugin| run_plugin(&project, plugin);
    run(subscribed_plugin(2, &[]));
    heard().await;
    for n in 0..3 {
        project.create("api::article.article", json!({ "title": format!("a{n}") })).await.unwrap();
    }
    assert_eq!(heard().await, 0);
    project.create("plugin::allow.plain", json!({ "title": "own" })).await.unwrap();
    assert_eq!(heard().await, 1);
    // From when it is granted on, and not what was before; until it is taken away.
    run(subscribed_plugin(3, &["api::article.article"]));
    assert_eq!(heard().await, 1);
    project.create("api::article.article", json!({ "title": "seen" })).await.unwrap();
    assert_eq!(heard().await, 2);
    run(subscribed_plugin(4, &[]));
    project.create("api::article.article", json!({ "title": "hidden" })).await.unwrap();
    assert_eq!(heard().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_commit_everything_or_nothing() {
    let project = TestProject::with_guests(&["allow"]).await;
    for (name, fail) in [("whole", ""), ("dropped", "commit"), ("trapped", "trap")] {
        let job = cairn_store::events::NewJob {
            name: "plugin:allow:steps".into(),
            key: Some(name.into()),
            duplicate: cairn_store::events::DuplicatePolicy::Keep,
            lane: None,
            payload: json!({ "name": name, "transaction": true, "fail": fail }),
            due: 0,
        };
        project.engine.enqueue(job).await.unwrap();
    }
    project.engine.run_until_idle().await.unwrap();
    let logs = project.find_all(LOG).await;
    let by_steps: Vec<_> = logs.iter().filter(|log| log["by"] == "steps").map(|log| log["about"].clone()).collect();
    assert_eq!(by_steps, [json!("whole")]);
    assert_eq!(project.kv_value("allow", "steps/whole").as_deref(), Some("0"));
    assert_eq!((project.kv_value("allow", "steps/dropped"), project.kv_value("allow", "steps/trapped")), (None, None));
    // The job that it asked for, and none of those that were undone.
    let leaves: Vec<_> = logs.iter().filter(|log| log["by"] == "leaf").map(|log| log["about"].clone()).collect();
    assert_eq!(leaves, [json!("whole")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_jobs_continue_from_their_checkpoint() {
    let project = TestProject::with_guests(&["allow"]).await;
    let job = cairn_store::events::NewJob {
        name: "plugin:allow:slices".into(),
        key: None,
        duplicate: cairn_store::events::DuplicatePolicy::Keep,
        lane: None,
        payload: json!({ "slices": 3 }),
        due: 0,
    };
    project.engine.enqueue(job).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    let logs = project.find_all(LOG).await;
    let slices: Vec<_> = logs.iter().filter(|log| log["by"] == "slices").map(|log| log["about"].clone()).collect();
    assert_eq!(slices, [json!("1"), json!("2"), json!("3")]);
}
