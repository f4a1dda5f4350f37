//! The steps of a plugin's life.

use crate::test_project::{TestProject, installed_guest};
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_host::QuarantineOutcome;
use cairn_plugin_host::lifecycle::{
    LifecycleError, LifecycleStep, Removal, Upgrade, UpgradeRecord, UpgradeTarget, migration_job, record_swap,
    should_run,
};
use cairn_store::events::Actor;
use cairn_store::plugins::{PluginRow, PluginState, PluginVersion, PreviousVersion};
use cairn_store::{StoreError, WriteTx};
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use std::sync::Arc;

fn test_actor() -> Actor {
    Actor::system("test")
}

fn guest_with_greeting(text: &str) -> InstalledPlugin {
    InstalledPlugin { settings: json!({ "greeting": text }), ..installed_guest("allow") }
}

fn upgrade_to(version: &str) -> UpgradeRecord {
    UpgradeRecord { to: plugin_version(version), publisher: None, grants: json!([]), choices: json!({}) }
}

fn plugin_version(version: &str) -> PluginVersion {
    PluginVersion { version: version.to_owned(), digest: format!("digest of {version}") }
}

impl TestProject {
    /// The row of `allow`, changed.
    async fn update_row(&self, change: impl Fn(&mut PluginRow) + Clone + Send + 'static) -> PluginRow {
        let now = self.clock_ms();
        let write = move |tx: &mut WriteTx<'_>| {
            let mut row = tx.reader().plugins().get("allow")?.unwrap_or_else(|| PluginRow {
                id: "allow".to_owned(),
                current: plugin_version("1.0.0"),
                publisher: None,
                state: PluginState::Enabled,
                grants: json!([]),
                settings: json!({}),
                choices: json!({}),
                checkpoint: None,
                previous: None,
                generation: 0,
                reason: None,
                installed_at: now,
                changed_at: now,
                changed_by: test_actor(),
            });
            change(&mut row);
            let generation = tx.plugins().save(&row, now)?.unwrap();
            Ok::<_, StoreError>(PluginRow { generation, ..row })
        };
        self.content.store().write(write).await.unwrap()
    }

    fn plugin_row(&self) -> PluginRow {
        self.content.store().read(|r| r.plugins().get("allow")).unwrap().unwrap()
    }

    fn clock_ms(&self) -> i64 {
        cairn_access::Clock::now(&*self.clock).timestamp_millis()
    }

    fn lifecycle_mark(&self, step: &str) -> Option<String> {
        self.kv_value("allow", &format!("lifecycle/{step}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn installation_runs_its_lifecycle_steps_once() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.update_row(|row| row.state = PluginState::Installed).await;
    assert!(project.plugins.finish_installation(installed_guest("allow"), test_actor()).await.unwrap());
    assert_eq!(project.plugin_row().state, PluginState::Enabled);
    assert_eq!(
        (project.lifecycle_mark("install").as_deref(), project.lifecycle_mark("enable").as_deref()),
        (Some("1"), Some("1"))
    );
    assert!(!project.plugins.finish_installation(installed_guest("allow"), test_actor()).await.unwrap());
    assert_eq!(project.lifecycle_mark("install").as_deref(), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_installations_leave_only_a_reason() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.update_row(|row| row.state = PluginState::Installed).await;
    for (greeting, why) in [("refuse-install", "There is no room."), ("trap-install", "`install`")] {
        let error = project.plugins.finish_installation(guest_with_greeting(greeting), test_actor()).await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        let row = project.plugin_row();
        assert_eq!(row.state, PluginState::Installed);
        assert!(row.reason.as_deref().is_some_and(|reason| reason.contains(why)), "{row:?}");
        assert_eq!((project.lifecycle_mark("install"), project.lifecycle_mark("enable")), (None, None));
    }
    // Said once: whoever follows the rows comes to rest.
    let generation = project.plugin_row().generation;
    project.plugins.finish_installation(guest_with_greeting("trap-install"), test_actor()).await.unwrap_err();
    assert_eq!(project.plugin_row().generation, generation);
    assert!(project.plugins.finish_installation(guest_with_greeting("hello"), test_actor()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_can_refuse_install_but_not_disable() {
    let project = TestProject::with_guests(&["allow"]).await;
    let increment_counter =
        |tx: &mut WriteTx<'_>| tx.plugin_kv().increment("allow", "done", 1, None, 0).map_err(LifecycleError::from);
    project
        .plugins
        .run_step_with(Some(installed_guest("allow")), LifecycleStep::Enable, increment_counter)
        .await
        .unwrap();
    assert_eq!(
        (project.lifecycle_mark("enable").as_deref(), project.kv_value("allow", "done").as_deref()),
        (Some("1"), Some("1"))
    );
    let refused = project
        .plugins
        .run_step_with(Some(guest_with_greeting("refuse-install")), LifecycleStep::Install, increment_counter)
        .await;
    assert!(matches!(refused, Err(LifecycleError::Refused { .. })), "{refused:?}");
    assert_eq!((project.lifecycle_mark("install"), project.kv_value("allow", "done").as_deref()), (None, Some("1")));
    // A plugin that refuses to be disabled is disabled all the same.
    project
        .plugins
        .run_step_with(Some(guest_with_greeting("refuse-disable")), LifecycleStep::Disable, increment_counter)
        .await
        .unwrap();
    assert_eq!((project.lifecycle_mark("disable"), project.kv_value("allow", "done").as_deref()), (None, Some("2")));
    // The plugin's step is rolled back if what is done beside it fails.
    let fails = |_: &mut WriteTx<'_>| Err::<(), _>(LifecycleError::Store(StoreError::Closed));
    let step = LifecycleStep::Uninstall(Removal::Keep);
    assert!(project.plugins.run_step_with(Some(installed_guest("allow")), step, fails).await.is_err());
    assert_eq!(project.lifecycle_mark("uninstall"), None);
    project.plugins.run_step_with(None, LifecycleStep::Disable, increment_counter).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_check_their_settings_and_report_health() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.plugins.check_settings(guest_with_greeting("Hello")).await.unwrap();
    match project.plugins.check_settings(guest_with_greeting("HELLO")).await {
        Err(LifecycleError::Refused { fields, .. }) => {
            assert_eq!((fields[0].path.as_str(), fields[0].message.as_str()), ("greeting", "Please do not shout."));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(project.plugins.own_health("allow", "en").await.unwrap(), Some((true, "fine".to_owned())));
    assert_eq!(project.plugins.own_health("nothing", "en").await.unwrap(), None);
}

/// Begins an upgrade to 2.0.0 as whoever installs a package does.
async fn begin_upgrade(project: &TestProject, plugin: InstalledPlugin) {
    project.update_row(|row| *row = Upgrade::begin(row.clone(), upgrade_to("2.0.0"), test_actor())).await;
    let now = project.clock_ms();
    project
        .content
        .store()
        .write(move |tx| tx.jobs().enqueue(&migration_job("allow", now), now).map(drop))
        .await
        .unwrap();
    let row = project.plugin_row();
    assert!(should_run(&row), "the version before serves meanwhile");
    assert_eq!(row.current, plugin_version("1.0.0"));
    set_upgrade_target(project, plugin).await;
}

async fn set_upgrade_target(project: &TestProject, plugin: InstalledPlugin) {
    project.plugins.set_upgrade_targets(vec![UpgradeTarget { plugin, digest: plugin_version("2.0.0").digest }]).await;
    project.engine.set_handlers("plugins", project.plugins.job_handlers());
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_run_in_slices_then_swap_versions() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.update_row(|_| {}).await;
    begin_upgrade(&project, installed_guest("allow")).await;
    project.engine.run_until_idle().await.unwrap();
    let row = project.plugin_row();
    assert_eq!(
        (row.state, &row.current, row.previous.as_ref().map(|previous| &previous.version)),
        (PluginState::Enabled, &plugin_version("2.0.0"), Some(&plugin_version("1.0.0")))
    );
    assert_eq!((row.checkpoint, row.reason), (None, None));
    assert_eq!(project.lifecycle_mark("migrate").as_deref(), Some("3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_migrations_continue_from_their_checkpoint() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.update_row(|_| {}).await;
    begin_upgrade(&project, installed_guest("allow")).await;
    // The process ends after one slice: the continuation of its job was not stored.
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..100 {
        if Upgrade::from_row(&project.plugin_row()).is_none_or(|upgrade| upgrade.slices > 0) {
            break;
        }
        project.engine.run_pass(&mut running).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    running.abort_all();
    while running.join_next().await.is_some() {}
    let before = Upgrade::from_row(&project.plugin_row()).map(|upgrade| upgrade.slices);
    // A new process: what runs is loaded anew, and the lease of the job is over.
    project.plugins.set_upgrade_targets(Vec::new()).await;
    project.clock.advance(TimeDelta::minutes(2));
    set_upgrade_target(&project, installed_guest("allow")).await;
    for _ in 0..20 {
        project.engine.run_until_idle().await.unwrap();
        if project.plugin_row().state == PluginState::Enabled {
            break;
        }
        project.clock.advance(TimeDelta::minutes(1));
    }
    assert_eq!(project.plugin_row().current, plugin_version("2.0.0"), "{before:?}");
    // Slices were run once each, whatever was lost in between.
    assert_eq!(project.lifecycle_mark("migrate").as_deref(), Some("3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_migrations_leave_the_old_version_with_a_reason() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.update_row(|_| {}).await;
    begin_upgrade(&project, guest_with_greeting("stuck")).await;
    for _ in 0..10 {
        project.engine.run_until_idle().await.unwrap();
        project.clock.advance(TimeDelta::minutes(2));
    }
    let row = project.plugin_row();
    assert_eq!((row.state, &row.current), (PluginState::Enabled, &plugin_version("1.0.0")));
    let reason = row.reason.unwrap();
    assert!(reason.contains("2.0.0") && reason.contains("It does not go on."), "{reason}");
    // The first slice's changes stay; the failed one is rolled back.
    assert_eq!(project.lifecycle_mark("migrate").as_deref(), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_migrations_stop_at_slice_and_time_limits() {
    let day = TimeDelta::days(1).num_milliseconds();
    for (slices, began, why) in [(9_997, None, "the limit is 10000"), (5, Some(day), "after 24 hours")] {
        let project = TestProject::with_guests(&["allow"]).await;
        project.update_row(|_| {}).await;
        begin_upgrade(&project, guest_with_greeting("endless")).await;
        // Most of it was done before.
        let began = began.map(|ago| project.clock_ms() - ago);
        project
            .update_row(move |row| {
                let upgrade = Upgrade::from_row(row).unwrap();
                row.checkpoint = Some(json!(Upgrade { slices, began, checkpoint: json!(7), ..upgrade }));
            })
            .await;
        project.engine.run_until_idle().await.unwrap();
        let row = project.plugin_row();
        assert_eq!((row.state, &row.current, &row.checkpoint), (PluginState::Enabled, &plugin_version("1.0.0"), &None));
        let reason = row.reason.unwrap();
        assert!(reason.contains("2.0.0") && reason.contains(why), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_upgrades_do_not_continue() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.update_row(|_| {}).await;
    begin_upgrade(&project, installed_guest("allow")).await;
    project.update_row(|row| (row.state, row.checkpoint) = (PluginState::Disabled, None)).await;
    project.engine.run_until_idle().await.unwrap();
    assert_eq!(
        (project.plugin_row().state, project.plugin_row().current),
        (PluginState::Disabled, plugin_version("1.0.0"))
    );
    assert_eq!(project.lifecycle_mark("migrate"), None);
}

/// Has a route of the plugin fail until its circuit opens, `times` times.
async fn fail_jobs(project: &TestProject, names: &[&str]) {
    for name in names {
        let job = cairn_store::events::NewJob {
            name: "plugin:allow:steps".into(),
            key: Some((*name).into()),
            duplicate: cairn_store::events::DuplicatePolicy::Keep,
            lane: None,
            payload: json!({ "name": name, "transaction": false, "fail": "trap" }),
            due: 0,
        };
        project.engine.enqueue(job).await.unwrap();
    }
    for _ in 0..6 {
        project.engine.run_until_idle().await.unwrap();
        project.clock.advance(TimeDelta::seconds(2));
    }
}

async fn settle_quarantine(project: &TestProject, previous: bool) -> Vec<QuarantineOutcome> {
    let back = move |row: &PluginRow| {
        previous.then(|| PluginRow {
            current: plugin_version("0.9.0"),
            previous: Some(PreviousVersion::from_current(row)),
            ..row.clone()
        })
    };
    let tell = |tx: &mut WriteTx<'_>, settled: &QuarantineOutcome, now: i64| {
        let kv_put = cairn_store::plugins::KvPut {
            key: "told".into(),
            value: settled.reason.clone().into_bytes(),
            expires_at: None,
            expect: None,
        };
        tx.plugin_kv().put("allow", &[kv_put], now).map(drop)
    };
    project.plugins.settle_tripped(Arc::new(back), Arc::new(tell)).await.unwrap()
}

/// `allow` runs as its row says.
async fn run_stored_version(project: &TestProject) -> PluginRow {
    let row = project.update_row(|_| {}).await;
    project.plugins.replace_running(vec![InstalledPlugin { number: row.generation, ..installed_guest("allow") }]);
    row
}

#[tokio::test(flavor = "multi_thread")]
async fn new_versions_that_fail_soon_are_rolled_back() {
    let project = TestProject::with_guests(&["allow"]).await;
    let row = run_stored_version(&project).await;
    let now = project.clock_ms();
    project.content.store().write(move |tx| record_swap(tx, "allow", now)).await.unwrap();
    assert_eq!(settle_quarantine(&project, true).await, []);
    fail_jobs(&project, &["a", "b", "c", "d", "e"]).await;
    let all = settle_quarantine(&project, true).await;
    let [done] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((done.failed.as_str(), done.back_to.as_deref()), ("1.0.0", Some("0.9.0")));
    let after = project.plugin_row();
    assert_eq!((after.state, after.current, after.previous), (PluginState::Enabled, plugin_version("0.9.0"), None));
    assert!(after.generation > row.generation && project.kv_value("allow", "told").unwrap().contains("trap"));
    assert_eq!(settle_quarantine(&project, true).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_that_ran_for_an_hour_are_not_rolled_back() {
    let project = TestProject::with_guests(&["allow"]).await;
    run_stored_version(&project).await;
    let now = project.clock_ms();
    project.content.store().write(move |tx| record_swap(tx, "allow", now)).await.unwrap();
    project.clock.advance(TimeDelta::hours(1));
    fail_jobs(&project, &["a", "b", "c", "d", "e"]).await;
    assert_eq!(settle_quarantine(&project, true).await, []);
    assert_eq!(
        (project.plugin_row().state, project.plugin_row().current),
        (PluginState::Enabled, plugin_version("1.0.0"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn plugin_data_is_exported_as_json_lines() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.update_row(|_| {}).await;
    project.create("plugin::allow.note", json!({ "title": "hello" })).await.unwrap();
    project
        .plugins
        .run_step_with(Some(installed_guest("allow")), LifecycleStep::Enable, |_| Ok::<_, LifecycleError>(()))
        .await
        .unwrap();
    let mut out = Vec::new();
    let documents = project.plugins.export_plugin("allow", &mut out).unwrap();
    let lines: Vec<Json> =
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((documents, lines[0]["plugin"].as_str()), (1, Some("allow")));
    assert!(
        lines.iter().any(|line| line["type"] == "plugin::allow.note" && line["versions"][0]["title"] == "hello"),
        "{lines:#?}"
    );
    assert!(lines.iter().any(|line| line["key"] == "lifecycle/enable" && line["text"] == "1"), "{lines:#?}");
    assert!(project.plugins.export_plugin("nothing", &mut Vec::new()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_become_recurring_jobs_of_the_plugin() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.plugins.declare_schedules().await.unwrap();
    let rows = project.content.store().read(|r| r.recurring_jobs().list()).unwrap();
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(
        (row.name.as_str(), row.job.as_str(), row.zone.as_str()),
        ("plugin:allow:tick", "plugin:allow:tick", "Europe/Amsterdam")
    );
    // The next morning at eight in Amsterdam, where it is 11 o'clock on a Wednesday.
    assert_eq!(row.next, Some(project.clock_ms() + 21 * 3_600_000));
    project.clock.advance(TimeDelta::days(2));
    project.engine.run_until_idle().await.unwrap();
    let logs = project.find_all("plugin::allow.log").await;
    // Two mornings were missed; one run makes up for both.
    assert_eq!(logs.iter().filter(|log| log["by"] == "tick").count(), 1, "{logs:?}");
    project.plugins.declare_schedules().await.unwrap();
    assert_eq!(project.content.store().read(|r| r.recurring_jobs().list()).unwrap().len(), 1);
    // The recurring job is deleted with the plugin's data.
    project.content.store().write(|tx| tx.plugins().delete_data("allow").map(drop)).await.unwrap();
    assert!(project.content.store().read(|r| r.recurring_jobs().list()).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_use_the_time_zone_of_a_setting() {
    let project = TestProject::with_guests(&["allow"]).await;
    let zones = [
        (json!("America/New_York"), "America/New_York"),
        (json!("Europe/Amsterdam"), "Europe/Amsterdam"),
        (json!("Mars/Olympus"), "UTC"),
        (json!(""), "UTC"),
        (json!(5), "UTC"),
        (Json::Null, "UTC"),
    ];
    for (n, (zone, expected)) in zones.into_iter().enumerate() {
        let installed_plugin = installed_guest("allow");
        let mut manifest = (*installed_plugin.manifest).clone();
        manifest.schedules[0].zone = cairn_plugin_package::manifest::Zone::Setting("zone".into());
        let number = i64::try_from(n).unwrap() + 2;
        let settings = json!({ "zone": zone });
        let plugin = InstalledPlugin { manifest: manifest.into(), settings, number, ..installed_plugin };
        assert!(project.plugins.replace_running(vec![plugin]).iter().all(Result::is_ok));
        project.plugins.declare_schedules().await.unwrap();
        let rows = project.content.store().read(|r| r.recurring_jobs().list()).unwrap();
        assert_eq!((rows.len(), rows[0].zone.as_str()), (1, expected), "{zone}");
    }
}
