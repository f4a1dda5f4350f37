//! `/admin/api/content` and `/admin/api/content-types`: what the content manager and the editor work with.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

const NOTE: &str = "/admin/api/content/api::note.note";

fn project() -> TestProject {
    TestProject::new()
        .with_component(
            "shared.link",
            json!({ "to": { "type": "relation", "relation": "oneToOne", "target": "api::tag.tag" } }),
        )
        .with_component(
            "shared.part",
            json!({
                "text": { "type": "string" },
                "weight": { "type": "decimal" },
                "links": { "type": "component", "component": "shared.link", "repeatable": true },
            }),
        )
        .with_type(SchemaBuilder::collection("tag", json!({ "name": { "type": "string" } })))
        .with_type(SchemaBuilder::collection("count", json!({ "number": { "type": "integer" } })))
        .with_type(SchemaBuilder::single("home", json!({ "headline": { "type": "string" } })).with_drafts())
        .with_type(
            SchemaBuilder::collection(
                "note",
                json!({
                    "title": { "type": "string", "maxLength": 20 },
                    "kept": { "type": "string", "private": true },
                    "word": { "type": "password" },
                    "code": { "type": "uid" },
                    "price": { "type": "decimal" },
                    "tags": { "type": "relation", "relation": "manyToMany", "target": "api::tag.tag" },
                    "files": { "type": "media", "multiple": true },
                    "parts": { "type": "component", "component": "shared.part", "repeatable": true },
                    "zone": { "type": "dynamiczone", "components": ["shared.part", "shared.link"] },
                }),
            )
            .with_drafts()
            .with_locales(),
        )
}

