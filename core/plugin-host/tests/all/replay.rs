//! Calls that failed, made again.

use crate::routes::{json_of, request, send};
use crate::world::{World, full, guest};
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
fn broken() -> InstalledPlugin {
    let whole = guest("allow");
    let mut manifest = (*whole.manifest).clone();
    manifest.limits.memory = 1;
    InstalledPlugin { manifest: manifest.into(), number: 2, ..whole }
}

fn mended() -> InstalledPlugin {
    InstalledPlugin { number: 3, ..guest("allow") }
}

impl World {
    fn runs(&self, plugin: InstalledPlugin) {
        for answer in self.plugins.replace_running(vec![plugin]) {
            answer.unwrap();
        }
        self.engine.set_subscribers("plugins", self.plugins.subscribers());
        self.engine.set_handlers("plugins", self.plugins.job_handlers());
    }

    /// The calls that failed at `export`, oldest first.
    async fn failed(&self, export: &str) -> Vec<RecordedCall> {
        self.plugins.write_logs().await.unwrap();
        let store = self.content.store();
        let calls = store.read(|r| r.plugin_calls(&CallFilter::default(), 500)).unwrap();
        let ids = calls.into_iter().rev().filter(|call| call.export == export).map(|call| call.id);
        ids.map(|id| store.read(|r| r.plugin_call(&id)).unwrap().unwrap()).collect()
    }

    async fn again(&self, kept: &RecordedCall, dry: bool) -> Result<ReplayReport, ReplayError> {
        let how = ReplayOptions { dry, engine: &self.engine, standby: None, access: full() };
        self.plugins.replay_call(kept, how).await
    }

    async fn logged(&self, by: &str) -> usize {
        self.all(LOG).await.iter().filter(|log| log["by"] == by).count()
    }
}

