//! The upgrade from version 0.1.0, which invited nobody.

use super::CONTENT;
use super::invitations::{list_mails, order};
use crate::applications::{install_package, pack_version};
use crate::plugins::{PLUGINS, stage};
use cairn_plugin_package::KeyPair;
use cairn_testkit::{TestProject, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn customers_from_before_the_upgrade_stay_and_are_not_invited_by_it() {
    let server = TestServer::start_with(TestProject::newsroom()).await;
    let key = KeyPair::generate();
    // The grant to invite is left out, as in the version before.
    let staged = stage(&server, &pack_version("portal", Some("0.1.0"), &key)).await.expect_status(201);
    let grants = staged.data()["grants"].as_array().unwrap();
    let others: Vec<usize> = (0..grants.len()).filter(|n| !grants[*n].to_string().contains("users.invite")).collect();
    let body = json!({ "digest": staged.data()["digest"], "grants": others });
    server.post(PLUGINS, body).await.expect_status(201);
    server.add_user("anna", "authenticated", json!({ "confirmed": true, "emailVerified": true })).await;
    for (number, name) in [("1", "anna"), ("2", "sanne")] {
        let order = order(number, name, &format!("{name}@example.com"));
        server.post("/api/portal/orders", order).await.expect_status(201);
    }
    server.run_until_idle().await;

    install_package(&server, &pack_version("portal", None, &key)).await;
    let root = server.super_admin().await;
    let plugin = root.get(&format!("{PLUGINS}/portal")).await.expect_status(200);
    assert_ne!(plugin.data()["version"], "0.1.0", "{}", plugin.text());
    // Also when the job has looked for accounts.
    server.run_until_idle().await;
    server.advance_clock(Duration::from_secs(3_600));
    server.run_until_idle().await;
    for name in ["anna", "sanne"] {
        assert!(list_mails(&server, &format!("{name}@example.com")).await.is_empty(), "{name}");
    }
    let accesses = root.get(&format!("{CONTENT}access?sort=email:asc")).await.expect_status(200);
    assert_eq!(accesses.text_column("email"), ["anna@example.com", "sanne@example.com"]);
    assert_eq!(accesses.data_column("invitation"), [Json::Null, Json::Null]);
    let anna = server.with_token(&server.new_tenant_session("default", "anna").await);
    let me = anna.get("/api/portal/me").await.expect_status(200);
    assert_eq!(me.data()["vehicles"].as_array().unwrap().len(), 1, "{}", me.text());

    // An order after the upgrade leads to an invitation, also for a customer from before.
    server.post("/api/portal/orders", order("3", "Sanne", "sanne@example.com")).await.expect_status(201);
    assert_eq!(list_mails(&server, "sanne@example.com").await.len(), 1);
    let calls = root.get(&format!("{PLUGINS}/portal/calls")).await.expect_status(200);
    assert_eq!(calls.data(), &json!([]), "a call failed");
}
