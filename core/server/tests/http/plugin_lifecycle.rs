//! Lifecycle of plugins, the rows that they let callers see, and the views that they show in the admin.

use cairn_plugin_package::package::{PackageFiles, is_packed, pack};
use cairn_testkit::{TestClient, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

const PLUGINS: &str = "/admin/api/plugins";
const PAGES: &str = "/api/policy/pages";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A guest as a package, its text files changed.
fn package(name: &str, change: impl Fn(&str, String) -> String) -> Vec<u8> {
    fn add(files: &mut PackageFiles, root: &Path, folder: &Path, change: &dyn Fn(&str, String) -> String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && is_packed(&format!("{name}/x")) {
                add(files, root, &path, change);
            } else if path.is_file() && is_packed(&name) {
                let text = change(&name, std::fs::read_to_string(&path).unwrap());
                files.add(&name, text.into_bytes()).unwrap();
            }
        }
    }
    let folder = root().join("plugins/guests").join(name);
    let mut files = PackageFiles::new();
    add(&mut files, &folder, &folder, &change);
    let component = root().join(format!("target/plugins/{name}.wasm"));
    let component = std::fs::read(&component)
        .unwrap_or_else(|e| panic!("{}: {e}; `cargo xtask wasm` makes it", component.display()));
    files.add("plugin.wasm", component).unwrap();
    pack(&files, None).unwrap()
}

fn unchanged(_: &str, text: String) -> String {
    text
}

async fn install(client: &TestClient, package: Vec<u8>) -> TestResponse {
    let request = client.request("POST", &format!("{PLUGINS}/packages"));
    let staged =
        client.send(request.header("content-type", "application/octet-stream").body(package)).await.expect_status(201);
    let staged = staged.data();
    let all: Vec<usize> = (0..staged["grants"].as_array().unwrap().len()).collect();
    client.post(PLUGINS, json!({ "digest": staged["digest"], "grants": all, "unsigned": true })).await
}

