//! Which host leads to which tenant.

use super::{A, B, two};
use cairn_testkit::TestServer;
use serde_json::json;

#[tokio::test]
async fn each_host_has_its_own_content() {
    let server = TestServer::of(two()).await;
    for (host, title) in [(A, "of a"), (B, "of b"), ("other.example.com", "of the default")] {
        server.at(host).create("/api/articles", json!({"title": title})).await;
    }
    for (host, title) in [(A, "of a"), (B, "of b"), ("anything.else", "of the default")] {
        for _ in 0..2 {
            assert_eq!(server.at(host).get("/api/articles").await.texts("title"), [title], "{host}");
        }
    }
    assert_eq!(server.get("/api/articles").await.texts("title"), ["of the default"]);
    assert_eq!((server.process.declared_tenants(), server.process.open_tenants()), (2, 2));
}
