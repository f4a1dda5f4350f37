//! Upgrades of content that earlier versions stored.

use super::CONTENT;
use crate::applications::{install_package, pack_version};
use cairn_plugin_package::KeyPair;
use cairn_testkit::{TestProject, TestServer};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn searches_that_one_visitor_may_have_made_go_with_the_upgrade() {
    let server = TestServer::start_with(TestProject::newsroom()).await;
    let key = KeyPair::generate();
    install_package(&server, &pack_version("knowledge-base", Some("0.2.3"), &key)).await;
    let path = format!("{CONTENT}query");
    for (text, count) in [("zonnepanelen", 3), ("jan jansen utrecht", 2), ("ann@example.com", 9), ("06 12345678", 9)] {
        let at = "2026-01-01T09:00:00.000Z";
        let data =
            json!({ "text": text, "language": "nl", "count": count, "hits": 0, "firstAsked": at, "lastAsked": at });
        server.post(&path, json!({ "data": data })).await.expect_status(201);
    }
    install_package(&server, &pack_version("knowledge-base", None, &key)).await;
    server.run_until_idle().await;
    let plugin = server.get("/admin/api/plugins/kb").await.expect_status(200);
    assert_ne!(plugin.data()["version"], "0.2.3", "{}", plugin.text());
    let rows = server.get(&path).await.expect_status(200);
    assert_eq!(rows.text_column("text"), ["zonnepanelen"]);
}
