//! Names of content types and attributes in the admin: `pluginOptions.cairn` of the schema files.

use cairn_testkit::{TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};

const MODEL: &str = "/admin/api/content-types";
const APPLY: &str = "/admin/api/content-types/apply";
const NOTE: &str = "api::note.note";
const FILE: &str = "content-types/api/note/content-types/note/schema.json";
const PASSWORD: &str = "a password of some length";

fn presented(kind: &str, options: Json) -> Json {
    json!({ "type": kind, "pluginOptions": { "cairn": options } })
}

fn note_attributes() -> Json {
    json!({
        "title": presented("string", json!({
            "label": { "en": "Heading", "nl": "Kop" }, "help": "Short", "placeholder": { "nl": "Bijvoorbeeld" }, "width": "half",
        })),
        "code": presented("string", json!({ "label": { "nl": "Kenmerk" } })),
        "price": presented("integer", json!({ "label": "Secret margin", "column": "side" })),
        "seo": { "type": "component", "component": "shared.seo" },
    })
}

fn schema(attributes: Json, options: Json) -> Json {
    json!({
        "kind": "collectionType", "collectionName": "notes",
        "info": { "singularName": "note", "pluralName": "notes", "displayName": "Note" },
        "options": { "draftAndPublish": false }, "pluginOptions": { "cairn": options }, "attributes": attributes,
    })
}

fn type_options() -> Json {
    json!({
        "displayName": { "nl": "Notitie" }, "icon": "news", "description": { "nl": "Wat je onthoudt" }, "mainField": "code",
        "columns": ["code", "price", "updatedAt"], "sort": "price:desc",
        "groups": [{ "label": { "en": "Text", "nl": "Tekst" }, "fields": ["title", "price"] }, { "label": "Money", "fields": [] }, { "label": "More", "fields": [], "tab": true }],
    })
}

fn project() -> TestProject {
    let file = schema(note_attributes(), type_options());
    let component = json!({
        "info": { "displayName": "Seo" }, "pluginOptions": { "cairn": { "displayName": { "nl": "Zoekmachines" } } },
        "attributes": { "line": presented("string", json!({ "label": { "nl": "Regel" }, "width": "third" })) },
    });
    TestProject::new()
        .with_file(FILE, &file.to_string())
        .with_file("content-types/components/shared/seo.json", &component.to_string())
}

async fn model_in(client: &TestClient, language: &str) -> Json {
    client.get_with(MODEL, ("accept-language", language)).await.expect_status(200).data().clone()
}

