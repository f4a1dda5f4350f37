//! Plugins over the admin API: packages that come, what is agreed to, switched, set up and removed; and what of them is served.

mod calendar;
mod choices;
mod cleanup;
mod client_errors;
mod declared_responses;
mod document_views;
mod frames;
mod groups;
mod install;
mod management;
mod missing;
mod operations;
mod permissions;
mod public_pages;
mod rates;
mod refusal_pages;
pub(crate) mod responses;
mod route_bodies;
mod route_callers;
mod sweep;
mod translations;
mod unique_keys;

use cairn_plugin_package::KeyPair;
use cairn_plugin_package::package::{PackageFiles, is_packed, pack};
use cairn_testkit::{TestClient, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

/// Where they are looked after.
pub(crate) const PLUGINS: &str = "/admin/api/plugins";

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder of a guest as a package's files, with its manifest changed.
pub(crate) fn guest(name: &str, change: impl Fn(String) -> String) -> PackageFiles {
    package_files(&root().join("plugins/guests").join(name), change)
}

/// The folder of a plugin of this repository as a package's files, with its manifest changed, and its component as `cargo xtask wasm` built
/// it.
pub(crate) fn package_files(folder: &Path, change: impl Fn(String) -> String) -> PackageFiles {
    fn add(files: &mut PackageFiles, root: &Path, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && is_packed(&format!("{name}/x")) {
                add(files, root, &path);
            } else if path.is_file() && is_packed(&name) && !matches!(name.as_str(), "plugin.toml" | "plugin.wasm") {
                files.add(&name, std::fs::read(&path).unwrap()).unwrap();
            }
        }
    }
    let mut files = PackageFiles::new();
    add(&mut files, folder, folder);
    let manifest = change(std::fs::read_to_string(folder.join("plugin.toml")).unwrap());
    files.add("plugin.toml", manifest.into_bytes()).unwrap();
    let name = folder.file_name().unwrap().to_str().unwrap();
    let component = root().join(format!("target/plugins/{name}.wasm"));
    let component = std::fs::read(&component)
        .unwrap_or_else(|e| panic!("{}: {e}; `cargo xtask wasm` makes it", component.display()));
    files.add("plugin.wasm", component).unwrap();
    files
}

/// The guest that behaves, in a version of its own, signed by that key.
pub(crate) fn allow_package(version: &str, key: Option<&KeyPair>, change: impl Fn(String) -> String) -> Vec<u8> {
    let versioned = |text: String| change(text.replace("version = \"1.0.0\"", &format!("version = \"{version}\"")));
    pack(&guest("allow", versioned), key).unwrap()
}

/// Sends a package.
pub(crate) async fn stage(client: &TestClient, package: &[u8]) -> TestResponse {
    let request = client.request("POST", &format!("{PLUGINS}/packages"));
    client.send(request.header("content-type", "application/octet-stream").body(package.to_vec())).await
}

/// Installs what was sent, with all that it asks for.
pub(crate) async fn install(client: &TestClient, staged: &TestResponse, words: Json) -> TestResponse {
    let staged = staged.data();
    let all: Vec<usize> = (0..staged["grants"].as_array().unwrap().len()).collect();
    let mut body = json!({ "digest": staged["digest"], "grants": all });
    body.as_object_mut().unwrap().extend(words.as_object().unwrap().clone());
    client.post(PLUGINS, body).await
}

/// A server with the guest that behaves, switched on.
pub(crate) async fn server_with_allow_plugin() -> TestServer {
    let server = TestServer::start().await;
    let staged = stage(&server, &allow_package("1.0.0", None, |text| text)).await;
    install(&server, &staged.expect_status(201), json!({ "unsigned": true })).await.expect_status(201);
    server
}
