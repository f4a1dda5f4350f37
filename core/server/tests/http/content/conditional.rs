//! `conditions.visible`: attributes that are asked for only where others say so.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::json;

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
