//! The plugins of this repository that are products of their own, each with its story. `cargo xtask test <id>` runs one of them.

mod crm;
mod journey;
mod kb;

use crate::plugins::{install, package_files, root, stage};
use cairn_plugin_package::KeyPair;
use cairn_plugin_package::package::pack;
use cairn_testkit::TestServer;
use serde_json::json;

/// A server with the plugin of that folder of `plugins/`, installed from a signed package with all that it asks for.
async fn server_with_plugin(folder: &str) -> TestServer {
    let server = TestServer::start().await;
    let files = package_files(&root().join("plugins").join(folder), |manifest| manifest);
    let staged = stage(&server, &pack(&files, Some(&KeyPair::generate())).unwrap()).await.expect_status(201);
    assert_eq!(staged.data()["signed"], true, "{}", staged.text());
    install(&server, &staged, json!({})).await.expect_status(201);
    server
}
