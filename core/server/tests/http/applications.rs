//! The plugins of this repository that are products of their own, each with its story. `cargo xtask test <id>` runs one of them.

mod crm;
mod esign;
mod journey;
mod kb;
mod mail_receiver;
mod person;
mod together;

use crate::plugins::{install, package_files, root, stage};
use cairn_plugin_package::KeyPair;
use cairn_plugin_package::package::pack;
use cairn_server::config::Config;
use cairn_testkit::{TestProject, TestServer};
use serde_json::{Value as Json, json};

/// A server with the plugin of that folder of `plugins/`, installed from a signed package with all that it asks for.
async fn server_with_plugin(folder: &str) -> TestServer {
    configured_server_with_plugin(folder, |_| {}).await
}

/// The same, which sends its mails to an address of SMTP.
async fn server_with_plugin_and_mail(folder: &str, smtp_url: String) -> TestServer {
    let configure = |config: &mut Config| {
        config.mail.smtp_url = Some(smtp_url);
        config.mail.from = Some("Cairn <cairn@example.com>".to_owned());
    };
    configured_server_with_plugin(folder, configure).await
}

/// The same, with a change to the configuration of the server.
async fn configured_server_with_plugin(folder: &str, configure: impl FnOnce(&mut Config)) -> TestServer {
    let server = TestServer::start_configured(TestProject::newsroom(), configure).await;
    install_plugin(&server, folder).await;
    server
}

/// Applies the roles that come with the plugin of that folder, and these people with one or more of them.
async fn apply_roles(server: &TestServer, folder: &str, users: Json) {
    let roles = std::fs::read(root().join("plugins").join(folder).join("roles.json")).unwrap();
    server.apply_settings(serde_json::from_slice(&roles).unwrap()).await;
    server.apply_settings(json!({ "adminUsers": users })).await;
}

/// Installs the plugin of that folder of `plugins/` from a signed package, with all that it asks for.
async fn install_plugin(server: &TestServer, folder: &str) {
    let files = package_files(&root().join("plugins").join(folder), |manifest| manifest);
    let staged = stage(server, &pack(&files, Some(&KeyPair::generate())).unwrap()).await.expect_status(201);
    assert_eq!(staged.data()["signed"], true, "{}", staged.text());
    install(server, &staged, json!({})).await.expect_status(201);
}
