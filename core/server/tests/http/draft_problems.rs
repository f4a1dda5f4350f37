//! Drafts whose values break rules of their type: stored where the admin asks for it, named, and not published through any door.

use cairn_testkit::{SchemaBuilder, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

const UID: &str = "api::note.note";
const NOTES: &str = "/admin/api/content/api::note.note";
const LONG: &str = "longer than ten";

fn project() -> TestProject {
    let part = json!({ "text": { "type": "string", "maxLength": 3 } });
    let note = json!({
        "title": { "type": "string", "required": true, "maxLength": 10 },
        "summary": { "type": "text", "minLength": 5 },
        "mail": { "type": "email", "maxLength": 20 },
        "rank": { "type": "integer", "max": 5, "localized": false },
        "price": { "type": "decimal", "max": 5 },
        "big": { "type": "biginteger", "max": "5" },
        "kind": { "type": "enumeration", "enum": ["a", "b"] },
        "word": { "type": "password", "maxLength": 8 },
        "code": { "type": "string", "index": true, "maxLength": 3 },
        "parts": { "type": "component", "component": "a.part", "repeatable": true, "max": 1 },
    });
    TestProject::new()
        .with_component("a.part", part)
        .with_type(SchemaBuilder::collection("note", note).with_drafts().with_locales())
        .with_type(
            SchemaBuilder::single("home", json!({ "headline": { "type": "string", "maxLength": 3 } })).with_drafts(),
        )
        .with_type(SchemaBuilder::collection("plain", json!({ "title": { "type": "string", "maxLength": 3 } })))
}

async fn start() -> TestServer {
    TestServer::start_with(project()).await
}

async fn create(server: &TestServer, data: Json) -> TestResponse {
    let request = server.request("POST", NOTES).header("cairn-keep-invalid", "true").json(&json!({ "data": data }));
    server.send(request).await
}

async fn create_long(server: &TestServer) -> String {
    create(server, json!({ "title": LONG, "summary": "A right summary" })).await.expect_status(201).document_id()
}

async fn keep(server: &TestServer, path: &str, data: Json) -> TestResponse {
    let request = server.request("PUT", path).header("if-match", "*").header("cairn-keep-invalid", "true");
    server.send(request.json(&json!({ "data": data }))).await
}

fn problem_paths(problems: &Json) -> Vec<String> {
    let paths = problems.as_array().unwrap().iter().map(|problem| {
        let path = problem["path"].as_array().unwrap().iter();
        path.map(|step| step.as_str().unwrap()).collect::<Vec<_>>().join(".")
    });
    paths.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_keep_values_that_break_rules_and_name_them() {
    let server = start().await;
    let created = create(&server, json!({ "title": LONG, "summary": "A right summary" })).await.expect_status(201);
    assert_eq!(created.body["data"]["title"], LONG);
    let problems = json!([{ "path": ["title"], "message": "title must be at most 10 characters" }]);
    assert_eq!(created.body["meta"]["problems"], problems);
    let at = format!("{NOTES}/{}", created.document_id());
    // A later read returns the same value and problems.
    let read = server.get(&at).await.expect_status(200);
    assert_eq!((&read.body["data"]["title"], &read.body["data"]["summary"]), (&json!(LONG), &json!("A right summary")));
    assert_eq!(read.body["meta"]["problems"], problems);
    assert!(server.get(&format!("{at}?status=published")).await.body["meta"].get("problems").is_none());

    let everything = json!({
        "summary": "x", "mail": "not an address, and long", "rank": 6, "price": "6.5", "big": "6", "code": "long",
        "parts": [{ "text": "long" }, { "text": "b" }],
    });
    let saved = keep(&server, &at, everything.clone()).await.expect_status(200);
    let all = ["title", "summary", "mail", "mail", "rank", "price", "big", "code", "parts.0.text", "parts"];
    assert_eq!(problem_paths(&saved.body["meta"]["problems"]), all);
    let read = server.get(&format!("{at}?populate=everything")).await.expect_status(200).body;
    for name in ["summary", "mail", "rank", "big", "code"] {
        assert_eq!(read["data"][name].to_string().trim_matches('"'), everything[name].to_string().trim_matches('"'));
    }
    // Of other requests nothing is accepted that was not before.
    server.put(&at, json!({ "data": { "title": LONG } })).await.expect_status(400);
    server.put(&at, json!({ "data": { "price": 1 } })).await.expect_status(200);
    let content = format!("/api/notes/{}?status=draft", created.document_id());
    for (name, value) in [("title", json!(LONG)), ("rank", json!(6)), ("big", json!("6"))] {
        let request = server.request("PUT", &content).header("cairn-keep-invalid", "true");
        server.send(request.json(&json!({ "data": { name: value } }))).await.expect_status(400);
    }
    // Mended, it has none.
    let mended =
        json!({ "title": "right", "summary": null, "mail": null, "rank": 5, "big": 5, "code": "a", "parts": [] });
    let saved = keep(&server, &at, mended).await.expect_status(200);
    assert_eq!(saved.body["meta"]["problems"], json!([]));
    server.post(&format!("{at}/actions/publish"), json!({})).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_another_kind_are_refused_by_field() {
    let server = start().await;
    let at = format!("{NOTES}/{}", create_long(&server).await);
    let refused = [
        ("rank", json!("six")),
        ("rank", json!(1.5)),
        ("rank", json!(1e300)),
        ("price", json!("9".repeat(61))),
        ("big", json!("9".repeat(40))),
        ("kind", json!("c")),
        ("title", json!(7)),
        ("code", json!("é".repeat(1_251))),
        ("parts", json!({})),
        // A hash does not tell how long the password was.
        ("word", json!("longer than eight")),
    ];
    for (name, value) in refused {
        let answer = keep(&server, &at, json!({ name: value, "summary": "changed" })).await.expect_status(400);
        assert_eq!(answer.details()["errors"][0]["path"], json!([name]), "{}", answer.body);
        assert!(!answer.text().contains("longer than eight"));
    }
    assert_eq!(server.get(&at).await.body["data"]["summary"], "A right summary");
    keep(&server, &at, json!({ "title": "nul \0" })).await.expect_status(400);
    // A long text is stored, and not told again with its problem.
    let large = "x".repeat(200_000);
    let saved = keep(&server, &at, json!({ "title": large })).await.expect_status(200);
    assert_eq!(saved.body["data"]["title"], large.as_str());
    assert!(saved.body["meta"].to_string().len() < 200, "the value is not told again");
    let unclear = server.request("PUT", &at).header("if-match", "*").header("cairn-keep-invalid", "maybe");
    server.send(unclear.json(&json!({ "data": {} }))).await.expect_status(400);
    // Content types without drafts store no invalid values.
    let plain = server.request("POST", "/admin/api/content/api::plain.plain").header("cairn-keep-invalid", "true");
    let answer = server.send(plain.json(&json!({ "data": { "title": "long" } }))).await.expect_status(400);
    assert!(answer.message().starts_with("Only drafts keep invalid values"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn single_types_keep_and_name_them_too() {
    let server = start().await;
    let home = "/admin/api/content/api::home.home";
    let saved = keep(&server, home, json!({ "headline": "long" })).await.expect_status(200);
    assert_eq!(problem_paths(&saved.body["meta"]["problems"]), ["headline"]);
    assert_eq!(problem_paths(&server.get(home).await.expect_status(200).body["meta"]["problems"]), ["headline"]);
    server.get("/api/home").await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_door_publishes_them() {
    let server = start().await;
    let id = create_long(&server).await;
    let at = format!("{NOTES}/{id}");
    let is_named = |answer: &TestResponse| {
        assert!(answer.text().contains("title must be at most 10 characters"), "{}", answer.body);
    };
    let published = async || server.get(&format!("/api/notes/{id}")).await.status;

    is_named(&server.post(&format!("{at}/actions/publish"), json!({})).await.expect_status(400));
    let bulk = format!("{NOTES}/actions/publish");
    is_named(&server.post(&bulk, json!({ "documentIds": [id], "atomic": true })).await.expect_status(400));
    let each = server.post(&bulk, json!({ "documentIds": [id] })).await.expect_status(200);
    assert_eq!(each.body["meta"], json!({ "done": 0, "failed": 1 }));
    is_named(&each);
    // A front end that changes something else publishes the whole entry.
    let put = server.put(&format!("/api/notes/{id}"), json!({ "data": { "summary": "Another summary" } })).await;
    is_named(&put.expect_status(400));
    let target = json!({ "contentType": UID, "documentId": id, "action": "publish", "locale": "en" });
    is_named(&server.post("/admin/api/schedules/actions/validate", target.clone()).await.expect_status(200));
    let mut due = target.clone();
    due["localTime"] = json!("2026-01-02T09:00");
    due["zone"] = json!("UTC");
    let scheduled = server.post("/admin/api/schedules", due).await.expect_status(201);
    is_named(&scheduled);
    let release = server.post("/admin/api/releases", json!({ "name": "Spring" })).await.expect_status(201);
    let release = format!("/admin/api/releases/{}", release.body["data"]["id"]);
    server.post(&format!("{release}/items"), json!({ "items": [target] })).await.expect_status(200);
    is_named(&server.post(&format!("{release}/actions/validate"), json!({})).await.expect_status(200));
    is_named(&server.post(&format!("{release}/actions/publish"), json!({})).await.expect_status(400));
    let versions = server.get(&format!("/admin/api/history?type={UID}&documentId={id}")).await.expect_status(200);
    let restore = format!("/admin/api/history/{}/restore", versions.body["data"][0]["id"]);
    is_named(&server.post(&restore, json!({ "publish": true })).await.expect_status(400));
    server.advance_clock(Duration::from_secs(40 * 86_400));
    let schedule = format!("/admin/api/schedules/{}", scheduled.body["data"]["id"]);
    for _ in 0..500 {
        server.run_until_idle().await;
        if server.get(&schedule).await.body["data"]["state"] != "waiting" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let failed = server.get(&schedule).await.expect_status(200);
    assert_eq!(failed.body["data"]["state"], "failed");
    is_named(&failed);
    assert_eq!(published().await, 404);
    keep(&server, &at, json!({ "title": "right" })).await.expect_status(200);
    server.post(&format!("{at}/actions/publish"), json!({})).await.expect_status(200);
    assert_eq!(published().await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_a_draft_have_its_problems() {
    let server = start().await;
    let id = create_long(&server).await;
    let at = format!("{NOTES}/{id}");
    keep(&server, &at, json!({ "rank": 9 })).await.expect_status(200);
    let copy = server.post(&format!("{at}/duplicate"), json!({})).await.expect_status(201);
    assert_eq!((&copy.body["data"]["title"], &copy.body["data"]["rank"]), (&json!(LONG), &json!(9)));
    let copy = format!("{NOTES}/{}", copy.document_id());
    assert_eq!(problem_paths(&server.get(&copy).await.body["meta"]["problems"]), ["title", "rank"]);
    server.post(&format!("{copy}/actions/publish"), json!({})).await.expect_status(400);

    // A new locale begins with the fields that all locales share, and cannot be published with their problems either.
    let dutch = format!("{at}?locale=nl");
    let request = server.request("PUT", &dutch).header("if-none-match", "*").header("cairn-keep-invalid", "true");
    let saved = server.send(request.json(&json!({ "data": { "title": "goed" } }))).await.expect_status(200);
    assert_eq!(problem_paths(&saved.body["meta"]["problems"]), ["rank"]);
    let publish = json!({ "locales": ["nl"] });
    let refused = server.post(&format!("{at}/actions/publish"), publish.clone()).await.expect_status(400);
    assert_eq!(problem_paths(&refused.details()["errors"]), ["rank"]);
    keep(&server, &dutch, json!({ "rank": 1 })).await.expect_status(200);
    server.post(&format!("{at}/actions/publish"), publish).await.expect_status(200);
    // A shared field that changes in a draft stays a draft in the published locale.
    keep(&server, &at, json!({ "rank": 9 })).await.expect_status(200);
    assert_eq!(server.get(&format!("/api/notes/{id}?locale=nl")).await.expect_status(200).body["data"]["rank"], 1);

    // A version comes back as it was, to the draft alone.
    let versions = server.get(&format!("/admin/api/history?type={UID}&documentId={id}&locale=en")).await;
    let first = versions.body["data"].as_array().unwrap().last().unwrap()["id"].clone();
    keep(&server, &at, json!({ "title": "right" })).await.expect_status(200);
    server.post(&format!("/admin/api/history/{first}/restore"), json!({})).await.expect_status(200);
    assert_eq!(server.get(&at).await.body["data"]["title"], LONG);
    server.delete(&at).await.expect_status(204);
    server.post("/admin/api/history/undelete", json!({ "type": UID, "documentId": id })).await.expect_status(200);
    assert_eq!(problem_paths(&server.get(&at).await.body["meta"]["problems"]), ["title"]);
    server.get(&format!("/api/notes/{id}")).await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn saves_at_the_same_time_keep_one_version_each() {
    let server = start().await;
    let at = format!("{NOTES}/{}", create_long(&server).await);
    let save = |n: usize| {
        let (server, at) = (&server, &at);
        async move {
            let request = server.request("PUT", at).header("if-match", "\"1\"").header("cairn-keep-invalid", "true");
            server.send(request.json(&json!({ "data": { "title": format!("{LONG} {n}") } }))).await.status
        }
    };
    let mut statuses = futures_util::future::join_all((0..8).map(save)).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(problem_paths(&server.get(&at).await.body["meta"]["problems"]), ["title"]);
}
