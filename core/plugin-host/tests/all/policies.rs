//! Read policies: what callers of the content API see.

use crate::world::{World, full, guest};
use cairn_plugin_host::PluginExport;
use cairn_plugin_host::policies::{PolicyReach, PolicyViewer};
use cairn_plugin_host::routes::RouteRequest;
use cairn_query::{Access, CallerPermissions};
use cairn_store::events::{Actor, ActorKind};
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const PAGE: &str = "plugin::policy.page";

fn user(id: &str) -> Actor {
    Actor { kind: ActorKind::User, id: Some(id.to_owned()), ..Actor::public() }
}

/// What somebody reads with, and by what their answers are told from others'.
struct Seen {
    access: Arc<Access>,
    shared_as: Option<Arc<str>>,
}

async fn seen(world: &World, actor: &Actor, uid: &str) -> Seen {
    let rights = CallerPermissions::new(full());
    let viewer = PolicyViewer { actor, rights: &rights, locale: "en" };
    let ct = world.content.registry().by_uid(uid).unwrap().id;
    let policies = world.plugins.read_policies(viewer, PolicyReach::From(&[ct])).await;
    Seen { access: rights.with_policies(&policies), shared_as: policies.cache_key().cloned() }
}

/// The titles that somebody sees, with how many there are.
async fn titles(world: &World, access: &Arc<Access>) -> (Vec<String>, u64) {
    let found = world.content.find(world.ask(access, PAGE, "sort=title&pagination[withCount]=true")).await.unwrap();
    let body: Json = serde_json::from_slice(&found.body).unwrap();
    let list = body["data"].as_array().unwrap().iter().map(|page| page["title"].as_str().unwrap().to_owned());
    (list.collect(), body["meta"]["pagination"]["total"].as_u64().unwrap())
}

fn evaluated(world: &World) -> (u64, u64) {
    let health = world.plugins.health();
    let calls = health.iter().flat_map(|plugin| &plugin.calls).find(|call| call.export == PluginExport::Policy);
    calls.map_or((0, 0), |call| (call.calls, call.failures.values().sum()))
}

