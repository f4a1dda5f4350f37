//! The steps of a plugin's life.

use crate::world::{World, guest};
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_host::QuarantineOutcome;
use cairn_plugin_host::lifecycle::{
    LifecycleError, LifecycleStep, Removal, Upgrade, UpgradeTarget, migration_job, record_swap, should_run,
};
use cairn_store::events::Actor;
use cairn_store::plugins::{PluginRow, PluginState, PluginVersion};
use cairn_store::{StoreError, WriteTx};
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use std::sync::Arc;

fn by() -> Actor {
    Actor::system("test")
}

fn greeting(text: &str) -> InstalledPlugin {
    InstalledPlugin { settings: json!({ "greeting": text }), ..guest("allow") }
}

fn version(version: &str) -> PluginVersion {
    PluginVersion { version: version.to_owned(), digest: format!("digest of {version}") }
}

impl World {
    /// The row of `allow`, changed.
    async fn put(&self, change: impl Fn(&mut PluginRow) + Clone + Send + 'static) -> PluginRow {
        let now = self.clock_ms();
        let write = move |tx: &mut WriteTx<'_>| {
            let mut row = tx.reader().plugin("allow")?.unwrap_or_else(|| PluginRow {
                id: "allow".to_owned(),
                current: version("1.0.0"),
                publisher: None,
                state: PluginState::Enabled,
                grants: json!([]),
                settings: json!({}),
                checkpoint: None,
                previous: None,
                generation: 0,
                reason: None,
                installed_at: now,
                changed_at: now,
                changed_by: by(),
            });
            change(&mut row);
            let generation = tx.put_plugin(&row, now)?.unwrap();
            Ok::<_, StoreError>(PluginRow { generation, ..row })
        };
        self.content.store().write(write).await.unwrap()
    }

    fn row(&self) -> PluginRow {
        self.content.store().read(|r| r.plugin("allow")).unwrap().unwrap()
    }

    fn clock_ms(&self) -> i64 {
        cairn_access::Clock::now(&*self.clock).timestamp_millis()
    }

    fn marks(&self, step: &str) -> Option<String> {
        self.kept("allow", &format!("lifecycle/{step}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_is_ended_once_with_what_the_plugin_does_about_it() {
    let world = World::of(&["allow"]).await;
    world.put(|row| row.state = PluginState::Installed).await;
    assert!(world.plugins.finish_installation(guest("allow"), by()).await.unwrap());
    assert_eq!(world.row().state, PluginState::Enabled);
    assert_eq!((world.marks("install").as_deref(), world.marks("enable").as_deref()), (Some("1"), Some("1")));
    assert!(!world.plugins.finish_installation(guest("allow"), by()).await.unwrap());
    assert_eq!(world.marks("install").as_deref(), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_that_fails_leaves_nothing_and_says_why() {
    let world = World::of(&["allow"]).await;
    world.put(|row| row.state = PluginState::Installed).await;
    for (how, why) in [("refuse-install", "There is no room."), ("trap-install", "`install`")] {
        let error = world.plugins.finish_installation(greeting(how), by()).await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        let row = world.row();
        assert_eq!(row.state, PluginState::Installed);
        assert!(row.reason.as_deref().is_some_and(|reason| reason.contains(why)), "{row:?}");
        assert_eq!((world.marks("install"), world.marks("enable")), (None, None));
    }
    // Said once: whoever follows the rows comes to rest.
    let generation = world.row().generation;
    world.plugins.finish_installation(greeting("trap-install"), by()).await.unwrap_err();
    assert_eq!(world.row().generation, generation);
    assert!(world.plugins.finish_installation(greeting("hello"), by()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_needed_stops_a_step_and_what_is_not_is_noted() {
    let world = World::of(&["allow"]).await;
    let done =
        |tx: &mut WriteTx<'_>| tx.increment_plugin_entry("allow", "done", 1, None, 0).map_err(LifecycleError::from);
    world.plugins.run_step_with(Some(guest("allow")), LifecycleStep::Enable, done).await.unwrap();
    assert_eq!((world.marks("enable").as_deref(), world.kept("allow", "done").as_deref()), (Some("1"), Some("1")));
    let refused = world.plugins.run_step_with(Some(greeting("refuse-install")), LifecycleStep::Install, done).await;
    assert!(matches!(refused, Err(LifecycleError::Refused { .. })), "{refused:?}");
    assert_eq!((world.marks("install"), world.kept("allow", "done").as_deref()), (None, Some("1")));
    // It says no to being switched off, and is.
    world.plugins.run_step_with(Some(greeting("refuse-disable")), LifecycleStep::Disable, done).await.unwrap();
    assert_eq!((world.marks("disable"), world.kept("allow", "done").as_deref()), (None, Some("2")));
    // What is done beside it fails: then it was not asked either.
    let fails = |_: &mut WriteTx<'_>| Err::<(), _>(LifecycleError::Store(StoreError::Closed));
    let step = LifecycleStep::Uninstall(Removal::Keep);
    assert!(world.plugins.run_step_with(Some(guest("allow")), step, fails).await.is_err());
    assert_eq!(world.marks("uninstall"), None);
    world.plugins.run_step_with(None, LifecycleStep::Disable, done).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_the_plugins_to_refuse() {
    let world = World::of(&["allow"]).await;
    world.plugins.check_settings(greeting("Hello")).await.unwrap();
    match world.plugins.check_settings(greeting("HELLO")).await {
        Err(LifecycleError::Refused { fields, .. }) => {
            assert_eq!((fields[0].path.as_str(), fields[0].message.as_str()), ("greeting", "Please do not shout."));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.plugins.own_health("allow").await.unwrap(), Some((true, "fine".to_owned())));
    assert_eq!(world.plugins.own_health("nothing").await.unwrap(), None);
}

/// Begins an upgrade to 2.0.0 as whoever installs a package does.
async fn upgrade(world: &World, plugin: InstalledPlugin) {
    world.put(|row| *row = Upgrade::begin(row.clone(), version("2.0.0"), None, json!([]), by())).await;
    let now = world.clock_ms();
    world.content.store().write(move |tx| tx.enqueue(&migration_job("allow", now), now).map(drop)).await.unwrap();
    let row = world.row();
    assert!(should_run(&row), "the version before serves meanwhile");
    assert_eq!(row.current, version("1.0.0"));
    follow(world, plugin).await;
}

async fn follow(world: &World, plugin: InstalledPlugin) {
    world.plugins.set_upgrade_targets(vec![UpgradeTarget { plugin, digest: version("2.0.0").digest }]).await;
    world.engine.set_handlers("plugins", world.plugins.job_handlers());
}

#[tokio::test(flavor = "multi_thread")]
async fn data_are_moved_in_slices_and_then_the_versions_change_places() {
    let world = World::of(&["allow"]).await;
    world.put(|_| {}).await;
    upgrade(&world, guest("allow")).await;
    world.engine.run_until_idle().await.unwrap();
    let row = world.row();
    assert_eq!(
        (row.state, &row.current, row.previous.as_ref()),
        (PluginState::Enabled, &version("2.0.0"), Some(&version("1.0.0")))
    );
    assert_eq!((row.checkpoint, row.reason), (None, None));
    assert_eq!(world.marks("migrate").as_deref(), Some("3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_goes_on_from_its_checkpoint_after_whatever_ended_the_process() {
    let world = World::of(&["allow"]).await;
    world.put(|_| {}).await;
    upgrade(&world, guest("allow")).await;
    // One slice, and then the process is gone: nobody has written that its job goes on.
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..100 {
        if Upgrade::from_row(&world.row()).is_none_or(|upgrade| upgrade.slices > 0) {
            break;
        }
        world.engine.run_pass(&mut running).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    running.abort_all();
    while running.join_next().await.is_some() {}
    let before = Upgrade::from_row(&world.row()).map(|upgrade| upgrade.slices);
    // A new process: what runs is loaded anew, and the lease of the job is over.
    world.plugins.set_upgrade_targets(Vec::new()).await;
    world.clock.advance(TimeDelta::minutes(2));
    follow(&world, guest("allow")).await;
    for _ in 0..20 {
        world.engine.run_until_idle().await.unwrap();
        if world.row().state == PluginState::Enabled {
            break;
        }
        world.clock.advance(TimeDelta::minutes(1));
    }
    assert_eq!(world.row().current, version("2.0.0"), "{before:?}");
    // Each slice was done once, whatever was lost in between.
    assert_eq!(world.marks("migrate").as_deref(), Some("3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_keeps_failing_leaves_the_version_before_and_says_why() {
    let world = World::of(&["allow"]).await;
    world.put(|_| {}).await;
    upgrade(&world, greeting("stuck")).await;
    for _ in 0..10 {
        world.engine.run_until_idle().await.unwrap();
        world.clock.advance(TimeDelta::minutes(2));
    }
    let row = world.row();
    assert_eq!((row.state, &row.current), (PluginState::Enabled, &version("1.0.0")));
    let reason = row.reason.unwrap();
    assert!(reason.contains("2.0.0") && reason.contains("It does not go on."), "{reason}");
    // What the first slice moved stays, what failed is undone.
    assert_eq!(world.marks("migrate").as_deref(), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_always_asks_for_another_slice_comes_to_an_end() {
    let day = TimeDelta::days(1).num_milliseconds();
    for (slices, began, why) in [(9_997, None, "the limit is 10000"), (5, Some(day), "after 24 hours")] {
        let world = World::of(&["allow"]).await;
        world.put(|_| {}).await;
        upgrade(&world, greeting("endless")).await;
        // Most of it was done before.
        let began = began.map(|ago| world.clock_ms() - ago);
        world
            .put(move |row| {
                let upgrade = Upgrade::from_row(row).unwrap();
                row.checkpoint = Some(json!(Upgrade { slices, began, checkpoint: json!(7), ..upgrade }));
            })
            .await;
        world.engine.run_until_idle().await.unwrap();
        let row = world.row();
        assert_eq!((row.state, &row.current, &row.checkpoint), (PluginState::Enabled, &version("1.0.0"), &None));
        let reason = row.reason.unwrap();
        assert!(reason.contains("2.0.0") && reason.contains(why), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_was_ended_is_not_gone_on_with() {
    let world = World::of(&["allow"]).await;
    world.put(|_| {}).await;
    upgrade(&world, guest("allow")).await;
    world.put(|row| (row.state, row.checkpoint) = (PluginState::Disabled, None)).await;
    world.engine.run_until_idle().await.unwrap();
    assert_eq!((world.row().state, world.row().current), (PluginState::Disabled, version("1.0.0")));
    assert_eq!(world.marks("migrate"), None);
}

/// Has a route of the plugin fail until its circuit opens, `times` times.
async fn fail(world: &World, names: &[&str]) {
    for name in names {
        let job = cairn_store::events::NewJob {
            name: "plugin:allow:steps".into(),
            key: Some((*name).into()),
            duplicate: cairn_store::events::DuplicatePolicy::Keep,
            lane: None,
            payload: json!({ "name": name, "transaction": false, "fail": "trap" }),
            due: 0,
        };
        world.engine.enqueue(job).await.unwrap();
    }
    for _ in 0..6 {
        world.engine.run_until_idle().await.unwrap();
        world.clock.advance(TimeDelta::seconds(2));
    }
}

async fn settled(world: &World, previous: bool) -> Vec<QuarantineOutcome> {
    let back = move |row: &PluginRow| {
        previous.then(|| PluginRow { current: version("0.9.0"), previous: Some(row.current.clone()), ..row.clone() })
    };
    let tell = |tx: &mut WriteTx<'_>, settled: &QuarantineOutcome, now: i64| {
        let put = cairn_store::plugins::KvPut {
            key: "told".into(),
            value: settled.reason.clone().into_bytes(),
            expires_at: None,
            expect: None,
        };
        tx.put_plugin_entries("allow", &[put], now).map(drop)
    };
    world.plugins.settle_tripped(Arc::new(back), Arc::new(tell)).await.unwrap()
}

/// `allow` runs as its row says.
async fn running(world: &World) -> PluginRow {
    let row = world.put(|_| {}).await;
    world.plugins.replace_running(vec![InstalledPlugin { number: row.generation, ..guest("allow") }]);
    row
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_that_fails_soon_goes_back_to_the_one_before() {
    let world = World::of(&["allow"]).await;
    let row = running(&world).await;
    let now = world.clock_ms();
    world.content.store().write(move |tx| record_swap(tx, "allow", now)).await.unwrap();
    assert_eq!(settled(&world, true).await, []);
    fail(&world, &["a", "b", "c", "d", "e"]).await;
    let all = settled(&world, true).await;
    let [done] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((done.failed.as_str(), done.back_to.as_deref()), ("1.0.0", Some("0.9.0")));
    let after = world.row();
    assert_eq!((after.state, after.current, after.previous), (PluginState::Enabled, version("0.9.0"), None));
    assert!(after.generation > row.generation && world.kept("allow", "told").unwrap().contains("trap"));
    assert_eq!(settled(&world, true).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ran_for_long_is_not_taken_back_for_one_opening() {
    let world = World::of(&["allow"]).await;
    running(&world).await;
    let now = world.clock_ms();
    world.content.store().write(move |tx| record_swap(tx, "allow", now)).await.unwrap();
    world.clock.advance(TimeDelta::hours(1));
    fail(&world, &["a", "b", "c", "d", "e"]).await;
    assert_eq!(settled(&world, true).await, []);
    assert_eq!((world.row().state, world.row().current), (PluginState::Enabled, version("1.0.0")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_has_is_exported_as_lines() {
    let world = World::of(&["allow"]).await;
    world.put(|_| {}).await;
    world.create("plugin::allow.note", json!({ "title": "hello" })).await.unwrap();
    world
        .plugins
        .run_step_with(Some(guest("allow")), LifecycleStep::Enable, |_| Ok::<_, LifecycleError>(()))
        .await
        .unwrap();
    let mut out = Vec::new();
    let documents = world.plugins.export_plugin("allow", &mut out).unwrap();
    let lines: Vec<Json> =
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((documents, lines[0]["plugin"].as_str()), (1, Some("allow")));
    assert!(
        lines.iter().any(|line| line["type"] == "plugin::allow.note" && line["versions"][0]["title"] == "hello"),
        "{lines:#?}"
    );
    assert!(lines.iter().any(|line| line["key"] == "lifecycle/enable" && line["text"] == "1"), "{lines:#?}");
    assert!(world.plugins.export_plugin("nothing", &mut Vec::new()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_are_recurring_jobs_of_the_plugin() {
    let world = World::of(&["allow"]).await;
    world.plugins.declare_schedules().await.unwrap();
    let rows = world.content.store().read(|r| r.recurring_jobs()).unwrap();
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(
        (row.name.as_str(), row.job.as_str(), row.zone.as_str()),
        ("plugin:allow:tick", "plugin:allow:tick", "Europe/Amsterdam")
    );
    // The next morning at eight in Amsterdam, where it is 11 o'clock on a Wednesday.
    assert_eq!(row.next, Some(world.clock_ms() + 21 * 3_600_000));
    world.clock.advance(TimeDelta::days(2));
    world.engine.run_until_idle().await.unwrap();
    let logs = world.all("plugin::allow.log").await;
    // Two mornings were missed; one run makes up for both.
    assert_eq!(logs.iter().filter(|log| log["by"] == "tick").count(), 1, "{logs:?}");
    world.plugins.declare_schedules().await.unwrap();
    assert_eq!(world.content.store().read(|r| r.recurring_jobs()).unwrap().len(), 1);
    // It goes with the plugin's data.
    world.content.store().write(|tx| tx.remove_plugin_data("allow").map(drop)).await.unwrap();
    assert!(world.content.store().read(|r| r.recurring_jobs()).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_go_by_the_zone_that_a_setting_names() {
    let world = World::of(&["allow"]).await;
    let zones = [
        (json!("America/New_York"), "America/New_York"),
        (json!("Europe/Amsterdam"), "Europe/Amsterdam"),
        (json!("Mars/Olympus"), "UTC"),
        (json!(""), "UTC"),
        (json!(5), "UTC"),
        (Json::Null, "UTC"),
    ];
    for (n, (said, expected)) in zones.into_iter().enumerate() {
        let whole = guest("allow");
        let mut manifest = (*whole.manifest).clone();
        manifest.schedules[0].zone = cairn_plugin_package::manifest::Zone::Setting("zone".into());
        let number = i64::try_from(n).unwrap() + 2;
        let settings = json!({ "zone": said });
        let plugin = InstalledPlugin { manifest: manifest.into(), settings, number, ..whole };
        assert!(world.plugins.replace_running(vec![plugin]).iter().all(Result::is_ok));
        world.plugins.declare_schedules().await.unwrap();
        let rows = world.content.store().read(|r| r.recurring_jobs()).unwrap();
        assert_eq!((rows.len(), rows[0].zone.as_str()), (1, expected), "{said}");
    }
}