fn root_client(server: &TestServer) -> TestClient {
    (**server).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn read_policies_filter_content_api_responses() {
    let server = TestServer::start().await;
    let admin = root_client(&server);
    let ann = server.create_user("ann", "authenticated", json!({})).await;
    let id = ann.get("/api/users/me").await.expect_status(200);
    let id = id.body["documentId"].as_str().unwrap().to_owned();
    install(&admin, package("policy", unchanged)).await.expect_status(201);
    let reads = json!({ "plugin::policy.page": ["find", "findOne"], "plugin::policy.trap": ["find"] });
    let roles = json!({ "public": { "permissions": reads }, "authenticated": { "permissions": reads } });
    server.apply_settings(json!({ "roles": roles })).await;
    for (title, audience, owner) in [("a", "public", ""), ("b", "members", id.as_str()), ("c", "members", "other")] {
        admin
            .create_entry(PAGES, json!({ "title": title, "audience": audience, "owner": owner }))
            .await
            .expect_status(201);
    }
    let titles = |answer: TestResponse| answer.expect_status(200).text_column("title");
    // From the database, then from memory: what one is answered is not what another is.
    for _ in 0..3 {
        assert_eq!(titles(server.public_client().get(PAGES).await), ["a"]);
        assert_eq!(titles(ann.get(&format!("{PAGES}?sort=title")).await), ["a", "b"]);
        assert_eq!(titles(admin.get(PAGES).await).len(), 3);
    }
    let total = server
        .public_client()
        .get(&format!("{PAGES}?pagination[pageSize]=1"))
        .await
        .expect_status(200)
        .pagination_total();
    assert_eq!(total, 1);
    admin.create_entry(PAGES, json!({ "title": "d", "audience": "public" })).await.expect_status(201);
    assert_eq!(titles(server.public_client().get(&format!("{PAGES}?sort=title")).await), ["a", "d"]);
    // A policy that fails shows nothing, and does not pretend that there is nothing.
    server.public_client().get("/api/policy/traps").await.expect_status(503);
    let root = server.super_admin().await;
    let acted = root.post(&format!("{PLUGINS}/policy/views/pages/actions/forget"), json!({ "values": {} })).await;
    assert_eq!(acted.expect_status(200).data()["notice"], "forgotten");
    assert_eq!(titles(server.public_client().get(&format!("{PAGES}?sort=title")).await), ["a", "d"]);
    // A plugin that is off or uninstalled cannot decide who may see its pages: they are hidden from everybody.
    admin.post(&format!("{PLUGINS}/policy/disable"), json!({})).await.expect_status(200);
    assert_eq!(titles(server.public_client().get(PAGES).await), Vec::<String>::new());
    admin.post(&format!("{PLUGINS}/policy/enable"), json!({})).await.expect_status(200);
    assert_eq!(titles(server.public_client().get(&format!("{PAGES}?sort=title")).await), ["a", "d"]);
    root.delete(&format!("{PLUGINS}/policy?data=keep")).await.expect_status(204);
    assert_eq!(titles(server.public_client().get(PAGES).await), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn plugin_views_are_rendered_for_signed_in_admins() {
    let server = TestServer::start().await;
    let admin = server.super_admin().await;
    install(&admin, package("policy", unchanged)).await.expect_status(201);
    let views = format!("{PLUGINS}/policy/views");
    let answer = admin.post(&format!("{views}/pages"), json!({})).await.expect_status(200);
    assert_eq!(answer.data()["kind"], "table");
    admin.post(&format!("{views}/nothing"), json!({})).await.expect_status(404);
    admin.post(&format!("{PLUGINS}/nothing/views/pages"), json!({})).await.expect_status(404);
    admin.post(&format!("{views}/pages"), json!({ "parameters": 1 })).await.expect_status(400);
    admin.post(&format!("{views}/pages/actions/nothing"), json!({ "values": {} })).await.expect_status(404);
    server.public_client().post(&format!("{views}/pages"), json!({})).await.expect_status(401);
    let detail = admin.get(&format!("{PLUGINS}/policy")).await.expect_status(200);
    let calls = detail.data()["health"]["calls"].as_array().unwrap().clone();
    assert!(
        calls.iter().any(|call| call["export"] == "view" && call["calls"] == 1 && call["state"] == "closed"),
        "{calls:?}"
    );
}

fn allow_package_with_greeting(text: &'static str, version: &'static str) -> Vec<u8> {
    package("allow", move |name, content| match name {
        "settings.schema.json" => content.replace("\"Hello\"", &format!("{text:?}")),
        "plugin.toml" => content.replace("version = \"1.0.0\"", &format!("version = {version:?}")),
        _ => content,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn installations_refused_by_the_plugin_leave_nothing() {
    let server = TestServer::start().await;
    let admin = root_client(&server);
    let refused = install(&admin, allow_package_with_greeting("refuse-install", "1.0.0")).await.expect_status(400);
    assert!(refused.message().contains("There is no room."), "{}", refused.message());
    admin.get(&format!("{PLUGINS}/allow")).await.expect_status(404);
    admin.get("/api/allow/notes").await.expect_status(404);
    // A later attempt succeeds.
    let installed = install(&admin, allow_package_with_greeting("Hello", "1.0.0")).await.expect_status(201);
    assert_eq!((&installed.data()["state"], &installed.data()["running"]), (&json!("enabled"), &json!(true)));
    admin.get("/api/allow/notes").await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn upgrades_run_and_plugins_can_reject_settings() {
    let server = TestServer::start().await;
    let admin = root_client(&server);
    install(&admin, allow_package_with_greeting("Hello", "1.0.0")).await.expect_status(201);
    let upgraded = install(&admin, allow_package_with_greeting("Hello", "1.1.0")).await.expect_status(201);
    let data = upgraded.data();
    assert_eq!(
        (&data["version"], &data["state"], &data["previous"]),
        (&json!("1.1.0"), &json!("enabled"), &json!("1.0.0"))
    );
    assert_eq!(data["upgrade"], Json::Null);
    let settings = format!("{PLUGINS}/allow/settings");
    let refused = admin.put(&settings, json!({ "values": { "greeting": "HELLO" } })).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["greeting"]));
    admin.put(&settings, json!({ "values": { "greeting": "Good day" } })).await.expect_status(200);
    let back = admin.post(&format!("{PLUGINS}/allow/rollback"), json!({})).await.expect_status(200);
    assert_eq!(back.data()["version"], "1.0.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_upgrades_restore_the_previous_version() {
    let server = TestServer::start().await;
    let admin = root_client(&server);
    install(&admin, allow_package_with_greeting("Hello", "1.0.0")).await.expect_status(201);
    install(&admin, allow_package_with_greeting("stuck", "1.1.0")).await.expect_status(201);
    // A slice that fails is tried again after a while.
    for _ in 0..100 {
        let detail = admin.get(&format!("{PLUGINS}/allow")).await.expect_status(200);
        if detail.data()["state"] != "upgrading" {
            break;
        }
        server.advance_clock(std::time::Duration::from_secs(20));
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let detail = admin.get(&format!("{PLUGINS}/allow")).await.expect_status(200);
    let data = detail.data();
    assert_eq!((&data["version"], &data["state"]), (&json!("1.0.0"), &json!("enabled")));
    assert!(data["reason"].as_str().unwrap().contains("It does not go on."), "{data}");
}