async fn pages(world: &World) {
    for (title, audience, owner) in [("a", "public", ""), ("b", "members", "7"), ("c", "members", "8")] {
        world.create(PAGE, json!({ "title": title, "audience": audience, "owner": owner })).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_what_the_policy_says_and_the_plugin_is_asked_once() {
    let world = World::of(&["policy"]).await;
    pages(&world).await;
    let public = seen(&world, &Actor::public(), PAGE).await;
    assert_eq!(titles(&world, &public.access).await, (vec!["a".to_owned()], 1));
    let seven = seen(&world, &user("7"), PAGE).await;
    assert_eq!(titles(&world, &seven.access).await, (vec!["a".to_owned(), "b".to_owned()], 2));
    let admin = Actor { kind: ActorKind::Admin, id: Some("1".into()), ..Actor::public() };
    let admin = seen(&world, &admin, PAGE).await;
    assert_eq!(titles(&world, &admin.access).await.1, 3);
    // Answers made for one of them are not shared with another.
    assert!(public.shared_as.is_some() && public.shared_as != seven.shared_as && seven.shared_as != admin.shared_as);
    assert_ne!(public.access.key, seven.access.key);
    assert_eq!(evaluated(&world), (3, 0));
    for _ in 0..100 {
        let again = seen(&world, &user("7"), PAGE).await;
        assert_eq!(again.shared_as, seven.shared_as);
    }
    assert_eq!(evaluated(&world), (3, 0));
    // What is not seen is not found, changed or deleted either.
    let hidden = world.all(PAGE).await.into_iter().find(|page| page["title"] == "c").unwrap();
    let id = hidden["documentId"].as_str().unwrap();
    assert!(world.content.find_one(world.ask(&seven.access, PAGE, ""), id).is_err());
    let body = Some(json!({ "data": { "title": "mine" } }));
    assert!(world.content.update(world.ask(&seven.access, PAGE, ""), id, body, None).await.is_err());
    assert!(world.content.delete(world.ask(&seven.access, PAGE, ""), id, None).await.is_err());
    assert_eq!(world.all(PAGE).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_holds_until_its_time_is_over_or_it_is_forgotten() {
    let world = World::of(&["policy"]).await;
    pages(&world).await;
    let forget = |user: Option<&'static str>| {
        let values = user.map_or_else(|| json!({}), |user| json!({ "user": user }));
        let look = cairn_plugin_host::views::ViewContext {
            view: "pages".into(),
            document: None,
            parameters: Vec::new(),
            actor: Arc::new(Actor::public()),
            access: full(),
            locale: "en".into(),
        };
        let plugins = world.plugins.clone();
        async move { plugins.run_action("policy", look, "forget", &values).await.unwrap() }
    };
    seen(&world, &user("7"), PAGE).await;
    seen(&world, &user("8"), PAGE).await;
    assert_eq!(evaluated(&world).0, 2);
    forget(Some("7")).await;
    seen(&world, &user("7"), PAGE).await;
    seen(&world, &user("8"), PAGE).await;
    assert_eq!(evaluated(&world).0, 3);
    // Both depend on what all depend on.
    forget(None).await;
    seen(&world, &user("7"), PAGE).await;
    seen(&world, &user("8"), PAGE).await;
    seen(&world, &user("8"), PAGE).await;
    assert_eq!(evaluated(&world).0, 5);
    world.clock.advance(TimeDelta::minutes(61));
    seen(&world, &user("7"), PAGE).await;
    assert_eq!(evaluated(&world).0, 6);
    // Other rights are another caller.
    let rights = CallerPermissions::new(Arc::new(Access { key: "other".into(), ..Access::full() }));
    let viewer = PolicyViewer { actor: &user("7"), rights: &rights, locale: "en" };
    let ct = world.content.registry().by_uid(PAGE).unwrap().id;
    world.plugins.read_policies(viewer, PolicyReach::Only(ct)).await;
    assert_eq!(evaluated(&world).0, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_fails_shows_nothing_of_its_types_and_all_of_others() {
    let world = World::of(&["policy", "allow"]).await;
    for kind in ["trap", "short", "broken"] {
        let uid = format!("plugin::policy.{kind}");
        world.create(&uid, json!({ "title": "hidden" })).await.unwrap();
        let seen = seen(&world, &Actor::public(), &uid).await;
        let found = world.content.find(world.ask(&seen.access, &uid, "")).await.unwrap();
        let body: Json = serde_json::from_slice(&found.body).unwrap();
        assert_eq!(body["data"], json!([]), "{kind}");
    }
    assert_eq!(evaluated(&world), (3, 3));
    let other = seen(&world, &Actor::public(), "plugin::allow.note").await;
    assert_eq!(other.shared_as, None);
    // What fails again and again is not asked any more, and still nothing is shown.
    for _ in 0..10 {
        seen(&world, &Actor::public(), "plugin::policy.trap").await;
    }
    let (calls, failures) = evaluated(&world);
    assert_eq!((calls, failures), (5, 5));
    let trap = seen(&world, &Actor::public(), "plugin::policy.trap").await;
    let found = world.content.find(world.ask(&trap.access, "plugin::policy.trap", "")).await.unwrap();
    assert_eq!(serde_json::from_slice::<Json>(&found.body).unwrap()["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_plugin_all_is_as_before() {
    let world = World::of(&["policy"]).await;
    pages(&world).await;
    assert!(world.plugins.has_policies());
    world.plugins.replace_running(Vec::new());
    assert!(!world.plugins.has_policies());
    let public = seen(&world, &Actor::public(), PAGE).await;
    assert_eq!(public.shared_as, None);
    assert_eq!(titles(&world, &public.access).await.1, 3);
    world.plugins.replace_running(vec![guest("policy")]);
    assert_eq!(titles(&world, &seen(&world, &Actor::public(), PAGE).await.access).await.1, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_keeps_from_callers_is_not_shown_because_it_cannot_run() {
    let world = World::of(&["policy"]).await;
    pages(&world).await;
    let broken = cairn_plugin_host::InstalledPlugin { component: Vec::new().into(), number: 2, ..guest("policy") };
    assert!(world.plugins.replace_running(vec![broken])[0].is_err());
    assert_eq!(titles(&world, &seen(&world, &Actor::public(), PAGE).await.access).await.1, 0);
    // One that is quarantined is not even handed over.
    world.plugins.close_types(vec![PAGE.to_owned()]);
    world.plugins.replace_running(Vec::new());
    let public = seen(&world, &Actor::public(), PAGE).await;
    assert_eq!((titles(&world, &public.access).await.1, public.shared_as.is_some()), (0, true));
    // Switched off by somebody it has no say.
    world.plugins.close_types(Vec::new());
    world.plugins.replace_running(Vec::new());
    assert_eq!(titles(&world, &seen(&world, &Actor::public(), PAGE).await.access).await.1, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_waits_for_no_policy_of_a_type_that_it_does_not_use() {
    let world = World::of(&["policy", "allow"]).await;
    world.create("plugin::allow.note", json!({ "title": "one" })).await.unwrap();
    let rights = CallerPermissions::new(full());
    let access = world.plugins.access_as(rights, Arc::new(user("7")), "en");
    let sent = crate::routes::request("GET", "allow/read-notes", &[("rights", "caller")], "");
    let answer = crate::routes::send(&world, "allow/read-notes", RouteRequest { access, ..sent }).await.unwrap();
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(evaluated(&world), (0, 0));
}
