//! The plugins of this repository that are products of their own, each with its story. `cargo xtask test <id>` runs one of them.

mod crm;
mod esign;
mod journey;
mod kb;
mod mail_receiver;
mod person;
mod portal;
mod together;

use crate::plugins::{install, package_files, root, stage};
use crate::tenants::{A, B, settings};
use cairn_plugin_package::KeyPair;
use cairn_plugin_package::package::pack;
use cairn_server::config::Config;
use cairn_testkit::{TestClient, TestProject, TestServer};
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

/// Installs the plugin of that folder of `plugins/` into the tenant of a client, from a signed package.
async fn install_plugin(client: &TestClient, folder: &str) {
    install_package(client, &pack_plugin(folder)).await;
}

/// The signed package of the plugin of that folder.
fn pack_plugin(folder: &str) -> Vec<u8> {
    let files = package_files(&root().join("plugins").join(folder), |manifest| manifest);
    pack(&files, Some(&KeyPair::generate())).unwrap()
}

/// The same, in the version of that name; `None`: in its own.
fn pack_version(folder: &str, version: Option<&str>, key: &KeyPair) -> Vec<u8> {
    let name = |manifest: String| match version {
        Some(version) => {
            let lines = manifest.lines().map(|line| match line.starts_with("version = ") {
                true => format!("version = \"{version}\""),
                false => line.to_owned(),
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        None => manifest,
    };
    pack(&package_files(&root().join("plugins").join(folder), name), Some(key)).unwrap()
}

async fn install_package(client: &TestClient, package: &[u8]) {
    let staged = stage(client, package).await.expect_status(201);
    assert_eq!(staged.data()["signed"], true, "{}", staged.text());
    install(client, &staged, json!({})).await.expect_status(201);
}

/// Two tenants with the plugin of that folder, and somebody in each who may do everything.
struct TwoTenants {
    /// Keeps both running.
    server: TestServer,
    ours: TestClient,
    theirs: TestClient,
    /// A program of theirs, with a token for everything.
    program: TestClient,
}

impl TwoTenants {
    async fn start(folder: &str) -> Self {
        let (email, password) = ("root@example.com", "a password of some length");
        let mut of_tenant = settings();
        of_tenant["adminUsers"] = json!([{ "email": email, "password": password, "roles": ["super-admin"] }]);
        let tenant = |host: &str| json!({ "hosts": [host], "settings": of_tenant });
        let tenants = json!({ "a": tenant(A), "b": tenant(B) });
        let project = TestProject::newsroom().with_settings("tenants", tenants);
        let pdf = root().join("target/tools/cairn-pdf").display().to_string();
        let server = TestServer::start_configured(project, |config| config.plugins.pdf = Some(pdf)).await;
        // The main site first: packages are shared by all tenants.
        let package = pack_plugin(folder);
        install_package(&server, &package).await;
        for host in [A, B] {
            install_package(&server.with_host(host), &package).await;
        }
        let ours = server.with_host(A).sign_in_admin(email, password).await;
        let theirs = server.with_host(B).sign_in_admin(email, password).await;
        let program = server.with_host(B);
        Self { server, ours, theirs, program }
    }
}

/// Checks that a document is for somebody what there never was: each request to its `ID` gets the same 404 as one to nothing.
async fn assert_unknown(to: &TestClient, id: &str, requests: &[(&str, &str, Json)]) {
    for (method, path, body) in requests {
        let mut answers = Vec::new();
        for id in [id, "nothing"] {
            let body = body.to_string().replace("ID", id);
            let request = to.request(method, &path.replace("ID", id));
            let answer = to.send(request.header("content-type", "application/json").body(body)).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
            answers.push(answer.text().replace(id, "ID"));
        }
        assert_eq!(answers[0], answers[1], "{method} {path}");
    }
}
