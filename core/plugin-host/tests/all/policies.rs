//! Read policies: what callers of the content API see.

use crate::test_project::{TestProject, full_access, installed_guest};
use cairn_plugin_host::PluginExport;
use cairn_plugin_host::policies::{CallerAccess, PolicyReach, PolicyViewer};
use cairn_plugin_host::routes::RouteRequest;
use cairn_query::{Access, CallerPermissions};
use cairn_store::events::{Actor, ActorKind};
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const PAGE: &str = "plugin::policy.page";

fn user_actor(id: &str) -> Actor {
    Actor { kind: ActorKind::User, id: Some(id.to_owned()), ..Actor::public() }
}

/// Access with which somebody reads, and the key by which their answers are told from others'.
struct PolicyAccess {
    access: Arc<Access>,
    shared_as: Option<Arc<str>>,
    /// True if a plugin failed to answer for the type.
    is_unanswered: bool,
}

async fn policy_access(project: &TestProject, actor: &Actor, uid: &str) -> PolicyAccess {
    let rights = CallerPermissions::new(full_access());
    let viewer = PolicyViewer { actor, rights: &rights, locale: "en" };
    let ct = project.content.registry().by_uid(uid).unwrap().id;
    let rights = project.plugins.apply_policies(viewer, PolicyReach::Everything(&[ct])).await;
    let is_unanswered = rights.unanswered.contains(&ct);
    PolicyAccess { access: rights.access, shared_as: rights.cache_key, is_unanswered }
}

/// The titles that somebody sees, with how many there are.
async fn find_titles(project: &TestProject, access: &Arc<Access>) -> (Vec<String>, u64) {
    let response = project
        .content
        .find(project.request_context(access, PAGE, "sort=title&pagination[withCount]=true"))
        .await
        .unwrap();
    let body: Json = serde_json::from_slice(&response.body).unwrap();
    let list = body["data"].as_array().unwrap().iter().map(|page| page["title"].as_str().unwrap().to_owned());
    (list.collect(), body["meta"]["pagination"]["total"].as_u64().unwrap())
}

fn policy_calls(project: &TestProject) -> (u64, u64) {
    let health = project.plugins.health();
    let calls = health.iter().flat_map(|plugin| &plugin.calls).find(|call| call.export == PluginExport::Policy);
    calls.map_or((0, 0), |call| (call.calls, call.failures.values().sum()))
}

