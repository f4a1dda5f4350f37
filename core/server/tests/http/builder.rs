//! `/admin/api/content-types/{plan,apply}`: the content types change while the server goes on.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const PLAN: &str = "/admin/api/content-types/plan";
const APPLY: &str = "/admin/api/content-types/apply";
const NOTE: &str = "api::note.note";
const FILE: &str = "content-types/api/note/content-types/note/schema.json";

fn note(attributes: Json) -> Json {
    json!({
        "kind": "collectionType", "collectionName": "notes",
        "info": { "singularName": "note", "pluralName": "notes", "displayName": "Note" },
        "options": { "draftAndPublish": false }, "attributes": attributes,
    })
}

fn project() -> TestProject {
    TestProject::new().with_type(SchemaBuilder::collection("note", json!({ "title": { "type": "string" } })))
}

fn read(server: &TestServer, path: &str) -> Option<Json> {
    let text = std::fs::read_to_string(server.project.path().join(path)).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn renaming_an_attribute_preserves_its_content() {
    let server = TestServer::start_with(project()).await;
    let id = server.create_entry("/api/notes", json!({ "title": "One" })).await.document_id();
    let renamed =
        json!({ "contentTypes": { NOTE: note(json!({ "heading": { "type": "string", "renamedFrom": "title" } })) } });

    let plan = server.post(PLAN, renamed.clone()).await.expect_status(200).body["data"].clone();
    assert_eq!((&plan["steps"][0]["class"], &plan["steps"][0]["rows"]), (&json!("rename"), &json!(1)));
    assert_eq!((&plan["needsConsent"], &plan["notReady"]), (&json!(false), &Json::Null));
    assert_eq!(plan["files"][0]["path"], FILE);
    assert!(plan["files"][0]["after"].as_str().unwrap().contains("heading"));
    // The plan has changed neither data nor files.
    assert_eq!(server.get(&format!("/api/notes/{id}")).await.body["data"]["title"], "One");
    assert!(read(&server, FILE).unwrap()["attributes"].get("title").is_some());

    let before = server.get("/admin/api/content-types").await.body["data"]["hash"].clone();
    server.post(APPLY, renamed).await.expect_status(200);
    let view = server.get(&format!("/api/notes/{id}")).await.expect_status(200).body;
    assert_eq!((&view["data"]["heading"], view["data"].get("title")), (&json!("One"), None));
    assert_ne!(server.get("/admin/api/content-types").await.body["data"]["hash"], before);
    assert_eq!(read(&server, FILE).unwrap()["attributes"]["heading"]["renamedFrom"], "title");
    server.create_entry("/api/notes", json!({ "heading": "Two" })).await.expect_status(201);

    let back =
        json!({ "contentTypes": { NOTE: note(json!({ "title": { "type": "string", "renamedFrom": "heading" } })) } });
    server.post(APPLY, back).await.expect_status(200);
    assert_eq!(server.get(&format!("/api/notes/{id}")).await.body["data"]["title"], "One");
    assert_eq!(server.get("/api/notes").await.body["meta"]["pagination"]["total"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn types_and_components_are_added_and_dropped_with_consent() {
    let server = TestServer::start_with(project()).await;
    let new = json!({
        "contentTypes": { "api::place.place": {
            "kind": "collectionType", "collectionName": "places",
            "info": { "singularName": "place", "pluralName": "places", "displayName": "Place" },
            "attributes": {
                "name": { "type": "string", "required": true },
                "seo": { "type": "component", "component": "shared.seo" },
                "notes": { "type": "relation", "relation": "oneToMany", "target": NOTE },
            },
        } },
        "components": { "shared.seo": { "info": { "displayName": "Seo" }, "attributes": { "line": { "type": "string" } } } },
    });
    server.post(APPLY, new).await.expect_status(200);
    let note_id = server.create_entry("/api/notes", json!({ "title": "One" })).await.document_id();
    let created = json!({ "name": "Here", "seo": { "line": "x" }, "notes": [note_id] });
    server.create_entry("/api/places", created).await.expect_status(201);
    let found = server.get("/api/places?populate=*").await.expect_status(200).body;
    assert_eq!(
        (&found["data"][0]["seo"]["line"], &found["data"][0]["notes"][0]["title"]),
        (&json!("x"), &json!("One"))
    );

    let removal = json!({ "contentTypes": { "api::place.place": null }, "components": { "shared.seo": null } });
    let plan = server.post(PLAN, removal.clone()).await.expect_status(200).body["data"].clone();
    assert_eq!((&plan["needsConsent"], plan["notReady"].is_string()), (&json!(true), true));
    // A change that drops content needs consent to this very plan.
    server.post(APPLY, removal.clone()).await.expect_status(409);
    let mut agreed = removal;
    agreed["answers"] = json!({ "consent": "00" });
    server.post(APPLY, agreed.clone()).await.expect_status(409);
    server.get("/api/places").await.expect_status(200);
    agreed["answers"] = json!({ "consent": plan["hash"] });
    let applied = server.post(APPLY, agreed).await.expect_status(200).body["data"].clone();
    assert!(!applied["trashed"].as_array().unwrap().is_empty());
    server.get("/api/places").await.expect_status(404);
    assert_eq!(read(&server, "content-types/api/place/content-types/place/schema.json"), None);
    assert!(!server.project.path().join("content-types/api/place").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_changes_report_their_path_and_change_nothing() {
    let server = TestServer::start_with(project()).await;
    server.create_entry("/api/notes", json!({ "title": "many words" })).await.expect_status(201);
    let before = (read(&server, FILE), server.dump_content().await);
    let note_change = |attributes: Json| json!({ "contentTypes": { NOTE: note(attributes) } });
    let refused = server.post(APPLY, note_change(json!({ "title": { "type": "strng" } }))).await.expect_status(400);
    let problem = &refused.body["error"]["details"]["problems"][0];
    assert_eq!((&problem["file"], &problem["path"]), (&json!(FILE), &json!("attributes.title.type")));
    for bad in [
        json!([]),
        json!({ "contentTypes": { "x": note(json!({})) } }),
        json!({ "contentTypes": { "api::../../etc.x": note(json!({})) } }),
        json!({ "contentTypes": { "plugin::upload.file": null } }),
        json!({ "components": { "a/b.c": { "attributes": {} } } }),
        json!({ "contentTypes": { NOTE: 5 } }),
        json!({ "unknown": {} }),
        json!({ "answers": { "consent": 5 } }),
        note_change(json!({ "to": { "type": "relation", "relation": "oneToOne", "target": "api::gone.gone" } })),
    ] {
        server.post(PLAN, bad.clone()).await.expect_status(400);
        server.post(APPLY, bad).await.expect_status(400);
    }
    // Content that does not fit is found by a try, and stops the change.
    let number = note_change(json!({ "title": { "type": "integer" } }));
    let mut tried = number.clone();
    tried["try"] = true.into();
    let plan = server.post(PLAN, tried).await.expect_status(200).body["data"].clone();
    assert!(plan["refused"].as_str().unwrap().contains("many words"), "{plan}");
    let refused = server.post(APPLY, number).await.expect_status(409);
    assert!(refused.message().contains("many words"), "{}", refused.message());
    assert_eq!((read(&server, FILE), server.dump_content().await), before);
    server.create_entry("/api/notes", json!({ "title": "goes on" })).await.expect_status(201);
    for (client, status) in [(server.public_client(), 401), (server.read_only(), 401)] {
        client.post(PLAN, json!({})).await.expect_status(status);
        client.post(APPLY, json!({})).await.expect_status(status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn locked_project_rejects_schema_changes() {
    let server = TestServer::start_configured(project(), |config| config.schema.locked = true).await;
    assert_eq!(server.get("/admin/api/content-types").await.expect_status(200).body["data"]["locked"], true);
    let schema_change =
        json!({ "contentTypes": { NOTE: note(json!({ "title": { "type": "string" }, "more": { "type": "text" } })) } });
    server.post(PLAN, schema_change.clone()).await.expect_status(200);
    server.post(APPLY, schema_change).await.expect_status(403);
    assert!(read(&server, FILE).unwrap()["attributes"].get("more").is_none());
}

/// Readers and writers wait while the content types change, and are answered.
#[tokio::test(flavor = "multi_thread")]
async fn requests_succeed_during_schema_changes() {
    let server = Arc::new(TestServer::start_with(project()).await);
    for n in 0..20 {
        server.create_entry("/api/notes", json!({ "title": format!("note {n}") })).await.expect_status(201);
    }
    let with_attribute = |extra: &str| {
        let attributes =
            json!({ "title": { "type": "string" }, "count": { "type": "integer" }, extra: { "type": "text" } });
        json!({ "contentTypes": { NOTE: note(attributes) } })
    };
    server.post(APPLY, with_attribute("first")).await.expect_status(200);
    let (finished, requests) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut askers = Vec::new();
    for n in 0..4 {
        let (server, finished, requests) = (server.clone(), finished.clone(), requests.clone());
        askers.push(tokio::spawn(async move {
            while !finished.load(Ordering::Acquire) {
                let list = server.get(&format!("/api/notes?pagination[pageSize]={}", 5 + n)).await.expect_status(200);
                assert_eq!(list.body["data"].as_array().unwrap().len(), 5 + n);
                server.create_entry("/api/notes", json!({ "count": 1 })).await.expect_status(201);
                requests.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    for n in 0..5 {
        let mut change = with_attribute(&format!("more{n}"));
        if n > 0 {
            let before = format!("more{}", n - 1);
            change["contentTypes"][NOTE]["attributes"][format!("more{n}")]["renamedFrom"] = before.into();
        } else {
            change["contentTypes"][NOTE]["attributes"]["more0"]["renamedFrom"] = "first".into();
        }
        server.post(APPLY, change).await.expect_status(200);
    }
    finished.store(true, Ordering::Release);
    for asker in askers {
        asker.await.unwrap();
    }
    assert!(requests.load(Ordering::Relaxed) > 5);
}

/// The process ended after the database had the change and before the files had it.
#[tokio::test(flavor = "multi_thread")]
async fn interrupted_schema_changes_are_resolved_at_startup() {
    let server = TestServer::start_with(project()).await;
    let changed_type = note(json!({ "title": { "type": "string" }, "more": { "type": "text" } }));
    let old = std::fs::read_to_string(server.project.path().join(FILE)).unwrap();
    server.post(APPLY, json!({ "contentTypes": { NOTE: changed_type } })).await.expect_status(200);
    let server = server.stop().await;
    let folder = server.project.path();
    let note_of = |attributes: Json| serde_json::to_string(&json!({ FILE: note(attributes) })).unwrap();
    std::fs::write(folder.join(FILE), &old).unwrap();
    let applied = json!({ "title": { "type": "string" }, "more": { "type": "text" } });
    std::fs::write(folder.join("data/schema-change.json"), note_of(applied)).unwrap();
    let server = server.restart_server().await;
    assert!(read(&server, FILE).unwrap()["attributes"].get("more").is_some());
    server.create_entry("/api/notes", json!({ "more": "x" })).await.expect_status(201);
    // A schema change in the file that the database never had is discarded.
    let server = server.stop().await;
    std::fs::write(folder.join("data/schema-change.json"), note_of(json!({ "other": { "type": "text" } }))).unwrap();
    let server = server.restart_server().await;
    assert!(read(&server, FILE).unwrap()["attributes"].get("other").is_none());
    assert!(!folder.join("data/schema-change.json").exists());
}
