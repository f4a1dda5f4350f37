//! Visitors of a site whose own server asks for them: they are told apart by the addresses that it passes on, if the operator trusts it.

use super::CONTENT;
use crate::applications::configured_server_with_plugin;
use cairn_testkit::{TestClient, TestServer};
use std::net::IpAddr;

/// A server that trusts these addresses to pass on those of visitors. Its space is the one that the installation creates.
async fn server_behind(proxies: Vec<IpAddr>) -> TestServer {
    configured_server_with_plugin("knowledge-base", |config| config.server.trusted_proxies = proxies).await
}

/// Searches as the site's own server does for a visitor with that address.
async fn search_for(front_end: &TestClient, address: &str) {
    let path = "/api/kb/search?locale=nl&q=zonnepanelen";
    front_end.get_with(path, ("x-forwarded-for", address)).await.expect_status(200);
}

/// How often the text was searched, if it was stored.
async fn find_count(server: &TestServer) -> Option<u64> {
    let rows = server.get(&format!("{CONTENT}query")).await.expect_status(200);
    rows.data().as_array().unwrap().first().map(|row| row["count"].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_through_a_trusted_front_end_are_of_its_visitors() {
    let server = server_behind(vec!["127.0.0.1".parse().unwrap()]).await;
    let front_end = server.public_client();
    for address in ["192.0.2.1", "192.0.2.1", "192.0.2.2"] {
        search_for(&front_end, address).await;
        assert_eq!(find_count(&server).await, None, "{address}");
    }
    search_for(&front_end, "192.0.2.3").await;
    assert_eq!(find_count(&server).await, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_trusted_is_one_visitor() {
    let server = server_behind(Vec::new()).await;
    let visitor = server.public_client();
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"] {
        search_for(&visitor, address).await;
    }
    assert_eq!(find_count(&server).await, None);
}