fn job(name: &str, payload: Json) -> NewJob {
    let name = format!("plugin:allow:{name}");
    NewJob { name, key: Some("k".into()), duplicate: DuplicatePolicy::Keep, lane: None, payload, due: 0 }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_failed_is_heard_once_however_often_it_is_asked_for() {
    let world = World::of(&["allow"]).await;
    let note = world.create(NOTE, json!({ "title": "trap" })).await.unwrap();
    let other = world.create(NOTE, json!({ "title": "calm" })).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    // Both together, and then the one that it was.
    let calls = world.failed("event").await;
    assert!(calls.len() >= 2, "{calls:?}");
    assert_eq!(world.kept("allow", "unsteady/calm").as_deref(), Some("1"), "{other}");
    let dry = world.again(calls.last().unwrap(), true).await.unwrap();
    assert_eq!(dry.end, ReplayStatus::Failed);
    assert!(dry.message.contains("the title asked for a trap"), "{}", dry.message);
    let id = note["documentId"].as_str().unwrap();
    world.update(NOTE, id, json!({ "title": "mended" })).await.unwrap();
    // As it would go, and nothing of it stays.
    let dry = world.again(&calls[0], true).await.unwrap();
    assert_eq!((dry.end, &dry.answer["events"][0]["became"]), (ReplayStatus::Worked, &json!("done")), "{dry:?}");
    assert_eq!(world.kept("allow", "unsteady/mended"), None);
    assert_eq!(world.kept("allow", "unsteady/calm").as_deref(), Some("1"));
    let all = futures_util::future::join_all((0..6).map(|_| world.again(&calls[0], false))).await;
    assert!(all.iter().any(|one| one.as_ref().unwrap().end == ReplayStatus::Worked), "{all:?}");
    for call in &calls {
        let again = world.again(call, false).await.unwrap();
        assert_eq!(again.end, ReplayStatus::AlreadyDone, "{again:?}");
    }
    world.engine.run_until_idle().await.unwrap();
    assert_eq!(world.kept("allow", "unsteady/mended").as_deref(), Some("1"));
    assert_eq!(world.kept("allow", "unsteady/calm").as_deref(), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_given_up_or_discarded_is_told_apart() {
    let world = World::of(&["allow"]).await;
    let note = world.create(NOTE, json!({ "title": "trap" })).await.unwrap();
    for _ in 0..6 {
        world.engine.run_until_idle().await.unwrap();
        world.clock.advance(chrono::TimeDelta::seconds(20));
    }
    let dead = |r: &cairn_store::Reader<'_>| r.delivery_counts();
    let states = world.content.store().read(dead).unwrap();
    assert!(
        states.iter().any(|(of, state, _)| of == "plugin:allow:unsteady" && state.as_str() == "dead"),
        "{states:?}"
    );
    let calls = world.failed("event").await;
    world.runs(mended());
    world.update(NOTE, note["documentId"].as_str().unwrap(), json!({ "title": "late" })).await.unwrap();
    assert_eq!(world.again(&calls[0], false).await.unwrap().end, ReplayStatus::Worked);
    assert_eq!(world.kept("allow", "unsteady/late").as_deref(), Some("1"));
    // One that somebody discarded stays so.
    world.create(NOTE, json!({ "title": "trap" })).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    let last = world.failed("event").await.pop().unwrap();
    let (store, name) = (world.content.store(), "plugin:allow:unsteady");
    let waiting = store.read(|r| r.deliveries(&cairn_events::admin::delivery_filter(name, None, None), 10)).unwrap();
    let id = waiting.last().unwrap().id;
    store.write(move |tx| tx.discard_deliveries(name, Some(id), "not wanted", 0)).await.unwrap();
    let again = world.again(&last, false).await.unwrap();
    assert_eq!(again.end, ReplayStatus::Failed);
    assert!(again.message.contains("not wanted"), "{}", again.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_failed_is_done_once_and_tried_without_a_trace() {
    let world = World::of(&["allow"]).await;
    world.runs(broken());
    world.engine.enqueue(job("steps", json!({ "name": "whole", "transaction": true }))).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    let calls = world.failed("job").await;
    assert_eq!(calls.len(), 1, "{calls:?}");
    world.runs(mended());
    for _ in 0..2 {
        let dry = world.again(&calls[0], true).await.unwrap();
        assert_eq!((dry.end, &dry.answer["result"]["there"]), (ReplayStatus::Worked, &json!(0)), "{dry:?}");
    }
    world.engine.run_until_idle().await.unwrap();
    assert_eq!((world.logged("steps").await, world.logged("leaf").await), (0, 0));
    assert_eq!(world.kept("allow", "steps/whole"), None);
    let all = futures_util::future::join_all((0..6).map(|_| world.again(&calls[0], false))).await;
    let worked = all.iter().filter(|one| one.as_ref().is_ok_and(|one| one.end == ReplayStatus::Worked)).count();
    assert_eq!(worked, 1, "{all:?}");
    assert_eq!(world.again(&calls[0], false).await.unwrap().end, ReplayStatus::AlreadyDone);
    world.engine.run_until_idle().await.unwrap();
    assert_eq!((world.logged("steps").await, world.logged("leaf").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_again_stays_and_says_why() {
    let world = World::of(&["allow"]).await;
    world.engine.enqueue(job("unsteady", json!({ "end": "trap" }))).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    let calls = world.failed("job").await;
    let again = world.again(&calls[0], false).await.unwrap();
    assert_eq!(again.end, ReplayStatus::Failed);
    assert!(again.message.contains("the payload asked for a trap"), "{}", again.message);
    assert_eq!(world.failed("job").await.len(), 2);
    // One that was cancelled is not done any more.
    let (id, now) = (calls[0].input.as_ref().unwrap()["job"].as_i64().unwrap(), world.clock_now());
    world.content.store().write(move |tx| tx.cancel_job(id, now)).await.unwrap();
    let refused = world.again(&calls[0], false).await.unwrap_err().to_string();
    assert!(refused.contains("cancelled"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_kept_without_its_secrets_and_made_again_with_its_key() {
    let world = World::of(&["allow"]).await;
    world.runs(broken());
    let keyed = || {
        let mut sent = request("POST", "allow/write-note", &[("page", "2")], r#"{"title":"once"}"#);
        for (name, value) in [("idempotency-key", "a"), ("x-api-key", "s3cr3t"), ("x-hub-signature", "open")] {
            sent.headers.push((name.into(), value.into()));
        }
        sent.query.push(("token".into(), "s3cr3t".into()));
        sent
    };
    for _ in 0..2 {
        assert_eq!(send(&world, "allow/write-note", keyed()).await.unwrap_err(), RouteError::Failed);
    }
    let calls = world.failed("route").await;
    let input = calls[0].input.as_ref().unwrap();
    assert!(!input.to_string().contains("s3cr3t"), "{input}");
    assert_eq!(
        (&input["body"], &input["query"], &input["withheld"]),
        (&json!(r#"{"title":"once"}"#), &json!([["page", "2"]]), &json!(["query token", "header x-api-key"]))
    );
    assert!(input["headers"].to_string().contains("x-hub-signature"), "{input}");
    world.runs(mended());
    let dry = world.again(&calls[0], true).await.unwrap();
    assert_eq!((dry.end, &dry.answer["status"]), (ReplayStatus::Worked, &json!(201)), "{dry:?}");
    assert_eq!(world.all(NOTE).await.len(), 0);
    let again = world.again(&calls[0], false).await.unwrap();
    assert_eq!((again.end, &again.answer["status"]), (ReplayStatus::Worked, &json!(201)), "{again:?}");
    assert!(again.message.contains("header x-api-key"), "{}", again.message);
    assert_eq!(world.again(&calls[1], false).await.unwrap().end, ReplayStatus::AlreadyDone);
    // And so is what the client sends again.
    assert_eq!(send(&world, "allow/write-note", keyed()).await.unwrap().status, 201);
    assert_eq!(world.all(NOTE).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_the_public_has_no_more_rights_when_somebody_else_makes_it_again() {
    let world = World::of(&["allow"]).await;
    world.create(NOTE, json!({ "title": "one" })).await.unwrap();
    world.runs(broken());
    let sent = || request("GET", "allow/read-notes", &[("rights", "caller")], "");
    send(&world, "allow/read-notes", sent()).await.unwrap_err();
    send(
        &world,
        "allow/read-notes",
        RouteRequest { actor: cairn_store::events::Actor::admin(1, "Ann").into(), ..sent() },
    )
    .await
    .unwrap_err();
    let calls = world.failed("route").await;
    let of = |kind: &str| calls.iter().find(|call| call.input.as_ref().unwrap()["actor"]["kind"] == kind).unwrap();
    world.runs(mended());
    let public = world.again(of("public"), true).await.unwrap();
    assert!(public.message.contains("403"), "{public:?}");
    let admin = world.again(of("admin"), true).await.unwrap();
    assert_eq!((admin.end, &admin.answer["status"]), (ReplayStatus::Worked, &json!(200)), "{admin:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_too_large_or_no_text_are_kept_as_far_as_they_go() {
    let world = World::of(&["allow"]).await;
    world.runs(broken());
    let bodies: [Vec<u8>; 3] = [vec![0xff, 0, 1], vec![b'"'; 300_000], Vec::new()];
    for body in bodies {
        let sent = RouteRequest { body, ..request("POST", "allow/echo/x", &[], "") };
        send(&world, "allow/echo/x", sent).await.unwrap_err();
    }
    let many = (0..10_000).map(|n| (format!("x-{n}"), "v".repeat(20))).collect();
    send(&world, "allow/echo/x", RouteRequest { headers: many, ..request("POST", "allow/echo/x", &[], "{}") })
        .await
        .unwrap_err();
    let calls = world.failed("route").await;
    // They failed at one time, in no order.
    let of = |bytes: u64| calls.iter().find(|call| call.input.as_ref().unwrap()["bytes"] == bytes).unwrap();
    world.runs(mended());
    let whole = world.again(of(3), false).await.unwrap();
    assert_eq!(whole.end, ReplayStatus::Worked, "{whole:?}");
    let refused = world.again(of(300_000), true).await.unwrap_err().to_string();
    assert!(refused.contains("the body of the request was not recorded"), "{refused}");
    assert_eq!(world.again(of(0), false).await.unwrap().end, ReplayStatus::Worked);
    let bare = world.again(of(2), false).await.unwrap();
    assert!(bare.end == ReplayStatus::Worked && bare.message.contains("too long"), "{bare:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_are_asked_again_only_to_see_what_they_say() {
    let world = World::of(&["allow"]).await;
    world.runs(broken());
    world.create(COUNTED, json!({ "title": "a" })).await.unwrap_err();
    world.create(NOTE, json!({ "title": "loud" })).await.ok();
    world.runs(mended());
    let counted = world.failed("before").await.into_iter().find(|kept| kept.call.name == "count").unwrap();
    let refused = world.again(&counted, false).await.unwrap_err().to_string();
    assert!(refused.contains("dry run"), "{refused}");
    for _ in 0..4 {
        let dry = world.again(&counted, true).await.unwrap();
        assert_eq!((dry.end, &dry.answer["decision"]), (ReplayStatus::Worked, &json!("allow")), "{dry:?}");
    }
    assert_eq!((world.logged("count").await, world.all(COUNTED).await.len()), (0, 0));
    for n in 0..3 {
        world.create(COUNTED, json!({ "title": "a" })).await.unwrap_or_else(|e| panic!("{n}: {e}"));
    }
    let dry = world.again(&counted, true).await.unwrap();
    assert_eq!((&dry.answer["decision"], &dry.answer["errors"][0]["path"]), (&json!("refuse"), &json!(["title"])));
    let early = world.failed("prepare").await.into_iter().find(|kept| kept.call.name == "amend").unwrap();
    let dry = world.again(&early, true).await.unwrap();
    assert_eq!(dry.answer, json!({ "decision": "amend", "patch": { "loud": "LOUD" } }), "{dry:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_has_an_end_and_lets_others_write_then() {
    let world = World::of(&["allow"]).await;
    world.runs(broken());
    send(&world, "allow/sleep", request("GET", "allow/sleep", &[("ms", "60000")], "")).await.unwrap_err();
    let calls = world.failed("route").await;
    world.runs(mended());
    let began = std::time::Instant::now();
    let dry = world.again(&calls[0], true).await.unwrap();
    assert_eq!(dry.end, ReplayStatus::Failed, "{dry:?}");
    assert!(dry.message.starts_with("deadline"), "{}", dry.message);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    world.create(NOTE, json!({ "title": "after" })).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_cannot_be_made_again_say_what_to_do_instead() {
    let world = World::of(&["allow"]).await;
    world.runs(broken());
    send(&world, "allow/read-notes", request("GET", "allow/read-notes", &[], "")).await.unwrap_err();
    let kept = world.failed("route").await.pop().unwrap();
    let with = |export: &str, input: Json| {
        let mut kept = kept.clone();
        kept.call.export = export.to_owned();
        kept.call.name = if export == "job" { "leaf".to_owned() } else { kept.call.name };
        kept.input = Some(input);
        kept
    };
    world.runs(mended());
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
            let refused = world.again(&with(export, input.clone()), dry).await.unwrap_err().to_string();
            assert!(refused.contains(says), "{export}: {refused}");
        }
    }
    let dry = world.again(&with("before", json!({ "action": "eat" })), true).await.unwrap_err().to_string();
    assert!(dry.contains("was not recorded"), "{dry}");
    let gone = world.again(&with("job", json!({ "job": 999_999_i64 })), false).await.unwrap_err().to_string();
    assert!(gone.contains("no longer stored"), "{gone}");
    let without = RecordedCall { input: None, ..kept.clone() };
    assert!(world.again(&without, true).await.unwrap_err().to_string().contains("was not recorded"));
    // One that does not run.
    assert_eq!(world.plugins.replace_running(Vec::new()).len(), 0);
    assert!(world.again(&kept, false).await.unwrap_err().to_string().contains("is not running"));
    let how = ReplayOptions { dry: true, engine: &world.engine, standby: Some(guest("allow")), access: full() };
    let dry = world.plugins.replay_call(&kept, how).await.unwrap();
    assert_eq!((dry.end, dry.answer["body"].as_str()), (ReplayStatus::Worked, Some("[]")), "{dry:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_left_of_a_path_is_a_plugins_where_it_asks_for_it() {
    let world = World::of(&["allow"]).await;
    let whole = guest("allow");
    let mut manifest = (*whole.manifest).clone();
    let echo = manifest.routes.iter_mut().find(|route| route.name == "echo").unwrap();
    echo.path = "/echo/{*word}".to_owned();
    let mut closer = echo.clone();
    closer.path = "/echo/just/{word}".to_owned();
    closer.name = "notes".to_owned();
    manifest.routes.push(closer);
    world.runs(InstalledPlugin { manifest: manifest.into(), number: 4, ..whole });
    let word = async |path: &str| {
        let answer = send(&world, path, request("POST", path, &[], "{}")).await.unwrap();
        json_of(&answer)["parameters"][0][1].as_str().map(str::to_owned)
    };
    assert_eq!(word("allow/echo/a").await.as_deref(), Some("a"));
    assert_eq!(word("allow/echo/a/b%2Fc/d.txt").await.as_deref(), Some("a/b/c/d.txt"));
    assert_eq!(word("allow/echo/../%2e%2e").await.as_deref(), Some("../.."));
    let long = "x/".repeat(20_000);
    assert_eq!(word(&format!("allow/echo/{long}end")).await.map(|word| word.len()), Some(40_003));
    let found = |path: &[&str]| world.plugins.find_route("POST", path).map(|found| found.route.name);
    assert_eq!(found(&["allow", "echo", "just", "x"]).unwrap(), "notes");
    assert_eq!(found(&["allow", "echo", "just", "x", "y"]).unwrap(), "echo");
    for none in [&["allow", "echo"][..], &["allow", "echo", ""], &["allow", "echo", "%ff"], &["allow"], &[]] {
        assert_eq!(found(none).unwrap_err(), Vec::<String>::new(), "{none:?}");
    }
}
