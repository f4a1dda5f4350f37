//! Plugins that do not run: what they check, and what is their own, is not changed without them.

use super::{PLUGINS, allow_package, guest, install, stage};
use cairn_plugin_package::package::{PackageFiles, pack};
use cairn_testkit::{TestClient, TestResponse, TestServer};
use reqwest::multipart::{Form, Part};
use serde_json::json;

const ARTICLES: &str = "/admin/api/content/api::article.article";
const PASSWORD: &str = "a password of some length";

/// The manifest of the guest with a hook on the creation of the project's articles.
fn checks_articles(manifest: String) -> String {
    let own = "on = [\"plugin::allow.note:create\", \"plugin::allow.note:update\"]\nphase = \"before\"";
    assert!(manifest.contains(own));
    let grant = "[[grant]]\nuse = \"data.read\"\ntypes = [\"api::article.article\"]\nreason = \"t:grant.kv\"\n";
    let hook = own.replace("[\"", "[\"api::article.article:create\", \"");
    manifest.replace(own, &hook).replace("[content-types]", &format!("{grant}\n[content-types]"))
}

/// A server with the guest that checks articles.
async fn server_with_checks() -> TestServer {
    let server = TestServer::start().await;
    let staged = stage(&server, &allow_package("1.0.0", None, checks_articles)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server
}

/// Creates an article that the guest would refuse, without the checks of those plugins.
async fn create_unchecked(client: &TestClient, plugins: &str) -> TestResponse {
    let request = client.request("POST", ARTICLES).header("Cairn-Without-Checks", plugins);
    client.send(request.json(&json!({ "data": { "title": "bad" } }))).await
}

async fn create(client: &TestClient, path: &str, title: &str) -> TestResponse {
    client.post(path, json!({ "data": { "title": title } })).await
}

async fn rename(client: &TestClient, path: &str, title: &str) -> TestResponse {
    client.put(path, json!({ "data": { "title": title } })).await
}

fn assert_waits_for_plugin(response: &TestResponse, cause: &str) {
    assert_eq!(response.status, 503, "{}", response.text());
    assert_eq!(response.details()["code"], "plugin_not_running", "{}", response.text());
    assert_eq!(response.details()["plugin"], "allow", "{}", response.text());
    assert_eq!(response.details()["cause"], cause, "{}", response.text());
    assert!(response.message().contains("enable the plugin first"), "{}", response.message());
    assert!(response.header("retry-after").parse::<u32>().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn content_of_disabled_plugins_and_what_they_check_is_not_changed() {
    let server = server_with_checks().await;
    let admin = server.super_admin().await;
    let article = create(&admin, ARTICLES, "first").await.expect_status(201);
    let article = format!("{ARTICLES}/{}", article.data()["documentId"].as_str().unwrap());
    assert_eq!(create(&admin, ARTICLES, "bad").await.status, 400);
    let mut own = Vec::new();
    for name in ["notes", "plains"] {
        let created = create(&server, &format!("/api/allow/{name}"), "a").await;
        let id = created.expect_status(201).data()["documentId"].as_str().unwrap().to_owned();
        own.push((format!("/api/allow/{name}"), id));
    }
    let missing = async || {
        let model = admin.get("/admin/api/content-types").await.expect_status(200);
        let types = model.data()["contentTypes"].as_array().unwrap().clone();
        let of = |uid: &str| types.iter().find(|ct| ct["uid"] == uid).map(|ct| ct["missingChecks"].clone());
        (of("api::article.article").unwrap(), of("api::author.author").unwrap_or(json!([])))
    };
    assert_eq!(missing().await, (json!([]), json!([])));

    server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
    let waits = json!([{ "plugin": "allow", "name": "Allow", "cause": "disabled" }]);
    assert_eq!(missing().await, (waits, json!([])));
    for (path, id) in &own {
        // By a token with all permissions, whatever hooks there are: only the plugin knows what its content means.
        assert_waits_for_plugin(&create(&server, path, "b").await, "disabled");
        let one = format!("{path}/{id}");
        assert_waits_for_plugin(&rename(&server, &one, "b").await, "disabled");
        assert_waits_for_plugin(&server.delete(&one).await, "disabled");
        assert_eq!(server.get(&one).await.expect_status(200).data()["title"], "a");
    }
    for client in [&admin, &*server] {
        assert_waits_for_plugin(&create(client, ARTICLES, "second").await, "disabled");
    }
    assert_waits_for_plugin(&create(&server, "/api/articles", "second").await, "disabled");
    // Updates of articles have no hook.
    rename(&admin, &article, "changed").await.expect_status(200);
    assert_eq!(admin.get(&format!("{ARTICLES}?filters[title]=second")).await.expect_status(200).pagination_total(), 0);

    server.post(&format!("{PLUGINS}/allow/enable"), json!({})).await.expect_status(200);
    assert_eq!(missing().await, (json!([]), json!([])));
    create(&admin, ARTICLES, "second").await.expect_status(201);
    assert_eq!(create(&admin, ARTICLES, "bad").await.status, 400);
    for (path, id) in &own {
        rename(&server, &format!("{path}/{id}"), "c").await.expect_status(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_into_entries_wait_for_missing_plugins() {
    let server = TestServer::start().await;
    let on_updates =
        |text: String| checks_articles(text).replace("api::article.article:create", "api::article.article:update");
    let staged = stage(&server, &allow_package("1.0.0", None, on_updates)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let entry = create(&server, "/api/articles", "first").await.expect_status(201);
    let upload = async || {
        let file = Part::bytes(b"a".to_vec()).file_name("a.txt").mime_str("text/plain").unwrap();
        let form = Form::new().part("files", file).text("ref", "api::article.article").text("field", "cover");
        let form = form.text("refId", entry.id().to_string());
        server.send(server.request("POST", "/api/upload").multipart(form)).await
    };
    upload().await.expect_status(201);
    server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
    let before = server.dump_content().await;
    assert_waits_for_plugin(&upload().await, "disabled");
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn rollbacks_of_releases_wait_for_missing_plugins() {
    let server = TestServer::start().await;
    let admin = server.super_admin().await;
    let on_publication = |text: String| checks_articles(text).replace("article:create", "article:publish");
    let staged = stage(&server, &allow_package("1.0.0", None, on_publication)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let entry = create(&server, "/api/articles", "first").await.expect_status(201);
    let (document, public) = (entry.document_id(), format!("/api/articles/{}", entry.document_id()));
    rename(&admin, &format!("{ARTICLES}/{document}"), "second").await.expect_status(200);
    let release = admin.post("/admin/api/releases", json!({ "name": "Spring" })).await.expect_status(201);
    let release = format!("/admin/api/releases/{}", release.data()["id"]);
    let item = json!({ "contentType": "api::article.article", "documentId": document, "action": "publish" });
    admin.post(&format!("{release}/items"), json!({ "items": [item] })).await.expect_status(200);
    let act = async |action: &str| admin.post(&format!("{release}/actions/{action}"), json!({})).await;
    act("publish").await.expect_status(200);
    assert_eq!(server.get(&public).await.expect_status(200).data()["title"], "second");
    server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
    let refused = act("rollback").await;
    assert!(refused.status >= 400 && refused.text().contains("is not running"), "{}", refused.text());
    assert_eq!(server.get(&public).await.expect_status(200).data()["title"], "second");
    server.post(&format!("{PLUGINS}/allow/enable"), json!({})).await.expect_status(200);
    act("rollback").await.expect_status(200);
    assert_eq!(server.get(&public).await.expect_status(200).data()["title"], "first");
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_without_checks_takes_a_permission_and_is_recorded() {
    let server = server_with_checks().await;
    let content = json!({ "api::article.article": ["find", "findOne", "create"] });
    let role = |action: &str| json!({ "actions": [action], "permissions": content });
    server
        .apply_settings(json!({
            "adminRoles": { "keeper": role("plugins.bypass"), "viewer": role("plugins.read") },
            "adminUsers": [
                { "email": "kim@example.com", "password": PASSWORD, "roles": ["keeper"] },
                { "email": "ed@example.com", "password": PASSWORD, "roles": ["viewer"] },
            ],
        }))
        .await;
    let kim = server.sign_in_admin("kim@example.com", PASSWORD).await;
    let ed = server.sign_in_admin("ed@example.com", PASSWORD).await;
    // A plugin that runs is asked all the same.
    assert_eq!(create_unchecked(&kim, "allow").await.status, 400);
    server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
    assert_waits_for_plugin(&create(&kim, ARTICLES, "bad").await, "disabled");
    assert_waits_for_plugin(&create_unchecked(&kim, "crm").await, "disabled");
    let refused = create_unchecked(&ed, "allow").await.expect_status(403);
    assert!(refused.text().contains("plugins.bypass"), "{}", refused.text());
    for wrong in ["", "allow,", "Allow", "a b", &["allow"; 11].join(","), "allow;crm"] {
        let refused = create_unchecked(&kim, wrong).await.expect_status(400);
        assert!(refused.message().contains("Cairn-Without-Checks"), "{wrong}: {}", refused.message());
    }
    create_unchecked(&kim, "crm, allow").await.expect_status(201);
    server.run_until_idle().await;
    let log = server.get("/admin/api/audit?contentType=api::article.article").await.expect_status(200);
    assert_eq!(log.data()[0]["actor"]["uncheckedPlugins"], json!(["allow"]), "{}", log.text());
    let verified = server.get("/admin/api/audit/verify").await.expect_status(200);
    assert_eq!(verified.data()["whole"], true, "{}", verified.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_previous_version_checks_changes_during_an_upgrade() {
    let server = server_with_checks().await;
    let admin = server.super_admin().await;
    let stuck = guest("allow", |text| checks_articles(text).replace("version = \"1.0.0\"", "version = \"1.1.0\""));
    let mut files = PackageFiles::new();
    for (name, bytes) in stuck.iter() {
        let bytes = match name {
            "settings.schema.json" => String::from_utf8_lossy(bytes).replace("\"Hello\"", "\"stuck\"").into_bytes(),
            _ => bytes.to_vec(),
        };
        files.add(name, bytes).unwrap();
    }
    let staged = stage(&server, &pack(&files, None).unwrap()).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let state = server.get(&format!("{PLUGINS}/allow")).await.expect_status(200);
    assert_eq!((&state.data()["state"], &state.data()["version"]), (&json!("upgrading"), &json!("1.0.0")));
    assert_eq!(create(&admin, ARTICLES, "bad").await.status, 400);
    assert_eq!(create(&server, "/api/allow/notes", "bad").await.status, 400);
    create(&admin, ARTICLES, "good").await.expect_status(201);
    // Disabling it ends the upgrade, and nobody checks any more.
    server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
    assert_waits_for_plugin(&create(&admin, ARTICLES, "good").await, "disabled");
}
