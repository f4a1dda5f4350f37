//! Search indexes of plugins, by the guest `teller`: what it puts it finds, and nobody else does.

use crate::test_project::{TestProject, installed_guest};
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_host::routes::{RouteError, RouteRequest};
use cairn_plugin_package::{Grants, Scope};
use cairn_query::Access;
use cairn_store::events::{Actor, ActorKind};
use cairn_testkit::extend_limit;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

async fn call_teller_as(project: &TestProject, actor: Actor, body: &Json) -> Result<Json, RouteError> {
    let request = RouteRequest {
        method: "POST".into(),
        path: "/api/teller/ask".into(),
        query: Vec::new(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.to_string().into(),
        file: None,
        client: None,
        actor: Arc::new(actor),
        access: Arc::new(Access::none()).into(),
        locale: "en".into(),
    };
    let route_match = project.plugins.find_route("POST", &["teller", "ask"]).unwrap();
    let answer = project.plugins.handle_request(route_match, request).await?;
    Ok(serde_json::from_slice(&answer.body).unwrap())
}

async fn call_teller(project: &TestProject, body: Json) -> Json {
    call_teller_as(project, Actor::public(), &body).await.unwrap_or_else(|error| panic!("{body}: {error:?}"))
}

async fn call_refused(project: &TestProject, body: Json) -> (u16, String) {
    match call_teller_as(project, Actor::public(), &body).await {
        Err(RouteError::Refused(no)) => (no.kind.status(), format!("{} {}", no.message, no.details)),
        other => panic!("{body}: {other:?}"),
    }
}

fn put_request(index: &str, entries: &[(&str, &str)]) -> Json {
    let entries: Vec<Json> = entries
        .iter()
        .map(|(id, title)| json!({ "id": id, "locale": "nl", "document": { "title": title, "topic": "auto" } }))
        .collect();
    json!({ "do": "put", "index": index, "entries": entries })
}

/// Ids that a text finds, sorted.
async fn search_ids(project: &TestProject, text: &str) -> Vec<String> {
    let answer = call_teller(project, json!({ "do": "search", "index": "articles", "text": text })).await;
    let mut ids: Vec<String> = serde_json::from_value(answer["ids"].clone()).unwrap();
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn committed_entries_are_found_at_once() {
    let project = TestProject::with_guests(&["teller"]).await;
    assert_eq!(search_ids(&project, "").await, Vec::<String>::new(), "nothing was ever put");
    call_teller(&project, put_request("articles", &[("a", "Sleutels vervangen"), ("b", "Aanbetaling")])).await;
    assert_eq!(search_ids(&project, "sleutel").await, ["a"]);
    let answer =
        json!({ "do": "search", "index": "articles", "text": "aanbtaling", "facet": "topic", "highlight": "title" });
    let answer = call_teller(&project, answer).await;
    assert_eq!(answer["facets"], json!([["topic", [["auto", 1]]]]));
    assert_eq!(answer["marked"], json!([["title", "<mark>Aanbetaling</mark>"]]));
    assert_eq!(answer["suggestion"], "aanbetaling");
    call_teller(&project, put_request("articles", &[("a", "Anders")])).await;
    call_teller(&project, json!({ "do": "remove", "index": "articles", "ids": ["b", "never there"] })).await;
    assert_eq!((search_ids(&project, "sleutel").await, search_ids(&project, "").await), (vec![], vec!["a".to_owned()]));
    let groups = json!([["anders", "verschillend"]]);
    call_teller(&project, json!({ "do": "synonyms", "index": "articles", "locale": "nl", "groups": groups })).await;
    assert_eq!(search_ids(&project, "verschillend").await, ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rolled_back_entries_are_never_found() {
    let project = TestProject::with_guests(&["teller"]).await;
    call_teller(&project, put_request("articles", &[("a", "een")])).await;
    let mut undone = put_request("articles", &[("a", "twee"), ("b", "twee")]);
    undone["undone"] = json!(true);
    call_teller(&project, undone).await;
    call_teller(&project, json!({ "do": "remove", "index": "articles", "ids": ["a"], "undone": true })).await;
    assert_eq!((search_ids(&project, "").await, search_ids(&project, "twee").await), (vec!["a".to_owned()], vec![]));
    assert_eq!(call_refused(&project, json!({ "do": "search", "index": "articles", "undone": true })).await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_found_only_by_their_audience() {
    let project = TestProject::with_guests(&["teller"]).await;
    let entry = |id: &str, audience: &[&str]| json!({ "id": id, "document": { "title": "geheim", "topic": id }, "audience": audience });
    let entries = [
        entry("all", &[]),
        entry("seven", &["user:7"]),
        entry("board", &["board"]),
        entry("editors", &["role:editor", "role:chief"]),
    ];
    call_teller(&project, json!({ "do": "put", "index": "articles", "entries": entries })).await;
    let as_one_of = async |kind: ActorKind, id: &str, roles: &[&str], audience: &[&str]| {
        let roles = roles.iter().map(|&role| role.to_owned()).collect();
        let actor = Actor { kind, id: Some(id.into()), roles, ..Actor::public() };
        let body = json!({ "do": "search", "index": "articles", "text": "geheim", "facet": "topic", "sort": ["topic"], "audience": audience });
        let answer = call_teller_as(&project, actor, &body).await.unwrap();
        (answer["ids"].clone(), answer["total"].clone(), answer["facets"][0][1].as_array().unwrap().len())
    };
    let as_actor = async |kind, id, audience| as_one_of(kind, id, &[], audience).await;
    assert_eq!(as_actor(ActorKind::User, "7", &[]).await, (json!(["all", "seven"]), json!(2), 2));
    assert_eq!(as_actor(ActorKind::Admin, "7", &[]).await, (json!(["all"]), json!(1), 1));
    assert_eq!(as_actor(ActorKind::User, "8", &["board"]).await, (json!(["all", "board"]), json!(2), 2));
    let editors = (json!(["all", "editors"]), json!(2), 2);
    assert_eq!(as_one_of(ActorKind::Admin, "8", &["editor"], &[]).await, editors);
    assert_eq!(as_one_of(ActorKind::Admin, "8", &["chief", "other"], &[]).await, editors);
    assert_eq!(as_one_of(ActorKind::User, "7", &["other"], &[]).await, (json!(["all", "seven"]), json!(2), 2));
    assert_eq!(as_one_of(ActorKind::User, "editor", &[], &[]).await, (json!(["all"]), json!(1), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn search_files_are_restored_after_loss_or_restart() {
    let mut project = TestProject::with_guests(&["teller"]).await;
    call_teller(&project, put_request("articles", &[("a", "een"), ("b", "een"), ("c", "een")])).await;
    assert_eq!(search_ids(&project, "een").await.len(), 3);
    // Committed, and the process dies before the index has it: another begins with the files of before.
    call_teller(&project, put_request("articles", &[("d", "een")])).await;
    call_teller(&project, json!({ "do": "remove", "index": "articles", "ids": ["a"] })).await;
    project.reopen_search(false);
    assert_eq!(search_ids(&project, "een").await, ["b", "c", "d"]);
    // Lost files are rebuilt from the database.
    project.reopen_search(true);
    assert_eq!(search_ids(&project, "een").await, ["b", "c", "d"]);
    // The database is one of before.
    let store = project.content.store();
    store.write(|tx| tx.plugins().delete_data("teller")).await.unwrap();
    project.reopen_search(false);
    assert_eq!(search_ids(&project, "een").await, Vec::<String>::new());
    call_teller(&project, put_request("articles", &[("z", "een")])).await;
    assert_eq!(search_ids(&project, "een").await, ["z"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilt_indexes_replace_the_old_one_atomically() {
    let project = TestProject::with_guests(&["teller"]).await;
    let old: Vec<(String, String)> = (0..50).map(|n| (format!("e{n}"), "oud".to_owned())).collect();
    let pairs =
        |all: &[(String, String)]| all.iter().map(|(id, title)| (id.clone(), title.clone())).collect::<Vec<_>>();
    let body = |index: &str, all: &[(String, String)]| {
        let all = pairs(all);
        put_request(index, &all.iter().map(|(id, title)| (id.as_str(), title.as_str())).collect::<Vec<_>>())
    };
    call_teller(&project, body("articles", &old)).await;
    let shadow =
        call_teller(&project, json!({ "do": "begin", "index": "articles" })).await.as_str().unwrap().to_owned();
    // Concurrent searches and changes see the old index, whole, until they see the new one.
    let project = Arc::new(project);
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let looking = tokio::spawn({
        let (project, stop) = (project.clone(), stop.clone());
        async move {
            let mut counts = Vec::new();
            while !stop.load(std::sync::atomic::Ordering::Acquire) {
                let pair = (search_ids(&project, "oud").await.len(), search_ids(&project, "nieuw").await.len());
                counts.push(pair);
            }
            counts
        }
    });
    for part in old.chunks(10) {
        let part: Vec<(String, String)> = part.iter().map(|(id, _)| (id.clone(), "nieuw".to_owned())).collect();
        call_teller(&project, body(&shadow, &part)).await;
    }
    call_teller(&project, put_request("articles", &[("e0", "tussendoor"), ("extra", "oud")])).await;
    call_teller(&project, json!({ "do": "remove", "index": "articles", "ids": ["e1"] })).await;
    assert_eq!(call_refused(&project, json!({ "do": "search", "index": shadow })).await.0, 400);
    call_teller(&project, json!({ "do": "finish", "index": "articles" })).await;
    assert_eq!(
        (search_ids(&project, "nieuw").await.len(), search_ids(&project, "oud").await),
        (48, vec!["extra".to_owned()])
    );
    assert_eq!(search_ids(&project, "tussendoor").await, ["e0"]);
    stop.store(true, std::sync::atomic::Ordering::Release);
    // Two questions: between them the index may change.
    for (old, new) in looking.await.unwrap() {
        assert!([50, 49, 1].contains(&old) && [0, 48].contains(&new), "{old} {new}");
    }
    assert_eq!(call_refused(&project, json!({ "do": "finish", "index": "articles" })).await.0, 409);
    assert_eq!(call_refused(&project, put_request(&shadow, &[("x", "te laat")])).await.0, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn indexes_are_private_to_a_plugin_and_require_a_grant() {
    let project = TestProject::with_guests(&["teller"]).await;
    call_teller(&project, put_request("articles", &[("a", "een")])).await;
    // An index of the same name is separate in every plugin.
    let store = project.content.store();
    assert_eq!(store.read(|r| r.search_indexes().get("allow", "articles")).unwrap(), None);
    let (status, message) = call_refused(&project, json!({ "do": "search", "index": "other" })).await;
    assert_eq!((status, message.contains("it has articles")), (400, true), "{message}");
    for index in ["../allow/articles", "articles~", "articles~x", "articles~1~2", "", "articles/"] {
        let body = put_request(index, &[("a", "x")]);
        assert!([400, 409].contains(&call_refused(&project, body).await.0), "{index}");
    }
    let installed = installed_guest("teller");
    let others = installed.grants.list().iter().filter(|granted| granted.scope != Scope::Search).cloned();
    let grants = Grants::from(others.collect::<Vec<_>>());
    let without = InstalledPlugin { grants, number: 2, ..installed };
    for answer in project.plugins.replace_running(vec![without]) {
        answer.unwrap();
    }
    for body in [
        json!({ "do": "search", "index": "articles" }),
        put_request("articles", &[("b", "x")]),
        json!({ "do": "remove", "index": "articles", "ids": ["a"] }),
        json!({ "do": "begin", "index": "articles" }),
        json!({ "do": "finish", "index": "articles" }),
        json!({ "do": "synonyms", "index": "articles", "locale": "nl", "groups": [["a", "b"]] }),
    ] {
        assert_eq!(call_refused(&project, body).await.0, 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_entries_and_queries_are_refused() {
    let project = TestProject::with_guests(&["teller"]).await;
    let entry = |document: Json| json!({ "do": "put", "index": "articles", "entries": [{ "id": "a", "document": {} }, { "id": "b", "document": document }] });
    for document in
        [json!({ "titel": "x" }), json!({ "price": "x" }), json!(7), json!({ "body": "x".repeat(300 << 10) })]
    {
        let (status, message) = call_refused(&project, entry(document)).await;
        assert_eq!(status, 400, "{message}");
    }
    let many: Vec<Json> = (0..1_001).map(|n| json!({ "id": n.to_string(), "document": {} })).collect();
    let (status, message) = call_refused(&project, json!({ "do": "put", "index": "articles", "entries": many })).await;
    assert_eq!((status, message.contains("1000")), (400, true), "{message}");
    for body in [
        json!({ "do": "search", "index": "articles", "text": "woord ".repeat(1_000) }),
        json!({ "do": "search", "index": "articles", "filter": { "title": "x" } }),
        json!({ "do": "search", "index": "articles", "sort": ["body"] }),
        json!({ "do": "search", "index": "articles", "facet": "slug" }),
        json!({ "do": "search", "index": "articles", "limit": 101 }),
        json!({ "do": "synonyms", "index": "articles", "locale": "nl", "groups": [["one"]] }),
        json!({ "do": "remove", "index": "articles", "ids": [""] }),
    ] {
        let (status, message) = call_refused(&project, body).await;
        assert_eq!(status, 400, "{message}");
    }
    assert_eq!(search_ids(&project, "").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn removed_plugins_leave_no_search_rows_or_files() {
    let project = TestProject::with_guests(&["teller"]).await;
    call_teller(&project, put_request("articles", &[("a", "een")])).await;
    let shadow = call_teller(&project, json!({ "do": "begin", "index": "articles" })).await;
    call_teller(&project, put_request(shadow.as_str().unwrap(), &[("a", "een")])).await;
    project.plugins.refresh_search();
    let copies = || project.count_search_folders();
    wait_for(|| copies() == 2).await;
    call_teller(&project, json!({ "do": "finish", "index": "articles" })).await;
    let rows =
        |project: &TestProject| project.content.store().read(|r| r.plugins().count_data("teller")).unwrap().indexed;
    for _ in 0..200 {
        project.plugins.refresh_search();
        if (copies(), rows(&project)) == (1, 1) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!((copies(), rows(&project), search_ids(&project, "een").await), (1, 1, vec!["a".to_owned()]));
    project.content.store().write(|tx| tx.plugins().delete_data("teller")).await.unwrap();
    for _ in 0..200 {
        project.plugins.refresh_search();
        if copies() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!((copies(), rows(&project)), (0, 0));
}

async fn wait_for(is: impl Fn() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < extend_limit(Duration::from_secs(20)), "it never came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
