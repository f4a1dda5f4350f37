//! Bodies that manifests declare: they are in the description of the content API, and every exchange of a test is compared with it.

use super::{guest, install, stage};
use cairn_plugin_package::package::pack;
use cairn_testkit::{TestClient, TestResponse, TestServer};
use serde_json::{Value as Json, json};

const NOTE_ROUTE: &str = "name = \"note\"\nmethod = \"POST\"\npath = \"/write-note\"\n";

/// The guest with the responses of its route for notes, and the schema of one of them.
fn package(responses: &str, schema: &Json) -> Vec<u8> {
    let declared = format!("{NOTE_ROUTE}responses = [{responses}]\n");
    let mut files = guest("allow", |text| text.replace(NOTE_ROUTE, &declared));
    files.add("responses/note.json", schema.to_string().into_bytes()).unwrap();
    pack(&files, None).unwrap()
}

async fn server_with(responses: &str, schema: &Json) -> TestServer {
    let server = TestServer::start().await;
    let staged = stage(&server, &package(responses, schema)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server
}

async fn write_note(client: &TestClient) -> TestResponse {
    client.post("/api/allow/write-note", json!({ "title": "A" })).await
}

const RESPONSES: &str =
    "{ status = 201, schema = \"responses/note.json\", description = \"The note\" }, { status = 303 }";

#[tokio::test(flavor = "multi_thread")]
async fn declared_responses_are_described() {
    let schema =
        json!({ "type": "object", "properties": { "documentId": { "type": "string" } }, "required": ["documentId"] });
    let server = server_with(RESPONSES, &schema).await;
    let document = server.public_client().get("/api/openapi.json").await.expect_status(200).body;
    let described = &document["paths"]["/api/allow/write-note"]["post"]["responses"];
    let statuses: Vec<&String> = described.as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["201", "303", "default"]);
    assert_eq!(
        described["201"],
        json!({ "description": "The note", "content": { "application/json": { "schema": schema } } })
    );
    // The route beside it declares none.
    assert!(document["paths"]["/api/allow/read-notes"]["get"]["responses"]["2XX"].is_object());
    write_note(&server).await.expect_status(201);
    server.post("/api/allow/write-note", json!({ "title": 7 })).await.expect_status(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_of_tests_are_compared_with_those_that_are_declared() {
    // The guest answers 201 with a documentId.
    let title = json!({ "type": "object", "properties": { "title": { "type": "string" } } });
    for (responses, schema) in [
        ("{ status = 201, schema = \"responses/note.json\" }", &title),
        ("{ status = 200, schema = \"responses/note.json\" }", &json!({})),
        ("{ status = 201, type = \"text/html\" }, { status = 200, schema = \"responses/note.json\" }", &json!({})),
    ] {
        let server = server_with(responses, schema).await;
        let client = server.with_token(cairn_testkit::FULL_TOKEN);
        let compared = tokio::spawn(async move { write_note(&client).await.status }).await;
        assert!(compared.is_err_and(|error| error.is_panic()), "{responses}");
    }
}

/// The guest with the body of its route for notes, and the schema of it.
fn package_with_body(body: &str, schema: &Json) -> Vec<u8> {
    let own = format!("{NOTE_ROUTE}auth = \"none\"\nbody = {{ max = \"64KiB\", types = [\"application/json\"] }}\n");
    let responses = "responses = [{ status = 201, type = \"application/json\" }]\n";
    let declared = format!("{NOTE_ROUTE}auth = \"none\"\nbody = {{ {body} }}\n{responses}");
    let mut files = guest("allow", |text| text.replace(&own, &declared));
    files.add("requests/note.json", schema.to_string().into_bytes()).unwrap();
    pack(&files, None).unwrap()
}

const BODY: &str = "types = [\"application/json\"], schema = \"requests/note.json\"";

#[tokio::test(flavor = "multi_thread")]
async fn declared_request_bodies_are_described_and_compared() {
    let schema =
        |kind: &str| json!({ "type": "object", "properties": { "title": { "type": kind } }, "required": ["title"] });
    for (kind, fits) in [("string", true), ("integer", false)] {
        let server = TestServer::start().await;
        let staged = stage(&server, &package_with_body(BODY, &schema(kind))).await.expect_status(201);
        install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
        let document = server.public_client().get("/api/openapi.json").await.expect_status(200).body;
        assert_eq!(
            document["paths"]["/api/allow/write-note"]["post"]["requestBody"],
            json!({ "required": true, "content": { "application/json": { "schema": schema(kind) } } })
        );
        let client = server.with_token(cairn_testkit::FULL_TOKEN);
        let compared = tokio::spawn(async move { write_note(&client).await.status }).await;
        match compared {
            Ok(status) => assert!(fits && status == 201, "{kind} {status}"),
            Err(error) => assert!(!fits && error.is_panic(), "{kind}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_with_invalid_schemas_of_bodies_are_refused() {
    let server = TestServer::start().await;
    for (body, schema, expected) in [
        (BODY, json!({ "type": "strnig" }), "requests/note.json: is not a valid JSON Schema"),
        (BODY, json!({ "$ref": "#" }), "has a `$ref`, which is not supported"),
        ("max = \"1KiB\"", json!({}), "exists, but no route of the manifest names it"),
    ] {
        let text = stage(&server, &package_with_body(body, &schema)).await.expect_status(400).text();
        assert!(text.contains(expected), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_with_invalid_schemas_are_refused() {
    let server = TestServer::start().await;
    for (responses, schema, expected) in [
        (RESPONSES, json!({ "type": "strnig" }), "is not a valid JSON Schema"),
        (RESPONSES, json!({ "$ref": "#" }), "has a `$ref`, which is not supported"),
        ("{ status = 201 }", json!({}), "exists, but no route of the manifest names it"),
        (
            "{ status = 201, schema = \"responses/other.json\" }",
            json!({}),
            "the schema responses/other.json is not in the package",
        ),
    ] {
        let refused = stage(&server, &package(responses, &schema)).await.expect_status(400);
        let text = refused.text();
        assert!(text.contains(expected) && text.contains("responses/"), "{text}");
    }
}