async fn create_note(server: &TestServer, data: Json) -> String {
    let answer = server.post(NOTE, json!({ "data": data })).await.expect_status(201);
    assert!(!answer.header("cairn-version").is_empty());
    answer.body["data"]["documentId"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_saved_and_listed_with_their_state() {
    let server = TestServer::start_with(project()).await;
    let id = create_note(&server, json!({ "title": "One", "kept": "between us", "word": "secret" })).await;
    let at = format!("{NOTE}/{id}");
    // Saving publishes nothing.
    server.get(&format!("/api/notes/{id}")).await.expect_status(404);
    let answer = server.get(&at).await.expect_status(200);
    assert_eq!((&answer.body["data"]["kept"], answer.body["data"].get("word")), (&json!("between us"), None));
    let state = |body: &Json| body["meta"]["states"][&id].clone();
    let locales = json!([{ "locale": "en", "status": "draft" }]);
    assert_eq!(state(&answer.body), json!({ "status": "draft", "version": 1, "locales": locales }));

    server.post(&format!("{at}/actions/publish"), json!({})).await.expect_status(200);
    assert_eq!(state(&server.get(&at).await.body)["status"], "published");
    server.advance_clock(Duration::from_secs(60));
    let version = server.get(&at).await.header("cairn-version").to_owned();
    let put = |data: Json, version: &str| {
        let request = server.request("PUT", &at).header("if-match", version).json(&json!({ "data": data }));
        server.send(request)
    };
    put(json!({ "title": "Two" }), &version).await.expect_status(200);
    let conflict = put(json!({ "title": "Three" }), &version).await.expect_status(409);
    assert!(conflict.text().contains("title"), "{}", conflict.text());
    server.put(&format!("{at}?locale=nl"), json!({ "data": { "title": "Twee" } })).await.expect_status(200);
    assert_eq!(server.get(&format!("/api/notes/{id}")).await.expect_status(200).body["data"]["title"], "One");

    let list = server.get(&format!("{NOTE}?sort=title&filters[title][$contains]=T")).await.expect_status(200).body;
    assert_eq!((&list["data"][0]["title"], &list["meta"]["pagination"]["total"]), (&json!("Two"), &json!(1)));
    let both = json!([{ "locale": "en", "status": "modified" }, { "locale": "nl", "status": "draft" }]);
    assert_eq!(state(&list), json!({ "status": "modified", "version": 2, "locales": both }));
    let list = server.get(&format!("{NOTE}?locale=nl")).await.expect_status(200).body;
    assert_eq!(state(&list)["status"], "draft");
    let published = server.get(&format!("{NOTE}?status=published")).await.expect_status(200).body;
    assert_eq!(published["data"][0]["title"], "One");
    put(json!({ "title": "x" }), "\"x\"").await.expect_status(400);
    server.put(&format!("{at}?status=published"), json!({ "data": {} })).await.expect_status(400);

    server.delete(&format!("{at}?locale=nl")).await.expect_status(204);
    assert_eq!(state(&server.get(&at).await.expect_status(200).body)["locales"].as_array().unwrap().len(), 1);
    server.delete(&at).await.expect_status(204);
    server.get(&at).await.expect_status(404);
    server.get(&format!("/api/notes/{id}")).await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_loaded_with_all_relations_and_duplicated() {
    let server = TestServer::start_with(project()).await;
    let tag = server.create_entry("/api/tags", json!({ "name": "red" })).await.document_id();
    let file = server.upload_file("a.txt", "text/plain", b"hello").await.expect_status(201).body[0]["id"].clone();
    let part = json!({ "text": "deep", "links": [{ "to": tag }, { "to": null }] });
    let mut zoned = part.clone();
    zoned["__component"] = "shared.part".into();
    let id = create_note(
        &server,
        json!({ "title": "One", "code": "one", "tags": [tag], "files": [file], "parts": [part], "zone": [zoned] }),
    )
    .await;
    let load_entry = |id: &str| {
        let path = format!("{NOTE}/{id}?populate=everything");
        let server = &server;
        async move { server.get(&path).await.expect_status(200).body["data"].clone() }
    };
    let view = load_entry(&id).await;
    assert_eq!((&view["tags"][0]["name"], &view["files"][0]["name"]), (&json!("red"), &json!("a.txt")));
    assert_eq!(view["parts"][0]["links"][0]["to"]["name"], "red");
    assert_eq!(view["zone"][0]["links"][0]["to"]["documentId"], json!(tag));

    let copied =
        server.post(&format!("{NOTE}/{id}/duplicate"), json!({})).await.expect_status(201).body["data"].clone();
    let other = copied["documentId"].as_str().unwrap().to_owned();
    assert_ne!(other, id);
    let copy = load_entry(&other).await;
    assert_eq!((&copy["title"], &copy["tags"][0]["name"]), (&json!("One (2)"), &json!("red")));
    assert_eq!(copy["zone"][0]["links"][0]["to"]["name"], "red");
    assert_ne!(copy["parts"][0]["id"], view["parts"][0]["id"]);
    assert_ne!(copy["code"], view["code"]);
}

/// More digits than a double has.
#[tokio::test(flavor = "multi_thread")]
async fn decimals_are_returned_with_all_their_digits() {
    const DIGITS: &str = "123456789012345678.9012345";
    let server = TestServer::start_with(project()).await;
    let part = json!({ "weight": DIGITS });
    let mut zoned = part.clone();
    zoned["__component"] = "shared.part".into();
    let data = json!({ "title": "One", "price": DIGITS, "parts": [part], "zone": [zoned] });
    let assert_digits = |answer: &str| {
        let (price, weight) = (format!("\"price\":{DIGITS}"), format!("\"weight\":{DIGITS}"));
        assert_eq!((answer.matches(&price).count(), answer.matches(&weight).count()), (1, 2), "{answer}");
    };
    let everything = format!("{NOTE}?populate=everything");
    let test_answer = server.post(&everything, json!({ "data": data })).await.expect_status(201);
    assert_digits(&test_answer.text());
    assert_digits(&server.get(&everything).await.expect_status(200).text());
    let at = format!("{NOTE}/{}", test_answer.body["data"]["documentId"].as_str().unwrap());
    assert_digits(&server.get(&format!("{at}?populate=everything")).await.expect_status(200).text());
    let saved = server.put(&format!("{at}?populate=everything"), json!({ "data": { "title": "Two" } })).await;
    assert_digits(&saved.expect_status(200).text());
    let copy = server.post(&format!("{at}/duplicate"), json!({})).await.expect_status(201);
    let copy = format!("{NOTE}/{}?populate=everything", copy.body["data"]["documentId"].as_str().unwrap());
    assert_digits(&server.get(&copy).await.expect_status(200).text());
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_actions_report_each_document_separately() {
    let server = TestServer::start_with(project()).await;
    let mut ids = Vec::new();
    for title in ["One", "Two", "Three"] {
        ids.push(create_note(&server, json!({ "title": title })).await);
    }
    let with_missing = [&ids[..2], &["nobody".to_owned()]].concat();
    let body = json!({ "documentIds": with_missing, "data": { "title": "Same" } });
    let outcome = server.post(&format!("{NOTE}/bulk/update"), body).await.expect_status(200).body;
    assert_eq!(outcome["meta"], json!({ "done": 2, "failed": 1 }));
    assert_eq!(
        (&outcome["data"][2]["done"], &outcome["data"][2]["error"]["message"]),
        (&json!(false), &json!("Not Found"))
    );
    let too_long = json!({ "documentIds": ids, "data": { "title": "far too long for such a title" } });
    let outcome = server.post(&format!("{NOTE}/bulk/update"), too_long).await.expect_status(200).body;
    assert_eq!(outcome["meta"]["failed"], 3);
    let outcome =
        server.post(&format!("{NOTE}/bulk/delete"), json!({ "documentIds": ids[..2] })).await.expect_status(200).body;
    assert_eq!(outcome["meta"], json!({ "done": 2, "failed": 0 }));
    let left = server.get(NOTE).await.expect_status(200).body;
    assert_eq!((left["data"].as_array().unwrap().len(), &left["data"][0]["title"]), (1, &json!("Three")));
    for bad in [json!({}), json!({ "documentIds": [] }), json!({ "documentIds": ids, "extra": 1 }), json!([])] {
        server.post(&format!("{NOTE}/bulk/delete"), bad.clone()).await.expect_status(400);
        server.post(&format!("{NOTE}/bulk/update"), bad).await.expect_status(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn single_types_have_exactly_one_entry() {
    let server = TestServer::start_with(project()).await;
    const HOME: &str = "/admin/api/content/api::home.home";
    server.get(HOME).await.expect_status(404);
    server.put(HOME, json!({ "data": { "headline": "Hello" } })).await.expect_status(200);
    assert_eq!(server.get(HOME).await.expect_status(200).body["data"]["headline"], "Hello");
    server.get("/api/home").await.expect_status(404);
    server.get(&format!("{HOME}/abc")).await.expect_status(400);
    server.post(HOME, json!({ "data": {} })).await.expect_status(400);
    server.put(NOTE, json!({ "data": {} })).await.expect_status(400);
    server.delete(HOME).await.expect_status(204);
    server.get(HOME).await.expect_status(404);
    // Site users are listed for whom they are chosen by, and written elsewhere.
    server.get("/admin/api/content/plugin::users-permissions.user").await.expect_status(200);
    server.post("/admin/api/content/plugin::users-permissions.user", json!({ "data": {} })).await.expect_status(404);
    // Their roles are for super administrators.
    server.get("/admin/api/content/plugin::users-permissions.role").await.expect_status(403);
    for unknown in ["api::nothing.nothing", "x"] {
        server.get(&format!("/admin/api/content/{unknown}")).await.expect_status(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_types_are_listed_as_in_their_schema_files() {
    let server = TestServer::start_with(project()).await;
    let answer = server.get("/admin/api/content-types").await.expect_status(200);
    let model = &answer.body["data"];
    let types = model["contentTypes"].as_array().unwrap();
    let note = types.iter().find(|t| t["uid"] == "api::note.note").unwrap();
    let names: Vec<&String> = note["attributes"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["title", "kept", "word", "code", "price", "tags", "files", "parts", "zone"]);
    assert_eq!((&note["titleField"], &note["localized"]), (&json!("title"), &json!(true)));
    assert_eq!(note["can"]["fields"], json!({ "read": null, "write": null }));
    assert_eq!(model["components"].as_array().unwrap().len(), 2);
    server.public_client().get("/admin/api/content-types").await.expect_status(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_private_unless_shared() {
    let server = TestServer::start_with(project()).await;
    let admins = json!([
        { "email": "anna@example.com", "password": "a long password", "roles": ["super-admin"] },
        { "email": "bob@example.com", "password": "a long password", "roles": ["super-admin"] },
    ]);
    server.apply_settings(json!({ "adminUsers": admins })).await;
    let mut signed_in = Vec::new();
    for email in ["anna@example.com", "bob@example.com"] {
        let body = json!({ "email": email, "password": "a long password", "token": true });
        let token =
            server.public_client().post("/admin/api/login", body).await.expect_status(200).body["data"]["token"]
                .clone();
        signed_in.push(server.with_token(token.as_str().unwrap()));
    }
    let [anna, bob] = &signed_in[..] else { panic!() };
    const VIEWS: &str = "/admin/api/views";
    let view = |name: &str, shared: bool| json!({ "type": "api::note.note", "name": name, "shared": shared, "definition": { "kind": "table", "sort": "title" } });
    let own = anna.post(VIEWS, view("Mine", false)).await.expect_status(201).body["data"].clone();
    let shared = anna.post(VIEWS, view("Ours", true)).await.expect_status(201).body["data"]["id"].clone();
    let names = |list: Json| list["data"].as_array().unwrap().iter().map(|v| v["name"].clone()).collect::<Vec<_>>();
    assert_eq!(
        names(anna.get(&format!("{VIEWS}?type=api::note.note")).await.expect_status(200).body),
        ["Mine", "Ours"]
    );
    let list = bob.get(VIEWS).await.expect_status(200).body;
    assert_eq!((&list["data"][0]["name"], &list["data"][0]["own"]), (&json!("Ours"), &json!(false)));
    assert_eq!(anna.get(&format!("{VIEWS}?type=api::tag.tag")).await.expect_status(200).body["data"], json!([]));

    let at = format!("{VIEWS}/{}", own["id"]);
    bob.put(&at, view("Stolen", false)).await.expect_status(404);
    bob.delete(&at).await.expect_status(404);
    anna.put(&at, view("Renamed", false)).await.expect_status(200);
    bob.put(&format!("{VIEWS}/{shared}"), view("Ours too", true)).await.expect_status(200);
    let mut other = view("x", false);
    other["type"] = "api::tag.tag".into();
    anna.put(&at, other).await.expect_status(400);
    for bad in [
        json!({}),
        view("", false),
        view(&"x".repeat(101), false),
        json!({ "type": "api::gone.gone", "name": "x", "definition": {} }),
        json!({ "type": "api::note.note", "name": "x", "definition": [] }),
        json!({ "type": "api::note.note", "name": "x", "definition": { "a": "b".repeat(40_000) } }),
    ] {
        anna.post(VIEWS, bad).await.expect_status(400);
    }
    anna.delete(&at).await.expect_status(200);
    anna.delete(&at).await.expect_status(404);
    assert_eq!(names(anna.get(VIEWS).await.body), ["Ours too"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn search_finds_entries_by_title() {
    let server = TestServer::start_with(project()).await;
    create_note(&server, json!({ "title": "100% red & blue" })).await;
    server.create_entry("/api/tags", json!({ "name": "Red tag" })).await.expect_status(201);
    server.create_entry("/api/tags", json!({ "name": "green" })).await.expect_status(201);
    let found = server.get("/admin/api/search?q=RED").await.expect_status(200).body;
    let titles: Vec<&Json> = found["data"].as_array().unwrap().iter().map(|hit| &hit["title"]).collect();
    assert_eq!(titles, ["100% red & blue", "Red tag"]);
    assert_eq!((&found["data"][0]["type"], &found["meta"]["complete"]), (&json!("api::note.note"), &json!(true)));
    assert_eq!(
        server.get("/admin/api/search?q=100%25%20red%20%26").await.expect_status(200).body["data"][0]["locale"],
        "en"
    );
    assert_eq!(
        server.get("/admin/api/search?q=%25").await.expect_status(200).body["data"].as_array().unwrap().len(),
        1
    );
    assert_eq!(
        server.get("/admin/api/search?q=e&limit=1").await.expect_status(200).body["data"].as_array().unwrap().len(),
        1
    );
    // Entries without a title are called by their document id, as in lists; so are those of types that have no title at all.
    for title in [json!(null), json!(""), json!("  ")] {
        let id = create_note(&server, json!({ "title": title })).await;
        for part in [&*id, &id[..6], id[..8].to_uppercase().as_str()] {
            let found = server.get(&format!("/admin/api/search?q={part}")).await.expect_status(200);
            assert_eq!(found.text_column("title"), [&*id], "{part}");
            assert_eq!(found.text_column("documentId"), [&*id], "{part}");
        }
        assert_eq!(server.get(&format!("/admin/api/search?q={}", &id[..5])).await.body["data"], json!([]));
    }
    let id = server.create_entry("/api/counts", json!({ "number": 7 })).await.document_id();
    let found = server.get(&format!("/admin/api/search?q={id}")).await.expect_status(200);
    assert_eq!(found.text_column("title"), [&*id]);
    for bad in ["", "?q=", "?q=%20", "?q=x&limit=-1"] {
        server.get(&format!("/admin/api/search{bad}")).await.expect_status(400);
    }
    server.get(&format!("/admin/api/search?q={}", "x".repeat(101))).await.expect_status(400);
}