async fn create_pages(project: &TestProject) {
    for (title, audience, owner) in [("a", "public", ""), ("b", "members", "7"), ("c", "members", "8")] {
        project.create(PAGE, json!({ "title": title, "audience": audience, "owner": owner })).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cached_policies_are_for_the_groups_of_the_caller() {
    let project = TestProject::with_guests(&["policy"]).await;
    for owner in ["journey:a", "journey:b"] {
        project.create(PAGE, json!({ "title": owner, "audience": "members", "owner": owner })).await.unwrap();
    }
    let titles = async |groups: &[&str]| {
        let actor = Actor { groups: groups.iter().map(|&group| group.to_owned()).collect(), ..user_actor("7") };
        let policy = policy_access(&project, &actor, PAGE).await;
        find_titles(&project, &policy.access).await.0
    };
    for _ in 0..3 {
        assert_eq!(titles(&["journey:a"]).await, ["journey:a"]);
        assert_eq!(titles(&["journey:a", "journey:b"]).await, ["journey:a", "journey:b"]);
        assert_eq!(titles(&[]).await, Vec::<String>::new());
    }
    assert_eq!(policy_calls(&project), (3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_filter_documents_by_caller_and_are_cached() {
    let project = TestProject::with_guests(&["policy"]).await;
    create_pages(&project).await;
    let public = policy_access(&project, &Actor::public(), PAGE).await;
    assert_eq!(find_titles(&project, &public.access).await, (vec!["a".to_owned()], 1));
    let seven = policy_access(&project, &user_actor("7"), PAGE).await;
    assert_eq!(find_titles(&project, &seven.access).await, (vec!["a".to_owned(), "b".to_owned()], 2));
    let admin = Actor { kind: ActorKind::Admin, id: Some("1".into()), ..Actor::public() };
    let admin = policy_access(&project, &admin, PAGE).await;
    assert_eq!(find_titles(&project, &admin.access).await.1, 3);
    // Answers made for one of them are not shared with another.
    assert!(public.shared_as.is_some() && public.shared_as != seven.shared_as && seven.shared_as != admin.shared_as);
    assert_ne!(public.access.key, seven.access.key);
    assert_eq!(policy_calls(&project), (3, 0));
    for _ in 0..100 {
        let repeated = policy_access(&project, &user_actor("7"), PAGE).await;
        assert_eq!(repeated.shared_as, seven.shared_as);
    }
    assert_eq!(policy_calls(&project), (3, 0));
    // Hidden documents cannot be found, changed or deleted either.
    let hidden = project.find_all(PAGE).await.into_iter().find(|page| page["title"] == "c").unwrap();
    let id = hidden["documentId"].as_str().unwrap();
    assert!(project.content.find_one(project.request_context(&seven.access, PAGE, ""), id).is_err());
    let body = Some(json!({ "data": { "title": "mine" } }));
    assert!(project.content.update(project.request_context(&seven.access, PAGE, ""), id, body, None).await.is_err());
    assert!(project.content.delete(project.request_context(&seven.access, PAGE, ""), id, None).await.is_err());
    assert_eq!(project.find_all(PAGE).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn policy_results_expire_and_can_be_invalidated() {
    let project = TestProject::with_guests(&["policy"]).await;
    create_pages(&project).await;
    let forget = |user: Option<&'static str>| {
        let values = user.map_or_else(|| json!({}), |user| json!({ "user": user }));
        let look = cairn_plugin_host::views::ViewContext {
            view: "pages".into(),
            document: None,
            parameters: Vec::new(),
            actor: Arc::new(Actor::public()),
            access: full_access(),
            locale: "en".into(),
        };
        let plugins = project.plugins.clone();
        async move { plugins.run_action("policy", look, "forget", &values).await.unwrap() }
    };
    policy_access(&project, &user_actor("7"), PAGE).await;
    policy_access(&project, &user_actor("8"), PAGE).await;
    assert_eq!(policy_calls(&project).0, 2);
    forget(Some("7")).await;
    policy_access(&project, &user_actor("7"), PAGE).await;
    policy_access(&project, &user_actor("8"), PAGE).await;
    assert_eq!(policy_calls(&project).0, 3);
    // Answers for both callers depend on what applies to all.
    forget(None).await;
    policy_access(&project, &user_actor("7"), PAGE).await;
    policy_access(&project, &user_actor("8"), PAGE).await;
    policy_access(&project, &user_actor("8"), PAGE).await;
    assert_eq!(policy_calls(&project).0, 5);
    project.clock.advance(TimeDelta::minutes(61));
    policy_access(&project, &user_actor("7"), PAGE).await;
    assert_eq!(policy_calls(&project).0, 6);
    // A caller with other permissions is another caller.
    let rights = CallerPermissions::new(Arc::new(Access { key: "other".into(), ..Access::full() }));
    let viewer = PolicyViewer { actor: &user_actor("7"), rights: &rights, locale: "en" };
    let ct = project.content.registry().by_uid(PAGE).unwrap().id;
    project.plugins.apply_policies(viewer, PolicyReach::Types(&[ct])).await;
    assert_eq!(policy_calls(&project).0, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_policies_hide_only_their_own_types() {
    let project = TestProject::with_guests(&["policy", "allow"]).await;
    for kind in ["trap", "short", "broken"] {
        let uid = format!("plugin::policy.{kind}");
        project.create(&uid, json!({ "title": "hidden" })).await.unwrap();
        let public = policy_access(&project, &Actor::public(), &uid).await;
        let response = project.content.find(project.request_context(&public.access, &uid, "")).await.unwrap();
        let body: Json = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(body["data"], json!([]), "{kind}");
        assert!(public.is_unanswered, "{kind}");
    }
    assert_eq!(policy_calls(&project), (3, 3));
    let other = policy_access(&project, &Actor::public(), "plugin::allow.note").await;
    assert_eq!((other.shared_as, other.is_unanswered), (None, false));
    // A policy that keeps failing is no longer called, and its types stay hidden.
    for _ in 0..10 {
        policy_access(&project, &Actor::public(), "plugin::policy.trap").await;
    }
    let (calls, failures) = policy_calls(&project);
    assert_eq!((calls, failures), (5, 5));
    let trap = policy_access(&project, &Actor::public(), "plugin::policy.trap").await;
    assert!(trap.is_unanswered);
    let read_response =
        project.content.find(project.request_context(&trap.access, "plugin::policy.trap", "")).await.unwrap();
    assert_eq!(serde_json::from_slice::<Json>(&read_response.body).unwrap()["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_that_read_as_a_caller_learn_of_policies_that_fail() {
    let project = TestProject::with_guests(&["policy"]).await;
    let types =
        ["trap", "page"].map(|kind| project.content.registry().by_uid(&format!("plugin::policy.{kind}")).unwrap().id);
    let rights = CallerPermissions::new(full_access());
    let access = project.plugins.access_as(rights, Arc::new(user_actor("7")), "en");
    let CallerAccess::Limited(limited) = access else { panic!("the access depends on no policy") };
    let refusal = limited.access_to(&types[..1]).await.unwrap_err();
    assert!(format!("{refusal:?}").contains("Unavailable(Some(1000))"), "{refusal:?}");
    // Asked for by itself, the other type is answered.
    assert!(limited.access_to(&types[1..]).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_end_when_their_plugin_stops() {
    let project = TestProject::with_guests(&["policy"]).await;
    create_pages(&project).await;
    assert!(project.plugins.has_policies());
    project.plugins.replace_running(Vec::new());
    assert!(!project.plugins.has_policies());
    let public = policy_access(&project, &Actor::public(), PAGE).await;
    assert_eq!(public.shared_as, None);
    assert_eq!(find_titles(&project, &public.access).await.1, 3);
    project.plugins.replace_running(vec![installed_guest("policy")]);
    assert_eq!(find_titles(&project, &policy_access(&project, &Actor::public(), PAGE).await.access).await.1, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn types_stay_hidden_while_their_policy_plugin_cannot_run() {
    let project = TestProject::with_guests(&["policy"]).await;
    create_pages(&project).await;
    let broken =
        cairn_plugin_host::InstalledPlugin { component: Vec::new().into(), number: 2, ..installed_guest("policy") };
    assert!(project.plugins.replace_running(vec![broken])[0].is_err());
    assert_eq!(find_titles(&project, &policy_access(&project, &Actor::public(), PAGE).await.access).await.1, 0);
    // A quarantined or disabled plugin is not even passed to the host.
    project.plugins.close_types(vec![PAGE.to_owned()]);
    project.plugins.replace_running(Vec::new());
    let public = policy_access(&project, &Actor::public(), PAGE).await;
    assert_eq!((find_titles(&project, &public.access).await.1, public.shared_as.is_some()), (0, true));
    // Once it is uninstalled, it has no say in the types of others.
    project.plugins.close_types(Vec::new());
    project.plugins.replace_running(Vec::new());
    assert_eq!(find_titles(&project, &policy_access(&project, &Actor::public(), PAGE).await.access).await.1, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_do_not_evaluate_policies_of_unused_types() {
    let project = TestProject::with_guests(&["policy", "allow"]).await;
    project.create("plugin::allow.note", json!({ "title": "one" })).await.unwrap();
    let rights = CallerPermissions::new(full_access());
    let access = project.plugins.access_as(rights, Arc::new(user_actor("7")), "en");
    let request = crate::routes::route_request("GET", "allow/read-notes", &[("rights", "caller")], "");
    let answer =
        crate::routes::send_request(&project, "allow/read-notes", RouteRequest { access, ..request }).await.unwrap();
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(policy_calls(&project), (0, 0));
}
