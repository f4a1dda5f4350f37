//! Nothing half-installed remains: a process that ends at any step, and plugins that go.

use super::{PLUGINS, allow_package, install, server_with_allow_plugin, stage};
use cairn_testkit::TestServer;
use serde_json::json;
use std::path::Path;

fn names(folder: &Path) -> Vec<String> {
    let dir = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = dir.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &place) } else { std::fs::copy(&path, &place).map(drop).unwrap() }
    }
}

/// Record of a change to version 1.1.0 of the package with this digest.
fn change_record(digest: &str) -> String {
    json!({
        "tenant": "default",
        "record": {
            "id": "allow",
            "version": { "version": "1.1.0", "digest": digest },
            "publisher": null,
            "grants": [],
            "by": { "kind": "system", "id": "a test" },
        },
    })
    .to_string()
}

/// The folder of version 1.1.0, as an installation makes it, and the digest of its package.
async fn prepare_next_version(server: &TestServer, change: impl Fn(String) -> String) -> (std::path::PathBuf, String) {
    let package = allow_package("1.1.0", None, change);
    let staged = stage(server, &package).await.expect_status(201);
    let digest = staged.data()["digest"].as_str().unwrap().to_owned();
    let (plugins, prepared) = (server.project.path().join("plugins"), server.project.path().join("made"));
    copy(&plugins.join("allow"), &prepared);
    let manifest = std::fs::read_to_string(prepared.join("plugin.toml")).unwrap();
    std::fs::write(prepared.join("plugin.toml"), manifest.replace("1.0.0", "1.1.0")).unwrap();
    std::fs::write(prepared.join("allow-1.1.0.cairnplugin"), package).unwrap();
    (prepared, digest)
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_upgrades_are_resolved_at_startup() {
    // How far it got, and which version is there after the next start.
    for (step, version) in [("made", "1.0.0"), ("noted", "1.0.0"), ("moved", "1.0.0"), ("swapped", "1.1.0")] {
        let server = server_with_allow_plugin().await;
        let (prepared, digest) = prepare_next_version(&server, |text| text).await;
        let server = server.stop().await;
        let project = server.project.path();
        let plugins = project.join("plugins");
        std::fs::rename(&prepared, plugins.join(".allow.new")).unwrap();
        if step != "made" {
            std::fs::write(project.join("data/plugin-change.json"), change_record(&digest)).unwrap();
        }
        if step == "moved" || step == "swapped" {
            std::fs::rename(plugins.join("allow"), plugins.join(".allow.old")).unwrap();
        }
        if step == "swapped" {
            std::fs::rename(plugins.join(".allow.new"), plugins.join("allow")).unwrap();
        }
        let server = server.stop().await.restart_server().await;
        let answer = server.get(&format!("{PLUGINS}/allow")).await.expect_status(200);
        assert_eq!(answer.data()["version"], version, "{step}: {}", answer.text());
        assert_eq!(answer.data()["running"], json!(true), "{step}: {}", answer.text());
        assert_eq!(names(&server.project.path().join("plugins")), ["allow"], "{step}");
        assert!(!server.project.path().join("data/plugin-change.json").exists(), "{step}");
        server.public_client().get("/api/allow/read-notes").await.expect_status(200);
        // The next installation works as usual.
        let staged = stage(&server, &allow_package("1.2.0", None, |text| text)).await.expect_status(201);
        install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_first_installation_leaves_nothing() {
    let server = TestServer::start().await;
    let package = allow_package("1.1.0", None, |text| text);
    let digest = stage(&server, &package).await.expect_status(201).data()["digest"].as_str().unwrap().to_owned();
    let server = server.stop().await;
    let folder = server.project.path().join("plugins/allow");
    let guest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/guests/allow");
    copy(&guest.join("content-types"), &folder.join("content-types"));
    std::fs::copy(guest.join("plugin.toml"), folder.join("plugin.toml")).unwrap();
    std::fs::write(folder.join("allow-1.1.0.cairnplugin"), package).unwrap();
    std::fs::write(server.project.path().join("data/plugin-change.json"), change_record(&digest)).unwrap();
    let server = server.stop().await.restart_server().await;
    assert_eq!(server.get(PLUGINS).await.expect_status(200).data(), &json!([]));
    assert_eq!(names(&server.project.path().join("plugins")), Vec::<String>::new());
    server.get("/api/allow/plains").await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn uninstall_retains_or_deletes_plugin_content() {
    let server = server_with_allow_plugin().await;
    server.create_entry("/api/allow/plains", json!({ "title": "kept" })).await.expect_status(201);
    server.delete(&format!("{PLUGINS}/allow?data=keep")).await.expect_status(204);
    assert_eq!(server.get(PLUGINS).await.data(), &json!([]));
    server.get(&format!("{PLUGINS}/allow")).await.expect_status(404);
    assert_eq!(server.public_client().get("/api/allow/read-notes").await.status, 404);
    // Taken up again, with what it had.
    let staged = stage(&server, &allow_package("1.0.0", None, |text| text)).await.expect_status(201);
    assert_eq!(staged.data()["decision"], "install");
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    assert_eq!(server.get("/api/allow/plains").await.expect_status(200).data()[0]["title"], "kept");
    // Uninstallation with `data=delete` is final.
    server.delete(&format!("{PLUGINS}/allow?data=delete")).await.expect_status(204);
    server.get("/api/allow/plains").await.expect_status(404);
    assert_eq!(names(&server.project.path().join("plugins")), Vec::<String>::new());
    for bad in ["?data=other", "?data="] {
        assert!(matches!(server.delete(&format!("{PLUGINS}/allow{bad}")).await.status, 400 | 404));
    }
    // The server starts, and the plugin comes back without its former data.
    let server = server.stop().await.restart_server().await;
    let staged = stage(&server, &allow_package("1.0.0", None, |text| text)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    assert_eq!(server.get("/api/allow/plains").await.expect_status(200).data(), &json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_changed_after_consent_are_not_run() {
    let server = server_with_allow_plugin().await;
    let file = server.project.path().join("plugins/allow/allow-1.0.0.cairnplugin");
    let other = allow_package("1.0.0", None, |text| text.replace("max = \"64KiB\"", "max = \"32KiB\""));
    std::fs::write(&file, other).unwrap();
    let server = server.stop().await.restart_server().await;
    let answer = server.get(&format!("{PLUGINS}/allow")).await.expect_status(200);
    assert_eq!((&answer.data()["state"], &answer.data()["running"]), (&json!("enabled"), &json!(false)));
    let problem = answer.data()["problem"].as_str().unwrap();
    assert!(problem.contains("not the package that was installed"), "{problem}");
    assert_eq!(server.public_client().get("/api/allow/read-notes").await.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_with_unmet_requirements_are_refused() {
    let server = server_with_allow_plugin().await;
    let needs = |text: String| {
        text.replace(
            "requires = { cairn = \">=0.1\" }",
            "requires = { cairn = \">=0.1\", plugins = { allow = \"^1\" } }",
        )
    };
    // A plugin of another id would need a component of its own: what is looked at is the row and the package's manifest.
    let refused =
        stage(&server, &allow_package("1.1.0", None, |text| needs(text).replace("allow = \"^1\"", "nothing = \"^1\"")))
            .await;
    let refused = refused.expect_status(201);
    assert_eq!(refused.data()["decision"], "refused", "{}", refused.text());
    assert!(refused.data()["reason"].as_str().unwrap().contains("nothing ^1"));
    let newer =
        stage(&server, &allow_package("1.1.0", None, |text| text.replace(">=0.1", ">=99"))).await.expect_status(201);
    assert!(newer.data()["reason"].as_str().unwrap().contains("Cairn >=99"), "{}", newer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_are_installed_per_tenant_after_the_main_site() {
    let server = TestServer::start().await;
    let token = json!([{ "name": "full", "type": "full-access", "token": cairn_testkit::FULL_TOKEN }]);
    server
        .apply_settings(json!({ "tenants": { "cars": { "hosts": ["cars.example.com"], "settings": { "apiTokens": token, "adminTokens": [cairn_testkit::admin_token()] } } } }))
        .await;
    let cars = server.with_host("cars.example.com");
    // The main site installs first: until then the tenant cannot install, and the main site does not have the tenant's package.
    let tenant_staged = stage(&cars, &allow_package("1.0.0", None, |text| text)).await.expect_status(201);
    let refused = install(&cars, &tenant_staged, json!({ "unsigned": true })).await.expect_status(409);
    assert!(refused.message().contains("main site"), "{}", refused.message());
    assert_eq!(install(&server, &tenant_staged, json!({ "unsigned": true })).await.status, 400);
    let staged = stage(&server, &allow_package("1.0.0", None, |text| text)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server.public_client().get("/api/allow/read-notes").await.expect_status(200);
    assert_eq!(cars.get(PLUGINS).await.expect_status(200).data(), &json!([]));
    cars.get(&format!("{PLUGINS}/allow")).await.expect_status(404);
    cars.get("/api/allow/read-notes").await.expect_status(404);
    assert_eq!(cars.get("/admin/plugins/allow/frame/board/index.html").await.status, 404);
    // The same package may be switched on there, and is then its own.
    install(&cars, &tenant_staged, json!({ "unsigned": true })).await.expect_status(201);
    cars.without_token().get("/api/allow/read-notes").await.expect_status(200);
    cars.create_entry("/api/allow/plains", json!({ "title": "theirs" })).await.expect_status(201);
    assert_eq!(server.get("/api/allow/plains").await.expect_status(200).data(), &json!([]));
    // Content types of the plugin are shared: they stay while another tenant has content of them.
    cars.delete(&format!("{PLUGINS}/allow?data=delete")).await.expect_status(409);
    assert!(server.delete(&format!("{PLUGINS}/allow?data=delete")).await.status >= 400);
    assert_eq!(cars.get("/api/allow/plains").await.expect_status(200).data()[0]["title"], "theirs");
    server.public_client().get("/api/allow/read-notes").await.expect_status(200);
}
