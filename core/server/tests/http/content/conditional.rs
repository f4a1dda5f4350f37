//! `conditions.visible`: attributes that are asked for only where others say so.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};

const FILE: &str = "content-types/api/clip/content-types/clip/schema.json";
const CLIP: &str = "api::clip.clip";

fn schema(attributes: Json) -> Json {
    json!({
        "kind": "collectionType", "collectionName": "clips",
        "info": { "singularName": "clip", "pluralName": "clips", "displayName": "Clip" },
        "options": { "draftAndPublish": false }, "attributes": attributes,
    })
}

fn attributes() -> Json {
    json!({
        "kind": { "type": "enumeration", "enum": ["video", "text"] },
        "address": {
            "type": "string", "required": true, "maxLength": 5,
            "conditions": { "visible": { "==": [{ "var": "kind" }, "video"] } },
        },
    })
}

async fn start() -> TestServer {
    TestServer::start_with(TestProject::new().with_file(FILE, &schema(attributes()).to_string())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn invisible_attributes_are_not_required() {
    let visible = json!({"visible": {"==": [{"var": "kind"}, "company"]}});
    let attributes = json!({
        "kind": {"type": "enumeration", "enum": ["person", "company"]},
        "vat": {"type": "string", "required": true, "minLength": 3, "conditions": visible},
        "name": {"type": "string"},
    });
    let server = TestServer::start_with(
        TestProject::new()
            .with_type(SchemaBuilder::collection("client", attributes.clone()))
            .with_type(SchemaBuilder::collection("lead", attributes).with_drafts()),
    )
    .await;
    for route in ["clients", "leads"] {
        let path = format!("/api/{route}");
        server.create_entry(&path, json!({"kind": "person"})).await;
        let refused = server.post(&path, json!({"data": {"kind": "company"}})).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["vat"]), "{}", refused.text());
        server.post(&path, json!({"data": {"kind": "company", "vat": "x"}})).await.expect_status(400);
        let answer = server.create_entry(&path, json!({"kind": "company", "vat": "NL1"})).await;
        assert_eq!(answer.data()["vat"], "NL1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_that_a_new_entry_gets_decides_as_a_value_that_is_sent() {
    let mut attributes = attributes();
    attributes["kind"]["default"] = json!("video");
    let project = TestProject::new()
        .with_type(SchemaBuilder::collection("short", attributes.clone()))
        .with_type(SchemaBuilder::collection("film", attributes).with_drafts());
    let server = TestServer::start_with(project).await;
    for path in ["/api/shorts", "/api/films"] {
        let refused = server.post(path, json!({ "data": {} })).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["address"]), "{}", refused.text());
        let refused = server.post(path, json!({ "data": { "address": "too long" } })).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["address"]), "{}", refused.text());
        assert_eq!(server.create_entry(path, json!({ "address": "short" })).await.data()["kind"], "video");
        server.create_entry(path, json!({ "kind": "text" })).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_attribute_keeps_its_value_and_is_not_checked() {
    let server = start().await;
    let clip = server.create_entry("/api/clips", json!({ "kind": "text", "address": "too long" })).await;
    let path = format!("/api/clips/{}", clip.document_id());
    assert_eq!(server.get(&path).await.data()["address"], "too long");
    // What is not sent counts as it is stored.
    server.update_entry(&path, json!({ "address": "still too long" })).await;
    server.update_entry(&path, json!({ "address": null })).await;
    server.update_entry(&path, json!({ "kind": "video", "address": "short" })).await;
    for value in [json!("too long"), Json::Null] {
        let refused = server.put(&path, json!({ "data": { "address": value } })).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["address"]), "{}", refused.text());
    }
    assert_eq!(server.get(&path).await.data()["address"], "short");
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_that_cannot_be_met_are_refused_in_changes() {
    let server = start().await;
    let apply = async |attributes: Json| {
        let change = json!({ "contentTypes": { CLIP: schema(attributes) } });
        server.post("/admin/api/content-types/apply", change).await
    };
    let refused = async |attributes: Json, message: &str| {
        let response = apply(attributes).await.expect_status(400);
        assert!(response.text().contains(message), "{}", response.text());
    };
    let mut gone = attributes();
    gone.as_object_mut().unwrap().shift_remove("kind");
    refused(gone, "attribute `kind` not found").await;
    let mut circle = attributes();
    circle["kind"]["conditions"] = json!({ "visible": { "!!": [{ "var": "address" }] } });
    refused(circle, "depends on itself").await;
    let mut always = attributes();
    always["address"].as_object_mut().unwrap().shift_remove("conditions");
    apply(always).await.expect_status(200);
}
