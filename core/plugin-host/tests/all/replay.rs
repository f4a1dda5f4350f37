//! Calls that failed, made again.

use crate::routes::{response_json, route_request, send_request};
use crate::test_project::{TestProject, full_access, installed_guest};
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_host::replay::{ReplayError, ReplayOptions, ReplayReport, ReplayStatus};
use cairn_plugin_host::routes::{RouteError, RouteRequest};
use cairn_store::events::{DuplicatePolicy, NewJob};
use cairn_store::plugins::{CallFilter, RecordedCall};
use serde_json::{Value as Json, json};

const NOTE: &str = "plugin::allow.note";
const COUNTED: &str = "plugin::allow.counted";
const LOG: &str = "plugin::allow.log";

/// `allow`, without the memory that it needs: every call of it fails.
fn broken_plugin() -> InstalledPlugin {
    let plugin = installed_guest("allow");
    let mut manifest = (*plugin.manifest).clone();
    manifest.limits.memory = 1;
    InstalledPlugin { manifest: manifest.into(), number: 2, ..plugin }
}

fn working_plugin() -> InstalledPlugin {
    InstalledPlugin { number: 3, ..installed_guest("allow") }
}

impl TestProject {
    fn run_plugin(&self, plugin: InstalledPlugin) {
        for answer in self.plugins.replace_running(vec![plugin]) {
            answer.unwrap();
        }
        self.engine.set_subscribers("plugins", self.plugins.subscribers());
        self.engine.set_handlers("plugins", self.plugins.job_handlers());
    }

    /// The calls that failed at `export`, oldest first.
    async fn failed_calls(&self, export: &str) -> Vec<RecordedCall> {
        self.plugins.write_logs().await.unwrap();
        let store = self.content.store();
        let calls = store.read(|r| r.plugin_calls().list(&CallFilter::default(), 500)).unwrap();
        let ids = calls.into_iter().rev().filter(|call| call.export == export).map(|call| call.id);
        ids.map(|id| store.read(|r| r.plugin_calls().get(&id)).unwrap().unwrap()).collect()
    }

    async fn replay_recorded(&self, call: &RecordedCall, dry: bool) -> Result<ReplayReport, ReplayError> {
        let options = ReplayOptions { dry, engine: &self.engine, standby: None, access: full_access() };
        self.plugins.replay_call(call, options).await
    }

    async fn count_logs(&self, by: &str) -> usize {
        self.find_all(LOG).await.iter().filter(|log| log["by"] == by).count()
    }
}

