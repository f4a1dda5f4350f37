//! Policies that plugins fail to answer: what cannot be decided is refused, and never looks as if there were nothing.

use super::{install_plugin_with_notes, install_policy_plugin, project};
use cairn_testkit::{TestResponse, TestServer};
use serde_json::json;

fn expect_refusal(answer: &TestResponse, what: &str) {
    assert_eq!(answer.status, 503, "{what}: {}", answer.body);
    assert_eq!(answer.body["error"]["name"], "ServiceUnavailableError", "{what}");
    assert_eq!(answer.body["data"], json!(null), "{what}");
    assert_eq!(answer.header("retry-after"), "1", "{what}");
    assert!(!answer.body.to_string().contains("trap"), "{what}: {}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn types_whose_policies_fail_are_unavailable_and_not_empty() {
    let server = TestServer::start_with(project()).await;
    install_plugin_with_notes(&server).await;
    install_policy_plugin(&server).await;
    for kind in ["traps", "shorts", "brokens"] {
        let list = format!("/api/policy/{kind}");
        let entry = format!("{list}/abcdefghijklmnopqrstuvwx");
        let body = json!({ "data": { "title": "A" } });
        // Often enough that the plugin is not called any more: the answer stays.
        for _ in 0..6 {
            expect_refusal(&server.get(&list).await, &list);
        }
        expect_refusal(&server.get(&entry).await, &entry);
        expect_refusal(&server.post(&list, body.clone()).await, &list);
        expect_refusal(&server.put(&entry, body).await, &entry);
        expect_refusal(&server.delete(&entry).await, &entry);
    }
    // A plugin that is not called any more for its failures answers for none of its types; types without a policy do not notice.
    server.get("/api/home").await.expect_status(404);
    server.get("/api/i18n/locales").await.expect_status(200);
    // A caller without permission learns no more than before.
    assert_eq!(server.public_client().get("/api/policy/traps").await.status, 403);
}