fn note_of(model: &Json) -> &Json {
    model["contentTypes"].as_array().unwrap().iter().find(|each| each["uid"] == NOTE).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_in_the_readers_language() {
    let server = TestServer::start_with(project()).await;
    let client = server.super_admin().await;
    let dutch = model_in(&client, "nl").await;
    let note = note_of(&dutch);
    assert_eq!(
        (&note["info"]["displayName"], &note["info"]["description"]),
        (&json!("Notitie"), &json!("Wat je onthoudt"))
    );
    assert_eq!(note["info"]["icon"], "news");
    assert_eq!(
        note["labels"],
        json!({
            "title": { "label": "Kop", "hint": "Short", "placeholder": "Bijvoorbeeld" }, "code": { "label": "Kenmerk" },
            "price": { "label": "Secret margin" },
        })
    );
    assert_eq!(
        note["layout"],
        json!({
            "columns": ["code", "price", "updatedAt"], "sort": "price:desc",
            "groups": [{ "label": "Tekst", "fields": ["title", "price"] }, { "label": "More", "fields": [], "tab": true }],
            "fields": { "title": { "width": "half" }, "price": { "column": "side" } },
        })
    );
    assert_eq!((&note["titleField"], &note["titleFallback"]), (&json!("code"), &json!("title")));
    // The texts in all languages are in the files alone.
    assert!(!dutch.to_string().contains("Heading"), "{dutch}");
    let component = &dutch["components"][0];
    assert_eq!(
        (&component["displayName"], &component["labels"]["line"]["label"]),
        (&json!("Zoekmachines"), &json!("Regel"))
    );
    assert_eq!(component["fields"], json!({ "line": { "width": "third" } }));

    let english = model_in(&client, "en").await;
    let note = note_of(&english);
    assert_eq!((&note["info"]["displayName"], &note["labels"]["title"]["label"]), (&json!("Note"), &json!("Heading")));
    // Attributes and components without an English label have their own names.
    assert_eq!((note["labels"].get("code"), &english["components"][0]["displayName"]), (None, &json!("Seo")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_main_field_is_the_title_of_entries() {
    let server = TestServer::start_with(project()).await;
    server.create_entry("/api/notes", json!({ "title": "Plain words", "code": "K-7" })).await.expect_status(201);
    let found = server.get("/admin/api/search?q=K-7").await.expect_status(200);
    assert!(found.text().contains("K-7"), "{}", found.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_attributes_outside_a_role_are_not_told() {
    let server = TestServer::start_with(project()).await;
    let fields = json!({ "fields": ["title"] });
    server
        .apply_settings(json!({
            "adminRoles": { "headlines": { "permissions": { NOTE: { "find": fields, "findOne": fields, "update": fields } } } },
            "adminUsers": [{ "email": "headlines@example.com", "password": PASSWORD, "roles": ["headlines"] }],
        }))
        .await;
    let client = server.sign_in_admin("headlines@example.com", PASSWORD).await;
    let model = model_in(&client, "nl").await;
    let note = note_of(&model);
    assert_eq!(note["labels"].as_object().unwrap().keys().collect::<Vec<_>>(), ["title"]);
    for text in ["Kenmerk", "Secret margin"] {
        assert!(!model.to_string().contains(text), "{text}: {model}");
    }
    assert_eq!(
        note["layout"],
        json!({ "columns": ["updatedAt"], "sort": null, "groups": [{ "label": "Tekst", "fields": ["title"] }, { "label": "More", "fields": [], "tab": true }], "fields": { "title": { "width": "half" } } })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_change_no_content_and_no_answer_of_the_content_api() {
    let plain = json!({ "title": { "type": "string" }, "code": { "type": "string" }, "price": { "type": "integer" } });
    let server =
        TestServer::start_with(TestProject::new().with_file(FILE, &schema(plain.clone(), json!({})).to_string())).await;
    server.create_entry("/api/notes", json!({ "title": "One", "price": 7 })).await.expect_status(201);
    let admin = server.super_admin().await;
    let paths = [
        "/api/notes",
        "/api/content-type-builder/content-types",
        "/api/content-type-builder/components",
        "/api/openapi.json",
    ];
    let mut before = Vec::new();
    for path in paths {
        before.push(server.get(path).await.expect_status(200).body);
    }
    let hash = server.get(MODEL).await.data()["hash"].clone();

    let mut labelled = note_attributes();
    labelled.as_object_mut().unwrap().shift_remove("seo");
    let change = json!({ "contentTypes": { NOTE: schema(labelled, type_options()) } });
    let plan = server.post("/admin/api/content-types/plan", change.clone()).await.expect_status(200);
    assert_eq!((&plan.data()["steps"], &plan.data()["needsConsent"]), (&json!([]), &json!(false)));
    assert_eq!(plan.data()["files"].as_array().unwrap().len(), 1);
    server.post(APPLY, change).await.expect_status(200);

    // Labels appear when the model is read again.
    assert_eq!(note_of(&model_in(&admin, "nl").await)["labels"]["title"]["label"], "Kop");
    assert_eq!(server.get(MODEL).await.data()["hash"], hash);
    for (path, body) in paths.into_iter().zip(before) {
        assert_eq!(server.get(path).await.body, body, "{path}");
    }
    // A schema without labels restores the file and the admin as they were.
    let back = json!({ "contentTypes": { NOTE: schema(plain, json!({})) } });
    server.post(APPLY, back).await.expect_status(200);
    assert_eq!(note_of(&model_in(&admin, "nl").await).get("labels"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_texts_are_refused_by_name() {
    let server = TestServer::start_with(project()).await;
    for (options, path, message) in [
        (json!({ "label": "x".repeat(500) }), "label", "has 500 characters; the limit is 120"),
        (json!({ "label": { "nl": "é".repeat(121) } }), "label.nl", "has 121 characters; the limit is 120"),
        (json!({ "help": { "fr": "x" } }), "help.fr", "is not a language of the admin"),
        (json!({ "labels": "x" }), "labels", "is not an option"),
        (json!({ "label": "two\nlines" }), "label", "control characters"),
    ] {
        let change =
            json!({ "contentTypes": { NOTE: schema(json!({ "title": presented("string", options) }), json!({})) } });
        let answer = server.post(APPLY, change).await.expect_status(400);
        let problem = &answer.details()["problems"][0];
        assert_eq!(
            (&problem["file"], &problem["path"]),
            (&json!(FILE), &json!(format!("attributes.title.pluginOptions.cairn.{path}")))
        );
        assert!(problem["message"].as_str().unwrap().contains(message), "{problem}");
    }
    for main_field in ["price", "seo"] {
        let change = json!({ "contentTypes": { NOTE: schema(note_attributes(), json!({ "mainField": main_field })) } });
        let answer = server.post(APPLY, change).await.expect_status(400);
        assert!(answer.text().contains(&format!("`{main_field}` is a")), "{}", answer.text());
    }
    // A layout that names what is gone is used without it.
    let change =
        json!({ "contentTypes": { NOTE: schema(note_attributes(), json!({ "columns": ["gone", "title"] })) } });
    let plan = server.post("/admin/api/content-types/plan", change.clone()).await.expect_status(200);
    assert!(plan.data()["warnings"].to_string().contains("`gone`"), "{}", plan.text());
    server.post(APPLY, change).await.expect_status(200);
    assert_eq!(note_of(&model_in(&server.super_admin().await, "en").await)["layout"]["columns"], json!(["title"]));
}
