//! `conditions.visible`: attributes that are asked for only where others say so.

use cairn_testkit::{Project, Schema, TestServer};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_visible_is_not_required() {
    let visible = json!({"visible": {"==": [{"var": "kind"}, "company"]}});
    let attributes = json!({
        "kind": {"type": "enumeration", "enum": ["person", "company"]},
        "vat": {"type": "string", "required": true, "minLength": 3, "conditions": visible},
        "name": {"type": "string"},
    });
    let server = TestServer::of(
        Project::new()
            .with_type(Schema::collection("client", attributes.clone()))
            .with_type(Schema::collection("lead", attributes).drafts()),
    )
    .await;
    for route in ["clients", "leads"] {
        let path = format!("/api/{route}");
        server.create(&path, json!({"kind": "person"})).await;
        let refused = server.post(&path, json!({"data": {"kind": "company"}})).await.expect(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["vat"]), "{}", refused.text());
        server.post(&path, json!({"data": {"kind": "company", "vat": "x"}})).await.expect(400);
        let made = server.create(&path, json!({"kind": "company", "vat": "NL1"})).await;
        assert_eq!(made.data()["vat"], "NL1");
    }
}
