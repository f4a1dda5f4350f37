//! `POST /api/<plural>`, and the bodies that every write takes.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};

#[tokio::test(flavor = "multi_thread")]
async fn create_returns_the_entry_without_hidden_attributes() {
    let server = TestServer::start().await;
    let answer = server
        .create_entry("/api/articles", json!({"title": "Dune", "views": "7", "note": "hush", "pin": "1234"}))
        .await;
    let keys: Vec<_> = answer.data().as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "id",
        "documentId",
        "title",
        "slug",
        "body",
        "views",
        "price",
        "featured",
        "level",
        "issuedOn",
        "extra",
        "createdAt",
        "updatedAt",
        "publishedAt",
    ];
    assert_eq!(keys, expected, "{}", answer.text());
    assert_eq!(answer.data()["views"], 7);
    assert_eq!(answer.data()["slug"], Json::Null);
    assert_eq!(answer.data()["createdAt"], "2026-01-02T03:04:05.678Z");
    assert_eq!(answer.body["meta"], json!({}));
    let id = answer.document_id();
    assert!(id.len() == 24 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{id}");
    assert_eq!(server.get(&format!("/api/articles/{id}")).await.body, answer.body);
    assert_eq!(server.get("/api/articles").await.data(), &json!([answer.data()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn defaults_apply_to_absent_attributes_but_not_to_null() {
    let attributes = json!({
        "name": {"type": "string", "default": "unnamed"},
        "stars": {"type": "integer", "default": 3},
        "open": {"type": "boolean", "default": true},
        "kind": {"type": "enumeration", "enum": ["a", "b"], "default": "b"},
        "part": {"type": "component", "component": "x.part"},
    });
    let part = json!({"size": {"type": "integer", "default": 1}, "label": {"type": "string"}});
    let project =
        TestProject::new().with_type(SchemaBuilder::collection("thing", attributes)).with_component("x.part", part);
    let server = TestServer::start_with(project).await;
    let answer = server.create_entry("/api/things?populate=*", json!({"part": {"label": "l"}})).await;
    let part = &answer.data()["part"];
    assert_eq!(
        (&answer.data()["name"], &answer.data()["stars"], &answer.data()["open"]),
        (&json!("unnamed"), &json!(3), &json!(true))
    );
    assert_eq!((&answer.data()["kind"], &part["size"], &part["label"]), (&json!("b"), &json!(1), &json!("l")));
    let nulls =
        server.create_entry("/api/things", json!({"name": null, "stars": null, "open": null, "kind": null})).await;
    for name in ["name", "stars", "open", "kind"] {
        assert_eq!(nulls.data()[name], Json::Null, "{name}");
    }
    // An update that leaves an attribute out brings no default back.
    let path = format!("/api/things/{}", nulls.document_id());
    assert_eq!(server.update_entry(&path, json!({"stars": 1})).await.data()["name"], Json::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn body_without_a_data_object_is_rejected() {
    let server = TestServer::start().await;
    let before = server.dump_content().await;
    for body in [json!({}), json!({"data": null}), json!({"data": "x"}), json!({"title": "x"}), json!([]), json!(null)]
    {
        let answer = server.post("/api/articles", body.clone()).await;
        answer.expect_error(400, "Missing \"data\" payload in the request body");
    }
    let none = server.send(server.request("POST", "/api/articles")).await;
    none.expect_error(400, "Missing \"data\" payload in the request body");
    let form = reqwest::multipart::Form::new().text("data", r#"{"title":"x"}"#);
    let multipart = server.send(server.request("POST", "/api/articles").multipart(form)).await;
    multipart.expect_error(400, "Missing \"data\" payload in the request body");
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn url_encoded_forms_are_parsed_as_objects() {
    let server = TestServer::start().await;
    let form = "data[title]=Dune+II&data[seo][metaTitle]=M&data[links][0][label]=one&data[links][1][label]=two";
    let request = server.request("POST", "/api/articles?populate=*").body(form);
    let answer =
        server.send(request.header("content-type", "application/x-www-form-urlencoded")).await.expect_status(201);
    assert_eq!(answer.data()["title"], "Dune II");
    assert_eq!(answer.data()["seo"]["metaTitle"], "M");
    assert_eq!(answer.data()["links"][1]["label"], "two");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_reported_in_the_documented_order() {
    let server = TestServer::start().await;
    let document_id = server.create_entry("/api/articles", json!({"title": "Dune"})).await.document_id();
    let before = server.dump_content().await;
    let bad = json!({"data": {"nothing": 1, "level": "middle", "category": "zzz"}});
    // The query comes before the body, the body's keys before related documents, those before values.
    server.put("/api/articles/none?fields=zip", bad.clone()).await.expect_error(400, "Invalid key zip");
    server.put("/api/articles/none", bad).await.expect_error(400, "Invalid key nothing");
    let unrelated = json!({"data": {"level": "middle", "category": "zzz"}});
    let message = "Document with id \"zzz\", locale \"null\" not found";
    server.put("/api/articles/none", unrelated.clone()).await.expect_error(400, message);
    server.post("/api/articles", unrelated).await.expect_error(400, message);
    let invalid = json!({"data": {"level": "middle"}});
    server.put("/api/articles/none", invalid.clone()).await.expect_error(404, "Not Found");
    let refused = server.put(&format!("/api/articles/{document_id}"), invalid).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["level"]));
    // Rights come before all of it.
    server.public_client().put("/api/articles/none?nothing=1", json!({})).await.expect_error(403, "Forbidden");
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_errors_of_a_validation_pass_are_reported() {
    let attributes = json!({
        "name": {"type": "string", "required": true, "minLength": 2},
        "stars": {"type": "integer", "min": 1, "max": 5},
        "mail": {"type": "email"},
        "parts": {"type": "component", "component": "x.part", "repeatable": true, "max": 2},
    });
    let project = TestProject::new()
        .with_type(SchemaBuilder::collection("thing", attributes.clone()))
        .with_type(SchemaBuilder::collection("note", attributes).with_drafts())
        .with_component("x.part", json!({"kind": {"type": "enumeration", "enum": ["a", "b"]}}));
    let server = TestServer::start_with(project).await;
    let before = server.dump_content().await;
    let body = json!({"data": {"name": "x", "stars": 9, "mail": "no", "parts": [{"kind": "a"}, {"kind": "c"}]}});
    let refused = server.post("/api/things", body.clone()).await.expect_error(400, "4 errors occurred");
    let paths: Vec<_> = refused.details()["errors"].as_array().unwrap().iter().map(|e| e["path"].clone()).collect();
    assert_eq!(paths, [json!(["name"]), json!(["stars"]), json!(["mail"]), json!(["parts", "1", "kind"])]);
    // A type with drafts validates the draft first, which checks less.
    let refused = server.post("/api/notes", body).await.expect_error(400, "2 errors occurred");
    assert_eq!(refused.details()["errors"][0]["value"], 9);
    let refused =
        server.post("/api/notes", json!({"data": {"mail": "no"}})).await.expect_error(400, "2 errors occurred");
    let message = &refused.details()["errors"][0]["message"];
    assert_eq!(message, "name must be a `string` type, but the final value was: `null`.");
    server.post("/api/notes?status=draft", json!({"data": {"mail": "no"}})).await.expect_status(201);
    assert_ne!(server.dump_content().await, before);
}
