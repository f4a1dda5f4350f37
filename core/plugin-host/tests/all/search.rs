//! Search indexes of plugins, by the guest `teller`: what it puts it finds, and nobody else does.

use crate::world::{World, guest};
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_host::routes::{RouteError, RouteRequest};
use cairn_plugin_package::{Grants, Scope};
use cairn_query::Access;
use cairn_store::events::{Actor, ActorKind};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

async fn ask_as(world: &World, actor: Actor, body: &Json) -> Result<Json, RouteError> {
    let request = RouteRequest {
        method: "POST".into(),
        path: "/api/teller/ask".into(),
        query: Vec::new(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.to_string().into(),
        client: None,
        actor: Arc::new(actor),
        access: Arc::new(Access::none()).into(),
        locale: "en".into(),
    };
    let found = world.plugins.find_route("POST", &["teller", "ask"]).unwrap();
    let answer = world.plugins.handle_request(found, request).await?;
    Ok(serde_json::from_slice(&answer.body).unwrap())
}

async fn ask(world: &World, body: Json) -> Json {
    ask_as(world, Actor::public(), &body).await.unwrap_or_else(|error| panic!("{body}: {error:?}"))
}

async fn refused(world: &World, body: Json) -> (u16, String) {
    match ask_as(world, Actor::public(), &body).await {
        Err(RouteError::Refused(no)) => (no.kind.status(), format!("{} {}", no.message, no.details)),
        other => panic!("{body}: {other:?}"),
    }
}

fn put(index: &str, entries: &[(&str, &str)]) -> Json {
    let entries: Vec<Json> = entries
        .iter()
        .map(|(id, title)| json!({ "id": id, "locale": "nl", "document": { "title": title, "topic": "auto" } }))
        .collect();
    json!({ "do": "put", "index": index, "entries": entries })
}

/// Ids that a text finds, sorted.
async fn found(world: &World, text: &str) -> Vec<String> {
    let answer = ask(world, json!({ "do": "search", "index": "articles", "text": text })).await;
    let mut ids: Vec<String> = serde_json::from_value(answer["ids"].clone()).unwrap();
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_is_found_from_the_commit_on() {
    let world = World::of(&["teller"]).await;
    assert_eq!(found(&world, "").await, Vec::<String>::new(), "nothing was ever put");
    ask(&world, put("articles", &[("a", "Sleutels vervangen"), ("b", "Aanbetaling")])).await;
    assert_eq!(found(&world, "sleutel").await, ["a"]);
    let answer =
        json!({ "do": "search", "index": "articles", "text": "aanbtaling", "facet": "topic", "highlight": "title" });
    let answer = ask(&world, answer).await;
    assert_eq!(answer["facets"], json!([["topic", [["auto", 1]]]]));
    assert_eq!(answer["marked"], json!([["title", "<mark>Aanbetaling</mark>"]]));
    assert_eq!(answer["suggestion"], "aanbetaling");
    ask(&world, put("articles", &[("a", "Anders")])).await;
    ask(&world, json!({ "do": "remove", "index": "articles", "ids": ["b", "never there"] })).await;
    assert_eq!((found(&world, "sleutel").await, found(&world, "").await), (vec![], vec!["a".to_owned()]));
    let groups = json!([["anders", "verschillend"]]);
    ask(&world, json!({ "do": "synonyms", "index": "articles", "locale": "nl", "groups": groups })).await;
    assert_eq!(found(&world, "verschillend").await, ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_undone_is_never_found() {
    let world = World::of(&["teller"]).await;
    ask(&world, put("articles", &[("a", "een")])).await;
    let mut undone = put("articles", &[("a", "twee"), ("b", "twee")]);
    undone["undone"] = json!(true);
    ask(&world, undone).await;
    ask(&world, json!({ "do": "remove", "index": "articles", "ids": ["a"], "undone": true })).await;
    assert_eq!((found(&world, "").await, found(&world, "twee").await), (vec!["a".to_owned()], vec![]));
    assert_eq!(refused(&world, json!({ "do": "search", "index": "articles", "undone": true })).await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_found_by_whom_they_are_for() {
    let world = World::of(&["teller"]).await;
    let entry = |id: &str, audience: &[&str]| json!({ "id": id, "document": { "title": "geheim", "topic": id }, "audience": audience });
    let entries = [
        entry("all", &[]),
        entry("seven", &["user:7"]),
        entry("board", &["board"]),
        entry("editors", &["role:editor", "role:chief"]),
    ];
    ask(&world, json!({ "do": "put", "index": "articles", "entries": entries })).await;
    let as_one_of = async |kind: ActorKind, id: &str, roles: &[&str], audience: &[&str]| {
        let roles = roles.iter().map(|&role| role.to_owned()).collect();
        let actor = Actor { kind, id: Some(id.into()), roles, ..Actor::public() };
        let body = json!({ "do": "search", "index": "articles", "text": "geheim", "facet": "topic", "sort": ["topic"], "audience": audience });
        let answer = ask_as(&world, actor, &body).await.unwrap();
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
async fn a_node_that_loses_its_files_or_was_away_has_all_again() {
    let mut world = World::of(&["teller"]).await;
    ask(&world, put("articles", &[("a", "een"), ("b", "een"), ("c", "een")])).await;
    assert_eq!(found(&world, "een").await.len(), 3);
    // Committed, and the process dies before the index has it: another begins with the files of before.
    ask(&world, put("articles", &[("d", "een")])).await;
    ask(&world, json!({ "do": "remove", "index": "articles", "ids": ["a"] })).await;
    world.reopen_search(false);
    assert_eq!(found(&world, "een").await, ["b", "c", "d"]);
    // All files are gone.
    world.reopen_search(true);
    assert_eq!(found(&world, "een").await, ["b", "c", "d"]);
    // The database is one of before.
    let store = world.content.store();
    store.write(|tx| tx.remove_plugin_data("teller")).await.unwrap();
    world.reopen_search(false);
    assert_eq!(found(&world, "een").await, Vec::<String>::new());
    ask(&world, put("articles", &[("z", "een")])).await;
    assert_eq!(found(&world, "een").await, ["z"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuilt_index_takes_over_at_one_stroke() {
    let world = World::of(&["teller"]).await;
    let old: Vec<(String, String)> = (0..50).map(|n| (format!("e{n}"), "oud".to_owned())).collect();
    let pairs =
        |all: &[(String, String)]| all.iter().map(|(id, title)| (id.clone(), title.clone())).collect::<Vec<_>>();
    let body = |index: &str, all: &[(String, String)]| {
        let all = pairs(all);
        put(index, &all.iter().map(|(id, title)| (id.as_str(), title.as_str())).collect::<Vec<_>>())
    };
    ask(&world, body("articles", &old)).await;
    let shadow = ask(&world, json!({ "do": "begin", "index": "articles" })).await.as_str().unwrap().to_owned();
    // Others search and change meanwhile: they see the old one, whole, until they see the new one.
    let world = Arc::new(world);
    let ended = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let looking = tokio::spawn({
        let (world, ended) = (world.clone(), ended.clone());
        async move {
            let mut seen = Vec::new();
            while !ended.load(std::sync::atomic::Ordering::Acquire) {
                let pair = (found(&world, "oud").await.len(), found(&world, "nieuw").await.len());
                seen.push(pair);
            }
            seen
        }
    });
    for part in old.chunks(10) {
        let part: Vec<(String, String)> = part.iter().map(|(id, _)| (id.clone(), "nieuw".to_owned())).collect();
        ask(&world, body(&shadow, &part)).await;
    }
    ask(&world, put("articles", &[("e0", "tussendoor"), ("extra", "oud")])).await;
    ask(&world, json!({ "do": "remove", "index": "articles", "ids": ["e1"] })).await;
    assert_eq!(refused(&world, json!({ "do": "search", "index": shadow })).await.0, 400);
    ask(&world, json!({ "do": "finish", "index": "articles" })).await;
    assert_eq!((found(&world, "nieuw").await.len(), found(&world, "oud").await), (48, vec!["extra".to_owned()]));
    assert_eq!(found(&world, "tussendoor").await, ["e0"]);
    ended.store(true, std::sync::atomic::Ordering::Release);
    // Two questions: between them the index may change.
    for (old, new) in looking.await.unwrap() {
        assert!([50, 49, 1].contains(&old) && [0, 48].contains(&new), "{old} {new}");
    }
    assert_eq!(refused(&world, json!({ "do": "finish", "index": "articles" })).await.0, 409);
    assert_eq!(refused(&world, put(&shadow, &[("x", "te laat")])).await.0, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn indexes_are_the_plugins_own_and_have_to_be_granted() {
    let world = World::of(&["teller"]).await;
    ask(&world, put("articles", &[("a", "een")])).await;
    // Another one's, by the same name.
    let store = world.content.store();
    assert_eq!(store.read(|r| r.search_index("allow", "articles")).unwrap(), None);
    let (status, message) = refused(&world, json!({ "do": "search", "index": "other" })).await;
    assert_eq!((status, message.contains("it has articles")), (400, true), "{message}");
    for index in ["../allow/articles", "articles~", "articles~x", "articles~1~2", "", "articles/"] {
        let body = put(index, &[("a", "x")]);
        assert!([400, 409].contains(&refused(&world, body).await.0), "{index}");
    }
    let installed = guest("teller");
    let others = installed.grants.list().iter().filter(|granted| granted.scope != Scope::Search).cloned();
    let grants = Grants::from(others.collect::<Vec<_>>());
    let without = InstalledPlugin { grants, number: 2, ..installed };
    for answer in world.plugins.replace_running(vec![without]) {
        answer.unwrap();
    }
    for body in [
        json!({ "do": "search", "index": "articles" }),
        put("articles", &[("b", "x")]),
        json!({ "do": "remove", "index": "articles", "ids": ["a"] }),
        json!({ "do": "begin", "index": "articles" }),
        json!({ "do": "finish", "index": "articles" }),
        json!({ "do": "synonyms", "index": "articles", "locale": "nl", "groups": [["a", "b"]] }),
    ] {
        assert_eq!(refused(&world, body).await.0, 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_told_by_its_place_and_nothing_is_put() {
    let world = World::of(&["teller"]).await;
    let entry = |document: Json| json!({ "do": "put", "index": "articles", "entries": [{ "id": "a", "document": {} }, { "id": "b", "document": document }] });
    for document in
        [json!({ "titel": "x" }), json!({ "price": "x" }), json!(7), json!({ "body": "x".repeat(300 << 10) })]
    {
        let (status, message) = refused(&world, entry(document)).await;
        assert_eq!(status, 400, "{message}");
    }
    let many: Vec<Json> = (0..1_001).map(|n| json!({ "id": n.to_string(), "document": {} })).collect();
    let (status, message) = refused(&world, json!({ "do": "put", "index": "articles", "entries": many })).await;
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
        let (status, message) = refused(&world, body).await;
        assert_eq!(status, 400, "{message}");
    }
    assert_eq!(found(&world, "").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_with_its_plugin_leaves_neither_rows_nor_files() {
    let world = World::of(&["teller"]).await;
    ask(&world, put("articles", &[("a", "een")])).await;
    let shadow = ask(&world, json!({ "do": "begin", "index": "articles" })).await;
    ask(&world, put(shadow.as_str().unwrap(), &[("a", "een")])).await;
    world.plugins.refresh_search();
    let copies = || world.search_folders();
    wait_for(|| copies() == 2).await;
    ask(&world, json!({ "do": "finish", "index": "articles" })).await;
    let rows = |world: &World| world.content.store().read(|r| r.plugin_counts("teller")).unwrap().indexed;
    for _ in 0..200 {
        world.plugins.refresh_search();
        if (copies(), rows(&world)) == (1, 1) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!((copies(), rows(&world), found(&world, "een").await), (1, 1, vec!["a".to_owned()]));
    world.content.store().write(|tx| tx.remove_plugin_data("teller")).await.unwrap();
    for _ in 0..200 {
        world.plugins.refresh_search();
        if copies() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!((copies(), rows(&world)), (0, 0));
}

async fn wait_for(is: impl Fn() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(20), "it never came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