fn new_job(name: &str, payload: Json) -> NewJob {
    let name = format!("plugin:allow:{name}");
    NewJob { name, key: Some("k".into()), duplicate: DuplicatePolicy::Keep, lane: None, payload, due: 0 }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_events_are_replayed_exactly_once() {
    let project = TestProject::with_guests(&["allow"]).await;
    let note = project.create(NOTE, json!({ "title": "trap" })).await.unwrap();
    let other = project.create(NOTE, json!({ "title": "calm" })).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    // The events failed together, and then the faulty one alone.
    let calls = project.failed_calls("event").await;
    assert!(calls.len() >= 2, "{calls:?}");
    assert_eq!(project.kv_value("allow", "unsteady/calm").as_deref(), Some("1"), "{other}");
    let dry = project.replay_recorded(calls.last().unwrap(), true).await.unwrap();
    assert_eq!(dry.end, ReplayStatus::Failed);
    assert!(dry.message.contains("the title asked for a trap"), "{}", dry.message);
    let id = note["documentId"].as_str().unwrap();
    project.update(NOTE, id, json!({ "title": "mended" })).await.unwrap();
    // A dry run shows what would happen, and is rolled back.
    let dry = project.replay_recorded(&calls[0], true).await.unwrap();
    assert_eq!((dry.end, &dry.answer["events"][0]["became"]), (ReplayStatus::Worked, &json!("done")), "{dry:?}");
    assert_eq!(project.kv_value("allow", "unsteady/mended"), None);
    assert_eq!(project.kv_value("allow", "unsteady/calm").as_deref(), Some("1"));
    let all = futures_util::future::join_all((0..6).map(|_| project.replay_recorded(&calls[0], false))).await;
    assert!(all.iter().any(|one| one.as_ref().unwrap().end == ReplayStatus::Worked), "{all:?}");
    for call in &calls {
        let report = project.replay_recorded(call, false).await.unwrap();
        assert_eq!(report.end, ReplayStatus::AlreadyDone, "{report:?}");
    }
    project.engine.run_until_idle().await.unwrap();
    assert_eq!(project.kv_value("allow", "unsteady/mended").as_deref(), Some("1"));
    assert_eq!(project.kv_value("allow", "unsteady/calm").as_deref(), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_events_are_replayed_and_discarded_ones_are_not() {
    let project = TestProject::with_guests(&["allow"]).await;
    let note = project.create(NOTE, json!({ "title": "trap" })).await.unwrap();
    for _ in 0..6 {
        project.engine.run_until_idle().await.unwrap();
        project.clock.advance(chrono::TimeDelta::seconds(20));
    }
    let dead = |r: &cairn_store::Reader<'_>| r.deliveries().count_by_state();
    let states = project.content.store().read(dead).unwrap();
    assert!(
        states.iter().any(|(consumer, state, _)| consumer == "plugin:allow:unsteady" && state.as_str() == "dead"),
        "{states:?}"
    );
    let calls = project.failed_calls("event").await;
    project.run_plugin(working_plugin());
    project.update(NOTE, note["documentId"].as_str().unwrap(), json!({ "title": "late" })).await.unwrap();
    assert_eq!(project.replay_recorded(&calls[0], false).await.unwrap().end, ReplayStatus::Worked);
    assert_eq!(project.kv_value("allow", "unsteady/late").as_deref(), Some("1"));
    // A discarded delivery stays discarded.
    project.create(NOTE, json!({ "title": "trap" })).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    let last_call = project.failed_calls("event").await.pop().unwrap();
    let (store, name) = (project.content.store(), "plugin:allow:unsteady");
    let deliveries =
        store.read(|r| r.deliveries().list(&cairn_events::admin::delivery_filter(name, None, None), 10)).unwrap();
    let id = deliveries.last().unwrap().id;
    store.write(move |tx| tx.deliveries().discard(name, Some(id), "not wanted", 0)).await.unwrap();
    let report = project.replay_recorded(&last_call, false).await.unwrap();
    assert_eq!(report.end, ReplayStatus::Failed);
    assert!(report.message.contains("not wanted"), "{}", report.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_jobs_are_replayed_once_and_dry_runs_leave_nothing() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.run_plugin(broken_plugin());
    project.engine.enqueue(new_job("steps", json!({ "name": "whole", "transaction": true }))).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    let calls = project.failed_calls("job").await;
    assert_eq!(calls.len(), 1, "{calls:?}");
    project.run_plugin(working_plugin());
    for _ in 0..2 {
        let dry = project.replay_recorded(&calls[0], true).await.unwrap();
        assert_eq!((dry.end, &dry.answer["result"]["there"]), (ReplayStatus::Worked, &json!(0)), "{dry:?}");
    }
    project.engine.run_until_idle().await.unwrap();
    assert_eq!((project.count_logs("steps").await, project.count_logs("leaf").await), (0, 0));
    assert_eq!(project.kv_value("allow", "steps/whole"), None);
    let all = futures_util::future::join_all((0..6).map(|_| project.replay_recorded(&calls[0], false))).await;
    let worked = all.iter().filter(|one| one.as_ref().is_ok_and(|one| one.end == ReplayStatus::Worked)).count();
    assert_eq!(worked, 1, "{all:?}");
    assert_eq!(project.replay_recorded(&calls[0], false).await.unwrap().end, ReplayStatus::AlreadyDone);
    project.engine.run_until_idle().await.unwrap();
    assert_eq!((project.count_logs("steps").await, project.count_logs("leaf").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_replays_of_jobs_report_why() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.engine.enqueue(new_job("unsteady", json!({ "end": "trap" }))).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    let calls = project.failed_calls("job").await;
    let report = project.replay_recorded(&calls[0], false).await.unwrap();
    assert_eq!(report.end, ReplayStatus::Failed);
    assert!(report.message.contains("the payload asked for a trap"), "{}", report.message);
    assert_eq!(project.failed_calls("job").await.len(), 2);
    // A cancelled job is not run again.
    let (id, now) = (calls[0].input.as_ref().unwrap()["job"].as_i64().unwrap(), project.now_ms());
    project.content.store().write(move |tx| tx.jobs().cancel(id, now)).await.unwrap();
    let refused = project.replay_recorded(&calls[0], false).await.unwrap_err().to_string();
    assert!(refused.contains("cancelled"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_requests_omit_secrets_and_replay_with_their_key() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.run_plugin(broken_plugin());
    let keyed = || {
        let mut request = route_request("POST", "allow/write-note", &[("page", "2")], r#"{"title":"once"}"#);
        for (name, value) in [("idempotency-key", "a"), ("x-api-key", "s3cr3t"), ("x-hub-signature", "open")] {
            request.headers.push((name.into(), value.into()));
        }
        request.query.push(("token".into(), "s3cr3t".into()));
        request
    };
    for _ in 0..2 {
        assert_eq!(send_request(&project, "allow/write-note", keyed()).await.unwrap_err(), RouteError::Failed);
    }
    let calls = project.failed_calls("route").await;
    let input = calls[0].input.as_ref().unwrap();
    assert!(!input.to_string().contains("s3cr3t"), "{input}");
    assert_eq!(
        (&input["body"], &input["query"], &input["withheld"]),
        (&json!(r#"{"title":"once"}"#), &json!([["page", "2"]]), &json!(["query token", "header x-api-key"]))
    );
    assert!(input["headers"].to_string().contains("x-hub-signature"), "{input}");
    project.run_plugin(working_plugin());
    let dry = project.replay_recorded(&calls[0], true).await.unwrap();
    assert_eq!((dry.end, &dry.answer["status"]), (ReplayStatus::Worked, &json!(201)), "{dry:?}");
    assert_eq!(project.find_all(NOTE).await.len(), 0);
    let report = project.replay_recorded(&calls[0], false).await.unwrap();
    assert_eq!((report.end, &report.answer["status"]), (ReplayStatus::Worked, &json!(201)), "{report:?}");
    assert!(report.message.contains("header x-api-key"), "{}", report.message);
    assert_eq!(project.replay_recorded(&calls[1], false).await.unwrap().end, ReplayStatus::AlreadyDone);
    // A request that the client repeats is not run again either.
    assert_eq!(send_request(&project, "allow/write-note", keyed()).await.unwrap().status, 201);
    assert_eq!(project.find_all(NOTE).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn replays_use_the_permissions_of_the_original_caller() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.create(NOTE, json!({ "title": "one" })).await.unwrap();
    project.run_plugin(broken_plugin());
    let build_request = || route_request("GET", "allow/read-notes", &[("rights", "caller")], "");
    send_request(&project, "allow/read-notes", build_request()).await.unwrap_err();
    send_request(
        &project,
        "allow/read-notes",
        RouteRequest { actor: cairn_store::events::Actor::admin(1, "Ann").into(), ..build_request() },
    )
    .await
    .unwrap_err();
    let calls = project.failed_calls("route").await;
    let find_call =
        |kind: &str| calls.iter().find(|call| call.input.as_ref().unwrap()["actor"]["kind"] == kind).unwrap();
    project.run_plugin(working_plugin());
    let public = project.replay_recorded(find_call("public"), true).await.unwrap();
    assert!(public.message.contains("403"), "{public:?}");
    let admin = project.replay_recorded(find_call("admin"), true).await.unwrap();
    assert_eq!((admin.end, &admin.answer["status"]), (ReplayStatus::Worked, &json!(200)), "{admin:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_and_binary_requests_are_recorded_within_limits() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.run_plugin(broken_plugin());
    let bodies: [Vec<u8>; 3] = [vec![0xff, 0, 1], vec![b'"'; 300_000], Vec::new()];
    for body in bodies {
        let request = RouteRequest { body, ..route_request("POST", "allow/echo/x", &[], "") };
        send_request(&project, "allow/echo/x", request).await.unwrap_err();
    }
    let many = (0..10_000).map(|n| (format!("x-{n}"), "v".repeat(20))).collect();
    send_request(
        &project,
        "allow/echo/x",
        RouteRequest { headers: many, ..route_request("POST", "allow/echo/x", &[], "{}") },
    )
    .await
    .unwrap_err();
    let calls = project.failed_calls("route").await;
    // The calls failed at the same time, so their order is not defined.
    let find_call = |bytes: u64| calls.iter().find(|call| call.input.as_ref().unwrap()["bytes"] == bytes).unwrap();
    project.run_plugin(working_plugin());
    let report = project.replay_recorded(find_call(3), false).await.unwrap();
    assert_eq!(report.end, ReplayStatus::Worked, "{report:?}");
    let refused = project.replay_recorded(find_call(300_000), true).await.unwrap_err().to_string();
    assert!(refused.contains("the body of the request was not recorded"), "{refused}");
    assert_eq!(project.replay_recorded(find_call(0), false).await.unwrap().end, ReplayStatus::Worked);
    let without_headers = project.replay_recorded(find_call(2), false).await.unwrap();
    assert!(
        without_headers.end == ReplayStatus::Worked && without_headers.message.contains("too long"),
        "{without_headers:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_are_replayed_only_as_dry_runs() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.run_plugin(broken_plugin());
    project.create(COUNTED, json!({ "title": "a" })).await.unwrap_err();
    project.create(NOTE, json!({ "title": "loud" })).await.ok();
    project.run_plugin(working_plugin());
    let counted =
        project.failed_calls("before").await.into_iter().find(|recorded| recorded.call.name == "count").unwrap();
    let refused = project.replay_recorded(&counted, false).await.unwrap_err().to_string();
    assert!(refused.contains("dry run"), "{refused}");
    for _ in 0..4 {
        let dry = project.replay_recorded(&counted, true).await.unwrap();
        assert_eq!((dry.end, &dry.answer["decision"]), (ReplayStatus::Worked, &json!("allow")), "{dry:?}");
    }
    assert_eq!((project.count_logs("count").await, project.find_all(COUNTED).await.len()), (0, 0));
    for n in 0..3 {
        project.create(COUNTED, json!({ "title": "a" })).await.unwrap_or_else(|e| panic!("{n}: {e}"));
    }
    let dry = project.replay_recorded(&counted, true).await.unwrap();
    assert_eq!((&dry.answer["decision"], &dry.answer["errors"][0]["path"]), (&json!("refuse"), &json!(["title"])));
    let early =
        project.failed_calls("prepare").await.into_iter().find(|recorded| recorded.call.name == "amend").unwrap();
    let dry = project.replay_recorded(&early, true).await.unwrap();
    assert_eq!(dry.answer, json!({ "decision": "amend", "patch": { "loud": "LOUD" } }), "{dry:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dry_runs_stop_at_the_deadline_and_release_the_store() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.run_plugin(broken_plugin());
    send_request(&project, "allow/sleep", route_request("GET", "allow/sleep", &[("ms", "60000")], ""))
        .await
        .unwrap_err();
    let calls = project.failed_calls("route").await;
    project.run_plugin(working_plugin());
    let began = std::time::Instant::now();
    let dry = project.replay_recorded(&calls[0], true).await.unwrap();
    assert_eq!(dry.end, ReplayStatus::Failed, "{dry:?}");
    assert!(dry.message.starts_with("deadline"), "{}", dry.message);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    project.create(NOTE, json!({ "title": "after" })).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_cannot_be_replayed_report_why() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.run_plugin(broken_plugin());
    send_request(&project, "allow/read-notes", route_request("GET", "allow/read-notes", &[], "")).await.unwrap_err();
    let call = project.failed_calls("route").await.pop().unwrap();
    let with = |export: &str, input: Json| {
        let mut recorded_call = call.clone();
        recorded_call.call.export = export.to_owned();
        recorded_call.call.name = if export == "job" { "leaf".to_owned() } else { recorded_call.call.name };
        recorded_call.input = Some(input);
        recorded_call
    };
    project.run_plugin(working_plugin());
    for (export, input, says) in [
        ("policy", json!({}), "read policy"),
        ("lifecycle", json!({}), "install"),
        ("migrate", json!({}), "migration"),
        ("check", json!({}), "settings"),
        ("nonsense", json!({}), "no calls of"),
        ("route", json!({}), "was not recorded"),
        ("route", json!([1, 2]), "was not recorded"),
        ("route", json!("x"), "was not recorded"),
        ("event", json!({ "events": ["an-id-alone"] }), "was not recorded"),
        ("event", json!({ "events": [{ "id": "x", "place": "y" }] }), "was not recorded"),
        ("job", json!({ "job": "x" }), "was not recorded"),
        ("view", json!({ "view": 1 }), "was not recorded"),
    ] {
        for dry in [true, false] {
            let refused = project.replay_recorded(&with(export, input.clone()), dry).await.unwrap_err().to_string();
            assert!(refused.contains(says), "{export}: {refused}");
        }
    }
    let dry = project.replay_recorded(&with("before", json!({ "action": "eat" })), true).await.unwrap_err().to_string();
    assert!(dry.contains("was not recorded"), "{dry}");
    let error =
        project.replay_recorded(&with("job", json!({ "job": 999_999_i64 })), false).await.unwrap_err().to_string();
    assert!(error.contains("no longer stored"), "{error}");
    let without = RecordedCall { input: None, ..call.clone() };
    assert!(project.replay_recorded(&without, true).await.unwrap_err().to_string().contains("was not recorded"));
    // A plugin that does not run can be replayed only with a standby.
    assert_eq!(project.plugins.replace_running(Vec::new()).len(), 0);
    assert!(project.replay_recorded(&call, false).await.unwrap_err().to_string().contains("is not running"));
    let options = ReplayOptions {
        dry: true,
        engine: &project.engine,
        standby: Some(installed_guest("allow")),
        access: full_access(),
    };
    let dry = project.plugins.replay_call(&call, options).await.unwrap();
    assert_eq!((dry.end, dry.answer["body"].as_str()), (ReplayStatus::Worked, Some("[]")), "{dry:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_parameters_capture_the_remaining_path() {
    let project = TestProject::with_guests(&["allow"]).await;
    let plugin = installed_guest("allow");
    let mut manifest = (*plugin.manifest).clone();
    let echo = manifest.routes.iter_mut().find(|route| route.name == "echo").unwrap();
    echo.path = "/echo/{*word}".to_owned();
    let mut closer = echo.clone();
    closer.path = "/echo/just/{word}".to_owned();
    closer.name = "notes".to_owned();
    manifest.routes.push(closer);
    project.run_plugin(InstalledPlugin { manifest: manifest.into(), number: 4, ..plugin });
    let word = async |path: &str| {
        let answer = send_request(&project, path, route_request("POST", path, &[], "{}")).await.unwrap();
        response_json(&answer)["parameters"][0][1].as_str().map(str::to_owned)
    };
    assert_eq!(word("allow/echo/a").await.as_deref(), Some("a"));
    assert_eq!(word("allow/echo/a/b%2Fc/d.txt").await.as_deref(), Some("a/b/c/d.txt"));
    assert_eq!(word("allow/echo/../%2e%2e").await.as_deref(), Some("../.."));
    let long = "x/".repeat(20_000);
    assert_eq!(word(&format!("allow/echo/{long}end")).await.map(|word| word.len()), Some(40_003));
    let found = |path: &[&str]| project.plugins.find_route("POST", path).map(|found| found.route.name);
    assert_eq!(found(&["allow", "echo", "just", "x"]).unwrap(), "notes");
    assert_eq!(found(&["allow", "echo", "just", "x", "y"]).unwrap(), "echo");
    for none in [&["allow", "echo"][..], &["allow", "echo", ""], &["allow", "echo", "%ff"], &["allow"], &[]] {
        assert_eq!(found(none).unwrap_err(), Vec::<String>::new(), "{none:?}");
    }
}
